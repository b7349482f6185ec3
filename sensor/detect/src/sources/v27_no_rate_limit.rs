//! V27 No rate limit (缺少限流与资源限制).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use weir_model::{CallerId, Card, Findings, Group, Handling, InterfaceId, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "V27",
    zh: "缺少限流与资源限制",
    en: "no rate limit",
    group: Group::Vulnerability,
    severity: Severity::Medium,
    risks: &[RiskType(1), RiskType(3)],
    measures: &[Handling(7)],
    owasp: "API4:2023 CWE-770 CWE-799",
    basis: "CAICT 2.2",
    how_zh: "同一调用方 10 分钟内调用同一接口 1,000 次以上，其中九成以上成功，且该接口从未以 429 拒绝过任何人；按接口汇总，仅内部访问降一级。静态内容、页面、健康检查不计；限额响应头尚未采集。分页条数不受限制归 C31。",
    how_en: "Within 10 minutes one caller calls one interface 1,000 times or more, nine in ten succeed, and the interface never answered 429 to anyone; one finding an interface, one step less serious where the caller is internal. Static content, pages and health checks do not count; limit header fields are not collected. Page sizes without a limit belong to C31.",
};

/// Callers of interfaces, and limited interfaces, that are remembered.
const CALLERS: usize = 16_384;
const INTERFACES: usize = 4_096;
/// Minutes of the window.
const MINUTES: u64 = 10;
/// Calls of ten that must have succeeded.
const GOOD_OF_TEN: u64 = 9;

/// Calls of the last minutes.
#[derive(Default, Serialize, Deserialize)]
struct Recent {
    /// Minute, calls, those that succeeded.
    minutes: VecDeque<(u64, u64, u64)>,
    /// The minute in which it was last reported.
    told: u64,
}

/// Identifies V27.
pub(super) struct Source {
    calls: u64,
    calls_of: Table<(CallerId, InterfaceId), Recent>,
    limited: Table<InterfaceId, ()>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { calls: thresholds.v27_calls, calls_of: Table::new(CALLERS), limited: Table::new(INTERFACES) }
    }
}

impl Recent {
    /// Adds calls of a minute; they may come a little out of order.
    fn add(&mut self, minute: u64, calls: u64, good: u64) {
        let all = &mut self.minutes;
        let newest = all.back().map_or(minute, |(m, ..)| minute.max(*m));
        match all.iter_mut().find(|(m, ..)| *m == minute) {
            Some((_, c, g)) => (*c, *g) = (*c + calls, *g + good),
            None => {
                let at = all.partition_point(|(m, ..)| *m < minute);
                all.insert(at, (minute, calls, good));
            }
        }
        while all.front().is_some_and(|(m, ..)| m + MINUTES <= newest) {
            all.pop_front();
        }
    }

    /// Calls, and those that succeeded.
    fn sum(&self) -> (u64, u64) {
        self.minutes.iter().fold((0, 0), |(c, g), (_, calls, good)| (c + calls, g + good))
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(calls_of, limited);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(interface) = seen.interface.filter(|_| !facts::is_content(seen, known)) else { return };
        if seen.exchange.status() == Some(429) {
            self.limited.entry(&interface, || ());
            return;
        }
        let recent = self.calls_of.entry(&(seen.caller, interface), Recent::default);
        let minute = seen.exchange.time.secs() / 60;
        recent.add(minute, 1, u64::from(facts::succeeded(seen)));
        let (calls, good) = recent.sum();
        let enough = calls >= self.calls && good * 10 >= calls * GOOD_OF_TEN;
        // At most once a minute.
        if !enough || recent.told >= minute || self.limited.get(&interface).is_some() {
            return;
        }
        recent.told = minute;
        let place = facts::place(seen, known);
        out.push(Sighting::of(&CARD, seen).weigh_exposure(known).say(
            both(
                format!("{place} 对高频调用不加限制"),
                format!("{place} does not limit the rate of calls"),
            ),
            both(
                format!("同一调用方 {MINUTES} 分钟内 {calls} 次调用，{good} 次成功，从未以 429 拒绝"),
                format!("{calls} calls by one caller within {MINUTES} minutes, {good} succeeded, none answered 429"),
            ),
        ));
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        for key in self.calls_of.keys_where(|(_, i)| *i == from) {
            let Some(old) = self.calls_of.remove(&key) else { continue };
            let kept = self.calls_of.entry(&(key.0, into), Recent::default);
            kept.told = kept.told.max(old.told);
            old.minutes.into_iter().for_each(|(minute, calls, good)| kept.add(minute, calls, good));
        }
        if self.limited.remove(&from).is_some() {
            self.limited.entry(&into, || ());
        }
    }

    fn evicted(&self) -> u64 {
        self.calls_of.evicted() + self.limited.evicted()
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
    fn calls(n: u64, gap: f64) -> impl Iterator<Item = Call> {
        (0..n).map(move |i| call("GET", "/o/1").by(100).at(i as f64 * gap))
    }

    #[test]
    fn reports_a_thousand_calls_in_ten_minutes() {
        assert!(found(calls(999, 0.5)).is_empty());
        let f = found(calls(1_500, 0.01));
        assert_eq!((f.len(), f[0].severity, f[0].key.caller), (1, Severity::Medium, None), "once a minute");
        assert!(found(calls(2_000, 0.7)).is_empty(), "too slow");
    }

    #[test]
    fn leaves_limited_failing_and_shared_calls_alone() {
        assert!(
            found(calls(1_500, 0.1).enumerate().map(|(i, c)| if i == 700 { c.status(429) } else { c }))
                .is_empty()
        );
        assert!(found(calls(1_500, 0.1).map(|c| c.status(500))).is_empty());
        assert!(found(calls(1_500, 0.1).enumerate().map(|(i, c)| c.by(i as u32 % 2))).is_empty());
    }

    #[test]
    fn follows_merges_and_stays_bounded() {
        let w = World::new();
        let mut source = Source::new(&Thresholds::default());
        w.found(&mut source, calls(600, 0.1).map(|c| c.to(1)));
        w.found(&mut source, calls(300, 0.1).map(|c| c.to(2)));
        source.merged(InterfaceId(1), InterfaceId(2));
        assert_eq!(w.found(&mut source, calls(200, 0.1).map(|c| c.to(2))).len(), 1);
        assert!(
            source.calls_of.get(&(CallerId(100), InterfaceId(2))).unwrap().minutes.len() <= MINUTES as usize
        );
        w.found(&mut source, (0..CALLERS as u32 + 9).map(|i| call("GET", "/x").to(i)));
        assert!(source.evicted() > 0);
    }
}
