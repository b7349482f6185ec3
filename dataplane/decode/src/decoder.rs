//! The decoder: walks, fragments, and the ledger.

use crate::{
    fragment::{FragmentBounds, FragmentCounters, Fragments, Offer},
    plain,
    repeats::Repeats,
    stats::Stats,
    walk::{Context, Found, Layer, Walk},
};
use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;
use weir_wire::{Account, Endpoint, Frame, Ledger, Packet, Segment, Transport};

/// Bounds of a decoder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    /// Headers, tags and labels one frame may have; further ones book it as too deep.
    pub headers: u8,
    /// Bounds of the fragment table.
    pub fragments: FragmentBounds,
    /// Keys the hash by which repeated segments are known; any number. A live sensor draws one.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Config { headers: 24, fragments: FragmentBounds::default(), seed: 0x9e37_79b9_7f4a_7c15 }
    }
}

/// What [`Decoder::short`] made of a frame.
#[derive(Clone, Copy, Debug)]
pub enum Short<'f> {
    /// A segment, booked.
    Segment(Segment<'f>),
    /// A segment seen a moment ago, booked as such.
    Repeated,
    /// Nothing: the frame is none of the common ones.
    Unread,
}

/// A packet, by where its payload is.
#[derive(Clone, Debug)]
pub enum Decoded<'f> {
    /// In the frame.
    Lent(Packet<'f>),
    /// In the decoder, put together from fragments: ask [`Decoder::joined`] before the next frame.
    Joined(Joined),
}

/// A packet whose payload is with the decoder.
#[derive(Clone, Debug)]
pub struct Joined {
    packet: Packet<'static>,
    range: Range<usize>,
}

/// Turns frames into packets. One per lane.
#[derive(Debug)]
pub struct Decoder {
    headers: u8,
    fragments: Fragments,
    repeats: Repeats,
    stats: Stats,
    /// The datagram last put together from fragments.
    whole: Vec<u8>,
}

impl Decoder {
    /// A decoder with an empty fragment table.
    pub fn new(config: Config) -> Self {
        Decoder {
            headers: config.headers,
            fragments: Fragments::new(config.fragments),
            repeats: Repeats::new(config.seed),
            stats: Stats::default(),
            whole: Vec::new(),
        }
    }

    /// Decodes `frame` and books it into one account of the frame layer of `ledger`; the payload of TCP also into
    /// `ledger.payload`, that of UDP into `ledger.datagrams`. `ledger.received` is the caller's.
    ///
    /// `None` where the frame holds no TCP segment or UDP datagram, or only a piece of one.
    pub fn decode<'a>(&'a mut self, frame: &Frame<'a>, ledger: &mut Ledger) -> Option<Packet<'a>> {
        match self.short(frame, ledger) {
            Short::Segment(segment) => Some(segment.into()),
            Short::Repeated => None,
            Short::Unread => match self.long(frame, ledger)? {
                Decoded::Lent(packet) => Some(packet),
                Decoded::Joined(joined) => Some(self.joined(joined)),
            },
        }
    }

    /// As [`Decoder::decode`], for what most frames are. Of any other nothing is done: it is for [`Decoder::long`].
    #[inline(always)]
    pub fn short<'f>(&mut self, frame: &Frame<'f>, ledger: &mut Ledger) -> Short<'f> {
        if self.headers < plain::HEADERS {
            return Short::Unread;
        }
        let Some((segment, marks)) = plain::read(frame) else { return Short::Unread };
        self.stats.cut(frame);
        if self.repeats.is_repeat(&marks, frame.time) {
            ledger.add(Account::FrameRepeated, frame.data.len() as u64);
            return Short::Repeated;
        }
        ledger.add(Account::FrameTcp, frame.data.len() as u64);
        self.stats.tag(segment.vlan);
        if !segment.payload.is_empty() {
            ledger.payload.count += 1;
            ledger.payload.bytes += segment.payload.len() as u64;
        }
        Short::Segment(segment)
    }

    /// As [`Decoder::decode`], for any frame that [`Decoder::short`] has not read. A packet that lies in its frame does not keep the
    /// decoder from going on.
    #[inline(never)]
    pub fn long<'f>(&mut self, frame: &Frame<'f>, ledger: &mut Ledger) -> Option<Decoded<'f>> {
        let found = self.find(frame);
        let account = match &found {
            Ok((Found::Packet { tcp: Some(tcp), rest, ports, payload, missing, context }, _)) => {
                let len = (payload.len() as u32).saturating_add(*missing);
                let marks = self.repeats.marks(context, *ports, tcp, *rest, len);
                match self.repeats.is_repeat(&marks, frame.time) {
                    true => Account::FrameRepeated,
                    false => Account::FrameTcp,
                }
            }
            Ok((Found::Packet { tcp: None, .. }, _)) => Account::FrameUdp,
            Ok((Found::Fragment(_), _)) => Account::FrameFragment,
            Err(account) => *account,
        };
        ledger.add(account, frame.data.len() as u64);
        self.stats.cut(frame);
        if account == Account::FrameRepeated {
            return None;
        }
        let Ok((Found::Packet { tcp, ports, payload: range, missing, context, .. }, in_frame)) = found else {
            return None;
        };
        self.stats.network(&context);
        if !range.is_empty() {
            let held = if tcp.is_some() { &mut ledger.payload } else { &mut ledger.datagrams };
            held.count += 1;
            held.bytes += range.len() as u64;
        }
        let packet = Packet {
            time: frame.time,
            vlan: context.vlan,
            vni: context.vni,
            src: Endpoint { ip: context.src, port: ports.0 },
            dst: Endpoint { ip: context.dst, port: ports.1 },
            transport: tcp.map_or(Transport::Udp, Transport::Tcp),
            payload: &[],
            missing,
        };
        Some(match in_frame {
            true => Decoded::Lent(Packet { payload: frame.data.get(range)?, ..packet }),
            false => Decoded::Joined(Joined { packet, range }),
        })
    }

    /// The packet with its payload, which the decoder keeps until the next frame.
    pub fn joined(&self, joined: Joined) -> Packet<'_> {
        Packet { payload: self.whole.get(joined.range).unwrap_or_default(), ..joined.packet }
    }

    /// What the frames looked like so far.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// What happened to fragments so far.
    pub fn fragments(&self) -> FragmentCounters {
        self.fragments.counters()
    }

    /// Walks the frame, and each datagram that it completes, which may itself be a tunnel with fragments inside.
    /// The flag tells whether ranges are in the frame, else in `whole`. The header budget ends the loop.
    fn find(&mut self, frame: &Frame<'_>) -> Result<(Found, bool), Account> {
        let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let (vlan, vni, tunnelled, budget) = (frame.vlan, None, false, self.headers);
        let context =
            Context { src: nowhere, dst: nowhere, vlan, vni, tunnelled, budget, id: 0, mirrored: false };
        let beyond = (frame.wire_len as usize).saturating_sub(frame.data.len());
        let mut found = Walk::new(frame.data, beyond, context).run(Layer::Link(frame.link))?;
        let mut in_frame = true;
        while let Found::Fragment(piece) = &found {
            let bytes = if in_frame { frame.data } else { &self.whole };
            let data = bytes.get(piece.data.clone()).unwrap_or_default();
            let protocol = match self.fragments.offer(piece, data, frame.time) {
                Offer::Whole(whole, protocol) => {
                    self.whole = whole;
                    protocol
                }
                Offer::Waiting => break,
                Offer::Malformed => return Err(Account::FrameMalformed),
            };
            in_frame = false;
            found = Walk::new(&self.whole, 0, piece.context).run(Layer::Protocol(protocol))?;
        }
        Ok((found, in_frame))
    }
}
