//! Ever new accounts, paths, addresses, tokens and persons: what the detectors keep of them stays within its bound, and is flat once
//! their tables are full. `--example detectors -- --hostile` does the same with ten million.
#![allow(missing_docs, clippy::expect_used)]

#[path = "../examples/detectors/hostile.rs"]
mod hostile;
#[path = "../examples/detectors/stages.rs"]
mod stages;

use cap::Cap;
use stages::Stages;
use std::alloc::System;
use weir_bench::stage::Bench;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Exchanges until every table that a tenth of them fills is full, and as many again.
const FILL: u64 = 200_000;
/// What all detectors keep at most, in bytes: the sum of what their cards and the README of `sensor/detect` say.
const BOUND: i64 = 288 << 20;

#[test]
fn detectors_stay_within_their_memory() {
    let mut stages = Stages::new(Bench::default().rules().catalogue().clone());
    let types = hostile::Types::of(&stages.catalogue);
    let mut kept = 0i64;
    let mut half = 0;
    for n in 0..2 * FILL {
        let placed = stages.place(hostile::exchange(n, &types));
        let before = ALLOCATOR.allocated();
        stages.judge(&placed);
        kept += ALLOCATOR.allocated() as i64 - before as i64;
        if n + 1 == FILL {
            half = kept;
        }
    }
    let evicted = stages.engine.evicted();
    let mib = |bytes: i64| bytes >> 20;
    println!("{} MiB after {FILL}, {} MiB after twice as many; given up: {evicted:?}", mib(half), mib(kept));
    assert!(kept <= BOUND, "{} MiB", mib(kept));
    assert!(evicted.len() >= 5, "tables were filled: {evicted:?}");
    assert!(kept <= half + half / 2 + (32 << 20), "{} MiB after {} MiB", mib(kept), mib(half));
}
