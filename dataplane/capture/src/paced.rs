//! Replay in real time, or a multiple of it.

use crate::{BURST, KeyLog, Notice, Polled, Source, SourceCounters, SourceError};
use smallvec::SmallVec;
use std::{ops::Range, str::FromStr, time::Duration};
use thiserror::Error;
use weir_wire::{Frame, LinkType, Timestamp};

/// The longest [`Paced::poll`] sleeps before it answers `Idle`, so that its caller stays in control.
const NAP: Duration = Duration::from_millis(20);

/// Real time, given by the binary: libraries read no clock.
pub trait Clock {
    /// Time passed since some fixed moment; never goes back.
    fn now(&self) -> Duration;
    /// Waits so long, or less.
    fn sleep(&self, time: Duration);
}

/// How many times faster than they were captured frames are lent.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pace(f64);

/// A pace that is none.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("`{0}` is no pace; give a factor from 0.001x to 1000000x, such as 1x or 10x")]
pub struct PaceError(String);

impl PaceError {
    /// The message in Chinese; `Display` gives it in English.
    pub fn zh(&self) -> String {
        format!("“{}”不是有效的倍数；请给出 0.001x 到 1000000x 之间的倍数，如 1x 或 10x", self.0)
    }
}

impl FromStr for Pace {
    type Err = PaceError;

    fn from_str(s: &str) -> Result<Self, PaceError> {
        let digits = s.strip_suffix(['x', 'X']).unwrap_or(s);
        match digits.parse::<f64>() {
            Ok(factor) if (0.001..=1e6).contains(&factor) => Ok(Pace(factor)),
            _ => Err(PaceError(s.into())),
        }
    }
}

/// Lends the frames of another source when they are due: as far apart as they were captured, divided by the pace.
///
/// The first frame is due at once. Frames that are not due when the inner source lends them are copied and held, at
/// most one burst. Where the lane falls behind, frames come as fast as it takes them until it has caught up.
pub struct Paced<S, C> {
    source: S,
    clock: C,
    pace: Pace,
    /// Clock and packet time of the first frame.
    origin: Option<(Duration, Timestamp)>,
    held: Held,
    inner_ended: bool,
    /// What was lent on; the inner source counts held frames too.
    frames: u64,
    bytes: u64,
}

/// Frames kept until they are due, in one buffer that is used again.
#[derive(Default)]
struct Held {
    frames: Vec<HeldFrame>,
    bytes: Vec<u8>,
    next: usize,
}

struct HeldFrame {
    time: Timestamp,
    link: LinkType,
    wire_len: u32,
    vlan: Option<u16>,
    data: Range<usize>,
}

impl Held {
    fn push(&mut self, frame: &Frame<'_>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(frame.data);
        let data = start..self.bytes.len();
        self.frames.push(HeldFrame {
            time: frame.time,
            link: frame.link,
            wire_len: frame.wire_len,
            vlan: frame.vlan,
            data,
        });
    }
    /// The frames that were not lent yet.
    fn rest(&self) -> impl Iterator<Item = Frame<'_>> {
        self.frames.iter().skip(self.next).map(|f| Frame {
            time: f.time,
            link: f.link,
            wire_len: f.wire_len,
            vlan: f.vlan,
            data: self.bytes.get(f.data.clone()).unwrap_or_default(),
        })
    }
    fn clear(&mut self) {
        self.frames.clear();
        self.bytes.clear();
        self.next = 0;
    }
}

/// When a frame of `time` is due on the clock.
fn due(origin: (Duration, Timestamp), pace: Pace, time: Timestamp) -> Duration {
    let apart = time.since(origin.1).as_nanos() as f64 / pace.0;
    // The cast saturates; a frame due in 584 years is not.
    origin.0.saturating_add(Duration::from_nanos(apart as u64))
}

impl<S: Source, C: Clock> Paced<S, C> {
    /// Holds the frames of `source` back to `pace` as `clock` measures it.
    pub fn new(source: S, pace: Pace, clock: C) -> Self {
        let held = Held::default();
        Paced { source, clock, pace, origin: None, held, inner_ended: false, frames: 0, bytes: 0 }
    }

    /// Lends the held frames that are due; how many, and how long until the next of them.
    fn release(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> (usize, Option<Duration>) {
        let now = self.clock.now();
        let mut lent = 0;
        let mut wait = None;
        while wait.is_none() && self.held.next < self.held.frames.len() {
            let mut burst = SmallVec::<[Frame<'_>; BURST]>::new();
            for frame in self.held.rest().take(BURST) {
                let due = due(*self.origin.get_or_insert((now, frame.time)), self.pace, frame.time);
                if due > now {
                    wait = Some(due - now);
                    break;
                }
                self.frames += 1;
                self.bytes += frame.data.len() as u64;
                burst.push(frame);
            }
            if !burst.is_empty() {
                lend(&burst);
            }
            let ready = burst.len();
            drop(burst);
            lent += ready;
            self.held.next += ready;
        }
        if wait.is_some() {
            return (lent, wait);
        }
        self.held.clear();
        (lent, None)
    }
}

impl<S: Source, C: Clock> Source for Paced<S, C> {
    fn poll(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError> {
        if self.held.frames.is_empty() {
            if self.inner_ended {
                return Ok(Polled::End);
            }
            let held = &mut self.held;
            match self.source.poll(&mut |burst| burst.iter().for_each(|frame| held.push(frame)))? {
                Polled::Frames(_) => {}
                Polled::Idle => return Ok(Polled::Idle),
                Polled::End => {
                    self.inner_ended = true;
                    return Ok(Polled::End);
                }
            }
        }
        match self.release(lend) {
            (0, Some(wait)) => {
                self.clock.sleep(wait.min(NAP));
                Ok(Polled::Idle)
            }
            (0, None) => Ok(Polled::Idle),
            (lent, _) => Ok(Polled::Frames(lent)),
        }
    }

    fn wait(&mut self, at_most: Duration) {
        self.source.wait(at_most);
    }
    fn counters(&self) -> SourceCounters {
        SourceCounters { frames: self.frames, bytes: self.bytes, ..self.source.counters() }
    }
    fn notices(&self) -> &[Notice] {
        self.source.notices()
    }
    fn key_logs(&self) -> &[KeyLog] {
        self.source.key_logs()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::cell::Cell;

    /// Time passes only in sleep.
    #[derive(Default)]
    struct Fake(Cell<Duration>);
    impl Clock for &Fake {
        fn now(&self) -> Duration {
            self.0.get()
        }
        fn sleep(&self, time: Duration) {
            self.0.set(self.0.get() + time);
        }
    }

    struct Times(Vec<u64>);
    impl Source for Times {
        fn poll(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError> {
            let all = std::mem::take(&mut self.0);
            for ms in &all {
                let time = Timestamp::from_nanos(ms * 1_000_000);
                lend(&[Frame {
                    time,
                    link: LinkType::ETHERNET,
                    wire_len: 1,
                    vlan: None,
                    data: &[*ms as u8],
                }]);
            }
            Ok(if all.is_empty() { Polled::End } else { Polled::Frames(all.len()) })
        }
        fn counters(&self) -> SourceCounters {
            SourceCounters::default()
        }
    }

    fn run(pace: &str, times: Vec<u64>) -> Vec<(u8, u64)> {
        let clock = Fake::default();
        let mut paced = Paced::new(Times(times), pace.parse().unwrap(), &clock);
        let mut out = Vec::new();
        while paced
            .poll(&mut |b| out.extend(b.iter().map(|f| (f.data[0], clock.0.get().as_millis() as u64))))
            .unwrap()
            != Polled::End
        {}
        assert_eq!(paced.counters().frames, out.len() as u64);
        out
    }

    #[test]
    fn frames_come_when_due() {
        assert_eq!(run("1x", vec![10, 15, 110, 90]), [(10, 0), (15, 5), (110, 100), (90, 100)]);
        assert_eq!(run("10", vec![10, 15, 110]), [(10, 0), (15, 0), (110, 10)]);
    }

    #[test]
    fn a_pace_is_a_factor() {
        for bad in ["", "x", "0x", "-1x", "nan", "inf", "fast"] {
            assert!(bad.parse::<Pace>().is_err(), "{bad}");
        }
        assert_eq!("0.5x".parse(), Ok(Pace(0.5)));
        let wrong = "1y".parse::<Pace>().unwrap_err();
        assert!(wrong.to_string().contains("1x or 10x") && wrong.zh().contains("1x 或 10x"));
    }
}
