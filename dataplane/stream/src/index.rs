//! Open addressing from key hashes to flows: 8 bytes a slot, linear probing, no tombstones.

use crate::{huge, prefetch::prefetch};

/// Longest distance from home. Random keys at half load stay far below; colliding keys made by an
/// adversary cost at most this many slots (2 KiB) a packet and are refused beyond.
const PROBE: usize = 256;

/// Slots of `hash << 32 | flow + 1`; zero is empty.
pub(crate) struct Index {
    slots: Vec<u64>,
}

fn tag(slot: u64) -> u32 {
    (slot >> 32) as u32
}

fn flow(slot: u64) -> u32 {
    (slot as u32).wrapping_sub(1)
}

impl Index {
    /// Room for `flows` at no more than 5/8 load. Zeroed memory is mapped, not touched.
    pub fn new(flows: usize) -> Self {
        Index { slots: huge::zeroes((flows * 8).div_ceil(5).max(16)) }
    }
    /// Where a probe begins.
    #[inline]
    fn home(&self, tag: u32) -> usize {
        ((u64::from(tag) * self.slots.len() as u64) >> 32) as usize
    }
    #[inline]
    fn after(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }
    /// How far `at` lies behind `from`, going round.
    fn distance(&self, from: usize, at: usize) -> usize {
        if at >= from { at - from } else { at + self.slots.len() - from }
    }
    /// Begins to load what [`Index::find`] will look at first.
    #[inline]
    pub fn prefetch(&self, hash: u64) {
        prefetch(self.slots.get(self.home((hash >> 32) as u32)));
    }
    /// The first flow near home that may be the one under `hash`.
    #[inline]
    pub fn guess(&self, hash: u64) -> Option<u32> {
        const NEAR: usize = 4;
        let want = (hash >> 32) as u32;
        let home = self.home(want);
        let near = self.slots.get(home..)?.iter().take(NEAR);
        near.take_while(|&&slot| slot != 0).find(|&&slot| tag(slot) == want).map(|&slot| flow(slot))
    }
    /// The flow under `hash` for which `same` holds.
    #[inline]
    pub fn find(&self, hash: u64, same: impl Fn(u32) -> bool) -> Option<u32> {
        let want = (hash >> 32) as u32;
        let mut at = self.home(want);
        for _ in 0..PROBE {
            let slot = self.slots[at];
            if slot == 0 {
                return None;
            }
            if tag(slot) == want && same(flow(slot)) {
                return Some(flow(slot));
            }
            at = self.after(at);
        }
        None
    }
    /// Whether [`Index::insert`] would find a place.
    pub fn has_room(&self, hash: u64) -> bool {
        self.vacancy((hash >> 32) as u32).is_some()
    }
    fn vacancy(&self, tag: u32) -> Option<usize> {
        let places = std::iter::successors(Some(self.home(tag)), |&at| Some(self.after(at)));
        places.take(PROBE.min(self.slots.len())).find(|&at| self.slots[at] == 0)
    }
    /// Adds a flow that is not there yet. Does nothing and says `false` where its neighbourhood is full.
    pub fn insert(&mut self, hash: u64, flow: u32) -> bool {
        let tag = (hash >> 32) as u32;
        let Some(at) = self.vacancy(tag) else { return false };
        self.slots[at] = u64::from(tag) << 32 | u64::from(flow + 1);
        true
    }
    /// Removes a flow and moves those behind it up, so that no probe is longer for its having been there.
    pub fn remove(&mut self, hash: u64, gone: u32) {
        let want = (hash >> 32) as u32;
        let mut hole = self.home(want);
        while flow(self.slots[hole]) != gone {
            if self.slots[hole] == 0 {
                return;
            }
            hole = self.after(hole);
        }
        let mut at = hole;
        loop {
            at = self.after(at);
            let slot = self.slots[at];
            if slot == 0 {
                break;
            }
            if self.distance(self.home(tag(slot)), at) >= self.distance(hole, at) {
                self.slots[hole] = slot;
                hole = at;
            }
        }
        self.slots[hole] = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Seven hashes with neighbouring homes, the last slots of a table of 103 among them.
    fn collide(flow: u32) -> u64 {
        u64::from(u32::MAX / 103 * (flow % 7 + 97)) << 32
    }

    /// A cluster of colliding hashes under random insertions and removals agrees with a map.
    #[test]
    fn agrees_with_a_map() {
        let (mut index, mut map) = (Index::new(64), BTreeMap::new());
        let mut random = 1u64;
        for _ in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let flow = (random >> 33) as u32 % 64;
            let hash = collide(flow);
            if map.remove(&flow).is_some() {
                index.remove(hash, flow);
            } else {
                assert!(index.insert(hash, flow));
                map.insert(flow, ());
            }
            for f in 0..64 {
                let found = index.find(collide(f), |x| x == f);
                assert_eq!(found.is_some(), map.contains_key(&f));
            }
        }
    }

    #[test]
    fn a_crowded_neighbourhood_is_refused() {
        let mut index = Index::new(1024);
        for f in 0..PROBE as u32 {
            assert!(index.insert(5 << 32, f));
        }
        assert!(!index.has_room(5 << 32));
        assert!(!index.insert(5 << 32, 999));
        assert!(index.insert(1 << 63, 999));
        assert_eq!(index.find(5 << 32, |f| f == 255), Some(255));
    }
}
