//! When a frame came: the card's word where it has one, else one reading of the processor's clock a burst.
//!
//! This is the edge where time enters: everything behind it takes the frame's time.

use weir_wire::Timestamp;

/// A reading this far from the expected one is a jump of the system's clock.
const JUMP: u64 = 500_000_000;
/// Readings of the system's clock a second: often enough to follow its corrections, too rarely to cost.
const READINGS: u64 = 10;
/// A card's stamp further than this from the system's clock is not believed.
const BELIEVED: u64 = 2_000_000_000;
const SECOND: u128 = 1_000_000_000;

/// Nanoseconds since the Unix epoch, by the system's clock.
pub(crate) fn system() -> u64 {
    // The live edge: frames without a stamp of their own are stamped here.
    #[allow(clippy::disallowed_methods)]
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH).map_or(0, |d| u64::try_from(d.as_nanos()).unwrap_or(u64::MAX))
}

/// The system's time, told by the processor's counter between readings. Never goes back but when the system's clock jumps.
#[derive(Clone, Debug)]
pub(crate) struct HostClock {
    per_second: u64,
    anchor: Option<(u64, u64)>,
    last: u64,
    /// Times the system's clock jumped by half a second or more.
    pub jumps: u64,
}

impl HostClock {
    /// With so many ticks a second.
    pub(crate) fn new(per_second: u64) -> HostClock {
        HostClock { per_second: per_second.max(1), anchor: None, last: 0, jumps: 0 }
    }

    /// The time at `ticks`; `system` is asked a few times a second.
    pub(crate) fn at(&mut self, ticks: u64, system: impl FnOnce() -> u64) -> Timestamp {
        let expected = self.anchor.map(|(from, time)| (ticks.wrapping_sub(from), time));
        let time = match expected {
            Some((passed, time)) if passed < self.per_second / READINGS => time + self.nanos(passed),
            _ => {
                let read = system();
                self.anchor = Some((ticks, read));
                if let Some((passed, time)) = expected
                    && read.abs_diff(time.saturating_add(self.nanos(passed))) >= JUMP
                {
                    self.jumps += 1;
                    self.last = read;
                }
                read
            }
        };
        self.last = self.last.max(time);
        Timestamp::from_nanos(self.last)
    }

    fn nanos(&self, ticks: u64) -> u64 {
        (u128::from(ticks) * SECOND / u128::from(self.per_second)) as u64
    }
}

/// A card's clock against the system's: two readings of both.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct CardClock {
    ticks: u64,
    time: u64,
    /// Ticks a second.
    per_second: u64,
}

impl CardClock {
    /// From an earlier and a later reading of (card, system); none where the card's clock stands.
    pub(crate) fn between(earlier: (u64, u64), later: (u64, u64)) -> Option<CardClock> {
        let ticks = later.0.wrapping_sub(earlier.0);
        let nanos = later.1.checked_sub(earlier.1).filter(|n| *n > 0)?;
        let per_second = u64::try_from(u128::from(ticks) * SECOND / u128::from(nanos)).ok()?;
        (per_second >= 1000).then_some(CardClock { ticks: later.0, time: later.1, per_second })
    }

    /// The time at a stamp, before or after the reading.
    fn at(&self, stamp: u64) -> u64 {
        let passed = stamp.wrapping_sub(self.ticks) as i64;
        let nanos = (u128::from(passed.unsigned_abs()) * SECOND / u128::from(self.per_second)) as u64;
        if passed < 0 { self.time.saturating_sub(nanos) } else { self.time.saturating_add(nanos) }
    }
}

/// How a port's stamps are read.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Stamps {
    /// It has none.
    Host,
    /// A capture file's times: microseconds since the epoch, or nanoseconds where the figure is too large for those.
    File,
    /// Ticks of the card's clock.
    Card(CardClock),
}

impl Stamps {
    /// A frame's time from its stamp. None where there is none that can be believed.
    pub(crate) fn time(&self, stamp: u64, host: impl FnOnce() -> Timestamp) -> Option<Timestamp> {
        match self {
            Stamps::Host => None,
            // 10^17 microseconds are the year 5138, 10^17 nanoseconds 1973.
            Stamps::File if stamp < 100_000_000_000_000_000 => Some(Timestamp::from_nanos(stamp * 1000)),
            Stamps::File => Some(Timestamp::from_nanos(stamp)),
            Stamps::Card(clock) => {
                let time = clock.at(stamp);
                (time.abs_diff(host().nanos()) < BELIEVED).then_some(Timestamp::from_nanos(time))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn time_goes_by_ticks_between_readings() {
        let mut clock = HostClock::new(2_000_000_000);
        assert_eq!(clock.at(1000, || 5_000).nanos(), 5_000);
        assert_eq!(clock.at(3000, || 9_999_999).nanos(), 6_000, "too soon for a reading");
        // After a tenth of a second the system is read; a small correction back does not turn time back.
        let later = 1000 + 200_000_000;
        assert_eq!(clock.at(later - 2, || 0).nanos(), 5_000 + 99_999_999);
        assert_eq!(clock.at(later, || 99_900_000).nanos(), 5_000 + 99_999_999);
        assert_eq!(clock.jumps, 0);
    }

    #[test]
    fn a_jump_of_the_clock_is_followed_and_counted() {
        let mut clock = HostClock::new(1_000_000_000);
        clock.at(0, || 10_000_000_000);
        assert_eq!(clock.at(200_000_000, || 3_000_000_000).nanos(), 3_000_000_000);
        assert_eq!(clock.at(400_000_000, || 9_000_000_000).nanos(), 9_000_000_000);
        assert_eq!(clock.jumps, 2);
        assert_eq!(clock.at(650_000_000, || 9_250_000_000).nanos(), 9_250_000_000);
        assert_eq!(clock.jumps, 2, "a long pause is no jump");
    }

    #[test]
    fn card_clocks_are_converted_both_ways_and_over_their_wrap() {
        // 250 MHz, about to wrap.
        let clock = CardClock::between((u64::MAX - 249_999_999, 1_000_000_000), (0, 2_000_000_000)).unwrap();
        assert_eq!(clock.at(250), 2_000_001_000);
        assert_eq!(clock.at(u64::MAX - 249), 1_999_999_000);
        assert_eq!(CardClock::between((5, 0), (5, 100)), None, "a clock that stands");
        assert_eq!(CardClock::between((5, 100), (9, 100)), None, "no time between");
        let stamps = Stamps::Card(clock);
        let host = || Timestamp::from_nanos(2_000_000_000);
        assert_eq!(stamps.time(250, host), Some(Timestamp::from_nanos(2_000_001_000)));
        assert_eq!(stamps.time(250_000_000 * 60, host), None, "a minute ahead is not believed");
    }

    #[test]
    fn file_times_are_told_by_their_size() {
        let host = Timestamp::default;
        let micro = Stamps::File.time(1_767_323_045_000_006, host);
        assert_eq!(micro, Stamps::File.time(1_767_323_045_000_006_000, host));
        assert_eq!(micro.unwrap().to_string(), "2026-01-02T03:04:05.000006000Z");
        assert_eq!(Stamps::Host.time(7, host), None);
    }
}
