//! Bounded tables of detectors.

use hashlink::LinkedHashMap;
use hashlink::linked_hash_map::RawEntryMut;
use std::hash::Hash;

/// A map of fixed capacity that gives up the entry longest unused.
#[derive(Debug)]
pub(crate) struct Table<K, V> {
    /// The one longest unused is the first.
    entries: LinkedHashMap<K, V>,
    capacity: usize,
    evicted: u64,
}

impl<K: Ord + Hash + Clone, V> Table<K, V> {
    /// Holding at most `capacity` entries, and one at least.
    pub fn new(capacity: usize) -> Self {
        Table { entries: LinkedHashMap::new(), capacity, evicted: 0 }
    }

    /// Of entries in order, the one longest unused first.
    pub fn of(entries: Vec<(K, V)>, evicted: u64) -> Self {
        Table { capacity: entries.len(), entries: entries.into_iter().collect(), evicted }
    }

    /// Holds what another held, as far as there is room.
    pub fn refill(&mut self, other: Table<K, V>) {
        (self.entries, self.evicted) = (other.entries, other.evicted);
        while self.entries.len() > self.capacity.max(1) && self.entries.pop_front().is_some() {
            self.evicted += 1;
        }
    }

    /// The entries in order, the one longest unused first.
    pub fn entries(&self) -> &LinkedHashMap<K, V> {
        &self.entries
    }

    /// The entry of a key, made with `make` where there is none yet; counts as a use.
    pub fn entry(&mut self, key: &K, make: impl FnOnce() -> V) -> &mut V {
        if self.entries.len() >= self.capacity
            && !self.entries.contains_key(key)
            && self.entries.pop_front().is_some()
        {
            self.evicted += 1;
        }
        match self.entries.raw_entry_mut().from_key(key) {
            RawEntryMut::Occupied(mut entry) => {
                entry.to_back();
                entry.into_mut()
            }
            RawEntryMut::Vacant(place) => place.insert(key.clone(), make()).1,
        }
    }

    /// The entry of a key, without using it.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key)
    }

    /// The entry of a key, to change it without using it.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key)
    }

    /// All entries, the one longest unused first.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter()
    }

    /// All values, to change them without using them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut()
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.entries.remove(key)
    }

    /// Keys for which `wanted` holds, in order.
    pub fn keys_where(&self, wanted: impl Fn(&K) -> bool) -> Vec<K> {
        self.keys_holding(|k, _| wanted(k))
    }

    /// Keys of entries for which `wanted` holds, in order.
    pub fn keys_holding(&self, wanted: impl Fn(&K, &V) -> bool) -> Vec<K> {
        let fits = self.entries.iter().filter(|(k, v)| wanted(k, v));
        let mut keys: Vec<K> = fits.map(|(k, _)| k.clone()).collect();
        keys.sort_unstable();
        keys
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
