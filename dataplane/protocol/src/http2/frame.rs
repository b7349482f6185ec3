//! Frames (RFC 9113, 4.1 and 6): their headers, what is lawful of them, and where a chain of them begins.

use crate::Found;
use memchr::memchr;

/// What a client begins with (RFC 9113, 3.4).
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Bytes of a frame header.
pub(super) const HEADER: usize = 9;
/// Longest frame unless a setting says otherwise (RFC 9113, 6.5.2).
const DEFAULT_LENGTH: u32 = 16_384;
/// Frames of unknown type are believed up to this length.
const MAX_UNKNOWN: u32 = 1 << 20;
/// Frames in a row that are believed to be some wherever they stand.
const CHAIN: usize = 3;

pub(super) const END_STREAM: u8 = 0x1;
pub(super) const ACK: u8 = 0x1;
pub(super) const END_HEADERS: u8 = 0x4;
pub(super) const PADDED: u8 = 0x8;
pub(super) const PRIORITY: u8 = 0x20;

/// Types of frames (RFC 9113, 6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Data,
    Headers,
    Priority,
    Reset,
    Settings,
    Push,
    Ping,
    GoAway,
    Window,
    Continuation,
    /// Of an extension: to be passed over (RFC 9113, 4.1).
    Other,
}

impl Kind {
    const fn of(byte: u8) -> Self {
        use Kind::{
            Continuation, Data, GoAway, Headers, Other, Ping, Priority, Push, Reset, Settings, Window,
        };
        const KINDS: [Kind; 10] =
            [Data, Headers, Priority, Reset, Settings, Push, Ping, GoAway, Window, Continuation];
        if (byte as usize) < KINDS.len() { KINDS[byte as usize] } else { Other }
    }
    /// Flags that mean something.
    const fn flags(self) -> u8 {
        match self {
            Kind::Data => END_STREAM | PADDED,
            Kind::Headers => END_STREAM | END_HEADERS | PADDED | PRIORITY,
            Kind::Push => END_HEADERS | PADDED,
            Kind::Settings | Kind::Ping => ACK,
            Kind::Continuation => END_HEADERS,
            _ => 0,
        }
    }
}

/// A frame header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Frame {
    pub length: u32,
    pub kind: Kind,
    pub flags: u8,
    pub stream: u32,
}

impl Frame {
    /// From its nine bytes.
    pub fn of(h: &[u8; HEADER]) -> Frame {
        Frame {
            length: u32::from_be_bytes([0, h[0], h[1], h[2]]),
            kind: Kind::of(h[3]),
            flags: h[4],
            stream: u32::from_be_bytes([h[5] & 0x7f, h[6], h[7], h[8]]),
        }
    }
    /// Whether the flag is set.
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
    /// Whether length and stream are such as its type may have.
    pub fn is_lawful(&self) -> bool {
        let (n, on_stream) = (self.length, self.stream != 0);
        match self.kind {
            Kind::Data => on_stream,
            Kind::Headers | Kind::Continuation => on_stream,
            Kind::Priority => on_stream && n == 5,
            Kind::Reset => on_stream && n == 4,
            Kind::Settings => !on_stream && n.is_multiple_of(6) && (!self.has(ACK) || n == 0),
            Kind::Push => on_stream && n >= 4,
            Kind::Ping => !on_stream && n == 8,
            Kind::GoAway => !on_stream && n >= 8,
            Kind::Window => n == 4,
            Kind::Other => n <= MAX_UNKNOWN,
        }
    }
    /// Whether it may be believed to be one where none is known to be due.
    fn is_likely(h: &[u8; HEADER]) -> bool {
        let frame = Frame::of(h);
        frame.is_lawful()
            && frame.kind != Kind::Other
            && frame.length <= DEFAULT_LENGTH
            && frame.flags & !frame.kind.flags() == 0
            && h[5] == 0
            && (frame.length > 0 || frame.flags != 0 || frame.kind == Kind::Settings)
    }
}

/// What stands at the front of some bytes.
enum Chain {
    /// So many likely frames, the last of which ends with the bytes where `whole`.
    Of {
        frames: usize,
        whole: bool,
    },
    Broken,
}

/// Follows likely frames from the front of `bytes`, at most [`CHAIN`] of them.
fn chain(bytes: &[u8]) -> Chain {
    let (mut at, mut frames) = (0, 0);
    while let Some(header) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        if !Frame::is_likely(header) {
            return Chain::Broken;
        }
        frames += 1;
        at += HEADER + Frame::of(header).length as usize;
        if frames == CHAIN {
            break;
        }
    }
    Chain::Of { frames, whole: at == bytes.len() }
}

/// Whether frames begin at the front of `bytes`: two in a row, or one that ends where the bytes end.
pub(super) fn at_front(bytes: &[u8]) -> bool {
    matches!(chain(bytes), Chain::Of { frames, whole } if frames >= 2 || (frames == 1 && whole))
}

/// Bytes in which more than one place is looked at where a frame may begin, at each event: a bound on the work.
const SHORT: usize = 4096;

/// Where the next frame begins in bytes of a connection that begin anywhere. What may be one is waited for, unless a chain behind it is sure.
pub(super) fn find(bytes: &[u8]) -> Found {
    let (mut at, mut perhaps) = (0, None);
    // The first byte of a likely frame is none, as it has 16 KiB at most.
    while let Some(n) = memchr(0, &bytes[at..]) {
        at += n;
        match chain(&bytes[at..]) {
            Chain::Of { frames, whole } if frames >= CHAIN || (frames >= 1 && whole) => return Found::At(at),
            Chain::Of { frames: 2, .. } if at == 0 => return Found::At(at),
            Chain::Of { .. } if bytes.len() > SHORT => return Found::Perhaps(perhaps.unwrap_or(at)),
            Chain::Of { .. } => {
                perhaps.get_or_insert(at);
            }
            Chain::Broken => {}
        }
        at += 1;
    }
    perhaps.map_or(Found::Nothing, Found::Perhaps)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: [u8; 17] = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
    const WINDOW: [u8; 13] = [0, 0, 4, 8, 0, 0, 0, 0, 3, 0, 0, 1, 0];

    #[test]
    fn lawful_frames() {
        for (header, want) in [
            ([0, 0, 4, 8, 0, 0, 0, 0, 0], true),
            ([0, 0, 5, 8, 0, 0, 0, 0, 0], false),
            ([0, 0, 0, 0, 1, 0, 0, 0, 0], false),
            ([0, 0, 7, 4, 0, 0, 0, 0, 0], false),
            ([0, 0, 6, 4, 1, 0, 0, 0, 0], false),
            ([0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e, 0x31, 0x20], false),
            ([0, 0, 9, 0xa, 0, 0, 0, 0, 0], true),
        ] {
            assert_eq!(Frame::of(&header).is_lawful(), want, "{header:?}");
        }
    }

    #[test]
    fn finds_chains() {
        let frames = [&PING[..], &WINDOW, &PING].concat();
        assert!(at_front(&frames) && at_front(&PING) && !at_front(&PING[..16]) && !at_front(&[0; 64]));
        assert!(!at_front(b"GET / HTTP/1.1\r\n"));
        for lead in [&b""[..], b"\0\0\0", b"the middle of a body"] {
            let bytes = [lead, &frames].concat();
            assert_eq!(find(&bytes), Found::At(lead.len()));
            // The first frame alone, and no end: more will tell.
            assert_eq!(find(&bytes[..lead.len() + 12]), Found::Perhaps(lead.len()));
        }
        assert_eq!(find(&[b'x'; 99]), Found::Nothing);
    }
}
