//! A workload in memory, ready to be fed to a stage.

use crate::mix::Mix;
use weir_wire::{Frame, LinkType, Timestamp};

/// Frames in one buffer, as a capture holds them.
#[derive(Debug, Default)]
pub struct Load {
    bytes: Vec<u8>,
    frames: Vec<(Timestamp, usize, usize)>,
}

impl Load {
    /// Makes a workload.
    pub fn of(mix: &Mix) -> Load {
        let mut load = Load::default();
        mix.frames(|time, f| {
            let start = load.bytes.len();
            load.bytes.extend_from_slice(f);
            load.frames.push((time, start, f.len()));
        });
        load
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
        self.frames.iter().map(|&(time, start, len)| Frame {
            vlan: None,
            time,
            link: LinkType::ETHERNET,
            wire_len: len as u32,
            data: &self.bytes[start..start + len],
        })
    }
}
