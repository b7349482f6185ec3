//! Room for bursts: frames that the source needs its own room back from, in memory that was reserved at the start.

use crate::lane::Lane;
use smallvec::SmallVec;
use std::collections::VecDeque;
use weir_wire::{Frame, LinkType, Timestamp};

/// Bytes reserved for each frame: more than the average on any mirror worth the name; only what is used is touched.
const BYTES: usize = 1024;
/// Frames given to the lane together.
const BURST: usize = 32;
/// What one poll of a source may bring at most (see `weir_capture::Source::poll`): a MiB, and the frame that passed it.
const POLL_BYTES: usize = (1 << 20) + (256 << 10);
/// The same in frames.
const POLL_FRAMES: usize = 256;

struct Held {
    time: Timestamp,
    link: LinkType,
    wire_len: u32,
    vlan: Option<u16>,
    start: usize,
    len: usize,
}

/// A bounded queue of copied frames. Bytes lie one after the other in one ring.
pub(crate) struct Spill {
    bytes: Vec<u8>,
    frames: VecDeque<Held>,
    capacity: usize,
    /// Where the next frame's bytes go.
    tail: usize,
    peak: usize,
}

impl Spill {
    /// For so many frames; none at all for 0.
    pub(crate) fn new(capacity: usize) -> Self {
        // What a poll may bring comes on top, twice, as a frame that does not fit at the end of the ring leaves what is there.
        let room = if capacity == 0 { 0 } else { capacity * BYTES + 2 * POLL_BYTES };
        Spill { bytes: vec![0; room], frames: VecDeque::with_capacity(capacity), capacity, tail: 0, peak: 0 }
    }
    pub(crate) fn len(&self) -> usize {
        self.frames.len()
    }
    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }
    /// Most frames held so far.
    pub(crate) fn peak(&self) -> usize {
        self.peak
    }
    /// Bytes in use, with what was left over at the end of the ring.
    fn used(&self) -> usize {
        match self.frames.front() {
            None => 0,
            Some(first) if self.tail > first.start => self.tail - first.start,
            Some(first) => self.bytes.len() - first.start + self.tail,
        }
    }
    /// How full it is, from 0.0 to 1.0, by frames or by bytes.
    pub(crate) fn fill(&self) -> f32 {
        let share = |n: usize, of: usize| n as f32 / of.max(1) as f32;
        share(self.len(), self.capacity).max(share(self.used(), self.capacity * BYTES)).min(1.0)
    }
    /// Whether all that one poll may bring fits.
    pub(crate) fn takes_a_poll(&self) -> bool {
        self.len() + POLL_FRAMES <= self.capacity && self.used() + 2 * POLL_BYTES <= self.bytes.len()
    }

    /// Copies a frame in; `false` where there is no room.
    #[must_use]
    pub(crate) fn push(&mut self, frame: &Frame<'_>) -> bool {
        let len = frame.data.len();
        // A frame without bytes takes one all the same, so that no two begin at the same place.
        let taken = len.max(1);
        let Some(start) = self.place(taken).filter(|_| self.len() < self.capacity) else { return false };
        self.bytes[start..start + len].copy_from_slice(frame.data);
        self.tail = start + taken;
        let Frame { time, link, wire_len, vlan, .. } = *frame;
        self.frames.push_back(Held { time, link, wire_len, vlan, start, len });
        self.peak = self.peak.max(self.len());
        true
    }
    /// Where `len` bytes in a row are free. One byte always stays free, so that full and empty differ.
    fn place(&self, len: usize) -> Option<usize> {
        match self.frames.front() {
            None => (len < self.bytes.len()).then_some(0),
            Some(first) if self.tail > first.start => match self.tail + len < self.bytes.len() {
                true => Some(self.tail),
                false => (len < first.start).then_some(0),
            },
            Some(first) => (self.tail + len < first.start).then_some(self.tail),
        }
    }
    /// Gives the lane the frames that have waited longest, one burst of them.
    pub(crate) fn feed(&mut self, lane: &mut Lane) {
        let lent = |h: &Held| Frame {
            time: h.time,
            link: h.link,
            wire_len: h.wire_len,
            vlan: h.vlan,
            data: self.bytes.get(h.start..h.start + h.len).unwrap_or_default(),
        };
        let burst: SmallVec<[Frame<'_>; BURST]> = self.frames.iter().take(BURST).map(lent).collect();
        lane.burst(&burst);
        let fed = burst.len();
        self.frames.drain(..fed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(n: u64, data: &[u8]) -> Frame<'_> {
        let (time, link) = (Timestamp::from_nanos(n), LinkType::ETHERNET);
        Frame { time, link, wire_len: data.len() as u32, vlan: None, data }
    }

    /// Against a plain queue of copies: nothing is lost, changed or reordered, whatever the lengths.
    #[test]
    fn keeps_frames_as_a_plain_queue_would() {
        let mut spill = Spill::new(64);
        spill.bytes.truncate(5_000);
        let mut plain: VecDeque<(u64, Vec<u8>)> = VecDeque::new();
        let mut state = 7u64;
        for n in 0..100_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let len = (state >> 33) as usize % 900;
            if state >> 63 == 0 {
                let data = vec![n as u8; len];
                if spill.push(&frame(n, &data)) {
                    plain.push_back((n, data));
                }
            } else if let Some((n, data)) = plain.pop_front() {
                let h = &spill.frames[0];
                assert_eq!((h.time.nanos(), &spill.bytes[h.start..h.start + h.len]), (n, &data[..]));
                spill.frames.pop_front();
            }
            assert_eq!(spill.len(), plain.len());
            assert!(spill.used() >= plain.iter().map(|(_, d)| d.len()).sum() && spill.fill() <= 1.0);
        }
        assert!(spill.peak() > 5);
    }

    #[test]
    fn without_room_takes_nothing() {
        let mut none = Spill::new(0);
        assert!(!none.takes_a_poll() && !none.push(&frame(0, &[1])) && none.is_empty());
        let mut few = Spill::new(2);
        assert!(few.push(&frame(0, &[])) && few.push(&frame(1, &[1])) && !few.push(&frame(2, &[2])));
    }
}
