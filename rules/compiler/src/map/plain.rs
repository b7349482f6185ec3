//! The map byte by byte: where there is no SIMD, and what the SIMD is compared with.

use super::{BLOCK, Block};

/// Fills in the blocks of `text`, the last one not full.
pub(super) fn fill(text: &[u8], blocks: &mut [Block]) {
    let before = |i: usize| i.checked_sub(1).and_then(|i| text.get(i)).copied().unwrap_or(0);
    for (n, block) in blocks.iter_mut().enumerate() {
        let mut out = Block::default();
        for (i, b) in text.iter().enumerate().skip(n * BLOCK).take(BLOCK) {
            let bit = |is: bool| u64::from(is) << (i % BLOCK);
            out.word |= bit(b.is_ascii_alphanumeric() || *b == b'_');
            out.digit |= bit(b.is_ascii_digit());
            out.high |= bit(!b.is_ascii());
            out.quote |= bit(*b == b'"');
            out.backslash |= bit(*b == b'\\');
            out.structural |= bit(matches!(b, b'{' | b'}' | b'[' | b']' | b',' | b':'));
            out.sign |= bit(matches!(b, b'=' | b'>' | b':'));
            out.joint |= bit(matches!(b, b'-' | b'.' | b':'));
            out.gap |= bit(matches!(b, b' ' | b'('));
            let mark = matches!((before(i), b), (0xbc, 0x9a) | (0x98, 0xaf) | (0xb8, 0xba));
            let seam = b.is_ascii_uppercase() && before(i) >= 0x80;
            out.rare |= bit(matches!(b, b'*' | b'@') || mark || seam);
        }
        *block = out;
    }
}
