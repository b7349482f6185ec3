//! The short way for what most frames are: TCP in IPv4 in Ethernet, with or without a VLAN tag, captured whole.
//!
//! It says the same as the walk, in a tenth of its instructions, or nothing: whatever is out of the common (options,
//! fragments, cuts, lengths left out) takes the walk.

use crate::repeats::Marks;
use weir_wire::{Frame, LinkType, Segment, TcpFlags, TcpHeader};

/// Headers that the walk would count: link, Ethernet, tag, type, IPv4, transport.
pub(crate) const HEADERS: u8 = 8;

/// Reads `frame`, if it is one of the common ones: the segment, and what tells it from any other.
#[inline(always)]
pub(crate) fn read<'f>(frame: &Frame<'f>) -> Option<(Segment<'f>, Marks)> {
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
    // Neither more fragments nor an offset: only "reserved" and "don't fragment" may be set.
    let whole = u16::from_be_bytes([h[6], h[7]]) & 0x3fff == 0;
    if kind != IPV4 || h[0] != 0x45 || h[9] != 6 || !whole || h[32] < 0x50 {
        return None;
    }
    // IPv4: length and identification in the first of these, source in the second. TCP: ports, numbers, rest.
    let [first, second, ends, numbers, rest] = *h.as_chunks().0 else { return None };
    let [first, second, ends, numbers, rest] = [first, second, ends, numbers, rest].map(u64::from_be_bytes);
    let total = usize::from((first >> 32) as u16);
    let payload = ip.get(20 + usize::from(h[32] >> 4) * 4..total)?;
    let tcp = TcpHeader {
        seq: (numbers >> 32) as u32,
        ack: numbers as u32,
        flags: TcpFlags(h[33]),
        window: (rest >> 32) as u16,
    };
    let segment = Segment {
        time: frame.time,
        vlan,
        src: (second as u32, (ends >> 16) as u16),
        dst: ((ends >> 32) as u32, ends as u16),
        tcp,
        payload,
    };
    let from = second << 32 | (payload.len() as u64) << 16 | first >> 16 & 0xffff;
    Some((segment, Marks { to: ends, numbers, from, rest }))
}
