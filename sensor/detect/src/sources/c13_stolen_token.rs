//! C13 Stolen token or key (令牌、密钥盗用).

use crate::digest::digest;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts, internal};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use weir_exchange::{CredentialKind, Effect, Fingerprint};
use weir_model::{Card, Findings, Group, Handling, Known, RiskType, Severity, SiteId};
use weir_wire::{Duration, Timestamp};

pub(super) static CARD: Card = Card {
    id: "C13",
    zh: "令牌、密钥盗用",
    en: "stolen token or key",
    group: Group::AbnormalCall,
    severity: Severity::High,
    risks: &[RiskType(1), RiskType(5)],
    measures: &[Handling(10), Handling(12)],
    owasp: "API2:2023 CWE-294 CWE-522",
    basis: "CAICT 2.1",
    how_zh: "同一令牌、会话或 API 密钥 30 分钟内成功用于两个不同的网络（IPv4 /16，至少一个是公网），且客户端程序（User-Agent 去掉数字后）也不同；按站点、调用方和账号汇总。仅换网络（移动网络、VPN）或仅换程序的不报；都是内部地址的不报（属 C09）。",
    how_en: "One token, session or API key is used with success from two networks (IPv4 /16, one of them public) within 30 minutes, and by another client program too (the User-Agent without its digits). One finding a site, caller and account. Another network alone (mobile networks, VPN) or another program alone is not reported, nor are addresses inside alone (C09).",
};

/// Credentials watched.
const TOKENS: usize = 16_384;
const WITHIN: Duration = Duration::from_secs(1_800);

/// Where and by what a credential was used last.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Use {
    time: Timestamp,
    network: u64,
    outside: bool,
    program: u64,
}

/// Identifies C13.
pub(super) struct Source {
    used: Table<(SiteId, Fingerprint), Use>,
}

impl Source {
    pub(super) fn new(_: &Thresholds) -> Self {
        Source { used: Table::new(TOKENS) }
    }
}

fn network(ip: IpAddr) -> u64 {
    match ip {
        IpAddr::V4(ip) => u64::from(u32::from(ip) >> 16),
        IpAddr::V6(ip) => (u128::from(ip) >> 80) as u64 | 1 << 63,
    }
}

/// The program of a user agent: without digits, so that an update makes no other.
fn program(agent: &str) -> u64 {
    digest(&agent.chars().filter(|c| !c.is_ascii_digit() && *c != '.').collect::<String>())
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(used);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(request) = facts::request(seen).filter(|_| seen.authenticated) else { return };
        let of_bearer = |kind| {
            use CredentialKind::{ApiKey, Bearer, SessionCookie, TokenParam};
            matches!(kind, Bearer | ApiKey | SessionCookie | TokenParam)
        };
        let Some(credential) = request.credentials.iter().find(|c| of_bearer(c.kind)) else { return };
        if !facts::succeeded(seen) {
            return;
        }
        let Some(caller) = known.caller(seen.caller) else { return };
        let (time, network) = (seen.exchange.time, network(caller.ip));
        let now =
            || Use { time, network, outside: !internal(caller.ip), program: program(&request.user_agent) };
        let used = self.used.entry(&(seen.site, credential.fingerprint), now);
        if used.network == network {
            used.time = used.time.max(time);
            return;
        }
        let before = std::mem::replace(used, now());
        let stolen = time.since(before.time) <= WITHIN
            && before.program != used.program
            && (before.outside || used.outside);
        if !stolen {
            return;
        }
        let account = seen.account.and_then(|a| known.account(a)).map(|a| &*a.name);
        let (place, ip) = (facts::place(seen, known), caller.ip);
        let (seconds, name) = (time.since(before.time).as_nanos() / 1_000_000_000, &credential.name);
        let got = facts::records(seen).is_some();
        let sighting = Sighting::of(&CARD, seen).of_site().by_caller().of_account(account);
        out.push(sighting.shows(Effect::Obtained, got).say(
            both(
                format!("同一凭证被另一网络的另一程序使用（{ip}）"),
                format!("a credential is used by another program from another network ({ip})"),
            ),
            both(
                format!("凭证 {name}：{seconds} 秒前由另一网络、另一程序使用；{place}"),
                format!("credential {name}: used {seconds} s before from another network by another program; {place}"),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.used.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::Part;

    fn uses(by: u32, agent: &str, at: f64) -> Call {
        let c = call("GET", "/c").by(by).at(at);
        c.credential(CredentialKind::Bearer, Part::Header, "authorization")
            .req(|r| r.user_agent = agent.into())
    }
    fn found(calls: [Call; 2]) -> usize {
        World::new().found(&mut Source::new(&Thresholds::default()), calls).len()
    }

    #[test]
    fn reports_another_network_with_another_program() {
        assert_eq!(found([uses(1, "Chrome/128.0", 0.0), uses(100, "curl/8.1", 1_800.0)]), 1);
        assert_eq!(found([uses(1, "Chrome/128.0", 0.0), uses(100, "curl/8.1", 1_801.0)]), 0, "later");
        assert_eq!(found([uses(1, "Chrome/128.0", 0.0), uses(100, "Chrome/129.0", 9.0)]), 0, "moved");
        assert_eq!(found([uses(1, "Chrome/128.0", 0.0), uses(1, "curl/8.1", 9.0)]), 0, "one machine");
        assert_eq!(found([uses(1, "Chrome/128.0", 0.0), uses(100, "curl/8.1", 9.0).status(401)]), 0);
    }
}
