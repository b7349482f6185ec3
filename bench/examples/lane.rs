//! One workload through one lane and nothing else, for profilers and for counting instructions:
//!
//! `valgrind --tool=callgrind --toggle-collect='*measured*' target/release/examples/lane w1 300`
//!
//! Arguments: workload, attack of W12 (`ManyNames`), `quiet` for bodies without a candidate, `h1` or `h2` for the same exchanges in HTTP/1.1 and HTTP/2; connections (300), passes that count (1); one warm pass goes before them. Prints exchanges, frames and bytes. No clock is
//! read: what reads one through the kernel's page does not run under every profiler.

use std::hint::black_box;
use weir_bench::load::Load;
use weir_bench::mix::Mix;
use weir_bench::stage::{Bench, Running};
use weir_bench::traffic::adversarial::Attack;
use weir_bench::traffic::{http2, quiet};
use weir_bench::workload::Workload;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut args = std::env::args().skip(1);
    let asked = args.next().unwrap_or_default();
    let mut number = |default| args.next().and_then(|a| a.parse().ok()).unwrap_or(default);
    let (connections, passes) = (number(300), number(1));
    let load = load(&asked, connections);
    let mut lane = Bench::default().stage("inspect");
    lane.pass(&mut |take| load.bursts(take));
    let exchanges = measured(&mut lane, &load, passes);
    let (frames, bytes) = (load.len() * passes, load.bytes() * passes as u64);
    println!("{exchanges} exchanges, {frames} frames, {bytes} bytes");
}

fn load(asked: &str, connections: usize) -> Load {
    if asked == "quiet" {
        let mut load = Load::default();
        quiet::frames(connections, |time, frame| load.push(time, frame));
        return load;
    }
    if let "h1" | "h2" = asked {
        let mut load = Load::default();
        let two = asked == "h2";
        Mix::of(connections).frames(|rng, n| http2::twin(rng, n, two), |time, frame| load.push(time, frame));
        return load;
    }
    let Some(attack) = Attack::ALL.into_iter().find(|a| format!("{a:?}") == asked) else {
        return Load::of(asked.parse().unwrap_or(Workload::W1), connections);
    };
    let mut load = Load::default();
    Mix::of(connections).frames(|rng, n| attack.connection(rng, n), |time, frame| load.push(time, frame));
    load
}

/// What a profiler is told to look at.
#[inline(never)]
fn measured(lane: &mut Running, load: &Load, passes: usize) -> u64 {
    (0..passes).map(|_| black_box(lane.pass(&mut |take| load.bursts(take)))).sum()
}
