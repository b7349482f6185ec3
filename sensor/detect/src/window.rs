//! Sliding windows of packet time.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use weir_wire::{Duration, Timestamp};

/// What happened within the last so many seconds, at most `capacity` of it.
#[derive(Debug, Serialize, Deserialize)]
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

    /// Adds an event and hands those that leave to `gone`. Events may come a little out of order; age is measured from the newest.
    pub fn add(&mut self, time: Timestamp, event: T, mut gone: impl FnMut(T)) {
        self.newest = self.newest.max(time);
        self.events.push_back((time, event));
        while self.events.len() > self.capacity
            || self.events.front().is_some_and(|(t, _)| self.newest.since(*t) > self.length)
        {
            if let Some((_, event)) = self.events.pop_front() {
                gone(event);
            }
        }
    }

    /// Events, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &(Timestamp, T)> {
        self.events.iter()
    }

    /// The newest event.
    pub fn newest(&self) -> Option<&(Timestamp, T)> {
        self.events.back()
    }

    /// How many events.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// How many events are not older than the window at `now`.
    pub fn since(&self, now: Timestamp) -> usize {
        self.events.iter().filter(|(t, _)| now.since(*t) <= self.length).count()
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
        w.add(at(100), 'a', drop);
        w.add(at(110), 'b', drop);
        assert_eq!((w.len(), w.span()), (2, Duration::from_secs(10)));
        assert_eq!((w.since(at(110)), w.since(at(112))), (2, 1));
        let mut gone = String::new();
        w.add(at(111), 'c', |c| gone.push(c));
        assert_eq!(gone, "a");
        assert_eq!(w.iter().map(|(_, c)| *c).collect::<String>(), "bc");
        w.add(at(109), 'd', drop);
        w.add(at(112), 'e', drop);
        assert_eq!(w.iter().map(|(_, c)| *c).collect::<String>(), "cde");
    }
}
