//! Literals of six bytes, as most words of two Chinese characters are: found by three bytes of theirs at every fourth place of a text.

use super::grams::{FOLD_BYTE, Wanted};

/// Bytes of a literal.
pub(super) const LENGTH: usize = 6;
/// Bits of the table.
const BITS: u32 = 17;
const FACTOR: u32 = 0x85eb_ca6b;
const FACTOR_64: u64 = 0x9e37_79b9_7f4a_7c15;

/// The table.
#[derive(Debug)]
pub(super) struct Sixes {
    /// Of any three bytes of a literal.
    bits: Box<[u64; 1 << (BITS - 6)]>,
    /// Whole literals, folded, by hash; 0 where there is none.
    keys: Vec<u64>,
    /// The literal in the same slot.
    literals: Vec<Six>,
}

#[derive(Clone, Copy, Default, Debug)]
struct Six {
    text: [u8; LENGTH],
    caseless: bool,
    number: u32,
    scopes: u8,
}

fn key(text: &[u8; LENGTH]) -> u64 {
    text.iter().rev().fold(0, |key, b| key << 8 | u64::from(b | FOLD_BYTE))
}

impl Sixes {
    /// Of those among `wanted` that have six bytes; `None` where none has.
    pub(super) fn new(wanted: &[Wanted<'_>]) -> Option<Sixes> {
        let all: Vec<Six> = wanted
            .iter()
            .filter_map(|w| {
                let text = <[u8; LENGTH]>::try_from(w.text).ok()?;
                Some(Six { text, caseless: w.caseless, number: w.number, scopes: w.scopes })
            })
            .collect();
        if all.is_empty() {
            return None;
        }
        let slots = (2 * all.len()).next_power_of_two();
        let bits = Box::new([0; 1 << (BITS - 6)]);
        let mut out = Sixes { bits, keys: vec![0; slots], literals: vec![Six::default(); slots] };
        for six in all {
            let folded = six.text.map(|b| b | FOLD_BYTE);
            for three in folded.windows(3).take(4) {
                let h = hash(u32::from_le_bytes([three[0], three[1], three[2], 0]));
                out.bits[h >> 6] |= 1 << (h & 63);
            }
            let mut slot = out.slot(key(&six.text));
            while out.keys[slot] != 0 {
                slot = (slot + 1) & (slots - 1);
            }
            (out.keys[slot], out.literals[slot]) = (key(&six.text), six);
        }
        Some(out)
    }
    fn slot(&self, key: u64) -> usize {
        (key.wrapping_mul(FACTOR_64) >> 32) as usize & (self.keys.len() - 1)
    }
    /// How many literals there are.
    pub(super) fn len(&self) -> usize {
        self.keys.iter().filter(|k| **k != 0).count()
    }
    /// 1 where a literal may hold the first three bytes of a folded word, 0 where none does.
    #[inline(always)]
    pub(super) fn test(&self, word: u32) -> u64 {
        let h = hash(word & 0xff_ffff);
        self.bits[h >> 6] >> (h & 63) & 1
    }
    /// Appends end and number of the literals that hold the three bytes at `at`.
    #[inline(never)]
    pub(super) fn compare(&self, text: &[u8], at: usize, scopes: u8, hits: &mut Vec<(u32, u32)>) {
        for start in at.saturating_sub(LENGTH - 3)..=at {
            let Some(here) = text.get(start..).and_then(|t| t.first_chunk::<LENGTH>()) else { return };
            let wanted = key(here);
            let mut slot = self.slot(wanted);
            while self.keys[slot] != 0 {
                let six = &self.literals[slot];
                if self.keys[slot] == wanted
                    && six.scopes & scopes != 0
                    && (six.text == *here || six.caseless && six.text.eq_ignore_ascii_case(here))
                {
                    hits.push(((start + LENGTH) as u32, six.number));
                }
                slot = (slot + 1) & (self.keys.len() - 1);
            }
        }
    }
}

#[inline(always)]
fn hash(three: u32) -> usize {
    (three.wrapping_mul(FACTOR) >> (32 - BITS)) as usize
}
