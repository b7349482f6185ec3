//! Sliding windows of packet time.

use std::collections::VecDeque;
use weir_wire::{Duration, Timestamp};

/// What happened within the last so many seconds, at most `capacity` of it.
#[derive(Debug)]
pub(crate) struct Window<T> {
    events: VecDeque<(Timestamp, T)>,
    newest: Timestamp,
    length: Duration,
    capacity: usize,
}

impl<T> Window<T> {
    /// Of `seconds`, keeping the newest `capacity` events.
    pub fn new(seconds: u64, capacity: usize) -> Self {
        Window {
            events: VecDeque::new(),
            newest: Timestamp::default(),
            length: Duration::from_secs(seconds),
            capacity,
        }
    }

    /// Adds an event. Events may come a little out of order; age is measured from the newest.
    pub fn add(&mut self, time: Timestamp, event: T) {
        self.newest = self.newest.max(time);
        self.events.push_back((time, event));
        while self.events.len() > self.capacity
            || self.events.front().is_some_and(|(t, _)| self.newest.since(*t) > self.length)
        {
            self.events.pop_front();
        }
    }

    /// Events, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &(Timestamp, T)> {
        self.events.iter()
    }

    /// How many events.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// From the oldest event to the newest.
    pub fn span(&self) -> Duration {
        self.events.front().map_or(Duration::ZERO, |(t, _)| self.newest.since(*t))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_what_is_old_or_too_much() {
        let at = |s| Timestamp::from_secs_nanos(s, 0);
        let mut w = Window::new(10, 3);
        w.add(at(100), 'a');
        w.add(at(110), 'b');
        assert_eq!((w.len(), w.span()), (2, Duration::from_secs(10)));
        w.add(at(111), 'c');
        assert_eq!(w.iter().map(|(_, c)| *c).collect::<String>(), "bc");
        w.add(at(109), 'd');
        w.add(at(112), 'e');
        assert_eq!(w.iter().map(|(_, c)| *c).collect::<String>(), "cde");
    }
}
