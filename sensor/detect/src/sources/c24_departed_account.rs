//! C24 Departed account (离职、停用账号调用).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_exchange::Effect;
use weir_model::{Card, Finding, Group, Handling, Known, LoginOutcome, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "C24",
    zh: "沉默、离职账号调用",
    en: "dormant or departed account in use",
    group: Group::AbnormalCall,
    severity: Severity::High,
    risks: &[RiskType(5)],
    measures: &[Handling(11)],
    owasp: "API2:2023 CWE-613",
    basis: "CAICT 3.2.2, 3.2.5",
    how_zh: "账号目录（weir import accounts）中已停用、或已过有效期末日的账号，其调用得到 2xx；按站点与账号汇总。未给出末日的停用账号，其全部调用均报。登录失败、被拒绝的调用不报；没有账号目录时不识别。",
    how_en: "A call answered 2xx under an account that the directory of accounts (weir import accounts) has as disabled, or that is past its last day; one finding a site and account. Of a disabled account without a last day every such call counts. Failed logins and refused calls are not reported; without a directory nothing is identified.",
};

/// Identifies C24.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    let account = known.account(seen.account?)?;
    let person = account.person.as_ref().filter(|p| p.departed(seen.exchange.time))?;
    let failed = matches!(seen.login, Some(LoginOutcome::Failure | LoginOutcome::Unknown));
    if failed || !facts::succeeded(seen) {
        return None;
    }
    let name = &account.name;
    let (zh, en) = match &*person.until {
        "" => ("已停用".to_string(), "is disabled".to_string()),
        until => (format!("有效期至 {until}"), format!("ended with {until}")),
    };
    let place = facts::place(seen, known);
    let effect = if facts::records(seen).is_some() { Effect::Obtained } else { Effect::Entered };
    Some(Sighting::of(&CARD, seen).of_site().of_account(Some(name)).shows(effect, true).say(
        both(format!("账号 {name} {zh}，仍在调用"), format!("account {name} {en} and is still in use")),
        both(format!("{place}：2xx"), format!("{place}: 2xx")),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use std::sync::Arc;
    use weir_model::{Findings, Person};

    fn found(person: Person, call: Call) -> Findings {
        let mut world = World::new();
        world.accounts[0].person = Some(Arc::new(person));
        let call = Call { account: Some(0), ..call };
        world.found(&mut detector(&Thresholds::default()), [call])
    }

    #[test]
    fn reports_accounts_that_should_be_gone() {
        let gone = Person { disabled: true, ..Person::default() };
        let findings = found(gone.clone(), call("GET", "/a").signed_in());
        assert_eq!((findings[0].key.account.as_deref(), findings[0].key.interface), (Some("alice"), None));
        // The calls are of January 1970.
        let until = |day: &str| Person { until: day.into(), ..Person::default() };
        assert_eq!(found(until("1970-01-11"), call("GET", "/a")).len(), 1);
        assert_eq!(found(until("1970-01-12"), call("GET", "/a")).len(), 0);
    }

    #[test]
    fn leaves_refusals_and_those_in_office_alone() {
        let gone = || Person { disabled: true, ..Person::default() };
        assert!(found(gone(), call("GET", "/a").status(401)).is_empty());
        assert!(found(gone(), call("POST", "/login").login("alice", 1, LoginOutcome::Failure)).is_empty());
        assert!(found(Person::default(), call("GET", "/a")).is_empty());
        let mut nobody = World::new();
        nobody.interfaces.truncate(1);
        assert!(nobody.found(&mut detector(&Thresholds::default()), [call("GET", "/a")]).is_empty());
    }
}
