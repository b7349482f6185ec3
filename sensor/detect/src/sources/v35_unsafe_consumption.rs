//! V35 Unsafe consumption of a third-party interface (不安全的第三方接口使用).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts, internal};
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "V35",
    zh: "不安全的第三方接口使用",
    en: "unsafe consumption of a third-party interface",
    group: Group::Vulnerability,
    severity: Severity::Medium,
    risks: &[RiskType(6), RiskType(1)],
    measures: &[Handling(4), Handling(17)],
    owasp: "API10:2023 CWE-319 CWE-20",
    basis: "OWASP API Security Top 10 2023, API10",
    how_zh: "本方（内部地址）以未加密的链路调用外部（公网地址）的接口，携带凭证、或请求与响应中有 2 级以上明文个人信息；按站点和调用方汇总。外部接口证书无效而仍被使用、未经校验即使用其内容，须解密或应用侧日志，不在此判断；页面与静态内容不报。",
    how_en: "Our side (an internal address) calls an outside interface (a public address) over a link in clear, with a credential, or with personal data of grade 2 or above in clear either way; one finding a site and caller. That an invalid certificate was accepted, or content used unchecked, needs decryption or the application's logs and is not judged here; pages and static content are not reported.",
};

/// Identifies V35.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    let flow = &seen.exchange.flow;
    let outgoing = internal(flow.client.ip) && !internal(flow.server.ip);
    if !outgoing
        || !seen.exchange.scheme.is_clear()
        || !facts::succeeded(seen)
        || facts::is_content(seen, known)
    {
        return None;
    }
    let told =
        facts::data(seen).find(|(d, t)| d.form.is_clear() && d.level >= 2 && facts::tells_of_person(t));
    let (zh, en) = match told {
        Some((_, t)) => (t.zh.to_string(), t.en.to_string()),
        None if seen.authenticated => ("访问凭证".into(), "a credential".into()),
        None => return None,
    };
    let (host, place) = (known.site(seen.site).map_or("", |s| &s.host), facts::place(seen, known));
    let scheme = seen.exchange.scheme.key();
    Some(Sighting::of(&CARD, seen).of_site().by_caller().say(
        both(
            format!("以明文调用外部接口 {host}"),
            format!("the outside interface {host} is called in clear"),
        ),
        both(format!("{scheme} {place} 携带{zh}"), format!("{scheme} {place} carries {en}")),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    #[test]
    fn reports_outgoing_calls_in_clear() {
        let found = |server: [u8; 4], c: Call| {
            let mut c = c;
            c.exchange.flow.server.ip = server.into();
            World::new().found(&mut detector(&Thresholds::default()), [c])
        };
        let told = || call("GET", "/v1/verify").gives("cn_name", 1, 1);
        assert_eq!(found([93, 184, 216, 34], told())[0].severity, Severity::Medium);
        assert_eq!(found([93, 184, 216, 34], call("GET", "/v1").signed_in()).len(), 1);
        assert!(found([93, 184, 216, 34], told().https()).is_empty());
        assert!(found([93, 184, 216, 34], call("GET", "/v1")).is_empty(), "nothing of worth");
        assert!(found([10, 0, 1, 1], told()).is_empty(), "our own");
    }
}
