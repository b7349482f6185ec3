//! Steps of risk sources that count data: C02, C03, C05, D01 and D03.

use super::lines::Datum;
use super::{Case, Line, Step, both};
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::PersonalClass;
use weir_store::record::AccountRecord;

/// Types that are personal by the letter alone and count for none of these.
const COMMON: &[&str] = &["ipv4", "ipv6", "mac", "internal_endpoint", "username", "user_id"];
/// Days from which a baseline of days is believed, and members of a group that stand in for it.
const DAYS: usize = 5;
const PEERS: usize = 10;
const LEAST: usize = 24;

/// Whether a datum tells of a person in clear, from this grade on.
fn tells(case: &Case<'_>, d: &Datum, level: u8) -> bool {
    let personal = case.data_type(&d.data_type).is_some_and(|t| t.personal != PersonalClass::None);
    d.given_out() && d.level >= level && personal && !COMMON.contains(&&*d.data_type)
}

/// Records of personal data that a good reply gives in clear.
fn records(case: &Case<'_>, l: &Line, level: u8) -> u64 {
    l.data.iter().filter(|d| tells(case, d, level)).map(|d| d.count).max().unwrap_or(0)
}

/// Who got data.
type Key<'a> = (&'a str, Option<&'a str>);

/// The most that a caller got within any window, with the number of stretches that held any.
fn busiest<'a>(
    events: &BTreeMap<Key<'a>, Vec<(&'a Line, u64)>>,
    seconds: u64,
) -> Option<(u64, usize, Key<'a>, &'a Line)> {
    let of = |(key, all): (&Key<'a>, &Vec<(&'a Line, u64)>)| {
        let (mut from, mut sum, mut best) = (0, 0u64, (0u64, all.first()?.0));
        for (line, n) in all {
            sum += *n;
            while line.time.since(all[from].0.time).as_nanos() > seconds * 1_000_000_000 {
                sum -= all[from].1;
                from += 1;
            }
            if sum > best.0 {
                best = (sum, line);
            }
        }
        let stretches: BTreeSet<u64> = all.iter().map(|(l, _)| l.time.secs() / seconds.max(1)).collect();
        Some((best.0, stretches.len(), *key, best.1))
    };
    events.iter().filter_map(of).max_by_key(|b| b.0)
}

/// Good replies with records, by who got them.
fn got<'a>(
    case: &'a Case<'_>,
    level: u8,
    fits: impl Fn(&Line) -> bool,
) -> BTreeMap<Key<'a>, Vec<(&'a Line, u64)>> {
    let mut events: BTreeMap<Key<'a>, Vec<(&'a Line, u64)>> = BTreeMap::new();
    for l in case.good().filter(|l| fits(l)) {
        let n = records(case, l, level);
        if n > 0 {
            events.entry((&l.caller, l.account.as_deref())).or_default().push((l, n));
        }
    }
    events
}

/// That there were records at all.
fn any(replies: usize, level: u8) -> Step {
    Step::new(
        both(
            format!("2xx 应答以明文给出 {level} 级以上个人信息"),
            format!("replies answered 2xx give personal data of grade {level} or above in clear"),
        ),
        both(format!("{replies} 次应答"), format!("{replies} replies")),
        replies > 0,
    )
}

/// C02: the most records within ten minutes, and whether the caller is known.
pub fn burst(case: &Case<'_>) -> Vec<Step> {
    const SECONDS: u64 = 600;
    let events = got(case, 3, |_| true);
    let mut steps = vec![any(events.values().map(Vec::len).sum(), 3)];
    let Some((most, stretches, (caller, _), at)) = busiest(&events, SECONDS) else { return steps };
    let least = case.thresholds.c02_records;
    steps.push(Step::new(
        both(
            format!("同一调用方 10 分钟内多于 {least} 条"),
            format!("more than {least} records of one caller within 10 minutes"),
        ),
        both(
            format!("最多 {most} 条：{caller}，{}", at.time),
            format!("{most} at most: {caller}, {}", at.time),
        ),
        most > least,
    ));
    steps.push(Step::new(
        both(
            format!("已有自身基线（{LEAST} 个以上有数据的 10 分钟、2 天）；否则绝对的量归 D06、D14、D08"),
            format!("a baseline of its own ({LEAST} stretches of 10 minutes with data, 2 days); else absolute amounts are D06, D14 and D08"),
        ),
        both(format!("{stretches} 个有数据的 10 分钟"), format!("{stretches} stretches with data")),
        stretches > LEAST,
    ));
    steps.push(Step::open(
        both("多于自身惯常的 3 倍", "more than three times the own usual"),
        both("学习到的均值与离散度不在记录中", "the mean and spread learned are not in the records"),
    ));
    steps
}

/// C03: persons got day by day.
pub fn slow(case: &Case<'_>, account: Option<&AccountRecord>) -> Vec<Step> {
    let mut steps = vec![Step::new(
        both("按账号判断", "judged by account"),
        account.map_or_else(
            || both("问的不是账号", "it was not asked of an account"),
            |a| both(format!("账号 {}", a.name), format!("account {}", a.name)),
        ),
        account.is_some(),
    )];
    let mut days: BTreeMap<u32, u64> = BTreeMap::new();
    let calendar = &case.catalogue.calendar;
    for l in case.good().filter(|l| records(case, l, 2) > 0) {
        *days.entry(calendar.local(l.time).day).or_default() += l.subjects;
    }
    let (n, all) = (days.len(), days.values().sum::<u64>());
    let least = case.thresholds.c03_persons;
    steps.push(Step::new(
        both(format!("期间首次取得的人数 {least} 以上"), format!("{least} persons or more got for the first time while the sum rose")),
        both(
            format!("{n} 天里合计至多 {all} 人次（同一人重复的未去重，首次与否不在记录中）"),
            format!("{all} at most over {n} days (persons of several days counted each time; whether for the first time is not in the records)"),
        ),
        all >= least,
    ));
    steps.push(Step::new(
        both(
            format!("自身有 {DAYS} 个同类日，或同组有 {PEERS} 个账号；否则先学习"),
            format!(
                "{DAYS} own days of the sort, or {PEERS} accounts of the group; else it is learned first"
            ),
        ),
        both(
            format!("有数据的日子 {n} 天；同组账号数不在该账号的记录中"),
            format!("{n} days with data; how many accounts the group has is not in this account's records"),
        ),
        n > DAYS,
    ));
    let last =
        days.keys().next_back().zip(case.lines.last()).is_some_and(|(d, l)| calendar.local(l.time).day == *d);
    steps.push(Step::open(
        both(
            format!("逐日超出部分累计达 {} 倍离散度（每日收盘时判断）", case.thresholds.c03_sum),
            format!(
                "what days exceed the usual by adds up to {} spreads, judged when a day is over",
                case.thresholds.c03_sum
            ),
        ),
        both(
            format!(
                "每日人次：{}；累计值不在记录中{}",
                shown(&days),
                if last { "；最后一日未收盘" } else { "" }
            ),
            format!(
                "a day: {}; the sum is not in the records{}",
                shown(&days),
                if last { "; the last day is not over" } else { "" }
            ),
        ),
    ));
    steps
}

/// The last figures, the newest at the end.
fn shown(days: &BTreeMap<u32, u64>) -> String {
    const SHOWN: usize = 14;
    let figures: Vec<String> = days.values().rev().take(SHOWN).map(ToString::to_string).collect();
    figures.into_iter().rev().collect::<Vec<_>>().join(" ")
}

/// C05: what was got outside working hours.
pub fn off_hours(case: &Case<'_>) -> Vec<Step> {
    let calendar = &case.catalogue.calendar;
    let outside = case.good().filter(|l| !calendar.at_work(l.time)).count();
    let mut steps = vec![Step::new(
        both("工作日历之外有 2xx 调用", "calls answered 2xx outside the working calendar"),
        both(
            format!("{outside} 次（共 {} 次）；日历：{}", case.good().count(), hours(case)),
            format!("{outside} of {}; calendar: {}", case.good().count(), hours(case)),
        ),
        outside > 0,
    )];
    let events = got(case, 2, |l| !calendar.at_work(l.time));
    let (least, seconds) = (case.thresholds.c05_records, case.thresholds.c05_seconds);
    let Some((most, _, (caller, _), at)) = busiest(&events, seconds) else {
        steps.push(any(0, 2));
        return steps;
    };
    steps.push(Step::new(
        both(
            format!("同一调用方 {seconds} 秒内 {least} 条以上明文敏感记录"),
            format!("{least} sensitive records in clear or more of one caller within {seconds} s"),
        ),
        both(
            format!("最多 {most} 条：{caller}，{}", at.time),
            format!("{most} at most: {caller}, {}", at.time),
        ),
        most >= least,
    ));
    let hour = |l: &Line| (calendar.local(l.time).hour(), calendar.works_on(calendar.local(l.time)));
    let same: BTreeSet<u32> = events
        .values()
        .flatten()
        .filter(|(l, n)| hour(l) == hour(at) && *n >= least && l.time < at.time)
        .map(|(l, _)| calendar.local(l.time).day)
        .collect();
    let (days, habit) = (same.len() as u64, case.thresholds.c05_habit_days);
    steps.push(Step::new(
        both(
            format!("同一钟点、同类日子此前不足 {habit} 天如此（否则为惯常作业）"),
            format!(
                "fewer than {habit} days before at the same hour of the same sort of day (else it is a habit)"
            ),
        ),
        both(format!("{days} 天"), format!("{days} days")),
        days < habit,
    ));
    steps
}

fn hours(case: &Case<'_>) -> String {
    let c = &case.catalogue.calendar;
    let clock = |s: u32| format!("{:02}:{:02}", s / 3_600, s / 60 % 60);
    format!("{}-{}", clock(c.hours.0), clock(c.hours.1))
}

/// D01: values in clear of types that policy wants masked.
pub fn unmasked(case: &Case<'_>) -> Vec<Step> {
    let level = u8::try_from(case.thresholds.d01_level).unwrap_or(u8::MAX);
    let good = case.good().count();
    let mut steps = vec![Step::new(
        both("有 2xx 应答", "calls answered 2xx"),
        both(format!("{good} 次（共 {} 次）", case.lines.len()), format!("{good} of {}", case.lines.len())),
        good > 0,
    )];
    let expected = |d: &&Datum| case.data_type(&d.data_type).is_some_and(|t| t.mask_expected && !t.secret);
    let all: Vec<&Datum> = case.good().flat_map(|l| &l.data).filter(|d| d.direction == "response").collect();
    let of_policy: Vec<&&Datum> = all.iter().filter(|d| expected(d)).collect();
    let forms = counted(of_policy.iter().map(|d| format!("{} {}", d.data_type, d.form)));
    steps.push(Step::new(
        both("应答中有政策要求脱敏的类型", "replies hold types that policy wants masked"),
        both(said(&forms), said(&forms)),
        !of_policy.is_empty(),
    ));
    let clear: Vec<&&&Datum> = of_policy.iter().filter(|d| d.given_out()).collect();
    steps.push(Step::new(
        both("以明文在应答正文中", "in clear in the body of the reply"),
        both(format!("{} 处", clear.len()), format!("{} places", clear.len())),
        !clear.is_empty(),
    ));
    let graded = clear.iter().filter(|d| d.level >= level);
    let graded = counted(graded.map(|d| format!("{} {}", d.data_type, d.path)));
    steps.push(Step::new(
        both(format!("{level} 级以上"), format!("grade {level} or above")),
        both(said(&graded), said(&graded)),
        !graded.is_empty(),
    ));
    steps.push(Step::open(
        both("置信度 60 以上，不是本人记录，不是回显请求中的值", "confidence 60 or above, not the caller's own record, not what the request sent"),
        both("置信度与指纹不在记录中；路径含 me、profile 或账号名的为本人记录", "confidence and fingerprints are not in the records; a path that says me, profile or the account is an own record"),
    ));
    steps
}

/// How often each is there.
fn counted(of: impl Iterator<Item = String>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    of.for_each(|name| *counts.entry(name).or_default() += 1);
    counts
}

fn said(counts: &BTreeMap<String, u64>) -> String {
    const SAID: usize = 6;
    let said: Vec<String> = counts.iter().take(SAID).map(|(name, n)| format!("{name} x{n}")).collect();
    if said.is_empty() { "0".into() } else { said.join(", ") }
}

/// D03: masked and clear values of a type that one caller got from several interfaces.
pub fn masking(case: &Case<'_>) -> Vec<Step> {
    /// Values masked by each interface, and interfaces that give the type in clear.
    type Given<'a> = (BTreeMap<&'a str, u64>, BTreeSet<&'a str>);
    let mut given: BTreeMap<(Key<'_>, &str), Given<'_>> = BTreeMap::new();
    for l in case.good().filter(|l| !l.interface.is_empty()) {
        for d in l.data.iter().filter(|d| d.direction == "response" && d.part == "body") {
            let (masked, clear) = given.entry(((&l.caller, l.account.as_deref()), &d.data_type)).or_default();
            match &*d.form {
                "masked" => *masked.entry(&l.interface).or_default() += d.count,
                "plain" | "encoded" => {
                    clear.insert(&l.interface);
                }
                _ => {}
            }
        }
    }
    let least = case.thresholds.d03_values;
    let masks = |(m, _): &Given<'_>| m.values().filter(|n| **n >= least).count();
    let best = given.iter().max_by_key(|(_, g)| (masks(g), masks(g).min(1) * g.1.len()));
    let Some(((_, data_type), g)) = best.filter(|(_, g)| !g.0.is_empty()) else {
        return vec![Step::new(both("取得过脱敏值", "masked values were got"), both("没有", "none"), false)];
    };
    let places =
        |of: &mut dyn Iterator<Item = &&str>| of.map(|i| case.place(i)).collect::<Vec<_>>().join(", ");
    let masked = places(&mut g.0.keys());
    let mut steps = vec![Step::new(
        both(
            format!("同一调用方从一个接口取得 {least} 个以上脱敏值"),
            format!("one caller got {least} masked values or more from one interface"),
        ),
        both(format!("{data_type}：{masked}"), format!("{data_type}: {masked}")),
        masks(g) > 0,
    )];
    let other: Vec<&&str> = g.1.iter().filter(|i| !g.0.contains_key(**i)).collect();
    let clear = places(&mut other.iter().copied());
    let two = masks(g) > 1;
    steps.push(Step::new(
        both(
            "又从另一接口取得同类明文，或从两个以上接口取得脱敏值",
            "and the same type in clear from another interface, or masked from two or more",
        ),
        both(
            format!("明文：{}；足够脱敏的接口 {} 个", if clear.is_empty() { "无" } else { &clear }, masks(g)),
            format!(
                "in clear: {}; {} interfaces mask enough",
                if clear.is_empty() { "none" } else { &clear },
                masks(g)
            ),
        ),
        !other.is_empty() || two,
    ));
    if other.is_empty() && two {
        let unread = case.thresholds.d03_unread;
        steps.push(Step::open(
            both(
                format!("保留的字符合起来至多 {unread} 个不可读"),
                format!("kept characters together leave at most {unread} unread"),
            ),
            both(
                "保留了哪些字符不在接口调用记录中",
                "which characters are kept is not in the records of exchanges",
            ),
        ));
    }
    steps
}
