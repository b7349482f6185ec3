//! Values over an ordered line: from each start on, until the next one.

/// A step function of addresses: sorted starts, each with what holds from there on. Before the first start nothing holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Steps<K, V> {
    starts: Vec<K>,
    values: Vec<V>,
}

impl<K, V> Default for Steps<K, V> {
    fn default() -> Self {
        Steps { starts: Vec::new(), values: Vec::new() }
    }
}

impl<K: Copy + Ord, V: Copy + PartialEq> Steps<K, V> {
    /// Goes on with `value` from `start`, which must not be below the last one; at the last one, it replaces what was said. A step to
    /// the same value is none.
    pub fn push(&mut self, start: K, value: V) {
        if self.starts.last() == Some(&start) {
            self.starts.pop();
            self.values.pop();
        }
        if self.values.last() != Some(&value) {
            self.starts.push(start);
            self.values.push(value);
        }
    }

    /// What holds at `key`: a binary search.
    pub fn at(&self, key: K) -> Option<V> {
        self.at_among(key, 0, self.starts.len())
    }

    /// The same, where it is known that the steps before the `from`-th start at or before `key`, and those from the `to`-th on after it.
    pub(crate) fn at_among(&self, key: K, from: usize, to: usize) -> Option<V> {
        let among = self.starts.get(from..to)?;
        let after = from + among.partition_point(|s| *s <= key);
        self.values.get(after.checked_sub(1)?).copied()
    }

    /// How many steps start before `key`.
    pub(crate) fn before(&self, key: K) -> usize {
        self.starts.partition_point(|s| *s < key)
    }

    /// Every step.
    pub fn iter(&self) -> impl Iterator<Item = (K, V)> {
        self.starts.iter().copied().zip(self.values.iter().copied())
    }

    /// Number of steps.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether nothing holds anywhere.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }
}

/// Steps of nested or disjoint blocks, where the innermost block's value holds: the longest prefix wins.
///
/// Blocks are (first, last, value) with both ends within the block; of two equal ones the later holds. `next` is the key after a
/// key, `None` after the last there is. Blocks of prefixes never cross, which is what this relies on.
pub fn innermost<K: Copy + Ord, V: Copy + PartialEq>(
    mut blocks: Vec<(K, K, V)>,
    next: impl Fn(K) -> Option<K>,
) -> Steps<K, Option<V>> {
    // Outer blocks before those they hold.
    blocks.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    let mut steps = Steps::default();
    let mut open: Vec<(K, V)> = Vec::new();
    let close = |open: &mut Vec<(K, V)>, steps: &mut Steps<K, Option<V>>| {
        let Some((last, _)) = open.pop() else { return };
        if let Some(after) = next(last) {
            steps.push(after, open.last().map(|(_, v)| *v));
        }
    };
    for (first, last, value) in blocks {
        while open.last().is_some_and(|(end, _)| *end < first) {
            close(&mut open, &mut steps);
        }
        steps.push(first, Some(value));
        open.push((last, value));
    }
    while !open.is_empty() {
        close(&mut open, &mut steps);
    }
    steps
}
