//! P09 Rogue provider (非授权、仿冒提供方).

use crate::digest::digest;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use weir_model::{Card, Findings, Group, Handling, Known, RiskType, Severity, SiteId};
use weir_wire::Timestamp;

pub(super) static CARD: Card = Card {
    id: "P09",
    zh: "非授权、仿冒提供方",
    en: "rogue provider",
    group: Group::AbnormalProvision,
    severity: Severity::Medium,
    risks: &[RiskType(6), RiskType(2)],
    measures: &[Handling(12), Handling(19)],
    owasp: "API10:2023 CWE-295 CWE-923",
    basis: "GB/T 46796-2025 7.3.2.3 b",
    how_zh: "没有提供方白名单时以学习代替：站点连续 3 天、200 次以上成功应答只来自不多于 3 个网络（IPv4 为 /16，IPv6 为 /48）后，有新网络的服务器以同一域名成功应答即报；按站点汇总，Server 标识也与以往都不同的升一级。同一网络内增减节点、迁移不报；提供方本就分散（内容分发网络）的站点不判断；计划内的跨网迁移会被报告一次。",
    how_en: "Where there is no list of providers one is learned: after 3 days and 200 good answers from 3 networks at most (/16 of IPv4, /48 of IPv6) a server of another network that answers well under the same name is reported; one finding a site, one step more serious where its Server field is none seen before either. Nodes added or moved within a network are not reported, sites with providers all over (content delivery) not judged; a planned move to another network is reported once.",
};

/// Sites watched, networks and banners kept of one.
const SITES: usize = 4_096;
const NETWORKS: usize = 4;
const BANNERS: usize = 8;
const LEARNING: u64 = 3 * 86_400;

/// Who serves a site.
#[derive(Serialize, Deserialize)]
struct Providers {
    since: Timestamp,
    answers: u64,
    /// Networks, with how often each answered.
    networks: BTreeMap<u64, u64>,
    banners: BTreeSet<u64>,
}

/// Identifies P09.
pub(super) struct Source {
    answers: u64,
    sites: Table<SiteId, Providers>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { answers: thresholds.p09_answers, sites: Table::new(SITES) }
    }
}

/// The network of an address, as a number.
fn network(ip: IpAddr) -> u64 {
    match ip {
        IpAddr::V4(ip) => u64::from(u32::from(ip) >> 16),
        IpAddr::V6(ip) => (u128::from(ip) >> 80) as u64 | 1 << 63,
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(sites);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        if !facts::succeeded(seen) {
            return;
        }
        let time = seen.exchange.time;
        let providers = self.sites.entry(&seen.site, || Providers {
            since: time,
            answers: 0,
            networks: BTreeMap::new(),
            banners: BTreeSet::new(),
        });
        let server = seen.exchange.flow.server.ip;
        let learned = providers.answers >= self.answers
            && time.since(providers.since).as_nanos() >= LEARNING * 1_000_000_000;
        providers.answers += 1;
        let network = network(server);
        let banner = digest(facts::response(seen).map_or("", |r| &r.server));
        let new_banner = providers.banners.len() < BANNERS && !providers.banners.contains(&banner);
        let few = providers.networks.len() < NETWORKS;
        if let Some(n) = providers.networks.get_mut(&network) {
            *n += 1;
            if new_banner {
                providers.banners.insert(banner);
            }
            return;
        }
        if !few {
            return;
        }
        if !learned {
            providers.networks.insert(network, 1);
            if new_banner {
                providers.banners.insert(banner);
            }
            return;
        }
        // Not learned: as long as it goes on, it goes on being said.
        let severity = if new_banner { CARD.severity.raised() } else { CARD.severity };
        let (host, n) = (known.site(seen.site).map_or("", |s| &s.host), providers.networks.len());
        let answers = providers.answers;
        let (zh, en) = match new_banner {
            true => ("，Server 标识也不同", ", with another Server field"),
            false => ("", ""),
        };
        out.push(Sighting::of(&CARD, seen).of_site().severity(severity).say(
            both(
                format!("站点 {host} 由以往未见的网络中的服务器应答"),
                format!("site {host} is answered for by a server of a network never seen"),
            ),
            both(
                format!("{server} 应答{zh}；此前 {answers} 次应答来自 {n} 个网络"),
                format!("{server} answers{en}; {answers} answers before came from {n} networks"),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.sites.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    fn found(calls: u32, server: [u8; 4], banner: &str) -> Findings {
        let answer = |n: u32| call("GET", "/").at(f64::from(n) * 2_000.0);
        let mut strange = answer(calls + 1);
        strange.exchange.flow.server.ip = server.into();
        strange.exchange.response.as_mut().unwrap().server = banner.into();
        World::new().found(&mut Source::new(&Thresholds::default()), (0..calls).map(answer).chain([strange]))
    }

    #[test]
    fn reports_another_network_once_the_usual_are_known() {
        assert!(found(100, [172, 31, 9, 9], "").is_empty());
        assert!(found(300, [10, 0, 77, 9], "").is_empty(), "the same network");
        assert_eq!(found(300, [172, 31, 9, 9], "")[0].severity, Severity::Medium);
        assert_eq!(found(300, [172, 31, 9, 9], "Apache")[0].severity, Severity::High);
    }
}
