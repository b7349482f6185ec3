//! Names of fields in Chinese, looked up where a sign stands behind them.
//!
//! As literals they would hit wherever a text speaks of names and addresses; only those with a sign and a value behind them matter.

use std::collections::HashMap;
use weir_exchange::DataTypeId;

/// Bytes at a name's end that its list is found by: two characters.
const TAIL: usize = 6;
/// Most blanks between a name and the sign behind it: what is looked at behind a name is no longer.
const MAX_BLANKS: usize = 158;

/// A name with the type that it promises.
type Named = (Box<[u8]>, DataTypeId);

/// Names by their last two characters.
#[derive(Default, Debug)]
pub(crate) struct HanNames {
    by_tail: HashMap<[u8; TAIL], Vec<Named>>,
    /// Names shorter than that.
    short: Vec<Named>,
    /// Bit n: some name ends with a byte whose low six bits are n.
    last: u64,
}

impl HanNames {
    /// Adds a name.
    pub(crate) fn add(&mut self, name: &[u8], id: DataTypeId) {
        let entry = (name.into(), id);
        match name.last_chunk::<TAIL>() {
            Some(tail) => self.by_tail.entry(*tail).or_default().push(entry),
            None => self.short.push(entry),
        }
        self.last |= name.last().map_or(0, |b| 1 << (b & 63));
    }
    /// Every name, in no order that matters.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &[u8]> {
        self.by_tail.values().flatten().chain(&self.short).map(|(name, _)| &**name)
    }
    /// Calls `found` with type, start and end of every name that the sign at `at` stands behind, with a quote and blanks between them at most.
    pub(crate) fn before(&self, text: &[u8], at: usize, mut found: impl FnMut(DataTypeId, usize, usize)) {
        let before = &text[..at];
        let blanks = before.iter().rev().take(MAX_BLANKS).take_while(|b| b.is_ascii_whitespace()).count();
        let before = &before[..at - blanks];
        let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
        let Some(last) = before.last() else { return };
        if self.last >> (last & 63) & 1 == 0 {
            return;
        }
        let listed = before.last_chunk::<TAIL>().and_then(|tail| self.by_tail.get(tail));
        for (name, id) in listed.into_iter().flatten().chain(&self.short) {
            if before.ends_with(name) {
                found(*id, before.len() - name.len(), before.len());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_at_the_sign() {
        let mut names = HanNames::default();
        for (i, name) in ["手机", "手机号", "QQ号", "IP地址"].iter().enumerate() {
            names.add(name.as_bytes(), DataTypeId(i as u16));
        }
        let of = |text: &str| {
            let (mut all, at) = (Vec::new(), text.find([':', '：']).unwrap_or(0));
            names
                .before(text.as_bytes(), at, |id, start, end| all.push((id.0, text[start..end].to_string())));
            all
        };
        assert_eq!(of("他的手机号：1"), [(1, "手机号".into())]);
        assert_eq!(of("{\"手机\" : 1"), [(0, "手机".into())]);
        assert_eq!(of("QQ号:1"), [(2, "QQ号".into())]);
        assert_eq!(of("登录IP地址':"), [(3, "IP地址".into())]);
        assert!(of("手机号码：1").is_empty() && of("：").is_empty());
    }
}
