//! V28 Exposed admin, debug and documentation interfaces (管理、调试、文档接口暴露).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts, target};
use weir_exchange::{Part, SignalFamily};
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "V28",
    zh: "管理、调试、文档接口暴露",
    en: "exposed admin, debug or documentation interface",
    group: Group::Vulnerability,
    severity: Severity::High,
    risks: &[RiskType(1), RiskType(3)],
    measures: &[Handling(8)],
    owasp: "API8:2023 API9:2023 CWE-489 CWE-552 CWE-651",
    basis: "vendors' lists (internal interface exposed)",
    how_zh: "2xx 响应正文表明是管理、监控或调试接口（actuator、druid、heapdump、.git、目录列表等），或路径名为 debug 的接口给出口令等秘密或个人信息；按接口汇总，仅内部访问降一级。接口文档（OpenAPI、WSDL、GraphQL 内省）在内部是正常做法，仅从外部取得时报，且降两级。只有路径像而正文不像（单页应用的统一回退页）不报。",
    how_en: "The body of a 2xx reply shows an administration, monitoring or debugging interface (actuator, druid, heap dump, .git, directory listing, ...), or an interface whose path says debug gives out secrets or personal data; one finding an interface, one step less serious where the caller is internal. Interface documents (OpenAPI, WSDL, GraphQL introspection) are normal inside: they are reported only when fetched from outside, two steps less serious. A path that looks like a console without such a body (the catch-all page of an application) is not reported.",
};

/// Segments that name debugging, in plain form.
const DEBUG: &[&str] = &["debug", "debugger", "heapdump", "phpinfo"];
/// Parts of signal ids that stand for documents about interfaces.
const DOCUMENTS: &[&str] = &["openapi", "swagger", "wsdl", "docs", "knife4j", "redoc", "graphql", "doc."];

/// Identifies V28.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    if !facts::succeeded(seen) {
        return None;
    }
    let (zh, en, document) = console(seen).or_else(|| debug_with_secrets(seen))?;
    let severity = match (document, facts::from_outside(seen, known)) {
        (true, false) => return None,
        (true, true) => CARD.severity.lowered().lowered(),
        (false, _) => CARD.severity,
    };
    let place = facts::place(seen, known);
    Some(Sighting::of(&CARD, seen).severity(severity).weigh_exposure(known).say(
        both(format!("{place} 暴露{zh}"), format!("{place} exposes {en}")),
        both(format!("2xx 响应表明是{zh}"), format!("the 2xx reply shows {en}")),
    ))
}

/// A signal in the body: names, and whether it is a document about interfaces.
fn console(seen: &Observation<'_>) -> Option<(String, String, bool)> {
    let hits = facts::signals(seen, SignalFamily::ExposedConsole);
    let shown = hits.filter(|(hit, _)| hit.place.response && hit.place.part == Part::Body);
    let named = shown.map(|(_, kind)| {
        let document = DOCUMENTS.iter().any(|d| kind.id.contains(d));
        (kind.zh.to_string(), kind.en.to_string(), document)
    });
    named.min_by_key(|(_, _, document)| *document)
}

fn debug_with_secrets(seen: &Observation<'_>) -> Option<(String, String, bool)> {
    let (_, data_type) =
        facts::given_out(seen).find(|(d, t)| t.secret || facts::personal(t) && d.level >= 3)?;
    let path = target::path(&facts::request(seen)?.target);
    if !path.split('/').any(|s| DEBUG.contains(&target::plain_name(s).as_str())) {
        return None;
    }
    Some((
        format!("调试接口，含{}", data_type.zh),
        format!("a debugging interface with {}", data_type.en),
        false,
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_model::Findings;

    fn found(call: Call) -> Findings {
        World::new().found(&mut detector(&Thresholds::default()), [call])
    }

    #[test]
    fn reports_consoles_and_debugging_with_secrets() {
        let console = || call("GET", "/actuator/env").signal("console.actuator", true, Part::Body);
        assert_eq!(found(console())[0].severity, Severity::Medium);
        assert_eq!(found(console().by(100))[0].severity, Severity::High);
        assert_eq!(found(call("GET", "/users/_debug").gives("password", 1, 2)).len(), 1);
    }

    #[test]
    fn reports_documents_only_to_the_outside() {
        let document = || call("GET", "/openapi.json").signal("console.openapi", true, Part::Body);
        assert!(found(document()).is_empty());
        assert_eq!(found(document().by(100))[0].severity, Severity::Low);
    }

    #[test]
    fn believes_no_address_that_only_the_request_tells() {
        let told = call("GET", "/openapi.json").signal("console.openapi", true, Part::Body);
        assert!(found(told.req(|r| r.forwarded_for = "203.0.113.9".into())).is_empty());
    }

    #[test]
    fn leaves_refusals_and_mere_paths_alone() {
        assert!(found(call("GET", "/actuator").signal("console.actuator", false, Part::Path)).is_empty());
        assert!(
            found(call("GET", "/actuator").signal("console.actuator", true, Part::Body).status(403))
                .is_empty()
        );
        assert!(found(call("GET", "/debug")).is_empty());
    }
}
