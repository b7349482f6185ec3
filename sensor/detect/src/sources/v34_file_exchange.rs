//! V34 Weak file exchange interface (文件交换接口薄弱).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_exchange::Protocol;
use weir_model::{Card, Finding, Group, Handling, Known, LoginOutcome, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "V34",
    zh: "文件交换接口薄弱",
    en: "weak file exchange interface",
    group: Group::Vulnerability,
    severity: Severity::High,
    risks: &[RiskType(1)],
    measures: &[Handling(4), Handling(1)],
    owasp: "API8:2023 CWE-287 CWE-319 CWE-552",
    basis: "GB/T 46796-2025 A.2 b",
    how_zh: "以 FTP 提供文件交换的站点：匿名账号（anonymous、ftp）登录成功为高；未加密而完成的登录或文件传输为中；按站点汇总，匿名登录另计一条。登录失败、AUTH TLS 之后加密的连接不报。仅内部访问降一级。",
    how_en: "A site that exchanges files over FTP: high where an anonymous account (anonymous, ftp) logs in; medium where a login or a transfer succeeds in clear; one finding a site, and one of anonymous logins. Failed logins, and connections encrypted after AUTH TLS, are not reported. One step less serious where the caller is internal.",
};

/// Identifies V34.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    if seen.exchange.protocol != Protocol::Ftp || !seen.exchange.scheme.is_clear() || !facts::succeeded(seen)
    {
        return None;
    }
    let anonymous = seen.login == Some(LoginOutcome::Success) && facts::logs_in_as_anyone(seen);
    let host = known.site(seen.site).map_or("", |s| &s.host);
    let (severity, zh, en) = match anonymous {
        true => (CARD.severity, "允许匿名登录", "lets anonymous users in"),
        false => (CARD.severity.lowered(), "以明文 FTP 交换文件", "exchanges files over plain FTP"),
    };
    let place = facts::place(seen, known);
    // Of its own, so that it is not said in the words of the other.
    let account = anonymous.then_some("anonymous");
    Some(
        Sighting::of(&CARD, seen).of_site().of_account(account).severity(severity).weigh_exposure(known).say(
            both(format!("站点 {host} {zh}"), format!("site {host} {en}")),
            both(format!("{place} 成功"), format!("{place} succeeded")),
        ),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::Scheme;
    use weir_model::Findings;

    fn ftp(mut call: Call) -> Call {
        (call.exchange.protocol, call.exchange.scheme) = (Protocol::Ftp, Scheme::Ftp);
        call
    }

    fn found(call: Call) -> Findings {
        World::new().found(&mut detector(&Thresholds::default()), [call])
    }

    #[test]
    fn tells_anonymous_logins_from_plain_ones() {
        let login = |name| ftp(call("PASS", "/").login(name, 1, LoginOutcome::Success).status(230).by(100));
        assert_eq!(found(login("anonymous"))[0].severity, Severity::High);
        assert_eq!(found(login("anna"))[0].severity, Severity::Medium);
        assert_eq!(found(ftp(call("RETR", "/a.csv").status(226).by(100))).len(), 1);
    }

    #[test]
    fn leaves_failures_and_other_protocols_alone() {
        let refused = ftp(call("PASS", "/").login("anonymous", 1, LoginOutcome::Failure).status(530));
        assert!(found(refused).is_empty());
        assert!(found(call("GET", "/a.csv")).is_empty());
    }
}
