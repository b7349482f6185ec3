//! Packets and a sink for the benchmarks of the table.

use rustix::time::{ClockId, clock_gettime};
use std::net::Ipv4Addr;
use weir_stream::{Flow, Sink, Want};
use weir_wire::{
    Account, Endpoint, FlowMeta, Ledger, Packet, Side, StreamEvent, TcpFlags, TcpHeader, Timestamp, Transport,
};

/// A packet and the clock at its arrival.
pub type Timed = (Packet<'static>, Timestamp);

pub const BURST: usize = 32;
pub const START: u64 = 1_700_000_000_000_000_000;
pub static BYTES: [u8; 1460] = [b'x'; 1460];

/// CPU seconds of this thread.
pub fn cpu() -> f64 {
    let t = clock_gettime(ClockId::ThreadCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 / 1e9
}

/// Takes bytes and does nothing with them; or wants none.
pub struct Void {
    pub shunts: bool,
}

impl Sink<Box<u64>> for Void {
    fn open(&mut self, _: &FlowMeta) -> Box<u64> {
        Box::new(0)
    }
    fn event(&mut self, state: &mut Box<u64>, _: Flow<'_>, event: StreamEvent<'_>, _: &mut Ledger) -> Want {
        if let StreamEvent::Data { bytes, .. } = event {
            **state += bytes.len() as u64;
        }
        if self.shunts { Want::Nothing(Account::MessageEncrypted) } else { Want::Bytes }
    }
    fn closed(&mut self, _: Box<u64>, _: &FlowMeta, _: &mut Ledger) {}
}

/// The `i`th of a random order of `0..1 << bits`.
pub fn scatter(i: u32, bits: u32) -> u32 {
    let mask = (1u64 << bits) as u32 - 1;
    let mut x = i & mask;
    for _ in 0..2 {
        x = x.wrapping_mul(0x9e37_79b1) & mask;
        x ^= x >> (bits / 2 + 1);
    }
    x & mask
}

pub fn packet(
    flow: u32,
    side: Side,
    flags: u8,
    seq: u32,
    ack: u32,
    payload: &'static [u8],
    now: u64,
) -> Timed {
    let client =
        Endpoint { ip: Ipv4Addr::from(0x0a00_0000 + flow / 16).into(), port: 30_000 + (flow % 16) as u16 };
    let server = Endpoint { ip: Ipv4Addr::new(192, 0, 2, 1).into(), port: 443 };
    let (src, dst) = if side == Side::Client { (client, server) } else { (server, client) };
    let now = Timestamp::from_nanos(now);
    let packet = Packet {
        time: now,
        vlan: None,
        vni: None,
        src,
        dst,
        transport: Transport::Tcp(TcpHeader { seq, ack, flags: TcpFlags(flags), window: 500 }),
        payload,
        missing: 0,
    };
    (packet, now)
}

/// SYN, answer and acknowledgement; the client's bytes begin at 1, the server's too.
pub fn handshake(flow: u32, now: u64) -> [Timed; 3] {
    [
        packet(flow, Side::Client, TcpFlags::SYN, 0, 0, &[], now),
        packet(flow, Side::Server, TcpFlags::SYN | TcpFlags::ACK, 0, 1, &[], now),
        packet(flow, Side::Client, TcpFlags::ACK, 1, 1, &[], now),
    ]
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
