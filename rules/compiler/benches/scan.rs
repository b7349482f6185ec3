//! The scan of bodies against bare Hyperscan over the same literals and the same bytes: thread CPU time, interleaved, medians.
//!
//! `cargo bench -p weir-rules --bench scan`
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "scan/bodies.rs"]
mod bodies;
#[path = "scan/timing.rs"]
mod timing;

use bodies::Bodies;
use hyperscan::{BlockDatabase, Builder, Pattern, PatternFlags, Patterns};
use std::hint::black_box;
use std::sync::Arc;
use timing::{control, interleaved};
use weir_rules::{Matcher, ResponseOrRequest, RuleSet, Scope};

/// Hyperscan's database of the rules' literals, as anybody would build it.
fn bare(rules: &RuleSet) -> BlockDatabase {
    let patterns = rules
        .literals()
        .into_iter()
        .map(|(text, caseless)| {
            let expression: String = text.iter().map(|b| format!("\\x{b:02x}")).collect();
            let flags = if caseless { PatternFlags::CASELESS } else { PatternFlags::empty() };
            Pattern::with_flags(expression, flags).unwrap()
        })
        .collect();
    Patterns(patterns).build().unwrap()
}

fn main() {
    let rules = Arc::new(RuleSet::builtin().unwrap());
    let literals = rules.literals().len();
    let database = bare(&rules);
    let scratch = database.alloc_scratch().unwrap();
    for (name, bodies) in Bodies::all() {
        let mut matcher = Matcher::new(Arc::clone(&rules)).unwrap();
        let mut found = Vec::new();
        let mut run = |scope: Scope| {
            let mut n = 0;
            for body in bodies.iter() {
                found.clear();
                matcher.scan(body, scope, &mut found);
                n += found.len();
            }
            n
        };
        let json = Scope { data: true, signals: ResponseOrRequest::Response, quoted_names: true };
        let data = Scope { data: true, signals: ResponseOrRequest::Neither, quoted_names: true };
        let n = run(json);
        let mut hits = 0u64;
        let medians = interleaved(9, 3, |kernel| match kernel {
            0 => {
                black_box(run(json));
            }
            1 => {
                black_box(run(data));
            }
            _ => {
                hits = 0;
                for body in bodies.iter() {
                    let _ = database.scan(body, &scratch, |_: u32, _: u64, _: u64, _: u32| {
                        hits += 1;
                        hyperscan::Matching::Continue
                    });
                }
            }
        });
        let bytes = bodies.bytes() as f64;
        println!(
            "{name}: {} bodies, {:.1} MB, {n} candidates; control worst/best {:.2}",
            bodies.len(),
            bytes / 1e6,
            control()
        );
        let kernels = ["scan, data and signals", "scan, data alone", "bare hs_scan"];
        for (what, t) in kernels.iter().zip(&medians) {
            println!("  {what:24} {:6.2} Gbit/s  {:.3} ns/byte", bytes * 8.0 / t / 1e9, t * 1e9 / bytes);
        }
        println!("  {literals} literals, {hits} hits of the bare scan; scan/bare {:.2}", medians[2] / medians[0]);
    }
}
