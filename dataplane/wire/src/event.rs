//! What reassembly tells a protocol parser.

use crate::{Endpoint, Timestamp};

/// Which end of a flow sent something. `Client` opened the connection, as far as could be seen;
/// a parser that finds the roles reversed (mid-stream pick-up) says so in its own messages.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Side {
    /// The end that opened the connection.
    Client,
    /// The end that accepted it.
    Server,
}

impl Side {
    /// The opposite end.
    pub const fn peer(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }
    /// `0` for the client, `1` for the server: an index into pairs.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// What is known of a flow when it is opened; constant for its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FlowMeta {
    /// The end that opened the connection (by SYN; else by a guess, see `weir-stream`).
    pub client: Endpoint,
    /// The other end.
    pub server: Endpoint,
    /// VLAN of the first packet.
    pub vlan: Option<u16>,
    /// Tunnel network of the first packet.
    pub vni: Option<u32>,
    /// Time of the first packet.
    pub started: Timestamp,
    /// Whether the handshake was seen, so that `client` is a fact and the first bytes are the first bytes.
    pub from_start: bool,
}

/// One step of one direction of a flow, in stream order.
#[derive(Clone, Copy, Debug)]
pub enum StreamEvent<'a> {
    /// The next bytes, never empty.
    Data {
        /// Who sent them.
        side: Side,
        /// When they arrived (the time of the packet that made them available in order).
        time: Timestamp,
        /// The bytes, borrowed for the call.
        bytes: &'a [u8],
    },
    /// Bytes are missing here for good; reading goes on behind them.
    Gap {
        /// Whose bytes are missing.
        side: Side,
        /// When that was decided.
        time: Timestamp,
        /// How many, where the sequence numbers tell.
        len: u32,
    },
    /// This direction ends; no further event for `side`.
    End {
        /// Whose direction.
        side: Side,
        /// When.
        time: Timestamp,
        /// How.
        reason: EndReason,
    },
}

impl StreamEvent<'_> {
    /// When it happened.
    pub const fn time(&self) -> Timestamp {
        match self {
            StreamEvent::Data { time, .. }
            | StreamEvent::Gap { time, .. }
            | StreamEvent::End { time, .. } => *time,
        }
    }
}

/// How a direction of a flow ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EndReason {
    /// FIN, and every byte before it was delivered or declared missing.
    Fin,
    /// RST from either side.
    Reset,
    /// No packet for the idle time.
    Timeout,
    /// The flow table needed the slot, or the same ports began a new connection.
    Evicted,
    /// The capture ended.
    CaptureEnd,
}
