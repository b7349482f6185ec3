//! Where the tokens of a JSON text end, one bit a byte: 64 bytes are classified at a time, so that a token is stepped over by
//! looking for the next bit.

#[cfg(target_arch = "x86_64")]
mod x86;

use wide::i8x16;

/// Bytes of a block.
const BLOCK: usize = 64;

/// Classes of one block's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Classes {
    quote: u64,
    backslash: u64,
    /// Ends a bare token: blanks, and `{}[]():;,"`.
    stop: u64,
}

/// What is kept of a block.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// Quotes that no backslash escapes.
    quote: u64,
    stop: u64,
}

/// The ends of strings and of bare tokens in a text.
#[derive(Clone, Default, Debug)]
pub(crate) struct Index {
    blocks: Vec<Block>,
    /// Whether there is any backslash.
    escapes: bool,
}

impl Index {
    /// Indexes `text`; forgets the text before.
    pub(crate) fn fill(&mut self, text: &[u8]) {
        self.blocks.clear();
        self.blocks.reserve(text.len() / BLOCK + 1);
        let mut escapes = Escapes::default();
        let Index { blocks, escapes: any } = self;
        *any = false;
        let mut keep = |c: Classes| {
            *any |= c.backslash != 0;
            blocks.push(Block { quote: c.quote & !escapes.next(c.backslash), stop: c.stop });
        };
        #[cfg(target_arch = "x86_64")]
        if x86::classify(text, &mut keep) {
            return;
        }
        each_block(text, |block| keep(classify(block)));
    }
    /// Whether there is any backslash in the text.
    pub(crate) fn has_escapes(&self) -> bool {
        self.escapes
    }
    /// Offset of the first quote at or behind `from` that no backslash escapes.
    #[inline]
    pub(crate) fn quote(&self, from: usize) -> Option<usize> {
        self.first(from, |b| b.quote)
    }
    /// Offset of the first byte at or behind `from` that ends a bare token.
    #[inline]
    pub(crate) fn stop(&self, from: usize) -> Option<usize> {
        self.first(from, |b| b.stop)
    }
    /// The end of a string whose inside begins at `from`, or of a bare token there.
    #[inline]
    pub(crate) fn end(&self, from: usize, string: bool) -> Option<usize> {
        self.first(from, |b| if string { b.quote } else { b.stop })
    }
    #[inline]
    fn first(&self, from: usize, bits: impl Fn(&Block) -> u64) -> Option<usize> {
        let mut i = from / BLOCK;
        let mut left = bits(self.blocks.get(i)?) & (u64::MAX << (from % BLOCK));
        while left == 0 {
            i += 1;
            left = bits(self.blocks.get(i)?);
        }
        Some(i * BLOCK + left.trailing_zeros() as usize)
    }
}

/// Gives every block of `text`; the last one is filled with bytes of no class.
#[inline(always)]
fn each_block(text: &[u8], mut block: impl FnMut(&[u8; BLOCK])) {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    blocks.iter().for_each(&mut block);
    if !rest.is_empty() {
        let mut tail = [0; BLOCK];
        tail[..rest.len()].copy_from_slice(rest);
        block(&tail);
    }
}

/// Which bytes are escaped, from block to block.
#[derive(Default)]
struct Escapes {
    /// The first byte of the next block is escaped.
    carried: u64,
}

impl Escapes {
    /// The bytes of a block that stand behind an odd number of backslashes.
    #[inline]
    fn next(&mut self, backslash: u64) -> u64 {
        if backslash | self.carried == 0 {
            return 0;
        }
        const EVEN: u64 = 0x5555_5555_5555_5555;
        let backslash = backslash & !self.carried;
        let follows = backslash << 1 | self.carried;
        let odd_starts = backslash & !EVEN & !follows;
        let (sums, overflow) = odd_starts.overflowing_add(backslash);
        self.carried = u64::from(overflow);
        (EVEN ^ sums << 1) & follows
    }
}

/// Sixteen bytes at a time, on any machine.
#[inline]
fn classify(block: &[u8; BLOCK]) -> Classes {
    let all = |b: u8| i8x16::splat(b as i8);
    let mut out = Classes::default();
    let (lanes, _) = block.as_chunks::<16>();
    for (i, lane) in lanes.iter().enumerate() {
        let x = i8x16::new(lane.map(|b| b as i8));
        let equal = |x: i8x16, b: u8| x.simd_eq(all(b));
        let bits = |x: i8x16| u64::from(x.to_bitmask() as u16) << (16 * i);
        // Setting the bit in which two bytes differ finds both at once.
        let (folded, paired) = (x | all(0x20), x | all(1));
        let quote = equal(x, b'"');
        let brackets = equal(folded, b'{') | equal(folded, b'}') | equal(paired, b')');
        let marks = equal(paired, b';') | equal(x, b',') | quote;
        let blanks = equal(x, b' ') | equal(x, b'\t') | equal(x, b'\n') | equal(paired, b'\r');
        out.quote |= bits(quote);
        out.backslash |= bits(equal(x, b'\\'));
        out.stop |= bits(brackets | marks | blanks);
    }
    out
}

/// Whether a byte ends a bare token.
#[inline]
pub(crate) fn ends_bare(b: u8) -> bool {
    matches!(b, b',' | b']' | b'}' | b'{' | b'[' | b':' | b'"' | b'(' | b')' | b';')
        || b.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Byte by byte.
    fn plain(block: &[u8; BLOCK]) -> Classes {
        let bits = |is: fn(u8) -> bool| (0..BLOCK).fold(0, |all, i| all | u64::from(is(block[i])) << i);
        Classes { quote: bits(|b| b == b'"'), backslash: bits(|b| b == b'\\'), stop: bits(ends_bare) }
    }

    #[test]
    fn classes_are_right_for_every_byte() {
        let every: Vec<u8> = (0..=255u8).collect();
        let mut slow = Vec::new();
        each_block(&every, |b| slow.push(plain(b)));
        let mut fast = Vec::new();
        each_block(&every, |b| fast.push(classify(b)));
        assert_eq!(fast, slow);
        #[cfg(target_arch = "x86_64")]
        for width in x86::WIDTHS {
            let mut wide = Vec::new();
            if x86::classify_by(width, &every, &mut |c| wide.push(c)) {
                assert_eq!(wide, slow);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn finds_ends(
            text in proptest::collection::vec(proptest::sample::select(&b"\\\\\\\\\\\"\"a, {:}"[..]), 0..400),
        ) {
            let mut index = Index::default();
            index.fill(&text);
            let (mut quotes, mut stops, mut run) = (Vec::new(), Vec::new(), 0);
            for (i, b) in text.iter().enumerate() {
                if *b == b'"' && run % 2 == 0 {
                    quotes.push(i);
                }
                if ends_bare(*b) {
                    stops.push(i);
                }
                run = if *b == b'\\' { run + 1 } else { 0 };
            }
            for from in 0..text.len() + 70 {
                prop_assert_eq!(index.quote(from), quotes.iter().copied().find(|q| *q >= from));
                prop_assert_eq!(index.stop(from), stops.iter().copied().find(|q| *q >= from));
            }
        }
    }
}
