//! `risk-sources.jsonl`.

use super::{Bilingual, VERSION};
use crate::Results;
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;
use weir_model::{Basis, Evidence, RiskSource};

/// What a risk source rests on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct EvidenceRecord {
    /// Time of the exchange.
    pub time: String,
    /// Community ID of its flow: with time and number it names a line of `exchanges.jsonl`.
    pub flow: String,
    /// Number of the exchange within its flow, from 0.
    pub number: u32,
    /// What shows the risk source, sensitive values masked.
    pub note: Bilingual,
}

/// Data that a risk source was found in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Debug)]
pub struct SourceDataRecord {
    /// `request` or `response`.
    #[serde(rename = "where")]
    pub place: String,
    /// Field path.
    pub path: String,
    /// Data type.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Form.
    pub form: String,
}

impl SourceDataRecord {
    fn new(b: &Basis, results: &Results<'_>) -> Option<Self> {
        Some(SourceDataRecord {
            place: if b.response { "response" } else { "request" }.into(),
            path: b.path.to_string(),
            data_type: results.catalogue.data_type(b.data_type)?.id.to_string(),
            form: b.form.key().into(),
        })
    }
}

/// A stable id of what `parts` name: a prefix, a dash and 12 hex digits. Unkeyed: the same in every run and directory.
pub fn stable_id(prefix: &str, parts: &[&str]) -> String {
    let mut h = SipHasher13::new();
    for part in parts {
        h.write(part.as_bytes());
        h.write_u8(0xff);
    }
    format!("{prefix}-{:012x}", h.finish() >> 16)
}

impl From<&Evidence> for EvidenceRecord {
    fn from(e: &Evidence) -> Self {
        let (time, flow) = (e.time.to_string(), e.flow.to_string());
        EvidenceRecord { time, flow, number: e.number, note: (&e.note).into() }
    }
}

/// A risk source (风险源), as one line of `risk-sources.jsonl`. Order: time, id, key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct RiskSourceRecord {
    /// Version of the record.
    pub v: u32,
    /// Catalogue id (`V01`).
    pub id: String,
    /// Stable id of this one (`rs-` and 12 hex digits of catalogue id, site, interface, caller and account).
    pub key: String,
    /// First sighting.
    pub time: String,
    /// Last sighting.
    pub last_seen: String,
    /// Highest severity sighted: `info` to `critical`.
    pub severity: String,
    /// Id of the interface, where it is one interface's.
    pub interface: Option<String>,
    /// Address of the caller, where it is one caller's doing.
    pub caller: Option<String>,
    /// Name of the account, where it is one account's.
    pub account: Option<String>,
    /// Host of the site.
    pub site: String,
    /// Sightings.
    pub count: u64,
    /// What the catalogue calls it.
    pub name: Bilingual,
    /// What happened, with figures.
    pub summary: Bilingual,
    /// The first 5 exchanges that show it, and the newest.
    pub evidence: Vec<EvidenceRecord>,
    /// Handling measures of the catalogue (`H1`).
    pub measures: Vec<String>,
    /// Data it was found in, the first 8, where it rests on data.
    #[serde(default)]
    pub data: Vec<SourceDataRecord>,
    /// What its sightings show to have happened (`obtained`), with the first that does; empty for a weakness or an attempt.
    #[serde(default)]
    pub effects: BTreeMap<String, String>,
    /// How often it was sighted anew after a quiet period, the first time included.
    #[serde(default)]
    pub episodes: u32,
}

impl RiskSourceRecord {
    pub(crate) fn new(source: &RiskSource, results: &Results<'_>) -> Self {
        let card = results.card(source.key.id);
        let mut record = RiskSourceRecord {
            v: VERSION,
            id: source.key.id.into(),
            key: String::new(),
            time: source.first_seen.to_string(),
            last_seen: source.last_seen.to_string(),
            severity: source.severity.key().into(),
            interface: results.interface_key(source.key.interface),
            caller: source.key.caller.and_then(|id| results.known.caller(id)).map(|c| c.ip.to_string()),
            account: source.key.account.as_deref().map(Into::into),
            site: results.host(source.key.site),
            count: source.count,
            name: Bilingual::new(card.map_or(source.key.id, |c| c.zh), card.map_or(source.key.id, |c| c.en)),
            summary: (&source.summary).into(),
            evidence: source.evidence.iter().map(Into::into).collect(),
            measures: card.map_or(&[][..], |c| c.measures).iter().map(|h| format!("H{}", h.0)).collect(),
            data: Vec::new(),
            effects: source.effects.iter().map(|(e, t)| (e.key().to_string(), t.to_string())).collect(),
            episodes: source.episodes,
        };
        let data: BTreeSet<_> =
            source.data.iter().filter_map(|b| SourceDataRecord::new(b, results)).collect();
        record.data = data.into_iter().collect();
        record.key = record.stable_key();
        record
    }

    /// Unkeyed, so that the same findings have the same ids in every run and directory; what goes in is in the record anyway.
    fn stable_key(&self) -> String {
        let mut h = SipHasher13::new();
        for part in [
            Some(&self.id),
            Some(&self.site),
            self.interface.as_ref(),
            self.caller.as_ref(),
            self.account.as_ref(),
        ] {
            match part {
                Some(text) => h.write(text.as_bytes()),
                None => h.write_u8(0xfe),
            }
            h.write_u8(0xff);
        }
        format!("rs-{:012x}", h.finish() >> 16)
    }
}
