//! The scan of bodies against bare Hyperscan over the same literals and the same bytes: thread CPU time, interleaved, medians.
//!
//! `cargo bench -p weir-rules --bench scan`, with the name of a workload for one alone.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "scan/bodies.rs"]
mod bodies;
#[path = "scan/timing.rs"]
mod timing;

use bodies::Bodies;
use std::hint::black_box;
use std::sync::Arc;
use timing::{control, interleaved};
use weir_bench::bare::Bare;
use weir_rules::{Matcher, ResponseOrRequest, RuleSet, Scope};

/// Times the bodies are scanned in one measurement.
const ROUNDS: usize = 30;

fn main() {
    let rules = Arc::new(RuleSet::builtin().unwrap());
    let literals = rules.literals().len();
    let bare = Bare::new(&rules).unwrap();
    let mut first = None;
    let wanted = std::env::args().skip(1).find(|a| !a.starts_with('-')).unwrap_or_default();
    for (name, bodies) in Bodies::all().into_iter().filter(|(name, _)| wanted.is_empty() || *name == wanted) {
        let mut matcher = Matcher::new(Arc::clone(&rules)).unwrap();
        let mut found = Vec::new();
        let mut run = |scope: Scope| {
            let mut n = 0;
            for body in (0..ROUNDS).flat_map(|_| bodies.iter()) {
                found.clear();
                matcher.scan(body, scope, &mut found);
                n += found.len();
            }
            n / ROUNDS
        };
        let json =
            Scope { data: true, signals: ResponseOrRequest::Response, quoted_names: true, refused: false };
        let data =
            Scope { data: true, signals: ResponseOrRequest::Neither, quoted_names: true, refused: false };
        let n = run(json);
        let mut hits = 0u64;
        let passes = std::env::var("SCAN_PASSES").ok().and_then(|p| p.parse().ok()).unwrap_or(9);
        let medians = interleaved(passes, 3, |kernel| match kernel {
            0 => {
                black_box(run(json));
            }
            1 => {
                black_box(run(data));
            }
            _ => {
                hits = 0;
                for body in (0..ROUNDS).flat_map(|_| bodies.iter()) {
                    hits += bare.hits(body);
                }
            }
        });
        let bytes = (ROUNDS * bodies.bytes()) as f64;
        let ns = medians[0] * 1e9 / bytes;
        let mix = *first.get_or_insert(ns);
        println!(
            "{name}: {} bodies, {:.1} MB, {n} candidates; control worst/best {:.2}",
            bodies.len(),
            bytes / ROUNDS as f64 / 1e6,
            control()
        );
        let kernels = ["scan, data and signals", "scan, data alone", "bare hs_scan"];
        for (what, t) in kernels.iter().zip(&medians) {
            println!("  {what:24} {:6.2} Gbit/s  {:.3} ns/byte", bytes * 8.0 / t / 1e9, t * 1e9 / bytes);
        }
        println!(
            "  {literals} literals, {} hits of the bare scan; scan/bare {:.2}; {:.1} times W1",
            hits / ROUNDS as u64,
            medians[2] / medians[0],
            ns / mix
        );
    }
}
