//! C01 Abnormal call frequency (调用频次异常).

use crate::baseline::Baseline;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use weir_model::{CallerId, Card, Findings, Group, Handling, InterfaceId, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "C01",
    zh: "调用频次异常",
    en: "abnormal call frequency",
    group: Group::AbnormalCall,
    severity: Severity::Medium,
    risks: &[RiskType(5), RiskType(1)],
    measures: &[Handling(7), Handling(12)],
    owasp: "API4:2023 CWE-799",
    basis: "GB/T 46796-2025 7.2.2 e 1, 7.3.2.3 a; CAICT 3.2.5",
    how_zh: "同一调用方一分钟内调用同一接口的次数超过其自身基线（已学习 30 个活跃分钟后：均值加 4 倍离散度，且不低于均值 3 倍与 120 次）；此前以同一接口各调用方的基线代替，且不低于 300 次。按调用方和接口汇总，每分钟最多计一次；基线以衰减均值学习，超限的分钟只按限值计入，不会被异常带偏。静态内容、页面、健康检查不计；以小时与星期区分的季节性尚未纳入。",
    how_en: "In one minute a caller calls one interface more often than its own baseline allows (once 30 active minutes are learned: mean plus 4 spreads, and no less than three times the mean and 120 calls); until then the baseline of all callers of the interface stands in, and no less than 300 calls. One finding a caller and interface, at most one sighting a minute. Baselines are decaying means; a minute over the limit is learned as the limit, so that the anomaly does not become the norm. Static content, pages and health checks do not count; seasons by hour and weekday are not yet told apart.",
};

/// Callers of interfaces, and interfaces, that are watched.
const CALLERS: usize = 16_384;
const INTERFACES: usize = 4_096;
/// Active minutes after which a baseline is believed.
const LEARNED: u32 = 30;
/// Spreads above the mean, and times the mean, that are still usual.
const SPREADS: f64 = 4.0;
const TIMES: f64 = 3.0;

/// The calls of one caller to one interface.
#[derive(Default, Serialize, Deserialize)]
struct Rate {
    minute: u64,
    calls: u32,
    /// Whether this minute was reported.
    told: bool,
    own: Baseline,
}

/// Identifies C01.
pub(super) struct Source {
    floor: f64,
    cold: f64,
    rates: Table<(CallerId, InterfaceId), Rate>,
    peers: Table<InterfaceId, Baseline>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            floor: thresholds.c01_floor as f64,
            cold: thresholds.c01_cold as f64,
            rates: Table::new(CALLERS),
            peers: Table::new(INTERFACES),
        }
    }

    /// The most that is usual, and the mean it rests on.
    fn limit(&self, own: &Baseline, peers: &Baseline) -> (f64, f64) {
        let of = |b: &Baseline, floor: f64| (floor.max(b.above(SPREADS)).max(b.mean() * TIMES), b.mean());
        if own.learned() >= LEARNED {
            of(own, self.floor)
        } else if peers.learned() >= LEARNED {
            of(peers, self.cold)
        } else {
            (self.cold, own.mean())
        }
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(rates, peers);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(interface) = seen.interface.filter(|_| !facts::is_content(seen, known)) else { return };
        let minute = seen.exchange.time.secs() / 60;
        let peers = *self.peers.entry(&interface, Baseline::default);
        let key = (seen.caller, interface);
        let own = self.rates.entry(&key, || Rate { minute, ..Rate::default() }).own;
        let (limit, mean) = self.limit(&own, &peers);
        let rate = self.rates.entry(&key, Rate::default);
        if minute > rate.minute {
            // Only a closed minute is learned, and an excess as the limit.
            let figure = f64::from(rate.calls).min(limit);
            rate.own.learn(figure);
            (rate.minute, rate.calls, rate.told) = (minute, 0, false);
            self.peers.entry(&interface, Baseline::default).learn(figure);
        }
        rate.calls = rate.calls.saturating_add(1);
        if rate.told || f64::from(rate.calls) <= limit {
            return;
        }
        rate.told = true;
        let (place, calls) = (facts::place(seen, known), rate.calls);
        let learned = own.learned();
        out.push(Sighting::of(&CARD, seen).by_caller().weigh_exposure(known).say(
            both(
                format!("{place} 被同一调用方一分钟内调用超过 {limit:.0} 次"),
                format!("one caller calls {place} more than {limit:.0} times in a minute"),
            ),
            both(
                format!("本分钟第 {calls} 次；限值 {limit:.0}；自身 {learned} 个活跃分钟，基线均值 {mean:.1}，同接口各调用方均值 {:.1}", peers.mean()),
                format!("call {calls} of this minute; limit {limit:.0}; {learned} active minutes of its own, mean {mean:.1}; mean of all callers {:.1}", peers.mean()),
            ),
        ));
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        for key in self.rates.keys_where(|(_, i)| *i == from) {
            let Some(old) = self.rates.remove(&key) else { continue };
            let kept = self.rates.entry(&(key.0, into), Rate::default);
            if kept.minute == old.minute {
                kept.calls = kept.calls.saturating_add(old.calls);
                kept.told |= old.told;
            } else if kept.minute < old.minute {
                (kept.minute, kept.calls, kept.told) = (old.minute, old.calls, old.told);
            }
            if old.own.learned() > kept.own.learned() {
                kept.own = old.own;
            }
        }
        if let Some(old) = self.peers.remove(&from) {
            let kept = self.peers.entry(&into, Baseline::default);
            if old.learned() > kept.learned() {
                *kept = old;
            }
        }
    }

    fn evicted(&self) -> u64 {
        self.rates.evicted() + self.peers.evicted()
    }
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
    /// So many calls within one minute.
    fn minute(at: u64, n: u64) -> impl Iterator<Item = Call> {
        // The tests' clock begins at 40 s of a minute.
        (0..n).map(move |i| call("GET", "/o/1").at(20.0 + at as f64 * 60.0 + i as f64 * 55.0 / n as f64))
    }

    #[test]
    fn reports_more_than_three_hundred_calls_of_a_stranger() {
        assert!(found(minute(0, 300)).is_empty());
        let f = found(minute(0, 1_500));
        assert_eq!((f.len(), f[0].key.caller), (1, Some(CallerId(0))), "once a minute");
        assert_eq!(found(minute(0, 400).chain(minute(1, 400))).len(), 2);
    }

    #[test]
    fn compares_with_the_callers_own_baseline() {
        let usual = |n| (0..40).flat_map(move |m| minute(m, n));
        assert!(found(usual(20).chain(minute(40, 120))).is_empty(), "the floor");
        assert_eq!(found(usual(20).chain(minute(40, 121))).len(), 1);
        assert!(found(usual(200).chain(minute(40, 500))).is_empty(), "busy by nature");
    }

    #[test]
    fn counts_callers_and_interfaces_apart_and_no_content() {
        let many = |change: fn(Call, u32) -> Call| {
            found(minute(0, 1_500).enumerate().map(move |(i, c)| change(c, i as u32)))
        };
        assert!(many(|c, i| c.by(i % 10)).is_empty());
        assert!(many(|c, i| c.to(i % 10)).is_empty());
        assert!(many(|c, _| c.kind(MediaKind::Media)).is_empty());
    }

    #[test]
    fn follows_merges_and_stays_bounded() {
        let w = World::new();
        let mut source = Source::new(&Thresholds::default());
        w.found(&mut source, minute(0, 200).map(|c| c.to(1)));
        w.found(&mut source, minute(0, 90).map(|c| c.to(2)));
        source.merged(InterfaceId(1), InterfaceId(2));
        assert_eq!(w.found(&mut source, minute(0, 20).map(|c| c.to(2))).len(), 1);
        w.found(&mut source, (0..INTERFACES as u32 + 9).map(|i| call("GET", "/x").to(i)));
        assert!(source.evicted() > 0);
    }
}
