//! Rule count against speed (W15), and what loading rules takes: the built-in rules with 10, 1,000 and 10,000 keyword rules beside them, and
//! bare Hyperscan over the same literals. Thread CPU time, interleaved, medians.
//!
//! `cargo bench -p weir-rules --bench sweep`
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "scan/bodies.rs"]
mod bodies;
#[path = "scan/timing.rs"]
mod timing;

use bodies::Bodies;
use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;
use timing::{control, interleaved, timed};
use weir_bench::bare::Bare;
use weir_bench::rng::Rng;
use weir_bench::row::Row;
use weir_rules::{Matcher, ResponseOrRequest, RuleSet, Scope};

const COUNTS: [usize; 3] = [10, 1_000, 10_000];
const ROUNDS: usize = 10;

/// A keyword: two words of five out of 2,000 syllables, or two to four Chinese characters of 2,500 in use.
fn keyword(rng: &mut Rng) -> String {
    if rng.chance(0.5) {
        let n = 2 + rng.below(3);
        return (0..n).filter_map(|_| char::from_u32(0x4e00 + rng.below(2_500) as u32 * 7)).collect();
    }
    let n = 6 + rng.below(9);
    (0..n).map(|i| if i % 2 == 0 { b"bcdfghklmnprstvw"[rng.below(16) as usize] } else { b"aeiou"[rng.below(5) as usize] } as char).collect()
}

/// A pack of so many keyword rules.
fn pack(count: usize) -> String {
    let mut rng = Rng::new(15);
    let mut out = String::from("[pack]\nname = \"keywords\"\nversion = \"1\"\nmade = \"2026-01-01\"\n");
    for i in 0..count {
        let word = keyword(&mut rng);
        let _ = write!(
            out,
            "[[signal]]\nid = \"k.{i}\"\nfamily = \"error-disclosure\"\nzh = \"k\"\nen = \"k\"\nwhere = [\"response\"]\npatterns = ['{word}']\nexamples = ['{word}']\ncounter_examples = ['x']\n"
        );
    }
    out
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let bodies = Bodies::all().swap_remove(0).1;
    println!("{} bodies", bodies.len());
    let mut all = Vec::new();
    for count in COUNTS {
        let file = folder.path().join(format!("{count}.toml"));
        std::fs::write(&file, pack(count)).unwrap();
        let cache = folder.path().join("cache");
        let mut rules = None;
        let paths = [file];
        let cold = timed(|| rules = Some(RuleSet::load_cached(&paths, true, &cache).unwrap()));
        let warm = timed(|| drop(black_box(RuleSet::load_cached(&paths, true, &cache).unwrap())));
        let rules = Arc::new(rules.take().unwrap().0);
        let mut matcher = None;
        let stall = timed(|| matcher = Some(Matcher::new(Arc::clone(&rules)).unwrap()));
        let figure = |what: &str, seconds: f64| {
            Row::new("G23", format!("{count} keyword rules beside ours: {what}"), seconds * 1e3, "ms")
        };
        let bounded = count == 1_000;
        let (cold, warm) = (figure("load, nothing cached", cold), figure("load, cached", warm));
        if bounded { cold.at_most(10_000.0, 2_000.0) } else { cold }.print();
        if bounded { warm.at_most(200.0, 50.0) } else { warm }.print();
        figure("a lane's matcher, made off its path", stall).print();
        all.push((matcher.unwrap(), Bare::new(&rules).unwrap()));
    }
    let scope =
        Scope { data: true, signals: ResponseOrRequest::Response, quoted_names: true, refused: false };
    let mut found = Vec::new();
    let medians = interleaved(9, 2 * COUNTS.len(), |kernel| {
        let (matcher, bare) = &mut all[kernel / 2];
        for body in (0..ROUNDS).flat_map(|_| bodies.iter()) {
            if kernel % 2 == 1 {
                black_box(bare.hits(body));
            } else {
                found.clear();
                matcher.scan(body, scope, &mut found);
            }
        }
    });
    let bytes = (ROUNDS * bodies.bytes()) as f64;
    let base = [medians[0], medians[1]];
    for (count, [scan, bare]) in COUNTS.iter().zip(medians.as_chunks::<2>().0) {
        let name = |what: &str| format!("{count} keyword rules: {what}");
        Row::new("G4", name("scan"), scan * 1e9 / bytes, "ns/byte").print();
        Row::new("G4", name("bare hs_scan"), bare * 1e9 / bytes, "ns/byte").print();
        let ratio = Row::new("G4", name("scan's speed / its speed with 10"), base[0] / scan, "");
        match count {
            1_000 => ratio.at_least(0.75, 0.85).print(),
            10_000 => ratio.at_least(0.40, 0.60).print(),
            _ => {}
        }
        Row::new("G4", name("bare hs_scan's speed / its speed with 10"), base[1] / bare, "").print();
    }
    eprintln!("control worst/best {:.2}", control());
}
