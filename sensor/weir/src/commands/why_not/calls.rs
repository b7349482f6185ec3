//! Steps of risk sources that count calls: C01 and C15.

use super::{Case, Line, Step, both};
use std::collections::{BTreeMap, BTreeSet};
use weir_model::Summary;

/// Active minutes from which C01 believes a caller's own baseline.
const LEARNED: usize = 30;

/// C01: the busiest minute of one caller at one interface.
pub fn rate(case: &Case<'_>) -> Vec<Step> {
    let mut minutes: BTreeMap<(&str, &str), BTreeMap<u64, u64>> = BTreeMap::new();
    for l in case.lines.iter().filter(|l| !l.interface.is_empty()) {
        let of = minutes.entry((&l.caller, &l.interface)).or_default();
        *of.entry(l.time.secs() / 60).or_default() += 1;
    }
    let busiest = minutes.iter().filter_map(|(key, of)| Some((of.values().max()?, of.len(), key)));
    let Some((most, active, (caller, interface))) = busiest.max() else {
        return vec![nothing(case)];
    };
    let (floor, cold) = (case.thresholds.c01_floor, case.thresholds.c01_cold);
    let known = active >= LEARNED;
    let least = if known { floor } else { cold };
    let place = case.place(interface);
    let mut steps = vec![Step::new(
        both(
            format!(
                "同一调用方一分钟内对同一接口超过 {least} 次（{}）",
                if known { "已有自身基线" } else { "尚无自身基线" }
            ),
            format!(
                "one caller calls one interface more than {least} times a minute ({})",
                if known { "with a baseline of its own" } else { "without one yet" }
            ),
        ),
        both(
            format!("最忙的一分钟 {most} 次：{caller} 调用 {place}；该调用方活跃 {active} 分钟"),
            format!(
                "{most} in the busiest minute: {caller} calls {place}; {active} active minutes of that caller"
            ),
        ),
        *most > least,
    )];
    let shelf = case.interfaces.get(*interface).map_or("", |i| i.shelf.as_str());
    let content = case.interfaces.get(*interface).is_some_and(|i| matches!(&*i.form, "static" | "page"));
    steps.push(Step::new(
        both("不是静态内容、页面、健康检查", "no static content, page or health check"),
        both(
            format!("{place}：{}", if shelf.is_empty() { "-" } else { shelf }),
            format!("{place}: {}", if shelf.is_empty() { "-" } else { shelf }),
        ),
        !content && shelf != "health",
    ));
    steps.push(Step::open(
        both(
            "超过自身（或同接口各调用方）均值加 4 倍离散度，且为均值 3 倍",
            "above the mean and 4 spreads, and three times the mean, of the own (or of all callers')",
        ),
        both("学习到的均值与离散度不在记录中", "the mean and spread learned are not in the records"),
    ));
    steps
}

fn nothing(case: &Case<'_>) -> Step {
    let n = case.lines.len();
    Step::new(
        both("有接口调用记录", "calls of interfaces are recorded"),
        both(format!("{n} 次调用，均不属于接口"), format!("{n} calls, none of an interface")),
        false,
    )
}

/// What one caller asked of one variable of an interface.
#[derive(Default)]
struct Asked<'a> {
    calls: Vec<(&'a Line, u64)>,
    personal: bool,
}

/// The best that was found for C15 within any window.
#[derive(Default)]
struct Best {
    run: u64,
    new: u64,
    calls: u64,
    seconds: f64,
    per_minute: f64,
}

/// C15: numbers asked of one variable within the window.
pub fn enumeration(case: &Case<'_>) -> Vec<Step> {
    let t = case.thresholds;
    let good = case.good().count();
    let mut steps = vec![Step::new(
        both("有 2xx 应答的调用", "calls answered 2xx"),
        both(format!("{good} 次（共 {} 次）", case.lines.len()), format!("{good} of {}", case.lines.len())),
        good > 0,
    )];
    let (asked, hidden) = numbers(case);
    let Some((interface, place, best, personal)) = asked
        .iter()
        .map(|((_, _, interface, _), a)| {
            (*interface, case.place(interface), a.best(t.c15_seconds), a.personal)
        })
        .max_by_key(|(_, _, b, personal)| (*personal, b.run.max(b.new)))
    else {
        steps.push(unnumbered(hidden));
        return steps;
    };
    steps.push(Step::new(
        both("路径中有数字标识", "a number in the path names the object"),
        both(format!("{place}（{interface}）"), format!("{place} ({interface})")),
        true,
    ));
    let factor = if personal { 1 } else { 2 };
    let (run, new) = (t.c15_run * factor, t.c15_new_values * factor);
    let doubled = |zh: bool| match (personal, zh) {
        (true, _) => "",
        (false, true) => "（应答不含个人信息，阈值加倍）",
        (false, false) => " (doubled, as replies hold nothing personal)",
    };
    let fresh = best.new * 100 >= best.calls * t.c15_new_percent;
    let many = best.new > new && fresh && best.per_minute > t.c15_per_minute as f64;
    let window = t.c15_seconds;
    steps.push(Step::new(
        both(
            format!("{window} 秒内连续编号 {run} 个以上，或新值多于 {new} 个、每分钟多于 {} 个且占 {}% 以上{}", t.c15_per_minute, t.c15_new_percent, doubled(true)),
            format!("within {window} s {run} consecutive numbers or more, or more than {new} new values, over {} a minute and {} % of the calls{}", t.c15_per_minute, t.c15_new_percent, doubled(false)),
        ),
        best.told(),
        best.run >= run || many,
    ));
    if hidden > 0 {
        steps.push(unnumbered(hidden));
    }
    steps.push(Step::open(
        both("应答同构（字段一半以上相同）", "replies are alike (half of their fields)"),
        both("记录不含每次应答的字段", "records do not hold the fields of each reply"),
    ));
    steps
}

/// What cannot be counted: identifiers in bodies, and what records hide.
fn unnumbered(hidden: u64) -> Step {
    Step::open(
        both("请求以数字标识对象", "the request names the object by a number"),
        both(
            format!(
                "路径中没有可读的数字；查询与正文中的标识、被掩去的 {hidden} 个值不在记录中；非数字标识不判断"
            ),
            format!(
                "no readable number in a path; identifiers in query and body and {hidden} values that were masked are not in the records; identifiers that are no numbers are not judged"
            ),
        ),
    )
}

type Key<'a> = (&'a str, Option<&'a str>, &'a str, usize);

/// Numbers in the variable segments of good calls, by caller, account, interface and segment; and how many were masked.
fn numbers<'a>(case: &'a Case<'_>) -> (BTreeMap<Key<'a>, Asked<'a>>, u64) {
    let (mut asked, mut hidden): (BTreeMap<Key<'a>, Asked<'a>>, u64) = (BTreeMap::new(), 0);
    for l in case.good() {
        let Some(i) = case.interfaces.get(&l.interface) else { continue };
        let path = l.target.split(['?', '#']).next().unwrap_or_default();
        let segments = i.template.split('/').zip(path.split('/')).enumerate();
        for (at, (_, value)) in segments.filter(|(_, (template, _))| template.contains('{')) {
            hidden += u64::from(value.contains("***"));
            let Ok(number) = value.parse::<u64>() else { continue };
            let a = asked.entry((&l.caller, l.account.as_deref(), &l.interface, at)).or_default();
            let personal = |d: &super::lines::Datum| {
                d.direction == "response"
                    && d.level >= 2
                    && case
                        .data_type(&d.data_type)
                        .is_some_and(|t| t.personal != weir_exchange::PersonalClass::None || t.secret)
            };
            a.personal |= l.data.iter().any(personal);
            a.calls.push((l, number));
        }
    }
    (asked, hidden)
}

impl Asked<'_> {
    /// The longest run and the most new values within any window.
    fn best(&self, seconds: u64) -> Best {
        let (mut best, mut from) = (Best::default(), 0);
        let mut ever = BTreeSet::new();
        let fresh: Vec<bool> = self.calls.iter().map(|(_, v)| ever.insert(*v)).collect();
        for (to, (line, value)) in self.calls.iter().enumerate() {
            while line.time.since(self.calls[from].0.time).as_nanos() > seconds * 1_000_000_000 {
                from += 1;
            }
            let within = &self.calls[from..=to];
            let values: BTreeSet<u64> = within.iter().map(|(_, v)| *v).collect();
            best.run = best.run.max(run(&values, *value));
            let new = fresh[from..=to].iter().filter(|f| **f).count() as u64;
            if new > best.new {
                let span = line.time.since(within[0].0.time).as_secs_f64();
                let per_minute = if span > 0.0 { new as f64 * 60.0 / span } else { f64::INFINITY };
                (best.new, best.calls, best.seconds, best.per_minute) =
                    (new, within.len() as u64, span, per_minute);
            }
        }
        best
    }
}

/// Consecutive numbers around one.
fn run(values: &BTreeSet<u64>, value: u64) -> u64 {
    let up = (1..).map_while(|d| value.checked_add(d)).take_while(|v| values.contains(v)).count();
    let down = (1..).map_while(|d| value.checked_sub(d)).take_while(|v| values.contains(v)).count();
    (1 + up + down) as u64
}

impl Best {
    fn told(&self) -> Summary {
        let Best { run, new, calls, seconds, .. } = self;
        both(
            format!("最长连续 {run} 个；最多 {new} 个新值（{seconds:.0} 秒内 {calls} 次调用）"),
            format!("the longest run has {run}; {new} new values at most ({calls} calls in {seconds:.0} s)"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_wire::Timestamp;

    #[test]
    fn finds_the_best_window() {
        let line = |n: u64| Line {
            time: Timestamp::from_secs_nanos(n * 10, 0),
            status: Some(200),
            target: String::new(),
            interface: String::new(),
            account: None,
            caller: String::new(),
            data: Vec::new(),
            subjects: 0,
        };
        let lines: Vec<Line> = (0..40).map(line).collect();
        let calls = lines.iter().zip([5, 6, 7, 7, 90, 8].into_iter().chain(200..234)).collect();
        let best = Asked { calls, personal: true }.best(300);
        assert_eq!((best.run, best.new), (31, 31), "{} {}", best.run, best.new);
        assert_eq!(
            Asked { calls: lines[..6].iter().zip([5, 6, 7, 7, 90, 8]).collect(), personal: true }
                .best(300)
                .run,
            4
        );
    }
}
