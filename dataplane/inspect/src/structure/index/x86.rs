//! Classes of bytes with the vectors that x86-64 machines have: 64 or 32 bytes an instruction.
//!
//! Two tables say for either half of a byte which groups it belongs to; a byte ends a token where the groups of its halves meet.
#![allow(unsafe_code)]

use super::{BLOCK, Classes, each_block};
use std::arch::x86_64::*;

/// A set of vector instructions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Width {
    /// AVX-512 with byte operations.
    Bits512,
    /// AVX2.
    Bits256,
}

/// Every set, best first.
pub(super) const WIDTHS: [Width; 2] = [Width::Bits512, Width::Bits256];

/// Groups by the low half: 1 for blanks below the space, 2 for those of `0x2_`, 4 for `:;`, 8 for brackets and braces.
const LOW: [u8; 16] = [2, 0, 2, 0, 0, 0, 0, 0, 2, 2 | 1, 1 | 4, 4 | 8, 1 | 2, 1 | 8, 0, 0];
/// Groups by the high half.
const HIGH: [u8; 16] = [1, 0, 2, 4, 0, 8, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0];

/// Classifies every block of `text` with the best vectors that this machine has. `false`: it has none of these.
pub(super) fn classify(text: &[u8], keep: &mut impl FnMut(Classes)) -> bool {
    WIDTHS.into_iter().any(|width| classify_by(width, text, keep))
}

/// With the vectors of a width. `false`: this machine does not have them.
#[inline]
pub(super) fn classify_by(width: Width, text: &[u8], keep: &mut impl FnMut(Classes)) -> bool {
    match width {
        Width::Bits512 if is_x86_feature_detected!("avx512bw") => {
            // SAFETY: the machine has AVX-512BW, and with it AVX-512F.
            unsafe { by_512(text, keep) }
        }
        Width::Bits256 if is_x86_feature_detected!("avx2") => {
            // SAFETY: the machine has AVX2.
            unsafe { by_256(text, keep) }
        }
        _ => return false,
    }
    true
}

#[target_feature(enable = "avx512f,avx512bw")]
fn by_512(text: &[u8], keep: &mut impl FnMut(Classes)) {
    let table = |t: &[u8; 16]| {
        // SAFETY: the table has the 16 bytes read.
        _mm512_broadcast_i32x4(unsafe { _mm_loadu_si128(t.as_ptr().cast()) })
    };
    let (low, high) = (table(&LOW), table(&HIGH));
    let (quote, backslash) = (_mm512_set1_epi8(b'"' as i8), _mm512_set1_epi8(b'\\' as i8));
    let half = _mm512_set1_epi8(0x0f);
    each_block(text, |block| {
        // SAFETY: a block has the 64 bytes read.
        let x = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        // A byte from 0x80 on selects no entry of the first table.
        let lows = _mm512_shuffle_epi8(low, x);
        let highs = _mm512_shuffle_epi8(high, _mm512_and_si512(_mm512_srli_epi16::<4>(x), half));
        keep(Classes {
            quote: _mm512_cmpeq_epi8_mask(x, quote),
            backslash: _mm512_cmpeq_epi8_mask(x, backslash),
            stop: _mm512_test_epi8_mask(lows, highs),
        });
    });
}

#[target_feature(enable = "avx2")]
fn by_256(text: &[u8], keep: &mut impl FnMut(Classes)) {
    let table = |t: &[u8; 16]| {
        // SAFETY: the table has the 16 bytes read.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(t.as_ptr().cast()) })
    };
    let (low, high) = (table(&LOW), table(&HIGH));
    let (quote, backslash) = (_mm256_set1_epi8(b'"' as i8), _mm256_set1_epi8(b'\\' as i8));
    let (half, zero) = (_mm256_set1_epi8(0x0f), _mm256_setzero_si256());
    each_block(text, |block| {
        let mut out = Classes::default();
        for i in 0..BLOCK / 32 {
            // SAFETY: a block has two times the 32 bytes read.
            let x = unsafe { _mm256_loadu_si256(block.as_ptr().add(32 * i).cast()) };
            let bits = |x: __m256i| u64::from(_mm256_movemask_epi8(x) as u32) << (32 * i);
            let lows = _mm256_shuffle_epi8(low, x);
            let highs = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16::<4>(x), half));
            let apart = _mm256_cmpeq_epi8(_mm256_and_si256(lows, highs), zero);
            out.quote |= bits(_mm256_cmpeq_epi8(x, quote));
            out.backslash |= bits(_mm256_cmpeq_epi8(x, backslash));
            out.stop |= (!bits(apart)) & (0xffff_ffff << (32 * i));
        }
        keep(out);
    });
}
