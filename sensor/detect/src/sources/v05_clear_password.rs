//! V05 Plaintext password in transit (口令明文传输).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_exchange::{CredentialKind, PasswordShape};
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "V05",
    zh: "口令明文传输",
    en: "plaintext password in transit",
    group: Group::Vulnerability,
    severity: Severity::High,
    risks: &[RiskType(1)],
    measures: &[Handling(4), Handling(2)],
    owasp: "API2:2023 API8:2023 CWE-319 CWE-523",
    basis: "CAICT 3.1.1, 3.2.1",
    how_zh: "在未加密链路上，请求中的口令（登录、注册、改密或 Basic 鉴权）既非摘要也非密文；按接口汇总。摘要或密文口令、加密链路、以及应答表明接口不存在（404、405、410、501）的猜测不报。仅内部访问降一级。",
    how_en: "A password in a request (login, registration, change, or Basic authentication) over an unencrypted link that is neither a digest nor ciphertext; one finding an interface. Digested or encrypted passwords, encrypted links, and guesses answered 404, 405, 410 or 501 are not reported. One step less serious where the caller is internal.",
};

/// Identifies V05.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    if !seen.exchange.scheme.is_clear() || facts::nothing_there(seen) {
        return None;
    }
    let (zh, en) = clear_password(seen)?;
    let place = facts::place(seen, known);
    Some(Sighting::of(&CARD, seen).weigh_exposure(known).say(
        both(
            format!("{place} 在未加密链路上以明文接收口令"),
            format!("{place} takes passwords in clear over an unencrypted link"),
        ),
        both(zh, en),
    ))
}

/// Where a password stands in clear.
fn clear_password(seen: &Observation<'_>) -> Option<(String, String)> {
    let request = facts::request(seen)?;
    if let Some(login) = &request.login
        && login.password.shape == PasswordShape::Clear
    {
        let part = login.place.part.key();
        return Some((
            format!("登录请求的 {part} 字段 {} 为明文口令", login.field),
            format!("field {} in the {part} of the login is a password in clear", login.field),
        ));
    }
    let mut items = facts::data(seen);
    if let Some((item, _)) =
        items.find(|(d, t)| !d.place.response && &*t.id == "password" && d.form.is_clear())
    {
        let part = item.place.part.key();
        return Some((
            format!("请求的 {part} 字段 {} 为明文口令", item.path),
            format!("field {} in the {part} of the request is a password in clear", item.path),
        ));
    }
    let basic = request.credentials.iter().any(|c| c.kind == CredentialKind::Basic);
    let said = ("Basic 鉴权（仅 Base64 编码）", "Basic authentication (Base64 alone)");
    basic.then(|| (said.0.to_owned(), said.1.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::Form;
    use weir_exchange::Part;
    use weir_model::{Findings, LoginOutcome};

    fn found(call: Call) -> Findings {
        World::new().found(&mut detector(&Thresholds::default()), [call])
    }

    #[test]
    fn reports_clear_passwords_of_logins_other_requests_and_basic() {
        let login = call("POST", "/l").login("alice", 1, LoginOutcome::Failure);
        let change = call("PUT", "/p").item("password", false, Part::Body, Form::Plain, 1, 1);
        let basic = call("GET", "/a").credential(CredentialKind::Basic, Part::Header, "authorization");
        for c in [login, change, basic] {
            let f = found(c);
            assert_eq!((f.len(), f[0].key.id, f[0].key.interface.is_some()), (1, "V05", true));
        }
    }

    #[test]
    fn leaves_digests_tls_and_dead_paths_alone() {
        let login = || call("POST", "/l").login("alice", 1, LoginOutcome::Success);
        assert!(found(login().password(|p| p.shape = PasswordShape::Digested)).is_empty());
        assert!(found(login().https()).is_empty());
        assert!(found(login().status(404)).is_empty());
        assert!(found(call("PUT", "/p").item("password", false, Part::Body, Form::Hashed, 1, 1)).is_empty());
    }
}
