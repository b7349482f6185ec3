//! Frames to packets.
//!
//! ```text
//!                 .------- a tunnel's content begins again at link, network or transport ------.
//!                 v                                                                            |
//!  Frame --> link layer --> ethertype --> IPv4 | IPv6 --> transport --> Packet (TCP, UDP) -----'
//!            Ethernet, SLL,  VLAN stack,    |      ^      GRE, ERSPAN, VXLAN, GENEVE,
//!            802.11, PPP,    MPLS, PPPoE,   v      |      IP in IP, GTP-U
//!            raw, loopback   LLC/SNAP       fragment table
//! ```
//!
//! One port, [`Decoder::decode`] (in bursts its two halves, [`Decoder::short`] and [`Decoder::long`]): a [`Frame`](weir_wire::Frame) in, at most one [`Packet`](weir_wire::Packet) out,
//! borrowed from the frame or, where fragments completed a datagram, from the decoder. Each frame is booked, with its
//! captured bytes, into exactly one account of the ledger's frame layer, and the payload of a TCP packet into
//! `ledger.payload`, that of a UDP packet into `ledger.datagrams`.
//!
//! **The short way.** TCP in IPv4 in Ethernet, untagged or in one VLAN, captured whole and without IP options, is read by
//! straight-line code (`plain.rs`) into a [`Segment`](weir_wire::Segment), about 70 instructions; every other frame takes the
//! walk, about 800. A property test holds the two to the same words.
//!
//! **Lengths.** The IP length rules: link-layer padding and trailers are cut off; where it says more than was captured,
//! the rest is [`Packet::missing`](weir_wire::Packet::missing), a gap. An IP length of zero (segmentation offload,
//! jumbograms) means all there is. A TCP header whose options were cut is still a packet, with all its payload missing.
//!
//! **Checksums are not verified**: captures on the sending host hold segments before the network card filled them in,
//! and a mirror does not pass on what the switch found damaged.
//!
//! **Fragments** are put together in a table of fixed capacity, in packet time, oldest out first. Overlaps: IPv4 keeps
//! the first copy; IPv6 gives the datagram up (RFC 5722), except that a repeated piece is passed over. A frame whose
//! fragment waits is booked as `fragment`, the one that completes a datagram as what the datagram turned out to be.
//!
//! **Tunnels** are looked into wherever they are met. UDP tunnels are known by their destination port only, so their
//! content must decode: where it does not, the datagram is plain UDP.
//!
//! | tunnel | looked into | its network is [`Packet::vni`](weir_wire::Packet::vni) |
//! |---|---|---|
//! | VXLAN (ports 4789, 8472), VXLAN-GPE, GENEVE | Ethernet, IP, MPLS | the VNI |
//! | NVGRE: GRE with key over Ethernet | Ethernet | the virtual subnet, 24 bits |
//! | GRE, EtherIP, IP in IP, PPTP, MPLS, PPPoE, 802.1ah, GTP-U | Ethernet, IP, PPP | none |
//! | ERSPAN I to III | the mirrored frame, begun anew | the mirrored frame's own |
//!
//! Only what both directions of a flow have in common can tell flows apart: GRE keys, GTP tunnel endpoints, MPLS labels
//! and ERSPAN sessions differ by direction, so they are in no key and no record. The VLAN of a mirrored frame is its own
//! tag (or what an ERSPAN II header says of it), never the mirror's transport. Tags inside any other tunnel are the
//! tunnel's, and passed over.
//!
//! **Repetitions.** A TCP segment that comes a second time within about 10 ms, the same in addresses, TCP
//! header (options aside), length and IPv4 identification, is what a mirror of several ports shows of one segment: it
//! is booked as `repeated` and goes no further, whatever VLAN or hop the copy is from. The last 4,096 segments are
//! remembered. Where 65,536 segments passed without a repetition, one in 16 is looked at until one is found.
//!
//! **Bounds.** A frame may have so many headers, tags and labels ([`Config::headers`]), 24 by default.
//!
//! # Weaknesses
//!
//! * Who learns [`Config::seed`] can craft segments that pass for repetitions of each other. Copies that a mirror shows
//!   behind a translation of addresses are segments of another flow.
//! * Aggregated 802.11 frames (A-MSDU) and 802.11 fragments are booked as not TCP; a frame yields one packet at most.
//! * The inner IP length is believed even where it passes the outer one; the rest counts as missing.
//! * Copies of fragments that come after their datagram was completed wait as a datagram of their own until they time
//!   out, and can spoil one that uses the same identification within that time.
//! * Fragments cut by the snap length are dropped: their datagram never completes.
//! * IPsec ESP, L2TP, Teredo, NSH and compressed PPP are not looked into.
//! * A pseudowire without control word whose first address begins with 0, 4 or 6 is taken for what RFC 4928 says it is.

mod decoder;
mod ethernet;
mod fragment;
mod ipv4;
mod ipv6;
mod link;
mod plain;
mod repeats;
mod stats;
mod transport;
mod tunnel;
mod walk;
mod wlan;

pub use decoder::{Config, Decoded, Decoder, Joined, Short};
pub use fragment::{FragmentBounds, FragmentCounters};
pub use stats::Stats;
