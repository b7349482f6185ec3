//! What detectors remember over a restart: their tables, not their thresholds, which may be others by then.

use crate::table::Table;
use hashlink::LinkedHashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::hash::Hash;

/// Within an implementation of [`Detector`](crate::Detector): these fields are what it remembers.
macro_rules! remembers {
    ($($field:ident),+) => {
        fn save(&self) -> Result<Option<Vec<u8>>, weir_model::state::StateError> {
            weir_model::state::encode(&($(&self.$field,)+)).map(Some)
        }
        fn restore(&mut self, saved: &[u8]) -> Result<(), weir_model::state::StateError> {
            let ($($field,)+) = weir_model::state::decode(saved)?;
            $($crate::state::Resume::resume(&mut self.$field, $field);)+
            Ok(())
        }
    };
}

/// Goes on from what was remembered, within bounds that are those of this version.
pub(crate) trait Resume {
    /// Takes over what was `saved`.
    fn resume(&mut self, saved: Self);
}

impl Resume for bool {
    fn resume(&mut self, saved: bool) {
        *self = saved;
    }
}

impl Resume for u32 {
    fn resume(&mut self, saved: u32) {
        *self = saved;
    }
}

impl<T: Resume, const N: usize> Resume for [T; N] {
    fn resume(&mut self, saved: [T; N]) {
        self.iter_mut().zip(saved).for_each(|(own, saved)| own.resume(saved));
    }
}

impl<K, V> Resume for BTreeMap<K, V> {
    fn resume(&mut self, saved: BTreeMap<K, V>) {
        *self = saved;
    }
}

impl<K: Ord + Hash + Clone, V> Resume for Table<K, V> {
    fn resume(&mut self, saved: Table<K, V>) {
        self.refill(saved);
    }
}

/// Entries in their order, the one longest unused first.
struct Entries<'a, K, V>(&'a LinkedHashMap<K, V>);

impl<K: Serialize + Hash + Eq, V: Serialize> Serialize for Entries<'_, K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter())
    }
}

impl<K: Serialize + Ord + Hash + Clone, V: Serialize> Serialize for Table<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.evicted(), Entries(self.entries())).serialize(serializer)
    }
}

/// As large as it was; [`Resume`] brings it within bounds.
impl<'de, K, V> Deserialize<'de> for Table<K, V>
where
    K: Deserialize<'de> + Ord + Hash + Clone,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (evicted, entries) = <(u64, Vec<(K, V)>)>::deserialize(deserializer)?;
        Ok(Table::of(entries, evicted))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use weir_model::state::{decode, encode};

    #[test]
    fn tables_keep_order_and_their_own_bounds() {
        let mut old = Table::new(4);
        for n in [1, 2, 3, 4, 5, 2] {
            *old.entry(&n, || 0) += n;
        }
        let saved: Table<i32, i32> = decode(&encode(&old).unwrap()).unwrap();
        let mut new = Table::new(3);
        new.resume(saved);
        assert_eq!(new.iter().collect::<Vec<_>>(), [(&4, &4), (&5, &5), (&2, &4)]);
        assert_eq!(new.evicted(), 2, "one before, one for want of room now");
        new.entry(&9, || 0);
        assert!(new.get(&4).is_none() && new.get(&2).is_some());
    }
}
