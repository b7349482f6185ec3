//! The walk from a frame's first byte inwards, one header at a time.
//!
//! Each layer is a function that reads its header at [`Walk::at`], narrows [`Walk::end`] where it knows a length, and
//! says what comes next. Nothing is copied and nothing but the walk changes, so a guess can be tried on a copy.

use crate::{ethernet, ipv4, ipv6, link, transport, tunnel, wlan};
use std::{net::IpAddr, ops::Range};
use weir_wire::{Account, Cursor, LinkType, TcpHeader, Truncated};

/// What begins at the front of the rest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Layer {
    Link(LinkType),
    Ethernet,
    /// What an ethertype says.
    EtherType(u16),
    /// IEEE 802.2.
    Llc,
    Wlan,
    Ppp,
    Mpls,
    /// Version by the first nibble.
    Ip,
    Ipv4,
    Ipv6,
    /// What an IP protocol number says; the addresses are the walk's.
    Protocol(u8),
    Gre,
}

/// What a walk ended at. Ranges are offsets into the walk's bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// A TCP segment (with header) or a UDP datagram.
    Packet {
        tcp: Option<TcpHeader>,
        /// The header behind the acknowledgement number, of TCP: flags, window, checksum.
        rest: u64,
        ports: (u16, u16),
        payload: Range<usize>,
        missing: u32,
        context: Context,
    },
    /// A fragment of an IP datagram.
    Fragment(Piece),
}

/// A fragment: where its bytes belong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Piece {
    pub(crate) id: u32,
    /// Protocol of the datagram's content.
    pub(crate) protocol: u8,
    /// Byte offset in the datagram's content.
    pub(crate) offset: u32,
    /// Whether more fragments follow this one.
    pub(crate) more: bool,
    /// Whether the snap length cut it.
    pub(crate) cut: bool,
    pub(crate) data: Range<usize>,
    pub(crate) context: Context,
}

/// What outer headers told; carried over where a datagram was put together from fragments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Context {
    pub(crate) src: IpAddr,
    pub(crate) dst: IpAddr,
    pub(crate) vlan: Option<u16>,
    pub(crate) vni: Option<u32>,
    /// Whether a tunnel was entered: VLAN tags from here on are the tunnel's.
    pub(crate) tunnelled: bool,
    /// Headers that may still be read.
    pub(crate) budget: u8,
    /// Identification of the innermost IPv4 datagram; 0 of IPv6.
    pub(crate) id: u16,
    /// Whether the frame came in a mirror's tunnel.
    pub(crate) mirrored: bool,
}

impl Context {
    /// Enters a mirrored frame: what carried it here is the mirror's, and says nothing about the traffic.
    pub(crate) fn begin_anew(&mut self) {
        (self.vlan, self.vni, self.tunnelled, self.mirrored) = (None, None, false, true);
    }
}

/// The next layer, or where the walk ends; `Err` is the account of a frame that yields nothing.
pub(crate) type Step = Result<Next, Account>;

/// What a layer leads to.
#[derive(Debug)]
pub(crate) enum Next {
    Layer(Layer),
    Found(Found),
}

/// Shorthand for the commonest step.
pub(crate) fn then(layer: Layer) -> Step {
    Ok(Next::Layer(layer))
}

/// Turns a header's early end into the account for it.
pub(crate) fn cut(_: Truncated) -> Account {
    Account::FrameMalformed
}

/// A position in a frame or in a datagram put together from fragments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    /// End of the current layer's captured bytes.
    end: usize,
    /// Bytes of the current layer that were on the wire behind `end`.
    beyond: usize,
    pub(crate) context: Context,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(bytes: &'a [u8], beyond: usize, context: Context) -> Self {
        Walk { bytes, at: 0, end: bytes.len(), beyond, context }
    }

    /// Walks from `layer` to a packet or fragment.
    pub(crate) fn run(mut self, mut layer: Layer) -> Result<Found, Account> {
        loop {
            self.context.budget = self.context.budget.checked_sub(1).ok_or(Account::FrameTooDeep)?;
            match self.step(layer)? {
                Next::Layer(next) => layer = next,
                Next::Found(found) => return Ok(found),
            }
        }
    }

    fn step(&mut self, layer: Layer) -> Step {
        match layer {
            Layer::Ethernet => ethernet::ethernet(self),
            Layer::Link(link) => link::link(self, link),
            Layer::EtherType(kind) => ethernet::ethertype(self, kind),
            Layer::Ipv4 => ipv4::ipv4(self),
            Layer::Ipv6 => ipv6::ipv6(self),
            Layer::Ip => self.ip(),
            Layer::Protocol(protocol) => transport::protocol(self, protocol),
            Layer::Llc => ethernet::llc(self),
            Layer::Mpls => ethernet::mpls(self),
            Layer::Ppp => link::ppp(self),
            Layer::Wlan => wlan::wlan(self),
            Layer::Gre => tunnel::gre(self),
        }
    }

    /// Either IP, by the version in the first nibble.
    fn ip(&self) -> Step {
        match self.rest().first().ok_or(Account::FrameMalformed)? >> 4 {
            4 => then(Layer::Ipv4),
            6 => then(Layer::Ipv6),
            _ => Err(Account::FrameMalformed),
        }
    }

    /// The captured bytes of the current layer.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..self.end).unwrap_or_default()
    }
    /// Reads at the front of the rest; nothing moves until [`Walk::pass`].
    pub(crate) fn cursor(&self) -> Cursor<'a> {
        Cursor::new(self.rest())
    }
    /// Moves behind what `cursor` has read.
    pub(crate) fn pass(&mut self, cursor: Cursor<'_>) {
        self.at = self.end - cursor.len().min(self.end - self.at);
    }
    /// Moves on by `n` bytes.
    pub(crate) fn skip(&mut self, n: usize) -> Result<(), Account> {
        if n > self.end - self.at {
            return Err(Account::FrameMalformed);
        }
        self.at += n;
        Ok(())
    }
    /// Declares the current layer, from here on, `len` bytes long on the wire: what is behind was padding, what is not
    /// there was cut.
    pub(crate) fn limit(&mut self, len: usize) {
        let captured = self.end - self.at;
        self.beyond = len.saturating_sub(captured);
        self.end = self.at + len.min(captured);
    }
    /// Bytes on the wire of the current layer, from here on.
    pub(crate) fn wire_len(&self) -> usize {
        self.end - self.at + self.beyond
    }
    /// Whether bytes of the current layer were cut.
    pub(crate) fn is_cut(&self) -> bool {
        self.beyond > 0
    }

    /// What is left, as the payload behind a header of `header` bytes: its captured range and how much of it is missing.
    pub(crate) fn payload(&self, header: usize) -> (Range<usize>, u32) {
        let start = (self.at + header).min(self.end);
        let missing = self.wire_len().saturating_sub(header + (self.end - start));
        (start..self.end, u32::try_from(missing).unwrap_or(u32::MAX))
    }
    /// The range of all captured bytes of the current layer.
    pub(crate) fn range(&self) -> Range<usize> {
        self.at..self.end
    }
}
