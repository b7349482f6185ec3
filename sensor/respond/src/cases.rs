//! Cases (案件): what has the same cause, with its state.

use crate::standing::{Seen, Standing};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use weir_model::Severity;
use weir_store::record::{
    Bilingual, IncidentRecord, InterfaceRecord, RiskCause, RiskRecord, RiskSourceRecord,
};
use weir_store::{Covered, Data, Decision, Decisions, StoreError, stable_id};

/// Cases of one kind at one site by different callers from which they are a storm, and one case.
const STORM: usize = 20;
/// Names listed in a case.
const NAMES: usize = 64;

/// What a data directory knows.
#[derive(Debug)]
pub struct Directory<'a> {
    data: &'a Data,
    decisions: &'a Decisions,
    /// Risk sources.
    pub sources: Vec<RiskSourceRecord>,
    /// Risks.
    pub risks: Vec<RiskRecord>,
    /// Incidents.
    pub incidents: Vec<IncidentRecord>,
    /// Interfaces.
    pub interfaces: Vec<InterfaceRecord>,
    /// Newest time of all.
    now: String,
}

impl<'a> Directory<'a> {
    /// Reads what is needed.
    ///
    /// # Errors
    /// Where records cannot be read.
    pub fn read(data: &'a Data, decisions: &'a Decisions) -> Result<Directory<'a>, StoreError> {
        let (sources, interfaces) = (data.risk_sources()?, data.interfaces()?);
        let times = interfaces.iter().map(|i| &i.last_seen).chain(sources.iter().map(|s| &s.last_seen));
        let now = times.max().cloned().unwrap_or_default();
        let (risks, incidents) = (data.risks()?, data.incidents()?);
        Ok(Directory { data, decisions, sources, risks, incidents, interfaces, now })
    }
}

/// A case, as one line of `cases.jsonl`. Order: first seen, then id.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct CaseRecord {
    /// Version of the record.
    pub v: u32,
    /// Stable id (`ca-` and 12 hex digits).
    pub id: String,
    /// `incident`, `actor` (what one caller or account does), `weakness` (one kind of weakness of a site) or `storm` (many callers that do
    /// the same at a site).
    pub kind: String,
    /// What it is.
    pub title: Bilingual,
    /// Host of the site.
    pub site: String,
    /// The incident it is, where it is one.
    pub incident: Option<String>,
    /// Highest severity of its risk sources.
    pub severity: String,
    /// Its risk sources.
    pub sources: Vec<RiskCause>,
    /// Ids of interfaces concerned.
    pub interfaces: Vec<String>,
    /// Addresses of callers concerned, the first 64.
    pub callers: Vec<String>,
    /// Accounts concerned, the first 64.
    pub accounts: Vec<String>,
    /// First sighting.
    pub first_seen: String,
    /// Last sighting.
    pub last_seen: String,
    /// Sightings of all its risk sources.
    pub sightings: u64,
    /// Times it came up anew after a quiet period, the first included.
    pub episodes: u32,
    /// Sightings that a case spares its reader: all but one an episode.
    pub suppressed: u64,
    /// How it stands.
    pub standing: Standing,
}

/// What makes risk sources one case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Cause<'a> {
    Incident(&'a str),
    Actor(&'a str, &'a str),
    Weakness(&'a str, &'a str),
    Storm(&'a str, &'a str),
}

/// All cases.
///
/// # Errors
/// Where calls cannot be counted.
pub fn cases(d: &Directory<'_>) -> Result<Vec<CaseRecord>, StoreError> {
    let newest = newest(d.decisions);
    let mut all: Vec<CaseRecord> =
        grouped(d).into_iter().map(|(cause, of)| case(d, &cause, &of, &newest)).collect::<Result<_, _>>()?;
    all.sort_by(|a, b| (&a.first_seen, &a.id).cmp(&(&b.first_seen, &b.id)));
    Ok(all)
}

fn grouped<'a>(d: &'a Directory<'_>) -> BTreeMap<Cause<'a>, Vec<&'a RiskSourceRecord>> {
    let mut incident: BTreeMap<&str, &IncidentRecord> = BTreeMap::new();
    for i in &d.incidents {
        for s in &i.sources {
            incident.entry(&s.key).or_insert(i);
        }
    }
    let mut groups: BTreeMap<Cause<'_>, Vec<&RiskSourceRecord>> = BTreeMap::new();
    for s in &d.sources {
        let actor = s.account.as_deref().or(s.caller.as_deref());
        let cause = match (incident.get(&*s.key), actor) {
            (Some(i), _) => Cause::Incident(&i.id),
            (None, Some(actor)) => Cause::Actor(&s.site, actor),
            (None, None) => Cause::Weakness(&s.site, &s.id),
        };
        groups.entry(cause).or_default().push(s);
    }
    storms(&mut groups);
    groups
}

/// Many callers that do one thing at a site are one case.
fn storms<'a>(groups: &mut BTreeMap<Cause<'a>, Vec<&'a RiskSourceRecord>>) {
    let mut alike: BTreeMap<(&str, &str), Vec<Cause<'a>>> = BTreeMap::new();
    for (cause, of) in groups.iter() {
        if let (Cause::Actor(..), [first, rest @ ..]) = (cause, &**of)
            && rest.iter().all(|s| s.id == first.id)
        {
            alike.entry((&first.site, &first.id)).or_default().push(cause.clone());
        }
    }
    for ((site, id), causes) in alike.into_iter().filter(|(_, c)| c.len() > STORM) {
        let of: Vec<_> = causes.iter().filter_map(|c| groups.remove(c)).flatten().collect();
        groups.insert(Cause::Storm(site, id), of);
    }
}

/// The newest decision that covers each risk source.
fn newest(decisions: &Decisions) -> BTreeMap<&str, &Decision> {
    let mut newest = BTreeMap::new();
    for d in decisions.in_force().filter(|d| d.action.is_of_findings()) {
        for c in &d.covers {
            newest.insert(&*c.key, d);
        }
    }
    newest
}

fn case(
    d: &Directory<'_>,
    cause: &Cause<'_>,
    of: &[&RiskSourceRecord],
    newest: &BTreeMap<&str, &Decision>,
) -> Result<CaseRecord, StoreError> {
    let (kind, names) = match cause {
        Cause::Incident(id) => ("incident", vec![*id]),
        Cause::Actor(site, who) => ("actor", vec![*site, *who]),
        Cause::Weakness(site, id) => ("weakness", vec![*site, *id]),
        Cause::Storm(site, id) => ("storm", vec![*site, *id]),
    };
    let incident = match cause {
        Cause::Incident(id) => d.incidents.iter().find(|i| i.id == *id),
        _ => None,
    };
    let worst = |s: &&&RiskSourceRecord| Severity::ALL.iter().position(|x| x.key() == s.severity);
    let gravest = of.iter().max_by_key(worst);
    let named = |each: fn(&RiskSourceRecord) -> Option<&String>| -> Vec<String> {
        let all: BTreeSet<&String> = of.iter().filter_map(|s| each(s)).collect();
        all.into_iter().take(NAMES).cloned().collect()
    };
    let mut sources: Vec<RiskCause> =
        of.iter().map(|s| RiskCause { id: s.id.clone(), key: s.key.clone() }).collect();
    sources.sort_unstable();
    let sightings: u64 = of.iter().map(|s| s.count).sum();
    let episodes = of.iter().map(|s| s.episodes).max().unwrap_or(0).max(1);
    Ok(CaseRecord {
        v: 1,
        id: stable_id("ca", &[&[kind][..], &names].concat()),
        kind: kind.into(),
        title: title(cause, incident, gravest.copied()),
        site: of.first().map(|s| s.site.clone()).unwrap_or_default(),
        incident: incident.map(|i| i.id.clone()),
        severity: gravest.map(|s| s.severity.clone()).unwrap_or_default(),
        interfaces: named(|s| s.interface.as_ref()),
        callers: named(|s| s.caller.as_ref()),
        accounts: named(|s| s.account.as_ref()),
        first_seen: of.iter().map(|s| &s.time).min().cloned().unwrap_or_default(),
        last_seen: of.iter().map(|s| &s.last_seen).max().cloned().unwrap_or_default(),
        sightings,
        episodes,
        suppressed: sightings.saturating_sub(u64::from(episodes)),
        standing: standing(d, of, newest)?,
        sources,
    })
}

fn title(
    cause: &Cause<'_>,
    incident: Option<&IncidentRecord>,
    gravest: Option<&RiskSourceRecord>,
) -> Bilingual {
    let name = gravest.map(|s| s.name.clone()).unwrap_or(Bilingual { zh: String::new(), en: String::new() });
    match (cause, incident) {
        (_, Some(i)) => i.name.clone(),
        (Cause::Actor(_, who), _) => {
            Bilingual { zh: format!("{who}：{}", name.zh), en: format!("{who}: {}", name.en) }
        }
        (Cause::Storm(..), _) => {
            Bilingual { zh: format!("大量来源：{}", name.zh), en: format!("many sources: {}", name.en) }
        }
        _ => name,
    }
}

/// How a case stands: by the newest decision on any of its risk sources.
fn standing(
    d: &Directory<'_>,
    of: &[&RiskSourceRecord],
    newest: &BTreeMap<&str, &Decision>,
) -> Result<Standing, StoreError> {
    let Some(decision) = of.iter().filter_map(|s| newest.get(&*s.key)).max_by_key(|x| x.n) else {
        return Ok(Standing::open());
    };
    let (mut covered, mut beyond): (Vec<&RiskSourceRecord>, Vec<&RiskSourceRecord>) =
        of.iter().copied().partition(|s| decision.covers.iter().any(|c| c.key == s.key));
    covered.sort_by(|a, b| a.key.cmp(&b.key));
    // What was decided before on its own is not new.
    beyond.retain(|s| !newest.contains_key(&*s.key));
    let last = covered.iter().map(|s| &*s.last_seen).max().unwrap_or("");
    let calls = |since: &str| calls(d, &covered, since);
    let seen =
        Seen { last_seen: last, beyond: beyond.iter().map(|s| &*s.time).min(), now: &d.now, calls: &calls };
    Standing::by(decision, &seen)
}

/// Calls since a time that would show these risk sources, and from how many none doing so means something.
fn calls(d: &Directory<'_>, of: &[&RiskSourceRecord], since: &str) -> Result<(u64, u64), StoreError> {
    let (mut sum, mut enough) = (0, 0);
    let mut counted = BTreeSet::new();
    for s in of {
        let here = |i: &&InterfaceRecord| match &s.interface {
            Some(id) => i.id == *id,
            None => i.host == s.site,
        };
        let places: Vec<&InterfaceRecord> = d.interfaces.iter().filter(here).collect();
        let ids: Vec<&str> = places.iter().map(|i| &*i.id).collect();
        // Errors show in replies that fail, all else in those that do not.
        let failures = s.id == "V25";
        let n = d.data.calls_since(&ids, since, failures)?;
        let all: u64 = places.iter().map(|i| i.exchanges).sum();
        let rare = all.saturating_sub(n).max(1).div_ceil(s.count.max(1));
        enough = enough.max(3 * rare);
        if counted.insert(ids) {
            sum += n;
        }
    }
    Ok((sum, enough.max(3)))
}

/// The risk sources that an id stands for: of a case, an incident, a risk, or one itself; with the rules they rest on.
///
/// # Errors
/// Where calls cannot be counted.
pub fn covered(d: &Directory<'_>, id: &str) -> Result<Vec<Covered>, StoreError> {
    let keys: BTreeSet<String> = match id.get(..3) {
        Some("ca-") => {
            let all = cases(d)?;
            all.into_iter().filter(|c| c.id == id).flat_map(|c| c.sources).map(|s| s.key).collect()
        }
        Some("in-") => of_causes(d.incidents.iter().filter(|i| i.id == id).flat_map(|i| &i.sources)),
        Some("rk-") => of_causes(d.risks.iter().filter(|r| r.id == id).flat_map(|r| &r.sources)),
        _ => BTreeSet::from([id.to_string()]),
    };
    let of = d.sources.iter().filter(|s| keys.contains(&s.key));
    Ok(of
        .map(|s| {
            let rules: BTreeSet<String> = s.data.iter().map(|x| x.data_type.clone()).collect();
            Covered { id: s.id.clone(), key: s.key.clone(), rules: rules.into_iter().collect() }
        })
        .collect())
}

fn of_causes<'a>(causes: impl Iterator<Item = &'a RiskCause>) -> BTreeSet<String> {
    causes.map(|c| c.key.clone()).collect()
}

impl CaseRecord {
    /// Whether a person has yet to do something about it.
    pub fn is_due(&self) -> bool {
        matches!(&*self.standing.state, "open" | "reopened" | "confirmed")
    }
}
