//! V07 Weak session handling (会话管理缺陷).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts, target};
use serde::{Deserialize, Serialize};
use weir_exchange::{CredentialKind, Fingerprint, Scheme};
use weir_model::{
    CallerId, Card, Findings, Group, Handling, Known, LoginOutcome, RiskType, Severity, SiteId, Summary,
};

pub(super) static CARD: Card = Card {
    id: "V07",
    zh: "会话管理缺陷",
    en: "weak session handling",
    group: Group::Vulnerability,
    severity: Severity::Medium,
    risks: &[RiskType(1)],
    measures: &[Handling(1), Handling(14)],
    owasp: "API2:2023 CWE-384 CWE-613 CWE-614 CWE-1004",
    basis: "CAICT 3.1.2; OWASP API Security Top 10 2023, API2",
    how_zh: "会话 Cookie 在 HTTPS 下签发而没有 Secure，或没有 HttpOnly（低）；登录成功而不更换会话标识，登录前的标识其后仍用于取得个人信息（会话固定）；退出登录（路径含 logout、signout、退出）成功之后，同一会话或令牌仍取得个人信息。按站点汇总，仅内部访问降一级。SameSite、空闲与绝对有效期、标识的熵暂不判断（线路侧不保留）。",
    how_en: "A session cookie set over HTTPS without Secure, or set without HttpOnly (low); a login that succeeds without a new session, whose old identifier is then used to get personal data (session fixation); a session or token that still gets personal data after its logout (a path that says logout or signout) succeeded. One finding a site, one step less serious where the caller is internal. SameSite, idle and absolute lifetimes and the entropy of identifiers are not judged: the lanes do not keep them.",
};

/// Sessions watched.
const SESSIONS: usize = 8_192;
/// Words of the last path segment that end a session.
const ENDS: &[&str] = &["logout", "logoff", "signout", "sign-out", "log-out", "退出", "注销"];

/// What ought to have made a session invalid.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum Ought {
    /// A login that issued no other.
    Login(CallerId),
    Logout,
}

/// Identifies V07.
pub(super) struct Source {
    sessions: Table<(SiteId, Fingerprint), Ought>,
}

impl Source {
    pub(super) fn new(_: &Thresholds) -> Self {
        Source { sessions: Table::new(SESSIONS) }
    }

    /// What is wrong with the session that a request goes on with.
    fn outlived(&self, seen: &Seen<'_>) -> Option<(Severity, Summary)> {
        facts::records(seen)?;
        let request = facts::request(seen)?;
        let other = |kind| {
            matches!(kind, CredentialKind::Bearer | CredentialKind::ApiKey | CredentialKind::TokenParam)
        };
        let bears = request.credentials.iter().any(|c| other(c.kind));
        request.credentials.iter().find_map(|c| match self.sessions.get(&(seen.site, c.fingerprint))? {
            Ought::Logout => {
                Some((CARD.severity, both("退出登录后仍有效", "is still good after the logout")))
            }
            // Where a token was issued, the cookie is not what was logged in.
            Ought::Login(caller) if *caller == seen.caller && !bears => {
                Some((CARD.severity, both("登录前后未更换", "is the same before and after the login")))
            }
            Ought::Login(_) => None,
        })
    }

    /// Notes what ought to end sessions.
    fn note(&mut self, seen: &Seen<'_>) {
        let (Some(request), Some(response)) = (facts::request(seen), facts::response(seen)) else { return };
        let ends = target::path(&request.target).rsplit('/').find(|s| !s.is_empty());
        let out = ends.is_some_and(|s| ENDS.iter().any(|e| s.eq_ignore_ascii_case(e)));
        let session = |kind| matches!(kind, CredentialKind::SessionCookie | CredentialKind::Bearer);
        if out && (200..400).contains(&response.status) {
            for c in request.credentials.iter().filter(|c| session(c.kind)) {
                self.sessions.entry(&(seen.site, c.fingerprint), || Ought::Logout);
            }
        } else if seen.login == Some(LoginOutcome::Success) {
            for c in &response.issued {
                self.sessions.remove(&(seen.site, c.fingerprint));
            }
            if response.issued.is_empty() && response.cookies.is_empty() {
                let cookies = request.credentials.iter().filter(|c| c.kind == CredentialKind::SessionCookie);
                for c in cookies {
                    *self.sessions.entry(&(seen.site, c.fingerprint), || Ought::Logout) =
                        Ought::Login(seen.caller);
                }
            }
        }
    }
}

/// What a session cookie is set without.
fn set_without(seen: &Seen<'_>) -> Option<(Severity, Summary)> {
    let response = facts::response(seen)?;
    let https = seen.exchange.scheme == Scheme::Https;
    let mut issued = response.issued.iter().filter(|c| c.kind == CredentialKind::SessionCookie);
    issued.find_map(|c| {
        let cookie = response.cookies.iter().find(|k| k.name == c.name)?;
        let (secure, name) = (cookie.secure || !https, &cookie.name);
        match (secure, cookie.http_only) {
            (false, _) => Some((
                CARD.severity,
                both(format!("Cookie {name} 未设 Secure"), format!("cookie {name} is set without Secure")),
            )),
            (true, false) => Some((
                CARD.severity.lowered(),
                both(
                    format!("Cookie {name} 未设 HttpOnly"),
                    format!("cookie {name} is set without HttpOnly"),
                ),
            )),
            (true, true) => None,
        }
    })
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(sessions);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let found = self.outlived(seen).map(|(severity, s)| {
            (severity, both(format!("会话标识{}", s.zh), format!("the session's identifier {}", s.en)))
        });
        let found = found.or_else(|| set_without(seen));
        self.note(seen);
        let Some((severity, note)) = found else { return };
        let (host, place) = (known.site(seen.site).map_or("", |s| &s.host), facts::place(seen, known));
        out.push(Sighting::of(&CARD, seen).of_site().severity(severity).weigh_exposure(known).say(
            both(format!("站点 {host} 的会话管理有缺陷"), format!("site {host} handles sessions weakly")),
            both(format!("{place}：{}", note.zh), format!("{place}: {}", note.en)),
        ));
    }

    fn evicted(&self) -> u64 {
        self.sessions.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::{Cookie, Part, Place, sample};

    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), calls)
    }
    fn set(secure: bool, http_only: bool) -> Call {
        let mut c = call("POST", "/a").by(100);
        let response = c.exchange.response.as_mut().unwrap();
        let place = Place { response: true, part: Part::Header };
        response.issued.push(sample::credential(CredentialKind::SessionCookie, place, "sid", 9));
        response.cookies.push(Cookie { name: "sid".into(), fingerprint: Fingerprint(9), secure, http_only });
        c
    }
    fn with_session(target: &str) -> Call {
        call("GET", target).by(100).credential(CredentialKind::SessionCookie, Part::Cookie, "sid")
    }

    #[test]
    fn reports_cookies_without_their_marks() {
        assert_eq!(found([set(false, true).https()])[0].severity, Severity::Medium);
        assert_eq!(found([set(true, false).https()])[0].severity, Severity::Low);
        assert!(found([set(false, true)]).is_empty(), "in clear there is no Secure");
        assert!(found([set(true, true).https()]).is_empty());
    }

    #[test]
    fn reports_sessions_that_outlive_logins_and_logouts() {
        let gets = || with_session("/c").gives("cn_mobile", 1, 1);
        assert!(found([gets()]).is_empty());
        let f = found([with_session("/api/logout"), gets()]);
        assert!(f[0].evidence.note.en.contains("after the logout"), "{}", f[0].evidence.note.en);
        assert!(found([with_session("/api/logout").status(500), gets()]).is_empty());
        assert!(found([with_session("/api/logout"), with_session("/c")]).is_empty(), "nothing is got");
        let login = || with_session("/login").login("alice", 1, LoginOutcome::Success);
        assert!(found([login(), gets()])[0].evidence.note.en.contains("before and after"));
        let fresh = || {
            let mut c = login();
            c.exchange
                .response
                .as_mut()
                .unwrap()
                .issued
                .extend(set(true, true).exchange.response.unwrap().issued.clone());
            c
        };
        assert!(found([fresh(), gets()]).is_empty(), "another session is issued");
    }
}
