//! Open addressing from key hashes to flows: 8 bytes a slot, linear probing, no tombstones.

/// Longest distance from home. Random keys at half load stay far below; colliding keys made by an
/// adversary cost at most this many slots (2 KiB) a packet and are refused beyond.
const PROBE: usize = 256;

/// Slots of `hash << 32 | flow + 1`; zero is empty.
pub(crate) struct Index {
    slots: Vec<u64>,
    mask: usize,
}

fn tag(slot: u64) -> u32 {
    (slot >> 32) as u32
}

fn flow(slot: u64) -> u32 {
    (slot as u32).wrapping_sub(1)
}

impl Index {
    /// Room for `flows` at no more than half load. Zeroed memory is mapped, not touched.
    pub fn new(flows: usize) -> Self {
        let n = (2 * flows).next_power_of_two().max(16);
        Index { slots: vec![0; n], mask: n - 1 }
    }
    fn home(&self, tag: u32) -> usize {
        tag as usize & self.mask
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
            at = (at + 1) & self.mask;
        }
        None
    }
    /// Whether [`Index::insert`] would find a place.
    pub fn has_room(&self, hash: u64) -> bool {
        self.vacancy((hash >> 32) as u32).is_some()
    }
    fn vacancy(&self, tag: u32) -> Option<usize> {
        let home = self.home(tag);
        (0..PROBE.min(self.slots.len())).map(|n| (home + n) & self.mask).find(|&at| self.slots[at] == 0)
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
            hole = (hole + 1) & self.mask;
        }
        let mut at = hole;
        loop {
            at = (at + 1) & self.mask;
            let slot = self.slots[at];
            if slot == 0 {
                break;
            }
            let from_home = at.wrapping_sub(self.home(tag(slot))) & self.mask;
            if from_home >= (at.wrapping_sub(hole) & self.mask) {
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

    /// A cluster of colliding hashes under random insertions and removals agrees with a map.
    #[test]
    fn agrees_with_a_map() {
        let (mut index, mut map) = (Index::new(64), BTreeMap::new());
        let mut random = 1u64;
        for _ in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let flow = (random >> 33) as u32 % 64;
            let hash = u64::from(flow % 7 + 125) << 32;
            if map.remove(&flow).is_some() {
                index.remove(hash, flow);
            } else {
                assert!(index.insert(hash, flow));
                map.insert(flow, ());
            }
            for f in 0..64 {
                let found = index.find(u64::from(f % 7 + 125) << 32, |x| x == f);
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
        assert!(index.insert(1000 << 32, 999));
        assert_eq!(index.find(5 << 32, |f| f == 255), Some(255));
    }
}
