//! HTTP/2 in clear (RFC 9113) with HPACK (RFC 7541): by prior knowledge, and after `Upgrade: h2c` of HTTP/1.1 (RFC 7540, 3.2).
//!
//! ```text
//! of each direction (direction.rs)                                                       of both (streams.rs)
//!
//!  Start --> Preface --.                    .-- HEADERS, PUSH_PROMISE, CONTINUATION --> block --HPACK--> fields --> head
//!      '-------------> Header --.-- Gather -+-- RST_STREAM, GOAWAY -----------------------------------> streams end
//!                       ^  ^    |-- PadLength --> Data ------------------------------------------------> body, end
//!        chain of frames|  |    '-- Skip: SETTINGS, PING, WINDOW_UPDATE, PRIORITY, extensions               |
//!                    Search '---------------- end of the frame ------------------------------------------'
//!                       ^-- gap beyond the frame, bytes that are no frame: the table is forgotten
//! ```
//!
//! | file | what |
//! |---|---|
//! | `frame` | frame headers, what is lawful, where a chain of frames begins |
//! | `huffman`, `statics`, `hpack` | field blocks to field lists, with tables known wholly or in part |
//! | `head` | pseudo fields, what is irregular in a list |
//! | `direction`, `connection`, `fields` | state of a direction, and its steps |
//! | `streams` | exchanges |
//!
//! # Policies
//! - **Nothing is copied** of bodies; frames of fields that lie whole in an event are read in place. The result does not depend on the segmentation.
//! - **Heads.** `:method` and `:path` become method and target, `:authority` the field `Host` in front of the others (a `host` field of
//!   another value is noted, `bad-host`). CONNECT has its authority as target; an extended CONNECT (RFC 8441) its path. `:scheme` is what
//!   the client believes and says nothing of this link: the scheme told is what carries it. Promised requests are told as the client's.
//! - **Interim responses**, trailers, and fields of promises are told as such; the status of gRPC stands in the trailers.
//! - **Start midway, gaps.** A gap inside a DATA frame is part of the body. Behind any other, frames are found again by a chain of headers
//!   that fit each other, and the HPACK table is forgotten: what the static table, literals and later entries give is told; an
//!   index to what was not seen gives `unknown-header-field`, and a request whose method or path is unknown is not told: its response is
//!   alone. Nothing is guessed.
//! - **Flow control** is ignored, as are settings: a sender says in its blocks when it changes its table (RFC 7541, 4.2).
//! - **Smuggling** into HTTP/1 behind a gateway: `transfer-encoding`, a `content-length` that the frames belie, and line ends in values are noted.
//! - **Tunnels** (CONNECT): the bytes are booked as tunnelled.
//!
//! # Bounds
//! Of a connection: 128 open streams of 80 bytes (beyond, the oldest is given up: `pipeline-too-long`); per direction a table of
//! 64 KiB at most (4 KiB unless its sender asks for more), with as much again for entries evicted and not yet cleared away,
//! 64 KiB of a frame or block being gathered, or 32 KiB searched. A field list is told up to 16 KiB and 256 fields
//! (`head-too-long`), a block read up to 64 KiB. That is 0.5 MiB at worst and under 1 KiB before the first request.
//! Floods (requests taken back, empty frames, continuations) are noted and cost their sender's own bytes only.
//!
//! # Weaknesses
//! - A block beyond 64 KiB is not read, and what it added to the table is unknown from then on.
//! - After a gap, a body that holds a chain of frames (a capture sent over HTTP/2) may be taken for one.
//! - A connection picked up midway is found at the front of a segment, by two frames in a row or one that ends with it.
//! - Frames above 16 KiB, which need a setting, do not count for finding frames again.
mod connection;
mod direction;
mod fields;
mod frame;
mod head;
mod hpack;
mod huffman;
mod statics;
mod streams;

pub(crate) use connection::Connection;

use crate::{Found, Parser, Protocol, Verdict};
use memchr::memmem;
use weir_wire::Side;

/// HTTP/2 in clear.
#[derive(Clone, Copy, Default, Debug)]
pub struct Http2;

impl Protocol for Http2 {
    fn name(&self) -> &'static str {
        "http/2"
    }
    fn recognise(&self, _side: Side, first: &[u8]) -> Verdict {
        let n = first.len().min(frame::PREFACE.len());
        if first[..n] == frame::PREFACE[..n] {
            return if n == frame::PREFACE.len() { Verdict::Yes } else { Verdict::More };
        }
        settings(first)
    }
    fn find(&self, bytes: &[u8]) -> Found {
        if frame::at_front(bytes) {
            return Found::At(0);
        }
        memmem::find(bytes, frame::PREFACE).map_or(Found::Nothing, Found::At)
    }
    fn open(&self, from_start: bool) -> Box<dyn Parser + Send> {
        Box::new(Connection::new(from_start))
    }
}

/// A server begins with SETTINGS (RFC 9113, 3.4); it may be seen before the client's preface.
fn settings(first: &[u8]) -> Verdict {
    let mut header = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    let Some(length @ 0..=96) = first.get(2).or(Some(&0)).copied() else { return Verdict::No };
    header[2] = length;
    let n = first.len().min(header.len());
    if first[..n] != header[..n] || !length.is_multiple_of(6) {
        return Verdict::No;
    }
    if n == header.len() { Verdict::Yes } else { Verdict::More }
}
