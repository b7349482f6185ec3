//! D08 Cumulative acquisition over the limit (周期累计获取超限).

use crate::acquired::Latest;
use crate::days::{Days, ENOUGH, median};
use crate::digest::digest;
use crate::familiar::{Familiar, mix};
use crate::sighting::{both, recalled};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::{Calendar, CredentialKind, DataItem, Effect, Fingerprint};
use weir_model::{
    AccountId, CallerId, Card, Finding, FindingKey, Findings, Group, Handling, Known, RiskType, Severity,
    SiteId,
};
use weir_wire::Timestamp;

pub(super) static CARD: Card = Card {
    id: "D08",
    zh: "周期累计获取超限",
    en: "cumulative acquisition over the limit",
    group: Group::Disclosure,
    severity: Severity::High,
    risks: &[RiskType(1), RiskType(5)],
    measures: &[Handling(7), Handling(11)],
    owasp: "API6:2023 CWE-799",
    basis: "GB/T 46796-2025 7.3.2.2 b",
    how_zh: "按账号、API 密钥（均无时按调用方地址）累计其以明文取得的不同个人：当地一日内 3 级以上超过 500 人或 4 级超过 50 人；30 日内首次取得的 3 级以上超过 5000 人或 4 级超过 500 人（慢速窗口，只对账号与地址；密钥的长期囤积归 C27）。限额取上列数值、自身同类日（工作日与休息日分开）中位数的 3 倍、同组当日（当月）中位数的 3 倍中的最大者：自身须有 5 天，同组须有 10 个成员（目录中的同一部门，无目录为同一站点），故惯常大量处理和全组一致的变化不报。每日收盘及抓包结束时判断，按账号、密钥或地址汇总。本人记录、回显请求中的值、脱敏值不计；人数以指纹在定长布隆过滤器中计，一条长列表只查 16 个并按比例推算。",
    how_en: "Different persons whose data an account, an API key (an address where there is neither) got in clear are added up: within a local day more than 500 of grade 3 or above or 50 of grade 4; within 30 days more than 5,000 or 500 for the first time (the slow window, for accounts and addresses; what keys hoard over time is C27). The limit is the greatest of these figures, three times the own median of that sort of day (working days and days off apart, 5 days at least) and three times the median of the group that day, or month (10 members at least; the department of the directory, else the site), so that habitual bulk work and what changes for a whole group are not reported. Judged when a day is over and at the end of a capture; one finding an account, key or address. Own records, values that come back from the request and masked values do not count; persons are counted by fingerprints in Bloom filters of fixed size, of a long list sixteen are looked up and the rest is inferred.",
};

/// Accounts, keys and addresses watched.
const ACCOUNTS: usize = 16_384;
const KEYS: usize = 4_096;
const ADDRESSES: usize = 8_192;
/// Days of the slow window.
const MONTH: usize = 30;
/// Grades that persons are added up of: this and above.
const GRADES: [u8; 2] = [3, 4];
/// Blocks of the filters: 4 MiB for who met whom in weeks, 1 MiB for whom today.
const WEEKS: usize = 32_768;
const TODAY: usize = 8_192;
/// Days that a pair is known for at least; twice that at most, which spans the slow window.
const KNOWN_FOR: u32 = 16;
/// Persons of one reply that are looked up.
const LOOKED_UP: usize = 16;
/// Members of a group from which it says what is usual, and how many times that is beyond it.
const PEERS: usize = 10;
const TIMES: f64 = 3.0;

/// Who acquires.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
enum Who {
    Account(AccountId),
    Key(SiteId, Fingerprint),
    Address(SiteId, CallerId),
}

/// What one of them got.
#[derive(Serialize, Deserialize)]
struct Got {
    site: SiteId,
    caller: CallerId,
    group: u64,
    /// Persons of each grade today, and of them those for the first time in weeks.
    today: [u32; 2],
    fresh: [u32; 2],
    /// Figures of days, and new persons of the last thirty.
    days: [Days; 2],
    month: [[u16; MONTH]; 2],
    latest: Latest,
}

/// A limit that was passed.
struct Passed {
    grade: u8,
    days: usize,
    figure: u32,
    limit: f64,
    own: Option<f64>,
    peers: Option<f64>,
}

/// Identifies D08.
pub(super) struct Source {
    /// Limits of a day and of thirty, by grade.
    day: [u64; 2],
    month: [u64; 2],
    got: [Table<Who, Got>; 3],
    weeks: Familiar,
    met_today: Familiar,
    /// Local day under way; 0 before the first observation.
    today: u32,
    works: bool,
    calendar: Calendar,
}

impl Source {
    pub(super) fn new(t: &Thresholds) -> Self {
        Source {
            day: [t.d08_day_3, t.d08_day_4],
            month: [t.d08_month_3, t.d08_month_4],
            got: [Table::new(ACCOUNTS), Table::new(KEYS), Table::new(ADDRESSES)],
            weeks: Familiar::new(WEEKS, KNOWN_FOR),
            met_today: Familiar::new(TODAY, 1),
            today: 0,
            works: true,
            calendar: Calendar::default(),
        }
    }

    fn pass(&mut self, now: Timestamp, known: &Known<'_>, out: &mut Findings) {
        let local = self.calendar.local(now);
        let works = self.calendar.works_on(local);
        if self.today != 0 && local.day > self.today {
            self.close(local.day, known, out);
        } else if self.today != 0 {
            return;
        }
        (self.today, self.works) = (local.day, works);
    }

    /// The day is over: what passed a limit is told, then the day is learned. `next` is the new one.
    fn close(&mut self, next: u32, known: &Known<'_>, out: &mut Findings) {
        for table in 0..self.got.len() {
            let peers = [self.peers(table, |g, grade| g.today[grade]), self.peers(table, Got::of_month)];
            let active = self.got[table].keys_holding(|_, g| g.today[0] > 0 || g.today[1] > 0);
            for who in active {
                let Some(got) = self.got[table].get(&who) else { continue };
                let passed = self.passed(&who, got, &peers);
                out.extend(passed.and_then(|p| say(&who, got, &p, known)));
            }
            let (today, works) = (self.today, self.works);
            self.got[table].values_mut().for_each(|g| g.over(today, next, works));
        }
    }

    /// The gravest limit that was passed.
    fn passed(&self, who: &Who, got: &Got, peers: &[Peers; 2]) -> Option<Passed> {
        let of = |grade: usize, month: bool| {
            let (figure, least, own) = match month {
                false => {
                    let usual = got.days[grade].usual(self.works);
                    (got.today[grade], self.day[grade], (usual.days >= ENOUGH).then_some(usual.median))
                }
                true => (got.of_month(grade), self.month[grade], None),
            };
            let peers = peers[usize::from(month)][grade].get(&got.group).copied();
            let expected = own.unwrap_or(0.0).max(peers.unwrap_or(0.0));
            let limit = (least as f64).max(expected * TIMES);
            let days = if month { MONTH } else { 1 };
            (f64::from(figure) > limit).then_some(Passed {
                grade: GRADES[grade],
                days,
                figure,
                limit,
                own,
                peers,
            })
        };
        let slow = !matches!(who, Who::Key(..));
        let month = |grade| slow.then(|| of(grade, true)).flatten();
        of(1, false).or_else(|| of(0, false)).or_else(|| month(1)).or_else(|| month(0))
    }

    /// What is usual of the members of each group that has enough of them, by grade.
    fn peers(&self, table: usize, figure: impl Fn(&Got, usize) -> u32) -> Peers {
        [0, 1].map(|grade| {
            let mut groups: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
            for (_, got) in self.got[table].iter().filter(|(_, g)| g.today[0] > 0) {
                groups.entry(got.group).or_default().push(f64::from(figure(got, grade)));
            }
            groups.retain(|_, of| of.len() >= PEERS);
            groups.into_iter().map(|(group, mut of)| (group, median(&mut of))).collect()
        })
    }

    /// How many persons of an item are new to one today, and in weeks.
    fn count(&mut self, number: u64, item: &DataItem) -> (u32, u32) {
        let looked = item.values.len().min(LOOKED_UP);
        let (mut new, mut fresh) = (0u32, 0u32);
        for value in &item.values[..looked] {
            let pair = mix(number, value.0);
            if !self.met_today.met(mix(pair, u64::from(self.today)), self.today) {
                new += 1;
                fresh += u32::from(!self.weeks.met(pair, self.today));
            }
        }
        if looked < item.values.len() {
            let all = item.distinct.as_ref().map_or(item.values.len() as u64, |d| d.count());
            let scale = |n: u32| u32::try_from(u64::from(n) * all / looked as u64).unwrap_or(u32::MAX);
            (new, fresh) = (scale(new), scale(fresh));
        }
        (new, fresh)
    }
}

/// Medians of groups, by grade.
type Peers = [BTreeMap<u64, f64>; 2];

impl Got {
    fn of_month(&self, grade: usize) -> u32 {
        let before: u32 = self.month[grade].iter().map(|n| u32::from(*n)).sum();
        before.saturating_add(self.fresh[grade])
    }

    /// The day `today` is over; `next` is the new one.
    fn over(&mut self, today: u32, next: u32, works: bool) {
        for grade in 0..GRADES.len() {
            // Days without a call teach nothing of what is usual of days at work.
            if self.today[0] > 0 {
                self.days[grade].learn(self.today[grade], works);
            }
            let ring = &mut self.month[grade];
            ring[today as usize % MONTH] = u16::try_from(self.fresh[grade]).unwrap_or(u16::MAX);
            // The places of the days up to the new one hold what is thirty days old.
            for gone in (today + 1..=next).take(MONTH) {
                ring[gone as usize % MONTH] = 0;
            }
        }
        (self.today, self.fresh) = ([0; 2], [0; 2]);
    }
}

/// Who acquires, the table of it, its number and its group.
fn who(seen: &Seen<'_>, known: &Known<'_>) -> (Who, usize, u64) {
    let key = facts::request(seen)
        .and_then(|r| r.credentials.iter().find(|c| c.kind == CredentialKind::ApiKey))
        .map(|c| c.fingerprint);
    if let Some(key) = key {
        return (Who::Key(seen.site, key), 1, mix(key.0, seen.site.0.into()));
    }
    match seen.account.filter(|_| seen.authenticated).and_then(|id| Some((id, known.account(id)?))) {
        Some((id, account)) => {
            let department = account.person.as_ref().map_or("", |p| &p.department);
            (Who::Account(id), 0, mix(account.site.0.into(), digest(department)))
        }
        None => (Who::Address(seen.site, seen.caller), 2, seen.site.0.into()),
    }
}

/// The number of one who acquires, for pairs with persons.
fn number(who: &Who, grade: usize) -> u64 {
    let of = match who {
        Who::Account(id) => mix(id.0.into(), 11),
        Who::Key(site, key) => mix(key.0, mix(site.0.into(), 12)),
        Who::Address(site, caller) => mix(caller.0.into(), mix(site.0.into(), 13)),
    };
    mix(of, grade as u64)
}

fn say(who: &Who, got: &Got, p: &Passed, known: &Known<'_>) -> Option<Finding> {
    let account = match who {
        Who::Account(id) => Some(known.account(*id)?.name.clone()),
        Who::Key(..) | Who::Address(..) => None,
    };
    let caller = account.is_none().then_some(got.caller);
    let key = FindingKey { id: CARD.id, site: got.site, interface: None, caller, account };
    let Passed { grade, days, figure, limit, .. } = p;
    let place = got.latest.interface.and_then(|i| known.interface(i));
    let place = place.map_or_else(String::new, |i| format!("{} {}", i.method, i.template));
    let told = |figure: Option<f64>, none: &str| figure.map_or(none.to_owned(), |f| format!("{f:.0}"));
    let note = both(
        format!(
            "{days} 日内以明文取得 {grade} 级以上 {figure} 人，限额 {limit:.0}；自身惯常 {}，同组中位数 {}；最近 {place}",
            told(p.own, "未知"),
            told(p.peers, "未知")
        ),
        format!(
            "{figure} persons of grade {grade} or above in clear within {days} d, limit {limit:.0}; own usual {}, median of peers {}; last {place}",
            told(p.own, "unknown"),
            told(p.peers, "unknown")
        ),
    );
    let (zh, en) = match who {
        Who::Account(_) => {
            (format!("账号 {}", key.account.as_deref()?), format!("account {}", key.account.as_deref()?))
        }
        Who::Key(..) => ("一个 API 密钥".to_owned(), "an API key".to_owned()),
        Who::Address(..) => ("一个调用方".to_owned(), "a caller".to_owned()),
    };
    let summary = both(
        format!("{zh}累计取得的个人信息超过限额"),
        format!("{en} got more persons' data than the limit allows"),
    );
    let severity = if *grade == 4 { CARD.severity.raised() } else { CARD.severity };
    let mut finding = recalled(key, severity, summary, got.latest.evidence(note));
    finding.effect = Some(Effect::Obtained);
    Some(finding)
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(got, weeks, met_today, today, works);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        if self.calendar != seen.catalogue.calendar {
            self.calendar = seen.catalogue.calendar.clone();
        }
        self.pass(seen.exchange.time, known, out);
        if seen.exchange.data.is_empty() || !facts::succeeded(seen) {
            return;
        }
        let item = |grade: u8| {
            let told = facts::given_out(seen)
                .filter(|(d, t)| t.identifies && facts::tells_of_person(t) && d.level >= grade);
            told.max_by_key(|(d, _)| d.count).map(|(d, _)| d).filter(|d| facts::new_to_caller(seen, d) > 0)
        };
        let items = GRADES.map(item);
        if items.iter().all(Option::is_none) || facts::own_record(seen, known) {
            return;
        }
        let (who, table, group) = who(seen, known);
        let counts = [0, 1].map(|g| items[g].map_or((0, 0), |item| self.count(number(&who, g), item)));
        let latest = Latest {
            time: seen.exchange.time,
            flow: seen.exchange.flow.community_id,
            number: seen.exchange.number,
            interface: seen.interface,
        };
        let (site, caller) = (seen.site, seen.caller);
        let got = self.got[table].entry(&who, || Got {
            site,
            caller,
            group,
            today: [0; 2],
            fresh: [0; 2],
            days: [Days::default(); 2],
            month: [[0; MONTH]; 2],
            latest,
        });
        (got.group, got.caller, got.latest) = (group, caller, latest);
        for (grade, (new, fresh)) in counts.into_iter().enumerate() {
            got.today[grade] = got.today[grade].saturating_add(new);
            got.fresh[grade] = got.fresh[grade].saturating_add(fresh);
        }
    }

    fn tick(&mut self, now: Timestamp, known: &Known<'_>, out: &mut Findings) {
        if self.today != 0 {
            self.pass(now, known, out);
        }
    }

    fn finish(&mut self, now: Timestamp, known: &Known<'_>, out: &mut Findings) {
        self.tick(now, known, out);
        if self.today != 0 {
            self.close(self.today, known, out);
        }
    }

    fn merged(&mut self, from: weir_model::InterfaceId, into: weir_model::InterfaceId) {
        let moved = self.got.iter_mut().flat_map(Table::values_mut);
        moved.filter(|g| g.latest.interface == Some(from)).for_each(|g| g.latest.interface = Some(into));
    }

    fn evicted(&self) -> u64 {
        self.got.iter().map(Table::evicted).sum()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::Part;

    const DAY: f64 = 86_400.0;

    fn got(id: &str, first: u64, n: u32, day: u32) -> Call {
        let mut c = call("GET", "/c/1").gives(id, first, n).at(f64::from(day) * DAY);
        (c.account, c.authenticated) = (Some(0), true);
        c
    }
    /// What is found in calls, the end of the capture included.
    fn found(w: &World, calls: impl IntoIterator<Item = Call>) -> Findings {
        let mut source = Source::new(&Thresholds::default());
        let mut out = w.found(&mut source, calls);
        source.finish(Timestamp::default(), &w.known(), &mut out);
        out
    }
    /// So many persons, one a call, on a day.
    fn single(id: &'static str, n: u64, day: u32) -> impl Iterator<Item = Call> {
        (0..n).map(move |i| got(id, u64::from(day) * 100_000 + i, 1, day))
    }

    #[test]
    fn reports_a_day_over_the_limit_and_not_one_at_it() {
        let w = World::new();
        assert!(found(&w, single("cn_mobile", 490, 0)).is_empty());
        let f = found(&w, single("cn_mobile", 520, 0));
        assert_eq!((f.len(), f[0].key.account.as_deref(), f[0].severity), (1, Some("alice"), Severity::High));
        assert!(f[0].evidence.note.en.contains("limit 500"), "{}", f[0].evidence.note.en);
        assert!(found(&w, single("cn_id18", 50, 0)).is_empty());
        assert_eq!(found(&w, single("cn_id18", 52, 0))[0].severity, Severity::Critical);
        assert!(found(&w, single("email", 2_000, 0)).is_empty(), "grade 2");
        assert!(found(&w, (0..2_000).map(|_| got("cn_mobile", 1, 3, 0))).is_empty(), "the same persons");
        let split = single("cn_mobile", 300, 0).chain(single("cn_mobile", 300, 1));
        assert!(found(&w, split).is_empty(), "two days");
    }

    #[test]
    fn leaves_what_is_usual_alone_and_judges_keys_and_addresses() {
        let w = World::new();
        let usual =
            |last: u64| (0..6).flat_map(|d| single("cn_mobile", 400, d)).chain(single("cn_mobile", last, 9));
        assert!(found(&w, usual(1_150)).is_empty(), "less than three times as usual");
        assert_eq!(found(&w, usual(1_300)).len(), 1);
        let open = |n| single("cn_mobile", n, 0).map(|c| Call { account: None, authenticated: false, ..c });
        let f = found(&w, open(520));
        assert_eq!((f.len(), f[0].key.caller, f[0].key.account.clone()), (1, Some(CallerId(0)), None));
        let key = |c: Call| c.credential(CredentialKind::ApiKey, Part::Header, "x-api-key");
        assert_eq!(found(&w, single("cn_mobile", 520, 0).map(key)).len(), 1);
        let asked = single("cn_mobile", 520, 0)
            .enumerate()
            .map(|(n, c)| c.item("cn_mobile", false, Part::Query, weir_exchange::Form::Plain, n as u64, 1));
        assert!(found(&w, asked).is_empty(), "who asks by mobile learns no mobile");
    }

    #[test]
    fn adds_up_over_thirty_days() {
        let w = World::new();
        let month = |a_day: u64, first: u64| {
            (0..30u32).flat_map(move |d| {
                (0..a_day).map(move |i| got("cn_id18", first + u64::from(d) * 1_000 + i, 1, d))
            })
        };
        assert!(found(&w, month(16, 0)).is_empty(), "480 in thirty days");
        let f = found(&w, month(18, 0));
        assert!(!f.is_empty() && f[0].evidence.note.en.contains("within 30 d"), "{f:?}");
        let again = (0..30u32).flat_map(|d| (0..18).map(move |i| got("cn_id18", i, 1, d)));
        assert!(found(&w, again).is_empty(), "the same persons every day");
    }

    #[test]
    fn leaves_what_a_whole_group_does_alone() {
        let mut w = World::new();
        for n in 0..12 {
            let mut more = w.accounts[0].clone();
            (more.name, more.key) = (format!("u{n}").into(), format!("ac-u{n}").into());
            w.accounts.push(more);
        }
        let of =
            |account: u32, n: u64| single("cn_id18", n, 0).map(move |c| Call { account: Some(account), ..c });
        assert!(found(&w, (0..12).flat_map(|a| of(a, 60))).is_empty());
        let f = found(&w, (0..12).flat_map(|a| of(a, if a == 0 { 250 } else { 60 })));
        assert_eq!((f.len(), f[0].key.account.as_deref()), (1, Some("alice")));
        assert!(f[0].evidence.note.en.contains("median of peers 60"), "{}", f[0].evidence.note.en);
    }

    #[test]
    fn stays_bounded() {
        let w = World::new();
        let mut source = Source::new(&Thresholds::default());
        let open = |n: u32| Call { account: None, caller: n, ..got("cn_mobile", n.into(), 1, 0) };
        w.found(&mut source, (0..ADDRESSES as u32 + 7).map(open));
        assert_eq!(source.evicted(), 7);
        assert!(size_of::<Got>() <= 384, "{}", size_of::<Got>());
    }
}
