//! C27 Partner over-use, caching (合作方超量、留存).

use crate::acquired::{Acquired, Closed, persons};
use crate::familiar::mix;
use crate::sighting::{both, recalled};
use crate::{Detector, Seen, Thresholds, facts};
use weir_exchange::{Calendar, CredentialKind, Fingerprint};
use weir_model::{
    CallerId, Card, Finding, FindingKey, Findings, Group, Handling, Known, RiskType, Severity, SiteId,
};
use weir_wire::Timestamp;

pub(super) static CARD: Card = Card {
    id: "C27",
    zh: "合作方超量、超范围、转供、留存",
    en: "partner over-use, resale, caching",
    group: Group::AbnormalCall,
    severity: Severity::High,
    risks: &[RiskType(10), RiskType(8), RiskType(5)],
    measures: &[Handling(17), Handling(12)],
    owasp: "API6:2023 API10:2023 CWE-359",
    basis: "CAICT 2.5, 3.1.4, 3.2.7, 4(2)4",
    how_zh: "按 API 密钥、按日（工作日与休息日分开）统计其数周内首次取得个人信息的人数：与自身近期各日中位数相比累计超出达阈值（算法同 C03），且期间新取得人数达阈值，即为囤积；按站点与调用方汇总，每日收盘时判断。自身不足 5 天的先学习。合同配额、范围与终止日期需导入登记后另行比对；只看自身变化，从一开始就囤积的不识别。",
    how_en: "By API key and day (working days and days off apart) the persons whose data it got for the first time in weeks are counted: where they exceed the median of its own recent days by enough in sum (as in C03), and reach their threshold in number, it hoards. One finding a site and caller, judged when a day is over. A key with fewer than 5 days is learned first. Quota, scope and end of contracts are compared once registered; as only a change shows, who hoards from the beginning is not seen.",
};

/// Keys watched.
const KEYS: usize = 4_096;

/// Who asks: a key of a site, and the address it asks from most lately.
type Key = (SiteId, Fingerprint);

/// Identifies C27.
pub(super) struct Source {
    sum: f64,
    persons: u32,
    got: Acquired<Key>,
    last: crate::table::Table<Key, CallerId>,
    calendar: Calendar,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            sum: thresholds.c03_sum as f64,
            persons: u32::try_from(thresholds.c27_persons).unwrap_or(u32::MAX),
            got: Acquired::new(KEYS),
            last: crate::table::Table::new(KEYS),
            calendar: Calendar::default(),
        }
    }

    fn pass(&mut self, now: Timestamp, out: &mut Findings) {
        let local = self.calendar.local(now);
        let works = self.calendar.works_on(local);
        if !self.got.is_over(local.day, works) {
            return;
        }
        let (sum, persons, last) = (self.sum, self.persons, &self.last);
        self.got.close(local.day, works, |closed| {
            let exceeds = closed.got.sum >= sum && closed.got.taken >= persons;
            if exceeds {
                out.push(say(closed, last.get(closed.key).copied()));
            }
            exceeds
        });
    }
}

fn say(closed: &Closed<'_, Key>, caller: Option<CallerId>) -> Finding {
    let got = closed.got;
    let (taken, fresh, all, days) = (got.taken, got.fresh, got.persons, got.day - got.since + 1);
    let (usual, spread, sum) = (closed.usual.median, closed.usual.spread, got.sum);
    let key = FindingKey { id: CARD.id, site: closed.key.0, interface: None, caller, account: None };
    let note = both(
        format!(
            "{days} 天内新取得 {taken} 人；当日 {all} 人中 {fresh} 人为首次；预期每日首次 {usual:.0}±{spread:.0}，累计超出 {sum:.1}"
        ),
        format!(
            "{taken} new persons in {days} days; {fresh} of {all} on the last for the first time, {usual:.0} +- {spread:.0} expected, {sum:.1} over in sum"
        ),
    );
    let evidence = got.latest.evidence(note);
    let summary = both(
        "合作方以密钥大量取得以前未查询过的人的信息",
        "a partner's key collects persons it never asked for",
    );
    recalled(key, CARD.severity, summary, evidence)
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(got, last);

    fn inspect(&mut self, seen: &Seen<'_>, _known: &Known<'_>, out: &mut Findings) {
        if self.calendar != seen.catalogue.calendar {
            self.calendar = seen.catalogue.calendar.clone();
        }
        self.pass(seen.exchange.time, out);
        let Some(request) = facts::request(seen) else { return };
        let Some(key) = request.credentials.iter().find(|c| c.kind == CredentialKind::ApiKey) else { return };
        let Some(item) = persons(seen) else { return };
        let id = (seen.site, key.fingerprint);
        *self.last.entry(&id, || seen.caller) = seen.caller;
        // Each key is a group of its own: contracts differ.
        let number = mix(key.fingerprint.0, u64::from(seen.site.0));
        self.got.add(&id, (number, number), item, seen);
    }

    fn tick(&mut self, now: Timestamp, _known: &Known<'_>, out: &mut Findings) {
        self.pass(now, out);
    }

    fn evicted(&self) -> u64 {
        self.got.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::Part;

    fn month(fresh_later: u64) -> Findings {
        let mut person = 0;
        let calls = (0..30u64).flat_map(|day| (0..400u64).map(move |n| (day, n))).map(|(day, n)| {
            let new = n < if day < 20 { 100 } else { fresh_later };
            person += u64::from(new);
            let who = if new { 1_000_000 + person } else { n };
            call("GET", "/v/1")
                .gives("cn_mobile", who, 1)
                .credential(CredentialKind::ApiKey, Part::Header, "x-api-key")
                .at((day * 86_400 + n * 60) as f64)
        });
        World::new().found(&mut Source::new(&Thresholds::default()), calls.collect::<Vec<_>>())
    }

    #[test]
    fn reports_a_key_that_begins_to_collect() {
        let f = month(400);
        assert!(!f.is_empty() && f[0].key.caller.is_some() && f[0].key.account.is_none());
        assert!(month(100).is_empty() && month(110).is_empty());
    }
}
