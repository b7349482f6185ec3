//! Credentials of requests, and those that responses issue.

use super::names::{self, Role};
use super::{bounded, jwt};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use weir_exchange::{Credential, CredentialKind, Fingerprinter, Part, Place, Text};
use weir_rules::FoldedName;

/// Most credentials kept of a message.
const MAX: usize = 8;
/// Domain of fingerprints: the same secret has the same fingerprint wherever it stands.
const DOMAIN: &str = "credential";
/// Shortest token taken for one.
const MIN_TOKEN: usize = 8;

/// Adds a credential, unless it is known or there are too many.
pub(crate) fn add(list: &mut Vec<Credential>, credential: Credential) {
    let known = |c: &Credential| {
        c.fingerprint == credential.fingerprint && c.place == credential.place && c.name == credential.name
    };
    if list.len() < MAX && !list.iter().any(known) {
        list.push(credential);
    }
}

/// A credential whose secret is `secret`; claims and account are read where it is a JWT.
fn credential(
    kind: CredentialKind,
    place: Place,
    name: &str,
    secret: &[u8],
    account: Option<Text>,
    fp: &Fingerprinter,
) -> Credential {
    let (jwt, named) = jwt::read(secret).map_or((None, None), |(facts, who)| (Some(facts), who));
    let (name, fingerprint) = (bounded(name.as_bytes(), 64), fp.of(DOMAIN, secret));
    Credential { kind, place, name, fingerprint, account: account.or(named), jwt }
}

/// The token behind `Bearer` or `Token`, where one stands before it.
fn bare_token(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    let mut words = value.splitn(2, |b| *b == b' ');
    match (words.next(), words.next()) {
        (Some(scheme), Some(rest))
            if [&b"bearer"[..], b"token", b"jwt"].iter().any(|s| scheme.eq_ignore_ascii_case(s)) =>
        {
            rest.trim_ascii()
        }
        _ => value,
    }
}

/// Reads `Authorization` or `Proxy-Authorization`.
pub(crate) fn authorization(
    list: &mut Vec<Credential>,
    place: Place,
    name: &str,
    value: &[u8],
    fp: &Fingerprinter,
) {
    let end = value.iter().position(|b| *b == b' ').unwrap_or(0);
    let (scheme, rest) = (value[..end].to_ascii_lowercase(), value[end..].trim_ascii());
    let made = match &scheme[..] {
        b"basic" => {
            let Ok(mut pair) = STANDARD.decode(rest) else { return };
            let user = &pair[..pair.iter().position(|b| *b == b':').unwrap_or(pair.len())];
            let account = (!user.is_empty()).then(|| bounded(user, jwt::MAX_ACCOUNT));
            let made = credential(CredentialKind::Basic, place, name, &pair, account, fp);
            pair.fill(0);
            made
        }
        b"digest" => {
            let as_parameters =
                [b";", &rest.iter().map(|b| if *b == b',' { b';' } else { *b }).collect::<Vec<_>>()[..]]
                    .concat();
            let get = |n: &[u8]| super::kind::parameter(&as_parameters, n).unwrap_or_default().to_vec();
            let (user, realm) = (get(b"username"), get(b"realm"));
            let account = (!user.is_empty()).then(|| bounded(&user, jwt::MAX_ACCOUNT));
            // The response differs each time: what stays is who, and where.
            credential(CredentialKind::Digest, place, name, &[&user[..], b":", &realm].concat(), account, fp)
        }
        b"negotiate" | b"ntlm" => credential(CredentialKind::Negotiate, place, name, rest, None, fp),
        _ => {
            let token = bare_token(value);
            if token.is_empty() {
                return;
            }
            credential(CredentialKind::Bearer, place, name, token, None, fp)
        }
    };
    add(list, made);
}

/// The login of a connection, by its account.
pub(crate) fn connection(list: &mut Vec<Credential>, account: &[u8], fp: &Fingerprinter) {
    let place = Place { response: false, part: Part::Header };
    let named = Some(bounded(account, jwt::MAX_ACCOUNT));
    add(list, credential(CredentialKind::Connection, place, "connection", account, named, fp));
}

/// Reads a header that may be a credential by its name; says whether it is.
pub(crate) fn header(
    list: &mut Vec<Credential>,
    place: Place,
    name: &str,
    value: &[u8],
    fp: &Fingerprinter,
) -> bool {
    if names::is_csrf(name) {
        return false;
    }
    let kind = match FoldedName::new(name).as_ref().and_then(names::role) {
        Some(Role::Token) => CredentialKind::Bearer,
        Some(Role::ApiKey) => CredentialKind::ApiKey,
        Some(Role::Signature) => CredentialKind::Signature,
        _ => return false,
    };
    let token = bare_token(value);
    if !token.is_empty() {
        add(list, credential(kind, place, name, token, None, fp));
    }
    true
}

/// Reads a cookie, sent or set; says whether it is a session.
pub(crate) fn cookie(
    list: &mut Vec<Credential>,
    place: Place,
    name: &str,
    value: &[u8],
    fp: &Fingerprinter,
) -> bool {
    let session = names::is_session(name, value);
    if session {
        let token = value.strip_prefix(b"Bearer%20").unwrap_or(value);
        add(list, credential(CredentialKind::SessionCookie, place, name, token, None, fp));
    }
    session
}

/// Reads a field of a query or body, by its role.
pub(crate) fn field(
    list: &mut Vec<Credential>,
    place: Place,
    name: &str,
    role: Role,
    value: &[u8],
    fp: &Fingerprinter,
) {
    let kind = match role {
        Role::Token => CredentialKind::TokenParam,
        Role::ApiKey => CredentialKind::ApiKey,
        Role::Signature => CredentialKind::Signature,
        Role::Password | Role::Account => return,
    };
    let token = bare_token(value);
    let plausible = token.len() >= MIN_TOKEN && !token.contains(&b' ') && !names::is_csrf(name);
    if plausible || (kind == CredentialKind::ApiKey && !token.is_empty()) {
        add(list, credential(kind, place, name, token, None, fp));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_secret_one_fingerprint() {
        let fp = Fingerprinter::new([3; 16]);
        let place = Place { response: false, part: Part::Header };
        let mut list = Vec::new();
        authorization(&mut list, place, "Authorization", b"Bearer abcdefgh12", &fp);
        authorization(&mut list, place, "a", b"Token abcdefgh12", &fp);
        authorization(&mut list, place, "b", b"abcdefgh12", &fp);
        header(&mut list, place, "X-Auth-Token", b"abcdefgh12", &fp);
        field(&mut list, place, "data.token", Role::Token, b"abcdefgh12", &fp);
        assert_eq!(list.len(), 5);
        assert!(list.iter().all(|c| c.fingerprint == list[0].fingerprint));
    }

    #[test]
    fn reads_accounts() {
        let fp = Fingerprinter::new([3; 16]);
        let place = Place { response: false, part: Part::Header };
        let mut list = Vec::new();
        authorization(&mut list, place, "Authorization", b"Basic YWxpY2U6c2VjcmV0", &fp);
        authorization(
            &mut list,
            place,
            "Authorization",
            b"Digest username=\"bob\", realm=\"r\", response=\"x\"",
            &fp,
        );
        let accounts: Vec<_> = list.iter().map(|c| c.account.as_deref()).collect();
        assert_eq!(accounts, [Some("alice"), Some("bob")]);
    }
}
