//! The hot line: all that an in-order packet of a flow touches, in one cache line.

use crate::{
    key::{ACTION, ACTION_SHIFT, ANY_VLAN, Key, Narrow},
    wheel::NIL,
};
use weir_wire::{Account, FlowMeta, Layer, Side, Timestamp};

/// Flags of a flow. Those of a side are for the client; shift left by the side's index.
pub(crate) mod flag {
    /// The client is the higher endpoint of the key.
    pub const CLIENT_HI: u16 = 1 << 0;
    /// The handshake was seen.
    pub const FROM_START: u16 = 1 << 1;
    /// The line is in use.
    pub const LIVE: u16 = 1 << 2;
    /// `isn` is known.
    pub const ISN: u16 = 1 << 3;
    /// Something other than SYNs was seen. (Data in a SYN is cheap to forge.) Two bits, so that shifting by a side keeps one.
    pub const ESTABLISHED: u16 = 3 << 4;
    /// The side's place in its stream is known.
    pub const ORIGIN: u16 = 1 << 6;
    /// The side sent a packet that was captured.
    pub const SEEN: u16 = 1 << 8;
    /// The side has ended.
    pub const ENDED: u16 = 1 << 10;
    /// Both sides have ended; the line lingers.
    pub const CLOSED: u16 = 3 << 10;
    /// Lower and higher bit of a count of segments outside the window.
    pub const STRIKE: u16 = 1 << 12;
    pub const STRIKES: u16 = 1 << 14;
}
use flag::*;

/// Where the bytes of a flow are booked, by its action: nowhere while they are read.
const ACTIONS: [Option<Account>; 16] = {
    let (mut actions, mut n, mut i) = ([None; 16], 0, 0);
    while i < Account::ALL.len() {
        if matches!(Account::ALL[i].layer(), Layer::Message) {
            n += 1;
            actions[n] = Some(Account::ALL[i]);
        }
        i += 1;
    }
    actions
};

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
    /// Whether it is the flow of a key of IPv4 endpoints: then the upper halves are zero.
    #[inline(always)]
    pub fn is(&self, key: &Narrow) -> bool {
        const ON_FLOWS: u64 = (ANY_VLAN | ACTION) as u64;
        (self.lo as u64 ^ key.lo) | (self.hi as u64 ^ key.hi) | ((self.net ^ key.net) & !ON_FLOWS) == 0
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
        const WATCHED: u16 = (ESTABLISHED / 3) | ORIGIN | SEEN | ENDED | STRIKE | STRIKES;
        const PLAIN: u16 = (ESTABLISHED / 3) | ORIGIN | SEEN;
        self.flags >> side.index() & WATCHED == PLAIN && self.cold == NIL
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
        let (one, two) = (STRIKE << side.index(), STRIKES << side.index());
        let carries = self.flags & one != 0;
        self.flags ^= one | if carries { two } else { 0 };
        carries && self.flags & two == 0
    }
    pub fn clear_strikes(&mut self, side: Side) {
        self.flags &= !((STRIKE | STRIKES) << side.index());
    }
    /// The bytes from now on are booked in `account`, one of the message layer, and not told.
    pub fn shunt(&mut self, account: Account) {
        let action = ACTIONS.iter().position(|&a| a == Some(account));
        debug_assert!(action.is_some(), "{account:?} is no account of messages");
        self.net |= (action.unwrap_or(1) as u64) << ACTION_SHIFT;
    }
    #[inline]
    pub fn is_shunted(&self) -> bool {
        self.net & u64::from(ACTION) != 0
    }
    /// Where the bytes are booked that nobody reads.
    #[inline]
    pub fn shunted(&self) -> Option<Account> {
        ACTIONS[(self.net >> ACTION_SHIFT & 15) as usize]
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
