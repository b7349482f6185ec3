//! P12 Sudden change in returned data (返回数据类型突变).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::DataTypeId;
use weir_model::{Card, Findings, Group, Handling, InterfaceId, Known, RiskType, Severity};
use weir_wire::{Duration, Timestamp};

pub(super) static CARD: Card = Card {
    id: "P12",
    zh: "返回数据量、类型突变",
    en: "sudden change in returned data",
    group: Group::AbnormalProvision,
    severity: Severity::High,
    risks: &[RiskType(1)],
    measures: &[Handling(6), Handling(9)],
    owasp: "API3:2023 CWE-213",
    basis: "GB/T 46796-2025 7.2.2 d, e; CAICT 5.1.3",
    how_zh: "接口已有 3 天、200 次以上成功响应后，其响应体开始以明文给出此前从未给出的个人信息类型或机密（2 级以上），且自首次出现以来的响应中 10% 以上、至少 5 次含有它，即报；按接口汇总，3 级以下降一级，4 级升一级。偶尔出现一次的值（可选字段、误认的数字）与脱敏形式不报；返回量的突变归 D06、D14。",
    how_en: "After 3 days and 200 good replies of an interface its replies begin to give in clear a type of personal data or a secret (grade 2 or above) that they never gave before, and 10 % of the replies since, 5 at least, hold it; one finding an interface, one step less serious below grade 3, one more for grade 4. A value now and then (an optional field, a number mistaken for one) and masked forms are not reported; changes in the number of records belong to D06 and D14.",
};

/// Interfaces watched, and types of one.
const INTERFACES: usize = 8_192;
const TYPES: usize = 24;
const LEARNING: Duration = Duration::from_secs(3 * 86_400);
/// How long a new type is watched before it counts as rare.
const WATCHED: Duration = Duration::from_secs(3 * 86_400);
const LEAST: u64 = 5;

/// When a type was first given, at which reply of the interface, and how often since.
#[derive(Serialize, Deserialize)]
struct Given {
    first: Timestamp,
    at: u64,
    times: u64,
}

/// What an interface gives.
#[derive(Serialize, Deserialize)]
struct Replies {
    since: Timestamp,
    count: u64,
    types: BTreeMap<DataTypeId, Given>,
}

/// Identifies P12.
pub(super) struct Source {
    replies: u64,
    percent: u64,
    given: Table<InterfaceId, Replies>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            replies: thresholds.p12_replies,
            percent: thresholds.p12_percent,
            given: Table::new(INTERFACES),
        }
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(given);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(interface) = seen.interface.filter(|_| facts::succeeded(seen)) else { return };
        let time = seen.exchange.time;
        let replies =
            self.given.entry(&interface, || Replies { since: time, count: 0, types: BTreeMap::new() });
        replies.count += 1;
        if seen.exchange.data.is_empty() {
            return;
        }
        let told =
            facts::given_out(seen).filter(|(d, t)| d.level >= 2 && (facts::tells_of_person(t) || t.secret));
        let mut new = None;
        for (item, data_type) in told {
            let (at, full) = (replies.count, replies.types.len() >= TYPES);
            if full && !replies.types.contains_key(&item.data_type) {
                continue;
            }
            let given = replies.types.entry(item.data_type).or_insert(Given { first: time, at, times: 0 });
            given.times += 1;
            let learned = given.at > self.replies && given.first.since(replies.since) >= LEARNING;
            let since = at - given.at + 1;
            let often = given.times >= LEAST && given.times * 100 >= since * self.percent;
            if learned && often && time.since(given.first) <= WATCHED {
                let more = new
                    .as_ref()
                    .is_none_or(|(n, ..): &(&weir_exchange::DataItem, _, _, _, _)| item.level > n.level);
                if more {
                    new = Some((item, data_type, given.times, since, given.at));
                }
            }
        }
        let Some((item, data_type, times, since, before)) = new else { return };
        let place = facts::place(seen, known);
        let severity = if item.level < 3 { CARD.severity.lowered() } else { CARD.severity };
        let sighting =
            Sighting::of(&CARD, seen).rests_on(item).severity(severity).weigh_level(item.level.max(2));
        let (zh, en) = (&data_type.zh, &data_type.en);
        out.push(sighting.weigh_exposure(known).say(
            both(format!("{place} 开始以明文返回{zh}"), format!("{place} begins to return {en} in clear")),
            both(
                format!(
                    "字段 {}，此前 {before} 次响应从未给出，此后 {since} 次中 {times} 次给出，如 {}",
                    item.path, item.sample
                ),
                format!(
                    "field {}: none in {before} replies before, {times} of {since} since, such as {}",
                    item.path, item.sample
                ),
            ),
        ));
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        let Some(old) = self.given.remove(&from) else { return };
        let replies =
            self.given.entry(&into, || Replies { since: old.since, count: 0, types: BTreeMap::new() });
        replies.since = replies.since.min(old.since);
        replies.count += old.count;
        for (data_type, given) in old.types {
            if replies.types.len() < TYPES || replies.types.contains_key(&data_type) {
                // What either gave from the beginning is not new of the two.
                let mine = replies.types.entry(data_type).or_insert(Given { times: 0, ..given });
                (mine.first, mine.at) = (mine.first.min(given.first), mine.at.min(given.at));
                mine.times += given.times;
            }
        }
    }

    fn evicted(&self) -> u64 {
        self.given.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    /// Replies every half hour; from the `from`-th on each `nth` holds an identity number.
    fn found(from: u32, nth: u32) -> Findings {
        let calls = (0..400u32).map(|n| {
            let c = call("GET", "/c").gives("cn_mobile", n.into(), 1).by(100).at(f64::from(n) * 1_800.0);
            if n >= from && n % nth == 0 { c.gives("cn_id18", n.into(), 1) } else { c }
        });
        World::new().found(&mut Source::new(&Thresholds::default()), calls.collect::<Vec<_>>())
    }

    #[test]
    fn reports_a_type_that_was_never_given_before() {
        let f = found(300, 1);
        assert_eq!((f[0].key.id, f[0].severity), ("P12", Severity::Critical));
        assert!(f[0].evidence.note.en.contains("5 of 5"), "{}", f[0].evidence.note.en);
        assert!(found(0, 1).is_empty() && found(150, 1).is_empty(), "still learning");
        assert!(found(300, 13).is_empty(), "now and then");
    }
}
