//! Classic pcap: the format of libpcap and tcpdump (draft-ietf-opsawg-pcap).
//!
//! A 24-byte header, then records of 16 bytes (24 in Kuznetzov's variant) and the frame. The magic number tells byte
//! order and time unit.

use crate::format::{Order, Record, Step, bound};
use weir_wire::{LinkType, Timestamp};

const MICRO: u32 = 0xa1b2_c3d4;
const NANO: u32 = 0xa1b2_3c4d;
/// Alexey Kuznetzov's patched libpcap: eight more bytes a record (interface, protocol, packet type).
const KUZNETZOV: u32 = 0xa1b2_cd34;

/// State of reading one classic capture.
#[derive(Debug)]
pub(crate) struct Pcap {
    order: Order,
    /// Nanoseconds in a unit of the sub-second field.
    unit: u64,
    record: usize,
    link: LinkType,
    bound: usize,
}

impl Pcap {
    /// Length of the file header.
    pub(crate) const HEADER: usize = 24;

    /// Whether a classic capture may begin so.
    pub(crate) fn knows(magic: [u8; 4]) -> bool {
        Self::order(magic).is_some()
    }

    fn order(magic: [u8; 4]) -> Option<(Order, u32)> {
        let known = |m: &u32| matches!(*m, MICRO | NANO | KUZNETZOV);
        let (little, big) = (u32::from_le_bytes(magic), u32::from_be_bytes(magic));
        Some(little)
            .filter(known)
            .map(|m| (Order::Little, m))
            .or(Some(big).filter(known).map(|m| (Order::Big, m)))
    }

    /// Reads the file header; `None` where it is cut or its magic is another's.
    pub(crate) fn new(header: &[u8]) -> Option<Self> {
        let (order, magic) = Self::order(*header.first_chunk()?)?;
        let header = header.get(..Self::HEADER)?;
        Some(Pcap {
            order,
            unit: if magic == NANO { 1 } else { 1000 },
            record: if magic == KUZNETZOV { 24 } else { 16 },
            // The upper half may carry the length of the frame check sequence; the IP length strips that.
            link: LinkType(order.u32(header, 20) as u16),
            bound: bound(order.u32(header, 16)),
        })
    }

    /// Reads the record at the front of `bytes`.
    pub(crate) fn step(&self, bytes: &[u8]) -> Step {
        if bytes.len() < self.record {
            return Step::Need(self.record);
        }
        let field = |at| self.order.u32(bytes, at);
        let captured = field(8) as usize;
        if captured > self.bound {
            return Step::Break("a record claims more bytes than its bound");
        }
        let end = self.record + captured;
        if bytes.len() < end {
            return Step::Need(end);
        }
        let record = Record {
            time: Timestamp::from_secs_nanos(u64::from(field(0)), u64::from(field(4)) * self.unit),
            link: self.link,
            wire_len: field(12).max(captured as u32),
            data: self.record..end,
        };
        Step::Frame(record, end)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn header(magic: u32, snaplen: u32) -> Vec<u8> {
        let mut h = magic.to_le_bytes().to_vec();
        h.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        h.extend(snaplen.to_le_bytes());
        h.extend(0xf400_0071u32.to_le_bytes());
        h
    }
    fn record(fields: [u32; 4], data: &[u8]) -> Vec<u8> {
        fields.iter().flat_map(|f| f.to_le_bytes()).chain(data.iter().copied()).collect()
    }

    #[test]
    fn reads_a_record_and_asks_for_what_is_missing() {
        let p = Pcap::new(&header(MICRO, 100)).unwrap();
        assert_eq!(p.link, LinkType::LINUX_SLL, "the FCS length above the link type is ignored");
        assert_eq!(p.step(&[0; 15]), Step::Need(16));
        let r = record([7, 5, 3, 2], b"abc");
        assert_eq!(p.step(&r[..18]), Step::Need(19));
        let Step::Frame(got, 19) = p.step(&r) else { unreachable!() };
        assert_eq!(got.time, Timestamp::from_secs_nanos(7, 5000));
        assert_eq!((got.wire_len, got.data), (3, 16..19), "a wire length below the captured is raised");
    }

    #[test]
    fn bounds_follow_the_snap_length() {
        let small = Pcap::new(&header(NANO, 96)).unwrap();
        assert_eq!(small.step(&record([0, 0, 262_144, 0], b"")), Step::Need(262_160));
        assert!(matches!(small.step(&record([0, 0, 262_145, 0], b"")), Step::Break(_)));
        let large = Pcap::new(&header(NANO, u32::MAX)).unwrap();
        assert_eq!(large.step(&record([0, 0, 16 << 20, 0], b"")), Step::Need((16 << 20) + 16));
        assert!(matches!(large.step(&record([0, 0, (16 << 20) + 1, 0], b"")), Step::Break(_)));
    }

    #[test]
    fn a_cut_header_is_none() {
        assert!(Pcap::new(&header(MICRO, 0)[..23]).is_none());
        assert!(Pcap::new(&[0; 24]).is_none());
    }
}
