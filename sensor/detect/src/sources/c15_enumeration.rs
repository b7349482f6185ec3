//! C15 Enumeration attack (参数遍历).

use crate::identifiers::{self, Shape};
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::window::Window;
use crate::{Detector, Thresholds, facts};
use std::collections::{BTreeMap, BTreeSet};
use weir_model::{
    AccountId, CallerId, Card, Findings, Group, Handling, Known, Observation, RiskType, Severity, SiteId,
    Summary,
};
use weir_wire::Timestamp;

pub(super) static CARD: Card = Card {
    id: "C15",
    zh: "参数遍历",
    en: "enumeration attack",
    group: Group::AbnormalCall,
    severity: Severity::High,
    risks: &[RiskType(1)],
    measures: &[Handling(12), Handling(11), Handling(3)],
    owasp: "API1:2023 CWE-639",
    basis: "CAICT 3.1.3, 3.1.5",
    how_zh: "同一调用方（账号）5 分钟内对同一数字标识取连续 10 个以上编号，或取 20 个以上新值（每分钟多于 2 个、新值占调用 70% 以上），均得到同构且含数据的 2xx 响应；按调用方和接口汇总。响应不含个人信息时阈值加倍且降一级，4 级数据升一级。分页、数量、时间、坐标、金额等参数、静态内容、无数据的页面、重复访问同一对象（压测、轮询）不计；非数字标识不判断。",
    how_en: "Within 5 minutes one caller (under one account) asks one numeric identifier for 10 or more consecutive numbers, or for more than 20 new values (over 2 a minute, 70 % of the calls new), each answered 2xx with alike data; one finding a caller and interface. Where replies hold no personal data the thresholds double and it is one step less serious; one more for grade 4. Parameters of paging, counts, time, coordinates and amounts, static content, pages without data and repeated calls for one object (load tests, polling) do not count; identifiers that are no numbers are not judged.",
};

/// Parameters of callers watched.
const WATCHED: usize = 8_192;
/// Calls kept of one of them.
const CALLS: usize = 512;
/// Values of one of them that are remembered as not new.
const REMEMBERED: usize = 2_048;

/// What one caller asked of one parameter.
struct Asked {
    shape: Shape,
    ever: BTreeSet<u64>,
    calls: Window<(u64, bool)>,
    /// Values within the window, with the number of calls.
    recent: BTreeMap<u64, u32>,
    /// New values within the window.
    new: u64,
}

/// Identifies C15.
pub(super) struct Source {
    thresholds: Thresholds,
    asked: Table<(SiteId, CallerId, Option<AccountId>, Box<str>), Asked>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { thresholds: thresholds.clone(), asked: Table::new(WATCHED) }
    }
}

impl Asked {
    fn add(&mut self, time: Timestamp, value: u64) {
        let new = self.ever.len() < REMEMBERED && self.ever.insert(value);
        *self.recent.entry(value).or_insert(0) += 1;
        self.new += u64::from(new);
        let (recent, news) = (&mut self.recent, &mut self.new);
        self.calls.add(time, (value, new), |(value, new)| {
            *news -= u64::from(new);
            if let Some(n) = recent.get_mut(&value) {
                *n -= 1;
                if *n == 0 {
                    recent.remove(&value);
                }
            }
        });
    }

    /// Consecutive numbers around `value` within the window.
    fn run(&self, value: u64) -> u64 {
        let up =
            (1..).map_while(|d| value.checked_add(d)).take_while(|v| self.recent.contains_key(v)).count();
        let down =
            (1..).map_while(|d| value.checked_sub(d)).take_while(|v| self.recent.contains_key(v)).count();
        (1 + up + down) as u64
    }

    /// What makes it an enumeration, where it is one; thresholds are multiplied by `factor`.
    fn judged(&self, value: u64, t: &Thresholds, factor: u64) -> Option<Summary> {
        let run = self.run(value);
        if run >= t.c15_run * factor {
            return Some(both(format!("连续编号 {run} 个"), format!("{run} consecutive numbers")));
        }
        let (new, calls) = (self.new, self.calls.len() as u64);
        let fast = new as f64 * 60.0 > t.c15_per_minute as f64 * self.calls.span().as_secs_f64();
        let fresh = new * 100 >= calls * t.c15_new_percent;
        (new > t.c15_new_values * factor && fresh && fast).then(|| {
            both(format!("{calls} 次调用取 {new} 个新值"), format!("{new} new values in {calls} calls"))
        })
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn inspect(&mut self, seen: &Observation<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(shape) = Shape::of(seen) else { return };
        let level = facts::data(seen)
            .filter(|(d, t)| d.place.response && (facts::personal(t) || t.secret))
            .map(|(d, _)| d.level)
            .max();
        let level = level.filter(|l| *l >= 2);
        for (name, value) in identifiers::of(seen) {
            let key = (seen.site, seen.caller, seen.account, name);
            let asked = self.asked.entry(&key, || Asked {
                shape: shape.clone(),
                ever: BTreeSet::new(),
                calls: Window::new(self.thresholds.c15_seconds, CALLS),
                recent: BTreeMap::new(),
                new: 0,
            });
            if !asked.shape.alike(&shape) {
                continue;
            }
            asked.add(seen.exchange.time, value);
            let factor = if level.is_some() { 1 } else { 2 };
            let Some(how) = asked.judged(value, &self.thresholds, factor) else { continue };
            let seconds = asked.calls.span().as_secs_f64();
            let severity = if level.is_some() { CARD.severity } else { CARD.severity.lowered() };
            let place = facts::place(seen, known);
            let sighting = Sighting::of(&CARD, seen).by_caller().severity(severity);
            out.push(sighting.weigh_level(level.unwrap_or(2)).say(
                both(
                    format!("遍历 {place}：{seconds:.0} 秒内{}", how.zh),
                    format!("{place} is enumerated: {} in {seconds:.0} s", how.en),
                ),
                both(format!("取值后{}", how.zh), format!("{} so far", how.en)),
            ));
            return;
        }
    }

    fn evicted(&self) -> u64 {
        self.asked.evicted()
    }
}
