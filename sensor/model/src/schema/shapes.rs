//! Messages of one shape, counted together: those that share a list of names had the same ones.

use weir_exchange::SharedList;

/// Shapes kept apart; the last gives way to a new one and is counted name by name.
const KEPT: usize = 8;

/// Messages that share a list of names.
#[derive(Clone, Debug)]
pub(super) struct Shape<N, M> {
    names: SharedList<N>,
    /// How many there were.
    times: u64,
    /// Of each name, in how many of them its value said nothing; empty where that never was so.
    blank: Vec<u64>,
    /// What else is known of the names.
    pub marks: M,
}

impl<N, M> Shape<N, M> {
    /// One more message.
    pub fn count(&mut self) {
        self.times += 1;
    }
    /// In one message the name at a place had a value that said nothing.
    pub fn count_blank(&mut self, at: usize) {
        if self.blank.is_empty() {
            self.blank.resize(self.names.len(), 0);
        }
        if let Some(n) = self.blank.get_mut(at) {
            *n += 1;
        }
    }
    /// Each name, with how many messages had it, and in how many of these its value said nothing.
    pub fn counts(&self) -> impl Iterator<Item = (&N, u64, u64)> {
        let blank = self.blank.iter().copied().chain(std::iter::repeat(0));
        self.names.iter().zip(blank).map(|(name, blank)| (name, self.times, blank))
    }
}

/// The shapes met most, roughly in that order.
#[derive(Clone, Debug)]
pub(super) struct Shapes<N, M>(Vec<Shape<N, M>>);

impl<N, M> Default for Shapes<N, M> {
    fn default() -> Self {
        Shapes(Vec::new())
    }
}

impl<N, M> Shapes<N, M> {
    /// The shape that has this very list.
    pub fn find(&mut self, names: &SharedList<N>) -> Option<&mut Shape<N, M>> {
        let at = self.0.iter().position(|s| s.names.is_same(names))?;
        // One step towards the front, past what came less often.
        let ahead = at.saturating_sub(1);
        if self.0[ahead].times < self.0[at].times {
            self.0.swap(ahead, at);
            return self.0.get_mut(ahead);
        }
        self.0.get_mut(at)
    }
    /// Adds a shape; gives the one that had to make room.
    pub fn add(&mut self, names: SharedList<N>, marks: M) -> Option<Shape<N, M>> {
        let last = if self.0.len() >= KEPT { self.0.pop() } else { None };
        self.0.push(Shape { names, times: 0, blank: Vec::new(), marks });
        last
    }
    /// Each name of each shape, with how many messages had it, and in how many of these its value said nothing.
    pub fn counts(&self) -> impl Iterator<Item = (&N, u64, u64)> {
        self.0.iter().flat_map(Shape::counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(n: usize) -> SharedList<usize> {
        [n, n + 1].into_iter().collect()
    }

    #[test]
    fn the_frequent_stay_and_nothing_is_lost() {
        let (mut shapes, mut lost) = (Shapes::<usize, ()>::default(), 0);
        let often = list(0);
        for n in 0..100 {
            for names in [&often, &list(n)] {
                if shapes.find(names).is_none() {
                    lost += shapes.add(names.clone(), ()).map_or(0, |s| s.counts().count());
                }
                let shape = shapes.find(names);
                assert!(shape.is_some());
                shape.into_iter().for_each(Shape::count);
            }
        }
        let of_often = shapes.0.iter().find(|s| s.names.is_same(&often)).map(|s| s.times);
        assert_eq!((of_often, shapes.0.len(), lost), (Some(100), KEPT, (101 - KEPT) * 2));
    }

    #[test]
    fn counts_what_said_nothing() {
        let (mut shapes, names) = (Shapes::<usize, ()>::default(), list(5));
        shapes.add(names.clone(), ());
        let mut shape = shapes.find(&names);
        for _ in 0..3 {
            shape.iter_mut().for_each(|s| s.count());
        }
        shape.iter_mut().for_each(|s| s.count_blank(1));
        let counts: Vec<_> = shapes.counts().collect();
        assert_eq!(counts, [(&5, 3, 0), (&6, 3, 1)]);
    }
}
