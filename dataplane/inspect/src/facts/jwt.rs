//! JSON Web Tokens (RFC 7519): claims are read, signatures are not verified.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use weir_exchange::{JwtFacts, Text};
use weir_wire::Timestamp;

/// Longest token whose claims are read.
const MAX: usize = 8 * 1024;
/// Longest account kept, in bytes.
pub(crate) const MAX_ACCOUNT: usize = 128;

/// Claims and account of a token; `None` where it is no JWT.
pub(crate) fn read(token: &[u8]) -> Option<(JwtFacts, Option<Text>)> {
    if !token.starts_with(b"eyJ") || token.len() > MAX {
        return None;
    }
    let mut parts = token.split(|b| *b == b'.');
    let mut object = || -> Option<Value> {
        let part = parts.next()?;
        let unpadded = &part[..part.iter().position(|b| *b == b'=').unwrap_or(part.len())];
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(unpadded).ok()?).ok()
    };
    let (header, claims) = (object()?, object()?);
    let time = |name: &str| {
        let secs = claims.get(name)?.as_f64()?;
        (secs > 0.0 && secs < 1e11).then(|| Timestamp::from_secs_nanos(secs as u64, 0))
    };
    let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or_default();
    let facts = JwtFacts {
        algorithm: super::bounded(algorithm.as_bytes(), 16),
        issued: time("iat"),
        expires: time("exp"),
    };
    Some((facts, account(&claims)))
}

fn account(claims: &Value) -> Option<Text> {
    const NAMES: [&str; 12] = [
        "username",
        "preferred_username",
        "user_name",
        "login",
        "loginName",
        "account",
        "name",
        "email",
        "unique_name",
        "upn",
        "sub",
        "user_id",
    ];
    let text = |v: &Value| match v {
        Value::String(s) if !s.is_empty() => Some(super::bounded(s.as_bytes(), MAX_ACCOUNT)),
        Value::Number(n) => Some(n.to_string().into()),
        _ => None,
    };
    NAMES.iter().find_map(|n| text(claims.get(n)?)).or_else(|| {
        let inner = ["user", "data", "identity", "sub"]
            .iter()
            .find_map(|n| claims.get(n).filter(|v| v.is_object()))?;
        NAMES.iter().find_map(|n| text(inner.get(n)?))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn reads_claims() {
        let part = |s: &str| URL_SAFE_NO_PAD.encode(s);
        let token = format!(
            "{}.{}.sig",
            part(r#"{"alg":"HS256"}"#),
            part(r#"{"sub":"u1","exp":1700000000,"iat":1.5e9}"#)
        );
        let (facts, account) = read(token.as_bytes()).unwrap();
        assert_eq!((&*facts.algorithm, account.as_deref()), ("HS256", Some("u1")));
        assert_eq!(facts.expires, Some(Timestamp::from_secs_nanos(1_700_000_000, 0)));
        assert_eq!(read(b"eyJh.x.y"), None);
    }
}
