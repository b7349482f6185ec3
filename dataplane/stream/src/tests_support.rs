//! Packets by hand, for tests.

use std::net::{IpAddr, Ipv4Addr};
use weir_wire::{Endpoint, Packet, TcpFlags, TcpHeader, Timestamp, Transport};

/// A packet under construction, from client to server.
#[derive(Clone, Copy)]
pub(crate) struct Build<'a>(pub Packet<'a>, pub TcpHeader);

pub(crate) const CLIENT: Endpoint = Endpoint { ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)), port: 40000 };
pub(crate) const SERVER: Endpoint = Endpoint { ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), port: 8080 };

pub(crate) fn packet<'a>() -> Build<'a> {
    let tcp = TcpHeader { seq: 0, ack: 0, flags: TcpFlags(TcpFlags::ACK), window: 512 };
    let packet = Packet {
        time: Timestamp::from_secs_nanos(1_000_000, 0),
        vlan: None,
        vni: None,
        src: CLIENT,
        dst: SERVER,
        transport: Transport::Tcp(tcp),
        payload: &[],
        missing: 0,
    };
    Build(packet, tcp)
}

impl<'a> Build<'a> {
    pub fn build(self) -> Packet<'a> {
        Packet { transport: Transport::Tcp(self.1), ..self.0 }
    }
}
