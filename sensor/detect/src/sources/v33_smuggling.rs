//! V33 Request smuggling (HTTP 解析歧义).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_exchange::{Anomaly, Protocol};
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "V33",
    zh: "HTTP 解析歧义",
    en: "request smuggling",
    group: Group::Vulnerability,
    severity: Severity::Medium,
    risks: &[RiskType(2)],
    measures: &[Handling(14)],
    owasp: "API8:2023 CWE-444",
    basis: "RFC 9112, 6.3 and 11.2",
    how_zh: "HTTP/1.1 的请求同时带 Content-Length 与 Transfer-Encoding，或带多个不同的 Content-Length，而服务端以 2xx 或 3xx 接受：前后两级解析可能不一致，可被夹带请求；按站点汇总，仅内部访问降一级。以 400、501 等拒绝、未见请求正文（歧义可能在响应一侧）的不报。",
    how_en: "A request of HTTP/1.1 has Content-Length together with Transfer-Encoding, or several different Content-Length, and the server takes it with 2xx or 3xx: two parsers in a row may differ on where it ends, so that a request can be smuggled in. One finding a site, one step less serious where the caller is internal. What is refused (400, 501) and requests without a body, where the response may be the odd one, are not reported.",
};

/// Identifies V33.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    let anomalies = seen.exchange.anomalies;
    if anomalies.is_empty() || seen.exchange.protocol != Protocol::Http11 {
        return None;
    }
    let found = [Anomaly::LengthAndChunked, Anomaly::ConflictingLengths];
    let anomaly = found.into_iter().find(|a| anomalies.contains(*a))?;
    let asked = facts::request(seen).is_some_and(|r| r.body.wire_bytes > 0);
    let accepted = seen.exchange.status().is_some_and(|s| (200..400).contains(&s));
    if !asked || !accepted {
        return None;
    }
    let (host, place, key) =
        (known.site(seen.site).map_or("", |s| &s.host), facts::place(seen, known), anomaly.key());
    Some(Sighting::of(&CARD, seen).of_site().weigh_exposure(known).say(
        both(
            format!("站点 {host} 接受长度有歧义的请求"),
            format!("site {host} takes requests whose length is ambiguous"),
        ),
        both(format!("{place}：{key}，被接受"), format!("{place}: {key}, accepted")),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    #[test]
    fn reports_ambiguous_lengths_that_are_taken() {
        let found = |c: Call| World::new().found(&mut detector(&Thresholds::default()), [c.by(100)]);
        let odd = |anomaly: Anomaly, bytes: u64| {
            let mut c = call("POST", "/a").req(|r| r.body.wire_bytes = bytes);
            c.exchange.anomalies.insert(anomaly);
            c
        };
        assert_eq!(found(odd(Anomaly::LengthAndChunked, 9))[0].severity, Severity::Medium);
        assert_eq!(found(odd(Anomaly::ConflictingLengths, 9)).len(), 1);
        assert!(found(odd(Anomaly::LengthAndChunked, 9).status(400)).is_empty());
        assert!(found(odd(Anomaly::LengthAndChunked, 0)).is_empty(), "of the response");
        assert!(found(odd(Anomaly::BareLf, 9)).is_empty());
    }
}
