//! Sets of Chinese characters, as bits: whether a character is in one costs one look.

/// The characters from U+4E00 to U+9FFF, all that ordinary words are written with.
const FIRST: u32 = 0x4e00;
const COUNT: usize = 0xa000 - 0x4e00;

/// A set of characters.
pub(crate) struct Characters([u64; COUNT / 64]);

impl Characters {
    /// Those of a text.
    pub(crate) const fn of(text: &str) -> Self {
        let mut set = Characters([0; COUNT / 64]);
        let bytes = text.as_bytes();
        let mut at = 0;
        while at + 3 <= bytes.len() {
            set.add(bytes, at);
            at += 3;
        }
        set
    }
    /// Those that words begin with.
    pub(crate) const fn beginning(words: &[&str]) -> Self {
        let mut set = Characters([0; COUNT / 64]);
        let mut i = 0;
        while i < words.len() {
            set.add(words[i].as_bytes(), 0);
            i += 1;
        }
        set
    }
    /// Those that words end with.
    pub(crate) const fn ending(words: &[&str]) -> Self {
        let mut set = Characters([0; COUNT / 64]);
        let mut i = 0;
        while i < words.len() {
            set.add(words[i].as_bytes(), words[i].len() - 3);
            i += 1;
        }
        set
    }
    /// Adds the character at `at`. The words are ours: while compiling, one that is none of the range is an error.
    const fn add(&mut self, bytes: &[u8], at: usize) {
        let n = number([bytes[at], bytes[at + 1], bytes[at + 2]]) as usize;
        assert!(n < COUNT, "no Chinese character");
        self.0[n / 64] |= 1 << (n % 64);
    }
    /// Whether the three bytes are a character of the set.
    #[inline]
    pub(crate) fn has(&self, character: [u8; 3]) -> bool {
        let n = number(character) as usize;
        self.0.get(n / 64).is_some_and(|bits| bits >> (n % 64) & 1 == 1)
    }
}

/// The number of a character from the first of the range on; beyond the range for what is none of three bytes.
#[inline]
const fn number([a, b, c]: [u8; 3]) -> u32 {
    if a & 0xf0 != 0xe0 || b & 0xc0 != 0x80 || c & 0xc0 != 0x80 {
        return u32::MAX;
    }
    ((a as u32 & 0x0f) << 12 | (b as u32 & 0x3f) << 6 | c as u32 & 0x3f).wrapping_sub(FIRST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(c: char) -> Option<[u8; 3]> {
        c.encode_utf8(&mut [0; 4]).as_bytes().try_into().ok()
    }

    #[test]
    fn holds_what_it_was_made_of_and_nothing_else() {
        const TEXT: &str = "一王龥鿿";
        const SET: Characters = Characters::of(TEXT);
        for c in '\0'..='\u{ffff}' {
            assert_eq!(bytes(c).is_some_and(|b| SET.has(b)), TEXT.contains(c), "{c:?}");
        }
        assert!(!SET.has(*b"abc") && !SET.has([0xff; 3]));
        const WORDS: &[&str] = &["公司", "市"];
        const ENDS: [Characters; 2] = [Characters::beginning(WORDS), Characters::ending(WORDS)];
        let has = |c: char| ENDS.each_ref().map(|set| bytes(c).is_some_and(|b| set.has(b)));
        assert_eq!((has('公'), has('司'), has('市')), ([true, false], [false, true], [true, true]));
    }
}
