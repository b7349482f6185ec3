//! Names of fields: which types they promise.

use crate::KeyMatch;
use std::collections::HashMap;
use weir_exchange::DataTypeId;

/// Longest name looked at, in bytes.
pub(crate) const MAX_KEY: usize = 64;

/// What a name says about one type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Promise {
    pub seen: KeyMatch,
    /// The name is also used for other things.
    pub weak: bool,
}

/// A name with case and word marks folded, and where its words begin.
pub(crate) struct Folded {
    bytes: [u8; MAX_KEY],
    len: usize,
    /// Bit i: a word begins at byte i.
    words: u64,
}

impl Folded {
    /// Folds a name; `None` where it is empty or too long. The last segment of a dotted name counts.
    pub(crate) fn new(name: &str) -> Option<Folded> {
        let name = name.trim_matches(|c: char| c.is_ascii_whitespace() || "\"'[]@#$:：*".contains(c));
        let name = name.rsplit(['.', '/', '[']).next().unwrap_or(name);
        let mut out = Folded { bytes: [0; MAX_KEY], len: 0, words: 0 };
        let (mut begins, mut last) = (true, b' ');
        let bytes = name.as_bytes();
        for (i, &b) in bytes.iter().enumerate() {
            if matches!(b, b'_' | b'-' | b' ') {
                begins = true;
                last = b;
                continue;
            }
            let next_lower = bytes.get(i + 1).is_some_and(u8::is_ascii_lowercase);
            // A capital begins a word behind a small letter or digit (idCard), or before a small one (userIDCard).
            begins |= b.is_ascii_uppercase() && (!last.is_ascii_uppercase() || next_lower);
            if out.len == MAX_KEY {
                return None;
            }
            if begins {
                out.words |= 1 << out.len;
            }
            out.bytes[out.len] = b.to_ascii_lowercase();
            out.len += 1;
            begins = false;
            last = b;
        }
        (out.len > 0).then_some(out)
    }
    /// The folded name.
    pub(crate) fn text(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
    /// The name from each word to the end, the longest first.
    pub(crate) fn suffixes(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len).filter(|i| self.words >> i & 1 == 1).map(|i| &self.bytes[i..self.len])
    }
}

/// Every name of the packs.
#[derive(Default, Debug)]
pub(crate) struct Keys {
    exact: HashMap<Box<[u8]>, Vec<Promise>>,
    suffix: HashMap<Box<[u8]>, Vec<Promise>>,
    exact_seen: HashMap<Box<[u8]>, Vec<KeyMatch>>,
    suffix_seen: HashMap<Box<[u8]>, Vec<KeyMatch>>,
}

impl Keys {
    /// Adds a name. Names that cannot be folded are told by `false`.
    pub(crate) fn add(&mut self, name: &str, suffix: bool, promise: Promise) -> bool {
        let Some(folded) = Folded::new(name) else { return false };
        let table = if suffix { &mut self.suffix } else { &mut self.exact };
        let all = table.entry(folded.text().into()).or_default();
        if !all.iter().any(|p| p.seen.data_type == promise.seen.data_type) {
            all.push(promise);
        }
        true
    }
    /// Puts the best promise of each name first: strong before weak, then by precedence.
    pub(crate) fn finish(&mut self, precedence: impl Fn(DataTypeId) -> u8) {
        for (table, seen) in
            [(&mut self.exact, &mut self.exact_seen), (&mut self.suffix, &mut self.suffix_seen)]
        {
            for (name, all) in table.iter_mut() {
                all.sort_by_key(|p| {
                    (p.weak, std::cmp::Reverse(precedence(p.seen.data_type)), p.seen.data_type)
                });
                seen.insert(name.clone(), all.iter().map(|p| p.seen).collect());
            }
        }
    }
    /// What a name promises: as a whole, else by its longest known last words.
    pub(crate) fn promises(&self, name: &str) -> &[Promise] {
        find(&self.exact, &self.suffix, name)
    }
    /// The same without the strength.
    pub(crate) fn types(&self, name: &str) -> &[KeyMatch] {
        find(&self.exact_seen, &self.suffix_seen, name)
    }
}

fn find<'a, T>(
    exact: &'a HashMap<Box<[u8]>, Vec<T>>,
    suffix: &'a HashMap<Box<[u8]>, Vec<T>>,
    name: &str,
) -> &'a [T] {
    let Some(folded) = Folded::new(name) else { return &[] };
    exact
        .get(folded.text())
        .or_else(|| folded.suffixes().find_map(|s| suffix.get(s)))
        .map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn words(name: &str) -> Vec<String> {
        let folded = Folded::new(name).unwrap();
        folded.suffixes().map(|s| String::from_utf8_lossy(s).into_owned()).collect()
    }

    #[test]
    fn folds_case_and_word_marks() {
        assert_eq!(words("receiverPhone"), ["receiverphone", "phone"]);
        assert_eq!(words("user_id-card"), ["useridcard", "idcard", "card"]);
        assert_eq!(words("userIDCard"), ["useridcard", "idcard", "card"]);
        assert_eq!(words("data.list[].IDNO"), ["idno"]);
        assert_eq!(words("身份证号"), ["身份证号"]);
    }

    #[test]
    fn long_names_are_no_keys() {
        assert!(Folded::new(&"a".repeat(65)).is_none());
        assert!(Folded::new("").is_none());
    }
}
