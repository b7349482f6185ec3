//! V25 Verbose errors (错误信息泄露).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_exchange::{MediaKind, SignalFamily};
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "V25",
    zh: "错误信息泄露",
    en: "verbose errors",
    group: Group::Vulnerability,
    severity: Severity::Low,
    risks: &[RiskType(1)],
    measures: &[Handling(14)],
    owasp: "API8:2023 CWE-209 CWE-497",
    basis: "GB/T 46796-2025 7.1 c 4",
    how_zh: "4xx、5xx 响应含堆栈、SQL 错误、调试页、服务器路径或组件版本；2xx 响应须为 JSON、XML，或同时命中两种特征（调试页以 200 返回）。按接口汇总；同一响应命中两种以上特征升一级。2xx 的文档、文章与脚本中提到堆栈不报。",
    how_en: "A 4xx or 5xx reply with a stack trace, SQL error, debug page, server path or component version; a 2xx reply counts where it is JSON or XML or shows two such signs (a debug page sent as 200). One finding an interface; one step more serious where one reply shows two signs or more. Documents, articles and scripts that speak of stack traces in a 2xx reply are not reported.",
};

/// Identifies V25.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    let response = facts::response(seen)?;
    let mut signs: Vec<_> =
        facts::signals(seen, SignalFamily::ErrorDisclosure).filter(|(hit, _)| hit.place.response).collect();
    signs.sort_by_key(|(hit, _)| hit.signal);
    signs.dedup_by_key(|(hit, _)| hit.signal);
    let (first, kind) = signs.first()?;
    let counts = match response.status {
        400.. => true,
        200..300 => {
            let read_by_programs = matches!(response.body.kind, MediaKind::Json | MediaKind::Xml);
            read_by_programs || signs.len() > 1 && response.body.kind == MediaKind::Html
        }
        _ => false,
    };
    if !counts {
        return None;
    }
    let severity = if signs.len() > 1 { CARD.severity.raised() } else { CARD.severity };
    let place = facts::place(seen, known);
    let status = response.status;
    Some(Sighting::of(&CARD, seen).severity(severity).say(
        both(
            format!("{place} 的错误响应泄露内部信息：{}", kind.zh),
            format!("{place} discloses internals in errors: {}", kind.en),
        ),
        both(
            format!("状态 {status}，{}：{}", kind.zh, first.excerpt),
            format!("status {status}, {}: {}", kind.en, first.excerpt),
        ),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::Part;
    use weir_model::Findings;

    fn found(call: Call) -> Findings {
        World::new().found(&mut detector(&Thresholds::default()), [call])
    }

    #[test]
    fn reports_errors_and_debug_pages() {
        let one = || call("GET", "/a").signal("error.trace", true, Part::Body);
        assert_eq!(found(one().status(500))[0].severity, Severity::Low);
        assert_eq!(found(one()).len(), 1, "JSON with 200");
        let page = one().signal("error.path", true, Part::Body).kind(MediaKind::Html);
        assert_eq!(found(page)[0].severity, Severity::Medium);
    }

    #[test]
    fn leaves_articles_and_requests_alone() {
        let article = call("GET", "/blog").signal("error.trace", true, Part::Body).kind(MediaKind::Html);
        assert!(found(article.clone()).is_empty());
        assert!(found(article.status(302)).is_empty());
        assert!(found(call("POST", "/a").signal("error.trace", false, Part::Body).status(500)).is_empty());
    }
}
