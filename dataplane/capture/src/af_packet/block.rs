//! A block of the ring, read frame by frame. The kernel wrote it, and still every offset is checked.

use std::mem::{offset_of, size_of};
use weir_wire::{Frame, LinkType, Timestamp};

/// Fields of a frame's header in the ring (`struct tpacket3_hdr`, `struct sockaddr_ll` behind it).
mod at {
    use super::{offset_of, size_of};
    use libc::{sockaddr_ll, tpacket_block_desc, tpacket_hdr_v1, tpacket_hdr_variant1, tpacket3_hdr};
    pub(super) const PACKETS: usize =
        offset_of!(tpacket_block_desc, hdr) + offset_of!(tpacket_hdr_v1, num_pkts);
    pub(super) const FIRST: usize =
        offset_of!(tpacket_block_desc, hdr) + offset_of!(tpacket_hdr_v1, offset_to_first_pkt);
    pub(super) const NEXT: usize = offset_of!(tpacket3_hdr, tp_next_offset);
    pub(super) const SEC: usize = offset_of!(tpacket3_hdr, tp_sec);
    pub(super) const NSEC: usize = offset_of!(tpacket3_hdr, tp_nsec);
    pub(super) const CAPTURED: usize = offset_of!(tpacket3_hdr, tp_snaplen);
    pub(super) const LEN: usize = offset_of!(tpacket3_hdr, tp_len);
    pub(super) const STATUS: usize = offset_of!(tpacket3_hdr, tp_status);
    pub(super) const MAC: usize = offset_of!(tpacket3_hdr, tp_mac);
    const VARIANT: usize = offset_of!(tpacket3_hdr, hv1);
    pub(super) const TCI: usize = VARIANT + offset_of!(tpacket_hdr_variant1, tp_vlan_tci);
    /// Headers in the ring are aligned to 16 bytes (TPACKET_ALIGNMENT).
    const ADDRESS: usize = size_of::<tpacket3_hdr>().next_multiple_of(16);
    pub(super) const PROTOCOL: usize = ADDRESS + offset_of!(sockaddr_ll, sll_protocol);
    pub(super) const KIND: usize = ADDRESS + offset_of!(sockaddr_ll, sll_pkttype);
    pub(super) const HEADER: usize = ADDRESS + size_of::<sockaddr_ll>();
}

/// What frames of an interface begin with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Begin {
    /// Its link layer.
    Link(LinkType),
    /// The network layer, as the ethertype beside each frame says.
    Network,
}

/// Where reading a block has got to.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Place {
    offset: usize,
    left: u32,
    lost: u32,
}

/// A frame of the block, and whether this machine sent it.
#[derive(Debug)]
pub(crate) struct Met<'a> {
    pub(crate) frame: Frame<'a>,
    pub(crate) outgoing: bool,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u16::from_ne_bytes(*b))
}
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_ne_bytes(*b))
}

impl Place {
    /// The front of `block`.
    pub(crate) fn front(block: &[u8]) -> Self {
        Place { offset: u32_at(block, at::FIRST) as usize, left: u32_at(block, at::PACKETS), lost: 0 }
    }

    /// Whether every frame was met.
    pub(crate) fn done(self) -> bool {
        self.left == 0
    }

    /// Frames given up, as a header cannot be.
    pub(crate) fn lost(self) -> u32 {
        self.lost
    }

    /// The next frame. `None` ends the block: there are no more, or the header cannot be.
    pub(crate) fn next<'a>(&mut self, block: &'a [u8], begin: Begin) -> Option<Met<'a>> {
        self.left = self.left.checked_sub(1)?;
        let met = block.get(self.offset..).and_then(|header| read(header, begin));
        match &met {
            Some(_) => self.offset += u32_at(block, self.offset + at::NEXT) as usize,
            None => self.lost = std::mem::take(&mut self.left).saturating_add(1),
        }
        met
    }
}

/// Reads the frame whose header begins `header`, which runs to the block's end.
fn read(header: &[u8], begin: Begin) -> Option<Met<'_>> {
    let fixed = header.get(..at::HEADER)?;
    let start = usize::from(u16_at(fixed, at::MAC));
    let data = header.get(start..)?.get(..u32_at(fixed, at::CAPTURED) as usize)?;
    let tagged = u32_at(fixed, at::STATUS) & libc::TP_STATUS_VLAN_VALID != 0;
    let tag = (u32_at(fixed, at::TCI) & 0x0fff) as u16;
    let link = match begin {
        Begin::Link(link) => link,
        Begin::Network => match u16::from_be(u16_at(fixed, at::PROTOCOL)) {
            0x0800 => LinkType::IPV4,
            0x86dd => LinkType::IPV6,
            // Neither IP: a link type that nothing reads, so that the ledger says so.
            _ => LinkType(u16::MAX),
        },
    };
    let frame = Frame {
        time: Timestamp::from_secs_nanos(u32_at(fixed, at::SEC).into(), u32_at(fixed, at::NSEC).into()),
        link,
        wire_len: u32_at(fixed, at::LEN).max(data.len() as u32),
        // Identifier 0 carries only a priority.
        vlan: Some(tag).filter(|id| tagged && *id != 0),
        data,
    };
    Some(Met { frame, outgoing: fixed.get(at::KIND) == Some(&libc::PACKET_OUTGOING) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A block of frames as the kernel lays them out, from the description in the kernel's headers.
    fn block(frames: &[(u32, u32, &[u8])]) -> Vec<u8> {
        let mut b = vec![0; 48];
        b[12..16].copy_from_slice(&(frames.len() as u32).to_ne_bytes());
        b[16..20].copy_from_slice(&48u32.to_ne_bytes());
        for (status, tci, data) in frames {
            let mut h = vec![0; 82];
            let fields = [0, 7, 9, data.len() as u32, 100, *status];
            fields
                .iter()
                .enumerate()
                .for_each(|(i, f)| h[4 * i..4 * i + 4].copy_from_slice(&f.to_ne_bytes()));
            h[24..26].copy_from_slice(&82u16.to_ne_bytes());
            h[32..36].copy_from_slice(&tci.to_ne_bytes());
            h[50..52].copy_from_slice(&0x86ddu16.to_be_bytes());
            h[58] = 4;
            h.extend(*data);
            h.resize(h.len().next_multiple_of(16), 0);
            let next = h.len() as u32;
            h[..4].copy_from_slice(&next.to_ne_bytes());
            b.extend(h);
        }
        b
    }

    #[test]
    fn frames_are_read_in_place() {
        let b = block(&[(1, 0, b"first"), (0x11, 0x6123, b"second frame"), (0x11, 0x2000, b"")]);
        let mut place = Place::front(&b);
        let met = place.next(&b, Begin::Link(LinkType::ETHERNET)).unwrap();
        assert_eq!((met.frame.data, met.frame.vlan, met.frame.wire_len), (&b"first"[..], None, 100));
        assert_eq!(met.frame.time, Timestamp::from_secs_nanos(7, 9));
        assert!(met.outgoing && !place.done());
        let met = place.next(&b, Begin::Network).unwrap();
        assert_eq!((met.frame.data, met.frame.vlan), (&b"second frame"[..], Some(0x123)));
        assert_eq!(met.frame.link, LinkType::IPV6);
        assert_eq!(
            place.next(&b, Begin::Network).unwrap().frame.vlan,
            None,
            "a priority tag names no network"
        );
        assert!(place.done() && place.next(&b, Begin::Network).is_none());
    }

    #[test]
    fn offsets_that_cannot_be_end_the_block() {
        let whole = block(&[(1, 0, b"first"), (1, 0, b"second")]);
        for n in 0..whole.len() {
            let mut place = Place::front(&whole[..n]);
            while place.next(&whole[..n], Begin::Network).is_some() {}
            // The block's own header states the count up to byte 16; behind the last frame is padding.
            let cut = (16..232).contains(&n);
            assert!(place.done() && cut == (place.lost() > 0), "{n}: {}", place.lost());
        }
        for at in (0..whole.len()).step_by(2) {
            let mut wrong = whole.clone();
            wrong[at..at + 2].fill(0xff);
            let mut place = Place::front(&wrong);
            let mut met = 0;
            while place.next(&wrong, Begin::Network).is_some() && met < 1000 {
                met += 1;
            }
        }
    }
}
