//! C15 Enumeration attack (参数遍历).

use crate::identifiers::Shape;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::window::Window;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::Effect;
use weir_model::{
    AccountId, CallerId, Card, Findings, Group, Handling, Known, RiskType, Severity, SiteId, Summary,
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
const WATCHED: usize = 2_048;
/// Calls kept of one of them.
const CALLS: usize = 256;
/// Values of one of them that are remembered as not new.
const REMEMBERED: usize = 1_024;

/// What one caller asked of one parameter.
#[derive(Serialize, Deserialize)]
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
    asked: Table<(SiteId, CallerId, Option<AccountId>, u64), Asked>,
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
    remembers!(asked);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(shape) = seen.reply() else { return };
        let level = facts::data(seen)
            .filter(|(d, t)| d.place.response && (facts::personal(t) || t.secret))
            .map(|(d, _)| d.level)
            .max();
        let level = level.filter(|l| *l >= 2);
        for id in seen.identifiers() {
            let key = (seen.site, seen.caller, seen.account, id.name);
            let asked = self.asked.entry(&key, || Asked {
                shape: shape.clone(),
                ever: BTreeSet::new(),
                calls: Window::new(self.thresholds.c15_seconds, CALLS),
                recent: BTreeMap::new(),
                new: 0,
            });
            if !asked.shape.alike(shape) {
                continue;
            }
            asked.add(seen.exchange.time, id.value);
            let factor = if level.is_some() { 1 } else { 2 };
            let Some(how) = asked.judged(id.value, &self.thresholds, factor) else { continue };
            let seconds = asked.calls.span().as_secs_f64();
            let severity = if level.is_some() { CARD.severity } else { CARD.severity.lowered() };
            let place = facts::place(seen, known);
            let sighting = Sighting::of(&CARD, seen).by_caller().severity(severity);
            let sighting = sighting.shows(Effect::Obtained, level.is_some());
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    use weir_exchange::{MediaKind, ParamPlace, ParamValue};

    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), calls)
    }
    fn record(id: u64, at: f64) -> Call {
        call("GET", &format!("/c/{id}")).gives("cn_mobile", id, 1).at(at)
    }

    #[test]
    fn reports_consecutive_numbers() {
        let run = |n: u64| found((0..n).map(|i| record(100 + i, i as f64)));
        assert!(run(9).is_empty());
        let f = run(12);
        assert_eq!((f.len(), f[0].key.caller, f[0].severity), (3, Some(CallerId(0)), Severity::High));
        assert_eq!(found((0..10).map(|i| record(100 - i, i as f64))).len(), 1, "downwards");
    }

    #[test]
    fn reports_many_new_values_soon() {
        let scattered = |n: u64, gap: f64| found((0..n).map(|i| record(i * 7, i as f64 * gap)));
        assert!(scattered(20, 1.0).is_empty());
        assert_eq!(scattered(21, 1.0).len(), 1);
        assert!(scattered(200, 31.0).is_empty(), "too slow");
    }

    #[test]
    fn doubles_thresholds_where_nothing_personal_is_given() {
        let plain = |n: u64| found((0..n).map(|i| call("GET", &format!("/c/{i}")).at(i as f64)));
        assert!(plain(19).is_empty());
        assert_eq!(plain(20)[0].severity, Severity::Medium);
    }

    #[test]
    fn looks_into_bodies() {
        let body = |name: &'static str| {
            found((0..30).map(|i| {
                let c = call("POST", "/s").param(ParamPlace::Body, name, ParamValue::Integer(i));
                c.gives("cn_id18", i, 1).at(i as f64)
            }))
        };
        assert!(!body("Get.customer_id").is_empty());
        assert!(body("amount").is_empty());
    }

    #[test]
    fn leaves_paging_polling_refusals_and_many_callers_alone() {
        let pages = (0..50).map(|i| {
            let c = call("GET", "/c").param(ParamPlace::Query, "page", ParamValue::Integer(i));
            c.gives("cn_mobile", i * 10, 10).at(i as f64)
        });
        assert!(found(pages).is_empty());
        assert!(found((0..1500).map(|i| record(5, i as f64 * 0.01))).is_empty());
        assert!(found((0..1500).map(|i| record(i % 15 * 4, i as f64 * 0.01))).is_empty());
        assert!(found((0..50).map(|i| record(i, i as f64).status(403))).is_empty());
        assert!(found((0..50).map(|i| record(i, i as f64).by(i as u32 % 10))).is_empty());
        assert!(
            found((0..50).map(|i| call("GET", &format!("/p/{i}")).kind(MediaKind::Html).at(i as f64)))
                .is_empty()
        );
    }

    #[test]
    fn stays_bounded() {
        let mut source = Source::new(&Thresholds::default());
        let world = World::new();
        world.found(
            &mut source,
            (0..WATCHED as u64 + 10)
                .map(|i| call("GET", &format!("/x{}y/5", i.to_string().replace('0', "q")))),
        );
        world.found(&mut source, (0..3_000).map(|i| record(i * 3, 0.0)));
        assert!(source.evicted() > 0);
        let key = (SiteId(0), CallerId(0), None, crate::digest::digest("GET /c/{n}") ^ 1);
        let asked = source.asked.get(&key).unwrap();
        assert_eq!((asked.calls.len(), asked.recent.len(), asked.ever.len()), (CALLS, CALLS, REMEMBERED));
    }
}
