//! One direction of a connection.

use super::chunked::Chunks;
use super::head_end::HeadEnd;
use super::moment::Moment;
use super::start::Role;
use crate::{ExchangeNumber, Half};

/// Where reading of a direction stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// A message is due.
    Start,
    /// Within a head.
    Head,
    /// A body is due but may not come: its first bytes decide.
    Peek(Body),
    /// Within a body.
    Body(Body),
    /// Looking for the next message.
    Search,
    /// HTTP may have ended here: the first bytes decide.
    Switched,
}

/// How the body being read is delimited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Body {
    /// So many bytes are left, at least one.
    Length(u64),
    /// Chunks.
    Chunked(Chunks),
    /// All that comes.
    UntilClose,
}

/// The message whose body is being read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Current {
    pub number: ExchangeNumber,
    pub half: Half,
    /// Nothing of it was lost.
    pub whole: bool,
    /// A byte of its body came, or was lost.
    pub begun: bool,
    /// The body need not come: the request was refused after `Expect: 100-continue`.
    pub optional: bool,
}

/// What is kept of one direction.
#[derive(Debug)]
pub(super) struct Direction {
    pub state: State,
    pub role: Option<Role>,
    pub current: Option<Current>,
    /// Bytes not booked yet: of a head, or of what may become one.
    pub kept: Vec<u8>,
    /// When the first kept byte came.
    pub since: Option<Moment>,
    /// Looks for the end of the head.
    pub end: HeadEnd,
    /// The kept bytes of a head are surely one.
    pub sure: bool,
    /// The head is longer than the bound.
    pub long: bool,
    /// Messages may have been lost since the last one: probably so many.
    pub lost: Option<u16>,
    /// The last gap was too short for a message: what follows shows whether it cut one.
    pub short_gap: bool,
    /// The last response announced a body that it must not have.
    pub bodiless: bool,
    /// Bytes passed over since the last message.
    pub searched: u32,
}

impl Direction {
    /// Before its first byte.
    pub fn new(from_start: bool) -> Self {
        Direction {
            state: if from_start { State::Start } else { State::Search },
            role: None,
            current: None,
            kept: Vec::new(),
            since: None,
            end: HeadEnd::new(),
            sure: false,
            long: false,
            lost: (!from_start).then_some(0),
            short_gap: false,
            bodiless: false,
            searched: 0,
        }
    }
}
