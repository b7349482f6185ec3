//! `risks.jsonl`.

use super::{Bilingual, RiskSourceRecord, VERSION};
use crate::Results;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_model::Risk;

/// A risk source that a risk rests on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Debug)]
pub struct RiskCause {
    /// Catalogue id (`V01`).
    pub id: String,
    /// Key of the line in `risk-sources.jsonl`.
    pub key: String,
}

/// A risk (风险), as one line of `risks.jsonl`. Order: first seen, then id.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct RiskRecord {
    /// Version of the record.
    pub v: u32,
    /// Stable id (`rk-` and 12 hex digits).
    pub id: String,
    /// Risk type of the catalogue (`R1`).
    #[serde(rename = "type")]
    pub risk_type: String,
    /// Name of the type.
    pub name: Bilingual,
    /// Host of the site.
    pub site: String,
    /// Id of the interface; null for a risk of the whole site.
    pub interface: Option<String>,
    /// Harm: `low`, `medium`, `considerable`, `high`, `very-high`.
    pub harm: String,
    /// Likelihood: `low`, `medium`, `high`.
    pub likelihood: String,
    /// Level: `slight`, `low`, `medium`, `high`, `major`.
    pub level: String,
    /// The risk sources it rests on.
    pub sources: Vec<RiskCause>,
    /// First sighting of any of them.
    pub first_seen: String,
    /// Last sighting of any of them.
    pub last_seen: String,
    /// The factors that gave harm and likelihood.
    pub factors: BTreeMap<String, Bilingual>,
}

impl RiskRecord {
    /// `sources` in the order of [`Results::sources`], to which risks refer by position.
    pub(crate) fn new(risk: &Risk, sources: &[RiskSourceRecord], results: &Results<'_>) -> Self {
        let causes = risk.sources.iter().filter_map(|i| sources.get(*i));
        let mut causes: Vec<_> = causes.map(|s| RiskCause { id: s.id.clone(), key: s.key.clone() }).collect();
        causes.sort_unstable();
        RiskRecord {
            v: VERSION,
            id: risk.key.to_string(),
            risk_type: format!("R{}", risk.risk_type.0),
            name: Bilingual::new(risk.risk_type.zh(), risk.risk_type.en()),
            site: results.host(risk.site),
            interface: results.interface_key(risk.interface),
            harm: risk.harm.key().into(),
            likelihood: risk.likelihood.key().into(),
            level: risk.level.key().into(),
            sources: causes,
            first_seen: risk.first_seen.to_string(),
            last_seen: risk.last_seen.to_string(),
            factors: risk.factors.iter().map(|(k, v)| ((*k).to_string(), v.into())).collect(),
        }
    }
}
