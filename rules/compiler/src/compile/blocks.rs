//! Classes of bytes, 64 at a time, as bits: what finds runs then steps from run to run instead of from byte to byte.

use wide::i8x16;

/// Bytes of a block.
const BLOCK: usize = 64;

/// One bit a byte of a text, in three classes.
#[derive(Default, Debug)]
pub(crate) struct ByteMap {
    /// Letters, digits, underscore.
    pub word: Vec<u64>,
    /// Digits.
    pub digit: Vec<u64>,
}

/// Bits of one block.
struct Bits {
    word: u64,
    digit: u64,
    /// Signs that stand between a name and a value: `=`, `>`, `:`.
    sign: u64,
    colon: u64,
    quote: u64,
}

impl ByteMap {
    /// Maps `text`. Calls `sign` with the offset of each sign between a name and a value; with `quoted_names`, not for colons behind
    /// a quote that no backslash escapes.
    pub(crate) fn fill(&mut self, text: &[u8], quoted_names: bool, mut sign: impl FnMut(usize)) {
        self.word.clear();
        self.digit.clear();
        let mut quote_before = 0;
        let mut block = |bytes: &[u8; BLOCK], base: usize| {
            let bits = classify(bytes);
            self.word.push(bits.word);
            self.digit.push(bits.digit);
            let quoted = if quoted_names { bits.colon & (bits.quote << 1 | quote_before) } else { 0 };
            quote_before = bits.quote >> (BLOCK - 1);
            let mut left = bits.sign & !quoted;
            while left != 0 {
                sign(base + left.trailing_zeros() as usize);
                left &= left - 1;
            }
            let mut left = quoted;
            while left != 0 {
                let at = base + left.trailing_zeros() as usize;
                // An escaped quote closes no name of the structure.
                if at >= 2 && text[at - 2] == b'\\' {
                    sign(at);
                }
                left &= left - 1;
            }
        };
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        for (i, bytes) in blocks.iter().enumerate() {
            block(bytes, i * BLOCK);
        }
        let mut tail = [0; BLOCK];
        tail[..rest.len()].copy_from_slice(rest);
        block(&tail, blocks.len() * BLOCK);
    }
}

/// The 64 bits that begin at bit `offset` of word `i`.
#[inline]
pub(crate) fn window(map: &[u64], i: usize, offset: u32) -> u64 {
    let low = map[i] >> offset;
    if offset == 0 {
        return low;
    }
    low | map.get(i + 1).copied().unwrap_or(0) << (BLOCK as u32 - offset)
}

#[inline]
fn classify(block: &[u8; BLOCK]) -> Bits {
    let all = |b: u8| i8x16::splat(b as i8);
    // `x - low < count` without a sign: shifted so that signed comparison is right.
    let within = |x: i8x16, low: u8, count: u8| {
        (x + all(0x80u8.wrapping_sub(low))).simd_lt(all(0x80u8.wrapping_add(count)))
    };
    let bits = |x: i8x16, i: usize| u64::from(x.to_bitmask() as u16) << (16 * i);
    let mut out = Bits { word: 0, digit: 0, sign: 0, colon: 0, quote: 0 };
    let (lanes, _) = block.as_chunks::<16>();
    for (i, lane) in lanes.iter().enumerate() {
        let x = i8x16::new(lane.map(|b| b as i8));
        let equal = |b: u8| x.simd_eq(all(b));
        let digit = within(x, b'0', 10);
        let letter = within(x | all(0x20), b'a', 26);
        let colon = equal(b':');
        out.digit |= bits(digit, i);
        out.word |= bits(digit | letter | equal(b'_'), i);
        out.sign |= bits(equal(b'=') | equal(b'>') | colon, i);
        out.colon |= bits(colon, i);
        out.quote |= bits(equal(b'"'), i);
    }
    out
}

/// Byte by byte.
#[cfg(test)]
fn plain(block: &[u8; BLOCK]) -> Bits {
    let bits = |is: fn(u8) -> bool| (0..BLOCK).fold(0, |all, i| all | u64::from(is(block[i])) << i);
    Bits {
        word: bits(super::is_word),
        digit: bits(|b| b.is_ascii_digit()),
        sign: bits(|b| matches!(b, b'=' | b'>' | b':')),
        colon: bits(|b| b == b':'),
        quote: bits(|b| b == b'"'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_right_for_every_byte() {
        for start in (0..=255u8).step_by(64) {
            let block: [u8; BLOCK] = std::array::from_fn(|i| start + i as u8);
            let (fast, slow) = (classify(&block), plain(&block));
            assert_eq!((fast.word, fast.digit, fast.sign), (slow.word, slow.digit, slow.sign));
            assert_eq!((fast.colon, fast.quote), (slow.colon, slow.quote));
        }
    }

    #[test]
    fn tells_signs_from_the_structure() {
        let text = format!("{}\":1,\"x=\\\":2", "{\"phone\":\"a:b\",\"n".repeat(9));
        let mut signs = Vec::new();
        ByteMap::default().fill(text.as_bytes(), true, |at| signs.push(&text[at - 1..at]));
        assert_eq!(signs, [["a"; 9].as_slice(), &["x", "\""]].concat());
    }
}
