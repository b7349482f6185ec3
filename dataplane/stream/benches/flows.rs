//! The table alone: instructions and nanoseconds a packet, by how many flows there are.
//!
//! `cargo bench -p weir-stream --bench flows` prints thread CPU time a packet (bursts of 32 and one by one, the making
//! of packets taken off). With `ack`, `data`, `shunt` or `new` it plays only that, in a function `measured` for
//! `valgrind --tool=callgrind --toggle-collect='*measured*'`: divide by the packets it prints.
#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

mod rig;

use rig::*;
use std::hint::black_box;
use weir_stream::{Config, FlowTable};
use weir_wire::{Ledger, Side, TcpFlags};

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
        let table = FlowTable::new(Config { flows: (1 << bits) + 1024, ..Config::default() });
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
            rig.play(&handshake(scatter(i, bits), START));
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
            let time = median((0..7).map(|_| rig.time(kind, count)).collect());
            let how = if singly { "one by one" } else { "in bursts" };
            println!("{:>8} flows, {kind:?} {how}: {:6.1} ns a packet", 1u32 << bits, time);
        }
    }
}
