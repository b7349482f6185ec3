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
use weir_bench::measure::{PASSES, median};
use weir_bench::row::Row;
use weir_bench::workload::Workload;
use weir_exchange::Fingerprinter;
use weir_lane::{Batch, ExchangeBatch, Lane, LaneConfig, Outbox, Receiver, Sender, ring};
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
    let mut lane = lane(rules);
    let mut each = 0.0;
    for lap in 0..3 {
        let (mut exchanges, mut asked) = (0, 0);
        later(&load, lap, |burst| {
            asked += measure(|| {
                lane.burst(burst);
                exchanges += lane.exchanges().map(drop).count();
            })
            .count_total;
        });
        each = asked as f64 / exchanges.max(1) as f64;
    }
    Row::new("G9", "allocations an exchange, whole lane, W1, warm", each, "").at_most(4.0, 1.0).print();
    packets(rules, "in the middle of a body of 20 MB", &Load::of(Workload::W6, 1));
    packets(rules, "of TLS and video", &Load::of(Workload::W13, 20));
}

/// Allocations over the middle of a load that was seen before.
fn packets(rules: &Arc<RuleSet>, what: &str, load: &Load) {
    let mut lane = lane(rules);
    let third = load.len() / 3;
    let mut asked = 0;
    for lap in 0..2 {
        let mut seen = 0;
        asked = 0;
        later(load, lap, |burst| {
            let more = measure(|| lane.burst(burst)).count_total;
            asked += if (third..2 * third).contains(&seen) { more } else { 0 };
            seen += burst.len();
            lane.exchanges().for_each(drop);
        });
    }
    let each = asked as f64 / third.max(1) as f64;
    let row = Row::new("G9", format!("allocations a packet {what}"), each, "");
    if what.contains("body") { row.at_most(0.0, 0.0) } else { row }.print();
}

/// G11: what handing over costs the lane's thread: booking what came out of a burst, and now and then giving it away for empty memory.
fn producer(rules: &Arc<RuleSet>) {
    let load = Load::of(Workload::W1, 600);
    let mut stage = lane(rules);
    let (tx, rx) = ring::<ExchangeBatch>(RING);
    let analyst = thread::spawn(move || {
        while let Some(batch) = rx.receive() {
            rx.recycle(batch);
        }
    });
    let mut outbox = Outbox::new(tx);
    let mut costs = Vec::new();
    for lap in 0..8 * PASSES {
        let (before, mut spent) = (stage.report().ledger.exchanges.count, 0.0);
        later(&load, lap as u64, |burst| {
            stage.burst(burst);
            let begun = Instant::now();
            outbox.collect(&mut stage).expect("an analyst");
            let ended = Instant::now();
            // What looking at the clock takes is none of it.
            spent += (ended - begun).as_secs_f64() - ended.elapsed().as_secs_f64();
        });
        let handed = stage.report().ledger.exchanges.count - before;
        costs.push(spent * 1e9 / handed.max(1) as f64);
    }
    outbox.finish(&mut stage).expect("an analyst");
    analyst.join().expect("an analyst");
    Row::new("G11", "producer's time an exchange record handed over", median(costs), "ns")
        .at_most(20.0, 8.0)
        .print();
}

/// A load for the `lap`th time: time goes on, and does not come twice.
fn later(load: &Load, lap: u64, mut take: impl FnMut(&[Frame<'_>])) {
    let time = |n| load.frames().nth(n).map_or(0, |f| f.time.nanos());
    let shift = weir_wire::Duration::from_nanos(lap * (time(load.len() - 1) - time(0) + 1_000_000_000));
    load.bursts(|burst| {
        let later: Vec<Frame<'_>> = burst.iter().map(|f| Frame { time: f.time.plus(shift), ..*f }).collect();
        take(&later);
    });
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
