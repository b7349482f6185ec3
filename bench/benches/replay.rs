//! Criterion: the whole replay by the shipped binary over W1, from the file to records and report, with and without the database.
//!
//! `make bench` builds the binary first; `WEIR=PATH` names another one.

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use weir_bench::{pcap, workload::Workload};

fn replay(c: &mut Criterion) {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/weir");
    let weir = std::env::var_os("WEIR").map_or(built, PathBuf::from);
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (capture, out) = (dir.path().join("w1.pcap"), dir.path().join("out"));
    let mut file = std::io::BufWriter::new(std::fs::File::create(&capture).expect("a file"));
    let (_, bytes) = pcap::write(Workload::W1, 1_000, &mut file).expect("a capture");
    drop(file);
    let mut group = c.benchmark_group("replay");
    group.throughput(Throughput::Bytes(bytes)).sample_size(10);
    for (name, more) in [("w1", &[][..]), ("w1-no-store", &["--no-store"])] {
        group.bench_function(name, |b| {
            b.iter(|| {
                // A folder of its own, as a folder with a database refuses to be written without one.
                let out = out.join(name);
                let mut command = Command::new(&weir);
                command.arg("replay").arg(&capture).arg("--out").arg(out).args(more).stdout(Stdio::null());
                assert!(command.status().expect("the weir binary: run `make build`").success());
            });
        });
    }
    group.finish();
}

criterion_group!(benches, replay);
criterion_main!(benches);
