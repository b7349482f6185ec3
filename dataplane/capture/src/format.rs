//! What both capture formats have in common: they are stepped through, record by record.

use crate::{KeyLog, error::describe, pcap::Pcap, pcapng::Pcapng, window::Window};
use std::ops::Range;
use weir_wire::{LinkType, Timestamp};

/// No record may claim more captured bytes than this, whatever its capture's snap length says.
pub(crate) const LARGEST: usize = 16 << 20;
/// Every record may claim this much, however small its capture's snap length.
pub(crate) const COMMON: usize = 256 << 10;

/// Captured bytes a record may claim where its capture declares `snaplen` (0: none).
pub(crate) fn bound(snaplen: u32) -> usize {
    (snaplen as usize).clamp(COMMON, LARGEST)
}

/// A frame inside the window: its fields, and where its bytes are from the start of its record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Record {
    pub(crate) time: Timestamp,
    pub(crate) link: LinkType,
    pub(crate) wire_len: u32,
    pub(crate) data: Range<usize>,
}

/// What stands at the front of the window.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// A frame; its record is so many bytes long.
    Frame(Record, usize),
    /// So many bytes without a frame, not all of them necessarily read yet.
    Pass(u64),
    /// Something that takes at least so many bytes; more than there are.
    Need(usize),
    /// Nothing that can be.
    Break(&'static str),
}

/// A recognised capture format and the state of reading it.
pub(crate) enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

impl Format {
    /// Recognises the format of what `window` begins with, and passes over a classic header.
    /// `Ok(None)`: it begins right, but ends inside the header. `Err` says what was found instead.
    pub(crate) fn detect(window: &mut Window) -> Result<Option<Self>, String> {
        window.fill(Pcap::HEADER);
        let bytes = window.bytes();
        let Some(magic) = bytes.first_chunk::<4>() else { return Err(describe(bytes)) };
        if *magic == Pcapng::MAGIC {
            return Ok(Some(Format::Pcapng(Pcapng::new())));
        }
        if !Pcap::knows(*magic) {
            return Err(describe(&bytes[..bytes.len().min(Pcap::HEADER)]));
        }
        let found = Pcap::new(bytes).map(Format::Pcap);
        if found.is_some() {
            window.consume(Pcap::HEADER as u64);
        }
        Ok(found)
    }

    /// Reads what stands at the front of `bytes`.
    pub(crate) fn step(&mut self, bytes: &[u8]) -> Step {
        match self {
            Format::Pcap(p) => p.step(bytes),
            Format::Pcapng(p) => p.step(bytes),
        }
    }

    /// Key logs met since the last call, under an empty file name, and the bytes of those not kept.
    pub(crate) fn take_key_logs(&mut self) -> (Vec<KeyLog>, usize) {
        match self {
            Format::Pcap(_) => (Vec::new(), 0),
            Format::Pcapng(p) => p.take_key_logs(),
        }
    }
}

/// The byte order of a file or section.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    Little,
    Big,
}

impl Order {
    /// Two bytes at `at`; zero behind the end, which callers rule out by length first.
    pub(crate) fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let raw = bytes.get(at..).and_then(|b| b.first_chunk()).copied().unwrap_or_default();
        match self {
            Order::Little => u16::from_le_bytes(raw),
            Order::Big => u16::from_be_bytes(raw),
        }
    }
    /// Four bytes at `at`; zero behind the end, which callers rule out by length first.
    pub(crate) fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let raw = bytes.get(at..).and_then(|b| b.first_chunk()).copied().unwrap_or_default();
        match self {
            Order::Little => u32::from_le_bytes(raw),
            Order::Big => u32::from_be_bytes(raw),
        }
    }
}
