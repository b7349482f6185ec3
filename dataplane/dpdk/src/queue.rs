//! One receive queue as a source of frames.

use crate::{
    raw::{
        burst::{Burst, StampField, View},
        nic, thread,
    },
    report::Told,
    shared::{Shared, State},
    stamp::{self, HostClock, Stamps},
};
use std::{
    ops::Range,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use weir_capture::{BURST, Notice, Polled, Source, SourceCounters, SourceError};
use weir_wire::{Frame, LinkType, Timestamp};

/// Frames one poll lends at most.
const POLL: usize = 256;
/// Bytes after which one poll lends no further burst.
const POLL_BYTES: u64 = 1 << 20;
/// Longest frame lent; no wire carries longer.
const LONGEST: u32 = 64 << 10;
/// Idle waits in a row that only spin: a burst often has a second one close behind it.
const SPINS: u32 = 64;
/// Smallest frame with its gaps on the wire, in bits.
const WIRE_BITS: u64 = 84 * 8;

const NOTHING: Frame<'static> =
    Frame { time: Timestamp::from_nanos(0), link: LinkType::ETHERNET, wire_len: 0, vlan: None, data: &[] };

/// A receive queue. Belongs to one lane at a time; dropping it gives it back to the runtime.
pub struct Queue {
    shared: Arc<Shared>,
    index: u16,
    descriptors: u16,
    /// Out of its place during a poll: should a lane panic, the buffers go back before the gate is left.
    burst: Option<Box<Burst>>,
    /// Frames of several segments, one behind the other, for the length of one burst.
    flat: Vec<u8>,
    clock: HostClock,
    stamp_field: Option<StampField>,
    stamps: Stamps,
    stamps_seen: u32,
    counters: SourceCounters,
    notices: Vec<Notice>,
    idle: u32,
    told: Once,
}

/// What a queue tells only once.
#[derive(Default)]
struct Once {
    joined: bool,
    disbelieved: bool,
    cut: bool,
    jumps: u64,
}

impl Queue {
    /// Of a port; the queue was taken with `Shared::hold`.
    pub(crate) fn new(
        shared: Arc<Shared>,
        index: u16,
        descriptors: u16,
        stamp_field: Option<StampField>,
    ) -> Queue {
        Queue {
            index,
            descriptors,
            burst: None,
            flat: Vec::new(),
            clock: HostClock::new(nic::ticks_per_second()),
            stamp_field,
            stamps: shared.stamps(),
            stamps_seen: shared.stamps_changed.load(Ordering::Acquire),
            counters: SourceCounters::default(),
            notices: Vec::new(),
            idle: 0,
            told: Once::default(),
            shared,
        }
    }

    /// The port's name, as `dpdk:0000:01:00.0`.
    pub fn port(&self) -> &str {
        &self.shared.name
    }

    /// Its number within the port. Queue 0 also carries the port's losses and notices, so that sums over queues are right.
    pub fn index(&self) -> u16 {
        self.index
    }

    /// Lends one burst; frames and bytes.
    fn lend(&mut self, burst: &mut Burst, got: usize, lend: &mut dyn FnMut(&[Frame<'_>])) -> (usize, u64) {
        let now = self.clock.at(nic::ticks(), stamp::system);
        let mut ranges: [Range<usize>; BURST] = [const { 0..0 }; BURST];
        self.flat.clear();
        let mut bad = 0;
        for (i, range) in ranges.iter_mut().enumerate().take(got) {
            let Some(view) = burst.view(i) else { break };
            bad += u64::from(view.bad_checksum);
            if view.segments > 1 {
                let from = self.flat.len();
                *range = from..from + view.append_to(&mut self.flat, LONGEST);
            }
        }
        let mut frames = [NOTHING; BURST];
        let mut bytes = 0;
        let (mut copied, mut cut, mut disbelieved) = (0, false, false);
        for (i, frame) in frames.iter_mut().enumerate().take(got) {
            let Some(view) = burst.view(i) else { break };
            let data = if view.segments > 1 {
                copied += 1;
                cut |= view.len > LONGEST;
                &self.flat[ranges[i].clone()]
            } else {
                view.data
            };
            let time = frame_time(&self.stamps, &view, now).unwrap_or_else(|| {
                disbelieved |= view.stamp.is_some() && self.stamps != Stamps::Host;
                now
            });
            bytes += data.len() as u64;
            // Priority and drop bits are not part of the identifier.
            *frame =
                Frame { time, wire_len: view.len, vlan: view.vlan.map(|tci| tci & 0xfff), data, ..NOTHING };
        }
        lend(&frames[..got]);
        burst.release();
        self.account(got as u64, bytes, bad, copied);
        self.tell_once(cut, disbelieved);
        (got, bytes)
    }

    fn account(&mut self, frames: u64, bytes: u64, bad: u64, copied: u64) {
        self.counters.frames += frames;
        self.counters.bytes += bytes;
        self.shared.frames.fetch_add(frames, Ordering::Relaxed);
        if bad > 0 {
            self.shared.bad_checksums.fetch_add(bad, Ordering::Relaxed);
        }
        if copied > 0 {
            self.shared.copied.fetch_add(copied, Ordering::Relaxed);
        }
    }

    fn tell_once(&mut self, cut: bool, disbelieved: bool) {
        if cut && !std::mem::replace(&mut self.told.cut, true) {
            self.shared.tell(&Told::CutFrames);
        }
        if disbelieved && !std::mem::replace(&mut self.told.disbelieved, true) {
            self.shared.tell(&Told::TimesDisbelieved);
        }
        if self.clock.jumps > std::mem::replace(&mut self.told.jumps, self.clock.jumps) && self.index == 0 {
            self.shared.tell(&Told::ClockJumped);
        }
    }

    /// What changed about the port since the last poll.
    fn catch_up(&mut self) {
        if self.index == 0 {
            self.shared.hear(&mut self.notices);
            self.counters.dropped = self.shared.dropped.load(Ordering::Relaxed);
            self.counters.damaged = self.shared.damaged.load(Ordering::Relaxed);
        }
        let changed = self.shared.stamps_changed.load(Ordering::Acquire);
        if changed != std::mem::replace(&mut self.stamps_seen, changed) {
            self.stamps = self.shared.stamps();
        }
    }
}

/// A frame's time by its own stamp.
fn frame_time(stamps: &Stamps, view: &View<'_>, now: Timestamp) -> Option<Timestamp> {
    view.stamp.and_then(|stamp| stamps.time(stamp, || now))
}

impl Source for Queue {
    /// # Errors
    /// The card was removed. A port that is being restarted is idle; after the runtime was stopped the source is at its end.
    fn poll(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError> {
        self.catch_up();
        let shared = Arc::clone(&self.shared);
        let _inside = match shared.enter(self.index) {
            Ok(pass) => pass,
            Err(State::Ended) => return Ok(Polled::End),
            Err(State::Removed) => {
                let (en, zh) = (Told::Removed.to_string(), Told::Removed.zh());
                return Err(SourceError::Live { source_name: self.shared.name.clone(), en, zh });
            }
            Err(State::Shut | State::Open) => return Ok(Polled::Idle),
        };
        if !std::mem::replace(&mut self.told.joined, true) && !thread::join() {
            self.shared.tell(&Told::NoCache);
        }
        let mut burst = self.burst.take().unwrap_or_else(|| Box::new(Burst::new()));
        let (mut frames, mut bytes) = (0, 0);
        while frames < POLL && bytes < POLL_BYTES {
            let got = burst.receive(self.shared.id, self.index, self.stamp_field);
            if got == 0 {
                break;
            }
            let lent = self.lend(&mut burst, got, lend);
            frames += lent.0;
            bytes += lent.1;
            if got < BURST {
                break;
            }
        }
        self.burst = Some(burst);
        if frames == 0 {
            return Ok(Polled::Idle);
        }
        self.idle = 0;
        Ok(Polled::Frames(frames))
    }

    /// Spins at first, then sleeps: at most as long as half of the descriptors take to fill at the link's rate with the
    /// smallest frames, and between 10 and 500 microseconds.
    fn wait(&mut self, at_most: Duration) {
        self.idle = self.idle.saturating_add(1);
        if self.idle < SPINS {
            (0..32).for_each(|_| std::hint::spin_loop());
            return;
        }
        let mbps = u64::from(self.shared.mbps.load(Ordering::Relaxed)).max(1);
        let fill = u64::from(self.descriptors) / 2 * WIRE_BITS / mbps;
        std::thread::sleep(at_most.min(Duration::from_micros(fill.clamp(10, 500))));
    }

    /// Of the descriptors, those that hold a frame. Unknown for most virtual devices.
    fn backlog(&self) -> Option<f32> {
        let _inside = self.shared.enter(self.index).ok()?;
        let waiting = nic::waiting(self.shared.id, self.index)?;
        Some((waiting as f32 / f32::from(self.descriptors.max(1))).min(1.0))
    }

    fn counters(&self) -> SourceCounters {
        let mut counters = self.counters;
        if self.index == 0 {
            counters.dropped = self.shared.dropped.load(Ordering::Relaxed);
            counters.damaged = self.shared.damaged.load(Ordering::Relaxed);
        }
        counters
    }

    fn notices(&self) -> &[Notice] {
        &self.notices
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.shared.let_go(self.index);
    }
}
