//! How much a lane leaves out when more comes than it can read: one step after the other, and back.

use weir_wire::{Duration, Timestamp};

/// Steps of the ladder. Each leaves out what those before it do, and more. Heads of exchanges go on being read at every step.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
#[repr(u8)]
pub enum Level {
    /// Everything is read.
    #[default]
    Everything,
    /// Bodies of static content (scripts, styles, fonts, media) are not scanned.
    NoStatic,
    /// Bodies are scanned up to 16 KiB.
    BoundedBodies,
    /// Bodies of interfaces in which nothing was found so far are not scanned, but for one in sixteen.
    NoPublicBodies,
    /// New flows are refused, each as a whole.
    NoNewFlows,
    /// No body that begins is scanned: heads go last.
    HeadsOnly,
}

impl Level {
    /// From the first to the last.
    pub const ALL: [Level; 6] = [
        Level::Everything,
        Level::NoStatic,
        Level::BoundedBodies,
        Level::NoPublicBodies,
        Level::NoNewFlows,
        Level::HeadsOnly,
    ];
    fn up(self) -> Level {
        Level::ALL.get(self as usize + 1).copied().unwrap_or(self)
    }
    fn down(self) -> Level {
        (self as usize).checked_sub(1).and_then(|n| Level::ALL.get(n)).copied().unwrap_or(self)
    }
}

/// Pressure above which a step up is taken ...
const HIGH: f32 = 0.5;
/// ... and so on with every further one of these, as long as it lasts.
const RAISE: Duration = Duration::from_millis(2);
/// Pressure from which on there is no time for one step after the other.
const ALARM: f32 = 0.8;
/// Pressure below which a step down is taken, if the last step is ...
const LOW: f32 = 0.25;
/// ... so long ago.
const LOWER: Duration = Duration::from_millis(10);

/// Chooses the step by the pressure: how full the room between the wire and the lane is. The same pressures at the same times give the same
/// steps. Between the two thresholds it stays where it is, so that it does not swing with every burst.
#[derive(Clone, Copy, Default, Debug)]
pub struct Overload {
    level: Level,
    since: Timestamp,
    raised: u64,
}

impl Overload {
    /// The step now.
    pub fn level(&self) -> Level {
        self.level
    }
    /// Steps up so far.
    pub fn raised(&self) -> u64 {
        self.raised
    }
    /// Takes the pressure, from 0.0 to 1.0, at a time that does not go back.
    pub fn press(&mut self, pressure: f32, now: Timestamp) {
        let passed = now.since(self.since);
        let next = match pressure {
            p if p >= ALARM => Level::HeadsOnly,
            p if p >= HIGH && (passed >= RAISE || self.level == Level::Everything) => self.level.up(),
            p if p <= LOW && passed >= LOWER => self.level.down(),
            _ => return,
        };
        self.set(next, now);
    }
    /// The lane has nothing to do: one step down.
    pub fn calm(&mut self, now: Timestamp) {
        self.set(self.level.down(), now);
    }
    fn set(&mut self, level: Level, now: Timestamp) {
        if level != self.level {
            self.raised += u64::from(level > self.level);
            (self.level, self.since) = (level, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_nanos(ms * 1_000_000)
    }

    #[test]
    fn goes_up_one_by_one_and_back_within_100_ms() {
        let mut o = Overload::default();
        let mut seen = vec![];
        for ms in 0..20 {
            o.press(0.6, at(ms));
            seen.push(o.level());
        }
        seen.dedup();
        assert_eq!(seen, Level::ALL[1..]);
        let mut back = 20;
        while o.level() != Level::Everything {
            o.press(0.1, at(back));
            back += 1;
        }
        assert!(back - 20 <= 100, "{back}");
        assert_eq!(o.raised(), 5);
    }

    #[test]
    fn stays_between_the_thresholds_and_leaps_in_need() {
        let mut o = Overload::default();
        o.press(0.55, at(0));
        for ms in 1..1000 {
            o.press(0.4, at(ms));
        }
        assert_eq!(o.level(), Level::NoStatic);
        o.press(0.9, at(1000));
        assert_eq!(o.level(), Level::HeadsOnly);
        for _ in 0..5 {
            o.calm(at(1001));
        }
        assert_eq!(o.level(), Level::Everything);
    }
}
