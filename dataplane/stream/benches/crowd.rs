//! Many flows: bytes a flow, timers, floods, and what an idle army costs those that talk.
//!
//! `cargo bench -p weir-stream --bench crowd`; needs 2 GiB for ten million flows.
#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

mod rig;

use rig::*;
use weir_stream::{Config, FlowTable};
use weir_wire::{Ledger, Side, TcpFlags, Timestamp};

type Table = FlowTable<Box<u64>>;

/// Bytes of this process that are in memory.
fn resident() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<f64>().ok()).expect("a number of pages") * 4096.0
}

fn play(table: &mut Table, ledger: &mut Ledger, packets: &[Timed]) {
    table.burst(packets, ledger, &mut Void { shunts: false });
}

/// A table with room for `flows`, in which so many stand behind their handshake; and the bytes each took.
fn crowd(room: u32, flows: u32) -> (Table, Ledger, f64) {
    let before = resident();
    let (mut table, mut ledger) =
        (Table::new(Config { flows: room, ..Config::default() }), Ledger::default());
    for flow in 0..flows {
        play(&mut table, &mut ledger, &handshake(flow, START));
    }
    let each = (resident() - before) / f64::from(flows);
    (table, ledger, each)
}

fn memory_and_timers(flows: u32) {
    let (mut table, mut ledger, idle) = crowd(flows, flows);
    let before = resident();
    for flow in 0..flows {
        let request = packet(flow, Side::Client, TcpFlags::ACK, 1, 1, &BYTES[..100], START);
        let answer = packet(flow, Side::Server, TcpFlags::ACK, 1, 101, &BYTES[..100], START);
        play(&mut table, &mut ledger, &[request, answer]);
    }
    let talked = idle + (resident() - before) / f64::from(flows);
    println!(
        "{flows} flows: {idle:.0} bytes a flow after the handshake, {talked:.0} after bytes (the state a box of 8)"
    );
    // 310 s of silence: every timer fires twice and every flow ends.
    let (mut worst, start) = (0.0f64, cpu());
    for tick in 0..310_000 / 67 {
        let before = cpu();
        table.advance(
            Timestamp::from_nanos(START + tick * 67_108_864),
            &mut ledger,
            &mut Void { shunts: false },
        );
        worst = worst.max(cpu() - before);
    }
    let each = (cpu() - start) / f64::from(flows) * 1e9;
    println!("  timers: {each:.0} ns for a flow's life, {:.1} ms for {flows} at once", worst * 1e3);
    assert_eq!(table.stats().live, 0);
}

/// SYNs from everywhere onto a table full of established flows with bytes.
fn flood(flows: u32, idle: u64) {
    let (mut table, mut ledger, _) = crowd(flows, flows / 10 * 9);
    let mut now = START;
    for flow in 0..flows / 10 * 9 {
        let bytes = packet(flow, Side::Client, TcpFlags::ACK, 1, 1, &BYTES[..10], now);
        play(&mut table, &mut ledger, &[bytes]);
    }
    now += idle;
    let count = 4 * flows;
    let start = cpu();
    for from in (0..count).step_by(BURST) {
        now += 1000;
        let syns: [Timed; BURST] = std::array::from_fn(|i| {
            packet(scatter(from + i as u32, 26) + (1 << 27), Side::Client, TcpFlags::SYN, 7, 0, &[], now)
        });
        play(&mut table, &mut ledger, &syns);
    }
    let each = (cpu() - start) / f64::from(count) * 1e9;
    for flow in 0..flows / 10 * 9 {
        let bytes = packet(flow, Side::Client, TcpFlags::ACK, 11, 1, &BYTES[..10], now);
        play(&mut table, &mut ledger, &[bytes]);
    }
    println!(
        "flood of {count} SYNs on {} flows idle for {} s: {each:.0} ns a SYN, {} of them evicted",
        flows / 10 * 9,
        idle / 1_000_000_000,
        table.stats().picked_up
    );
}

/// 2,000 flows talk while `army` others are silent: nanoseconds a packet.
fn army(army: u32) -> f64 {
    const TALKERS: u32 = 2_000;
    let (mut table, mut ledger, _) = crowd(army + TALKERS, army / 2);
    let talkers: Vec<u32> = (0..TALKERS).map(|n| (1 << 26) + n * 16).collect();
    for &flow in &talkers {
        play(&mut table, &mut ledger, &handshake(flow, START));
    }
    for flow in army / 2..army {
        play(&mut table, &mut ledger, &handshake(flow, START));
    }
    let mut round = |table: &mut Table, playing: bool| {
        let start = cpu();
        let mut burst = Vec::with_capacity(BURST);
        for n in 0..TALKERS * 100 {
            let flow = talkers[(scatter(n / 4, 26) % TALKERS) as usize];
            burst.push(packet(flow, Side::Client, TcpFlags::ACK, 1, 1, &[], START));
            if burst.len() == BURST {
                if playing {
                    play(table, &mut ledger, &burst);
                }
                std::hint::black_box(&burst);
                burst.clear();
            }
        }
        (cpu() - start) / f64::from(TALKERS * 100) * 1e9
    };
    median((0..7).map(|_| -round(&mut table, false) + round(&mut table, true)).collect())
}

fn main() {
    for flows in [1_000_000, 10_000_000] {
        memory_and_timers(flows);
    }
    for idle in [0, 10_000_000_000] {
        flood(1 << 20, idle);
    }
    let quiet = army(10_000);
    for flows in [1_000_000, 8_000_000] {
        let loud = army(flows);
        println!("2,000 talkers: {quiet:.1} ns a packet beside 10,000 idle flows, {loud:.1} beside {flows}");
    }
}
