//! Whether a pair of numbers was met before, in fixed memory.

use crate::state::Resume;
use serde::{Deserialize, Serialize};

/// Bits of one block, which is one line of the processor's cache: a look costs one miss.
const BLOCK: usize = 8;
/// Bits set of a pair, within its block.
const PROBES: usize = 6;
/// Pairs of one generation per block: some eleven bits a pair, of which one in a hundred unknown ones passes for known.
const PAIRS: u64 = 44;

/// Two Bloom filters in blocks (F. Putze, P. Sanders and J. Singler, "Cache-, hash- and space-efficient Bloom filters", 2007), the newer of
/// which takes the place of the older once it is full or old. What passes for known by mistake is, at worst, not counted as new.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Familiar {
    newer: Vec<[u64; BLOCK]>,
    older: Vec<[u64; BLOCK]>,
    blocks: usize,
    held: u64,
    /// Local day on which the newer began, and how many days it lasts.
    since: u32,
    lasts: u32,
}

impl Resume for Familiar {
    fn resume(&mut self, saved: Familiar) {
        // Of another size the places would be others.
        if saved.blocks == self.blocks {
            *self = Familiar { lasts: self.lasts, ..saved };
        }
    }
}

impl Familiar {
    /// Of two times `blocks` (a power of two) times 64 bytes, taken once the first pair comes; pairs are known for `days` at least, and
    /// twice that at most, where they find room.
    pub const fn new(blocks: usize, days: u32) -> Self {
        Familiar { newer: Vec::new(), older: Vec::new(), blocks, held: 0, since: 0, lasts: days }
    }

    /// Whether a pair was met before, without meeting it.
    pub fn knows(&self, pair: u64) -> bool {
        let (at, probes) = self.place(pair);
        let within = |blocks: &[[u64; BLOCK]]| {
            blocks.get(at).is_some_and(|block| probes.iter().all(|(word, bit)| block[*word] & bit != 0))
        };
        within(&self.newer) || within(&self.older)
    }

    /// The block of a pair, and its bits within it.
    fn place(&self, pair: u64) -> (usize, [(usize, u64); PROBES]) {
        let bits = pair.rotate_right(29).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let probe = |k: usize| {
            let bit = (bits >> (9 * k)) & 511;
            ((bit >> 6) as usize, 1u64 << (bit & 63))
        };
        ((pair as usize) & (self.blocks - 1), std::array::from_fn(probe))
    }

    /// Whether a pair was met before; from now on it was.
    pub fn met(&mut self, pair: u64, day: u32) -> bool {
        if self.newer.is_empty() {
            self.newer = vec![[0; BLOCK]; self.blocks];
            self.older = vec![[0; BLOCK]; self.blocks];
            self.since = day;
        }
        if self.held >= PAIRS * self.blocks as u64 || day.saturating_sub(self.since) >= self.lasts {
            std::mem::swap(&mut self.newer, &mut self.older);
            self.newer.fill([0; BLOCK]);
            (self.held, self.since) = (0, day);
        }
        let (at, probes) = self.place(pair);
        let within = |block: &[u64; BLOCK]| probes.iter().all(|(word, bit)| block[*word] & bit != 0);
        if within(&self.newer[at]) {
            return true;
        }
        let known = within(&self.older[at]);
        probes.iter().for_each(|(word, bit)| self.newer[at][*word] |= bit);
        self.held += 1;
        known
    }
}

/// Mixes two numbers into one whose bits are even (SplitMix64's finaliser).
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let mut z = a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_it_met_and_little_else() {
        let mut f = Familiar::new(1_024, 15);
        assert!((0..20_000).filter(|n| f.met(mix(*n, 1), 3)).count() < 200);
        assert!((0..20_000).all(|n| f.met(mix(n, 1), 3)));
        assert!((0..20_000).all(|n| f.knows(mix(n, 1))) && !Familiar::new(64, 1).knows(1));
        assert!((20_000..40_000).filter(|n| f.met(mix(*n, 1), 3)).count() < 700);
    }

    #[test]
    fn forgets_what_is_old_or_too_much() {
        let mut f = Familiar::new(64, 15);
        f.met(1, 0);
        assert!(f.met(1, 20), "one generation later");
        assert!(!f.met(2, 40) && !f.met(1, 60));
        (0..100_000).for_each(|n| {
            f.met(mix(n, 5), 60);
        });
        assert!((200_000..201_000).filter(|n| f.met(mix(*n, 5), 60)).count() < 60, "never fills up");
    }
}
