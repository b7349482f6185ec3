//! Masking of what comes from the wire as text: request targets and names.
//!
//! The rule is to mask when in doubt. Replaced text becomes `***` whatever its length.

use std::borrow::Cow;
use weir_exchange::{Exchange, Part, Request};
use weir_model::form_decoded;

/// What stands for a masked value.
const MASKED: &str = "***";
/// Parameters whose values are secrets whatever was found: names that contain one of these (lower case, without `-` and `_`) ...
const SECRET_PARTS: [&str; 15] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "token",
    "secret",
    "signature",
    "apikey",
    "appkey",
    "accesskey",
    "session",
    "credential",
    "authorization",
    "jwt",
    "ticket",
];
/// ... or equal one of these.
const SECRET_NAMES: [&str; 9] = ["sign", "sig", "pass", "auth", "key", "sid", "mima", "captcha", "otp"];
/// Digits in a row from which a name is taken to hold a value.
const DIGITS_IN_NAME: usize = 6;
/// Longest path segment that passes as a word.
const WORD: usize = 24;

/// A request's target with the values of sensitive parameters and path segments replaced.
///
/// Masked are: user information of an absolute target; values of parameters whose names say secret; values of parameters that
/// a finding, a credential or a login names, or all values of the query where the name is not among them; where something was
/// found in the path, every segment that is not a plain lower-case word.
pub(crate) fn mask_target<'a>(exchange: &Exchange, request: &'a Request) -> Cow<'a, str> {
    let (named, in_path) = findings(exchange, request);
    let target = &*request.target;
    let (head, rest) = split_authority(target);
    let (path, query) = match rest.find(['?', '#']) {
        Some(i) => (&rest[..i], &rest[i..]),
        None => (rest, ""),
    };
    let head = match head.find("://").and_then(|i| head.rfind('@').map(|j| (i + 3, j))) {
        Some((from, at)) if from <= at => Cow::Owned(format!("{}{MASKED}{}", &head[..from], &head[at..])),
        _ => Cow::Borrowed(head),
    };
    let (path, query) = (mask_path(path, in_path), mask_query(query, &named));
    if matches!((&head, &path, &query), (Cow::Borrowed(_), Cow::Borrowed(_), Cow::Borrowed(_))) {
        return Cow::Borrowed(target);
    }
    Cow::Owned(format!("{head}{path}{query}"))
}

/// Names of query parameters that hold something, and whether the path does.
fn findings<'e>(exchange: &'e Exchange, request: &'e Request) -> (Vec<&'e str>, bool) {
    let data = exchange.data.iter().map(|d| (d.place, &*d.path));
    let credentials = request.credentials.iter().map(|c| (c.place, &*c.name));
    let login = request.login.iter().map(|l| (l.place, &*l.field));
    let (mut named, mut in_path) = (Vec::new(), false);
    for (place, name) in data.chain(credentials).chain(login).filter(|(place, _)| !place.response) {
        match place.part {
            Part::Query => named.push(name),
            Part::Path => in_path = true,
            Part::Header | Part::Cookie | Part::Body => {}
        }
    }
    (named, in_path)
}

/// Scheme and authority of an absolute target, and the rest.
fn split_authority(target: &str) -> (&str, &str) {
    match target.find("://") {
        Some(i) if !target[..i].contains(['/', '?', '#']) => {
            let from = i + 3;
            let end = target[from..].find(['/', '?', '#']).map_or(target.len(), |j| from + j);
            target.split_at(end)
        }
        _ => ("", target),
    }
}

fn mask_path(path: &str, found: bool) -> Cow<'_, str> {
    let parts = || path.split('/').map(|segment| mask_segment(segment, found));
    if parts().all(|p| matches!(p, Cow::Borrowed(_))) {
        return Cow::Borrowed(path);
    }
    Cow::Owned(parts().collect::<Vec<_>>().join("/"))
}

/// One segment. Matrix parameters (`;jsessionid=...`) lose their values always, tokens (`eyJ...`) too.
fn mask_segment(segment: &str, found: bool) -> Cow<'_, str> {
    let (name, matrix) = segment.split_once(';').map_or((segment, None), |(n, m)| (n, Some(m)));
    let hide = (found && !is_word(name)) || is_token(name);
    if !hide && matrix.is_none() {
        return Cow::Borrowed(segment);
    }
    let mut out = String::from(if hide { MASKED } else { name });
    if let Some((key, _)) = matrix.map(|m| m.split_once('=').unwrap_or((m, ""))) {
        out.push(';');
        out.push_str(if is_word(key) { key } else { MASKED });
        out.push('=');
        out.push_str(MASKED);
    }
    Cow::Owned(out)
}

fn is_word(segment: &str) -> bool {
    segment.len() <= WORD && segment.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_'))
}

fn is_token(text: &str) -> bool {
    text.starts_with("eyJ")
}

fn mask_query<'q>(query: &'q str, named: &[&str]) -> Cow<'q, str> {
    if query.len() < 2 {
        return Cow::Borrowed(query);
    }
    let pairs = || query[1..].split(['&', '#']);
    // A finding whose parameter cannot be told by name puts every value in doubt.
    let all = named.iter().any(|n| !pairs().any(|p| p.contains('=') && names(p, n)));
    let hides = |pair: &str| {
        all || !named.is_empty() && !pair.contains('=')
            || is_secret(pair)
            || named.iter().any(|n| names(pair, n))
    };
    if !pairs().any(hides) {
        return Cow::Borrowed(query);
    }
    let mut out = String::with_capacity(query.len());
    let mut rest = query;
    while !rest.is_empty() {
        let (mark, tail) = rest.split_at(1);
        let (pair, next) = tail.split_at(tail.find(['&', '#']).unwrap_or(tail.len()));
        out.push_str(mark);
        match pair.split_once('=') {
            _ if !hides(pair) => out.push_str(pair),
            Some((key, value)) => {
                out.push_str(&mask_name(key));
                out.push('=');
                out.push_str(if value.is_empty() { "" } else { MASKED });
            }
            None => out.push_str(if pair.is_empty() { "" } else { MASKED }),
        }
        rest = next;
    }
    Cow::Owned(out)
}

/// Whether the pair's name is `name`, or the first part of the field path `name` (`filter` of `filter.idCard`).
fn names(pair: &str, name: &str) -> bool {
    let key = form_decoded(pair.split_once('=').map_or(pair, |(k, _)| k));
    let first = name.split(['.', '[']).next().unwrap_or(name);
    [name, first].iter().any(|n| !n.is_empty() && form_decoded(n).eq_ignore_ascii_case(&key))
}

fn is_secret(pair: &str) -> bool {
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    let mut plain = form_decoded(key).to_ascii_lowercase();
    plain.retain(|c| !matches!(c, '-' | '_' | '.'));
    is_token(value)
        || SECRET_NAMES.contains(&plain.as_str())
        || SECRET_PARTS.iter().any(|part| plain.contains(part))
}

/// A name or field path from the wire with whatever looks like a value in it replaced: objects are sometimes keyed by values
/// (`{"13800138000":{...}}`). Digits in rows of six or more become `*`; a name with `@` or a token is masked whole.
pub(crate) fn mask_name(name: &str) -> String {
    if name.contains('@') || name.contains("%40") || is_token(name) {
        return MASKED.into();
    }
    let mut out = String::with_capacity(name.len());
    let mut digits = 0;
    for c in name.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits += 1;
            out.push(c);
            continue;
        }
        if digits >= DIGITS_IN_NAME {
            out.truncate(out.len() - digits);
            out.push_str(MASKED);
        }
        digits = 0;
        if c != '\0' {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_lose_what_is_named() {
        let mask = |q, named: &[&str]| mask_query(q, named).into_owned();
        assert_eq!(mask("?a=1&phone=138&b=2", &["phone"]), "?a=1&phone=***&b=2");
        assert_eq!(mask("?a=1&b=2", &[]), "?a=1&b=2");
        assert_eq!(mask("?a=1&b=2", &["gone"]), "?a=***&b=***", "a name not found puts all in doubt");
        assert_eq!(mask("?13800138000", &[""]), "?***");
        assert_eq!(mask("?a=1&13800138000", &["a"]), "?a=***&***");
        assert_eq!(mask("?%70hone=1&PHONE=2", &["phone"]), "?%70hone=***&PHONE=***");
        assert_eq!(mask("?filter=%7B%7D&x=1", &["filter.idCard"]), "?filter=***&x=1");
        assert_eq!(mask("?user=bob&passWord=x&pwd=", &[]), "?user=bob&passWord=***&pwd=");
        assert_eq!(mask("?access_token=x&sign=y&design=z", &[]), "?access_token=***&sign=***&design=z");
        assert_eq!(mask("?x=eyJhbGci.e30.x#frag", &[]), "?x=***#frag");
        assert_eq!(mask("?a=1==2&b&&=3", &["a"]), "?a=***&***&&=***".replace("&&=***", "&&=3"));
        assert_eq!(mask("?", &["a"]), "?");
    }

    #[test]
    fn paths_lose_what_is_no_word() {
        let mask = |p, found| mask_path(p, found).into_owned();
        assert_eq!(mask("/api/v1/people/13800138000/detail", true), "/api/***/people/***/detail");
        assert_eq!(mask("/api/v1/people/13800138000", false), "/api/v1/people/13800138000");
        assert_eq!(mask("/p/AKIAABCDEFGHIJKLMNOP", true), "/p/***");
        assert_eq!(mask("/p/%E5%BC%A0%E4%B8%89", true), "/p/***");
        assert_eq!(mask("/p;jsessionid=ABC/x", false), "/p;jsessionid=***/x");
        assert_eq!(mask("/verify/eyJhbGci.e30.x", false), "/verify/***");
    }

    #[test]
    fn absolute_targets_lose_user_information() {
        let (head, rest) = split_authority("http://u:p@h.example:80/a?b=http://x@y/");
        assert_eq!((head, rest), ("http://u:p@h.example:80", "/a?b=http://x@y/"));
        assert_eq!(split_authority("/a?u=http://x/"), ("", "/a?u=http://x/"));
        assert_eq!(split_authority("http://h"), ("http://h", ""));
    }

    #[test]
    fn names_lose_values() {
        assert_eq!(mask_name("data.list[].idCard"), "data.list[].idCard");
        assert_eq!(mask_name("data.13800138000.phone"), "data.***.phone");
        assert_eq!(mask_name("p123456"), "p***");
        assert_eq!(mask_name("p12345"), "p12345");
        assert_eq!(mask_name("users.a@b.c"), "***");
        assert_eq!(mask_name("姓名"), "姓名");
    }
}
