//! P04 Open beyond the permitted scope (过度开放、范围超限).

use crate::listed::{Listed, beyond};
use crate::sighting::{Sighting, both};
use crate::{Seen, Thresholds, facts};
use weir_model::{Card, Finding, Group, Handling, Known, Registration, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "P04",
    zh: "过度开放（范围超限）",
    en: "open beyond the permitted scope",
    group: Group::AbnormalProvision,
    severity: Severity::High,
    risks: &[RiskType(10), RiskType(13)],
    measures: &[Handling(8), Handling(3)],
    owasp: "API9:2023 API5:2023 CWE-668 CWE-285",
    basis: "GB/T 46796-2025 7.3.2.3 c",
    how_zh: "登记清单给出允许的数据类型、级别或区域的接口，给出了未登记的数据类型，数据级别高于登记，或有登记区域之外的内部网段调用；按接口汇总，仅内部访问降一级。来自公网的区域超限归 P05，未登记的调用方归 C07。没有清单或清单未给出该项时不判断。",
    how_en: "An interface whose permitted data types, level or zones the registered list gives, that gives out other types, holds data of a higher level, or is called from internal networks outside those zones; one finding an interface, one step less serious where the caller is internal. Callers from the internet are P05, callers that are not registered C07. Nothing is judged without a list, or of what it leaves open.",
};

/// Identifies P04.
pub(super) fn detector(_: &Thresholds) -> Listed {
    Listed::new(&CARD, judge)
}

fn judge(seen: &Seen<'_>, registration: &Registration, known: &Known<'_>) -> Option<Finding> {
    let zone = beyond(registration, "zone").filter(|_| !facts::from_outside(seen, known));
    let found = [
        ("数据类型", "data types", beyond(registration, "data")),
        ("级别", "level", beyond(registration, "level")),
        ("区域", "zones", zone),
    ];
    let told: Vec<_> = found.iter().filter_map(|(zh, en, seen)| Some((zh, en, seen.as_ref()?))).collect();
    if told.is_empty() {
        return None;
    }
    let zh: Vec<String> = told.iter().map(|(zh, _, seen)| format!("{zh}：{seen}")).collect();
    let en: Vec<String> = told.iter().map(|(_, en, seen)| format!("{en}: {seen}")).collect();
    let place = facts::place(seen, known);
    Some(Sighting::of(&CARD, seen).weigh_exposure(known).say(
        both(format!("{place} 超出登记的范围"), format!("{place} goes beyond what is registered")),
        both(format!("超出登记的{}", zh.join("；")), format!("beyond the registered {}", en.join("; "))),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_model::{Findings, RegistrationState};

    fn found(beyond: &[(&'static str, &str)], call: Call) -> Findings {
        let w = World::new().listed(RegistrationState::OverScope, beyond);
        w.found(&mut detector(&Thresholds::default()), [call])
    }

    #[test]
    fn reports_types_levels_and_zones_beyond_the_list() {
        let f = found(&[("data", "cn_id18"), ("level", "4")], call("GET", "/x").by(100));
        assert_eq!((f.len(), f[0].severity), (1, Severity::High));
        assert_eq!(f[0].evidence.note.en, "beyond the registered data types: cn_id18; level: 4");
        assert_eq!(found(&[("zone", "10.9.9.9")], call("GET", "/x")).len(), 1);
        assert!(found(&[("zone", "203.0.113.9")], call("GET", "/x").by(100)).is_empty(), "that is P05");
        assert!(found(&[("caller", "10.9.9.9")], call("GET", "/x")).is_empty(), "that is C07");
        assert!(found(&[("data", "cn_id18")], call("GET", "/x").status(403)).is_empty());
        assert!(found(&[], call("GET", "/x")).is_empty());
    }
}
