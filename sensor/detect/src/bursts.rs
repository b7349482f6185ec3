//! How much comes within a sliding window, beside what windows usually bring.

use crate::baseline::Baseline;
use crate::state::Resume;
use crate::table::Table;
use crate::window::Window;
use serde::{Deserialize, Serialize};
use std::hash::Hash;
use weir_wire::{Duration, Timestamp};

/// Events kept of one key within the window.
const EVENTS: usize = 128;
/// Windows, and time, from which a key's own usual is believed.
const ENOUGH: u32 = 24;
const LEARNING: Duration = Duration::from_secs(2 * 86_400);
/// How many times the upper edge of the usual is beyond it.
const TIMES: f64 = 3.0;
const SPREADS: f64 = 3.0;

/// What one key brought.
#[derive(Serialize, Deserialize)]
struct Burst {
    recent: Window<u32>,
    total: u64,
    /// The stretch under way, in lengths of the window since the epoch, and what it brought.
    stretch: u64,
    so_far: u64,
    usual: Baseline,
    since: Timestamp,
}

/// A figure, beside the limit by what is usual of its key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// What the window holds.
    pub total: u64,
    /// Beyond which it is unusual of the key; `None` where the key is too new.
    pub own: Option<f64>,
}

/// Windows of many keys, in bounded memory. Stretches without an event teach nothing.
#[derive(Serialize, Deserialize)]
#[serde(bound(
    serialize = "K: Serialize + Ord + Hash + Clone",
    deserialize = "K: Deserialize<'de> + Ord + Hash + Clone"
))]
pub(crate) struct Bursts<K> {
    seconds: u64,
    keys: Table<K, Burst>,
}

impl<K: Ord + Hash + Clone> Resume for Bursts<K> {
    fn resume(&mut self, saved: Bursts<K>) {
        // Of another length of the window, what was usual no longer is.
        if saved.seconds == self.seconds {
            self.keys.resume(saved.keys);
        }
    }
}

impl<K: Ord + Hash + Clone> Bursts<K> {
    /// Of windows of `seconds`, for at most so many keys.
    pub fn new(seconds: u64, keys: usize) -> Self {
        Bursts { seconds: seconds.max(1), keys: Table::new(keys) }
    }

    /// Takes in `n` at a moment.
    pub fn add(&mut self, key: &K, time: Timestamp, n: u32) -> Rate {
        let stretch = time.secs() / self.seconds;
        let seconds = self.seconds;
        let burst = self.keys.entry(key, || Burst {
            recent: Window::new(seconds, EVENTS),
            total: 0,
            stretch,
            so_far: 0,
            usual: Baseline::default(),
            since: time,
        });
        if stretch > burst.stretch {
            burst.usual.learn(burst.so_far as f64);
            (burst.stretch, burst.so_far) = (stretch, 0);
        }
        burst.so_far += u64::from(n);
        burst.total += u64::from(n);
        let total = &mut burst.total;
        burst.recent.add(time, n, |gone| *total = total.saturating_sub(u64::from(gone)));
        let known = burst.usual.learned() >= ENOUGH && time.since(burst.since) >= LEARNING;
        Rate { total: burst.total, own: known.then(|| burst.usual.above(SPREADS) * TIMES) }
    }

    /// Keys given up for want of room.
    pub const fn evicted(&self) -> u64 {
        self.keys.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn knows_what_windows_usually_bring() {
        let mut b: Bursts<u8> = Bursts::new(600, 4);
        let at = |hour: u64, minute: u64| Timestamp::from_secs_nanos(hour * 3_600 + minute * 60, 0);
        let first = b.add(&1, at(1, 0), 10);
        assert_eq!((first.total, first.own.is_none()), (10, true));
        for hour in 2..60 {
            b.add(&1, at(hour, 0), 6);
            b.add(&1, at(hour, 5), 4);
        }
        let rate = b.add(&1, at(60, 0), 500);
        assert_eq!(rate.total, 500);
        let own = rate.own.unwrap();
        assert!((30.0..80.0).contains(&own), "{own}");
        assert_eq!(b.add(&1, at(60, 5), 1).total, 501);
        assert_eq!(b.add(&1, at(60, 11), 1).total, 2, "the first left the window");
    }
}
