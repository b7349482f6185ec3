//! The share of each stage: stages interleaved in one process, medians of the thread's CPU time, beside a control kernel.
//!
//! `cargo bench -p weir-bench --bench shares`

mod stage;

use rustix::time::{ClockId, clock_gettime};
use stage::{Bench, STAGES};
use std::hint::black_box;
use weir_bench::{load::Load, workload::Workload};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PASSES: usize = 9;

/// CPU seconds of this thread.
fn cpu() -> f64 {
    let t = clock_gettime(ClockId::ThreadCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 / 1e9
}

fn timed(work: impl FnOnce()) -> f64 {
    let start = cpu();
    work();
    cpu() - start
}

fn median(mut v: Vec<f64>) -> f64 {
    v.sort_by(f64::total_cmp);
    v[v.len() / 2]
}

/// Copies 16 KiB in L1 over and over: says how much of the machine this run had.
fn control() -> f64 {
    let (from, mut to) = (vec![1u8; 16 << 10], vec![0u8; 16 << 10]);
    timed(|| {
        for _ in 0..20_000 {
            to.copy_from_slice(black_box(&from));
            black_box(&mut to);
        }
    })
}

fn main() {
    let bench = Bench::new();
    for workload in [Workload::W1, Workload::W2] {
        let load = Load::of(workload, 2_000);
        let mut times = vec![Vec::new(); STAGES.len()];
        let mut controls = Vec::new();
        for _ in 0..PASSES {
            controls.push(control());
            for (stage, times) in STAGES.iter().zip(&mut times) {
                times.push(timed(|| {
                    black_box(bench.run(stage, &load));
                }));
            }
        }
        report(workload.about(), &load, times, &controls);
    }
}

fn report(name: &str, load: &Load, times: Vec<Vec<f64>>, controls: &[f64]) {
    let medians: Vec<f64> = times.into_iter().map(median).collect();
    let whole = medians.last().copied().unwrap_or(1.0);
    let worst =
        controls.iter().cloned().fold(0.0, f64::max) / controls.iter().cloned().fold(f64::MAX, f64::min);
    println!(
        "{name}: {} frames, {:.1} MB; control kernel worst/best {worst:.2}",
        load.len(),
        load.bytes() as f64 / 1e6
    );
    let mut before = 0.0;
    for (stage, t) in STAGES.iter().zip(medians) {
        let rate = load.bytes() as f64 * 8.0 / t / 1e9;
        let own = t - before;
        println!("  up to {stage:8} {rate:6.2} Gbit/s   {stage} alone {:5.1} %", own / whole * 100.0);
        before = t;
    }
}
