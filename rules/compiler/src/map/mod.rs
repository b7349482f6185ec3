//! Classes of a text's bytes, 64 at a time, as bits: made in one pass, and whoever looks for something in the text then steps from bit to
//! bit instead of from byte to byte. Runs, names, masks and the structure of JSON can all be found from one map.

mod plain;
#[cfg(target_arch = "x86_64")]
mod simd;

/// Runs `work` compiled for what this machine can count bits with; it must be inlined to gain by it.
#[inline(always)]
pub(crate) fn with_bit_counts<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    return simd::with_bit_counts(work);
    #[cfg(not(target_arch = "x86_64"))]
    work()
}

/// Bytes of a block.
pub const BLOCK: usize = 64;

/// Classes of 64 bytes; bit i of each is that of byte i.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Block {
    /// Letters, digits, underscore.
    pub word: u64,
    /// Digits.
    pub digit: u64,
    /// Bytes that are not ASCII.
    pub high: u64,
    /// `"`.
    pub quote: u64,
    /// `\`.
    pub backslash: u64,
    /// `{`, `}`, `[`, `]`, `,`, `:`.
    pub structural: u64,
    /// Signs that stand between a name and a value: `=`, `>`, `:`.
    pub sign: u64,
    /// What joins parts of a value: `-`, `.`, `:`.
    pub joint: u64,
    /// Blanks and `(`.
    pub gap: u64,
    /// `*`, `@`, a capital letter behind a byte that is not ASCII, and bytes that may end one of the signs `：`, `是`, `为`.
    pub rare: u64,
}

impl Block {
    /// Colons.
    #[inline]
    pub fn colon(&self) -> u64 {
        self.structural & self.sign
    }
}

/// Classes of every byte of one text.
///
/// There is always a block behind the last byte's, or one that it does not fill: bytes behind the end belong to no class.
#[derive(Clone, Default, Debug)]
pub struct ByteMap {
    /// At least as many as the text has; it never shrinks.
    blocks: Vec<Block>,
    used: usize,
    length: usize,
}

impl ByteMap {
    /// Maps `text` instead of what was mapped before; memory is used again.
    pub fn fill(&mut self, text: &[u8]) {
        self.length = text.len();
        self.used = text.len() / BLOCK + 1;
        if self.blocks.len() < self.used {
            self.blocks.resize(self.used, Block::default());
        }
        let blocks = &mut self.blocks[..self.used];
        #[cfg(target_arch = "x86_64")]
        if simd::fill(text, blocks) {
            return;
        }
        plain::fill(text, blocks);
    }
    /// The blocks in order.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks[..self.used]
    }
    /// Bytes mapped.
    pub fn len(&self) -> usize {
        self.length
    }
    /// Whether the text was empty.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn both(text: &[u8]) -> (Vec<Block>, Vec<Block>) {
        let mut map = ByteMap::default();
        map.fill(text);
        let mut slow = vec![Block::default(); text.len() / BLOCK + 1];
        plain::fill(text, &mut slow);
        (map.blocks().to_vec(), slow)
    }

    #[test]
    fn classes_are_right_for_every_byte() {
        let all: Vec<u8> = (0..=255).collect();
        let (fast, slow) = both(&all);
        assert_eq!(fast, slow);
        let at = |bits: fn(&Block) -> u64| -> Vec<u8> {
            let set = |b: &u8| bits(&slow[usize::from(*b) / BLOCK]) >> (b % 64) & 1 == 1;
            all.iter().copied().filter(set).collect()
        };
        assert_eq!(at(|b| b.digit), b"0123456789");
        assert_eq!(at(|b| b.structural), b",:[]{}");
        assert_eq!(at(|b| b.sign), b":=>");
        assert_eq!(at(|b| b.joint), b"-.:");
        assert_eq!(at(|b| b.gap), b" (");
        assert_eq!(at(|b| b.word).len(), 63);
        assert_eq!(at(|b| b.high).len(), 128);
        assert_eq!(at(|b| b.quote | b.backslash), b"\"\\");
    }

    #[test]
    fn marks_and_seams_are_rare() {
        let text = "a*b@c 京A 他是 因为 号：1";
        let (_, slow) = both(text.as_bytes());
        let found: Vec<usize> = (0..64).filter(|i| slow[0].rare >> i & 1 == 1).collect();
        let ends = ["*", "@", "A", "是", "为", "："].map(|s| text.find(s).unwrap_or(0) + s.len() - 1);
        assert_eq!(found, ends);
    }

    proptest! {
        #[test]
        fn simd_is_as_byte_by_byte(text in proptest::collection::vec(any::<u8>(), 0..400)) {
            let (fast, slow) = both(&text);
            prop_assert_eq!(fast, slow);
        }
        #[test]
        fn simd_is_as_byte_by_byte_on_text(text in "[a-zA-Z0-9_*@:=>\"\\\\{}是为：京津.,( -]{0,200}") {
            let (fast, slow) = both(text.as_bytes());
            prop_assert_eq!(fast.len(), text.len() / BLOCK + 1);
            prop_assert_eq!(fast, slow);
        }
    }
}
