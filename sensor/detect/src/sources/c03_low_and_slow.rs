//! C03 Low-and-slow harvesting (低频持续拉取).

use crate::acquired::{Acquired, Closed, persons};
use crate::digest::digest;
use crate::familiar::mix;
use crate::sighting::{both, recalled};
use crate::{Detector, Seen, Thresholds, facts};
use weir_exchange::{Calendar, CredentialKind};
use weir_model::{
    AccountId, Card, Finding, FindingKey, Findings, Group, Handling, Known, RiskType, Severity,
};
use weir_wire::Timestamp;

pub(super) static CARD: Card = Card {
    id: "C03",
    zh: "低频持续拉取",
    en: "low-and-slow harvesting",
    group: Group::AbnormalCall,
    severity: Severity::Medium,
    risks: &[RiskType(1), RiskType(5)],
    measures: &[Handling(7), Handling(11)],
    owasp: "API1:2023 API6:2023 CWE-799",
    basis: "GB/T 46796-2025 7.3.2.3 a",
    how_zh: "按账号、按日（工作日与休息日分开，依工作日历）统计其数周内首次取得个人信息的人数，与自身近期各日的中位数比较（离散度取中位数绝对偏差；全组当日普遍偏高时按同组账号的倍数放宽），逐日超出部分累计（Page 累积和，每日容许 1 倍离散度、最多计 6 倍），累计达阈值且期间新取得人数达阈值即报；按账号汇总，每日收盘时判断。同组为目录中的同一部门，无目录时为同一站点；自身不足 5 天的以同组（10 个以上账号）的中位数代替，均无则先学习。以 API 密钥调用的程序归 C27；脱敏值不计。学习时超限日只按限值计入。",
    how_en: "By account and day (working days and days off apart, by the working calendar) the persons whose data it got for the first time in weeks are counted and compared with the median of its own recent days (spread by the median absolute deviation; where the whole group had a busy day, more is allowed by the group's factor). What days exceed it by adds up (Page's cumulative sum: one spread a day is allowed, six count at most); it is reported when the sum and the new persons since it began both reach their thresholds. One finding an account, judged when a day is over. The group is the department of the directory, else the site; an account with fewer than 5 days is compared with the median of 10 or more others, and with neither it is learned first. Programs that call with an API key belong to C27; masked values do not count. A day over the limit is learned as the limit.",
};

/// Accounts watched.
const ACCOUNTS: usize = 16_384;

/// Identifies C03.
pub(super) struct Source {
    sum: f64,
    persons: u32,
    got: Acquired<AccountId>,
    /// The calendar, once an observation has shown it.
    calendar: Calendar,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            sum: thresholds.c03_sum as f64,
            persons: u32::try_from(thresholds.c03_persons).unwrap_or(u32::MAX),
            got: Acquired::new(ACCOUNTS),
            calendar: Calendar::default(),
        }
    }

    fn pass(&mut self, now: Timestamp, known: &Known<'_>, out: &mut Findings) {
        let local = self.calendar.local(now);
        let works = self.calendar.works_on(local);
        if !self.got.is_over(local.day, works) {
            return;
        }
        let (sum, persons) = (self.sum, self.persons);
        self.got.close(local.day, works, |closed| {
            let exceeds = closed.got.sum >= sum && closed.got.taken >= persons;
            if exceeds {
                out.extend(say(closed, known));
            }
            exceeds
        });
    }
}

fn say(closed: &Closed<'_, AccountId>, known: &Known<'_>) -> Option<Finding> {
    let (got, account) = (closed.got, known.account(*closed.key)?);
    let place = got.latest.interface.and_then(|i| known.interface(i));
    let place = place.map_or_else(String::new, |i| format!("{} {}", i.method, i.template));
    let (name, taken, fresh) = (&account.name, got.taken, got.fresh);
    let days = got.day - got.since + 1;
    let (usual, spread) = (closed.usual.median * closed.factor, closed.usual.spread);
    let (peers, of_peers, sum) = (closed.peers, closed.of_peers, got.sum);
    let key = FindingKey {
        id: CARD.id,
        site: account.site,
        interface: None,
        caller: None,
        account: Some(name.clone()),
    };
    let note = both(
        format!(
            "{days} 天内新取得 {taken} 人，当日 {fresh} 人；预期每日 {usual:.0}±{spread:.0}，累计超出 {sum:.1}；同组 {peers} 个账号中位数 {of_peers:.0}；最近 {place}"
        ),
        format!(
            "{taken} new persons in {days} days, {fresh} on the last; {usual:.0} +- {spread:.0} a day expected, {sum:.1} over in sum; {peers} peers, median {of_peers:.0}; last {place}"
        ),
    );
    let evidence = got.latest.evidence(note);
    let summary = both(
        format!("账号 {name} 持续取得越来越多以前未接触的人的信息"),
        format!("account {name} keeps getting data of persons it never dealt with"),
    );
    Some(recalled(key, CARD.severity, summary, evidence))
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(got);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        if self.calendar != seen.catalogue.calendar {
            self.calendar = seen.catalogue.calendar.clone();
        }
        self.pass(seen.exchange.time, known, out);
        let Some(id) = seen.account.filter(|_| seen.authenticated) else { return };
        let by_key =
            |r: &weir_exchange::Request| r.credentials.iter().any(|c| c.kind == CredentialKind::ApiKey);
        if facts::request(seen).is_some_and(by_key) {
            return;
        }
        let (Some(item), Some(account)) = (persons(seen), known.account(id)) else { return };
        let department = account.person.as_ref().map_or("", |p| &p.department);
        let group = mix(u64::from(account.site.0), digest(department));
        self.got.add(&id, (mix(id.0.into(), 3), group), item, seen);
    }

    fn tick(&mut self, now: Timestamp, known: &Known<'_>, out: &mut Findings) {
        self.pass(now, known, out);
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

    /// Thirty days of an account that gets `a_day` new persons, and `more` from the twentieth on.
    fn month(a_day: u64, more: u64) -> Findings {
        let w = World::new();
        let mut person = 0;
        let calls =
            (0..30u64).flat_map(|day| (0..a_day + if day < 20 { 0 } else { more }).map(move |n| (day, n)));
        let calls = calls.map(|(day, n)| {
            person += 1;
            let mut c = call("GET", "/c/1").gives("cn_mobile", person, 1).at((day * 86_400 + n * 600) as f64);
            (c.account, c.authenticated) = (Some(0), true);
            c
        });
        w.found(&mut Source::new(&Thresholds::default()), calls.collect::<Vec<_>>())
    }

    #[test]
    fn reports_what_adds_up_over_days_and_not_what_is_usual() {
        let f = month(4, 20);
        assert!(!f.is_empty());
        assert_eq!((f[0].key.id, f[0].key.account.as_deref()), ("C03", Some("alice")));
        assert!(f[0].time > call("GET", "/").at(20.0 * 86_400.0).exchange.time, "not before it begins");
        assert!(f[0].evidence.note.en.contains("4 +- "), "{}", f[0].evidence.note.en);
        assert!(month(4, 0).is_empty() && month(60, 10).is_empty());
        assert!(month(4, 3).is_empty(), "{:?}", month(4, 3));
    }
}
