//! A table of names that nearly nothing looked for is in.

use crate::name::MAX_KEY;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Eight bytes at a time, multiplied and folded: what is looked for need not be spread, since the names in the table are ours, so that
/// nobody outside can make them collide.
#[derive(Default)]
struct Words(u64);

impl Hasher for Words {
    fn write(&mut self, bytes: &[u8]) {
        let mut mix = |word: u64| {
            let wide = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
            self.0 = (wide >> 64) as u64 ^ wide as u64;
        };
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|w| mix(u64::from_le_bytes(*w)));
        mix(rest.iter().fold(bytes.len() as u64 | 1 << 63, |w, b| w << 8 | u64::from(*b)));
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

/// Lengths of names by their last byte.
#[derive(Debug)]
struct Ends([u64; 256]);

impl Ends {
    fn bit(name: &[u8]) -> Option<(usize, u64)> {
        let last = usize::from(*name.last()?);
        Some((last, 1 << ((name.len() - 1) % MAX_KEY)))
    }
}

/// What is known of names, folded ones as a rule; most names met are refused by their length and last byte alone.
#[derive(Debug)]
pub struct NameTable<V> {
    ends: Ends,
    table: HashMap<Box<[u8]>, V, BuildHasherDefault<Words>>,
}

impl<V> Default for NameTable<V> {
    fn default() -> Self {
        NameTable { ends: Ends([0; 256]), table: HashMap::default() }
    }
}

impl<V> NameTable<V> {
    /// What is known of `name`: what was, else `value`.
    pub fn add(&mut self, name: &[u8], value: V) -> &mut V {
        if let Some((last, bit)) = Ends::bit(name) {
            self.ends.0[last] |= bit;
        }
        self.table.entry(name.into()).or_insert(value)
    }
    /// What is known of `name`.
    #[inline]
    pub fn get(&self, name: &[u8]) -> Option<&V> {
        let (last, bit) = Ends::bit(name)?;
        if self.ends.0[last] & bit == 0 {
            return None;
        }
        self.table.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_of_a_name_counts() {
        let mut table = NameTable::default();
        assert_eq!((*table.add(b"phone", 1), *table.add(b"phone", 2), *table.add(b"tel", 3)), (1, 1, 3));
        assert_eq!((table.get(b"phone"), table.get(b"tel")), (Some(&1), Some(&3)));
        assert_eq!((table.get(b"stone"), table.get(b"a phone"), table.get(b"")), (None, None, None));
    }
}
