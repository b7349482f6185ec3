//! The map by AVX-512 or AVX2, chosen while running.
#![allow(unsafe_code)]

use super::{BLOCK, Block};
use std::arch::x86_64::{
    __m256i, __m512i, _mm_loadu_si128, _mm256_add_epi8, _mm256_and_si256, _mm256_broadcastsi128_si256,
    _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set1_epi8, _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16, _mm512_cmpeq_epi8_mask,
    _mm512_cmplt_epu8_mask, _mm512_loadu_si512, _mm512_movepi8_mask, _mm512_or_si512, _mm512_set1_epi8,
    _mm512_sub_epi8,
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
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Carry {
    /// It is not ASCII.
    high: u64,
    /// It is the second byte of `：`, of `是`, of `为`.
    second: [u64; 3],
}

/// What depends on the byte before: of blocks with bytes that are not ASCII, and of those behind such a byte.
struct Seams {
    capital: u64,
    second: [u64; 3],
    third: [u64; 3],
}

impl Seams {
    #[inline(always)]
    fn join(self, block: &mut Block, carry: &mut Carry) {
        block.rare |= self.capital & (block.high << 1 | carry.high);
        for ((second, third), before) in self.second.iter().zip(self.third).zip(carry.second) {
            block.rare |= third & (second << 1 | before);
        }
        *carry = Carry { high: block.high >> (BLOCK - 1), second: self.second.map(|s| s >> (BLOCK - 1)) };
    }
}

/// An expression of a vector for each of two.
macro_rules! each {
    ($x:ident => $of_one:expr) => {{
        let [first, second] = $x;
        [
            {
                let $x = first;
                $of_one
            },
            {
                let $x = second;
                $of_one
            },
        ]
    }};
}

/// Runs `classify` over the blocks of a text, and `seams` where it has to; the last block is filled up with zeros.
macro_rules! over_blocks {
    ($text:expr, $blocks:expr, $classify:expr, $seams:ident) => {{
        let (whole, rest) = $text.as_chunks::<BLOCK>();
        let mut carry = Carry::default();
        let classify = $classify;
        let mut one = |bytes: &[u8; BLOCK]| {
            let mut block: Block = classify(bytes);
            if block.high | carry.high != 0 {
                $seams(bytes).join(&mut block, &mut carry);
            }
            block
        };
        for (bytes, block) in whole.iter().zip($blocks.iter_mut()) {
            *block = one(bytes);
        }
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        if let Some(block) = $blocks.get_mut(whole.len()) {
            *block = one(&last);
        }
    }};
}

#[target_feature(enable = "avx512bw")]
fn fill_512(text: &[u8], blocks: &mut [Block]) {
    over_blocks!(text, blocks, |bytes: &[u8; BLOCK]| classify_512(bytes), seams_512);
}

#[inline]
#[target_feature(enable = "avx512bw")]
fn load_512(bytes: &[u8; BLOCK]) -> __m512i {
    // SAFETY: 64 bytes are read of an array of 64; the load needs no alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512bw")]
fn classify_512(bytes: &[u8; BLOCK]) -> Block {
    let x = load_512(bytes);
    let all = |b: u8| _mm512_set1_epi8(b as i8);
    let equal = |b: u8| _mm512_cmpeq_epi8_mask(x, all(b));
    let within =
        |x: __m512i, low: u8, count: u8| _mm512_cmplt_epu8_mask(_mm512_sub_epi8(x, all(low)), all(count));
    let folded = _mm512_or_si512(x, all(0x20));
    let digit = within(x, b'0', 10);
    let colon = equal(b':');
    let brackets = _mm512_cmpeq_epi8_mask(folded, all(b'{')) | _mm512_cmpeq_epi8_mask(folded, all(b'}'));
    Block {
        word: digit | within(folded, b'a', 26) | equal(b'_'),
        digit,
        high: _mm512_movepi8_mask(x),
        quote: equal(b'"'),
        backslash: equal(b'\\'),
        structural: brackets | colon | equal(b','),
        sign: colon | equal(b'=') | equal(b'>'),
        joint: colon | equal(b'-') | equal(b'.'),
        gap: equal(b' ') | equal(b'('),
        rare: equal(b'*') | equal(b'@'),
    }
}

#[inline]
#[target_feature(enable = "avx512bw")]
fn seams_512(bytes: &[u8; BLOCK]) -> Seams {
    let x = load_512(bytes);
    let all = |b: u8| _mm512_set1_epi8(b as i8);
    let equal = |b: u8| _mm512_cmpeq_epi8_mask(x, all(b));
    Seams {
        capital: _mm512_cmplt_epu8_mask(_mm512_sub_epi8(x, all(b'A')), all(26)),
        second: [equal(0xbc), equal(0x98), equal(0xb8)],
        third: [equal(0x9a), equal(0xaf), equal(0xba)],
    }
}

/// Groups of bytes that are a product of high and low halves: their bit, the high halves and the low ones. The four groups of words have
/// the bits of the numbers from 8 to 127, which no other group reaches.
const GROUPS: [(u8, u16, u16); 8] = [
    (BRACKETS, 1 << 5 | 1 << 7, 1 << 0xb | 1 << 0xd),
    (SIGNS, 1 << 3, 1 << 0xa | 1 << 0xd | 1 << 0xe),
    (JOINTS, 1 << 2, 1 << 0xd | 1 << 0xe),
    (0x08, 1 << 5, 1 << 0xf),
    (0x10, 1 << 5 | 1 << 7, 0x07ff),
    (0x20, 1 << 4 | 1 << 6, 0xfffe),
    (DIGITS, 1 << 3, 0x03ff),
    (GAPS, 1 << 2, 1 << 0 | 1 << 8),
];
/// `[]{}`.
const BRACKETS: u8 = 0x01;
/// `:=>`.
const SIGNS: u8 = 0x02;
/// `-.`, without the colon.
const JOINTS: u8 = 0x04;
const DIGITS: u8 = 0x40;
/// Blank and `(`.
const GAPS: u8 = 0x80;
/// Groups by the high half of a byte and by its low half: what both have, the byte is of.
const HIGH: [u8; 16] = groups(true);
const LOW: [u8; 16] = groups(false);

const fn groups(high: bool) -> [u8; 16] {
    let mut table = [0; 16];
    let mut i = 0;
    while i < GROUPS.len() * 16 {
        let (bit, highs, lows) = GROUPS[i / 16];
        let halves = if high { highs } else { lows };
        if halves >> (i % 16) & 1 == 1 {
            table[i % 16] |= bit;
        }
        i += 1;
    }
    table
}

#[target_feature(enable = "avx2")]
fn fill_256(text: &[u8], blocks: &mut [Block]) {
    let table = |t: &[u8; 16]| {
        // SAFETY: 16 bytes are read of an array of 16; the load needs no alignment.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(t.as_ptr().cast()) })
    };
    let (high, low) = (table(&HIGH), table(&LOW));
    over_blocks!(text, blocks, |bytes: &[u8; BLOCK]| classify_256(bytes, high, low), seams_256);
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_256(bytes: &[u8; BLOCK]) -> [__m256i; 2] {
    // SAFETY: twice 32 bytes are read of an array of 64; the loads need no alignment.
    unsafe {
        [_mm256_loadu_si256(bytes.as_ptr().cast()), _mm256_loadu_si256(bytes.as_ptr().add(BLOCK / 2).cast())]
    }
}

/// The highest bits of 64 bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn mask_256([a, b]: [__m256i; 2]) -> u64 {
    u64::from(_mm256_movemask_epi8(a) as u32) | u64::from(_mm256_movemask_epi8(b) as u32) << (BLOCK / 2)
}

#[inline]
#[target_feature(enable = "avx2")]
fn classify_256(bytes: &[u8; BLOCK], high: __m256i, low: __m256i) -> Block {
    let x = load_256(bytes);
    let all = |b: u8| _mm256_set1_epi8(b as i8);
    let equal = |b: u8| each!(x => _mm256_cmpeq_epi8(x, all(b)));
    let or = |a: [__m256i; 2], b: [__m256i; 2]| [_mm256_or_si256(a[0], b[0]), _mm256_or_si256(a[1], b[1])];
    let half = each!(x => _mm256_and_si256(_mm256_srli_epi16::<4>(x), all(0x0f)));
    let (highs, lows) =
        (each!(half => _mm256_shuffle_epi8(high, half)), each!(x => _mm256_shuffle_epi8(low, x)));
    // A byte that is not ASCII selects nothing by its low half.
    let groups = [_mm256_and_si256(highs[0], lows[0]), _mm256_and_si256(highs[1], lows[1])];
    // The bit of a group as the highest of its byte; those below do not matter.
    macro_rules! group {
        ($bit:expr) => {
            each!(groups => _mm256_slli_epi16::<{ u8::leading_zeros($bit) as i32 }>(groups))
        };
    }
    let colon = equal(b':');
    Block {
        word: mask_256(each!(groups => _mm256_cmpgt_epi8(groups, all(BRACKETS | SIGNS | JOINTS)))),
        digit: mask_256(group!(DIGITS)),
        high: mask_256(x),
        quote: mask_256(equal(b'"')),
        backslash: mask_256(equal(b'\\')),
        structural: mask_256(or(or(group!(BRACKETS), colon), equal(b','))),
        sign: mask_256(group!(SIGNS)),
        joint: mask_256(or(group!(JOINTS), colon)),
        gap: mask_256(groups),
        rare: mask_256(or(equal(b'*'), equal(b'@'))),
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn seams_256(bytes: &[u8; BLOCK]) -> Seams {
    let x = load_256(bytes);
    let all = |b: u8| _mm256_set1_epi8(b as i8);
    let equal = |b: u8| mask_256(each!(x => _mm256_cmpeq_epi8(x, all(b))));
    // `x - 'A' < 26` without a sign: shifted so that signed comparison is right.
    let shifted = each!(x => _mm256_add_epi8(x, all(0x80 - b'A')));
    let capital = each!(shifted => _mm256_cmpgt_epi8(all(0x80 + 26), shifted));
    Seams {
        capital: mask_256(capital),
        second: [equal(0xbc), equal(0x98), equal(0xb8)],
        third: [equal(0x9a), equal(0xaf), equal(0xba)],
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
