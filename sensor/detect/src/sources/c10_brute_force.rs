//! C10 Brute force (暴力破解).

use crate::logins;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::window::Window;
use crate::{Detector, Seen, Thresholds};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::{Effect, Fingerprint};
use weir_model::{CallerId, Card, Findings, Group, Handling, Known, RiskType, Severity, SiteId};

pub(super) static CARD: Card = Card {
    id: "C10",
    zh: "暴力破解",
    en: "brute force",
    group: Group::AbnormalCall,
    severity: Severity::High,
    risks: &[RiskType(5), RiskType(1)],
    measures: &[Handling(11), Handling(12)],
    owasp: "API2:2023 CWE-307",
    basis: "GB/T 46796-2025 7.2.2 e 2; CAICT 3.2.1",
    how_zh: "同一账号 5 分钟内登录失败 10 次以上，且至少用过 3 个不同口令；请求不含账号时按调用方计；以账号汇总，注明失败最多的调用方。达到阈值后登录成功即视为破解成功，升一级。程序以同一旧口令反复重试、每账号仅一两次失败的撞库（C11）、结果不明的登录不计。",
    how_en: "Ten or more failed logins of one account within 5 minutes, with at least 3 different passwords; by caller where the request names no account; one finding an account, naming the caller with most failures. A login that succeeds after the threshold means it was broken: one step more serious. Programs that retry one outdated password, credential stuffing with one or two failures an account (C11), and logins whose end is unknown do not count.",
};

/// Accounts under watch.
const ACCOUNTS: usize = 16_384;
/// Failures kept of one account.
const FAILURES: usize = 64;
/// Different passwords from which it is guessing and not retrying.
const GUESSES: usize = 3;

/// Site and account; the caller, where no account is named.
type Key = (SiteId, Option<Box<str>>, Option<CallerId>);

/// Failures of one account.
#[derive(Serialize, Deserialize)]
struct Attacked {
    failures: Window<(CallerId, Option<Fingerprint>)>,
    /// Failures in all since the threshold was reached; 0 before.
    total: u64,
    /// The caller with most failures at that moment.
    by: Option<CallerId>,
}

/// Identifies C10.
pub(super) struct Source {
    failures: u64,
    seconds: u64,
    accounts: Table<Key, Attacked>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            failures: thresholds.c10_failures,
            seconds: thresholds.c10_seconds,
            accounts: Table::new(ACCOUNTS),
        }
    }
}

impl Attacked {
    fn guessing(&self) -> bool {
        let passwords: BTreeSet<_> = self.failures.iter().map(|(_, (_, password))| password).collect();
        passwords.len() >= GUESSES || passwords.contains(&None)
    }

    fn busiest(&self) -> Option<CallerId> {
        let mut by_caller = BTreeMap::new();
        for (_, (caller, _)) in self.failures.iter() {
            *by_caller.entry(*caller).or_insert(0u32) += 1;
        }
        by_caller
            .into_iter()
            .max_by_key(|(caller, n)| (*n, std::cmp::Reverse(*caller)))
            .map(|(caller, _)| caller)
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(accounts);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(attempt) = logins::attempt(seen, known) else { return };
        let caller = attempt.account.is_none().then_some(seen.caller);
        let key = (seen.site, attempt.account.clone(), caller);
        if attempt.accepted && self.accounts.get(&key).is_none() {
            return;
        }
        let seconds = self.seconds;
        let attacked = self.accounts.entry(&key, || Attacked {
            failures: Window::new(seconds, FAILURES),
            total: 0,
            by: None,
        });
        if !attempt.accepted {
            attacked.failures.add(seen.exchange.time, (seen.caller, attempt.password), drop);
        }
        let in_window = attacked.failures.since(seen.exchange.time) as u64;
        if in_window < self.failures || !attacked.guessing() {
            if attempt.accepted {
                self.accounts.remove(&key);
            }
            return;
        }
        attacked.total =
            if attacked.total == 0 { in_window } else { attacked.total + u64::from(!attempt.accepted) };
        let by = attacked.by.or_else(|| attacked.busiest()).unwrap_or(seen.caller);
        attacked.by = Some(by);
        let total = attacked.total;
        let name = attempt.account.as_deref().unwrap_or("?");
        let (broken_zh, broken_en) =
            if attempt.accepted { ("，随后登录成功", ", then got in") } else { ("", "") };
        let severity = if attempt.accepted { CARD.severity.raised() } else { CARD.severity };
        let sighting = Sighting::of(&CARD, seen).of_caller(by).of_account(attempt.account.as_deref());
        out.push(sighting.severity(severity).shows(Effect::Entered, attempt.accepted).say(
            both(
                format!("账号 {name} 被暴力破解：连续失败 {total} 次{broken_zh}"),
                format!("account {name} is under brute force: {total} failures{broken_en}"),
            ),
            both(
                format!("{seconds} 秒内第 {in_window} 次失败{broken_zh}"),
                format!("failure {in_window} within {seconds} s{broken_en}"),
            ),
        ));
        if attempt.accepted {
            self.accounts.remove(&key);
        }
    }

    fn evicted(&self) -> u64 {
        self.accounts.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    use weir_model::LoginOutcome;

    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), calls)
    }
    fn guess(account: &str, i: u64, gap: f64) -> Call {
        call("POST", "/l").login(account, i, LoginOutcome::Failure).at(i as f64 * gap)
    }

    #[test]
    fn reports_ten_failures_and_the_break_in() {
        let guesses = |n| (0..n).map(|i| guess("admin", i, 1.0));
        assert!(found(guesses(9)).is_empty());
        let f = found(guesses(10));
        assert_eq!((f.len(), f[0].severity, f[0].key.account.as_deref()), (1, Severity::High, Some("admin")));
        assert_eq!(f[0].key.caller, Some(CallerId(0)));
        let entered = call("POST", "/l").login("admin", 99, LoginOutcome::Success).at(31.0);
        assert_eq!(found(guesses(30).chain([entered])).last().unwrap().severity, Severity::Critical);
    }

    #[test]
    fn leaves_slow_scattered_repeated_and_corrected_failures_alone() {
        assert!(found((0..50).map(|i| guess("admin", i, 40.0))).is_empty(), "slow");
        assert!(found((0..200).map(|i| guess(&format!("u{}", i % 100), i, 0.1))).is_empty(), "stuffing");
        let retry = (0..50).map(|i| call("POST", "/l").login("job", 7, LoginOutcome::Failure).at(i as f64));
        assert!(found(retry).is_empty(), "one outdated password");
        let typo = (0..60).map(|i| {
            let o = if i % 6 == 5 { LoginOutcome::Success } else { LoginOutcome::Failure };
            call("POST", "/l").login("alice", i, o).at(i as f64)
        });
        assert!(found(typo).is_empty());
        assert!(
            found(
                (0..50)
                    .map(|i| guess("admin", i, 1.0))
                    .map(|c| Call { login: Some(LoginOutcome::Unknown), ..c })
            )
            .is_empty()
        );
        assert!(found((0..50).map(|_| call("GET", "/l"))).is_empty());
    }

    #[test]
    fn counts_by_caller_where_no_account_is_named() {
        let nameless = |i: u64| guess("x", i, 1.0).req(|r| r.login.as_mut().unwrap().account = None);
        assert_eq!(found((0..10).map(nameless)).len(), 1);
        assert!(found((0..30).map(|i| nameless(i).by(i as u32 % 10))).is_empty());
    }

    #[test]
    fn stays_bounded() {
        let mut source = Source::new(&Thresholds::default());
        World::new().found(&mut source, (0..ACCOUNTS as u64 + 5).map(|i| guess(&format!("u{i}"), i, 0.0)));
        assert_eq!(source.evicted(), 5);
    }
}
