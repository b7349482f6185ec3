//! Names of fields: which types they promise.

use crate::KeyMatch;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
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

fn last_segment(name: &str) -> &str {
    let name = name.trim_matches(|c: char| c.is_ascii_whitespace() || "\"'[]@#$:：*".contains(c));
    name.rsplit(['.', '/', '[']).next().unwrap_or(name)
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
        let name = match name.as_bytes() {
            // The usual name has nothing around it to cut.
            b if b.iter().all(u8::is_ascii_alphanumeric) => name,
            _ => last_segment(name),
        };
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

/// What a name says, worked out once: looking names up is dear, and bodies repeat theirs.
pub struct Name {
    pub(crate) folded: Option<Folded>,
    /// Number of its list of promises.
    list: Option<u32>,
}

/// Says what it promises only.
impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Name").field("list", &self.list).finish_non_exhaustive()
    }
}

impl Name {
    /// Of no field: it says nothing.
    pub const NONE: Name = Name { folded: None, list: None };
}

/// Eight bytes at a time, multiplied and folded: the names looked for are those of the packs, so that nobody outside can make them
/// collide.
#[derive(Default)]
struct Words(u64);

impl Hasher for Words {
    fn write(&mut self, bytes: &[u8]) {
        let mut mix = |word: u64| {
            let wide = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
            self.0 = (wide >> 64) as u64 ^ wide as u64;
        };
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|w| mix(u64::from_le_bytes(*w)));
        mix(rest.iter().fold(bytes.len() as u64 | 1 << 63, |w, b| w << 8 | u64::from(*b)));
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

type Table = HashMap<Box<[u8]>, u32, BuildHasherDefault<Words>>;

/// Lengths of names by their last byte.
#[derive(Debug)]
struct Ends([u64; 256]);

impl Default for Ends {
    fn default() -> Self {
        Ends([0; 256])
    }
}

impl Ends {
    fn add(&mut self, name: &[u8]) {
        if let Some(last) = name.last() {
            self.0[usize::from(*last)] |= 1 << ((name.len() - 1) % MAX_KEY);
        }
    }
    fn may_hold(&self, name: &[u8]) -> bool {
        name.last().is_some_and(|last| self.0[usize::from(*last)] >> ((name.len() - 1) % MAX_KEY) & 1 == 1)
    }
}

/// Every name of the packs.
#[derive(Default, Debug)]
pub(crate) struct Keys {
    exact: Table,
    suffix: Table,
    /// By last byte: bit `n - 1` is set where a name of `n` bytes ends with it. Most names met are refused by this.
    ends: Ends,
    /// What names promise, and the same without the strength.
    lists: Vec<(Vec<Promise>, Vec<KeyMatch>)>,
}

impl Keys {
    /// Adds a name. Names that cannot be folded are told by `false`.
    pub(crate) fn add(&mut self, name: &str, suffix: bool, promise: Promise) -> bool {
        let Some(folded) = Folded::new(name) else { return false };
        let Ok(next) = u32::try_from(self.lists.len()) else { return false };
        let table = if suffix { &mut self.suffix } else { &mut self.exact };
        self.ends.add(folded.text());
        let list = *table.entry(folded.text().into()).or_insert(next);
        if list == next {
            self.lists.push((Vec::new(), Vec::new()));
        }
        if let Some((all, _)) = self.lists.get_mut(list as usize)
            && !all.iter().any(|p| p.seen.data_type == promise.seen.data_type)
        {
            all.push(promise);
        }
        true
    }
    /// Puts the best promise of each name first: strong before weak, then by precedence.
    pub(crate) fn finish(&mut self, precedence: impl Fn(DataTypeId) -> u8) {
        for (all, seen) in &mut self.lists {
            all.sort_by_key(|p| (p.weak, std::cmp::Reverse(precedence(p.seen.data_type)), p.seen.data_type));
            *seen = all.iter().map(|p| p.seen).collect();
        }
    }
    /// Looks a name up: as a whole, else by its longest known last words.
    pub(crate) fn name(&self, name: &str) -> Name {
        let Some(folded) = Folded::new(name) else { return Name::NONE };
        let look = |table: &Table, name: &[u8]| {
            if self.ends.may_hold(name) { table.get(name).copied() } else { None }
        };
        let list = look(&self.exact, folded.text())
            .or_else(|| folded.suffixes().find_map(|s| look(&self.suffix, s)));
        Name { folded: Some(folded), list }
    }
    fn list(&self, name: &Name) -> Option<&(Vec<Promise>, Vec<KeyMatch>)> {
        self.lists.get(name.list? as usize)
    }
    /// What a name promises.
    pub(crate) fn promises(&self, name: &Name) -> &[Promise] {
        self.list(name).map_or(&[], |l| &l.0)
    }
    /// The same without the strength.
    pub(crate) fn types(&self, name: &Name) -> &[KeyMatch] {
        self.list(name).map_or(&[], |l| &l.1)
    }
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
