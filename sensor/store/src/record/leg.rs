//! Legs of one call, before and after a proxy (链路段).

use serde::{Deserialize, Serialize};
use weir_model::{Leg, Site};

/// The other leg of a call, in `exchanges.jsonl`.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct LegRecord {
    /// Of a first leg: address and port that the next one goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Of a further leg: Community ID of the first one's flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// Of a further leg: number of the first one within its flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// By what they are known to be one call: `names-client` (`X-Forwarded-For` and the like) or `same-address` (the second comes from the
    /// address that answered the first), beside equal method, path, status and body sizes, one within the other in time.
    pub proof: &'static str,
}

impl LegRecord {
    /// Where a first leg goes on.
    pub(crate) fn upstream(leg: Leg) -> Option<Self> {
        let Leg::First { upstream, proof } = leg else { return None };
        Some(LegRecord { server: Some(upstream.to_string()), flow: None, number: None, proof: proof.key() })
    }
    /// What a further leg belongs to.
    pub(crate) fn first(leg: Leg) -> Option<Self> {
        let Leg::Further { of, number, proof } = leg else { return None };
        Some(LegRecord {
            server: None,
            flow: Some(of.community_id.to_string()),
            number: Some(number),
            proof: proof.key(),
        })
    }
}

/// A backend (上游) that a provider passes calls on to, in `interfaces.jsonl`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct UpstreamRecord {
    /// Address and port.
    pub server: String,
    /// Calls of the site seen on their way there.
    pub calls: u64,
    /// What shows it, one clause each.
    pub evidence: Vec<String>,
    /// First of them.
    pub first_seen: String,
    /// Last of them.
    pub last_seen: String,
}

impl UpstreamRecord {
    /// Those of a site, by address.
    pub(crate) fn all(site: &Site) -> Vec<Self> {
        let evidence = |named: u64, calls: u64| {
            let clauses = [
                (named, "second legs name the client of the first"),
                (calls - named.min(calls), "second legs come from the address that answered the first"),
            ];
            clauses.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect()
        };
        let record = |(server, u): (&weir_wire::Endpoint, &weir_model::Upstream)| UpstreamRecord {
            server: server.to_string(),
            calls: u.calls,
            evidence: evidence(u.named, u.calls),
            first_seen: u.first_seen.to_string(),
            last_seen: u.last_seen.to_string(),
        };
        site.upstreams.iter().map(record).collect()
    }
}
