//! C11 Credential stuffing (撞库).

use crate::digest::digest;
use crate::logins;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::window::Window;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::Effect;
use weir_model::{CallerId, Card, Findings, Group, Handling, InterfaceId, Known, RiskType, Severity, SiteId};
use weir_wire::Timestamp;

pub(super) static CARD: Card = Card {
    id: "C11",
    zh: "撞库",
    en: "credential stuffing",
    group: Group::AbnormalCall,
    severity: Severity::High,
    risks: &[RiskType(5), RiskType(1)],
    measures: &[Handling(12), Handling(2)],
    owasp: "API2:2023 CWE-307",
    basis: "GB/T 46796-2025 7.2.2 e 2; CAICT 5.1",
    how_zh: "5 分钟内同一调用方对同一登录接口尝试 20 个以上账号，其中 80% 以上从未成功；或分布式：至少 5 个调用方合计如此，且 80% 以上账号未成功、每账号失败不超过 3 次。按调用方（分布式按接口）汇总，有账号被登录时升一级。早高峰中少量输错口令、针对单一账号的破解（C10）、结果不明的登录不计。",
    how_en: "Within 5 minutes one caller tries 20 or more accounts at one login interface and 80 % of them never get in; or, distributed, five callers or more together do, and 80 % of the accounts never got in with at most 3 failures each. One finding a caller (an interface where distributed), one step more serious where an account was entered. Some mistyped passwords in the morning rush, guessing at one account (C10), and logins whose end is unknown do not count.",
};

/// Login interfaces, and callers of them, under watch.
const WATCHED: usize = 1_024;
/// Attempts kept of one of them.
const ATTEMPTS: usize = 1_024;
/// Callers from which it is distributed.
const SOURCES: usize = 5;
/// Most failures of an account that is stuffed rather than broken.
const LIGHT: u32 = 3;

type Key = (SiteId, Option<InterfaceId>, Option<CallerId>);

/// Attempts within the window; accounts as digests of their names.
#[derive(Serialize, Deserialize)]
struct Tried {
    attempts: Window<(u64, CallerId, bool)>,
    /// Failures and successes by account.
    accounts: BTreeMap<u64, (u32, u32)>,
    callers: BTreeMap<CallerId, u32>,
}

/// Identifies C11.
pub(super) struct Source {
    accounts: u64,
    failed_percent: u64,
    seconds: u64,
    tried: Table<Key, Tried>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            accounts: thresholds.c11_accounts,
            failed_percent: thresholds.c11_failed_percent,
            seconds: thresholds.c11_seconds,
            tried: Table::new(WATCHED),
        }
    }
}

impl Tried {
    fn new(seconds: u64) -> Self {
        Tried {
            attempts: Window::new(seconds, ATTEMPTS),
            accounts: BTreeMap::new(),
            callers: BTreeMap::new(),
        }
    }

    fn add(&mut self, time: Timestamp, account: u64, caller: CallerId, accepted: bool) {
        let (failed, entered) = self.accounts.entry(account).or_default();
        *(if accepted { entered } else { failed }) += 1;
        *self.callers.entry(caller).or_insert(0) += 1;
        let (accounts, callers) = (&mut self.accounts, &mut self.callers);
        self.attempts.add(time, (account, caller, accepted), |(account, caller, accepted)| {
            if let Some((failed, entered)) = accounts.get_mut(&account) {
                *(if accepted { &mut *entered } else { &mut *failed }) -= 1;
                if *failed + *entered == 0 {
                    accounts.remove(&account);
                }
            }
            if let Some(n) = callers.get_mut(&caller) {
                *n -= 1;
                if *n == 0 {
                    callers.remove(&caller);
                }
            }
        });
    }

    /// Accounts, those that never got in, and those that did after all.
    fn judged(&self, light: bool) -> (u64, u64, u64) {
        let failed = self.accounts.values().filter(|(f, e)| *e == 0 && (!light || *f <= LIGHT)).count();
        let entered = self.accounts.values().filter(|(_, e)| *e > 0).count();
        (self.accounts.len() as u64, failed as u64, entered as u64)
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(tried);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(attempt) = logins::attempt(seen, known) else { return };
        let Some(account) = attempt.account else { return };
        for caller in [Some(seen.caller), None] {
            let key = (seen.site, seen.interface, caller);
            let tried = self.tried.entry(&key, || Tried::new(self.seconds));
            tried.add(seen.exchange.time, digest(&account), seen.caller, attempt.accepted);
            let distributed = caller.is_none();
            if (tried.accounts.len() as u64) < self.accounts || distributed && tried.callers.len() < SOURCES {
                continue;
            }
            let (accounts, failed, entered) = tried.judged(distributed);
            if failed * 100 < accounts * self.failed_percent {
                continue;
            }
            let severity = if entered > 0 { CARD.severity.raised() } else { CARD.severity };
            let sources = tried.callers.len();
            let sighting = Sighting::of(&CARD, seen).severity(severity).shows(Effect::Entered, entered > 0);
            let sighting = if distributed { sighting } else { sighting.by_caller() };
            let place = facts::place(seen, known);
            let seconds = self.seconds;
            out.push(sighting.say(
                both(
                    format!("{place} 遭撞库：{sources} 个来源在 {seconds} 秒内尝试 {accounts} 个账号，{failed} 个失败，{entered} 个登录成功"),
                    format!("{place} is stuffed: {sources} sources tried {accounts} accounts within {seconds} s; {failed} failed, {entered} were entered"),
                ),
                both(format!("尝试账号 {account}"), format!("tries account {account}")),
            ));
        }
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        for key in self.tried.keys_where(|k| k.1 == Some(from)) {
            let Some(old) = self.tried.remove(&key) else { continue };
            let tried = self.tried.entry(&(key.0, Some(into), key.2), || Tried::new(self.seconds));
            for (time, (account, caller, accepted)) in old.attempts.iter() {
                tried.add(*time, *account, *caller, *accepted);
            }
        }
    }

    fn evicted(&self) -> u64 {
        self.tried.evicted()
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
    fn tries(account: u64, at: f64, accepted: bool) -> Call {
        let outcome = if accepted { LoginOutcome::Success } else { LoginOutcome::Failure };
        call("POST", "/l").login(&format!("u{account}"), account, outcome).at(at)
    }

    #[test]
    fn reports_one_caller_with_many_accounts() {
        assert!(found((0..19).map(|i| tries(i, i as f64, false))).is_empty());
        let f = found((0..20).map(|i| tries(i, i as f64, false)));
        assert_eq!((f.len(), f[0].key.caller, f[0].severity), (1, Some(CallerId(0)), Severity::High));
        let f = found((0..40).map(|i| tries(i, i as f64, i == 3)));
        assert_eq!(f.last().unwrap().severity, Severity::Critical);
    }

    #[test]
    fn reports_many_callers_with_few_tries_each() {
        let f = found((0..60).map(|i| tries(i, i as f64, i % 20 == 7).by(i as u32 % 30)));
        assert!(f.iter().all(|f| f.key.caller.is_none()) && f.len() == 41, "{}", f.len());
        assert!(
            found((0..60).map(|i| tries(i, i as f64, false).by(i as u32 % 4)))
                .iter()
                .all(|f| f.key.caller.is_some())
        );
    }

    #[test]
    fn leaves_the_morning_rush_and_brute_force_alone() {
        assert!(found((0..200).map(|i| tries(i / 2, i as f64, i % 2 == 1).by(i as u32 / 2 % 90))).is_empty());
        assert!(found((0..200).map(|i| tries(i % 3, i as f64 * 0.1, false))).is_empty());
        assert!(found((0..60).map(|i| tries(i, i as f64 * 30.0, false))).is_empty(), "slow");
    }

    #[test]
    fn unites_merged_interfaces_and_stays_bounded() {
        let w = World::new();
        let mut source = Source::new(&Thresholds::default());
        assert!(w.found(&mut source, (0..15).map(|i| tries(i, i as f64, false).to(1))).is_empty());
        source.merged(InterfaceId(1), InterfaceId(2));
        assert_eq!(w.found(&mut source, (15..20).map(|i| tries(i, i as f64, false).to(2))).len(), 1);
        w.found(&mut source, (0..9_000).map(|i| tries(i, 20.0, false).to(2)));
        let tried = source.tried.get(&(SiteId(0), Some(InterfaceId(2)), None)).unwrap();
        assert_eq!((tried.attempts.len(), tried.accounts.len()), (ATTEMPTS, ATTEMPTS));
    }
}
