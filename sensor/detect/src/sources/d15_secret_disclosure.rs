//! D15 Secret disclosure (凭据、密钥、配置泄露).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_exchange::{DataItem, DataType, Effect, Form, Part};
use weir_model::{Card, Finding, Group, Handling, Known, LoginOutcome, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "D15",
    zh: "凭据、密钥、配置泄露",
    en: "secret disclosure",
    group: Group::Disclosure,
    severity: Severity::High,
    risks: &[RiskType(1)],
    measures: &[Handling(10), Handling(8)],
    owasp: "API8:2023 CWE-522 CWE-538",
    basis: "GB/T 46796-2025 7.3.2.2; vendors' lists of sensitive types",
    how_zh: "响应正文含可用凭据：私钥、云密钥、数据库连接串、应用密钥、口令或口令散列；按接口汇总，仅内部访问降一级。登录签发给本人的令牌、会话与一次性口令属正常，不报（一次响应含 3 个以上不同令牌时除外）；回显本人刚提交的值属 V06，不报；HTML 页面中仅凭字段名认出的口令与密钥（表单、调试页的星号）不报。",
    how_en: "A secret that opens something in the body of a reply: private key, cloud key, database connection string, application secret, password or password hash; one finding an interface, one step less serious where the caller is internal. Tokens, sessions and one-time codes issued to their owner are normal and not reported, unless one reply holds three different ones or more; what merely comes back from the request is V06; passwords and keys told by a field's name alone inside HTML (forms, starred settings of debug pages) are not reported.",
};

/// Types that are issued in the course of normal work.
const ISSUED: &[&str] =
    &["jwt", "bearer", "token_key", "session_cookie", "basic_auth", "otp", "security_qa", "wechat_appid"];
/// Different tokens in one reply from which they are not the caller's own.
const OTHERS_TOKENS: usize = 3;
const CONFIDENT: u8 = 50;

/// Identifies D15.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    let disclosed = facts::data(seen).filter(|(d, t)| discloses(seen, d, t));
    let (item, data_type) = disclosed.max_by_key(|(d, _)| (d.level, d.count))?;
    let place = facts::place(seen, known);
    let count = item.count;
    let outside = facts::from_outside(seen, known) && !seen.authenticated;
    Some(Sighting::of(&CARD, seen).shows(Effect::Disclosed, outside).weigh_exposure(known).say(
        both(
            format!("{place} 的响应泄露{}", data_type.zh),
            format!("{place} gives out secrets: {}", data_type.en),
        ),
        both(
            format!("响应字段 {}：{} {count} 个", item.path, data_type.zh),
            format!("response field {}: {count} of {}", item.path, data_type.en),
        ),
    ))
}

fn discloses(seen: &Observation<'_>, item: &DataItem, data_type: &DataType) -> bool {
    let form = match item.form {
        Form::Plain | Form::Encoded => true,
        Form::Hashed => matches!(&*data_type.id, "password" | "password_hash"),
        Form::Masked | Form::Encrypted => false,
    };
    let in_body = item.place.response && item.place.part == Part::Body;
    if !in_body || !form || !data_type.secret || item.confidence < CONFIDENT {
        return false;
    }
    if facts::named_in_page(seen, data_type) {
        return false;
    }
    if ISSUED.contains(&&*data_type.id) {
        return item.values.len() >= OTHERS_TOKENS;
    }
    // A login's reply may hold application keys meant for the caller, but never another secret.
    if &*data_type.id == "api_secret_key" && seen.login == Some(LoginOutcome::Success) {
        return false;
    }
    facts::new_to_caller(seen, item) > 0 && !is_own_password(seen, item)
}

fn is_own_password(seen: &Observation<'_>, item: &DataItem) -> bool {
    let login = facts::request(seen).and_then(|r| r.login.as_ref());
    login.is_some_and(|l| item.values.iter().all(|v| *v == l.password.fingerprint) && !item.values.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::MediaKind;
    use weir_model::Findings;

    fn found(call: Call) -> Findings {
        World::new().found(&mut detector(&Thresholds::default()), [call])
    }

    #[test]
    fn reports_keys_passwords_and_hashes() {
        assert_eq!(found(call("GET", "/.env").gives("private_key", 1, 1)).len(), 1);
        assert_eq!(found(call("GET", "/u").gives("password", 1, 3)).len(), 1);
        assert_eq!(
            found(call("GET", "/u").item("password_hash", true, Part::Body, Form::Hashed, 1, 1)).len(),
            1
        );
        assert_eq!(found(call("GET", "/sessions").gives("jwt", 1, 3)).len(), 1);
    }

    #[test]
    fn leaves_issued_tokens_echoes_and_masked_secrets_alone() {
        assert!(found(call("POST", "/l").gives("jwt", 1, 2)).is_empty());
        assert!(found(call("GET", "/l").gives("password", 1, 1).kind(MediaKind::Html)).is_empty());
        let login = call("POST", "/l").login("alice", 9, LoginOutcome::Success);
        assert!(found(login.gives("password", 9, 1)).is_empty());
        let register = call("POST", "/r").item("password", false, Part::Body, Form::Plain, 4, 1);
        assert!(found(register.gives("password", 4, 1)).is_empty());
        assert!(found(call("GET", "/u").item("password", true, Part::Body, Form::Masked, 1, 1)).is_empty());
        assert!(
            found(call("POST", "/u").item("private_key", false, Part::Body, Form::Plain, 1, 1)).is_empty()
        );
    }
}
