//! One direction of a connection.

use super::frame::{Frame, Kind};
use super::hpack::Decoder;
use weir_wire::Timestamp;

/// Where reading of a direction stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// Nothing came yet: a preface or a frame is due.
    Start,
    /// Within the preface; so many bytes of it came.
    Preface(usize),
    /// A frame header is due.
    Header,
    /// Within a payload that is read as a whole.
    Gather,
    /// The length of the padding of a DATA frame is due.
    PadLength,
    /// Within a DATA frame.
    Data,
    /// Within what is passed over.
    Skip,
    /// Looking for the next frame.
    Search,
}

/// A field block being gathered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Block {
    /// The stream of its frames.
    pub stream: u32,
    /// The stream that it is about.
    pub about: u32,
    /// It is a promised request.
    pub promise: bool,
    /// The half ends with it.
    pub ends: bool,
    /// When its first byte came.
    pub since: Timestamp,
}

/// What is kept of one direction.
#[derive(Debug)]
pub(super) struct Direction {
    pub state: State,
    /// The frame being read.
    pub frame: Frame,
    /// Bytes of its payload that are left.
    pub left: u32,
    /// Bytes of padding at the end of those.
    pub pad: u32,
    /// Bytes not booked yet: of a frame header, of a gathered payload, or of what may become a frame.
    pub kept: Vec<u8>,
    /// When the frame being read began.
    pub since: Timestamp,
    pub block: Option<Block>,
    /// Fragments of `block` so far.
    pub fragments: Vec<u8>,
    /// CONTINUATION frames of `block`.
    pub continued: u32,
    /// Frames in a row that carried nothing.
    pub idle: u32,
    pub hpack: Decoder,
    /// Bytes passed over since the last frame.
    pub searched: u32,
}

impl Direction {
    /// Before its first byte. `from_start`: nothing came before that.
    pub fn new(from_start: bool) -> Self {
        Direction {
            state: if from_start { State::Start } else { State::Search },
            frame: Frame { length: 0, kind: Kind::Other, flags: 0, stream: 0 },
            left: 0,
            pad: 0,
            kept: Vec::new(),
            since: Timestamp::from_nanos(0),
            block: None,
            fragments: Vec::new(),
            continued: 0,
            idle: 0,
            hpack: Decoder::new(from_start),
            searched: 0,
        }
    }

    /// Field blocks may have been lost.
    pub fn lose_fields(&mut self) {
        self.hpack.forget();
        self.block = None;
        self.fragments = Vec::new();
    }
}
