//! The catalogue has every risk source of the standard's four groups, under the same ids, names, risks, measures and clauses.
//! `standard.tsv` is that list: id, Chinese name, risk types, severity, measures, clauses of GB/T 46796-2025 (where it names any).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use weir_detect::{Entry, Input, awaiting, card, catalogue, entries};
use weir_model::Severity;

const LIST: &str = include_str!("standard.tsv");

fn rows() -> Vec<[&'static str; 6]> {
    LIST.lines().map(|l| l.split('\t').collect::<Vec<_>>().try_into().unwrap()).collect()
}

/// Numbers of risk types or measures (`R1,R5`).
fn numbers(text: &str) -> Vec<u8> {
    text.split(',').map(|n| n[1..].parse().unwrap()).collect()
}

#[test]
fn all_113_are_there_in_order() {
    let listed: Vec<&str> = rows().iter().map(|r| r[0]).collect();
    let held: Vec<&str> = entries().into_iter().map(|e| e.card().id).collect();
    assert_eq!(listed.len(), 113);
    assert_eq!(held, listed);
    let of = |letter| held.iter().filter(|id| id.starts_with(letter)).count();
    assert_eq!((of('V'), of('D'), of('C'), of('P')), (35, 21, 34, 23));
}

#[test]
fn names_risks_measures_and_clauses_agree() {
    for [id, name, risks, severity, measures, clauses] in rows() {
        let c = card(id).unwrap();
        assert!(c.zh.contains(name), "{id}: {} is not {name}", c.zh);
        let held: Vec<u8> = c.risks.iter().map(|r| r.0).collect();
        assert!(numbers(risks).iter().all(|n| held.contains(n)), "{id}: {held:?} lacks some of {risks}");
        let held: Vec<u8> = c.measures.iter().map(|m| m.0).collect();
        assert!(
            numbers(measures).iter().all(|n| held.contains(n)),
            "{id}: {held:?} lacks some of {measures}"
        );
        let listed = match severity {
            "C" => Severity::Critical,
            "H" => Severity::High,
            "M" => Severity::Medium,
            _ => Severity::Low,
        };
        let near = [listed, listed.raised(), listed.lowered()];
        assert!(near.contains(&c.severity), "{id}: {:?} is far from {severity}", c.severity);
        for clause in clauses.split(',').filter(|c| !c.is_empty()) {
            assert!(
                c.basis.contains("GB/T 46796-2025") && c.basis.contains(clause),
                "{id}: {} lacks {clause}",
                c.basis
            );
        }
        let group = "VDCP".chars().position(|l| id.starts_with(l)).unwrap();
        assert_eq!(c.group as usize, group, "{id}");
    }
}

#[test]
fn what_awaits_an_input_says_which_why_and_what_then() {
    let identified: BTreeSet<&str> = catalogue().iter().map(|c| c.id).collect();
    for a in awaiting() {
        let id = a.card.id;
        assert!(!identified.contains(id), "{id} is identified");
        assert!(!a.needs.is_empty(), "{id}");
        for text in [a.why_zh, a.why_en, a.card.how_zh, a.card.how_en] {
            assert!(text.chars().count() >= 12, "{id}: {text}");
        }
        assert!(a.why_en.is_ascii() && a.card.how_en.is_ascii() && !a.why_zh.is_ascii(), "{id}");
        for other in a.meanwhile {
            assert!(card(other).is_some() && *other != id, "{id}: {other}");
        }
    }
    assert_eq!(identified.len() + awaiting().count(), 113);
}

#[test]
fn inputs_are_defined_and_needed() {
    let mut keys = BTreeSet::new();
    for i in Input::ALL {
        assert!(keys.insert(i.key()) && !i.zh().is_ascii() && i.en().is_ascii(), "{}", i.key());
        assert!(!i.from_zh().is_ascii() && i.from_en().is_ascii(), "{}", i.key());
        let columns: BTreeSet<&str> = i.columns().iter().map(|c| c.name).collect();
        assert_eq!(columns.len(), i.columns().len(), "{}", i.key());
        assert!(i.columns().iter().any(|c| c.required), "{}", i.key());
        assert!(entries().into_iter().any(|e: Entry| e.needs().contains(i)), "nothing needs {}", i.key());
    }
}
