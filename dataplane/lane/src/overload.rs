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
    /// Of new flows a share is refused, each as a whole; the share grows while this does not suffice.
    FewerFlows,
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
        Level::FewerFlows,
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
/// Pressure from which on there is no time for one step after the other: heads only, ...
const ALARM: f32 = 0.8;
/// ... until it is down here. In between, the lane works on what it has and is never idle.
const RELIEF: f32 = 0.65;
/// Pressure below which a step down is taken, if the last step is ...
const LOW: f32 = 0.25;
/// ... so long ago.
const LOWER: Duration = Duration::from_millis(10);
/// Of the admission of new flows: it goes down by an eighth at a time, and up by this.
const MORE: u8 = 4;

/// Chooses the step by the pressure: how full the room between the wire and the lane is. The same pressures at the same times give the same
/// steps. Between the two thresholds it stays where it is, so that it does not swing with every burst.
///
/// Refusing flows works late, as those admitted go on; so their share is found little by little, and bodies bridge the time until it works.
#[derive(Clone, Copy, Debug)]
pub struct Overload {
    level: Level,
    since: Timestamp,
    raised: u64,
    admitted: u8,
    tuned: Timestamp,
}

impl Default for Overload {
    fn default() -> Self {
        let start = Timestamp::default();
        Overload { level: Level::Everything, since: start, raised: 0, admitted: u8::MAX, tuned: start }
    }
}

impl Overload {
    /// The step now.
    pub fn level(&self) -> Level {
        self.level
    }
    /// Of 256 new flows, how many are admitted, less one.
    pub fn admitted(&self) -> u8 {
        self.admitted
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
            p if p <= RELIEF && self.level == Level::HeadsOnly => Level::FewerFlows,
            p if p >= HIGH
                && self.level < Level::FewerFlows
                && (passed >= RAISE || self.level == Level::Everything) =>
            {
                self.level.up()
            }
            p if p <= LOW && passed >= LOWER => self.level.down(),
            _ => self.level,
        };
        self.set(next, now);
        if now.since(self.tuned) >= RAISE {
            self.tuned = now;
            if pressure >= HIGH && self.level >= Level::FewerFlows {
                self.admitted -= self.admitted.div_ceil(8);
            } else if pressure < HIGH {
                self.admitted = self.admitted.saturating_add(MORE);
            }
        }
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
        if level == Level::Everything {
            self.admitted = u8::MAX;
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
        assert_eq!(seen, Level::ALL[1..5]);
        assert!(o.admitted() < 200, "{}", o.admitted());
        let mut back = 20;
        while o.level() != Level::Everything {
            o.press(0.1, at(back));
            back += 1;
        }
        assert!(back - 20 <= 100, "{back}");
        assert_eq!((o.raised(), o.admitted()), (4, u8::MAX));
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
        o.press(0.7, at(1001));
        assert_eq!(o.level(), Level::HeadsOnly);
        o.press(0.6, at(1002));
        assert_eq!(o.level(), Level::FewerFlows);
        for _ in 0..5 {
            o.calm(at(1001));
        }
        assert_eq!(o.level(), Level::Everything);
    }
}
