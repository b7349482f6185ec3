//! What makes an incident, and what does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::incidents;
use crate::risks::tests::{World, day, source};
use weir_exchange::{Duty, Effect, IncidentCause, IncidentRules, LevelRule, Since, Wording};
use weir_model::{
    CallerId, Incident, IncidentLevel, IncidentType, InterfaceId, Operator, RiskSource, Severity,
};

fn wording(text: &str) -> Wording {
    Wording { zh: text.into(), en: text.into() }
}

fn cause(ids: &[&str], effect: Effect, first: IncidentType, outside: bool) -> IncidentCause {
    let sources = ids.iter().map(|i| (*i).into()).collect();
    IncidentCause { sources, effect, types: vec![first], outside, said: wording(first.en()) }
}

fn duty(id: &str, within: u64, from: IncidentLevel, operator: Option<Operator>, since: Since) -> Duty {
    let (said, clause) = (wording(id), "c".into());
    Duty { id: id.into(), said, clause, within, since, from, operator, personal: false, important: false }
}

/// The rules of the tests: small copies of those of the pack.
fn rules() -> IncidentRules {
    use IncidentLevel::{Considerable, General};
    let level = |level, persons, important| LevelRule { level, persons, important, said: wording("guide") };
    IncidentRules {
        version: "test 1".into(),
        causes: vec![
            cause(&["C15"], Effect::Obtained, IncidentType::DataTheft, false),
            cause(&["C04"], Effect::Obtained, IncidentType::DataTheft, true),
            cause(&["D12"], Effect::Disclosed, IncidentType::DataLeak, false),
            cause(&["C10", "C11"], Effect::Entered, IncidentType::CredentialAttack, false),
        ],
        levels: vec![level(Considerable, Some(1_000), false), level(Considerable, None, true)],
        duties: vec![
            duty("closing", 9, Considerable, None, Since::Handled),
            duty("other", 4 * 3_600, Considerable, Some(Operator::Other), Since::Known),
            duty("cii", 3_600, Considerable, Some(Operator::Critical), Since::Known),
            duty("affected", 0, General, None, Since::Known),
        ],
        joins: ["C10", "C20"].map(Into::into).to_vec(),
    }
}

fn world() -> World {
    let mut w = World::new().gave(1, 4, 5, 1);
    w.catalogue.incidents = rules();
    w.callers.push(weir_model::Caller { ip: [203, 0, 113, 9].into(), ..w.callers[0].clone() });
    w
}

fn judged(w: &World, sources: &[RiskSource]) -> Vec<Incident> {
    let risks = w.judge(sources);
    incidents(sources, &risks, &w.known(), &w.catalogue, Operator::Other)
}

/// A risk source of a caller or an account, with what it shows.
fn by(id: &'static str, caller: Option<u32>, account: Option<&str>, effect: Option<Effect>) -> RiskSource {
    let mut s = source(id, Severity::High);
    s.key.caller = caller.map(CallerId);
    s.key.account = account.map(Into::into);
    s.effects = effect.map(|e| (e, day(2))).into_iter().collect();
    s
}

#[test]
fn weaknesses_and_attempts_are_none() {
    let none = [
        source("V01", Severity::Critical),
        source("D01", Severity::High),
        by("C10", Some(0), Some("root"), None),
        by("C15", Some(0), None, None),
        by("C20", Some(0), None, None),
        // From inside a crawler is none either.
        by("C04", Some(0), None, Some(Effect::Obtained)),
    ];
    assert_eq!(judged(&world(), &none), []);
    assert_eq!(judged(&world(), &[by("C04", Some(1), None, Some(Effect::Obtained))]).len(), 1);
    let mut without = world();
    without.catalogue.incidents = IncidentRules::default();
    assert_eq!(judged(&without, &[by("C15", Some(0), None, Some(Effect::Obtained))]), []);
}

#[test]
fn one_cause_is_one_incident() {
    let w = world();
    let all = [
        by("C20", Some(1), None, None),
        by("C10", Some(1), Some("root"), Some(Effect::Entered)),
        by("C11", Some(1), None, Some(Effect::Entered)),
        by("C15", None, Some("root"), Some(Effect::Obtained)),
        source("V01", Severity::High),
        by("C15", Some(0), Some("eve"), Some(Effect::Obtained)),
    ];
    let found = judged(&w, &all);
    assert_eq!(found.len(), 2);
    let first = found.iter().find(|i| i.accounts.contains("root")).unwrap();
    assert_eq!(first.types, [IncidentType::DataTheft, IncidentType::CredentialAttack]);
    assert_eq!((&*first.sources, &*first.weaknesses), (&[1, 2, 3, 0][..], &[4][..]));
    assert_eq!((first.known, first.first_seen), (day(2), day(1)));
    assert!(first.cause.en.contains("V01"), "{}", first.cause.en);
    assert!(first.consequence.en.contains("cn_id18"), "{}", first.consequence.en);
    assert_eq!(found, judged(&w, &all), "the same every time");
    assert!(found.iter().all(|i| i.key.starts_with("in-") && i.key.len() == 15 && !i.risks.is_empty()));
}

#[test]
fn one_opening_is_one_incident_with_those_who_used_it() {
    let mut w = world();
    for n in 2..12 {
        w.interfaces.push(weir_model::Interface { key: format!("if-{n}").into(), ..w.interfaces[0].clone() });
    }
    let open = |n| {
        let mut s = by("D12", None, None, Some(Effect::Disclosed));
        s.key.interface = Some(InterfaceId(n));
        s
    };
    let mut all: Vec<RiskSource> = (0..10).map(open).collect();
    assert_eq!(judged(&w, &all).len(), 1, "ten interfaces open in one way are one incident");
    all.push(by("C15", Some(1), None, Some(Effect::Obtained)));
    let found = judged(&w, &all);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].types, [IncidentType::DataTheft, IncidentType::DataLeak]);
    assert_eq!(found[0].interfaces.len(), 10);
    let mut elsewhere = by("C15", Some(0), None, Some(Effect::Obtained));
    elsewhere.key.interface = Some(InterfaceId(10));
    all.push(elsewhere);
    assert_eq!(judged(&w, &all).len(), 2, "somebody else, somewhere else");
}

#[test]
fn levels_and_clocks_follow_persons_data_and_operator() {
    let theft = [by("C15", Some(0), None, Some(Effect::Obtained))];
    let small = &judged(&world(), &theft)[0];
    assert_eq!(small.level, IncidentLevel::General);
    assert_eq!(small.clocks.iter().map(|c| &*c.id).collect::<Vec<_>>(), ["affected"]);
    let mut w = world().gave(2, 4, 1, 1);
    w.catalogue.incidents = rules();
    let important = &judged(&w, &theft)[0];
    assert_eq!(important.level, IncidentLevel::Considerable);
    let ids: Vec<_> = important.clocks.iter().map(|c| (&*c.id, c.due)).collect();
    let later = day(2).plus(weir_wire::Duration::from_secs(4 * 3_600));
    assert_eq!(ids, [("affected", Some(day(2))), ("other", Some(later)), ("closing", None)]);
    // What was merely entered took no data.
    let entered = [by("C10", Some(0), Some("root"), Some(Effect::Entered))];
    assert_eq!(judged(&w, &entered)[0].level, IncidentLevel::General);
}
