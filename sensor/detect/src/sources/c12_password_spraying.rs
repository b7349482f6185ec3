//! C12 Password spraying (口令喷洒).

use crate::digest::digest;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts, logins};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::{Effect, Fingerprint};
use weir_model::{Card, Findings, Group, Handling, Known, RiskType, Severity, SiteId};
use weir_wire::{Duration, Timestamp};

pub(super) static CARD: Card = Card {
    id: "C12",
    zh: "口令喷洒",
    en: "password spraying",
    group: Group::AbnormalCall,
    severity: Severity::High,
    risks: &[RiskType(5)],
    measures: &[Handling(12), Handling(2)],
    owasp: "API2:2023 CWE-307",
    basis: "GB/T 46796-2025 7.2.2 e 2",
    how_zh: "同一站点同一口令（只比较带密钥的指纹）在 1 小时内使 10 个以上账号登录失败，或慢速：7 天内使 20 个以上账号失败，不论来自多少地址；按站点汇总，有账号以该口令登录成功时升一级。每账号只计一次，单个账号反复输错同一口令、结果不明的登录不计；服务端发放的统一初始口令若有众多账号输错，会被报告。",
    how_en: "On one site one password (keyed fingerprints alone are compared) fails for 10 or more accounts within an hour or, slowly, for 20 or more within 7 days, from however many addresses; one finding a site, one step more serious where an account was entered with it. An account counts once; one account's repeated typing and logins whose end is unknown do not count. A common first password that many mistype is reported.",
};

/// Passwords watched, and accounts kept of one.
const PASSWORDS: usize = 16_384;
const ACCOUNTS: usize = 64;
const HOUR: Duration = Duration::from_secs(3_600);
const WEEK: Duration = Duration::from_secs(7 * 86_400);
/// How long nothing more is said of a password.
const QUIET: Duration = Duration::from_secs(3_600);

/// Accounts on which a password failed, by digest of their names, and when last.
#[derive(Default, Serialize, Deserialize)]
struct Tried {
    accounts: BTreeMap<u64, Timestamp>,
    entered: u32,
    told: Option<Timestamp>,
}

/// Identifies C12.
pub(super) struct Source {
    quick: usize,
    slow: usize,
    tried: Table<(SiteId, Fingerprint), Tried>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        let of = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        Source { quick: of(thresholds.c12_hour), slow: of(thresholds.c12_week), tried: Table::new(PASSWORDS) }
    }
}

impl Tried {
    fn add(&mut self, account: u64, now: Timestamp) {
        self.accounts.retain(|_, t| now.since(*t) <= WEEK);
        if self.accounts.len() >= ACCOUNTS && !self.accounts.contains_key(&account) {
            let oldest = self.accounts.iter().min_by_key(|(_, t)| **t).map(|(a, _)| *a);
            oldest.map(|a| self.accounts.remove(&a));
        }
        self.accounts.insert(account, now);
    }
    fn within(&self, now: Timestamp, span: Duration) -> usize {
        self.accounts.values().filter(|t| now.since(**t) <= span).count()
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(tried);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(attempt) = logins::attempt(seen, known) else { return };
        let (Some(account), Some(password)) = (attempt.account, attempt.password) else { return };
        let (now, key) = (seen.exchange.time, (seen.site, password));
        if attempt.accepted && self.tried.get(&key).is_none() {
            return;
        }
        let tried = self.tried.entry(&key, Tried::default);
        match attempt.accepted {
            true => tried.entered += 1,
            false => tried.add(digest(&account), now),
        }
        let (hour, week) = (tried.within(now, HOUR), tried.within(now, WEEK));
        let quiet = !attempt.accepted && tried.told.is_some_and(|t| now.since(t) < QUIET);
        if hour < self.quick && week < self.slow || quiet {
            return;
        }
        tried.told = Some(now);
        let entered = tried.entered;
        let severity = if entered > 0 { CARD.severity.raised() } else { CARD.severity };
        let host = known.site(seen.site).map_or("", |s| &s.host);
        let at = facts::place(seen, known);
        let sighting = Sighting::of(&CARD, seen).of_site().severity(severity);
        out.push(sighting.shows(Effect::Entered, entered > 0).say(
            both(
                format!("站点 {host} 遭口令喷洒：同一口令试遍多个账号"),
                format!("site {host} is sprayed: one password is tried on many accounts"),
            ),
            both(
                format!("{at}：1 小时内 {hour} 个账号、7 天内 {week} 个账号因同一口令失败，{entered} 次成功"),
                format!("{at}: one password failed for {hour} accounts within an hour, {week} within 7 days; {entered} logins with it succeeded"),
            ),
        ));
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

    fn sprayed(accounts: u32, gap: f64) -> Findings {
        let tries = (0..accounts).map(|n| {
            call("POST", "/login")
                .login(&format!("u{n}"), 5, LoginOutcome::Failure)
                .by(n % 60)
                .at(f64::from(n) * gap)
        });
        World::new().found(&mut Source::new(&Thresholds::default()), tries)
    }

    #[test]
    fn reports_quick_and_slow_spraying() {
        assert!(sprayed(9, 60.0).is_empty() && sprayed(19, 8_000.0).is_empty());
        assert_eq!(sprayed(10, 60.0).len(), 1);
        let f = sprayed(20, 8_000.0);
        assert_eq!((f.len(), f[0].severity, f[0].key.interface), (1, Severity::High, None));
        assert!(sprayed(100, 90_000.0).is_empty(), "a week forgets");
    }

    #[test]
    fn one_account_is_no_spraying_and_a_success_is_more_serious() {
        let w = World::new();
        let one =
            (0..50).map(|n| call("POST", "/login").login("alice", 5, LoginOutcome::Failure).at(n.into()));
        assert!(w.found(&mut Source::new(&Thresholds::default()), one).is_empty());
        let tries = (0..11).map(|n| {
            let how = if n == 10 { LoginOutcome::Success } else { LoginOutcome::Failure };
            call("POST", "/login").login(&format!("u{n}"), 5, how).at(n.into())
        });
        let f = w.found(&mut Source::new(&Thresholds::default()), tries);
        assert_eq!(f.last().unwrap().severity, Severity::Critical);
    }
}
