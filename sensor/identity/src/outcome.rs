//! How a login attempt ended, from the facts of its reply and what the site did before.

use crate::names;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::{
    Catalogue, Credential, CredentialKind, Exchange, MediaKind, ParamPlace, Part, Request, Response,
    SignalFamily,
};
use weir_model::LoginOutcome;

/// Most cookie names learned of a site.
const NAMES: usize = 32;

/// How a site behaves around logins.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Habit {
    /// Successful logins that were answered with a token in the body or a header.
    pub with_token: u64,
    /// Successful logins that were answered with a redirect.
    pub with_redirect: u64,
    cookies: BTreeMap<Box<str>, CookieHabit>,
}

/// When a site hands out a session cookie.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct CookieHabit {
    at_login: u64,
    to_anyone: u64,
}

impl Habit {
    /// Takes in that a session cookie was handed out.
    pub fn handed_out(&mut self, name: &str, at_login: bool) {
        if !self.cookies.contains_key(name) && self.cookies.len() >= NAMES {
            return;
        }
        let habit = self.cookies.entry(name.into()).or_default();
        if at_login {
            habit.at_login += 1;
        } else {
            habit.to_anyone += 1;
        }
    }
    /// Whether cookies of this name are given to anyone and no login was seen to give one.
    pub fn is_anonymous(&self, name: &str) -> bool {
        self.cookies.get(name).is_some_and(|h| h.to_anyone > 0 && h.at_login == 0)
    }
    fn given_to_anyone(&self, name: &str) -> bool {
        self.cookies.get(name).is_some_and(|h| h.to_anyone > 0)
    }
}

/// Whether a request that carries a password is an attempt to log in: not one to register or to change a password.
pub(crate) fn is_attempt(request: &Request) -> bool {
    let Some(login) = &request.login else { return false };
    if names::is_login_path(&request.target) || login.place.part == Part::Header {
        return true;
    }
    let field = login.field.to_ascii_lowercase();
    let changes = ["new", "old", "confirm", "current", "repeat", "again"].iter().any(|w| field.contains(w));
    let passwords = request.params.iter().filter(|p| p.name.to_ascii_lowercase().contains("passw")).count();
    let about_person = |name: &str| {
        let leaf = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        [
            "email", "mobile", "phone", "nickname", "realname", "name", "role", "dept", "address", "sex",
            "gender",
        ]
        .contains(&&*leaf)
    };
    let profile =
        request.params.iter().filter(|p| p.place == ParamPlace::Body && about_person(p.name)).count();
    !names::is_registration_path(&request.target)
        && !changes
        && passwords <= 1
        && profile <= 1
        && matches!(&*request.method, "POST" | "GET" | "PUT")
}

/// Whether a credential issued in a reply is a token that a login earns, other than a cookie.
pub(crate) fn is_token(c: &Credential) -> bool {
    matches!(c.kind, CredentialKind::Bearer | CredentialKind::TokenParam | CredentialKind::ApiKey)
        && c.place.part != Part::Cookie
        && !names::is_csrf(&c.name)
}

/// Whether a credential is a session cookie.
pub(crate) fn is_session(c: &Credential) -> bool {
    c.kind == CredentialKind::SessionCookie && !names::is_csrf(&c.name)
}

/// How the attempt of `x` ended.
pub(crate) fn outcome(x: &Exchange, request: &Request, habit: &Habit, catalogue: &Catalogue) -> LoginOutcome {
    let Some(reply) = &x.response else { return LoginOutcome::Unknown };
    if x.protocol.is_session() {
        return of_session(reply.status);
    }
    match reply.status {
        100..=199 | 500.. => return LoginOutcome::Unknown,
        400..=499 => return LoginOutcome::Failure,
        _ => {}
    }
    if reply.issued.iter().any(is_token) {
        return LoginOutcome::Success;
    }
    let says = |family| {
        x.signals
            .iter()
            .any(|s| s.place.response && catalogue.signal(s.signal).is_some_and(|k| k.family == family))
    };
    if says(SignalFamily::FailureMessage) {
        return LoginOutcome::Failure;
    }
    if (300..400).contains(&reply.status) {
        return redirected(request, &reply.location);
    }
    if says(SignalFamily::SuccessMessage) {
        return LoginOutcome::Success;
    }
    by_habit(request, reply, habit)
}

/// The end of a login of a protocol whose status tells it: FTP (RFC 959, 4.2.1; 421 and 434 say nothing of the password) and those whose
/// statuses have the meaning of HTTP's.
fn of_session(status: u16) -> LoginOutcome {
    match status {
        200..=299 => LoginOutcome::Success,
        401 | 403 | 430 | 530 => LoginOutcome::Failure,
        _ => LoginOutcome::Unknown,
    }
}

/// Where a redirect after a login leads: back to the login is failure, a second factor is neither.
fn redirected(request: &Request, location: &str) -> LoginOutcome {
    if location.is_empty() {
        return LoginOutcome::Unknown;
    }
    let lower = location.to_ascii_lowercase();
    let query = lower.split_once('?').map_or("", |(_, q)| q);
    let path = |t: &str| {
        let t = t.split_once("://").map_or(t, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
        t.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_ascii_lowercase()
    };
    let to = path(&lower);
    if ["mfa", "otp", "2fa", "two-factor", "twofactor", "verify", "challenge"].iter().any(|w| to.contains(w))
    {
        return LoginOutcome::Unknown;
    }
    let key = |w: &str| query.split('&').any(|p| p.starts_with(w));
    if ["error", "fail", "invalid", "denied", "bad"].iter().any(|w| key(w) || to.contains(w)) {
        return LoginOutcome::Failure;
    }
    if to.contains("success") || to.contains("callback") {
        return LoginOutcome::Success;
    }
    if names::is_login_path(&to) || to == path(&request.target) {
        return LoginOutcome::Failure;
    }
    LoginOutcome::Success
}

/// A reply 2xx that neither gives a token nor says how it went.
fn by_habit(request: &Request, reply: &Response, habit: &Habit) -> LoginOutcome {
    let mut given = reply.issued.iter().filter(|c| is_session(c)).peekable();
    let has_cookie = given.peek().is_some();
    // A session that is replaced at login, or given to no one else, is one that the login earned.
    let earned = given.any(|c| {
        let sent = request.credentials.iter().find(|s| is_session(s) && s.name == c.name);
        match sent {
            Some(sent) => sent.fingerprint != c.fingerprint,
            None => !habit.given_to_anyone(&c.name),
        }
    });
    let html = reply.body.kind == MediaKind::Html;
    match (has_cookie, earned) {
        // A form that is shown again after a form was sent says what went wrong.
        _ if html && request.body.kind == MediaKind::Form && !earned => LoginOutcome::Failure,
        (_, true) if !(html && habit.with_redirect > 0) => LoginOutcome::Success,
        _ if habit.with_token > 0 || html && habit.with_redirect > 0 => LoginOutcome::Failure,
        (false, _) if reply.status == 204 => LoginOutcome::Success,
        _ => LoginOutcome::Unknown,
    }
}
