//! `incidents.jsonl`.

use super::{Bilingual, RiskCause, RiskSourceRecord, VERSION};
use crate::Results;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_model::{Clock, Incident};

/// A type of data that an incident concerns.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct IncidentDataRecord {
    /// Data type.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Grade.
    pub level: u8,
}

/// A duty with its clock (报告时限).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct DutyRecord {
    /// Id within the rules.
    pub id: String,
    /// What to do.
    pub what: Bilingual,
    /// Where it stands.
    pub clause: String,
    /// From when its time runs: `known` (found) or `handled`.
    pub since: String,
    /// Seconds it gives; 0 for at once.
    pub within_seconds: u64,
    /// When it is over; null where it does not run yet.
    pub due: Option<String>,
}

/// An incident (事件), as one line of `incidents.jsonl`. Order: found, then id.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct IncidentRecord {
    /// Version of the record.
    pub v: u32,
    /// Stable id (`in-` and 12 hex digits).
    pub id: String,
    /// Type (GB/T 20986-2023), by its key: `data_theft`.
    #[serde(rename = "type")]
    pub incident_type: String,
    /// Name of the type.
    pub name: Bilingual,
    /// Class of the type.
    pub class: Bilingual,
    /// Secondary types, by their keys.
    pub secondary: Vec<String>,
    /// Level: `general`, `considerable`, `major`, `extreme`.
    pub level: String,
    /// What gave the level.
    pub level_reason: Bilingual,
    /// Harm of the gravest risk it comes from.
    pub harm: String,
    /// Likelihood: what happened is `high`.
    pub likelihood: String,
    /// Host of the site.
    pub site: String,
    /// When it was found: clocks run from here.
    pub found: String,
    /// First sighting of what belongs to it.
    pub first_seen: String,
    /// Last sighting.
    pub last_seen: String,
    /// Scope: ids of the interfaces concerned; none where it is the whole site.
    pub interfaces: Vec<String>,
    /// Clues: addresses of who did it.
    pub callers: Vec<String>,
    /// Accounts it was done under.
    pub accounts: Vec<String>,
    /// What happened (`entered`, `obtained`, `disclosed`, `changed`), with the first sighting of each.
    pub effects: BTreeMap<String, String>,
    /// Object: types of data that the interfaces concerned give out in clear.
    pub data: Vec<IncidentDataRecord>,
    /// Degree: persons concerned at most; 0 where none were counted.
    pub persons_at_most: u64,
    /// Sightings of all risk sources that belong to it.
    pub sightings: u64,
    /// Consequence.
    pub consequence: Bilingual,
    /// Cause.
    pub cause: Bilingual,
    /// Risk sources that belong to it.
    pub sources: Vec<RiskCause>,
    /// Weaknesses of the same interfaces.
    pub weaknesses: Vec<RiskCause>,
    /// Ids of the risks it comes from.
    pub risks: Vec<String>,
    /// Duties, first due first.
    pub duties: Vec<DutyRecord>,
    /// Name and version of the rules that it was judged by.
    pub rules: String,
}

impl From<&Clock> for DutyRecord {
    fn from(c: &Clock) -> Self {
        DutyRecord {
            id: c.id.to_string(),
            what: (&c.said).into(),
            clause: c.clause.to_string(),
            since: c.since.key().into(),
            within_seconds: c.within,
            due: c.due.map(|t| t.to_string()),
        }
    }
}

impl IncidentRecord {
    /// `sources` in the order of [`Results::sources`], to which incidents refer by position.
    pub(crate) fn new(incident: &Incident, sources: &[RiskSourceRecord], results: &Results<'_>) -> Self {
        let causes = |positions: &[usize]| {
            let of = positions.iter().filter_map(|i| sources.get(*i));
            let mut all: Vec<_> = of.map(|s| RiskCause { id: s.id.clone(), key: s.key.clone() }).collect();
            all.sort_unstable();
            all
        };
        let principal = incident.types.first();
        let class = principal.map_or(("", ""), |t| t.class());
        let mut interfaces: Vec<String> =
            incident.interfaces.iter().filter_map(|id| results.interface_key(Some(*id))).collect();
        interfaces.sort_unstable();
        interfaces.dedup();
        let mut callers: Vec<_> =
            incident.callers.iter().filter_map(|id| results.known.caller(*id)).map(|c| c.ip).collect();
        callers.sort_unstable();
        let data = incident.data.iter().filter_map(|(id, level)| {
            let data_type = results.catalogue.data_type(*id)?.id.to_string();
            Some(IncidentDataRecord { data_type, level: *level })
        });
        let mut data: Vec<_> = data.collect();
        data.sort_by(|a, b| (b.level, &a.data_type).cmp(&(a.level, &b.data_type)));
        let mut risks: Vec<String> =
            incident.risks.iter().filter_map(|i| results.risks.get(*i)).map(|r| r.key.to_string()).collect();
        risks.sort_unstable();
        IncidentRecord {
            v: VERSION,
            id: incident.key.to_string(),
            incident_type: principal.map_or("", |t| t.key()).into(),
            name: Bilingual::new(principal.map_or("", |t| t.zh()), principal.map_or("", |t| t.en())),
            class: Bilingual::new(class.0, class.1),
            secondary: incident.types.iter().skip(1).map(|t| t.key().to_string()).collect(),
            level: incident.level.key().into(),
            level_reason: (&incident.level_said).into(),
            harm: incident.harm.key().into(),
            likelihood: incident.likelihood.key().into(),
            site: results.host(incident.site),
            found: incident.known.to_string(),
            first_seen: incident.first_seen.to_string(),
            last_seen: incident.last_seen.to_string(),
            interfaces,
            callers: callers.iter().map(ToString::to_string).collect(),
            accounts: incident.accounts.iter().map(ToString::to_string).collect(),
            effects: incident.effects.iter().map(|(e, t)| (e.key().to_string(), t.to_string())).collect(),
            data,
            persons_at_most: incident.persons,
            sightings: incident.sightings,
            consequence: (&incident.consequence).into(),
            cause: (&incident.cause).into(),
            sources: causes(&incident.sources),
            weaknesses: causes(&incident.weaknesses),
            risks,
            duties: incident.clocks.iter().map(Into::into).collect(),
            rules: results.catalogue.incidents.version.to_string(),
        }
    }
}
