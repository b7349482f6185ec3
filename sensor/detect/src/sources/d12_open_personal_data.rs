//! D12 Personal data on an open interface (公开接口披露个人信息).

use crate::openness::Openness;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::{DataTypeId, Effect, Fingerprint};
use weir_model::{Card, Findings, Group, Handling, InterfaceId, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "D12",
    zh: "公开接口披露个人信息",
    en: "personal data on an open interface",
    group: Group::Disclosure,
    severity: Severity::High,
    risks: &[RiskType(11), RiskType(1)],
    measures: &[Handling(8), Handling(5)],
    owasp: "API2:2023 API3:2023 CWE-200 CWE-359",
    basis: "CAICT 3.2.1",
    how_zh: "无凭证即可成功调用的接口（无凭证调用占 20% 以上或至少 5 个调用方）明文给出至少 3 个不同个人的信息（同一类型至少 3 个不同值，2 级以上）；按接口汇总。只有 2 级数据降一级，4 级升一级，仅内部访问降一级。登录、注册等本就开放的接口、回显请求中的值、网络地址与用户名不计。",
    how_en: "An interface that answers without a credential (20 % of its successful calls, or 5 callers) gives out, in clear, data of at least 3 different persons (3 different values of one type, grade 2 or above); one finding an interface. One step less serious for grade 2 alone, one more for grade 4, one less where callers are internal. Logins, registration and the like, values that come back from the request, network addresses and user names do not count.",
};

const CONFIDENT: u8 = 60;
const INTERFACES: usize = 4_096;
/// Types of one interface, and values of one type, that are told apart.
const TYPES: usize = 8;
const VALUES: usize = 64;

/// Different values an interface gave out, by type.
type Given = BTreeMap<DataTypeId, BTreeSet<Fingerprint>>;

/// Identifies D12.
pub(super) struct Source {
    percent: u64,
    callers: u64,
    subjects: usize,
    openness: Openness,
    given: Table<InterfaceId, Given>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            percent: thresholds.v01_open_percent,
            callers: thresholds.v01_open_callers,
            subjects: usize::try_from(thresholds.d12_subjects).unwrap_or(usize::MAX).min(VALUES),
            openness: Openness::new(),
            given: Table::new(INTERFACES),
        }
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(openness, given);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(calls) = self.openness.count(seen, known) else { return };
        let open = calls.is_open(self.percent, self.callers);
        let Some(interface) = seen.interface else { return };
        let personal: Vec<_> = facts::given_out(seen)
            .filter(|(d, t)| facts::tells_of_person(t) && d.level >= 2 && d.confidence >= CONFIDENT)
            .filter(|(d, _)| facts::new_to_caller(seen, d) > 0)
            .collect();
        let Some((gravest, data_type)) = personal.iter().max_by_key(|(d, _)| (d.level, d.count)) else {
            return;
        };
        let given = self.given.entry(&interface, Given::new);
        for (item, _) in &personal {
            add(given, item.data_type, item.values.iter().copied());
        }
        let persons = given.values().map(BTreeSet::len).max().unwrap_or(0);
        if !open || persons < self.subjects {
            return;
        }
        let severity = if gravest.level <= 2 { CARD.severity.lowered() } else { CARD.severity };
        let place = facts::place(seen, known);
        let more = if persons >= VALUES { "+" } else { "" };
        let outside = facts::from_outside(seen, known) && !seen.authenticated;
        let sighting = Sighting::of(&CARD, seen).rests_on(gravest).shows(Effect::Disclosed, outside);
        out.push(sighting.severity(severity).weigh_level(gravest.level).weigh_exposure(known).say(
            both(
                format!("{place} 无需凭证即给出至少 {persons}{more} 人的个人信息"),
                format!(
                    "{place} gives out personal data of {persons}{more} persons or more without a credential"
                ),
            ),
            both(
                format!(
                    "响应字段 {}：{} {} 个，如 {}",
                    gravest.path, data_type.zh, gravest.count, gravest.sample
                ),
                format!(
                    "response field {}: {} of {}, such as {}",
                    gravest.path, gravest.count, data_type.en, gravest.sample
                ),
            ),
        ));
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        self.openness.merged(from, into);
        let Some(old) = self.given.remove(&from) else { return };
        let given = self.given.entry(&into, Given::new);
        for (data_type, values) in old {
            add(given, data_type, values);
        }
    }

    fn evicted(&self) -> u64 {
        self.openness.evicted() + self.given.evicted()
    }
}

fn add(given: &mut Given, data_type: DataTypeId, values: impl IntoIterator<Item = Fingerprint>) {
    if given.len() >= TYPES && !given.contains_key(&data_type) {
        return;
    }
    let kept = given.entry(data_type).or_default();
    for value in values {
        if kept.len() < VALUES {
            kept.insert(value);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), calls)
    }

    #[test]
    fn reports_data_of_three_persons() {
        assert!(found([call("GET", "/c").gives("cn_mobile", 1, 2)]).is_empty());
        let f = found([call("GET", "/c").gives("cn_mobile", 1, 3)]);
        assert_eq!((f.len(), f[0].severity), (1, Severity::Medium));
        assert_eq!(
            found((0..3).map(|i| call("GET", "/c/1").gives("cn_id18", i, 1)))[0].severity,
            Severity::High
        );
    }

    #[test]
    fn leaves_one_person_and_authenticated_calls_alone() {
        assert!(found((0..9).map(|_| call("GET", "/c/1").gives("cn_id18", 1, 1))).is_empty());
        assert!(found([call("GET", "/c").gives("cn_mobile", 1, 9).signed_in()]).is_empty());
        assert!(found([call("GET", "/c").gives("ipv4", 1, 9)]).is_empty());
        assert!(found([call("POST", "/register").gives("email", 1, 9)]).is_empty());
    }

    #[test]
    fn unites_merged_interfaces_and_stays_bounded() {
        let w = World::new();
        let mut source = Source::new(&Thresholds::default());
        assert!(w.found(&mut source, [call("GET", "/c/1").gives("cn_id18", 1, 1).to(1)]).is_empty());
        assert!(w.found(&mut source, [call("GET", "/c/2").gives("cn_id18", 2, 1).to(2)]).is_empty());
        source.merged(InterfaceId(1), InterfaceId(2));
        assert_eq!(w.found(&mut source, [call("GET", "/c/3").gives("cn_id18", 3, 1).to(2)]).len(), 1);
        w.found(&mut source, (0..100).map(|i| call("GET", "/c/3").gives("cn_id18", i, 1).to(2)));
        assert_eq!(source.given.get(&InterfaceId(2)).unwrap().values().next().unwrap().len(), VALUES);
    }
}
