//! The whole replay by the shipped binary over W1, from the file to records and report: G24.
//!
//! `make bench` builds the binary first; `WEIR=PATH` names another one.

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use weir_bench::measure::{gbits, median};
use weir_bench::row::Row;
use weir_bench::{pcap, workload::Workload};

const PASSES: usize = 5;
const CONNECTIONS: usize = 2_000;
/// The day of the operator whose figures the targets start from, in bytes.
const DAY: f64 = 200e9;

fn main() {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/weir");
    let weir = std::env::var_os("WEIR").map_or(built, PathBuf::from);
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (capture, out) = (dir.path().join("w1.pcap"), dir.path().join("out"));
    let mut file = std::io::BufWriter::new(std::fs::File::create(&capture).expect("a file"));
    let (_, bytes) = pcap::write(Workload::W1, CONNECTIONS, &mut file).expect("a capture");
    drop(file);
    let ways: [(&str, &[&str]); 2] = [("with database", &[]), ("without database", &["--no-store"])];
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..PASSES {
        for ((name, more), times) in ways.iter().zip(&mut times) {
            // A folder of its own, as a folder with a database refuses to be written without one.
            let out = out.join(name);
            let mut command = Command::new(&weir);
            command.arg("replay").arg(&capture).arg("--out").arg(&out).args(*more).stdout(Stdio::null());
            let before = children();
            assert!(command.status().expect("the weir binary: run `make build`").success());
            times.push(children() - before);
            std::fs::remove_dir_all(&out).expect("the folder");
        }
    }
    for ((name, _), times) in ways.iter().zip(times) {
        let seconds = median(times);
        Row::new("G24", format!("whole replay of W1, {name}"), gbits(bytes, seconds), "Gbit/s").print();
        let row =
            Row::new("G24", format!("a day of 200 GB, {name}"), DAY / bytes as f64 * seconds / 60.0, "min");
        if *name == "with database" { row.at_most(7.0, 4.0) } else { row }.print();
    }
}

/// CPU seconds of the children that have ended, all threads (proc(5), `stat`: `cutime` and `cstime`).
fn children() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_ascii_whitespace().collect();
    let ticks = |n: usize| fields.get(n).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    // Linux counts in hundredths here, whatever the kernel's own tick.
    (ticks(13) + ticks(14)) / 100.0
}
