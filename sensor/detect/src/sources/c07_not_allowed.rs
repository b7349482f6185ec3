//! C07 Caller not on the allow-list (非白名单调用方).

use crate::listed::{Listed, beyond};
use crate::sighting::{Sighting, both};
use crate::{Seen, Thresholds, facts};
use weir_exchange::Effect;
use weir_model::{Card, Finding, Group, Handling, Known, Registration, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "C07",
    zh: "非白名单调用方",
    en: "caller not on the allow-list",
    group: Group::AbnormalCall,
    severity: Severity::High,
    risks: &[RiskType(1), RiskType(10)],
    measures: &[Handling(9), Handling(12)],
    owasp: "API5:2023 API9:2023 CWE-285",
    basis: "GB/T 46796-2025 7.3.2.3 b",
    how_zh: "登记清单以地址或网段给出允许的调用方的接口，由此外的地址成功调用；按接口和调用方汇总，仅内部访问降一级。清单以账号或应用名给出调用方时暂不核对，没有清单或未给出调用方时不判断；页面与静态内容、拒绝的调用不报。",
    how_en: "An interface whose permitted callers the registered list gives by address or network is called well from another address; one finding an interface and caller, one step less serious where the caller is internal. Callers given by names of accounts or applications are not checked yet, and nothing is judged without a list or callers on it; pages and static content and refused calls are not reported.",
};

/// Identifies C07.
pub(super) fn detector(_: &Thresholds) -> Listed {
    Listed::new(&CARD, judge)
}

fn judge(seen: &Seen<'_>, registration: &Registration, known: &Known<'_>) -> Option<Finding> {
    let excess = registration.beyond.iter().find(|e| e.what == "caller")?;
    let ip = known.caller(seen.caller)?.ip;
    // The list of strangers is bounded: one that is not among them is judged when it has been named.
    if !excess.seen.contains(&ip.to_string()) {
        return None;
    }
    let strangers = beyond(registration, "caller")?;
    let place = facts::place(seen, known);
    let got = facts::records(seen).is_some();
    let sighting = Sighting::of(&CARD, seen).by_caller().shows(Effect::Obtained, got);
    Some(sighting.weigh_exposure(known).say(
        both(
            format!("{place} 被登记之外的调用方 {ip} 成功调用"),
            format!("{place} is called by {ip}, which is not registered for it"),
        ),
        both(
            format!("登记之外的调用方：{strangers}"),
            format!("callers that are not registered: {strangers}"),
        ),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_model::{CallerId, RegistrationState};

    #[test]
    fn reports_strangers_alone() {
        let w = World::new().listed(RegistrationState::OverScope, &[("caller", "203.0.113.100")]);
        let find = |c: Call| w.found(&mut detector(&Thresholds::default()), [c]);
        let f = find(call("GET", "/x").by(100));
        assert_eq!((f.len(), f[0].key.caller, f[0].severity), (1, Some(CallerId(100)), Severity::High));
        assert!(find(call("GET", "/x").by(101)).is_empty(), "permitted");
        assert!(find(call("GET", "/x").by(100).status(401)).is_empty());
    }
}
