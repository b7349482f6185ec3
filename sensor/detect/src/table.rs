//! Bounded tables of detectors.

use std::collections::BTreeMap;

/// A map of fixed capacity that gives up the entry longest unused.
#[derive(Debug)]
pub(crate) struct Table<K, V> {
    entries: BTreeMap<K, (u64, V)>,
    by_use: BTreeMap<u64, K>,
    clock: u64,
    capacity: usize,
    evicted: u64,
}

impl<K: Ord + Clone, V> Table<K, V> {
    /// Holding at most `capacity` entries.
    pub fn new(capacity: usize) -> Self {
        Table { entries: BTreeMap::new(), by_use: BTreeMap::new(), clock: 0, capacity, evicted: 0 }
    }

    /// The entry of a key, made with `make` where there is none yet; counts as a use.
    pub fn entry(&mut self, key: &K, make: impl FnOnce() -> V) -> &mut V {
        self.clock += 1;
        let now = self.clock;
        if let Some((used, _)) = self.entries.get(key) {
            self.by_use.remove(used);
        } else if self.entries.len() >= self.capacity
            && let Some((_, oldest)) = self.by_use.pop_first()
        {
            self.entries.remove(&oldest);
            self.evicted += 1;
        }
        self.by_use.insert(now, key.clone());
        let (used, value) = self.entries.entry(key.clone()).or_insert_with(|| (now, make()));
        *used = now;
        value
    }

    /// The entry of a key, without using it.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|(_, v)| v)
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let (used, value) = self.entries.remove(key)?;
        self.by_use.remove(&used);
        Some(value)
    }

    /// Keys for which `wanted` holds, in order.
    pub fn keys_where(&self, wanted: impl Fn(&K) -> bool) -> Vec<K> {
        self.entries.keys().filter(|k| wanted(k)).cloned().collect()
    }

    /// Entries given up for want of room.
    pub const fn evicted(&self) -> u64 {
        self.evicted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_up_the_longest_unused() {
        let mut t = Table::new(2);
        *t.entry(&1, || 0) += 1;
        *t.entry(&2, || 0) += 1;
        *t.entry(&1, || 0) += 1;
        *t.entry(&3, || 0) += 1;
        assert_eq!((t.get(&1), t.get(&2), t.get(&3)), (Some(&2), None, Some(&1)));
        assert_eq!(t.evicted(), 1);
        assert_eq!(t.remove(&1), Some(2));
        *t.entry(&4, || 7) += 0;
        assert_eq!((t.evicted(), t.keys_where(|_| true)), (1, vec![3, 4]));
    }
}
