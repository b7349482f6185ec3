//! V06 Credential in URL, cookie or body (鉴权信息暴露).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts, target};
use weir_exchange::{CredentialKind, DataItem, DataType, Fingerprint, Part};
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "V06",
    zh: "鉴权信息暴露（URL、Cookie、响应）",
    en: "credential in URL, cookie or body",
    group: Group::Vulnerability,
    severity: Severity::Medium,
    risks: &[RiskType(1)],
    measures: &[Handling(10), Handling(14)],
    owasp: "API2:2023 API8:2023 CWE-598 CWE-522 CWE-200",
    basis: "CAICT 3.1.1",
    how_zh: "令牌、会话、密钥或口令出现在路径、查询串或 Referer 中，口令写入 Cookie，或响应回显请求中的口令；按接口汇总，口令升一级，仅内部访问降一级。请求签名、CSRF 令牌、分页游标、验证码与重置链接中的一次性参数不算凭证；应答表明接口不存在的请求不报。",
    how_en: "A token, session, key or password in path, query or Referer; a password in a cookie; or a reply that echoes the request's password; one finding an interface. One step more serious for passwords, one less where the caller is internal. Signatures, CSRF tokens, page cursors and one-time parameters of captchas and reset links are no credentials; requests answered as not there are not reported.",
};

/// Names that look like a credential's and are none, in plain form.
const INNOCENT: &[&str] = &[
    "csrf",
    "csrftoken",
    "csrfmiddlewaretoken",
    "xsrf",
    "xsrftoken",
    "authenticitytoken",
    "requestverificationtoken",
    "nexttoken",
    "pagetoken",
    "nextpagetoken",
    "cursor",
    "continuationtoken",
    "continuation",
    "synctoken",
    "next",
    "resettoken",
    "verifytoken",
    "confirmtoken",
    "activationtoken",
    "captchatoken",
    "captcha",
    "tokentype",
    "keyword",
    "publickey",
    "sitekey",
];

/// Identifies V06.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

/// What is exposed, and whether it is a password.
struct Exposed {
    zh: String,
    en: String,
    password: bool,
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    if facts::nothing_there(seen) {
        return None;
    }
    let found = password_in_url(seen).or_else(|| credential_in_url(seen));
    let found = found.or_else(|| secret_item(seen)).or_else(|| echoed(seen))?;
    let severity = if found.password { CARD.severity.raised() } else { CARD.severity };
    let place = facts::place(seen, known);
    Some(Sighting::of(&CARD, seen).severity(severity).weigh_exposure(known).say(
        both(
            format!("{place} 暴露鉴权信息：{}", found.zh),
            format!("{place} exposes a credential: {}", found.en),
        ),
        both(found.zh, found.en),
    ))
}

fn in_url(part: Part) -> bool {
    matches!(part, Part::Path | Part::Query)
}

fn password_in_url(seen: &Observation<'_>) -> Option<Exposed> {
    let login = facts::request(seen)?.login.as_ref()?;
    let part = login.place.part;
    (in_url(part) || part == Part::Cookie).then(|| Exposed {
        zh: format!("口令字段 {} 位于 {}", login.field, part.key()),
        en: format!("password field {} in the {}", login.field, part.key()),
        password: true,
    })
}

fn credential_in_url(seen: &Observation<'_>) -> Option<Exposed> {
    let credentials = &facts::request(seen)?.credentials;
    let exposed = credentials
        .iter()
        .find(|c| in_url(c.place.part) && c.kind != CredentialKind::Signature && !innocent(&c.name))?;
    Some(Exposed {
        zh: format!("凭证 {} 位于 {}", exposed.name, exposed.place.part.key()),
        en: format!("credential {} in the {}", exposed.name, exposed.place.part.key()),
        password: false,
    })
}

fn secret_item(seen: &Observation<'_>) -> Option<Exposed> {
    let exposed = |(d, t): &(&DataItem, &DataType)| {
        let referer = d.place.part == Part::Header && d.path.eq_ignore_ascii_case("referer");
        let password_cookie = d.place.part == Part::Cookie && &*t.id == "password";
        let stands = in_url(d.place.part) || referer || password_cookie;
        !d.place.response && stands && d.form.is_clear() && t.opens && !innocent(&d.path)
    };
    let (item, data_type) = facts::data(seen).find(exposed)?;
    Some(Exposed {
        zh: format!("{} 位于 {}（{}）", data_type.zh, item.place.part.key(), item.path),
        en: format!("{} in the {} ({})", data_type.en, item.place.part.key(), item.path),
        password: &*data_type.id == "password",
    })
}

/// A reply that holds the very password the request brought.
fn echoed(seen: &Observation<'_>) -> Option<Exposed> {
    let login = facts::request(seen)?.login.as_ref();
    let passwords = || facts::data(seen).filter(|(_, t)| &*t.id == "password");
    let sent = |value: &Fingerprint| {
        login.is_some_and(|l| l.password.fingerprint == *value)
            || passwords().any(|(d, _)| !d.place.response && d.values.contains(value))
    };
    let (item, _) = passwords().find(|(d, _)| d.place.response && d.values.iter().any(sent))?;
    Some(Exposed {
        zh: format!("响应字段 {} 回显请求中的口令", item.path),
        en: format!("response field {} echoes the request's password", item.path),
        password: true,
    })
}

fn innocent(name: &str) -> bool {
    INNOCENT.contains(&target::plain_name(name).as_str())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::Form;
    use weir_exchange::Place;
    use weir_model::{Findings, LoginOutcome};

    fn found(call: Call) -> Findings {
        World::new().found(&mut detector(&Thresholds::default()), [call])
    }

    #[test]
    fn reports_tokens_and_passwords_in_urls() {
        let token = call("GET", "/a?token=x").credential(CredentialKind::TokenParam, Part::Query, "token");
        assert_eq!(found(token)[0].severity, Severity::Low);
        let password = call("GET", "/l?pwd=x")
            .login("alice", 1, LoginOutcome::Success)
            .req(|r| r.login.as_mut().unwrap().place = Place { response: false, part: Part::Query });
        assert_eq!(found(password)[0].severity, Severity::Medium);
        assert_eq!(found(call("GET", "/a").item("jwt", false, Part::Path, Form::Plain, 1, 1)).len(), 1);
    }

    /// Which types open something is the packs' to say: any that does counts, and one that does not (the id of a key) does not.
    #[test]
    fn any_type_that_opens_something_counts() {
        let given = |id: &str| found(call("GET", "/a").item(id, false, Part::Query, Form::Plain, 1, 1)).len();
        let types = catalogue().data_types;
        assert!(types.iter().any(|t| t.opens));
        for t in &types {
            assert_eq!(given(&t.id), usize::from(t.opens), "{}", t.id);
        }
    }

    #[test]
    fn reports_an_echoed_password() {
        let login = || call("POST", "/l").login("alice", 77, LoginOutcome::Success);
        assert_eq!(found(login().gives("password", 77, 1)).len(), 1);
        assert!(found(login().gives("password", 78, 1)).is_empty());
    }

    #[test]
    fn leaves_what_is_no_credential_alone() {
        for name in ["csrf_token", "next_token", "pageToken", "cursor"] {
            let c = call("GET", "/a?x=y").credential(CredentialKind::TokenParam, Part::Query, name);
            assert!(found(c).is_empty(), "{name}");
        }
        assert!(
            found(call("GET", "/a").credential(CredentialKind::Bearer, Part::Header, "authorization"))
                .is_empty()
        );
        assert!(
            found(call("GET", "/a").credential(CredentialKind::Signature, Part::Query, "sign")).is_empty()
        );
        let gone = call("GET", "/a").credential(CredentialKind::ApiKey, Part::Query, "key").status(404);
        assert!(found(gone).is_empty());
    }
}
