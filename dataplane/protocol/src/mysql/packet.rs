//! Packets: three bytes of length, one of sequence number, payload.

use crate::calls::Gathered;

/// Bytes kept of a payload.
pub(super) const MAX: usize = 256 * 1024;

/// A packet, as far as it is kept.
pub(super) struct Packet {
    pub(super) sequence: u8,
    pub(super) payload: Vec<u8>,
    /// Length on the wire.
    pub(super) length: usize,
}

/// Gathers the packets of one direction.
#[derive(Default)]
pub(super) struct Packets {
    head: Vec<u8>,
    body: Option<Gathered>,
    /// Bytes are missing: the next packet is not known to begin where bytes do.
    lost: bool,
}

impl Packets {
    /// How many of `bytes`, which are not empty, belong to the packet under way, and that packet where it ends with them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> (usize, Option<Packet>) {
        let mut taken = 0;
        if self.body.is_none() {
            taken = (4 - self.head.len()).min(bytes.len());
            self.head.extend_from_slice(&bytes[..taken]);
            if self.head.len() < 4 {
                return (taken, None);
            }
        }
        let length = self.length();
        let body = self.body.get_or_insert_with(|| Gathered::of(length));
        let (n, whole) = body.take(&bytes[taken..], MAX);
        if !whole {
            return (taken + n, None);
        }
        let payload = self.body.take().map(|b| b.bytes).unwrap_or_default();
        let sequence = self.head.get(3).copied().unwrap_or_default();
        self.head.clear();
        (taken + n, Some(Packet { sequence, payload, length }))
    }

    fn length(&self) -> usize {
        match self.head[..] {
            [a, b, c, ..] => usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16,
            _ => 0,
        }
    }

    /// Bytes are missing.
    pub(super) fn gap(&mut self) {
        *self = Packets { lost: true, ..Packets::default() };
    }

    /// Whether `bytes` must be passed over: after a gap, until a command or the first packet of an answer begins them.
    pub(super) fn passes(&mut self, bytes: &[u8], first: u8) -> bool {
        if self.lost {
            let fits = matches!(bytes, [a, b, 0, s, rest @ ..]
                if *s == first && !rest.is_empty() && rest.len() >= usize::from(*a) | usize::from(*b) << 8);
            self.lost = !fits;
        }
        self.lost
    }
}

/// Reads a payload from its front.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    /// The next `n` bytes.
    pub(super) fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(front)
    }
    /// A number of so many bytes, the least first.
    pub(super) fn number(&mut self, bytes: usize) -> Option<u64> {
        Some(self.bytes(bytes)?.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
    }
    /// A length-encoded number; `None` also for NULL.
    pub(super) fn encoded(&mut self) -> Option<u64> {
        match self.number(1)? {
            n @ 0..=250 => Some(n),
            252 => self.number(2),
            253 => self.number(3),
            254 => self.number(8),
            _ => None,
        }
    }
    /// A length-encoded text; `None` also for NULL.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let n = self.encoded()?;
        self.bytes(usize::try_from(n).ok()?)
    }
    /// A text that a zero ends.
    pub(super) fn ended(&mut self) -> Option<&'a [u8]> {
        let n = self.0.iter().position(|b| *b == 0)?;
        let text = self.bytes(n)?;
        self.bytes(1)?;
        Some(text)
    }
}
