//! One direction of a connection.

use crate::cipher::Opener;
use crate::keys::Secret;
use crate::record::{HEADER, RecordHeader};
use crate::seek::Lost;
use std::mem;

/// Longest handshake message that is put together: chains of certificates are long.
const MAX_MESSAGE: usize = 128 * 1024;

/// One direction: bytes that wait, and what opens them.
#[derive(Default)]
pub(crate) struct Direction {
    /// Bytes of an unfinished record, or of records that wait for a key or for the other direction.
    pub(crate) held: Vec<u8>,
    /// Bytes of an unfinished handshake message.
    pub(crate) messages: Vec<u8>,
    /// Records are encrypted from here on.
    pub(crate) sealed: bool,
    pub(crate) opener: Option<Opener>,
    /// The traffic secret that `opener` is of, once the handshake is over (TLS 1.3).
    pub(crate) secret: Option<Secret>,
    /// So many records may fail to open before the first that does: those of keys that were not given.
    pub(crate) tolerance: u32,
    /// Records that opened.
    pub(crate) opened: u64,
    /// The handshake is over here.
    pub(crate) finished: bool,
    /// Bytes are missing, and where the next record begins is not known.
    pub(crate) lost: Option<Lost>,
    pub(crate) ended: bool,
}

impl Direction {
    /// Adds the payload of a handshake record; `false` where a message claims more than its bound.
    pub(crate) fn gather(&mut self, payload: &[u8]) -> bool {
        self.messages.extend_from_slice(payload);
        self.messages.len() <= MAX_MESSAGE
    }

    /// The next whole handshake message: its type and body.
    pub(crate) fn message(&mut self) -> Option<(u8, Vec<u8>)> {
        let [kind, a, b, c, ..] = *self.messages.as_slice() else { return None };
        let end = 4 + (usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c));
        let body = self.messages.get(4..end)?.to_vec();
        if self.messages.len() == end {
            self.messages = Vec::new();
        } else {
            self.messages.drain(..end);
        }
        Some((kind, body))
    }

    /// Notes a gap of `len` bytes; gives back how many held bytes it makes useless.
    pub(crate) fn lose(&mut self, len: u64) -> u64 {
        let held = mem::take(&mut self.held);
        let dropped = held.len() as u64;
        if let Some(lost) = &mut self.lost {
            lost.again(dropped + len);
        } else {
            // Where the record's header was seen and all that is missing lies within it, its end is known.
            let whole =
                if held.len() >= HEADER { RecordHeader::read(&held).map(|h| HEADER + h.len) } else { None };
            let rest = whole.map_or(0, |whole| whole.saturating_sub(held.len()) as u64);
            self.lost = Some(Lost::new(dropped + len, rest.saturating_sub(len)));
        }
        self.messages.clear();
        dropped
    }
}
