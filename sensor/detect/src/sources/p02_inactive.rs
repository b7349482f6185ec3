//! P02 Inactive interface still online (失活、僵尸接口).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_model::{
    Card, ChangeKind, DORMANT, Finding, Group, Handling, Interface, Known, Observation, RiskType, Severity,
    Summary, deprecated_segment,
};
use weir_wire::Timestamp;

pub(super) static CARD: Card = Card {
    id: "P02",
    zh: "失活（僵尸）接口",
    en: "inactive interface still online",
    group: Group::AbnormalProvision,
    severity: Severity::Medium,
    risks: &[RiskType(19), RiskType(1)],
    measures: &[Handling(8)],
    owasp: "API9:2023 CWE-1059 CWE-1127",
    basis: "CAICT 4(1)2, 5.1",
    how_zh: "路径标明已废弃（legacy、deprecated、old、obsolete、bak、旧版、废弃）却仍成功响应的接口；或 30 天以上无人调用后（含曾只返回 404、410 之后）又成功响应的接口；按接口汇总。不含个人信息降一级，仅内部访问降一级。静态内容与页面不计；文档中标记为废弃的接口在导入登记清单后另行比对。",
    how_en: "An interface whose path says that it is abandoned (legacy, deprecated, old, obsolete, bak) and that still answers well, or one that answers well after 30 days without calls or after it had answered nothing but 404 and 410; one finding an interface. One step less serious where it holds nothing personal, one where the caller is internal. Static content and pages do not count; what documents mark as deprecated is compared once a registered list is given.",
};

/// Identifies P02.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

/// Why an interface ought not to answer any more.
fn why(interface: &Interface, now: Timestamp) -> Option<Summary> {
    if let Some(word) = deprecated_segment(&interface.template) {
        return Some(both(format!("路径含“{word}”"), format!("its path says `{word}`")));
    }
    let back = interface.life.history.iter().rev().find(|c| match c.kind {
        ChangeKind::Returned => c.since.is_some_and(|s| c.time.since(s) >= DORMANT),
        kind => kind == ChangeKind::Reborn,
    })?;
    (back.time <= now && now.since(back.time) < DORMANT).then(|| match (back.kind, back.since) {
        (ChangeKind::Returned, Some(since)) => {
            let days = back.time.since(since).as_nanos() / 86_400_000_000_000;
            both(format!("停用 {days} 天后又被调用"), format!("called again after {days} days"))
        }
        _ => both("下线后又恢复响应", "answers again after it had been taken offline"),
    })
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    if !facts::succeeded(seen) || facts::is_content(seen, known) {
        return None;
    }
    let interface = known.interface(seen.interface?)?;
    let why = why(interface, seen.exchange.time)?;
    let personal =
        facts::data(seen).any(|(d, t)| d.form.is_clear() && (facts::tells_of_person(t) || t.secret));
    let severity = if personal { CARD.severity } else { CARD.severity.lowered() };
    let (place, status) = (facts::place(seen, known), seen.exchange.status().unwrap_or(0));
    Some(Sighting::of(&CARD, seen).severity(severity).weigh_exposure(known).say(
        both(
            format!("{place} 应已停用却仍在服务：{}", why.zh),
            format!("{place} still serves though abandoned: {}", why.en),
        ),
        both(format!("响应 {status}；{}", why.zh), format!("answered {status}; {}", why.en)),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::MediaKind;
    use weir_model::Findings;

    fn found(template: &str, life: impl FnOnce(&mut Interface), call: Call) -> Findings {
        let mut w = World::new();
        w.interfaces[0].template = template.into();
        life(&mut w.interfaces[0]);
        w.found(&mut detector(&Thresholds::default()), [call])
    }
    /// The tests' clock begins eleven days after the epoch.
    fn back_after(days: u64) -> impl FnOnce(&mut Interface) {
        move |i| {
            let now = Timestamp::from_secs_nanos(50 * 86_400, 0);
            let since = Timestamp::from_secs_nanos((50 - days) * 86_400, 0);
            i.life.note(now, ChangeKind::Returned, "", Some(since));
        }
    }

    #[test]
    fn reports_paths_that_say_they_are_abandoned() {
        let f = found("/legacy/customers", |_| (), call("GET", "/").gives("cn_mobile", 1, 1).by(100));
        assert_eq!((f.len(), f[0].severity), (1, Severity::Medium));
        assert_eq!(found("/api/old/x", |_| (), call("GET", "/").by(100))[0].severity, Severity::Low);
        assert!(found("/household/x", |_| (), call("GET", "/")).is_empty(), "old inside a word");
        assert!(found("/legacy/x", |_| (), call("GET", "/").status(410)).is_empty());
        assert!(found("/legacy/x", |_| (), call("GET", "/").kind(MediaKind::Html)).is_empty());
    }

    #[test]
    fn reports_what_comes_back_after_thirty_days() {
        let day = |n: u64| call("GET", "/").at((n * 86_400) as f64 - 1_000_000.0 + 60.0);
        assert!(found("/api/x", back_after(29), day(50)).is_empty());
        let f = found("/api/x", back_after(31), day(50));
        assert!(f[0].evidence.note.en.contains("31 days"), "{}", f[0].evidence.note.en);
        assert!(found("/api/x", back_after(31), day(81)).is_empty(), "in use again by now");
    }
}
