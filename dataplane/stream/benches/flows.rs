//! The table alone: instructions and nanoseconds a packet, by how many flows there are.
//!
//! `cargo bench -p weir-stream --bench flows` prints thread CPU time a packet (bursts of 32 and one by one, the making
//! of packets taken off). With `ack`, `data`, `shunt` or `new` it plays only that, in a function `measured` for
//! `valgrind --tool=callgrind --toggle-collect='*measured*'`: divide by the packets it prints.
#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use rustix::time::{ClockId, clock_gettime};
use std::{hint::black_box, net::Ipv4Addr};
use weir_stream::{Config, FlowTable, Sink};
use weir_wire::{
    Endpoint, FlowMeta, Ledger, Packet, Side, StreamEvent, TcpFlags, TcpHeader, Timestamp, Transport,
};

/// A packet and the clock at its arrival.
type Timed = (Packet<'static>, Timestamp);

const BURST: usize = 32;
const START: u64 = 1_700_000_000_000_000_000;
static BYTES: [u8; 1460] = [b'x'; 1460];

/// CPU seconds of this thread.
fn cpu() -> f64 {
    let t = clock_gettime(ClockId::ThreadCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 / 1e9
}

/// Takes bytes and does nothing with them.
struct Void;

impl Sink<Box<u64>> for Void {
    fn open(&mut self, _: &FlowMeta) -> Box<u64> {
        Box::new(0)
    }
    fn event(&mut self, state: &mut Box<u64>, _: &FlowMeta, event: StreamEvent<'_>, _: &mut Ledger) {
        if let StreamEvent::Data { bytes, .. } = event {
            **state += bytes.len() as u64;
        }
    }
    fn closed(&mut self, _: Box<u64>, _: &FlowMeta, _: &mut Ledger) {}
}

/// The `i`th of a random order of `0..1 << bits`.
fn scatter(i: u32, bits: u32) -> u32 {
    let mask = (1u64 << bits) as u32 - 1;
    let mut x = i & mask;
    for _ in 0..2 {
        x = x.wrapping_mul(0x9e37_79b1) & mask;
        x ^= x >> (bits / 2 + 1);
    }
    x & mask
}

fn packet(flow: u32, side: Side, flags: u8, seq: u32, ack: u32, payload: &'static [u8], now: u64) -> Timed {
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

struct Rig {
    table: FlowTable<Box<u64>>,
    ledger: Ledger,
    now: u64,
    bits: u32,
    /// Data segments each flow's client has sent.
    sent: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Ack,
    Data,
}

impl Rig {
    /// With `1 << bits` flows, each behind its handshake.
    fn new(bits: u32) -> Self {
        let table = FlowTable::new(Config { flows: 1 << bits.max(4), ..Config::default() });
        let mut rig = Rig { table, ledger: Ledger::default(), now: START, bits, sent: 0 };
        for i in 0..1u32 << bits {
            let flow = scatter(i, bits);
            for p in [
                packet(flow, Side::Client, TcpFlags::SYN, 0, 0, &[], rig.now),
                packet(flow, Side::Server, TcpFlags::SYN | TcpFlags::ACK, 0, 1, &[], rig.now),
                packet(flow, Side::Client, TcpFlags::ACK, 1, 1, &[], rig.now),
            ] {
                rig.play(&[p]);
            }
        }
        rig
    }
    fn play(&mut self, packets: &[Timed]) {
        if std::env::var_os("WEIR_SINGLY").is_none() {
            return self.table.burst(packets, &mut self.ledger, &mut Void);
        }
        for (p, now) in packets {
            self.table.segment(p, *now, &mut self.ledger, &mut Void);
        }
    }
    /// One packet of each of `count` flows from the `from`th on.
    fn make(&self, kind: Kind, from: u32) -> [Timed; BURST] {
        std::array::from_fn(|i| {
            let flow = scatter((from + i as u32) ^ self.sent.wrapping_mul(0x85eb_ca6b), self.bits);
            match kind {
                Kind::Ack => {
                    packet(flow, Side::Client, TcpFlags::ACK, 1 + self.sent * 1460, 1, &[], self.now)
                }
                Kind::Data => {
                    packet(flow, Side::Client, TcpFlags::ACK, 1 + self.sent * 1460, 1, &BYTES, self.now)
                }
            }
        })
    }
    /// Plays `count` packets of `kind`; returns nanoseconds each, without the making.
    fn time(&mut self, kind: Kind, count: u32) -> f64 {
        let flows = 1u32 << self.bits;
        let start = cpu();
        for from in (0..count).step_by(BURST) {
            self.now += 1000;
            black_box(self.make(kind, from));
        }
        let making = cpu() - start;
        let start = cpu();
        for from in (0..count).step_by(BURST) {
            self.now += 1000;
            let packets = self.make(kind, from);
            self.play(black_box(&packets));
            if kind == Kind::Data && (flows as usize) < BURST
                || from + BURST as u32 == flows && kind == Kind::Data
            {
                self.sent += 1;
            }
        }
        (cpu() - start - making) / f64::from(count) * 1e9
    }
}

/// `packets` played on one flow, for counting instructions.
#[inline(never)]
fn measured(rig: &mut Rig, packets: &[Timed]) {
    for burst in packets.chunks(BURST) {
        rig.play(burst);
    }
}

fn instructions(kind: &str) {
    let mut rig = Rig::new(6);
    let acks: Vec<Timed> =
        (0..640).map(|n| packet(n % 64, Side::Client, TcpFlags::ACK, 1, 1, &[], START)).collect();
    let data: Vec<Timed> = (0..640)
        .map(|n| packet(n % 64, Side::Client, TcpFlags::ACK, 1 + n / 64 * 1460, 1, &BYTES, START))
        .collect();
    let new: Vec<Timed> =
        (1000..1640).map(|n| packet(n, Side::Client, TcpFlags::SYN, 0, 0, &[], START)).collect();
    let packets = match kind {
        "ack" => &acks,
        "data" => {
            rig.play(&data[..64]);
            &data[64..]
        }
        "new" => &new,
        _ => return,
    };
    measured(&mut rig, black_box(packets));
    println!("{kind}: {} packets", packets.len());
}

fn main() {
    if let Some(kind) = std::env::args().skip(1).find(|a| !a.starts_with("--")) {
        return instructions(&kind);
    }
    for bits in [0, 13, 20, 23] {
        let mut rig = Rig::new(bits);
        for kind in [Kind::Ack, Kind::Data] {
            let count = (1u32 << bits).max(1 << 20);
            let mut times: Vec<f64> = (0..5)
                .map(|_| {
                    rig.time(
                        kind,
                        if kind == Kind::Data && bits > 0 { (1u32 << bits).max(32) } else { count },
                    )
                })
                .collect();
            times.sort_by(f64::total_cmp);
            println!("{:>8} flows {kind:?}: {:6.1} ns a packet", 1u32 << bits, times[times.len() / 2]);
        }
    }
}
