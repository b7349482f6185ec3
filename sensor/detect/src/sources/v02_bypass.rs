//! V02 Authentication bypass (鉴权可绕过).

use crate::digest::digest;
use crate::familiar::mix;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts, target};
use std::borrow::Cow;
use weir_exchange::Effect;
use weir_model::{CallerId, Card, Findings, Group, Handling, Known, RiskType, Severity, SiteId};
use weir_wire::{Duration, Timestamp};

pub(super) static CARD: Card = Card {
    id: "V02",
    zh: "鉴权可绕过、凭证未校验",
    en: "authentication bypass",
    group: Group::Vulnerability,
    severity: Severity::High,
    risks: &[RiskType(1)],
    measures: &[Handling(1)],
    owasp: "API2:2023 CWE-287 CWE-288",
    basis: "GB/T 45577 接口 (可绕过鉴别)",
    how_zh: "同一调用方不带凭证访问某路径被 401 或 403 拒绝后 1 小时内，以同一路径的另一种写法（大小写、末尾斜杠、重复斜杠、/./、;参数、%编码、.json 等后缀）或另一种方法（含方法覆盖）再次不带凭证访问，得到 2xx 且含 2 级以上个人信息或秘密；按接口汇总，一次即报。过期、alg=none 的令牌被接受归 V08，全无鉴权的接口归 V01；带凭证的调用、无数据的应答不报。",
    how_en: "A caller without a credential is refused a path with 401 or 403, and within the hour gets from the same path written otherwise (case, slash at the end, double slashes, /./, ;parameters, %-encoding, a suffix such as .json), or by another method (an override too), still without a credential, a 2xx with personal data of grade 2 or a secret. One finding an interface, reported at the first. Tokens that expired or say alg=none are V08, interfaces that ask for nothing V01; calls with a credential and replies without data are not reported.",
};

const REFUSED: usize = 8_192;
const WITHIN: Duration = Duration::from_secs(3_600);
/// Suffixes that say how a thing is written, not which.
const SUFFIXES: &[&str] = &[".json", ".xml", ".html", ".css", ".js", ".do", ".action"];

/// Identifies V02.
pub(super) struct Source {
    /// By caller and path in plain form: how it was written when it was refused, and when.
    refused: Table<(SiteId, CallerId, u64), (u64, Timestamp)>,
}

impl Source {
    pub(super) fn new(_: &Thresholds) -> Self {
        Source { refused: Table::new(REFUSED) }
    }
}

/// A path in one way of writing it.
fn plain(path: &str) -> String {
    let decoded: Cow<'_, str> = percent_decoded(path);
    let segments =
        decoded.split('/').map(|s| s.split(';').next().unwrap_or("")).filter(|s| !matches!(*s, "" | "."));
    let mut out = String::with_capacity(decoded.len());
    for s in segments {
        out.push('/');
        out.extend(s.chars().flat_map(char::to_lowercase));
    }
    let cut = SUFFIXES.iter().find_map(|s| out.strip_suffix(s)).map_or(out.len(), str::len);
    out.truncate(cut);
    out
}

fn percent_decoded(path: &str) -> Cow<'_, str> {
    if path.contains('%') { weir_model::form_decoded(path) } else { Cow::Borrowed(path) }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(refused);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        if seen.authenticated || seen.login.is_some() {
            return;
        }
        let Some(request) = facts::request(seen) else { return };
        let refused = matches!(seen.exchange.status(), Some(401 | 403));
        let told =
            || facts::given_out(seen).find(|(d, t)| d.level >= 2 && (facts::tells_of_person(t) || t.secret));
        let Some(told) =
            (if refused { Some(None) } else { facts::succeeded(seen).then(told).flatten().map(Some) })
        else {
            return;
        };
        let path = target::path(&request.target);
        let method = request.method_override.as_deref().unwrap_or(&request.method);
        let (key, time) = ((seen.site, seen.caller, digest(&plain(path))), seen.exchange.time);
        let written = mix(digest(path), digest(method));
        let Some((item, data_type)) = told else {
            *self.refused.entry(&key, || (written, time)) = (written, time);
            return;
        };
        let Some((before, then)) = self.refused.get(&key).copied() else { return };
        if before == written || time.since(then) > WITHIN {
            return;
        }
        let (place, seconds) = (facts::place(seen, known), time.since(then).as_nanos() / 1_000_000_000);
        let sighting = Sighting::of(&CARD, seen).rests_on(item).weigh_level(item.level);
        out.push(sighting.shows(Effect::Obtained, true).weigh_exposure(known).say(
            both(
                format!("{place} 换一种写法即可绕过鉴权"),
                format!("the authentication of {place} is bypassed by another way of writing it"),
            ),
            both(
                format!("{seconds} 秒前不带凭证被拒绝；换写法或方法 {method} 后不带凭证得到{}", data_type.zh),
                format!("refused without a credential {seconds} s before; written otherwise, or by {method}, it gave {} without one", data_type.en),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.refused.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    fn found(then: Call) -> usize {
        let refused = call("GET", "/api/users").status(401).by(100);
        World::new().found(&mut Source::new(&Thresholds::default()), [refused, then]).len()
    }
    fn gets(method: &str, path: &str, at: f64) -> Call {
        call(method, path).gives("cn_mobile", 1, 1).by(100).at(at)
    }

    #[test]
    fn reports_what_is_written_otherwise() {
        for path in [
            "/API/users",
            "/api//users/",
            "/api/./users",
            "/api/users;x=1",
            "/api/users.json",
            "/api/%75sers",
        ] {
            assert_eq!(found(gets("GET", path, 9.0)), 1, "{path}");
        }
        assert_eq!(found(gets("POST", "/api/users", 9.0)), 1);
        assert_eq!(found(gets("GET", "/API/users", 3_600.0)), 1);
    }

    #[test]
    fn leaves_the_same_call_others_and_credentials_alone() {
        assert_eq!(found(gets("GET", "/api/users", 9.0)), 0, "open by now");
        assert_eq!(found(gets("GET", "/API/users", 3_601.0)), 0, "later");
        assert_eq!(found(gets("GET", "/api/users2", 9.0)), 0);
        assert_eq!(found(gets("GET", "/API/users", 9.0).by(101)), 0);
        assert_eq!(found(gets("GET", "/API/users", 9.0).signed_in()), 0);
        assert_eq!(found(call("GET", "/API/users").by(100)), 0, "nothing of worth");
    }
}
