//! Criterion: each stage with those before it, over W1 and W2, in captured bytes a second.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use weir_bench::stage::{Bench, STAGES};
use weir_bench::{load::Load, workload::Workload};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn stages(c: &mut Criterion) {
    let bench = Bench::default();
    for (name, workload) in [("w1", Workload::W1), ("w2", Workload::W2)] {
        let load = Load::of(workload, 1_000);
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Bytes(load.bytes())).sample_size(10);
        for stage in STAGES {
            let mut running = bench.stage(stage);
            group.bench_function(stage, |b| {
                b.iter(|| black_box(running.pass(&mut |take| black_box(&load).bursts(take))));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);
