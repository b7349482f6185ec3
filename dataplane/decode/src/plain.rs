//! The short way for what most frames are: TCP in IPv4 in Ethernet, with or without a VLAN tag, captured whole.
//!
//! It says the same as the walk, in a tenth of its instructions, or nothing: whatever is out of the common (options,
//! fragments, cuts, lengths left out) takes the walk.

use std::net::Ipv4Addr;
use weir_wire::{Frame, LinkType, TcpFlags, TcpHeader};

/// Headers that the walk would count: link, Ethernet, tag, type, IPv4, transport.
pub(crate) const HEADERS: u8 = 8;

/// A segment that lies whole in its frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain<'f> {
    pub(crate) vlan: Option<u16>,
    pub(crate) src: Ipv4Addr,
    pub(crate) dst: Ipv4Addr,
    pub(crate) id: u16,
    pub(crate) ports: (u16, u16),
    pub(crate) tcp: TcpHeader,
    pub(crate) checksum: u16,
    pub(crate) payload: &'f [u8],
}

/// Reads `frame`, if it is one of the common ones.
#[inline(always)]
pub(crate) fn read<'f>(frame: &Frame<'f>) -> Option<Plain<'f>> {
    const IPV4: [u8; 2] = [8, 0];
    const TAG: [u8; 2] = [0x81, 0];
    if frame.link != LinkType::ETHERNET {
        return None;
    }
    let (mut vlan, mut ip) = (frame.vlan, frame.data.get(14..)?);
    let mut kind = *frame.data.get(12..)?.first_chunk()?;
    if kind == TAG {
        let [a, b, kind_a, kind_b] = *ip.first_chunk()?;
        let id = u16::from_be_bytes([a, b]) & 0x0fff;
        vlan = if id == 0 { vlan } else { Some(id) };
        (kind, ip) = ([kind_a, kind_b], ip.get(4..)?);
    }
    let h: &[u8; 40] = ip.first_chunk()?;
    let total = usize::from(u16::from_be_bytes([h[2], h[3]]));
    // Neither more fragments nor an offset: only "reserved" and "don't fragment" may be set.
    let whole = u16::from_be_bytes([h[6], h[7]]) & 0x3fff == 0;
    let header = usize::from(h[32] >> 4) * 4;
    if kind != IPV4 || h[0] != 0x45 || h[9] != 6 || !whole || header < 20 {
        return None;
    }
    let payload = ip.get(20 + header..total)?;
    let half = |at: usize| u16::from_be_bytes([h[at], h[at + 1]]);
    let word = |at: usize| u32::from_be_bytes([h[at], h[at + 1], h[at + 2], h[at + 3]]);
    Some(Plain {
        vlan,
        src: Ipv4Addr::from(word(12)),
        dst: Ipv4Addr::from(word(16)),
        id: half(4),
        ports: (half(20), half(22)),
        tcp: TcpHeader { seq: word(24), ack: word(28), flags: TcpFlags(h[33]), window: half(34) },
        checksum: half(36),
        payload,
    })
}
