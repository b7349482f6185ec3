//! The share of each stage: stages interleaved in one process, medians of the thread's CPU time, beside a control kernel.
//!
//! `cargo bench -p weir-bench --bench shares [-- w1|w2]`; a profiler is given one workload.

use std::hint::black_box;
use weir_bench::measure::{Controls, PASSES, gbits, median, timed};
use weir_bench::stage::{Bench, STAGES};
use weir_bench::{load::Load, workload::Workload};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let bench = Bench::default();
    let asked: Vec<Workload> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let asked = if asked.is_empty() { vec![Workload::W1, Workload::W2] } else { asked };
    for workload in asked {
        let load = Load::of(workload, 2_000);
        let mut times = vec![Vec::new(); STAGES.len()];
        let mut running = STAGES.map(|stage| bench.stage(stage));
        for stage in &mut running {
            stage.pass(&mut |take| load.bursts(take));
        }
        let mut controls = Controls::default();
        for _ in 0..PASSES {
            controls.run();
            for (stage, times) in running.iter_mut().zip(&mut times) {
                times.push(timed(|| {
                    black_box(stage.pass(&mut |take| load.bursts(take)));
                }));
            }
        }
        report(workload.about(), &load, times, &controls);
    }
}

fn report(name: &str, load: &Load, times: Vec<Vec<f64>>, controls: &Controls) {
    let medians: Vec<f64> = times.into_iter().map(median).collect();
    let whole = medians.last().copied().unwrap_or(1.0);
    let spread = controls.spread().map(|(kernel, s)| format!("{kernel} {s:.2}")).join(", ");
    let (frames, megabytes) = (load.len(), load.bytes() as f64 / 1e6);
    println!("{name}: {frames} frames, {megabytes:.1} MB; control kernels worst/best: {spread}");
    let mut before = 0.0;
    for (stage, t) in STAGES.iter().zip(medians) {
        let (rate, own) = (gbits(load.bytes(), t), (t - before) / whole * 100.0);
        println!("  up to {stage:8} {rate:6.2} Gbit/s   {stage} alone {own:5.1} %");
        before = t;
    }
}
