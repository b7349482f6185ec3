//! Frames as a source lends them.

use crate::Timestamp;

/// Link-layer type of a frame, numbered as in the pcap registry (tcpdump.org/linktypes).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: a 4-byte address family in the writer's byte order.
    pub const NULL: LinkType = LinkType(0);
    /// Ethernet II and IEEE 802.3.
    pub const ETHERNET: LinkType = LinkType(1);
    /// Point-to-point protocol.
    pub const PPP: LinkType = LinkType(9);
    /// Raw IP, version from the first nibble.
    pub const RAW: LinkType = LinkType(101);
    /// Raw IP as some BSDs number it.
    pub const RAW_BSD: LinkType = LinkType(12);
    /// Raw IP as OpenBSD numbers it.
    pub const RAW_OPENBSD: LinkType = LinkType(14);
    /// IEEE 802.11 without a radio header.
    pub const IEEE80211: LinkType = LinkType(105);
    /// OpenBSD loopback: a 4-byte address family, big-endian.
    pub const LOOP: LinkType = LinkType(108);
    /// Linux "cooked" capture, version 1.
    pub const LINUX_SLL: LinkType = LinkType(113);
    /// IEEE 802.11 behind a radiotap header.
    pub const IEEE80211_RADIOTAP: LinkType = LinkType(127);
    /// Raw IPv4.
    pub const IPV4: LinkType = LinkType(228);
    /// Raw IPv6.
    pub const IPV6: LinkType = LinkType(229);
    /// Linux "cooked" capture, version 2.
    pub const LINUX_SLL2: LinkType = LinkType(276);
}

/// One captured frame, borrowed from its source until the borrow ends.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// When it was captured.
    pub time: Timestamp,
    /// What its first byte is.
    pub link: LinkType,
    /// How long it was on the wire; more than `data.len()` where the snap length cut it.
    pub wire_len: u32,
    /// Identifier (12 bits) of a VLAN tag that the card or the kernel took off the frame; outside any tag in `data`.
    pub vlan: Option<u16>,
    /// The captured bytes.
    pub data: &'a [u8],
}
