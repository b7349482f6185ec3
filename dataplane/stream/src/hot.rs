//! The hot line: all that an in-order packet of a flow touches, in one cache line.

use crate::{key::Key, wheel::NIL};
use weir_wire::{FlowMeta, Side, Timestamp};

/// Flags of a flow. Those of a side are for the client; shift left by the side's index.
pub(crate) mod flag {
    /// The client is the higher endpoint of the key.
    pub const CLIENT_HI: u16 = 1 << 0;
    /// The handshake was seen.
    pub const FROM_START: u16 = 1 << 1;
    /// Something other than SYNs was seen. (Data in a SYN is cheap to forge.)
    pub const ESTABLISHED: u16 = 1 << 2;
    /// Both sides have ended; the line lingers.
    pub const CLOSED: u16 = 1 << 3;
    /// The line is in use.
    pub const LIVE: u16 = 1 << 4;
    /// `isn` is known.
    pub const ISN: u16 = 1 << 5;
    /// The side's place in its stream is known.
    pub const ORIGIN: u16 = 1 << 6;
    /// The side sent a packet that was captured.
    pub const SEEN: u16 = 1 << 8;
    /// The side has ended.
    pub const ENDED: u16 = 1 << 10;
    /// Lower bit of two counting segments outside the window; the server's are two further up.
    pub const STRIKE: u16 = 1 << 12;
}
use flag::*;

/// One flow. The key lies flat in it, so that one line answers "is it this flow" and "what next".
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Hot {
    lo: u128,
    hi: u128,
    net: u64,
    /// Sequence number that each side's next byte in order has.
    pub next: [u32; 2],
    /// Low bits of the tick of the last packet.
    pub seen: u32,
    /// Record of what is out of order, or `NIL`.
    pub cold: u32,
    /// Sequence number before the client's first byte: tells a repeated SYN from a new one.
    pub isn: u32,
    vlan: u16,
    pub flags: u16,
}

const _: () = assert!(size_of::<Hot>() == 64 && align_of::<Hot>() == 64);

impl Hot {
    pub fn new(key: &Key, flags: u16, seen: u32) -> Self {
        let Key { lo, hi, net, vlan } = *key;
        let flags = flags | LIVE;
        Hot { lo, hi, net, next: [0; 2], seen, cold: NIL, isn: 0, vlan, flags }
    }
    #[inline]
    pub fn key(&self) -> Key {
        let Hot { lo, hi, net, vlan, .. } = *self;
        Key { lo, hi, net, vlan }
    }
    #[inline]
    pub fn matches(&self, key: &Key) -> bool {
        self.key().takes(key)
    }
    /// Packets of any VLAN are this flow's from now on.
    pub fn ignore_vlan(&mut self) {
        let mut key = self.key();
        key.ignore_vlan();
        self.net = key.net;
    }
    #[inline]
    pub fn has(&self, flags: u16) -> bool {
        self.flags & flags == flags
    }
    /// Which side sent a packet, given whether its sender is the higher endpoint.
    #[inline]
    pub fn side(&self, from_hi: bool) -> Side {
        if from_hi == self.has(CLIENT_HI) { Side::Client } else { Side::Server }
    }
    #[inline]
    pub fn has_of(&self, side: Side, flag: u16) -> bool {
        self.flags & flag << side.index() != 0
    }
    pub fn set_of(&mut self, side: Side, flag: u16) {
        self.flags |= flag << side.index();
    }
    #[inline]
    pub fn next_of(&self, side: Side) -> u32 {
        self.next[side.index()]
    }
    /// Sets where `side` begins; for the client also what its SYN's number is or must have been.
    pub fn set_origin(&mut self, side: Side, seq: u32) {
        self.next[side.index()] = seq;
        self.set_of(side, ORIGIN);
        if side == Side::Client {
            self.isn = seq.wrapping_sub(1);
            self.flags |= ISN;
        }
    }
    /// The client's first acknowledgement: it tells which of several answers to its SYN counts.
    pub fn confirm(&mut self, ack: u32) {
        let server = Side::Server;
        let apart = (ack.wrapping_sub(self.next_of(server)) as i32).unsigned_abs();
        if !self.has(ESTABLISHED) && self.has_of(server, ORIGIN) && apart >= crate::WINDOW {
            self.set_origin(server, ack);
        }
    }
    /// Whether packets of `side` may take the short way: both ends talking, nothing pending.
    #[inline]
    pub fn is_plain(&self, side: Side) -> bool {
        let i = side.index();
        let must = ESTABLISHED | ORIGIN << i | SEEN << i;
        self.flags & (must | CLOSED | ENDED << i | (3 * STRIKE) << (2 * i)) == must && self.cold == NIL
    }
    /// How far `ack` goes past what `side` was seen to send; zero for none and for the implausible.
    #[inline]
    pub fn unseen(&self, side: Side, ack: u32) -> u32 {
        let i = side.index();
        let past = ack.wrapping_sub(self.next[i]);
        // Most acknowledge what was seen, or less.
        if past.wrapping_sub(1) >= crate::WINDOW - 1 {
            return 0;
        }
        if self.flags & (ORIGIN | SEEN | ENDED) << i == (ORIGIN | SEEN) << i { past } else { 0 }
    }
    /// Counts a segment of `side` outside the window; `true` for the fourth in a row.
    pub fn strike(&mut self, side: Side) -> bool {
        let shift = 12 + 2 * side.index();
        if self.flags >> shift & 3 == 3 {
            self.clear_strikes(side);
            return true;
        }
        self.flags += STRIKE << (2 * side.index());
        false
    }
    pub fn clear_strikes(&mut self, side: Side) {
        self.flags &= !((3 * STRIKE) << (2 * side.index()));
    }
    /// What the layer above is told of the flow.
    #[inline]
    pub fn meta(&self, started: Timestamp) -> FlowMeta {
        let key = self.key();
        let (lo, hi) = key.ends();
        let (client, server) = if self.has(CLIENT_HI) { (hi, lo) } else { (lo, hi) };
        let from_start = self.has(FROM_START);
        FlowMeta { client, server, vlan: key.vlan(), vni: key.vni(), started, from_start }
    }
}
