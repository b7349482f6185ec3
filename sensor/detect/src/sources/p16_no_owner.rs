//! P16 No owner (责任人、归属不明).

use crate::listed::Listed;
use crate::sighting::{Sighting, both};
use crate::{Seen, Thresholds, facts};
use weir_model::{
    Card, Finding, Group, Handling, Known, Registration, RegistrationState, RiskType, Severity,
};
use weir_wire::Duration;

pub(super) static CARD: Card = Card {
    id: "P16",
    zh: "责任人、归属不明",
    en: "no owner",
    group: Group::AbnormalProvision,
    severity: Severity::Low,
    risks: &[RiskType(19)],
    measures: &[Handling(9)],
    owasp: "API9:2023 CWE-1059",
    basis: "OWASP API Security Top 10 2023, API9",
    how_zh: "已导入登记清单时，首次出现 30 天后仍不在清单中，或在清单中而没有责任人、没有所属系统的接口；按接口汇总。没有清单、接口出现不足 30 天、页面与静态内容不报。",
    how_en: "Where a registered list was imported, an interface that 30 days after it was first seen is not on it, or is on it without an owner or a system; one finding an interface. Nothing is judged without a list or before 30 days; pages and static content are not reported.",
};

/// How long an interface may be without an owner.
const GRACE: Duration = Duration::from_secs(30 * 86_400);

/// Identifies P16.
pub(super) fn detector(_: &Thresholds) -> Listed {
    Listed::new(&CARD, judge)
}

fn judge(seen: &Seen<'_>, registration: &Registration, known: &Known<'_>) -> Option<Finding> {
    let interface = known.interface(seen.interface?)?;
    let age = seen.exchange.time.since(interface.first_seen);
    if age < GRACE {
        return None;
    }
    let unlisted = registration.state == RegistrationState::Unregistered;
    let (zh, en) = match (unlisted, registration.owner.is_empty(), registration.system.is_empty()) {
        (true, ..) => ("不在登记清单中", "not on the registered list"),
        (false, true, _) => ("登记中没有责任人", "registered without an owner"),
        (false, false, true) => ("登记中没有所属系统", "registered without a system"),
        (false, false, false) => return None,
    };
    let (place, days) = (facts::place(seen, known), age.as_nanos() / 86_400_000_000_000);
    Some(Sighting::of(&CARD, seen).say(
        both(format!("{place} 没有责任人"), format!("nobody owns {place}")),
        both(format!("出现 {days} 天后{zh}"), format!("{en} {days} days after it was first seen")),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    #[test]
    fn reports_what_has_no_owner_after_thirty_days() {
        let at = |w: &World, days: f64| {
            let first = w.interfaces[0].first_seen.secs() as f64;
            let c = call("GET", "/x").at(first + days * 86_400.0 - 1_000_000.0);
            w.found(&mut detector(&Thresholds::default()), [c]).len()
        };
        let mut w = World::new().listed(RegistrationState::Registered, &[]);
        assert_eq!(at(&w, 31.0), 0, "owned");
        w.registration.as_mut().unwrap().system.clear();
        assert_eq!((at(&w, 29.9), at(&w, 30.1)), (0, 1));
        w.registration.as_mut().unwrap().owner.clear();
        assert_eq!(at(&w, 31.0), 1);
        let unlisted = World::new().listed(RegistrationState::Unregistered, &[]);
        assert_eq!((at(&unlisted, 31.0), at(&World::new(), 31.0)), (1, 0));
    }
}
