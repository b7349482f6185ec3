//! Frames of Initial packets (RFC 9000, 12.4 and 19), and the handshake's bytes put in order.

use crate::reader::Reader;
use std::ops::Range;

/// Bytes of a direction's handshake that are put together: hellos with keys of post-quantum methods have some 2 KiB.
const MAX_HELLO: usize = 8 * 1024;
/// Pieces apart from each other; a hello is cut into some tens at most, on purpose.
const MAX_PIECES: usize = 64;

const PADDING: u64 = 0;
const PING: u64 = 1;
const ACK: u64 = 2;
const ACK_ECN: u64 = 3;
const CRYPTO: u64 = 6;
const CLOSE: u64 = 0x1c;

/// Hands out the pieces of CRYPTO frames; what may not stand in such a packet ends it.
pub(super) fn each(text: &[u8], mut out: impl FnMut(u64, &[u8])) {
    let mut r = Reader(text);
    while let Some(()) = next(&mut r, &mut out) {}
}

fn next(r: &mut Reader<'_>, out: &mut impl FnMut(u64, &[u8])) -> Option<()> {
    match r.varint()? {
        PADDING | PING => {}
        kind @ (ACK | ACK_ECN) => {
            r.varint()?;
            r.varint()?;
            let ranges = r.varint()?;
            r.varint()?;
            // Each takes two bytes at least: the packet's end ends a lie.
            for _ in 0..ranges {
                r.varint()?;
                r.varint()?;
            }
            if kind == ACK_ECN {
                for _ in 0..3 {
                    r.varint()?;
                }
            }
        }
        CRYPTO => {
            let (offset, len) = (r.varint()?, usize::try_from(r.varint()?).ok()?);
            out(offset, r.take(len)?);
        }
        CLOSE => {
            r.varint()?;
            r.varint()?;
            let reason = usize::try_from(r.varint()?).ok()?;
            r.take(reason)?;
        }
        _ => return None,
    }
    Some(())
}

/// The handshake's bytes of one direction, as far as they came.
#[derive(Default)]
pub(super) struct Crypto {
    bytes: Vec<u8>,
    /// What of them came, in order, none touching another.
    have: Vec<Range<usize>>,
    /// Where the first message begins that was not passed over.
    from: usize,
}

impl Crypto {
    /// Adds a piece; one beyond the bound is passed over.
    pub(super) fn add(&mut self, offset: u64, piece: &[u8]) {
        let Ok(start) = usize::try_from(offset) else { return };
        let Some(end) = start.checked_add(piece.len()).filter(|end| *end <= MAX_HELLO) else { return };
        if piece.is_empty() || self.have.len() >= MAX_PIECES {
            return;
        }
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[start..end].copy_from_slice(piece);
        let (mut whole, mut apart) = (start..end, Vec::with_capacity(self.have.len() + 1));
        for range in self.have.drain(..) {
            if range.end < whole.start || range.start > whole.end {
                apart.push(range);
            } else {
                whole = range.start.min(whole.start)..range.end.max(whole.end);
            }
        }
        let at = apart.partition_point(|r| r.start < whole.start);
        apart.insert(at, whole);
        self.have = apart;
    }

    /// The body of the next message, where it is all there and of this kind.
    pub(super) fn message(&self, kind: u8) -> Option<&[u8]> {
        let first = self.have.first().filter(|r| r.start == 0)?;
        let mut r = Reader(self.bytes.get(self.from..first.end)?);
        if r.u8()? != kind {
            return None;
        }
        Some(r.vec24()?.0)
    }

    /// Passes over that message.
    pub(super) fn pass(&mut self) {
        let length = Reader(self.bytes.get(self.from + 1..).unwrap_or_default()).u24();
        self.from += 4 + length.unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_in_any_order() {
        let message = [&[1, 0, 0, 6][..], b"abcdef"].concat();
        for order in [[0usize, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3], [1, 1, 3, 3, 0]] {
            let mut crypto = Crypto::default();
            for n in order {
                crypto.add(2 * n as u64, &message[2 * n..2 * n + 2]);
            }
            let whole = order.iter().collect::<std::collections::BTreeSet<_>>().len() == 5;
            assert_eq!(crypto.message(1), whole.then_some(&b"abcdef"[..]), "{order:?}");
            assert_eq!(crypto.message(2), None);
        }
        let mut crypto = Crypto::default();
        crypto.add(MAX_HELLO as u64, b"a");
        crypto.add(u64::MAX, b"a");
        assert!(crypto.bytes.is_empty());
    }
}
