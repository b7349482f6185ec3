//! P11 Abnormal response behaviour (响应行为异常).

use crate::baseline::Baseline;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use weir_model::{Card, Findings, Group, Handling, InterfaceId, Known, RiskType, Severity, Summary};

pub(super) static CARD: Card = Card {
    id: "P11",
    zh: "响应行为异常",
    en: "abnormal response behaviour",
    group: Group::AbnormalProvision,
    severity: Severity::Medium,
    risks: &[RiskType(3)],
    measures: &[Handling(14)],
    owasp: "API4:2023 CWE-755",
    basis: "GB/T 46796-2025 7.2.2 e 3",
    how_zh: "以 5 分钟为一窗，接口的 5xx 百分比或平均响应时间超过自身基线（均值加 4 倍离散度，基线须有 24 窗），且 5xx 至少 5%、时间至少为均值的 3 倍；最近 5 窗（每窗至少 20 次调用）中有 3 窗如此即报；按接口汇总。异常的窗只按限值计入基线。调用少的接口、长轮询与 WebSocket（101）不判断。",
    how_en: "By windows of 5 minutes the share of 5xx, or the mean response time, of an interface exceeds its own baseline (mean and 4 spreads, of 24 windows at least), with 5 % of 5xx or three times the mean time at least; reported where 3 of the last 5 windows, of 20 calls each at least, are so. One finding an interface. An abnormal window is learned as the limit. Interfaces of few calls, and WebSocket (101), are not judged.",
};

const INTERFACES: usize = 8_192;
const SECONDS: u64 = 300;
const ENOUGH: u32 = 24;
const SPREADS: f64 = 4.0;
/// Windows looked back on, and how many of them must be abnormal.
const LAST: u8 = 0b1_1111;
const ABNORMAL: u32 = 3;
const LEAST_PERCENT: f64 = 5.0;
const TIMES: f64 = 3.0;

/// How an interface answers.
#[derive(Default, Serialize, Deserialize)]
struct Answers {
    window: u64,
    calls: u32,
    failed: u32,
    millis: f64,
    failures: Baseline,
    durations: Baseline,
    /// One bit a window, the newest the lowest: whether it was abnormal.
    abnormal: u8,
    /// What the newest abnormal window was.
    worst: Option<(f64, f64, f64, f64)>,
}

/// Identifies P11.
pub(super) struct Source {
    calls: u32,
    answers: Table<InterfaceId, Answers>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        let calls = u32::try_from(thresholds.p11_calls).unwrap_or(u32::MAX);
        Source { calls, answers: Table::new(INTERFACES) }
    }
}

impl Answers {
    /// Closes the window under way and opens another; whether the interface is abnormal by now.
    fn close(&mut self, window: u64, least: u32) -> bool {
        let mut abnormal = false;
        if self.calls >= least {
            let percent = f64::from(self.failed) * 100.0 / f64::from(self.calls);
            let millis = self.millis / f64::from(self.calls);
            let known = self.failures.learned() >= ENOUGH;
            let fails = percent >= LEAST_PERCENT && percent > self.failures.above(SPREADS);
            let slow = millis >= self.durations.mean() * TIMES && millis > self.durations.above(SPREADS);
            abnormal = known && (fails || slow);
            if abnormal {
                self.worst = Some((percent, self.failures.mean(), millis, self.durations.mean()));
            }
            self.abnormal = (self.abnormal << 1 | u8::from(abnormal)) & LAST;
            self.failures.learn(percent);
            self.durations.learn(millis);
        }
        (self.window, self.calls, self.failed, self.millis) = (window, 0, 0, 0.0);
        abnormal && self.abnormal.count_ones() >= ABNORMAL
    }

    fn told(&self) -> Summary {
        let (percent, usual, millis, mean) = self.worst.unwrap_or_default();
        both(
            format!(
                "最近一窗 5xx {percent:.0}%（惯常 {usual:.0}%），平均 {millis:.0} 毫秒（惯常 {mean:.0}）"
            ),
            format!(
                "newest window: {percent:.0} % of 5xx ({usual:.0} usual), {millis:.0} ms in the mean ({mean:.0} usual)"
            ),
        )
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(answers);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let (Some(id), Some(status)) = (seen.interface, seen.exchange.status()) else { return };
        if status == 101 || facts::is_content(seen, known) {
            return;
        }
        let window = seen.exchange.time.secs() / SECONDS;
        let least = self.calls;
        let answers = self.answers.entry(&id, || Answers { window, ..Answers::default() });
        let fires = window > answers.window && answers.close(window, least);
        answers.calls += 1;
        answers.failed += u32::from(status >= 500);
        answers.millis += seen.exchange.duration().as_secs_f64() * 1e3;
        if fires {
            let place = facts::place(seen, known);
            out.push(Sighting::of(&CARD, seen).say(
                both(format!("{place} 的响应异常"), format!("{place} answers abnormally")),
                answers.told(),
            ));
        }
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        // What both learned apart cannot be put together; the busier one's stays.
        let Some(old) = self.answers.remove(&from) else { return };
        let kept = self.answers.entry(&into, Answers::default);
        if old.failures.learned() > kept.failures.learned() {
            *kept = old;
        }
    }

    fn evicted(&self) -> u64 {
        self.answers.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_wire::Duration;

    /// Thirty windows as usual, then so many in which a part fails, or all are slow.
    fn found(strange: u32, failed: u32, millis: u64) -> usize {
        let calls = (0..31 + strange).flat_map(|w| (0..20).map(move |n| (w, n))).map(|(w, n)| {
            let odd = (30..30 + strange).contains(&w);
            let mut c = call("GET", "/c").at(f64::from(w * 300 + n) + 200.0);
            c.exchange.ended = c.exchange.time.plus(Duration::from_millis(if odd { millis } else { 50 }));
            c.status(if odd && n < failed { 503 } else { 200 })
        });
        World::new().found(&mut Source::new(&Thresholds::default()), calls.collect::<Vec<_>>()).len()
    }

    #[test]
    fn reports_three_windows_of_failures_or_of_slowness() {
        assert_eq!((found(2, 10, 50), found(3, 10, 50), found(4, 10, 50)), (0, 1, 2));
        assert_eq!((found(3, 0, 2_000), found(3, 0, 90)), (1, 0));
        assert_eq!(found(3, 0, 50), 0);
    }
}
