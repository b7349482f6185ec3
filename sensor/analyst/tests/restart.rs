//! What is remembered over a restart: the same is found as without the break, wherever it comes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::sync::Arc;
use weir_analyst::{Analyst, State};
use weir_capture::{Files, Input, Polled, Source};
use weir_detect::Thresholds;
use weir_exchange::{Exchange, Fingerprinter};
use weir_lane::{Lane, LaneConfig};
use weir_place::Places;
use weir_rules::RuleSet;

/// Places of the break that are tried in each capture, spread over it.
const BREAKS: usize = 9;

fn exchanges(rules: &Arc<RuleSet>, case: &str) -> Vec<Exchange> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases").join(case);
    let mut source = Files::new(vec![Input::Path(path.join("capture.pcap.zst"))]);
    let mut lane = Lane::new(&LaneConfig::default(), rules.clone(), Fingerprinter::new([7; 16])).unwrap();
    let mut all = Vec::new();
    while source.poll(&mut |burst| lane.burst(burst)).unwrap() != Polled::End {
        all.extend(lane.exchanges());
    }
    lane.finish();
    all.extend(lane.exchanges());
    all
}

fn fresh(rules: &RuleSet) -> Analyst {
    Analyst::new(rules.catalogue().clone(), Thresholds::default(), Arc::new(Places::default()))
}

fn take(analyst: &mut Analyst, all: &[Exchange]) {
    all.iter().for_each(|x| analyst.take(Box::new(x.clone()), &mut |_, _| ()));
    analyst.let_go(&mut |_, _| ());
}

/// All that is told in the end, told apart by everything it holds.
fn told(mut analyst: Analyst) -> [String; 5] {
    analyst.finish();
    let known = analyst.known();
    [
        format!("{:#?}", analyst.risk_sources()),
        format!("{:#?}", known.interfaces),
        format!("{:#?}", known.accounts),
        format!("{:#?}", known.callers),
        format!("{:#?}", known.sites),
    ]
}

/// Up to `at` by one, from there on by another that goes on from what the first remembered.
fn broken(rules: &RuleSet, all: &[Exchange], at: usize) -> Analyst {
    let mut first = fresh(rules);
    take(&mut first, &all[..at]);
    let bytes = first.save().unwrap().to_bytes().unwrap();
    drop(first);
    let state = State::from_bytes(&bytes).unwrap();
    assert_eq!(state.catalogue(rules.catalogue()), **rules.catalogue());
    let (mut second, forgotten) = fresh(rules).resume(&state).unwrap();
    assert!(forgotten.is_empty(), "{forgotten:?}");
    let again = second.save().unwrap();
    // What is decided is obeyed anew, by which the inventory words its evidence anew.
    let told_anew = |part: &str| part == "inventory";
    let pairs = state.parts().zip(again.parts()).filter(|((name, _), _)| !told_anew(name));
    let changed: Vec<&str> = pairs.filter(|(a, b)| a != b).map(|(a, _)| a.0).collect();
    assert!(changed.is_empty(), "what is kept is kept again as it was, but {changed:?}");
    take(&mut second, &all[at..]);
    second
}

#[test]
fn finds_the_same_as_without_the_break() {
    let rules = Arc::new(RuleSet::builtin().unwrap());
    for case in ["office", "brute-force", "soap", "clean-office"] {
        let all = exchanges(&rules, case);
        assert!(all.len() > BREAKS, "{case} has {} exchanges", all.len());
        let mut whole = fresh(&rules);
        take(&mut whole, &all);
        let whole = told(whole);
        for n in 0..=BREAKS {
            let at = all.len() * n / BREAKS;
            let parts = told(broken(&rules, &all, at));
            for (a, b) in whole.iter().zip(&parts) {
                assert!(a == b, "{case}, broken at {at}:\n{}", first_difference(a, b));
            }
        }
    }
}

/// The lines around the first difference.
fn first_difference(a: &str, b: &str) -> String {
    let at = a.lines().zip(b.lines()).position(|(a, b)| a != b).unwrap_or(0);
    let around = |text: &str| text.lines().skip(at.saturating_sub(6)).take(12).collect::<Vec<_>>().join("\n");
    format!("without:\n{}\nwith:\n{}", around(a), around(b))
}

#[test]
fn what_does_not_fit_is_learned_anew() {
    let rules = Arc::new(RuleSet::builtin().unwrap());
    let all = exchanges(&rules, "brute-force");
    let mut analyst = fresh(&rules);
    take(&mut analyst, &all);
    let bytes = analyst.save().unwrap().to_bytes().unwrap();
    assert!(State::from_bytes(&bytes[..bytes.len() / 2]).is_err());
    assert!(State::from_bytes(b"").is_err() && State::from_bytes(&[0xff; 64]).is_err());
}
