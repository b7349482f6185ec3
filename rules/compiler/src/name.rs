//! Names of fields, folded so that the ways of writing one are one.

/// Longest name looked at, in bytes.
pub(crate) const MAX_KEY: usize = 64;

/// A name with case and word marks folded, and where its words begin.
pub struct FoldedName {
    bytes: [u8; MAX_KEY],
    len: usize,
    /// Bit i: a word begins at byte i.
    words: u64,
}

/// Says how long it is only.
impl std::fmt::Debug for FoldedName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FoldedName").field("len", &self.len).finish_non_exhaustive()
    }
}

fn last_segment(name: &str) -> &str {
    let name = name.trim_matches(|c: char| c.is_ascii_whitespace() || "\"'[]@#$:：*".contains(c));
    name.rsplit(['.', '/', '[']).next().unwrap_or(name)
}

impl FoldedName {
    /// Folds a name; `None` where it is empty or longer than 64 bytes. The last segment of a dotted name counts.
    pub fn new(name: &str) -> Option<FoldedName> {
        let mut out = FoldedName { bytes: [0; MAX_KEY], len: 0, words: 0 };
        let bytes = name.as_bytes();
        // The usual name is one word, with nothing around it to cut.
        if let Some(to) = out.bytes.get_mut(..bytes.len())
            && bytes.iter().fold(true, |all, b| all & (b.is_ascii_lowercase() | b.is_ascii_digit()))
        {
            to.copy_from_slice(bytes);
            (out.len, out.words) = (bytes.len(), 1);
        } else {
            out.fold(last_segment(name).as_bytes())?;
        }
        (out.len > 0).then_some(out)
    }
    fn fold(&mut self, bytes: &[u8]) -> Option<()> {
        let (mut begins, mut last) = (true, b' ');
        for (i, &b) in bytes.iter().enumerate() {
            if matches!(b, b'_' | b'-' | b' ') {
                begins = true;
                last = b;
                continue;
            }
            let next_lower = bytes.get(i + 1).is_some_and(u8::is_ascii_lowercase);
            // A capital begins a word behind a small letter or digit (idCard), or before a small one (userIDCard).
            begins |= b.is_ascii_uppercase() && (!last.is_ascii_uppercase() || next_lower);
            *self.bytes.get_mut(self.len)? = b.to_ascii_lowercase();
            if begins {
                self.words |= 1 << self.len;
            }
            self.len += 1;
            begins = false;
            last = b;
        }
        Some(())
    }
    /// The folded name.
    pub fn text(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
    /// The name from each word to the end, the longest first.
    pub(crate) fn suffixes(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len).filter(|i| self.words >> i & 1 == 1).map(|i| &self.bytes[i..self.len])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn words(name: &str) -> Vec<String> {
        let folded = FoldedName::new(name).unwrap();
        folded.suffixes().map(|s| String::from_utf8_lossy(s).into_owned()).collect()
    }

    #[test]
    fn folds_case_and_word_marks() {
        assert_eq!(words("phone2"), ["phone2"]);
        assert_eq!(words("receiverPhone"), ["receiverphone", "phone"]);
        assert_eq!(words("user_id-card"), ["useridcard", "idcard", "card"]);
        assert_eq!(words("userIDCard"), ["useridcard", "idcard", "card"]);
        assert_eq!(words("data.list[].IDNO"), ["idno"]);
        assert_eq!(words("身份证号"), ["身份证号"]);
    }

    #[test]
    fn long_names_are_no_keys() {
        assert!(FoldedName::new(&"a".repeat(65)).is_none());
        assert!(FoldedName::new(&"A".repeat(65)).is_none());
        assert!(FoldedName::new(&"a".repeat(64)).is_some());
        assert!(FoldedName::new("").is_none());
    }
}
