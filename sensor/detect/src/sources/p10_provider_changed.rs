//! P10 Provider's mark changed (提供方证书、指纹突变).

use crate::digest::digest;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;
use weir_model::{Card, Findings, Group, Handling, Known, RiskType, Severity, SiteId};
use weir_wire::{Duration, Timestamp};

pub(super) static CARD: Card = Card {
    id: "P10",
    zh: "提供方证书、指纹突变",
    en: "provider's mark changed",
    group: Group::AbnormalProvision,
    severity: Severity::Medium,
    risks: &[RiskType(2), RiskType(6)],
    measures: &[Handling(9), Handling(14)],
    owasp: "API8:2023 CWE-295",
    basis: "GB/T 46796-2025 7.1 a",
    how_zh: "同一站点的同一服务器地址，已有 1 天、200 次以上成功应答后，其 Server 标识换成从未用过的产品（nginx 变为 Apache；仅版本号变化是升级，不报）；按站点汇总，新产品又应答 200 次后视为已更换，不再报。Server 为空的应答不计；来自新网络的提供方归 P09。证书与主机密钥的更换记在接口清单中，因续期频繁不作为风险源。",
    how_en: "An address that serves a site, after a day and 200 good answers, shows in its Server field a product that it never showed before (nginx becomes Apache; another version is an update and not reported). One finding a site; after 200 more answers by the new product it counts as replaced. Answers without a Server field do not count; a provider in a new network is P09. Changes of certificates and host keys are kept with the encrypted services; they renew too often to be a risk source by themselves.",
};

const SERVERS: usize = 4_096;
const PRODUCTS: usize = 8;
const LEARNING: Duration = Duration::from_secs(86_400);

/// What a server showed.
#[derive(Serialize, Deserialize)]
struct Shown {
    since: Timestamp,
    answers: u64,
    /// Answers by product.
    products: BTreeMap<u64, u64>,
}

/// Identifies P10.
pub(super) struct Source {
    answers: u64,
    shown: Table<(SiteId, IpAddr), Shown>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { answers: thresholds.p10_answers, shown: Table::new(SERVERS) }
    }
}

/// The product of a Server field: what stands before its version.
fn product(server: &str) -> &str {
    server.split(['/', ' ', '(']).next().unwrap_or("")
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(shown);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(response) = facts::response(seen).filter(|r| !r.server.is_empty()) else { return };
        if !facts::succeeded(seen) {
            return;
        }
        let (time, ip) = (seen.exchange.time, seen.exchange.flow.server.ip);
        let product = product(&response.server);
        let shown = self.shown.entry(&(seen.site, ip), || Shown {
            since: time,
            answers: 0,
            products: BTreeMap::new(),
        });
        let learned = shown.answers >= self.answers && time.since(shown.since) >= LEARNING;
        shown.answers += 1;
        let (full, number) = (shown.products.len() >= PRODUCTS, digest(product));
        if full && !shown.products.contains_key(&number) {
            return;
        }
        // What is there before the server is known belongs to it.
        let start = if learned { 0 } else { self.answers };
        let of_product = shown.products.entry(number).or_insert(start);
        *of_product += 1;
        if *of_product > self.answers {
            return;
        }
        let (n, host) = (shown.answers - 1, known.site(seen.site).map_or("", |s| &s.host));
        out.push(Sighting::of(&CARD, seen).of_site().say(
            both(
                format!("{host} 的服务器 {ip} 换了产品标识"),
                format!("server {ip} of {host} shows another product"),
            ),
            both(
                format!("Server 为“{product}”，此前 {n} 次应答从未如此"),
                format!("Server says `{product}`, as in none of {n} answers before"),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.shown.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    /// So many answers within two days, then some with another Server field.
    fn found(before: u32, then: &str, times: u32) -> usize {
        let says = |server: &str, at: f64| {
            let mut c = call("GET", "/c").at(at);
            c.exchange.response.as_mut().unwrap().server = server.into();
            c
        };
        let usual = (0..before).map(|n| says("nginx/1.24.0", f64::from(n) * 600.0));
        let later = (0..times).map(|n| says(then, 200_000.0 + f64::from(n)));
        let all: Vec<_> = usual.chain(later).collect();
        World::new().found(&mut Source::new(&Thresholds::default()), all).len()
    }

    #[test]
    fn reports_another_product_until_it_is_known() {
        assert_eq!(found(200, "Apache/2.4.41 (Unix)", 1), 1);
        assert_eq!(found(199, "Apache/2.4.41 (Unix)", 1), 0, "still learning");
        assert_eq!(found(200, "nginx/1.26.1", 3), 0, "an update");
        assert_eq!(found(200, "", 3), 0);
        assert_eq!(found(200, "Apache", 260), 200, "replaced by then");
    }
}
