//! P05 Internal interface on the internet (内部接口暴露公网).

use crate::listed::beyond;
use crate::sighting::{Sighting, both};
use crate::{Detector, Seen, Thresholds, facts};
use weir_model::{Card, Exposure, Findings, Group, Handling, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "P05",
    zh: "内部接口暴露公网",
    en: "internal interface on the internet",
    group: Group::AbnormalProvision,
    severity: Severity::High,
    risks: &[RiskType(1)],
    measures: &[Handling(8)],
    owasp: "API9:2023 API8:2023 CWE-668",
    basis: "CAICT 3.2.1, 5.1",
    how_zh: "登记区域不含该公网来源（登记清单的 zones），或人工认定开放范围为“内部”（weir decide）的接口，向公网地址（经可信代理还原的真实来源）给出 2xx；按接口汇总，4 级数据升一级。两者均无时不判断（观察到的来源只是建议，见接口清单的开放范围）；页面与静态内容、拒绝的调用不报。",
    how_en: "An interface whose registered zones leave the public address out (zones of the registered list), or that a person decided to be internal (weir decide), answers 2xx to a public address, the real one behind trusted proxies; one finding an interface, one step more serious for grade 4. With neither nothing is judged: who is seen to call is a proposal, shown in the list of interfaces. Pages and static content and refused calls are not reported.",
};

/// Identifies P05.
pub(super) struct Source;

impl Source {
    pub(super) const fn new(_: &Thresholds) -> Self {
        Source
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        if !facts::succeeded(seen) || !facts::from_outside(seen, known) || facts::is_content(seen, known) {
            return;
        }
        let Some(interface) = seen.interface.and_then(|id| known.interface(id)) else { return };
        let Some(caller) = known.caller(seen.caller) else { return };
        let ruled = interface.ruling.as_ref().and_then(|r| r.exposure.as_ref());
        let zones = seen.registration(known).and_then(|r| beyond(r, "zone"));
        let why = match (ruled, zones) {
            (Some(ruled), _) if ruled.is == Exposure::Internal => {
                both(format!("人工认定为内部：{}", ruled.note), format!("internal, {}", ruled.note))
            }
            (_, Some(_)) => both("登记的区域不含该来源", "the registered zones leave the address out"),
            _ => return,
        };
        let (place, ip) = (facts::place(seen, known), caller.ip);
        out.push(Sighting::of(&CARD, seen).weigh_level(interface.level.max(2)).say(
            both(
                format!("内部接口 {place} 可从公网调用"),
                format!("{place}, an internal interface, answers the internet"),
            ),
            both(
                format!("{}；来源 {ip}，响应 2xx", why.zh),
                format!("{}; called from {ip}, answered 2xx", why.en),
            ),
        ));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_model::{RegistrationState, Ruled, Ruling};

    #[test]
    fn reports_public_callers_of_what_is_internal_by_list_or_decision() {
        let find = |w: &World, c: Call| w.found(&mut Source::new(&Thresholds::default()), [c]);
        let listed = World::new().listed(RegistrationState::OverScope, &[("zone", "203.0.113.100")]);
        assert_eq!(find(&listed, call("GET", "/x").by(100))[0].severity, Severity::High);
        assert!(find(&listed, call("GET", "/x")).is_empty(), "from inside");
        assert!(find(&listed, call("GET", "/x").by(100).status(403)).is_empty());
        let mut ruled = World::new();
        assert!(find(&ruled, call("GET", "/x").by(100)).is_empty(), "nobody said so");
        let decide = |is| {
            Some(Box::new(Ruling {
                exposure: Some(Ruled { is, note: "decided".into() }),
                ..Ruling::default()
            }))
        };
        ruled.interfaces[0].ruling = decide(Exposure::Partner);
        assert!(find(&ruled, call("GET", "/x").by(100)).is_empty());
        ruled.interfaces[0].ruling = decide(Exposure::Internal);
        assert_eq!(find(&ruled, call("GET", "/x").by(100)).len(), 1);
    }
}
