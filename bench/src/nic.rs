//! A network card in virtual time: what is lost depends on how much work a lane does for a frame, and on nothing else.
//!
//! ```text
//! Load --(so many bytes for each nanosecond that the lane has worked)--> ring of descriptors --bursts of 32--> lane
//!                                                                     '--> full: lost, and counted
//! ```
//! Time goes on by the CPU time of the thread that polls, less what the card itself uses; where nothing is due and the lane waits, it
//! leaps. So a noisy neighbour can neither make nor hide loss. A frame holds its descriptor until the lane polls again,
//! as a driver's does. The load is repeated as long as it takes, with other client addresses each time.

use crate::load::Load;
use crate::measure::cpu;
use std::cell::Cell;
use std::collections::VecDeque;
use std::time::Duration;
use weir_capture::{Polled, Source, SourceCounters, SourceError};
use weir_wire::{Frame, Timestamp};

/// Frames lent together, as a driver's burst.
const BURST: usize = 32;
/// When the first frame may come: any moment does.
const START: u64 = 1_767_571_200_000_000_000;

/// What a nanosecond of virtual time is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Meter {
    /// One of CPU time of the polling thread.
    Cpu,
    /// A frame takes so many, whatever is done with it: for tests that must come out the same each time. A lane is taken to work on one burst
    /// of what it was lent between two looks at the backlog, as it does; copying costs nothing.
    Frame(u64),
}

/// How long frames come at a rate.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Phase {
    /// Nanoseconds.
    pub nanos: u64,
    /// Captured bytes a nanosecond.
    pub rate: f64,
}

/// What the card can tell between two polls; the time that is spent with it does not count.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Virtual nanoseconds since the start.
    pub now: u64,
    /// Of these, nanoseconds that the lane worked.
    pub worked: u64,
    /// Which phase; one more than there are behind the last.
    pub phase: usize,
    /// Frames and bytes that came so far, those lost included.
    pub offered: (u64, u64),
    /// Descriptors in use.
    pub ring: usize,
}

/// The card, as a source of frames.
pub struct Nic<'a> {
    load: &'a Load,
    meter: Meter,
    descriptors: usize,
    phases: Vec<Phase>,
    ring: VecDeque<(u64, u64)>,
    /// Descriptors that the lane still looks at.
    lent: usize,
    /// Frames that came, lost ones included; also the number of the next.
    offered: (u64, u64),
    /// When the next frame comes.
    due: f64,
    worked: u64,
    leapt: u64,
    /// When the lane was given the thread last; `None` before its first poll, as starting takes no frames.
    mark: Option<f64>,
    /// Frames that a lane under [`Meter::Frame`] has worked on.
    done: Cell<u64>,
    counters: SourceCounters,
    bytes: Vec<u8>,
    between: &'a mut dyn FnMut(Moment),
}

impl<'a> Nic<'a> {
    /// A card with so many descriptors under the traffic of `load`, in phases; `between` is called at every poll.
    pub fn new(
        load: &'a Load,
        meter: Meter,
        descriptors: usize,
        phases: Vec<Phase>,
        between: &'a mut dyn FnMut(Moment),
    ) -> Self {
        Nic {
            load,
            meter,
            descriptors,
            phases,
            ring: VecDeque::with_capacity(descriptors),
            lent: 0,
            offered: (0, 0),
            due: 0.0,
            worked: 0,
            leapt: 0,
            mark: None,
            done: Cell::new(0),
            counters: SourceCounters::default(),
            bytes: Vec::with_capacity(BURST * 2048),
            between,
        }
    }

    fn now(&self) -> u64 {
        let done = match self.meter {
            Meter::Cpu => 0,
            Meter::Frame(nanos) => self.done.get() * nanos,
        };
        self.worked + self.leapt + done
    }

    /// The lane has worked since `mark`.
    fn account(&mut self) {
        if let (Meter::Cpu, Some(mark)) = (self.meter, self.mark) {
            self.worked += ((cpu() - mark) * 1e9).max(0.0) as u64;
        }
    }

    /// Which phase a moment is in; `None` behind the last.
    fn phase(&self, at: u64) -> Option<usize> {
        let mut end = 0;
        self.phases.iter().position(|p| {
            end += p.nanos;
            at < end
        })
    }

    /// Lets come what is due.
    fn inject(&mut self) {
        let now = self.now();
        while (self.due as u64) <= now {
            let Some(phase) = self.phase(self.due as u64) else { return };
            let number = self.offered.0;
            let Some(frame) = self.load.frame((number % self.load.len().max(1) as u64) as usize) else {
                return;
            };
            let len = frame.data.len();
            if self.ring.len() < self.descriptors {
                self.ring.push_back((number, self.due as u64));
            } else {
                self.counters.dropped += 1;
            }
            self.offered.0 += 1;
            self.offered.1 += len as u64;
            self.due += len as f64 / self.phases[phase].rate;
        }
    }

    /// Copies the next burst out of the load, each lap under other addresses.
    fn burst(&mut self) -> Vec<(u64, usize, usize)> {
        self.bytes.clear();
        let laps = self.load.len().max(1) as u64;
        let mut burst = Vec::with_capacity(BURST);
        for &(number, due) in self.ring.iter().take(BURST) {
            let Some(frame) = self.load.frame((number % laps) as usize) else { break };
            let start = self.bytes.len();
            self.bytes.extend_from_slice(frame.data);
            let lap = (number / laps % 200) as u8;
            for at in [start + 26, start + 30] {
                if let Some([10, net @ 16, ..]) = self.bytes.get_mut(at..at + 4) {
                    *net = net.wrapping_add(lap);
                }
            }
            burst.push((due, start, frame.data.len()));
        }
        burst
    }
}

impl Source for Nic<'_> {
    fn poll(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError> {
        self.account();
        self.inject();
        self.ring.drain(..self.lent);
        self.lent = 0;
        let (now, ring) = (self.now(), self.ring.len());
        let phase = self.phase(now).unwrap_or(self.phases.len());
        (self.between)(Moment { now, worked: now - self.leapt, phase, offered: self.offered, ring });
        if ring == 0 {
            let more = self.phase(self.due as u64).is_some();
            self.mark = Some(cpu());
            return Ok(if more { Polled::Idle } else { Polled::End });
        }
        let burst = self.burst();
        let (link, vlan) = (weir_wire::LinkType::ETHERNET, None);
        let frames: Vec<Frame<'_>> = burst
            .iter()
            .map(|&(due, start, len)| Frame {
                time: Timestamp::from_nanos(START + due),
                link,
                wire_len: len as u32,
                vlan,
                data: &self.bytes[start..start + len],
            })
            .collect();
        let begun = cpu();
        lend(&frames);
        if self.meter == Meter::Cpu {
            self.worked += ((cpu() - begun) * 1e9) as u64;
        }
        self.lent = frames.len();
        self.counters.frames += frames.len() as u64;
        self.counters.bytes += frames.iter().map(|f| f.data.len() as u64).sum::<u64>();
        self.mark = Some(cpu());
        Ok(Polled::Frames(self.lent))
    }

    fn wait(&mut self, at_most: Duration) {
        self.account();
        let until = (self.due as u64).saturating_sub(self.now());
        self.leapt += until.min(at_most.as_nanos() as u64);
        self.mark = Some(cpu());
    }

    fn backlog(&self) -> Option<f32> {
        self.done.set(self.counters.frames.min(self.done.get() + BURST as u64));
        Some(self.ring.len() as f32 / self.descriptors.max(1) as f32)
    }

    fn counters(&self) -> SourceCounters {
        self.counters
    }
}
