//! P18 Test environment serving outside (测试环境对外提供).

use crate::environments::test_word;
use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "P18",
    zh: "测试环境对外提供",
    en: "test environment serving outside",
    group: Group::AbnormalProvision,
    severity: Severity::Medium,
    risks: &[RiskType(1)],
    measures: &[Handling(8)],
    owasp: "API9:2023 CWE-489",
    basis: "OWASP API Security Top 10 2023, API9",
    how_zh: "主机名或路径前两段含 test、dev、uat、sit、mock、staging、sandbox、demo、测试等词的测试环境，以 2xx 响应来自公网的调用；按站点汇总，不含个人信息与秘密的降一级。页面与静态内容、健康检查、被拒绝的调用、仅内部访问不报；不以此命名的测试环境认不出。",
    how_en: "A test environment, by words of its host name or first two path segments (test, dev, uat, sit, mock, staging, sandbox, demo), answers 2xx to a caller from the internet; one finding a site, one step less serious where nothing personal or secret is given. Pages and static content, health checks, refused calls and insiders are not reported; one that is not named so is not known.",
};

/// Identifies P18.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    if !facts::succeeded(seen) || !facts::from_outside(seen, known) || facts::is_content(seen, known) {
        return None;
    }
    // What insiders call elsewhere is somebody else's.
    if weir_model::internal(seen.exchange.flow.client.ip)
        && !weir_model::internal(seen.exchange.flow.server.ip)
    {
        return None;
    }
    let word = test_word(seen, known)?;
    let told = facts::given_out(seen).any(|(d, t)| d.level >= 2 && (facts::tells_of_person(t) || t.secret));
    let severity = if told { CARD.severity } else { CARD.severity.lowered() };
    let (host, place) = (known.site(seen.site).map_or("", |s| &s.host), facts::place(seen, known));
    Some(Sighting::of(&CARD, seen).of_site().severity(severity).say(
        both(
            format!("测试环境 {host} 可从公网调用"),
            format!("test environment {host} answers the internet"),
        ),
        both(
            format!("名称含“{word}”；{place} 响应 2xx"),
            format!("its name says `{word}`; {place} answered 2xx"),
        ),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    #[test]
    fn reports_what_the_internet_can_call() {
        let find = |c: Call| World::new().found(&mut detector(&Thresholds::default()), [c]);
        let told = |path: &str| call("GET", path).gives("cn_mobile", 1, 1).by(100);
        assert_eq!(find(told("/uat/c"))[0].severity, Severity::Medium);
        assert_eq!(find(call("GET", "/api-test/c").by(100))[0].severity, Severity::Low);
        assert!(find(told("/uat/c").by(1)).is_empty(), "from inside");
        assert!(find(told("/contest/c")).is_empty() && find(told("/api/v1/test")).is_empty());
        assert!(find(told("/uat/c").status(403)).is_empty());
    }
}
