//! V08 Weak token (令牌缺陷).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use weir_exchange::{Credential, JwtFacts};
use weir_model::{Card, Findings, Group, Handling, Known, Observation, RiskType, Severity, SiteId, Summary};
use weir_wire::{Duration, Timestamp};

pub(super) static CARD: Card = Card {
    id: "V08",
    zh: "令牌缺陷",
    en: "weak token",
    group: Group::Vulnerability,
    severity: Severity::Medium,
    risks: &[RiskType(1)],
    measures: &[Handling(1), Handling(10)],
    owasp: "API2:2023 CWE-347 CWE-613",
    basis: "RFC 8725 3.1, 3.10; RFC 7519 4.1.4",
    how_zh: "被接受（2xx）或由响应签发的 JWT：算法为 none 为高；没有过期时间，或自签发起有效期超过 24 小时（名称含 refresh 的刷新令牌 30 天）为中；过期后 5 分钟以上仍被接受为高（仅当见过该站点签发的令牌，其签发时间与抓包时间相差不超过 5 分钟，即双方时钟一致）。按站点汇总。仅内部访问降一级。签名密钥未经猜测，声明中的其他内容不保留，故弱密钥与声明中的个人信息无从判断。",
    how_en: "A JWT that is accepted (2xx) or issued by a reply: high where its algorithm is none, or where it is accepted more than 5 minutes after it expired (judged only of sites that were seen to issue a token dated within 5 minutes of the capture, so that clocks agree); medium where it never expires, or more than 24 hours after it was issued (30 days for refresh tokens, by their name). One finding a site, one step less serious where the caller is internal. Keys are not guessed and other claims not kept, so weak keys and personal data in claims are not seen.",
};

/// How long clocks may differ.
const SKEW: Duration = Duration::from_secs(300);

/// Sites whose clock is remembered.
const SITES: usize = 4_096;

/// Identifies V08.
pub(super) struct Source {
    access: Duration,
    refresh: Duration,
    /// Sites that were seen to date a token by the clock of the capture.
    agrees: Table<SiteId, ()>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            access: Duration::from_secs(thresholds.v08_access_hours * 3_600),
            refresh: Duration::from_secs(thresholds.v08_refresh_days * 86_400),
            agrees: Table::new(SITES),
        }
    }

    /// Notes whether the site's clock agrees with that of the capture: by tokens that it issues just now.
    fn compare_clocks(&mut self, seen: &Observation<'_>) {
        let Some(response) = facts::response(seen) else { return };
        let issued = response.issued.iter().filter_map(|c| c.jwt.as_ref()?.issued);
        let near = |t: Timestamp| t.since(seen.exchange.time).max(seen.exchange.time.since(t)) <= SKEW;
        match issued.map(near).reduce(|a, b| a && b) {
            Some(true) => {
                self.agrees.entry(&seen.site, || ());
            }
            Some(false) => {
                self.agrees.remove(&seen.site);
            }
            None => {}
        }
    }

    /// What is weak about a token, and how serious that is.
    fn weak(
        &self,
        token: &Credential,
        jwt: &JwtFacts,
        accepted_at: Option<Timestamp>,
    ) -> Option<(Severity, Summary)> {
        let high = CARD.severity.raised();
        if jwt.algorithm.eq_ignore_ascii_case("none") {
            return Some((high, both("算法为 none，未签名", "its algorithm is none: it is not signed")));
        }
        let Some(expires) = jwt.expires else {
            return Some((CARD.severity, both("没有过期时间", "it never expires")));
        };
        if let Some(late) = accepted_at.map(|t| t.since(expires)).filter(|late| *late > SKEW) {
            let minutes = late.as_nanos() / 60_000_000_000;
            return Some((
                high,
                both(
                    format!("过期 {minutes} 分钟后仍被接受"),
                    format!("it was accepted {minutes} minutes after it expired"),
                ),
            ));
        }
        let refreshes = token.name.to_ascii_lowercase().contains("refresh");
        let longest = if refreshes { self.refresh } else { self.access };
        let valid = expires.since(jwt.issued?);
        let hours = valid.as_nanos() / 3_600_000_000_000;
        (valid > longest).then(|| {
            (CARD.severity, both(format!("有效期 {hours} 小时"), format!("it is valid for {hours} hours")))
        })
    }
}

/// JWTs of a call that counted: accepted ones with the time of the call, and issued ones.
fn tokens<'a>(seen: &Observation<'a>) -> Vec<(&'a Credential, &'a JwtFacts, Option<Timestamp>)> {
    if !facts::succeeded(seen) {
        return Vec::new();
    }
    let sent = facts::request(seen).map_or(&[][..], |r| &r.credentials);
    let issued = facts::response(seen).map_or(&[][..], |r| &r.issued);
    let accepted = sent.iter().filter(|_| seen.authenticated).map(|c| (c, Some(seen.exchange.time)));
    let all = accepted.chain(issued.iter().map(|c| (c, None)));
    all.filter_map(|(c, at)| Some((c, c.jwt.as_ref()?, at))).collect()
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(agrees);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        self.compare_clocks(seen);
        let agrees = self.agrees.get(&seen.site).is_some();
        let weak = tokens(seen).into_iter().filter_map(|(token, jwt, at)| {
            let at = at.filter(|_| agrees);
            let (severity, why) = self.weak(token, jwt, at)?;
            Some((severity, token, jwt, why))
        });
        let Some((severity, token, jwt, why)) = weak.max_by_key(|(severity, ..)| *severity) else { return };
        let host = known.site(seen.site).map_or("", |s| &s.host);
        let (place, name, algorithm) = (facts::place(seen, known), &token.name, &jwt.algorithm);
        out.push(Sighting::of(&CARD, seen).of_site().severity(severity).weigh_exposure(known).say(
            both(
                format!("站点 {host} 使用有缺陷的令牌：{}", why.zh),
                format!("site {host} uses weak tokens: {}", why.en),
            ),
            both(
                format!("{place} 的令牌 {name}（{algorithm}）：{}", why.zh),
                format!("token {name} ({algorithm}) at {place}: {}", why.en),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.agrees.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::{CredentialKind, Part};

    /// A reply with a token dated so many hours before the capture.
    fn issues(late: u64) -> Call {
        let mut c = call("POST", "/login");
        let now = c.exchange.time.secs() - late * 3_600;
        let at = |secs| Some(Timestamp::from_secs_nanos(secs, 0));
        let place = weir_exchange::Place { response: true, part: Part::Body };
        let mut token = weir_exchange::sample::credential(CredentialKind::TokenParam, place, "token", 9);
        token.jwt = Some(JwtFacts { algorithm: "HS256".into(), issued: at(now), expires: at(now + 60) });
        c.exchange.response.as_mut().unwrap().issued.push(token);
        c
    }
    /// What is found in a call with a token that is valid for so many hours from the call on.
    fn found(algorithm: &str, hours: Option<i64>, name: &str, change: fn(Call) -> Call) -> Findings {
        let mut c = call("GET", "/o/1").credential(CredentialKind::Bearer, Part::Header, name).by(100);
        let now = c.exchange.time;
        let at = |h: i64| Timestamp::from_secs_nanos((now.secs() as i64 + h * 3_600) as u64, 0);
        let jwt = JwtFacts {
            algorithm: algorithm.into(),
            issued: Some(now.min(at(hours.unwrap_or(0)))),
            expires: hours.map(at),
        };
        c = c.req(|r| r.credentials[0].jwt = Some(jwt));
        World::new().found(&mut Source::new(&Thresholds::default()), [issues(0), change(c)])
    }

    #[test]
    fn reports_unsigned_endless_and_long_tokens() {
        let same = |c| c;
        assert_eq!(found("none", Some(1), "authorization", same)[0].severity, Severity::High);
        assert_eq!(found("HS256", None, "authorization", same)[0].severity, Severity::Medium);
        assert!(found("HS256", Some(24), "authorization", same).is_empty());
        assert_eq!(found("RS256", Some(25), "authorization", same).len(), 1);
        assert!(found("RS256", Some(25), "refreshToken", same).is_empty());
        assert_eq!(found("RS256", Some(31 * 24), "refreshToken", same).len(), 1);
    }

    #[test]
    fn reports_expired_tokens_only_where_they_are_accepted() {
        assert_eq!(found("HS256", Some(-1), "authorization", |c| c)[0].severity, Severity::High);
        assert!(found("HS256", Some(-1), "authorization", |c| c.status(401)).is_empty());
        assert!(found("none", Some(1), "authorization", |c| c.status(403)).is_empty());
        assert!(found("HS256", Some(0), "authorization", |c| c).is_empty(), "just expired");
        let expired = |late| {
            let mut c = call("GET", "/o/1").credential(CredentialKind::Bearer, Part::Header, "authorization");
            let hour_ago = Some(Timestamp::from_secs_nanos(c.exchange.time.secs() - 3_600, 0));
            let jwt = JwtFacts { algorithm: "HS256".into(), issued: hour_ago, expires: hour_ago };
            c = c.req(|r| r.credentials[0].jwt = Some(jwt));
            World::new().found(&mut Source::new(&Thresholds::default()), [issues(late), c]).len()
        };
        assert_eq!((expired(0), expired(2)), (1, 0), "the clock of the site is not that of the capture");
    }
}
