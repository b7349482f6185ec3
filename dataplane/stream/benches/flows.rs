//! The table alone: instructions and nanoseconds a packet, by how many flows there are.
//!
//! `cargo bench -p weir-stream --bench flows` prints thread CPU time a packet (bursts of 32 and one by one, the making
//! of packets taken off). With `ack`, `data`, `shunt` or `new` it plays only that, in a function `measured` for
//! `valgrind --tool=callgrind --toggle-collect='*measured*'`: divide by the packets it prints.
#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use rustix::time::{ClockId, clock_gettime};
use std::{hint::black_box, net::Ipv4Addr};
use weir_stream::{Config, FlowTable, Sink, Want};
use weir_wire::{
    Account, Endpoint, FlowMeta, Ledger, Packet, Side, StreamEvent, TcpFlags, TcpHeader, Timestamp, Transport,
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

/// Takes bytes and does nothing with them; or wants none.
struct Void {
    shunts: bool,
}

impl Sink<Box<u64>> for Void {
    fn open(&mut self, _: &FlowMeta) -> Box<u64> {
        Box::new(0)
    }
    fn event(&mut self, state: &mut Box<u64>, _: &FlowMeta, event: StreamEvent<'_>, _: &mut Ledger) -> Want {
        if let StreamEvent::Data { bytes, .. } = event {
            **state += bytes.len() as u64;
        }
        if self.shunts { Want::Nothing(Account::MessageEncrypted) } else { Want::Bytes }
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
    sink: Void,
    /// One by one instead of in bursts.
    singly: bool,
    now: u64,
    bits: u32,
    /// Data segments each flow's client has sent, and flows that have had their turn since.
    sent: u32,
    made: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Ack,
    Data,
}

impl Rig {
    /// With `1 << bits` flows, each behind its handshake.
    fn new(bits: u32, singly: bool) -> Self {
        let table = FlowTable::new(Config { flows: 1 << bits.max(4), ..Config::default() });
        let mut rig = Rig {
            table,
            ledger: Ledger::default(),
            sink: Void { shunts: false },
            singly,
            now: START,
            bits,
            sent: 0,
            made: 0,
        };
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
        if !self.singly {
            return self.table.burst(packets, &mut self.ledger, &mut self.sink);
        }
        for (p, now) in packets {
            self.table.segment(p, *now, &mut self.ledger, &mut self.sink);
        }
    }
    /// The next packets of `kind`: every flow has its turn, in a scattered order.
    fn make(&mut self, kind: Kind) -> [Timed; BURST] {
        self.now += 1000;
        std::array::from_fn(|_| {
            let flow = scatter(self.made as u32, self.bits);
            let seq = 1 + self.sent * 1460;
            if kind == Kind::Data {
                self.made += 1;
                if self.made >> self.bits != 0 {
                    (self.made, self.sent) = (0, self.sent + 1);
                }
            } else {
                self.made = (self.made + 1) & ((1 << self.bits) - 1);
            }
            let payload: &[u8] = if kind == Kind::Data { &BYTES } else { &[] };
            packet(flow, Side::Client, TcpFlags::ACK, seq, 1, payload, self.now)
        })
    }
    /// Plays `count` packets of `kind`; returns nanoseconds each, without the making.
    fn time(&mut self, kind: Kind, count: u32) -> f64 {
        let state = (self.made, self.sent);
        let start = cpu();
        for _ in 0..count / BURST as u32 {
            black_box(self.make(kind));
        }
        let making = cpu() - start;
        (self.made, self.sent) = state;
        let start = cpu();
        for _ in 0..count / BURST as u32 {
            let packets = self.make(kind);
            self.play(black_box(&packets));
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
    let mut rig = Rig::new(6, false);
    let acks: Vec<Timed> =
        (0..640).map(|n| packet(n % 64, Side::Client, TcpFlags::ACK, 1, 1, &[], START)).collect();
    let data: Vec<Timed> = (0..640)
        .map(|n| packet(n % 64, Side::Client, TcpFlags::ACK, 1 + n / 64 * 1460, 1, &BYTES, START))
        .collect();
    let new: Vec<Timed> =
        (1000..1640).map(|n| packet(n, Side::Client, TcpFlags::SYN, 0, 0, &[], START)).collect();
    let packets = match kind {
        "ack" => &acks,
        "data" | "shunt" => {
            rig.sink.shunts = kind == "shunt";
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
    for (bits, singly) in [0, 13, 20, 23].into_iter().flat_map(|bits| [(bits, false), (bits, true)]) {
        let mut rig = Rig::new(bits, singly);
        for kind in [Kind::Data, Kind::Ack] {
            let count = (1u32 << bits).max(1 << 20);
            let mut times: Vec<f64> = (0..7).map(|_| rig.time(kind, count)).collect();
            times.sort_by(f64::total_cmp);
            let how = if singly { "one by one" } else { "in bursts" };
            println!("{:>8} flows, {kind:?} {how}: {:6.1} ns a packet", 1u32 << bits, times[times.len() / 2]);
        }
    }
}
