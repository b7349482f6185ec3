//! Facts worked out once for bytes that come again.

/// Places in which one digest may stand.
const WAYS: usize = 4;

/// What was worked out of texts, by their digests. Bounded: a newcomer takes the place of the one of its set that came first.
///
/// The digests are keyed and of 128 bits, so that nobody can make two texts that pass for each other; the texts themselves, which may
/// hold secrets, are not kept.
pub(crate) struct Cache<T> {
    entries: Vec<Option<(u128, T)>>,
    sets: usize,
    /// Of each set, the place to be taken next.
    turns: Vec<u8>,
}

impl<T> Cache<T> {
    /// Of at most `capacity` entries, a multiple of four.
    pub(crate) fn new(capacity: usize) -> Self {
        let sets = (capacity / WAYS).max(1);
        Cache { entries: (0..sets * WAYS).map(|_| None).collect(), sets, turns: vec![0; sets] }
    }
    fn set(&self, digest: u128) -> usize {
        (digest as u64 % self.sets as u64) as usize
    }
    /// What is known of a text; worked out by `make` where it is new.
    pub(crate) fn get(&mut self, digest: u128, make: impl FnOnce() -> T) -> &T {
        let set = self.set(digest);
        let start = set * WAYS;
        let known =
            self.entries[start..start + WAYS].iter().position(|e| matches!(e, Some((d, _)) if *d == digest));
        let at = start
            + known.unwrap_or_else(|| {
                let turn = usize::from(self.turns[set]);
                self.turns[set] = ((turn + 1) % WAYS) as u8;
                self.entries[start + turn] = None;
                turn
            });
        &self.entries[at].get_or_insert_with(|| (digest, make())).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_ones() {
        let mut cache = Cache::new(16);
        for i in 0..1000u128 {
            assert_eq!(cache.get(i, || i), &i);
            assert_eq!(cache.get(i, || unreachable!()), &i);
        }
        for i in 984..1000u128 {
            assert_eq!(cache.get(i, || unreachable!()), &i);
        }
        assert_eq!(cache.entries.len(), 16);
    }
}
