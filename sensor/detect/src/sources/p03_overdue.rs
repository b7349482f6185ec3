//! P03 Open beyond the permitted term (超期开放).

use crate::listed::{Listed, beyond};
use crate::sighting::{Sighting, both};
use crate::{Seen, Thresholds, facts};
use weir_model::{
    Card, Finding, Group, Handling, Known, Registration, RegistrationState, RiskType, Severity,
};

pub(super) static CARD: Card = Card {
    id: "P03",
    zh: "超期开放",
    en: "open beyond the permitted term",
    group: Group::AbnormalProvision,
    severity: Severity::High,
    risks: &[RiskType(10), RiskType(1)],
    measures: &[Handling(8), Handling(9)],
    owasp: "API9:2023 CWE-613",
    basis: "GB/T 46796-2025 7.3.2.3 c",
    how_zh: "登记清单给出有效期的接口，在有效期末日之后（按抓包时间，UTC）仍以 2xx 响应；按接口汇总，仅内部访问降一级。没有清单、清单未给出有效期、拒绝的调用、页面与静态内容不报。",
    how_en: "An interface with a term on the registered list that still answers 2xx after the last day of it, by packet time in UTC; one finding an interface, one step less serious where the caller is internal. Nothing is judged without a list or a term; refused calls, pages and static content are not reported.",
};

/// Identifies P03.
pub(super) fn detector(_: &Thresholds) -> Listed {
    Listed::new(&CARD, judge)
}

fn judge(seen: &Seen<'_>, registration: &Registration, known: &Known<'_>) -> Option<Finding> {
    if registration.state != RegistrationState::Overdue {
        return None;
    }
    beyond(registration, "term")?;
    let (place, until, owner) = (facts::place(seen, known), &registration.until, &registration.owner);
    Some(Sighting::of(&CARD, seen).weigh_exposure(known).say(
        both(
            format!("{place} 超过登记的有效期仍在服务"),
            format!("{place} still serves after its registered term"),
        ),
        both(
            format!("登记有效期至 {until}，责任人 {owner}；仍响应 2xx"),
            format!("registered until {until}, owner {owner}; answered 2xx"),
        ),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_model::Findings;

    fn found(state: RegistrationState, call: Call) -> Findings {
        World::new()
            .listed(state, &[("term", "1970-01-21T00:00:00Z")])
            .found(&mut detector(&Thresholds::default()), [call])
    }

    #[test]
    fn reports_what_answers_after_its_term() {
        let f = found(RegistrationState::Overdue, call("GET", "/x").by(100));
        assert_eq!((f.len(), f[0].severity), (1, Severity::High));
        assert!(f[0].evidence.note.en.contains("until 1970-01-20"), "{}", f[0].evidence.note.en);
        assert!(found(RegistrationState::Overdue, call("GET", "/x").status(410)).is_empty());
        assert!(found(RegistrationState::Registered, call("GET", "/x")).is_empty());
        assert!(World::new().found(&mut detector(&Thresholds::default()), [call("GET", "/x")]).is_empty());
    }
}
