//! Packets with a long header (RFC 9000, 17.2; RFC 9369, 3.2): where each ends, and what of it stands in clear.

use super::QuicVersion;
use crate::reader::Reader;

/// Longest connection identifier (RFC 9000, 17.2).
const MAX_ID: usize = 20;

/// What a packet is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Initial,
    /// 0-RTT or Handshake.
    Sealed,
    Retry,
}

/// A packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    pub(super) kind: Kind,
    pub(super) version: QuicVersion,
    pub(super) destination: &'a [u8],
    /// All of it.
    pub(super) whole: &'a [u8],
    /// Where the packet number begins.
    pub(super) number: usize,
}

impl<'a> Packet<'a> {
    /// The packet at the front of what is left of a datagram.
    pub(super) fn read(datagram: &'a [u8]) -> Option<Packet<'a>> {
        let mut r = Reader(datagram);
        let first = r.u8()?;
        if first & 0xc0 != 0xc0 {
            return None;
        }
        let version = QuicVersion::of(u32::from(r.u16()?) << 16 | u32::from(r.u16()?))?;
        let (destination, source) = (r.vec8()?.0, r.vec8()?.0);
        if destination.len() > MAX_ID || source.len() > MAX_ID {
            return None;
        }
        let kind = match (version, first >> 4 & 3) {
            (QuicVersion::V1, 0) | (QuicVersion::V2, 1) => Kind::Initial,
            (QuicVersion::V1, 3) | (QuicVersion::V2, 0) => Kind::Retry,
            _ => Kind::Sealed,
        };
        if kind == Kind::Retry {
            return Some(Packet { kind, version, destination, whole: datagram, number: datagram.len() });
        }
        if kind == Kind::Initial {
            let token = usize::try_from(r.varint()?).ok()?;
            r.take(token)?;
        }
        let length = usize::try_from(r.varint()?).ok()?;
        let number = datagram.len() - r.0.len();
        let whole = datagram.get(..number.checked_add(length)?)?;
        Some(Packet { kind, version, destination, whole, number })
    }
}
