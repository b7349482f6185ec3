//! A workload in memory, ready to be fed to a stage.

use crate::workload::Workload;
use weir_wire::{Frame, LinkType, Timestamp};

/// Frames of a burst: what sources lend at most.
const BURST: usize = 32;

/// Frames in one buffer, as a capture holds them.
#[derive(Debug, Default)]
pub struct Load {
    bytes: Vec<u8>,
    frames: Vec<(Timestamp, usize, usize)>,
}

impl Load {
    /// A workload with so many connections.
    pub fn of(workload: Workload, connections: usize) -> Load {
        let mut load = Load::default();
        workload.frames(connections, |time, f| load.push(time, f));
        load
    }
    /// Adds a frame.
    pub fn push(&mut self, time: Timestamp, frame: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(frame);
        self.frames.push((time, start, frame.len()));
    }
    /// The n-th frame.
    pub fn frame(&self, n: usize) -> Option<Frame<'_>> {
        let &(time, start, len) = self.frames.get(n)?;
        let data = &self.bytes[start..start + len];
        Some(Frame { time, link: LinkType::ETHERNET, wire_len: len as u32, vlan: None, data })
    }
    /// The frames in bursts, as a source lends them.
    pub fn bursts(&self, mut each: impl FnMut(&[Frame<'_>])) {
        let mut burst = Vec::with_capacity(BURST);
        for n in 0..self.len() {
            burst.extend(self.frame(n));
            if burst.len() == BURST {
                each(&burst);
                burst.clear();
            }
        }
        if !burst.is_empty() {
            each(&burst);
        }
    }
    /// Captured bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }
    /// Frames.
    pub fn len(&self) -> usize {
        self.frames.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }
    /// The frames in order.
    pub fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        (0..self.len()).filter_map(|n| self.frame(n))
    }
}
