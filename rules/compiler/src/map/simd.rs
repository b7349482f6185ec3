//! The map by AVX-512 or AVX2, chosen while running.
#![allow(unsafe_code)]

use super::{BLOCK, Block};
use std::arch::x86_64::{
    __m256i, __m512i, _mm256_add_epi8, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm512_cmpeq_epi8_mask, _mm512_cmplt_epu8_mask,
    _mm512_loadu_si512, _mm512_movepi8_mask, _mm512_or_si512, _mm512_set1_epi8, _mm512_sub_epi8,
    _mm512_testn_epi8_mask,
};

/// Fills in the blocks of `text`, the last one not full; `false` where the machine can do neither.
pub(super) fn fill(text: &[u8], blocks: &mut [Block]) -> bool {
    if is_x86_feature_detected!("avx512bw") {
        // SAFETY: the machine has AVX-512BW, which implies AVX-512F.
        unsafe { fill_512(text, blocks) };
        return true;
    }
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the machine has AVX2.
        unsafe { fill_256(text, blocks) };
        return true;
    }
    false
}

/// Runs `work`, with BMI and LZCNT where the machine has them.
#[inline(always)]
pub(super) fn with_bit_counts<R>(work: impl FnOnce() -> R) -> R {
    #[target_feature(enable = "bmi1,bmi2,lzcnt,popcnt")]
    fn counted<R>(work: impl FnOnce() -> R) -> R {
        work()
    }
    if is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("popcnt")
    {
        // SAFETY: the machine has each of the features.
        return unsafe { counted(work) };
    }
    work()
}

/// What the last byte of a block says to the next one.
#[derive(Clone, Copy, Default)]
struct Carry {
    /// It is not ASCII.
    high: u64,
    /// It is the second byte of `：`, of `是`, of `为`.
    second: [u64; 3],
}

/// Classes of a block as the compares give them; what depends on the byte before is put together here.
struct Raw {
    block: Block,
    capital: u64,
    /// `*`, `@`.
    plain_rare: u64,
    second: [u64; 3],
    third: [u64; 3],
}

impl Raw {
    #[inline(always)]
    fn join(mut self, carry: &mut Carry) -> Block {
        let b = &mut self.block;
        b.rare = self.plain_rare | self.capital & (b.high << 1 | carry.high);
        for ((second, third), before) in self.second.iter().zip(self.third).zip(carry.second) {
            b.rare |= third & (second << 1 | before);
        }
        *carry = Carry { high: b.high >> (BLOCK - 1), second: self.second.map(|s| s >> (BLOCK - 1)) };
        self.block
    }
}

/// Runs `classify` over the blocks of a text; the last one is filled up with zeros.
macro_rules! over_blocks {
    ($text:expr, $blocks:expr, $classify:ident) => {{
        let (whole, rest) = $text.as_chunks::<BLOCK>();
        let mut carry = Carry::default();
        for (bytes, block) in whole.iter().zip($blocks.iter_mut()) {
            *block = $classify(bytes).join(&mut carry);
        }
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        if let Some(block) = $blocks.get_mut(whole.len()) {
            *block = $classify(&last).join(&mut carry);
        }
    }};
}

#[target_feature(enable = "avx512bw")]
fn fill_512(text: &[u8], blocks: &mut [Block]) {
    over_blocks!(text, blocks, classify_512);
}

#[inline]
#[target_feature(enable = "avx512bw")]
fn classify_512(bytes: &[u8; BLOCK]) -> Raw {
    // SAFETY: 64 bytes are read of an array of 64; the load needs no alignment.
    let x: __m512i = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
    let all = |b: u8| _mm512_set1_epi8(b as i8);
    let equal = |b: u8| _mm512_cmpeq_epi8_mask(x, all(b));
    let within =
        |x: __m512i, low: u8, count: u8| _mm512_cmplt_epu8_mask(_mm512_sub_epi8(x, all(low)), all(count));
    let folded = _mm512_or_si512(x, all(0x20));
    let digit = within(x, b'0', 10);
    let letter = within(folded, b'a', 26);
    let colon = equal(b':');
    let brackets = _mm512_cmpeq_epi8_mask(folded, all(b'{')) | _mm512_cmpeq_epi8_mask(folded, all(b'}'));
    let high = _mm512_movepi8_mask(x);
    let (second, third) = match high {
        0 => ([0; 3], [0; 3]),
        _ => ([equal(0xbc), equal(0x98), equal(0xb8)], [equal(0x9a), equal(0xaf), equal(0xba)]),
    };
    Raw {
        block: Block {
            word: digit | letter | equal(b'_'),
            digit,
            high,
            quote: equal(b'"'),
            backslash: equal(b'\\'),
            structural: brackets | colon | equal(b','),
            sign: colon | equal(b'=') | equal(b'>'),
            joint: colon | equal(b'-') | equal(b'.'),
            gap: equal(b' ') | equal(b'('),
            rare: 0,
        },
        capital: letter & _mm512_testn_epi8_mask(x, all(0x20)),
        plain_rare: equal(b'*') | equal(b'@'),
        second,
        third,
    }
}

#[target_feature(enable = "avx2")]
fn fill_256(text: &[u8], blocks: &mut [Block]) {
    over_blocks!(text, blocks, classify_256);
}

#[inline]
#[target_feature(enable = "avx2")]
fn classify_256(bytes: &[u8; BLOCK]) -> Raw {
    // SAFETY: twice 32 bytes are read of an array of 64; the loads need no alignment.
    let [a, b]: [__m256i; 2] = unsafe {
        [_mm256_loadu_si256(bytes.as_ptr().cast()), _mm256_loadu_si256(bytes.as_ptr().add(BLOCK / 2).cast())]
    };
    let all = |b: u8| _mm256_set1_epi8(b as i8);
    let mask = |a: __m256i, b: __m256i| {
        u64::from(_mm256_movemask_epi8(a) as u32) | u64::from(_mm256_movemask_epi8(b) as u32) << (BLOCK / 2)
    };
    let equal = |x: u8| mask(_mm256_cmpeq_epi8(a, all(x)), _mm256_cmpeq_epi8(b, all(x)));
    // `x - low < count` without a sign: shifted so that signed comparison is right.
    let below = |x: __m256i, low: u8, count: u8| {
        let shifted = _mm256_add_epi8(x, all(0x80u8.wrapping_sub(low)));
        _mm256_cmpgt_epi8(all(0x80u8.wrapping_add(count)), shifted)
    };
    let within =
        |a: __m256i, b: __m256i, low: u8, count: u8| mask(below(a, low, count), below(b, low, count));
    let (fa, fb) = (_mm256_or_si256(a, all(0x20)), _mm256_or_si256(b, all(0x20)));
    let folded = |x: u8| mask(_mm256_cmpeq_epi8(fa, all(x)), _mm256_cmpeq_epi8(fb, all(x)));
    let digit = within(a, b, b'0', 10);
    let letter = within(fa, fb, b'a', 26);
    let colon = equal(b':');
    let high = mask(a, b);
    let (capital, second, third) = match high {
        0 => (0, [0; 3], [0; 3]),
        _ => (
            within(a, b, b'A', 26),
            [equal(0xbc), equal(0x98), equal(0xb8)],
            [equal(0x9a), equal(0xaf), equal(0xba)],
        ),
    };
    Raw {
        block: Block {
            word: digit | letter | equal(b'_'),
            digit,
            high,
            quote: equal(b'"'),
            backslash: equal(b'\\'),
            structural: folded(b'{') | folded(b'}') | colon | equal(b','),
            sign: colon | equal(b'=') | equal(b'>'),
            joint: colon | equal(b'-') | equal(b'.'),
            gap: equal(b' ') | equal(b'('),
            rare: 0,
        },
        // A capital that begins a block behind a block that ends otherwise than in ASCII is told by the carry.
        capital: if high == 0 { within(a, b, b'A', 26) & 1 } else { capital },
        plain_rare: equal(b'*') | equal(b'@'),
        second,
        third,
    }
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn avx2_is_as_byte_by_byte(text in proptest::collection::vec(any::<u8>(), 0..400)) {
            if is_x86_feature_detected!("avx2") {
                let (mut fast, mut slow) = (vec![Block::default(); text.len() / BLOCK + 1], vec![Block::default(); text.len() / BLOCK + 1]);
                // SAFETY: the machine has AVX2.
                unsafe { fill_256(&text, &mut fast) };
                plain::fill(&text, &mut slow);
                prop_assert_eq!(fast, slow);
            }
        }
    }
}
