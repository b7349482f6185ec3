//! Between a lane and the analyst, and what a lane asks of the allocator: G11, and G9 as far as the whole lane goes.
//!
//! `cargo bench -p weir-bench --bench handoff [-- --json]`

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]
#![allow(clippy::disallowed_methods, reason = "the age of a record in a queue is real time")]

use allocation_counter::measure;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use weir_bench::load::Load;
use weir_bench::measure::{PASSES, cpu, median};
use weir_bench::row::Row;
use weir_bench::workload::Workload;
use weir_exchange::{Exchange, Fingerprinter};
use weir_lane::{Batch, ExchangeBatch, Lane, LaneConfig, Receiver, Sender, ring};
use weir_rules::RuleSet;
use weir_wire::Frame;

/// Exchanges of a batch, as a lane fills it.
const BATCH: usize = 32;
const RING: usize = 64;

fn main() {
    let rules = Arc::new(RuleSet::builtin().expect("the built-in packs"));
    steady(&rules);
    producer(&rules);
    age();
}

fn lane(rules: &Arc<RuleSet>) -> Lane {
    Lane::new(&LaneConfig::default(), Arc::clone(rules), Fingerprinter::new([1; 16])).expect("a lane")
}

/// G9: what a lane asks of the allocator, once its tables and buffers are warm.
fn steady(rules: &Arc<RuleSet>) {
    let load = Load::of(Workload::W1, 400);
    let frames: Vec<Frame<'_>> = load.frames().collect();
    let mut lane = lane(rules);
    let mut lap = || {
        let mut exchanges = 0;
        let asked = measure(|| {
            for burst in frames.chunks(BATCH) {
                lane.burst(burst);
                exchanges += lane.exchanges().map(drop).count();
            }
        });
        lane.finish();
        lane.exchanges().for_each(drop);
        asked.count_total as f64 / exchanges.max(1) as f64
    };
    lap();
    lap();
    Row::new("G9", "allocations an exchange, whole lane, W1, warm", lap(), "").at_most(4.0, 1.0).print();
    packets(rules, "in the middle of a body of 20 MB", &Load::of(Workload::W6, 1));
    packets(rules, "of TLS and video", &Load::of(Workload::W13, 20));
}

/// Allocations over the middle of a load that was seen before.
fn packets(rules: &Arc<RuleSet>, what: &str, load: &Load) {
    let mut frames: Vec<Frame<'_>> = load.frames().collect();
    let span = frames.last().map_or(0, |f| f.time.nanos()) - frames.first().map_or(0, |f| f.time.nanos());
    let mut lane = lane(rules);
    let (third, thirds) = (frames.len() / 3, frames.len() / 3 * 2);
    let mut asked = 0;
    for _ in 0..2 {
        frames[..third].chunks(BATCH).for_each(|b| lane.burst(b));
        asked = measure(|| frames[third..thirds].chunks(BATCH).for_each(|b| lane.burst(b))).count_total;
        frames[thirds..].chunks(BATCH).for_each(|b| lane.burst(b));
        lane.exchanges().for_each(drop);
        // Traffic goes on: time does not come twice.
        frames
            .iter_mut()
            .for_each(|f| f.time = f.time.plus(weir_wire::Duration::from_nanos(span + 1_000_000_000)));
    }
    let each = asked as f64 / third.max(1) as f64;
    let row = Row::new("G9", format!("allocations a packet {what}"), each, "");
    if what.contains("body") { row.at_most(0.0, 0.0) } else { row }.print();
}

/// G11: CPU time of the lane's thread for handing an exchange over: filling the batch, sending it and taking an empty one.
fn producer(rules: &Arc<RuleSet>) {
    let load = Load::of(Workload::W1, 600);
    let mut lane = lane(rules);
    load.bursts(|b| lane.burst(b));
    lane.finish();
    let mut stock: Vec<Exchange> = lane.exchanges().collect();
    let per_lap = stock.len() / BATCH * BATCH;
    let (tx, rx) = ring::<ExchangeBatch>(RING);
    let (back, returned) = ring::<ExchangeBatch>(1024);
    let analyst = thread::spawn(move || {
        while let Some(mut batch) = rx.receive() {
            // Read as an analyst would, and back to where they came from, so that nothing is made anew.
            let mut home = back.batch();
            home.exchanges.append(&mut batch.exchanges);
            rx.recycle(batch);
            if back.send(home).is_err() {
                return;
            }
        }
    });
    let mut costs = Vec::new();
    for _ in 0..40 * PASSES {
        let mut worked = 0.0;
        let mut sent = 0;
        while sent < per_lap / BATCH {
            let begun = cpu();
            let chunk = (RING / 2).min(per_lap / BATCH - sent);
            for _ in 0..chunk {
                let mut batch = tx.batch();
                batch.exchanges.extend(stock.drain(stock.len() - BATCH..));
                if let Ok(Some(_)) | Err(_) = tx.try_send(batch) {
                    unreachable!("there is room for half a ring");
                }
            }
            worked += cpu() - begun;
            sent += chunk;
            for _ in 0..chunk {
                let mut home = returned.receive().expect("an analyst");
                stock.append(&mut home.exchanges);
                returned.recycle(home);
            }
        }
        costs.push(worked * 1e9 / per_lap as f64);
    }
    drop(tx);
    analyst.join().expect("an analyst");
    Row::new("G11", "producer's CPU time an exchange record handed over", median(costs), "ns")
        .at_most(20.0, 8.0)
        .print();
}

/// Records that know when they were sent.
#[derive(Default)]
struct Stamped(Vec<Instant>);

impl Batch for Stamped {
    fn clear(&mut self) {
        self.0.clear();
    }
}

/// G11: how long records wait when the analyst is busy for 70 % of the time. Real time, so a busy machine shows.
fn age() {
    /// What the analyst does with a record.
    const WORK: Duration = Duration::from_micros(8);
    const RECORDS: usize = 100_000;
    let (tx, rx): (Sender<Stamped>, Receiver<Stamped>) = ring(RING);
    let producer = thread::spawn(move || {
        let mut due = Instant::now();
        let mut batch = tx.batch();
        for _ in 0..RECORDS {
            due += WORK.mul_f64(1.0 / 0.7);
            while Instant::now() < due {
                std::hint::spin_loop();
            }
            batch.0.push(Instant::now());
            // As the lane's outbox does: at once to who waits, else by the batch.
            if batch.0.len() >= BATCH || tx.is_empty() {
                let next = tx.batch();
                if tx.send(std::mem::replace(&mut batch, next)).is_err() {
                    return;
                }
            }
        }
    });
    let mut ages = Vec::with_capacity(RECORDS);
    while let Some(batch) = rx.receive() {
        for sent in &batch.0 {
            let begun = Instant::now();
            ages.push(begun.duration_since(*sent).as_secs_f64() * 1e6);
            while begun.elapsed() < WORK {
                std::hint::spin_loop();
            }
        }
        rx.recycle(batch);
    }
    producer.join().expect("a producer");
    ages.sort_by(f64::total_cmp);
    let at = |share: f64| ages.get((ages.len() as f64 * share) as usize).copied().unwrap_or(f64::MAX);
    Row::new("G11", "age of a record when read, analyst 70 % busy, median", at(0.5), "us").print();
    Row::new("G11", "age of a record when read, analyst 70 % busy, p99", at(0.99), "us")
        .at_most(200.0, 20.0)
        .print();
}
