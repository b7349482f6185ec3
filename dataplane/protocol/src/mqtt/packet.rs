//! Control packets: type and flags, length of one to four bytes, the rest.

use crate::calls::Gathered;

/// Bytes kept of a packet.
const MAX: usize = 256 * 1024;

/// A packet, as far as it is kept.
pub(super) struct Packet {
    /// Type in the upper four bits, flags in the lower.
    pub(super) head: u8,
    pub(super) rest: Vec<u8>,
}

/// Bytes are no packets.
#[derive(Debug)]
pub(super) struct Broken;

/// Gathers the packets of one direction.
#[derive(Default)]
pub(super) struct Packets {
    head: Vec<u8>,
    body: Option<Gathered>,
    /// Bytes are missing, or broken: nothing more is read.
    pub(super) lost: bool,
}

impl Packets {
    /// How many of `bytes`, which are not empty, belong to the packet under way, and that packet where it ends with them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> (usize, Result<Option<Packet>, Broken>) {
        let mut taken = 0;
        if self.body.is_none() {
            while taken < bytes.len() && !self.is_measured() {
                self.head.push(bytes[taken]);
                taken += 1;
            }
            if self.head.len() > 5 || self.head.len() == 5 && !self.is_measured() {
                return (taken, Err(Broken));
            }
            if !self.is_measured() {
                return (taken, Ok(None));
            }
        }
        let length = self.head.iter().skip(1).rev().fold(0usize, |n, b| n << 7 | usize::from(b & 0x7f));
        let body = self.body.get_or_insert_with(|| Gathered::of(length));
        let (n, whole) = body.take(&bytes[taken..], MAX);
        if !whole {
            return (taken + n, Ok(None));
        }
        let rest = self.body.take().map(|b| b.bytes).unwrap_or_default();
        let head = self.head.first().copied().unwrap_or_default();
        self.head.clear();
        (taken + n, Ok(Some(Packet { head, rest })))
    }
    /// Forgets what is under way.
    pub(super) fn lose(&mut self) {
        *self = Packets { lost: true, ..Packets::default() };
    }
    /// Whether the length is all there.
    fn is_measured(&self) -> bool {
        self.head.len() > 1 && self.head.last().is_some_and(|b| b & 0x80 == 0)
    }
}

/// Reads a packet from its front.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    /// The next `n` bytes.
    pub(super) fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(front)
    }
    /// The next byte.
    pub(super) fn byte(&mut self) -> Option<u8> {
        self.bytes(1)?.first().copied()
    }
    /// The next two bytes as a number.
    pub(super) fn short(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.bytes(2)?.try_into().ok()?))
    }
    /// A text or bytes with two bytes of length before them.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let n = self.short()?;
        self.bytes(n.into())
    }
    /// Passes over properties (MQTT 5, 2.2.2).
    pub(super) fn properties(&mut self) -> Option<()> {
        let mut length = 0;
        for shift in [0, 7, 14, 21] {
            let b = self.byte()?;
            length |= usize::from(b & 0x7f) << shift;
            if b & 0x80 == 0 {
                return self.bytes(length).map(|_| ());
            }
        }
        None
    }
}
