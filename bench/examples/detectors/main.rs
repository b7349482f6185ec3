//! What all detectors together take of the analyst for an exchange, and what ever new keys do to them.
//!
//! `cargo run --release -p weir-bench --example detectors` prints CPU time of the thread in the steady state (gate: 3 us);
//! `valgrind --tool=callgrind --toggle-collect='*measured*' target/release/examples/detectors --count` counts instructions of one pass;
//! `-- --hostile [EXCHANGES]` (10 million where none is said) throws accounts, paths and addresses that never come again, and prints memory.
//!
//! The exchanges are W1's as the lane gives them, spread over 56 sites (some 1,000 interfaces). Identity and inventory place them
//! beforehand, so that the detectors alone are measured; five days' worth of them has passed before.

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]
#![allow(missing_docs, reason = "a program's own modules")]

mod hostile;
mod stages;

use stages::{Placed, Stages};
use std::net::{IpAddr, Ipv4Addr};
use weir_bench::load::Load;
use weir_bench::machine::resident;
use weir_bench::measure::{PASSES, cpu, median};
use weir_bench::row::Row;
use weir_bench::stage::Bench;
use weir_bench::workload::Workload;
use weir_exchange::Exchange;
use weir_wire::{Endpoint, Timestamp};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sites, and connections of W1 that are sent again and again.
const SITES: u32 = 56;
const CONNECTIONS: usize = 1_000;
/// Passes before what is measured, and what lies between two in packet time: half a day, so that days are closed and learned.
const WARM: u64 = 10;
const BETWEEN: u64 = 43_200_000_000_000;
/// Looks at memory on the way through a flood.
const LOOKS: u64 = 10;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let bench = Bench::default();
    let catalogue = bench.rules().catalogue().clone();
    if args.iter().any(|a| a == "--hostile") {
        let all = args.iter().find_map(|a| a.parse().ok()).unwrap_or(10_000_000_u64);
        return flood(Stages::new(catalogue), all);
    }
    let load = Load::of(Workload::W1, CONNECTIONS);
    let mut lane = bench.lane();
    load.bursts(|burst| lane.burst(burst));
    lane.finish();
    let sample: Vec<Exchange> = lane.exchanges().collect();
    let mut stages = Stages::new(catalogue);
    let mut pass = |n: u64, clock: fn() -> f64| {
        let placed: Vec<Placed> =
            sample.iter().enumerate().map(|(at, x)| stages.place(spread(x, at, n))).collect();
        let start = clock();
        measured(&mut stages, &placed);
        clock() - start
    };
    if args.iter().any(|a| a == "--count") {
        (0..WARM).for_each(|n| {
            pass(n, || 0.0);
        });
        println!("{} passes of {} exchanges", WARM, sample.len());
        return;
    }
    (0..WARM).for_each(|n| {
        pass(n, cpu);
    });
    let times: Vec<f64> = (0..PASSES as u64).map(|n| pass(WARM + n, cpu)).collect();
    let each = median(times) / sample.len() as f64 * 1e6;
    Row::new("I6", "all detectors an exchange, W1, steady state", each, "us").at_most(3.0, 3.0).print();
}

/// An exchange on one of the sites, in the n-th pass.
fn spread(x: &Exchange, at: usize, n: u64) -> Exchange {
    let mut x = x.clone();
    let site = (at as u32).wrapping_mul(7_919) % SITES;
    x.flow.server = Endpoint { ip: IpAddr::V4(Ipv4Addr::from(0x0a40_0000 + site)), ..x.flow.server };
    for time in [&mut x.time, &mut x.ended, &mut x.emitted] {
        *time = Timestamp::from_nanos(time.nanos() + n * BETWEEN);
    }
    if let Some(request) = &mut x.request {
        request.host = format!("s{site}.example").into();
    }
    x
}

/// What a profiler is told to look at.
#[inline(never)]
fn measured(stages: &mut Stages, placed: &[Placed]) {
    placed.iter().for_each(|x| stages.judge(x));
}

fn flood(mut stages: Stages, all: u64) {
    let types = hostile::Types::of(&stages.catalogue);
    let (mut memory, mut seconds) = (Vec::new(), 0.0);
    for n in 0..all {
        let placed = stages.place(hostile::exchange(n, &types));
        let start = cpu();
        stages.judge(&placed);
        seconds += cpu() - start;
        if (n + 1) % (all / LOOKS).max(1) == 0 {
            memory.push(resident() as f64 / f64::from(1 << 20));
        }
    }
    let (middle, last) = (memory.get(memory.len() / 2), memory.last());
    for (n, mib) in (1..).zip(&memory) {
        println!("after {n} tenths: {mib:.0} MiB");
    }
    println!("given up for want of room: {:?}", stages.engine.evicted());
    let growth = last.zip(middle).map_or(1.0, |(l, m)| l / m);
    let last = last.copied().unwrap_or_default();
    Row::new("I6", "memory at the end of a flood of ever new keys, all stages", last, "MiB").print();
    Row::new("I6", "its growth in the second half", growth, "").at_most(1.05, 1.01).print();
    // Reading the clock around each exchange counts with it.
    Row::new("I6", "all detectors a hostile exchange", seconds / all.max(1) as f64 * 1e6, "us").print();
}
