//! V13 Traversable or guessable identifier (参数可遍历、对象可猜测).

use crate::identifiers::Shape;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use weir_model::{
    AccountId, CallerId, Card, Findings, Group, Handling, Known, Observation, RiskType, Severity, SiteId,
};

pub(super) static CARD: Card = Card {
    id: "V13",
    zh: "参数可遍历、对象可猜测",
    en: "traversable or guessable identifier",
    group: Group::Vulnerability,
    severity: Severity::Medium,
    risks: &[RiskType(1)],
    measures: &[Handling(3), Handling(6)],
    owasp: "API1:2023 CWE-639 CWE-340",
    basis: "CAICT 3.1.3, 3.1.5",
    how_zh: "路径、查询串或正文中的数字标识（可带固定前缀或扩展名，取值落在 32 位以内）可猜测：同一调用方以至少 10 个不同取值得到同构且含数据的 2xx 响应；按接口汇总。无个人信息的响应降一级，仅内部访问降一级。分页、数量、时间、坐标、金额等参数、静态内容与无数据的页面不计；非数字标识不判断。",
    how_en: "A numeric identifier in path, query or body (with a fixed prefix or extension at most; values within 32 bits of each other) can be guessed: one caller got alike 2xx replies with data for at least 10 different values; one finding an interface. One step less serious where replies hold no personal data, one less where the caller is internal. Parameters of paging, counts, time, coordinates and amounts, static content and pages without data do not count; identifiers that are no numbers are not judged.",
};

/// Parameters of callers watched.
const WATCHED: usize = 16_384;
/// Values further apart than this are not found by guessing.
const GUESSABLE: u64 = 1 << 32;

#[derive(Default, Serialize, Deserialize)]
struct Asked {
    shape: Option<Shape>,
    values: BTreeSet<u64>,
}

/// Identifies V13.
pub(super) struct Source {
    values: usize,
    asked: Table<(SiteId, CallerId, Option<AccountId>, u64), Asked>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            values: usize::try_from(thresholds.v13_values).unwrap_or(usize::MAX),
            asked: Table::new(WATCHED),
        }
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(asked);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(shape) = seen.reply() else { return };
        for id in seen.identifiers() {
            let key = (seen.site, seen.caller, seen.account, id.name);
            let asked = self.asked.entry(&key, Asked::default);
            if !asked.shape.get_or_insert_with(|| shape.clone()).alike(shape) {
                continue;
            }
            let new = asked.values.len() < self.values && asked.values.insert(id.value);
            let span = asked.values.last().zip(asked.values.first()).map_or(0, |(l, f)| l - f);
            if !new || asked.values.len() < self.values || span >= GUESSABLE {
                continue;
            }
            report(seen, known, asked.values.len(), out);
        }
    }

    fn evicted(&self) -> u64 {
        self.asked.evicted()
    }
}

fn report(seen: &Observation<'_>, known: &Known<'_>, n: usize, out: &mut Findings) {
    let personal = facts::data(seen).any(|(d, t)| d.place.response && facts::personal(t) && d.level >= 2);
    let severity = if personal { CARD.severity } else { CARD.severity.lowered() };
    let place = facts::place(seen, known);
    out.push(Sighting::of(&CARD, seen).severity(severity).weigh_exposure(known).say(
        both(
            format!("{place} 的标识可猜测：同一调用方以 {n} 个以上不同数字取得同构响应"),
            format!("{place} takes guessable identifiers: one caller got alike replies for {n} or more different numbers"),
        ),
        both(format!("第 {n} 个不同的数字标识"), format!("different number {n}")),
    ));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    use weir_exchange::MediaKind;

    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), calls)
    }

    #[test]
    fn reports_ten_different_numbers() {
        let ids =
            |n: u64| found((0..n).map(|i| call("GET", &format!("/c/{}", i * 37)).gives("cn_mobile", i, 1)));
        assert!(ids(9).is_empty());
        let f = ids(30);
        assert_eq!((f.len(), f[0].severity), (1, Severity::Low), "once a caller");
        assert_eq!(found((0..10).map(|i| call("GET", &format!("/orders/ORD-{i}.json")))).len(), 1);
    }

    #[test]
    fn leaves_one_id_paging_failures_and_far_numbers_alone() {
        assert!(found((0..50).map(|_| call("GET", "/c/5"))).is_empty());
        assert!(found((0..50).map(|i| call("GET", &format!("/c/{i}")).status(404))).is_empty());
        assert!(
            found((0..50).map(|i| call("GET", &format!("/a/{i}.js")).kind(MediaKind::Script))).is_empty()
        );
        assert!(found((0..50).map(|i| call("GET", &format!("/c/{}", i * (1u64 << 33))))).is_empty());
        assert!(found((0..50).map(|i| call("GET", &format!("/c/{i}")).by(i))).is_empty(), "one each");
    }
}
