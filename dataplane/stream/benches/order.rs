//! What disorder costs: the same bytes in order, with 5 % of the segments late, and as an adversary would send them.
//!
//! `cargo bench -p weir-stream --bench order`: thread CPU time a packet, and how many times the same packets in order. With
//! a number it plays only that disorder once (0: in order), in a function `measured` for
//! `valgrind --tool=callgrind --toggle-collect='*measured*'`: divide by the packets it prints.

mod rig;

use rig::*;
use weir_stream::{Config, FlowTable};
use weir_wire::{Ledger, Side, TcpFlags};

const FLOWS: u32 = 512;
const SEGMENTS: u32 = 512;

/// A segment of a flow's client by its place, `len` bytes long.
fn segment(flow: u32, place: u32, len: usize) -> Timed {
    packet(flow, Side::Client, TcpFlags::ACK, 1 + place * len as u32, 1, &BYTES[..len], START)
}

/// A table whose flows stand behind their handshake.
fn opened() -> (FlowTable<Box<u64>>, Ledger) {
    let config = Config { flows: 2 * FLOWS, ..Config::default() };
    let (mut table, mut ledger) = (FlowTable::new(config), Ledger::default());
    for flow in 0..FLOWS {
        table.burst(&handshake(flow, START), &mut ledger, &mut Void { shunts: false });
    }
    (table, ledger)
}

#[inline(never)]
fn measured(table: &mut FlowTable<Box<u64>>, ledger: &mut Ledger, packets: &[Timed]) {
    for burst in packets.chunks(BURST) {
        table.burst(burst, ledger, &mut Void { shunts: false });
    }
}

/// Nanoseconds a packet.
fn play(packets: &[Timed]) -> f64 {
    let run = || {
        let (mut table, mut ledger) = opened();
        let start = cpu();
        measured(&mut table, &mut ledger, packets);
        (cpu() - start) / packets.len() as f64 * 1e9
    };
    median((0..7).map(|_| run()).collect())
}

/// Plays one disorder, for counting instructions.
fn count(which: usize) {
    let mut orders = vec![weave(1460, |_, place| place)];
    orders.extend(disorders(1460).into_iter().chain(attacks()).map(|(_, packets)| packets));
    let (mut table, mut ledger) = opened();
    if let Some(packets) = orders.get(which) {
        measured(&mut table, &mut ledger, packets);
        println!("{} packets", packets.len());
    }
}

/// Flows take turns of four segments; `order` says which segment comes at each place.
fn weave(len: usize, order: impl Fn(u32, u32) -> u32) -> Vec<Timed> {
    let turns = (0..SEGMENTS / 4).flat_map(|turn| (0..FLOWS).map(move |flow| (turn, flow)));
    let places = turns.flat_map(|(turn, flow)| (0..4).map(move |n| (flow, 4 * turn + n)));
    places.map(|(flow, place)| segment(flow, order(flow, place), len)).collect()
}

/// Segment `place` of `flow` and the one behind it change places with a chance of `percent`.
fn swapped(flow: u32, place: u32, percent: u32) -> u32 {
    let pair = place / 2;
    let dice = scatter(flow.wrapping_mul(SEGMENTS).wrapping_add(pair), 20) % 100;
    if dice < percent { place ^ 1 } else { place }
}

/// Segments of `len` bytes as paths and mirrors disturb them, and worse.
fn disorders(len: usize) -> [(&'static str, Vec<Timed>); 3] {
    [
        // Of a swapped pair one segment is late.
        ("5 % late", weave(len, |flow, place| swapped(flow, place, 10))),
        ("every other late", weave(len, |_, place| place ^ 1)),
        ("backwards in runs of 64", weave(len, |_, place| place ^ 63)),
    ]
}

/// Segments of one byte, as an adversary would send them.
fn attacks() -> [(&'static str, Vec<Timed>); 4] {
    [
        ("backwards in runs of 128", weave(1, |_, place| place ^ 127)),
        ("every other byte, then the rest", weave(1, |_, place| place % 256 * 2 % 255 + place / 256 * 256)),
        ("holes never filled", weave(1, |_, place| 2 * place + 1)),
        ("the same again", weave(1, |_, place| place / 2 * 2 + 1)),
    ]
}

fn main() {
    if let Some(which) = std::env::args().find_map(|a| a.parse().ok()) {
        return count(which);
    }
    for len in [1460, 600] {
        let whole = play(&weave(len, |_, place| place));
        println!("{len} bytes in order: {whole:.1} ns a packet");
        for (name, packets) in disorders(len) {
            let time = play(&packets);
            println!("  {name}: {time:.1} ns, {:.2} times", time / whole);
        }
    }
    let whole = play(&weave(1, |_, place| place));
    println!("1 byte in order: {whole:.1} ns a packet");
    for (name, packets) in attacks() {
        let time = play(&packets);
        println!("  {name}: {time:.1} ns, {:.2} times", time / whole);
    }
}
