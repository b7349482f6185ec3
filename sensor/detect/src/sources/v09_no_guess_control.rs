//! V09 No brute-force control (无防暴力破解机制).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts, logins, target};
use serde::{Deserialize, Serialize};
use weir_exchange::Text;
use weir_model::{
    CallerId, Card, Findings, Group, Handling, InterfaceId, Known, Observation, RiskType, Severity, SiteId,
};
use weir_wire::{Duration, Timestamp};

pub(super) static CARD: Card = Card {
    id: "V09",
    zh: "无防暴力破解机制",
    en: "no brute-force control",
    group: Group::Vulnerability,
    severity: Severity::Medium,
    risks: &[RiskType(1)],
    measures: &[Handling(2), Handling(7)],
    owasp: "API2:2023 CWE-307",
    basis: "CAICT 3.2.1",
    how_zh: "同一账号或同一调用方 10 分钟内连续登录失败 20 次以上，其间该登录接口从未以 429、423 或 503 拒绝，请求也不带验证码；按登录接口汇总。登录成功即重新计数，结果不明的登录不计；响应正文中的锁定提示若仍为普通失败状态则无从识别。仅内部访问降一级。",
    how_en: "Within 10 minutes one account, or one caller, fails 20 logins in a row, and the login interface never answers 429, 423 or 503, nor does a request carry a captcha; one finding a login interface. A success begins anew; logins whose end is unknown do not count. A lock that is told in the text of an ordinary failure alone is not seen. One step less serious where the caller is internal.",
};

/// Accounts and callers watched, and login interfaces.
const RUNS: usize = 16_384;
const INTERFACES: usize = 4_096;

/// Whose failures: an account's or a caller's.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Whose {
    Account(Text),
    Caller(CallerId),
}

/// Failures in a row, all within the window.
#[derive(Serialize, Deserialize)]
struct Run {
    begun: Timestamp,
    failures: u64,
}

/// Identifies V09.
pub(super) struct Source {
    failures: u64,
    window: Duration,
    runs: Table<(SiteId, Whose), Run>,
    /// Login interfaces that were seen to hold somebody back, and when last.
    guarded: Table<(SiteId, Option<InterfaceId>), Timestamp>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            failures: thresholds.v09_failures,
            window: Duration::from_secs(thresholds.v09_seconds),
            runs: Table::new(RUNS),
            guarded: Table::new(INTERFACES),
        }
    }

    /// Counts a failure; how many there are in a row now.
    fn fail(&mut self, site: SiteId, whose: Whose, time: Timestamp) -> u64 {
        let run = self.runs.entry(&(site, whose), || Run { begun: time, failures: 0 });
        if time.since(run.begun) > self.window {
            // The next window: what is in it counts anew.
            *run = Run { begun: time, failures: 0 };
        }
        run.failures += 1;
        run.failures
    }
}

/// Whether the server held the caller back, or wants more than a password.
fn holds_back(seen: &Observation<'_>) -> bool {
    const WORDS: &[&str] = &[
        "captcha",
        "verifycode",
        "validatecode",
        "checkcode",
        "vcode",
        "yzm",
        "geetest",
        "recaptcha",
        "turnstile",
        "验证码",
    ];
    let refused = matches!(seen.exchange.status(), Some(423 | 429 | 503));
    let asks = |name: &str| {
        let plain = target::plain_name(name);
        WORDS.iter().any(|w| plain.contains(w))
    };
    refused || facts::request(seen).is_some_and(|r| r.params.iter().any(|p| asks(p.name)))
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(runs, guarded);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let tried = facts::request(seen).is_some_and(|r| r.login.is_some()) || seen.login.is_some();
        let at = (seen.site, seen.interface);
        if tried && holds_back(seen) {
            let time = seen.exchange.time;
            *self.guarded.entry(&at, || time) = time;
            return;
        }
        let Some(attempt) = logins::attempt(seen, known) else { return };
        let account = attempt.account.as_deref().map(|a| Whose::Account(a.into()));
        let caller = Whose::Caller(seen.caller);
        let time = seen.exchange.time;
        if attempt.accepted {
            for whose in account.into_iter().chain([caller]) {
                self.runs.remove(&(seen.site, whose));
            }
            return;
        }
        let mut run = 0;
        for whose in account.into_iter().chain([caller]) {
            run = run.max(self.fail(seen.site, whose, time));
        }
        let guarded = self.guarded.get(&at).is_some_and(|t| time.since(*t) <= self.window);
        if run < self.failures || guarded {
            return;
        }
        let (place, seconds) = (facts::place(seen, known), self.window.as_secs_f64());
        let status = seen.exchange.status().unwrap_or(0);
        out.push(Sighting::of(&CARD, seen).weigh_exposure(known).say(
            both(
                format!("{place} 对连续登录失败不加限制"),
                format!("{place} does nothing against failures in a row"),
            ),
            both(
                format!("{seconds:.0} 秒内连续第 {run} 次失败，响应仍为 {status}"),
                format!("failure {run} in a row within {seconds:.0} s, still answered {status}"),
            ),
        ));
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        let of = |(_, i): &(SiteId, Option<InterfaceId>)| *i == Some(from);
        for (site, interface) in self.guarded.keys_where(of) {
            if let Some(time) = self.guarded.remove(&(site, interface)) {
                let kept = self.guarded.entry(&(site, Some(into)), || time);
                *kept = (*kept).max(time);
            }
        }
    }

    fn evicted(&self) -> u64 {
        self.runs.evicted() + self.guarded.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::{ParamPlace, ParamValue};
    use weir_model::LoginOutcome;

    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), calls)
    }
    fn fail(account: &str, i: u64) -> Call {
        call("POST", "/login").login(account, i, LoginOutcome::Failure).status(401).at(i as f64)
    }

    #[test]
    fn reports_twenty_failures_in_a_row() {
        assert!(found((0..19).map(|i| fail("admin", i))).is_empty());
        let f = found((0..21).map(|i| fail("admin", i).by(100)));
        assert_eq!((f.len(), f[0].severity, f[0].key.caller), (2, Severity::Medium, None));
        assert_eq!(found((0..20).map(|i| fail("admin", i).by(i as u32))).len(), 1, "by account");
        assert_eq!(found((0..20).map(|i| fail(&format!("u{i}"), i))).len(), 1, "by caller");
        assert!(found((0..60).map(|i| fail(&format!("u{i}"), i).by(i as u32))).is_empty());
    }

    #[test]
    fn begins_anew_with_a_success_and_after_the_window() {
        let good = call("POST", "/login").login("admin", 99, LoginOutcome::Success).at(19.0);
        assert!(
            found((0..19).map(|i| fail("admin", i)).chain([good]).chain((20..39).map(|i| fail("admin", i))))
                .is_empty()
        );
        assert!(found((0..60).map(|i| fail("admin", i).at(i as f64 * 40.0))).is_empty(), "slow");
    }

    #[test]
    fn leaves_interfaces_that_hold_back_alone() {
        let limited = (0..60).map(|i| fail("admin", i).status(if i == 10 { 429 } else { 401 }));
        assert!(found(limited).is_empty());
        let with_captcha =
            |i| fail("admin", i).param(ParamPlace::Body, "captchaCode", ParamValue::Integer(i));
        assert!(found((0..60).map(with_captcha)).is_empty());
    }

    #[test]
    fn follows_merges_and_stays_bounded() {
        let w = World::new();
        let mut source = Source::new(&Thresholds::default());
        w.found(&mut source, [fail("admin", 0).to(1).status(429)]);
        source.merged(InterfaceId(1), InterfaceId(2));
        assert!(w.found(&mut source, (1..40).map(|i| fail("admin", i).to(2))).is_empty());
        w.found(&mut source, (0..RUNS as u64 + 9).map(|i| fail(&format!("u{i}"), i)));
        assert!(source.evicted() > 0);
    }
}
