//! The whole lane over the workloads: G1, G3, G15, G16, G19, G22, and the rates of the other workloads beside them.
//!
//! `cargo bench -p weir-bench --bench pipeline [-- --json]`

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use weir_bench::bare::Bare;
use weir_bench::http::{API_MIX, COMPRESSED, Coding};
use weir_bench::load::Load;
use weir_bench::measure::{PASSES, gbits, interleaved};
use weir_bench::mix::Mix;
use weir_bench::row::Row;
use weir_bench::stage::Bench;
use weir_bench::traffic::adversarial::Attack;
use weir_bench::traffic::disorder::{LATE, disturb};
use weir_bench::workload::{Workload, bodies};
use weir_capture::{Files, Input, Polled, Source};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Connections of a workload: some 90 MB of W1.
const SIZE: usize = 2_000;

fn main() {
    let bench = Bench::default();
    against_bare(&bench);
    rates(&bench);
    disorder(&bench);
    adversarial(&bench);
    inflate(&bench);
    replay(&bench);
}

/// Seconds of each load through a lane of its own that is warm, interleaved.
fn lanes(bench: &Bench, loads: &[&Load]) -> Vec<f64> {
    let mut running: Vec<_> = loads.iter().map(|load| (bench.stage("inspect"), *load)).collect();
    let mut works: Vec<_> =
        running.iter_mut().map(|(lane, load)| move || lane.pass(&mut |take| load.bursts(take))).collect();
    let mut works: Vec<&mut dyn FnMut() -> u64> = works.iter_mut().map(|w| w as _).collect();
    for warm in &mut works {
        warm();
    }
    interleaved(PASSES, &mut works)
}

/// G1: the whole lane over W1 against Hyperscan alone, all literals of the same rules over the bodies of the same messages.
fn against_bare(bench: &Bench) {
    let load = Load::of(Workload::W1, SIZE);
    let bodies = bodies(SIZE, &API_MIX);
    let bare = Bare::new(bench.rules()).expect("the literals");
    let mut lane = bench.stage("inspect");
    let mut whole = || lane.pass(&mut |take| load.bursts(take));
    let mut scan = || bodies.iter().map(|(_, body)| bare.hits(body)).sum();
    whole();
    scan();
    let seconds = interleaved(PASSES, &mut [&mut whole, &mut scan]);
    let bytes = bodies.iter().map(|(_, body)| body.len() as u64).sum();
    Row::new("G1", "bare hs_scan of the literals over W1's bodies", gbits(bytes, seconds[1]), "Gbit/s")
        .print();
    Row::new("G1", "W1 whole lane / bare hs_scan", seconds[1] / seconds[0], "").at_least(0.40, 0.55).print();
}

/// G3: captured bytes a core-second.
fn rates(bench: &Bench) {
    let sizes = [
        (Workload::W1, SIZE),
        (Workload::W2, SIZE),
        (Workload::W4, SIZE),
        (Workload::W5, 4 * SIZE),
        (Workload::W6, 4),
        (Workload::W11, SIZE),
        (Workload::W13, SIZE / 2),
        (Workload::W14, 2 * SIZE),
    ];
    let loads = sizes.map(|(w, n)| (w, Load::of(w, n)));
    let seconds = lanes(bench, &loads.each_ref().map(|(_, load)| load));
    for ((workload, load), seconds) in loads.iter().zip(seconds) {
        let name = format!("{workload:?} {}, whole lane, one core", workload.about());
        let row = Row::new("G3", name, gbits(load.bytes(), seconds), "Gbit/s");
        if *workload == Workload::W1 { row.at_least(4.0, 8.0) } else { row }.print();
    }
}

/// G15: W1 against W1 with 5 % of its segments late.
fn disorder(bench: &Bench) {
    let (plain, mut late) = (Load::of(Workload::W1, SIZE), Load::default());
    disturb(&Mix::of(SIZE), LATE, |time, frame| late.push(time, frame));
    let seconds = lanes(bench, &[&plain, &late]);
    Row::new("G15", "W1 with 5 % of segments late / W1", seconds[1] / seconds[0], "")
        .at_most(1.25, 1.10)
        .print();
}

/// G16: nanoseconds a byte read, of captured or decoded bytes whichever is more, against W1.
fn adversarial(bench: &Bench) {
    let mut loads = vec![(None, Load::of(Workload::W1, SIZE / 4))];
    for attack in Attack::ALL {
        let mut load = Load::default();
        Mix::of(20).frames(|rng, n| attack.connection(rng, n), |time, frame| load.push(time, frame));
        loads.push((Some(attack), load));
    }
    let seconds = lanes(bench, &loads.iter().map(|(_, load)| load).collect::<Vec<_>>());
    let dear: Vec<f64> =
        loads.iter().zip(&seconds).map(|((_, l), s)| s / bench.bytes_read(l) as f64).collect();
    let mut worst = (0.0, Attack::DigitWall);
    for ((attack, _), cost) in loads.iter().zip(&dear) {
        if let Some(attack) = attack {
            let ratio = cost / dear[0];
            Row::new("G16", format!("W12 {attack:?}: ns a byte / W1"), ratio, "").print();
            worst = if ratio > worst.0 { (ratio, *attack) } else { worst };
        }
    }
    Row::new("G16", format!("W12 worst ({:?}) / W1", worst.1), worst.0, "").at_most(8.0, 4.0).print();
}

/// G19: W2 against inflating its bodies in one piece each and nothing else.
fn inflate(bench: &Bench) {
    let load = Load::of(Workload::W2, SIZE);
    let bodies = bodies(SIZE, &COMPRESSED);
    let mut text = Vec::new();
    let mut raw = || {
        let mut total = 0;
        for (coding, body) in bodies.iter().filter(|(coding, _)| *coding != Coding::Plain) {
            total += coding.decode(body, &mut text) as u64;
        }
        total
    };
    let mut lane = bench.stage("inspect");
    let mut whole = || lane.pass(&mut |take| load.bursts(take));
    whole();
    let seconds = interleaved(PASSES, &mut [&mut whole, &mut raw]);
    Row::new("G19", "W2 whole lane / raw one-shot inflate of its bodies", seconds[1] / seconds[0], "")
        .at_least(0.7, 0.85)
        .print();
}

/// G22: a capture file in the page cache against the same frames in memory.
fn replay(bench: &Bench) {
    let load = Load::of(Workload::W1, SIZE);
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let mut out = std::io::BufWriter::new(file.reopen().expect("the file"));
    weir_bench::pcap::write(Workload::W1, SIZE, &mut out).expect("a capture");
    drop(out);
    let mut lanes = [bench.stage("inspect"), bench.stage("inspect")];
    let [one, other] = &mut lanes;
    let mut from_memory = || one.pass(&mut |take| load.bursts(take));
    let mut from_file = || {
        let mut source = Files::new(vec![Input::Path(file.path().into())]);
        other.pass(&mut |take| while source.poll(&mut |burst| take(burst)).expect("frames") != Polled::End {})
    };
    from_memory();
    from_file();
    let seconds = interleaved(PASSES, &mut [&mut from_memory, &mut from_file]);
    Row::new("G22", "W1 from a capture file / from memory", seconds[0] / seconds[1], "")
        .at_least(0.85, 0.95)
        .print();
}
