//! Packets: what decoding a frame yields.

use crate::Timestamp;
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
};

/// One end of a flow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Endpoint {
    /// Address; IPv4-mapped IPv6 stays as it was on the wire.
    pub ip: IpAddr,
    /// TCP or UDP port.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ip {
            IpAddr::V4(ip) => write!(f, "{ip}:{}", self.port),
            IpAddr::V6(ip) => write!(f, "[{ip}]:{}", self.port),
        }
    }
}

/// TCP control bits (RFC 9293, 3.1).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: u8 = 0x01;
    /// Synchronise sequence numbers.
    pub const SYN: u8 = 0x02;
    /// Reset the connection.
    pub const RST: u8 = 0x04;
    /// Push.
    pub const PSH: u8 = 0x08;
    /// The acknowledgement number counts.
    pub const ACK: u8 = 0x10;

    /// Whether every bit of `bits` is set.
    pub const fn has(self, bits: u8) -> bool {
        self.0 & bits == bits
    }
}

/// The fields of a TCP header that reassembly needs (RFC 9293, 3.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TcpHeader {
    /// Sequence number of the first payload byte (of SYN where set).
    pub seq: u32,
    /// Acknowledgement number; counts only with ACK.
    pub ack: u32,
    /// Control bits.
    pub flags: TcpFlags,
    /// Window as sent, unscaled.
    pub window: u16,
}

/// Transport header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport {
    /// RFC 9293.
    Tcp(TcpHeader),
    /// RFC 768.
    Udp,
}

/// A decoded TCP segment or UDP datagram; the payload is borrowed from the frame or from the fragment store.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// When the frame (the last fragment) was captured.
    pub time: Timestamp,
    /// Innermost VLAN identifier outside any tunnel (12 bits).
    pub vlan: Option<u16>,
    /// Network identifier of the innermost VXLAN or GENEVE tunnel (24 bits).
    pub vni: Option<u32>,
    /// Who sent it.
    pub src: Endpoint,
    /// To whom.
    pub dst: Endpoint,
    /// TCP or UDP.
    pub transport: Transport,
    /// Payload bytes captured.
    pub payload: &'a [u8],
    /// Payload bytes that were on the wire behind `payload` and were cut by the snap length: a gap.
    pub missing: u32,
}

/// A TCP segment between IPv4 endpoints, outside any tunnel and captured whole: what most packets are, and all that
/// the short ways through decoding and reassembly pass on. Any other is a [`Packet`], which each of these can become.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// When the frame was captured.
    pub time: Timestamp,
    /// VLAN identifier (12 bits).
    pub vlan: Option<u16>,
    /// Address, as a number, and port of who sent it.
    pub src: (u32, u16),
    /// Address, as a number, and port to which it was sent.
    pub dst: (u32, u16),
    /// Its header.
    pub tcp: TcpHeader,
    /// Its payload, less than 64 KiB.
    pub payload: &'a [u8],
}

impl<'a> From<Segment<'a>> for Packet<'a> {
    fn from(segment: Segment<'a>) -> Self {
        let Segment { time, vlan, src, dst, tcp, payload } = segment;
        let [src, dst] = [src, dst].map(|(ip, port)| Endpoint { ip: Ipv4Addr::from(ip).into(), port });
        Packet { time, vlan, vni: None, src, dst, transport: Transport::Tcp(tcp), payload, missing: 0 }
    }
}
