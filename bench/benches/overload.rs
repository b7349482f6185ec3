//! Two lanes, G8; and more than a lane can read: G12, G13 and G14, on the virtual card, in CPU time of the lane's thread.
//!
//! `cargo bench -p weir-bench --bench overload [-- --json]`

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;
use weir_bench::http::API_MIX;
use weir_bench::load::Load;
use weir_bench::machine::resident;
use weir_bench::measure::{PASSES, cpu, median};
use weir_bench::mix::Mix;
use weir_bench::nic::{Meter, Moment, Nic, Phase};
use weir_bench::row::Row;
use weir_bench::workload::api;
use weir_exchange::Fingerprinter;
use weir_lane::live::{LaneClock, Running, run};
use weir_lane::{Control, ExchangeBatch, Figures, Lane, LaneConfig, Outbox, ring};
use weir_rules::RuleSet;
use weir_wire::{Account, Timestamp};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const MS: u64 = 1_000_000;
const DESCRIPTORS: usize = 1024;

fn main() {
    let bench =
        Trials { load: short_lived(), rules: Arc::new(RuleSet::builtin().expect("the built-in packs")) };
    two_lanes(&bench.rules, &bench.load);
    let peak = bench.peak();
    Row::new("G12", "peak of the lane behind the virtual card, W1", peak.rate * 8.0, "Gbit/s").print();
    let mut books = Books::default();
    for times in [0.5, 1.5, 2.0, 4.0] {
        bench.overload(times, &peak, &mut books);
    }
    bench.bursts(&peak, &mut books);
    Row::new("G13", "frames offered but in no account, all runs", books.lost as f64, "")
        .at_most(0.0, 0.0)
        .print();
    Row::new("G13", "layers out of balance, all runs", books.unbalanced as f64, "").at_most(0.0, 0.0).print();
}

/// W1 with 250 live flows instead of 2,000, so that a phase of the trial sees many of them begin and end; one lap is 130 MB.
fn short_lived() -> Load {
    let mut load = Load::default();
    let mix = Mix { live: 250, ..Mix::of(3_000) };
    api(&mix, &API_MIX, |time, frame| load.push(time, frame));
    load
}

fn lane(rules: &Arc<RuleSet>) -> Lane {
    Lane::new(&LaneConfig::default(), Arc::clone(rules), Fingerprinter::new([1; 16])).expect("a lane")
}

/// Bytes a CPU second of a lane of its own over `load`.
fn rate(rules: &Arc<RuleSet>, load: &Load) -> f64 {
    let mut lane = lane(rules);
    let begun = cpu();
    load.bursts(|burst| {
        lane.burst(burst);
        lane.exchanges().for_each(drop);
    });
    load.bytes() as f64 / (cpu() - begun)
}

/// G8: one lane alone, and two at a time, each with its share of the flows, as a card spreads them.
fn two_lanes(rules: &Arc<RuleSet>, whole: &Load) {
    let (mut even, mut odd) = (Load::default(), Load::default());
    for frame in whole.frames() {
        let ends = frame.data.get(26..38).unwrap_or_default();
        let share = ends.iter().fold(0, |sum, b| sum ^ b) & 1;
        if share == 0 { &mut even } else { &mut odd }.push(frame.time, frame.data);
    }
    let mut ratios = Vec::new();
    for _ in 0..PASSES {
        let alone = (rate(rules, &even) + rate(rules, &odd)) / 2.0;
        let start = Barrier::new(2);
        let both: f64 = thread::scope(|scope| {
            let run = |load| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    rate(rules, load)
                })
            };
            let lanes = [run(&even), run(&odd)];
            lanes.into_iter().map(|l| l.join().expect("a lane")).sum()
        });
        ratios.push(both / alone);
    }
    Row::new("G8", "two lanes at a time / one, sum of rates by thread CPU time", median(ratios), "x")
        .at_least(1.85, 1.95)
        .print();
}

/// What a lane does when it is not pressed.
struct Peak {
    /// Captured bytes a nanosecond of work.
    rate: f64,
    /// Of these, bytes of heads and scanned bodies.
    good: f64,
}

#[derive(Default)]
struct Books {
    lost: u64,
    unbalanced: u64,
}

struct Trials {
    load: Load,
    rules: Arc<RuleSet>,
}

/// What was seen at a publication.
struct Sample {
    at: Moment,
    figures: Figures,
    resident: u64,
}

struct Trial {
    samples: Vec<Sample>,
    /// Exchanges handed over in each phase, and those complete.
    exchanges: Vec<(u64, u64)>,
    figures: Figures,
    offered: u64,
}

/// The wall's clock plays no part in virtual time.
struct NoClock;

impl LaneClock for NoClock {
    fn now(&self) -> Timestamp {
        Timestamp::default()
    }
    fn cpu(&self) -> Duration {
        Duration::from_secs_f64(cpu())
    }
}

impl Trials {
    /// Runs a lane under phases of (milliseconds, captured bytes a nanosecond).
    fn run(&self, phases: &[(u64, f64)], spill: usize, books: &mut Books) -> Trial {
        let lane = lane(&self.rules);
        let (tx, rx) = ring::<ExchangeBatch>(4096);
        let control = Control::default();
        let phases: Vec<Phase> = phases.iter().map(|&(ms, rate)| Phase { nanos: ms * MS, rate }).collect();
        let (mut samples, mut exchanges) = (Vec::new(), vec![(0, 0); phases.len() + 1]);
        let (mut heard, mut offered) = (0, 0);
        let mut between = |at: Moment| {
            offered = at.offered.0;
            while let Some(batch) = rx.try_receive() {
                let (all, complete) = &mut exchanges[at.phase];
                *all += batch.exchanges.len() as u64;
                *complete += batch.exchanges.iter().filter(|x| x.complete).count() as u64;
                rx.recycle(batch);
            }
            let figures = control.gauges().read();
            if figures.heartbeat != heard {
                heard = figures.heartbeat;
                samples.push(Sample { at, figures, resident: resident() });
            }
        };
        let mut nic = Nic::new(&self.load, Meter::Cpu, DESCRIPTORS, phases, &mut between);
        let running = Running { clock: Some(&NoClock), spill, control: &control, watch: &mut |_| {} };
        run(&mut nic, lane, Outbox::live(tx), running).expect("a lane that ends in order");
        drop(nic);
        let figures = control.gauges().read();
        books.lost += offered.abs_diff(figures.ledger.received.count);
        books.unbalanced += u64::from(!figures.ledger.balanced());
        Trial { samples, exchanges, figures, offered }
    }

    fn peak(&self) -> Peak {
        // A first guess, from a lane that gets everything at once and keeps up with a third of it at most.
        let mut lane = lane(&self.rules);
        let begun = cpu();
        self.load.bursts(|b| {
            lane.burst(b);
            lane.exchanges().for_each(drop);
        });
        let guess = self.load.bytes() as f64 / ((cpu() - begun) * 1e9);
        let mut runs: Vec<Peak> = (0..3)
            .map(|_| {
                let t = self.run(&[(400, 0.75 * guess)], 0, &mut Books::default());
                let (first, last) = t.within(0).expect("figures of a whole second");
                let worked = (last.at.worked - first.at.worked) as f64;
                let bytes = last.figures.ledger.received.bytes - first.figures.ledger.received.bytes;
                Peak {
                    rate: bytes as f64 / worked,
                    good: (good(&last.figures) - good(&first.figures)) as f64 / worked,
                }
            })
            .collect();
        runs.sort_by(|a, b| a.good.total_cmp(&b.good));
        runs.swap_remove(1)
    }

    /// G12 at so many times the peak.
    fn overload(&self, times: f64, peak: &Peak, books: &mut Books) {
        let t = self.run(
            &[(800, 0.7 * peak.rate), (600, times * peak.rate), (300, 0.5 * peak.rate)],
            16 * 1024,
            books,
        );
        let (first, last) = t.within(1).expect("figures");
        let span = (last.at.now - first.at.now) as f64;
        let goodput = (good(&last.figures) - good(&first.figures)) as f64 / span / peak.good;
        let (all, complete) = t.exchanges[1];
        let share = complete as f64 / all.max(1) as f64;
        // The capture in memory is none of the lane's.
        let own = first.resident.saturating_sub(self.load.bytes()).max(1) as f64;
        let grown = last.resident.saturating_sub(first.resident) as f64 / own;
        let dropped = last.figures.ledger.entry(Account::FrameDropped).count
            - first.figures.ledger.entry(Account::FrameDropped).count;
        let arrived = last.at.offered.0 - first.at.offered.0;
        let name = |what: &str| format!("{times}x for 600 ms: {what}");
        let bound = |row: Row, gate, target, less| match (times >= 2.0, less) {
            (false, _) => row,
            (true, false) => row.at_least(gate, target),
            (true, true) => row.at_most(gate, target),
        };
        bound(Row::new("G12", name("goodput / peak"), goodput, ""), 0.90, 0.97, false).print();
        bound(Row::new("G12", name("complete exchanges of those admitted"), share, ""), 0.95, 0.99, false)
            .print();
        bound(Row::new("G12", name("growth of the lane's memory"), grown, ""), 0.10, 0.02, true).print();
        let back = t.recovery(1_400 * MS).map_or(f64::MAX, |ns| ns as f64 / MS as f64);
        bound(Row::new("G12", name("until all is read again"), back, "ms"), 1_000.0, 100.0, true).print();
        Row::new("G12", name("frames lost in the card"), dropped as f64 / arrived.max(1) as f64, "").print();
        for a in Account::ALL.iter().filter(|a| a.key().starts_with("shed:")) {
            let shed = t.figures.ledger.entry(*a).bytes;
            if shed > 0 {
                let of = t.figures.ledger.payload.bytes.max(1);
                Row::new(
                    "G12",
                    name(&format!("share of payload in {}", a.key())),
                    shed as f64 / of as f64,
                    "",
                )
                .print();
            }
        }
    }

    /// G14: bursts of four times the peak for 2 ms, ten in half a second, over 60 % of it.
    fn bursts(&self, peak: &Peak, books: &mut Books) {
        let phases: Vec<_> = (0..10).flat_map(|_| [(50, 0.6 * peak.rate), (2, 4.0 * peak.rate)]).collect();
        for (spill, bound) in [(64 << 10, true), (16 << 10, true), (0, false)] {
            let t = self.run(&phases, spill, books);
            let lost = t.figures.ledger.entry(Account::FrameDropped).count as f64;
            let row = Row::new(
                "G14",
                format!("4x for 2 ms, 1,024 descriptors, spill of {spill}: frames lost"),
                lost,
                "",
            );
            if bound { row.at_most(0.0, 0.0) } else { row }.print();
            if bound {
                let shed: u64 = Account::ALL
                    .iter()
                    .filter(|a| a.key().starts_with("shed:"))
                    .map(|a| t.figures.ledger.entry(*a).bytes)
                    .sum();
                Row::new("G14", format!("the same, spill of {spill}: bytes shed"), shed as f64, "B").print();
                Row::new(
                    "G14",
                    format!("the same, spill of {spill}: most frames held"),
                    t.figures.spill_peak as f64,
                    "",
                )
                .print();
            }
            books.lost += t.offered.abs_diff(t.figures.ledger.received.count);
        }
    }
}

impl Trial {
    /// First and last publication of a phase.
    fn within(&self, phase: usize) -> Option<(&Sample, &Sample)> {
        let mut of = self.samples.iter().filter(|s| s.at.phase == phase);
        let first = of.next()?;
        Some((first, of.next_back().unwrap_or(first)))
    }
    /// From `load_gone` until nothing is left out any more.
    fn recovery(&self, load_gone: u64) -> Option<u64> {
        if self.samples.iter().all(|s| s.figures.overload_level == 0) {
            return Some(0);
        }
        let last_above = self.samples.iter().rposition(|s| s.figures.overload_level > 0)?;
        let back = self.samples.get(last_above + 1)?;
        Some(back.at.now.saturating_sub(load_gone))
    }
}

/// Bytes of heads and of bodies that were scanned to their end.
fn good(f: &Figures) -> u64 {
    f.ledger.entry(Account::MessageHead).bytes + f.ledger.entry(Account::BodyScanned).bytes
}
