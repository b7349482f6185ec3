//! V04 Weak or default password (弱口令、默认口令).

use crate::facts;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds};
use serde::{Deserialize, Serialize};
use weir_exchange::{PasswordFacts, PasswordShape};
use weir_model::state::Fixed;
use weir_model::{
    Card, Findings, Group, Handling, InterfaceId, Known, LoginOutcome, Observation, RiskType, Severity,
    SiteId,
};

pub(super) static CARD: Card = Card {
    id: "V04",
    zh: "弱口令、默认口令",
    en: "weak or default password",
    group: Group::Vulnerability,
    severity: Severity::High,
    risks: &[RiskType(1), RiskType(5)],
    measures: &[Handling(2), Handling(10)],
    owasp: "API2:2023 CWE-521 CWE-1391 CWE-1392",
    basis: "CAICT 3.2.1, 4(2)1",
    how_zh: "登录成功所用的口令在常用或默认口令字典中、与账号相同或包含账号、少于 8 个字符或少于 3 类字符；应答不明时，以该账号随后的成功调用为准；按账号汇总。仅长度或类别不足降一级，仅内部访问降一级。口令在内存中判断后即弃，只留结论；登录失败的口令不报；摘要口令只查字典。",
    how_en: "The password of a successful login is in the dictionary of common and default passwords, equals or contains the account, has fewer than 8 characters or fewer than 3 character classes; where the reply does not tell, a successful call of the account that follows does; one finding an account. One step less serious where only length or classes fall short, one less where the caller is internal. Passwords are judged in memory and forgotten; those of failed logins are not reported; digests are looked up in the dictionary alone.",
};

/// Logins whose end is still open.
const PENDING: usize = 4_096;

/// Why a password is weak.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Weakness {
    #[serde(with = "weir_model::state::fixed")]
    zh: Fixed,
    #[serde(with = "weir_model::state::fixed")]
    en: Fixed,
    /// Whether it can be guessed at once.
    guessable: bool,
}

/// Identifies V04.
pub(super) struct Source {
    length: u64,
    classes: u64,
    pending: Table<(SiteId, Box<str>), (Option<InterfaceId>, Weakness)>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            length: thresholds.v04_length,
            classes: thresholds.v04_classes,
            pending: Table::new(PENDING),
        }
    }

    fn weakness(&self, password: &PasswordFacts) -> Option<Weakness> {
        let weak = |zh, en, guessable| Some(Weakness { zh, en, guessable });
        if password.in_dictionary {
            weak("在常用或默认口令字典中", "in the dictionary of common and default passwords", true)
        } else if password.shape == PasswordShape::Digested {
            None
        } else if password.like_account {
            weak("与账号相同或包含账号", "equal to the account or containing it", true)
        } else if u64::from(password.length) < self.length {
            weak("长度不足", "too short", false)
        } else if u64::from(password.classes) < self.classes {
            weak("字符类别不足", "of too few character classes", false)
        } else {
            None
        }
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(pending);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let acting = seen.account.and_then(|id| known.account(id)).map(|a| a.name.clone());
        let login = facts::request(seen).and_then(|r| r.login.as_ref());
        let Some(login) = login.filter(|_| !facts::logs_in_as_anyone(seen)) else {
            let Some(name) = acting.filter(|_| seen.authenticated && facts::succeeded(seen)) else { return };
            if let Some((interface, weakness)) = self.pending.remove(&(seen.site, name.clone())) {
                report(seen, known, interface, Some(&name), weakness, out);
            }
            return;
        };
        let Some(weakness) = self.weakness(&login.password) else { return };
        let account = login.account.as_deref().map(Box::from).or(acting);
        match (seen.login, account) {
            (Some(LoginOutcome::Success), account) => {
                report(seen, known, seen.interface, account.as_deref(), weakness, out);
            }
            (Some(LoginOutcome::Unknown), Some(name)) => {
                *self.pending.entry(&(seen.site, name), || (seen.interface, weakness)) =
                    (seen.interface, weakness);
            }
            _ => {}
        }
    }

    fn evicted(&self) -> u64 {
        self.pending.evicted()
    }
}

fn report(
    seen: &Observation<'_>,
    known: &Known<'_>,
    interface: Option<InterfaceId>,
    account: Option<&str>,
    weakness: Weakness,
    out: &mut Findings,
) {
    let severity = if weakness.guessable { CARD.severity } else { CARD.severity.lowered() };
    let name = account.unwrap_or("?");
    let sighting = Sighting::of(&CARD, seen).of_interface(interface).of_account(account).severity(severity);
    out.push(sighting.weigh_exposure(known).say(
        both(
            format!("账号 {name} 的口令{}，且可登录", weakness.zh),
            format!("account {name} logs in with a password that is {}", weakness.en),
        ),
        both(
            format!("登录成功，口令{}（口令不留存）", weakness.zh),
            format!("login accepted; password {} (not kept)", weakness.en),
        ),
    ));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), calls)
    }
    fn login(outcome: LoginOutcome) -> Call {
        call("POST", "/l").login("alice", 1, outcome)
    }

    #[test]
    fn reports_weak_passwords_that_were_accepted() {
        let weak = |change: fn(&mut PasswordFacts)| found([login(LoginOutcome::Success).password(change)]);
        let f = weak(|p| p.in_dictionary = true);
        assert_eq!((f[0].severity, f[0].key.account.as_deref()), (Severity::Medium, Some("alice")));
        assert_eq!(weak(|p| p.like_account = true)[0].severity, Severity::Medium);
        assert_eq!(weak(|p| p.length = 7)[0].severity, Severity::Low);
        assert_eq!(weak(|p| p.classes = 2).len(), 1);
        assert!(weak(|p| (p.length, p.classes) = (8, 3)).is_empty());
    }

    #[test]
    fn leaves_failures_and_unknown_digests_alone() {
        assert!(found([login(LoginOutcome::Failure).password(|p| p.in_dictionary = true)]).is_empty());
        let digest =
            login(LoginOutcome::Success).password(|p| (p.shape, p.length) = (PasswordShape::Digested, 4));
        assert!(found([digest]).is_empty());
    }

    #[test]
    fn waits_for_the_account_to_act() {
        let weak = || login(LoginOutcome::Unknown).password(|p| p.in_dictionary = true).to(3);
        let mut act = call("GET", "/me").signed_in();
        act.account = Some(0);
        assert!(found([weak(), act.clone().status(401)]).is_empty());
        let f = found([weak(), act.clone(), act]);
        assert_eq!((f.len(), f[0].key.interface), (1, Some(InterfaceId(3))));
    }
}
