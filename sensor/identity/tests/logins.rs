//! Logins and sessions, as sites of different habits show them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use weir_exchange::sample::{self, Call};
use weir_exchange::*;
use weir_identity::{Config, Directory, Identified};
use weir_model::{AccountOrigin, LoginOutcome, SiteId};

use CredentialKind::{Basic, Bearer, SessionCookie, TokenParam};
use LoginOutcome::{Failure, Success, Unknown};

const SITE: SiteId = SiteId(0);

fn exchange(method: &str, target: &str, status: u16) -> Exchange {
    let json = Body { kind: MediaKind::Json, ..Body::default() };
    Call::new(method, target).status(status).gives(json).build()
}

fn credential(kind: CredentialKind, response: bool, name: &str, print: u64) -> Credential {
    let part = match kind {
        SessionCookie => Part::Cookie,
        _ if response => Part::Body,
        _ => Part::Header,
    };
    sample::credential(kind, Place { response, part }, name, print)
}

/// Steps that make an exchange what a test needs.
trait Build {
    fn login(self, account: &str) -> Self;
    fn carries(self, kind: CredentialKind, name: &str, print: u64) -> Self;
    fn naming(self, account: &str) -> Self;
    fn issues(self, kind: CredentialKind, name: &str, print: u64) -> Self;
    fn redirects(self, location: &str) -> Self;
    fn form(self) -> Self;
    fn says(self, signal: u16) -> Self;
}

impl Build for Exchange {
    fn login(mut self, account: &str) -> Self {
        self.request.as_mut().unwrap().login = Some(Box::new(sample::login(account)));
        self
    }
    fn carries(mut self, kind: CredentialKind, name: &str, print: u64) -> Self {
        self.request.as_mut().unwrap().credentials.push(credential(kind, false, name, print));
        self
    }
    fn naming(mut self, account: &str) -> Self {
        self.request.as_mut().unwrap().credentials.last_mut().unwrap().account = Some(account.into());
        self
    }
    fn issues(mut self, kind: CredentialKind, name: &str, print: u64) -> Self {
        self.response.as_mut().unwrap().issued.push(credential(kind, true, name, print));
        self
    }
    fn redirects(mut self, location: &str) -> Self {
        let r = self.response.as_mut().unwrap();
        (r.status, r.location, r.body.kind) = (302, location.into(), MediaKind::None);
        self
    }
    fn form(mut self) -> Self {
        self.request.as_mut().unwrap().body.kind = MediaKind::Form;
        self.response.as_mut().unwrap().body.kind = MediaKind::Html;
        self
    }
    fn says(mut self, signal: u16) -> Self {
        let place = Place { response: true, part: Part::Body };
        self.signals.push(SignalHit { signal: SignalId(signal), place, excerpt: "".into() });
        self
    }
}

/// Signal 0 says failure, signal 1 success.
fn catalogue() -> Catalogue {
    let signals = vec![
        sample::signal("fail", SignalFamily::FailureMessage),
        sample::signal("ok", SignalFamily::SuccessMessage),
    ];
    Catalogue { signals, ..Catalogue::default() }
}

struct Site(Directory, Catalogue);

impl Site {
    fn new() -> Self {
        Site(Directory::new(Config::default()), catalogue())
    }
    fn see(&mut self, x: Exchange) -> Identified {
        self.0.observe(&x, SITE, &self.1)
    }
    /// Who made it, how its login ended, whether it was authenticated.
    fn of(&mut self, x: Exchange) -> (String, Option<LoginOutcome>, bool) {
        let who = self.see(x);
        let name = who.account.map_or(String::new(), |a| self.0.accounts()[a.index()].name.to_string());
        (name, who.login, who.authenticated)
    }
    fn who(&mut self, x: Exchange) -> String {
        self.of(x).0
    }
}

#[test]
fn a_json_token_opens_a_session() {
    let mut s = Site::new();
    let login = exchange("POST", "/login", 200).login("alice").issues(TokenParam, "token", 5);
    assert_eq!(s.of(login), ("alice".into(), Some(Success), false));
    let next = exchange("GET", "/me", 200).carries(Bearer, "authorization", 5);
    assert_eq!(s.of(next), ("alice".into(), None, true));
    assert_eq!(s.who(exchange("GET", "/me", 200).carries(Bearer, "authorization", 6)), "");
    assert_eq!(s.who(exchange("GET", "/me", 200)), "");
    let a = &s.0.accounts()[0];
    assert_eq!((a.exchanges, a.sources.len(), a.origin, a.privileged), (2, 1, AccountOrigin::Login, false));
}

#[test]
fn a_token_is_good_at_the_hosts_it_opens() {
    let mut s = Site::new();
    s.see(exchange("POST", "/login", 200).login("alice").issues(TokenParam, "token", 5));
    let x = exchange("GET", "/me", 200).carries(Bearer, "authorization", 5);
    assert!(s.0.observe(&x, SiteId(1), &catalogue()).account.is_some());
}

#[test]
fn a_failure_answered_200_is_one() {
    let mut s = Site::new();
    let told = exchange("POST", "/login", 200).login("alice").says(0);
    assert_eq!(s.of(told), (String::new(), Some(Failure), false));
    let untold = || exchange("POST", "/login", 200).login("alice");
    assert_eq!(s.of(untold()).1, Some(Unknown));
    s.see(exchange("POST", "/login", 200).login("bob").issues(TokenParam, "token", 5));
    // From now on it is known that success earns a token here.
    assert_eq!(s.of(untold()).1, Some(Failure));
    assert_eq!(s.0.accounts().len(), 1);
}

#[test]
fn refusals_and_breakdowns() {
    let mut s = Site::new();
    for (status, outcome) in [(401, Failure), (403, Failure), (422, Failure), (429, Failure), (500, Unknown)]
    {
        assert_eq!(s.of(exchange("POST", "/login", status).login("a")).1, Some(outcome), "{status}");
    }
    let mut cut = exchange("POST", "/login", 200).login("a");
    cut.response = None;
    assert_eq!(s.of(cut).1, Some(Unknown));
    assert!(s.0.accounts().is_empty());
}

#[test]
fn a_form_login_keeps_the_cookie_it_came_with() {
    let mut s = Site::new();
    let first = s.of(exchange("GET", "/login", 200).issues(SessionCookie, "PHPSESSID", 3));
    assert_eq!(first, (String::new(), None, false));
    let before = exchange("GET", "/shop", 200).carries(SessionCookie, "PHPSESSID", 3);
    assert_eq!(s.of(before), (String::new(), None, false));
    let wrong = exchange("POST", "/login", 0).form().login("alice").carries(SessionCookie, "PHPSESSID", 3);
    assert_eq!(s.of(wrong.redirects("/login?error=1")).1, Some(Failure));
    let right = exchange("POST", "/login", 0).form().login("alice").carries(SessionCookie, "PHPSESSID", 3);
    assert_eq!(s.of(right.redirects("/home")), ("alice".into(), Some(Success), false));
    let after = || exchange("GET", "/home", 200).carries(SessionCookie, "PHPSESSID", 3);
    assert_eq!(s.of(after()), ("alice".into(), None, true));
    // The same browser logs in as someone else, then out.
    let other = exchange("POST", "/login", 0).form().login("bob").carries(SessionCookie, "PHPSESSID", 3);
    s.see(other.redirects("/home"));
    assert_eq!(s.who(after()), "bob");
    let out = exchange("GET", "/logout", 200).carries(SessionCookie, "PHPSESSID", 3);
    assert_eq!(s.who(out), "bob");
    assert_eq!(s.who(after()), "");
}

#[test]
fn a_form_login_renews_the_cookie() {
    let mut s = Site::new();
    s.see(exchange("GET", "/login", 200).issues(SessionCookie, "sid", 1));
    let login = exchange("POST", "/login", 200).form().login("alice").carries(SessionCookie, "sid", 1);
    assert_eq!(s.of(login.issues(SessionCookie, "sid", 2)).1, Some(Success));
    assert_eq!(s.who(exchange("GET", "/home", 200).carries(SessionCookie, "sid", 2)), "alice");
    // Sliding renewal.
    let renews =
        exchange("GET", "/home", 200).carries(SessionCookie, "sid", 2).issues(SessionCookie, "sid", 4);
    assert_eq!(s.who(renews), "alice");
    assert_eq!(s.who(exchange("GET", "/home", 200).carries(SessionCookie, "sid", 4)), "alice");
}

#[test]
fn a_form_shown_again_is_failure() {
    let mut s = Site::new();
    assert_eq!(s.of(exchange("POST", "/login", 200).form().login("alice")).1, Some(Failure));
}

#[test]
fn where_redirects_lead() {
    for (to, outcome) in [
        ("/login", Failure),
        ("https://shop.example/login?error", Failure),
        ("/account/signin", Failure),
        ("/?failed=1", Failure),
        ("/login/otp", Unknown),
        ("/login/success", Success),
        ("/dashboard", Success),
        ("/", Success),
        ("", Unknown),
    ] {
        let mut s = Site::new();
        assert_eq!(
            s.of(exchange("POST", "/login", 0).form().login("a").redirects(to)).1,
            Some(outcome),
            "{to}"
        );
    }
}

#[test]
fn anonymous_cookies_authenticate_nobody() {
    let mut s = Site::new();
    s.see(exchange("GET", "/", 200).issues(SessionCookie, "sid", 1));
    assert!(!s.of(exchange("GET", "/x", 200).carries(SessionCookie, "sid", 1)).2);
    // Nobody saw where this one came from, but here such cookies are given to anyone.
    assert!(!s.of(exchange("GET", "/x", 200).carries(SessionCookie, "sid", 2)).2);
    assert!(s.of(exchange("GET", "/x", 200).carries(SessionCookie, "other", 3)).2);
}

#[test]
fn cookies_that_were_there_before_a_login_are_no_sessions() {
    let mut s = Site::new();
    let login = exchange("POST", "/login", 200).login("alice").carries(SessionCookie, "visitor", 1);
    s.see(login.issues(TokenParam, "token", 5));
    assert!(!s.of(exchange("GET", "/x", 200).carries(SessionCookie, "visitor", 2)).2);
    assert_eq!(s.who(exchange("GET", "/x", 200).carries(SessionCookie, "visitor", 1)), "");
}

#[test]
fn basic_is_believed_where_accepted() {
    let mut s = Site::new();
    let basic =
        |status, print| exchange("GET", "/db", status).carries(Basic, "authorization", print).naming("alice");
    assert_eq!(s.of(basic(401, 1)), (String::new(), Some(Failure), true));
    assert_eq!(s.of(basic(200, 2)), ("alice".into(), Some(Success), true));
    assert_eq!(s.of(basic(200, 2)), ("alice".into(), None, true));
    assert_eq!(s.0.accounts()[0].origin, AccountOrigin::Basic);
}

#[test]
fn tokens_name_accounts_where_accepted() {
    let mut s = Site::new();
    let x =
        |status, print| exchange("GET", "/me", status).carries(Bearer, "authorization", print).naming("42");
    assert_eq!(s.who(x(401, 1)), "");
    assert_eq!(s.who(x(200, 2)), "42");
    assert_eq!(s.0.accounts()[0].origin, AccountOrigin::Token);
    // The name given at login is preferred to the token's own.
    s.see(exchange("POST", "/login", 200).login("alice").issues(TokenParam, "token", 9));
    assert_eq!(s.who(x(200, 9)), "alice");
}

#[test]
fn registering_is_no_login() {
    let mut s = Site::new();
    assert_eq!(
        s.of(exchange("POST", "/users/v1/register", 200).login("alice").says(1)),
        (String::new(), None, false)
    );
    assert_eq!(s.of(exchange("POST", "/me/password", 200).login("alice").says(1)).1, None);
    assert!(s.0.accounts().is_empty());
}

#[test]
fn payloads_are_no_accounts() {
    let mut s = Site::new();
    for name in ["admin' or '1'='1", "*", "", "null", "admin--"] {
        let x = exchange("POST", "/login", 200).login(name).issues(TokenParam, "token", 5);
        assert_eq!(s.of(x), (String::new(), Some(Success), false), "{name}");
    }
    assert!(s.0.accounts().is_empty());
}

#[test]
fn forgery_tokens_and_signatures_authenticate_nobody() {
    let mut s = Site::new();
    assert!(!s.of(exchange("GET", "/", 200).carries(TokenParam, "csrf_token", 1)).2);
    assert!(!s.of(exchange("GET", "/", 200).carries(CredentialKind::Signature, "sign", 1)).2);
    assert!(s.of(exchange("GET", "/", 200).carries(CredentialKind::ApiKey, "x-api-key", 1)).2);
}

#[test]
fn tables_are_bounded() {
    let config = Config { callers: 4, accounts: 4, sessions: 8, sites: 2 };
    let (mut d, c) = (Directory::new(config), catalogue());
    for i in 0..100u8 {
        let mut x = exchange("POST", "/login", 200).login(&format!("user{i}"));
        x = x.issues(TokenParam, "token", u64::from(i)).issues(SessionCookie, "sid", 1_000 + u64::from(i));
        x.flow.client.ip = [10, 1, 1, i].into();
        let who = d.observe(&x, SiteId(u32::from(i)), &c);
        assert!(who.caller.index() < d.callers().len());
    }
    let s = d.stats();
    assert!(d.callers().len() <= 4 && d.accounts().len() == 4 && s.sessions <= 8);
    assert!(s.callers_overflow == 97 && s.accounts_overflow == 96 && s.logins_succeeded == 100);
    assert_eq!(d.callers().iter().map(|c| c.exchanges).sum::<u64>(), 100);
}
