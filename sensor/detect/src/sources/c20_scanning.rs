//! C20 Scanning (扫描探测).

use crate::digest::digest;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::window::Window;
use crate::{Detector, Seen, Thresholds, facts, target};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::{SignalFamily, Text};
use weir_model::{
    CallerId, Card, Findings, Group, Handling, Known, Observation, RiskType, Severity, SiteId, Summary,
};
use weir_wire::Timestamp;

pub(super) static CARD: Card = Card {
    id: "C20",
    zh: "扫描探测",
    en: "scanning",
    group: Group::AbnormalCall,
    severity: Severity::Low,
    risks: &[RiskType(1)],
    measures: &[Handling(12)],
    owasp: "API8:2023 API9:2023 CWE-200",
    basis: "experience",
    how_zh: "同一调用方对同一站点：5 分钟内 50 个以上不同路径返回 404；或命中敏感路径字典的不同路径 4 个以上；或对同一路径试用 6 种以上方法且至少 3 种被拒绝；或以扫描、攻击工具的标识（sqlmap、nikto、hydra 等）调用 3 次以上。按站点和调用方汇总，命中敏感路径得到 2xx 升一级。同一失效链接的重复访问、少量死链、常规命令行客户端（curl、requests）不报。",
    how_en: "One caller, of one site: 50 or more different paths answered 404 within 5 minutes; or 4 or more different paths of the probe dictionary; or 6 or more methods tried on one path, 3 of them refused; or 3 or more calls under the name of a scanner or attack tool (sqlmap, nikto, hydra, ...). One finding a site and caller, one step more serious where a probed path is answered 2xx. Repeated calls of one dead link, a few dead links, and ordinary command-line clients (curl, requests) are not reported.",
};

/// Tools whose use is itself the finding, as their user agents name them.
const TOOLS: &[&str] = &[
    "sqlmap",
    "nikto",
    "hydra",
    "nmap",
    "masscan",
    "zgrab",
    "nuclei",
    "wpscan",
    "dirbuster",
    "gobuster",
    "ffuf",
    "feroxbuster",
    "acunetix",
    "nessus",
    "openvas",
    "arachni",
    "w3af",
    "wfuzz",
    "dirsearch",
    "whatweb",
    "awvs",
    "appscan",
    "netsparker",
    "jaeles",
    "commix",
    "skipfish",
    "havij",
    "zaproxy",
    "dirb/",
];

/// Callers under watch.
const CALLERS: usize = 2_048;
/// Events kept of one caller; more than any threshold needs.
const EVENTS: usize = 256;
/// User agents of which it is remembered whether they name a tool.
const AGENTS: usize = 1_024;
/// Calls kept of one caller to see methods swept.
const METHODS: usize = 64;
/// Refusals among the methods tried on one path.
const REFUSED: usize = 3;

/// What one caller tried at one site.
#[derive(Serialize, Deserialize)]
struct Tried {
    missing: Distinct,
    probed: Distinct,
    methods: Window<(u64, Text, bool)>,
    tool_calls: u64,
}

/// Different things within a window.
#[derive(Serialize, Deserialize)]
struct Distinct {
    window: Window<u64>,
    counts: BTreeMap<u64, u32>,
}

impl Distinct {
    fn new(seconds: u64) -> Self {
        Distinct { window: Window::new(seconds, EVENTS), counts: BTreeMap::new() }
    }

    fn add(&mut self, time: Timestamp, thing: u64) -> u64 {
        *self.counts.entry(thing).or_insert(0) += 1;
        let counts = &mut self.counts;
        self.window.add(time, thing, |gone| {
            if let Some(n) = counts.get_mut(&gone) {
                *n -= 1;
                if *n == 0 {
                    counts.remove(&gone);
                }
            }
        });
        self.counts.len() as u64
    }
}

/// Identifies C20.
pub(super) struct Source {
    thresholds: Thresholds,
    /// Which tool a user agent names.
    tools: Table<Text, Option<&'static str>>,
    tried: Table<(SiteId, CallerId), Tried>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { thresholds: thresholds.clone(), tools: Table::new(AGENTS), tried: Table::new(CALLERS) }
    }

    /// What of an observation is scanning, once its threshold is reached.
    fn judged(&mut self, seen: &Observation<'_>) -> Option<Summary> {
        let t = &self.thresholds;
        let request = facts::request(seen)?;
        let time = seen.exchange.time;
        let path = digest(target::path(&request.target));
        let tried = self.tried.entry(&(seen.site, seen.caller), || Tried {
            missing: Distinct::new(t.c20_seconds),
            probed: Distinct::new(t.c20_seconds),
            methods: Window::new(t.c20_seconds, METHODS),
            tool_calls: 0,
        });
        let mut said = None;
        let agent = &request.user_agent;
        if let Some(tool) = *self.tools.entry(agent, || tool(agent)) {
            tried.tool_calls += 1;
            let n = tried.tool_calls;
            if n >= t.c20_tool_calls {
                said =
                    Some(both(format!("工具 {tool} 调用 {n} 次"), format!("{n} calls by the tool {tool}")));
            }
        }
        if facts::signals(seen, SignalFamily::ProbePath).any(|(hit, _)| !hit.place.response) {
            let n = tried.probed.add(time, path);
            if n >= t.c20_probe_paths {
                said = Some(both(format!("敏感路径 {n} 个"), format!("{n} paths of the probe dictionary")));
            }
        }
        let status = seen.exchange.status();
        if status == Some(404) {
            let n = tried.missing.add(time, path);
            if n >= t.c20_missing_paths {
                said = Some(both(
                    format!("不存在的路径 {n} 个"),
                    format!("{n} different paths that are not there"),
                ));
            }
        }
        let refused = matches!(status, Some(400 | 403 | 404 | 405 | 501));
        tried.methods.add(time, (path, request.method.clone(), refused), drop);
        if refused {
            let here = || tried.methods.iter().filter(|(_, (p, ..))| *p == path);
            let methods: BTreeSet<&str> = here().map(|(_, (_, m, _))| &**m).collect();
            let refusals: BTreeSet<&str> =
                here().filter(|(_, (.., r))| *r).map(|(_, (_, m, _))| &**m).collect();
            let n = methods.len();
            if n as u64 >= t.c20_methods && refusals.len() >= REFUSED {
                said = Some(both(
                    format!("对同一路径试用 {n} 种方法"),
                    format!("{n} methods tried on one path"),
                ));
            }
        }
        said
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(tried);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(how) = self.judged(seen) else { return };
        let probes = facts::signals(seen, SignalFamily::ProbePath).any(|(hit, _)| !hit.place.response);
        let severity = if probes && facts::succeeded(seen) { CARD.severity.raised() } else { CARD.severity };
        let host = known.site(seen.site).map_or("", |s| &s.host);
        let status = seen.exchange.status().map_or_else(|| "-".to_owned(), |s| s.to_string());
        out.push(Sighting::of(&CARD, seen).of_site().by_caller().severity(severity).say(
            both(format!("扫描站点 {host}：{}", how.zh), format!("site {host} is scanned: {}", how.en)),
            both(format!("{}，状态 {status}", how.zh), format!("{}, status {status}", how.en)),
        ));
    }

    fn evicted(&self) -> u64 {
        self.tried.evicted()
    }
}

fn tool(user_agent: &str) -> Option<&'static str> {
    let agent = user_agent.to_ascii_lowercase();
    TOOLS.iter().find(|t| agent.contains(**t)).copied()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    use weir_exchange::Part;

    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), calls)
    }
    fn missing(i: u64, gap: f64) -> Call {
        call("GET", &format!("/x/{i}")).status(404).at(i as f64 * gap)
    }

    #[test]
    fn reports_missing_paths_probes_methods_and_tools() {
        assert!(found((0..49).map(|i| missing(i, 1.0))).is_empty());
        let f = found((0..50).map(|i| missing(i, 1.0)));
        assert_eq!((f.len(), f[0].severity, f[0].key.interface), (1, Severity::Low, None));
        let probe =
            |i: u64| call("GET", &format!("/.git/{i}")).status(404).signal("probe.git", false, Part::Path);
        assert!(found((0..3).map(probe)).is_empty());
        assert_eq!(found((0..4).map(probe)).len(), 1);
        assert_eq!(found((0..4).map(|i| probe(i).status(200)))[0].severity, Severity::Medium);
        let sweep = ["GET", "PUT", "DELETE", "TRACE", "TRACK", "CONNECT", "PATCH"];
        assert_eq!(found(sweep.iter().map(|m| call(m, "/a").status(405))).len(), 2);
        let tool = || call("GET", "/a").req(|r| r.user_agent = "sqlmap/1.8".into());
        assert_eq!(found([tool(), tool(), tool()]).len(), 1);
    }

    #[test]
    fn leaves_dead_links_slow_crawls_rest_and_ordinary_clients_alone() {
        assert!(found((0..500).map(|i| missing(i % 20, 0.1))).is_empty());
        assert!(found((0..200).map(|i| missing(i, 10.0))).is_empty(), "slow");
        assert!(found((0..80).map(|i| missing(i, 1.0).by(i as u32 % 4))).is_empty(), "spread");
        let rest = ["GET", "PUT", "DELETE", "PATCH", "POST", "OPTIONS", "HEAD"];
        assert!(found(rest.iter().map(|m| call(m, "/a"))).is_empty());
        for agent in ["curl/8", "python-requests/2", "Mozilla/5.0"] {
            assert!(found((0..9).map(|_| call("GET", "/a").req(|r| r.user_agent = agent.into()))).is_empty());
        }
    }

    #[test]
    fn stays_bounded() {
        let mut source = Source::new(&Thresholds::default());
        let w = World::new();
        w.found(&mut source, (0..5_000).map(|i| missing(i, 0.0)));
        assert_eq!(source.tried.get(&(SiteId(0), CallerId(0))).unwrap().missing.counts.len(), EVENTS);
    }
}
