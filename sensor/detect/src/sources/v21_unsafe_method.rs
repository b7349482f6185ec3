//! V21 Unsafe method (请求方式不当).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts, target};
use weir_exchange::{MediaKind, Request};
use weir_model::{
    Card, Finding, Group, Handling, Known, LoginOutcome, Observation, RiskType, Severity, Summary,
};

pub(super) static CARD: Card = Card {
    id: "V21",
    zh: "请求方式不当",
    en: "unsafe method",
    group: Group::Vulnerability,
    severity: Severity::Low,
    risks: &[RiskType(1), RiskType(2)],
    measures: &[Handling(14)],
    owasp: "API8:2023 CWE-650 CWE-598",
    basis: "CAICT 3.1.1",
    how_zh: "以 GET 改变状态（路径末段或操作参数为 delete、update、create 等动词，且 2xx 应答不是页面）、以 GET 登录、方法覆盖头生效（2xx）、TRACE、TRACK、PROPFIND 得到 2xx、以 PUT 写入脚本文件得到 2xx；按接口汇总。被拒绝的尝试、退出登录、HTML 表单页、常规 REST 的 PUT 与 DELETE 不报。",
    how_en: "A GET that changes state (a verb such as delete, update or create as last segment of the path or as operation parameter, and a 2xx reply that is no page), a login by GET, a method override that was honoured (2xx), TRACE, TRACK or PROPFIND answered 2xx, a script file put with 2xx; one finding an interface. Refused attempts, logouts, HTML forms and the PUT and DELETE of ordinary REST are not reported.",
};

/// Verbs that change something, as a whole word at the start or end of the path's last segment.
const VERBS: &[&str] = &[
    "delete", "remove", "del", "destroy", "drop", "purge", "update", "modify", "create", "insert", "save",
    "disable", "enable", "approve", "reset", "transfer",
];
/// Those that are nouns as well: alone they count only after the number of an object (`/users/5/reset`).
const NOUNS: &[&str] = &["update", "reset", "transfer", "enable", "disable"];
/// Parameters that name an operation, in plain form.
const OPERATION: &[&str] = &["action", "act", "op", "operation", "cmd", "command", "method", "do", "oper"];
/// Extensions that a server runs.
const SCRIPTS: &[&str] = &[".jsp", ".jspx", ".php", ".asp", ".aspx", ".ashx", ".cgi", ".sh"];

/// Identifies V21.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    let request = facts::request(seen)?;
    let how = unsafe_use(seen, request)?;
    let place = facts::place(seen, known);
    let status = seen.exchange.status().unwrap_or_default();
    Some(Sighting::of(&CARD, seen).say(
        both(format!("{place}：{}", how.zh), format!("{place}: {}", how.en)),
        both(format!("{}，状态 {status}", how.zh), format!("{}, status {status}", how.en)),
    ))
}

fn unsafe_use(seen: &Observation<'_>, request: &Request) -> Option<Summary> {
    let method = &*request.method;
    let get = matches!(method, "GET" | "HEAD");
    if get && request.login.is_some() && !facts::nothing_there(seen) {
        let ended = seen.login.is_some_and(|o| o != LoginOutcome::Unknown);
        if ended || seen.exchange.status().is_some_and(|s| s < 400) {
            return Some(both("以 GET 登录", "login by GET"));
        }
    }
    if !facts::succeeded(seen) {
        return None;
    }
    if let Some(other) = request.method_override.as_deref()
        && !other.eq_ignore_ascii_case(method)
    {
        return Some(both(
            format!("{method} 请求的方法覆盖 {other} 被接受"),
            format!("{method} overridden to {other} was honoured"),
        ));
    }
    match method {
        "TRACE" | "TRACK" | "PROPFIND" => {
            Some(both(format!("{method} 方法可用"), format!("method {method} is answered")))
        }
        "PUT" if SCRIPTS.iter().any(|e| target::path(&request.target).to_ascii_lowercase().ends_with(e)) => {
            Some(both("PUT 写入脚本文件", "a script file was put"))
        }
        "GET" if !is_page(seen) => {
            verb(request).map(|verb| both(format!("以 GET 执行 {verb}"), format!("{verb} by GET")))
        }
        _ => None,
    }
}

fn is_page(seen: &Observation<'_>) -> bool {
    let kind = facts::response(seen).map_or(MediaKind::None, |r| r.body.kind);
    matches!(kind, MediaKind::Html | MediaKind::Script | MediaKind::Media | MediaKind::Document)
}

/// The verb a GET names in the last segment of its path or in an operation parameter.
fn verb(request: &Request) -> Option<&'static str> {
    let path = target::path(&request.target);
    let words = words(path.rsplit('/').find(|s| !s.is_empty()).unwrap_or(""));
    let ends = [words.first(), words.last()];
    let of_object = words.len() > 1 || path.split('/').any(|s| s.starts_with(|c: char| c.is_ascii_digit()));
    let says =
        |verb: &str| ends.iter().flatten().any(|w| *w == verb) && (of_object || !NOUNS.contains(&verb));
    VERBS.iter().find(|v| says(v)).copied().or_else(|| {
        target::query(&request.target).find_map(|(name, value)| {
            let operation = OPERATION.contains(&target::plain_name(name).as_str());
            VERBS.iter().find(|v| operation && value.eq_ignore_ascii_case(v)).copied()
        })
    })
}

/// A segment's words in lower case: split at case changes, digits and separators; a file extension is left out.
fn words(segment: &str) -> Vec<String> {
    let stem = segment.split('.').next().unwrap_or("");
    let mut words = vec![String::new()];
    for c in stem.chars() {
        if !c.is_ascii_alphabetic() || c.is_ascii_uppercase() {
            words.push(String::new());
        }
        if c.is_ascii_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|w| !w.is_empty());
    words
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
    fn reports_changes_and_logins_by_get() {
        for target in [
            "/c/5/delete",
            "/deleteUser?id=5",
            "/user_remove",
            "/u.do?action=delete&id=5",
            "/createOrder",
            "/users/5/reset",
        ] {
            assert_eq!(found(call("GET", target)).len(), 1, "{target}");
        }
        let login = |o| call("GET", "/l?u=a&p=b").login("alice", 1, o);
        assert_eq!(found(login(LoginOutcome::Success)).len(), 1);
        assert_eq!(found(login(LoginOutcome::Failure).status(401)).len(), 1);
    }

    #[test]
    fn reports_odd_methods_and_honoured_overrides() {
        assert_eq!(found(call("TRACE", "/a")).len(), 1);
        assert_eq!(found(call("PROPFIND", "/a").status(207)).len(), 1);
        assert_eq!(found(call("PUT", "/up/x.jsp").status(201)).len(), 1);
        let over = || call("POST", "/a/5").req(|r| r.method_override = Some("DELETE".into()));
        assert_eq!(found(over()).len(), 1);
        assert!(found(over().status(404)).is_empty());
    }

    #[test]
    fn leaves_refusals_forms_nouns_and_rest_alone() {
        assert!(found(call("TRACE", "/a").status(405)).is_empty());
        assert!(found(call("GET", "/c/5/delete").status(403)).is_empty());
        assert!(found(call("GET", "/user/create").kind(MediaKind::Html)).is_empty());
        for target in [
            "/logout",
            "/updates",
            "/lastUpdatedItems",
            "/createdb",
            "/c?sort=update",
            "/deleted",
            "/model/5",
        ] {
            assert!(found(call("GET", target)).is_empty(), "{target}");
        }
        assert!(found(call("DELETE", "/c/5").status(204)).is_empty());
        assert!(found(call("PUT", "/c/5")).is_empty());
        assert!(found(call("GET", "/l").login("alice", 1, LoginOutcome::Unknown).status(404)).is_empty());
    }
}
