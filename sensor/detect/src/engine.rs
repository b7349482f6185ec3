//! All detectors, and their findings merged into risk sources.

use crate::names::Meanings;
use crate::table::Table;
use crate::{Connected, Detector, Seen, Thresholds, facts, sources};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use weir_exchange::Effect;
use weir_model::state::{StateError, decode, encode};
use weir_model::{
    Basis, ColumnRule, Evidence, Finding, FindingKey, Findings, InterfaceId, Known, Observation, Register,
    RiskSource,
};
use weir_wire::{Duration, Timestamp};

/// Risk sources kept of one catalogue id: an attack with ever new keys cannot crowd out the others.
const PER_ID: usize = 4_096;
/// Evidence kept from the beginning; one more place holds the newest.
const FIRST_EVIDENCE: usize = 5;
/// Interfaces of more callers than these are compared with the registered list once a minute; how many are kept in mind.
const FEW_CALLERS: usize = 16;
const BETWEEN: Duration = Duration::from_secs(60);
const COMPARED: usize = 16_384;
/// Columns kept that a risk source rests on; with more it no longer depends on any.
const BASES: usize = 8;

/// Under this name the risk sources found are remembered; detectors are under their catalogue ids.
const SOURCES: &str = "risk sources";

/// Hands observations to every detector and merges what they find.
pub struct Engine {
    detectors: Vec<Box<dyn Detector>>,
    sources: BTreeMap<FindingKey, RiskSource>,
    /// Of risk sources all sightings of which rest on data of some column: on which, at most [`BASES`].
    bases: BTreeMap<FindingKey, BTreeSet<Basis>>,
    per_id: BTreeMap<&'static str, usize>,
    overflow: u64,
    found: Findings,
    meanings: Meanings,
    /// Silence after which a risk source that is sighted is back.
    quiet: Duration,
    register: Option<Arc<dyn Register>>,
    /// When interfaces of many callers were last compared with the registered list.
    compared: Table<InterfaceId, Timestamp>,
}

impl Engine {
    /// With one detector of each kind in the catalogue.
    pub fn new(thresholds: Thresholds) -> Engine {
        Engine {
            detectors: sources::detectors(&thresholds),
            sources: BTreeMap::new(),
            bases: BTreeMap::new(),
            per_id: BTreeMap::new(),
            overflow: 0,
            found: Vec::new(),
            meanings: Meanings::new(),
            quiet: Duration::from_secs(thresholds.case_quiet_hours * 3_600),
            register: None,
            compared: Table::new(COMPARED),
        }
    }

    /// Compares interfaces with a registered list from now on, or with none.
    pub fn register(&mut self, register: Option<Arc<dyn Register>>) {
        self.register = register;
        self.compared = Table::new(COMPARED);
    }

    /// Whether a call is one at which the interface's standing to the list is to be judged: every one of few callers, one a minute of
    /// many, whose addresses take long to go through.
    fn compares(&mut self, observation: &Observation<'_>, known: &Known<'_>) -> bool {
        let Some((id, interface)) = observation.interface.and_then(|id| Some((id, known.interface(id)?)))
        else {
            return false;
        };
        if self.register.is_none() || interface.callers.len() <= FEW_CALLERS {
            return self.register.is_some();
        }
        let now = observation.exchange.time;
        let last = self.compared.entry(&id, Timestamp::default);
        let due = now.since(*last) >= BETWEEN;
        if due {
            *last = now;
        }
        due
    }

    /// Judges one observation.
    pub fn inspect(&mut self, observation: &Observation<'_>, known: &Known<'_>) {
        let compares = self.compares(observation, known);
        let said = facts::request(observation).map(|r| self.meanings.of(&r.params));
        let register = self.register.as_deref().filter(|_| compares);
        let seen = Seen::new(observation, said.unwrap_or_default()).registered(register);
        let session = observation.exchange.protocol.is_session();
        for detector in &mut self.detectors {
            if session && sources::of_http(detector.card().id) {
                continue;
            }
            detector.inspect(&seen, known, &mut self.found);
        }
        self.merge_found();
    }

    /// Judges one encrypted connection.
    pub fn connection(&mut self, seen: &Connected<'_>, known: &Known<'_>) {
        for detector in &mut self.detectors {
            detector.connection(seen, known, &mut self.found);
        }
        self.merge_found();
    }

    /// Judges what is due by time alone.
    pub fn tick(&mut self, now: Timestamp, known: &Known<'_>) {
        for detector in &mut self.detectors {
            detector.tick(now, known, &mut self.found);
        }
        self.merge_found();
    }

    /// Judges what is judged over the whole period.
    pub fn finish(&mut self, now: Timestamp, known: &Known<'_>) {
        for detector in &mut self.detectors {
            detector.finish(now, known, &mut self.found);
        }
        self.merge_found();
    }

    /// Follows the inventory: what was said of `from` holds for `into`.
    pub fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        if from == into {
            return;
        }
        for detector in &mut self.detectors {
            detector.merged(from, into);
        }
        let moved: Vec<FindingKey> =
            self.sources.keys().filter(|k| k.interface == Some(from)).cloned().collect();
        for key in moved {
            let Some(mut source) = self.sources.remove(&key) else { continue };
            let bases = self.bases.remove(&key);
            source.key.interface = Some(into);
            self.rest(&source.key, bases.into_iter().flatten().map(Some).collect());
            match self.sources.entry(source.key.clone()) {
                Entry::Vacant(place) => {
                    place.insert(source);
                }
                Entry::Occupied(mut place) => {
                    absorb(place.get_mut(), source);
                    if let Some(n) = self.per_id.get_mut(key.id) {
                        *n = n.saturating_sub(1);
                    }
                }
            }
        }
    }

    /// Every risk source found so far, by time of its first sighting, then key. Those that rest on nothing but columns that turned out to
    /// be something else are left out.
    pub fn risk_sources(&self, known: &Known<'_>, rule: &ColumnRule) -> Vec<RiskSource> {
        let holds = |key: &FindingKey| {
            let (Some(bases), Some(i)) =
                (self.bases.get(key), key.interface.and_then(|i| known.interface(i)))
            else {
                return true;
            };
            !bases.iter().all(|b| i.rejects(b.response, &b.path, b.data_type, b.form, rule))
        };
        let mut all: Vec<RiskSource> =
            self.sources.iter().filter(|(key, _)| holds(key)).map(|(_, source)| source.clone()).collect();
        all.sort_by(|a, b| (a.first_seen, &a.key).cmp(&(b.first_seen, &b.key)));
        all
    }

    /// What is remembered, in parts: the risk sources found, and of each detector what it remembers.
    ///
    /// # Errors
    /// None in practice.
    pub fn save(&self) -> Result<Vec<(&'static str, Vec<u8>)>, StateError> {
        let found = encode(&(&self.sources, &self.bases, self.overflow))?;
        let mut parts = vec![(SOURCES, found)];
        for detector in &self.detectors {
            parts.extend(detector.save()?.map(|saved| (detector.card().id, saved)));
        }
        Ok(parts)
    }

    /// Takes over a part; `None` where no part has that name.
    ///
    /// # Errors
    /// Where another version wrote it, with other fields: then it is learned anew.
    pub fn restore(&mut self, name: &str, saved: &[u8]) -> Result<Option<()>, StateError> {
        if name == SOURCES {
            let (sources, bases, overflow) = decode(saved)?;
            (self.sources, self.bases, self.overflow) = (sources, bases, overflow);
            self.per_id.clear();
            for key in self.sources.keys() {
                *self.per_id.entry(key.id).or_insert(0) += 1;
            }
            return Ok(Some(()));
        }
        let named = self.detectors.iter_mut().find(|d| d.card().id == name);
        named.map(|detector| detector.restore(saved)).transpose()
    }

    /// How many risk sources there are, those that rest on nothing any more among them.
    pub fn known_sources(&self) -> usize {
        self.sources.len()
    }

    /// Findings not kept because their catalogue id already had the most risk sources that are kept of one id.
    pub const fn overflow(&self) -> u64 {
        self.overflow
    }

    /// Entries that detectors gave up for want of room, by catalogue id, where there are any.
    pub fn evicted(&self) -> Vec<(&'static str, u64)> {
        self.detectors.iter().map(|d| (d.card().id, d.evicted())).filter(|(_, n)| *n > 0).collect()
    }

    fn merge_found(&mut self) {
        let mut found = std::mem::take(&mut self.found);
        for finding in found.drain(..) {
            self.add(finding);
        }
        self.found = found;
    }

    /// Notes what a risk source rests on. One that rests on no column, or on too many, depends on none.
    fn rest(&mut self, key: &FindingKey, bases: Vec<Option<Basis>>) {
        let new = !self.sources.contains_key(key);
        let Ok(more) = bases.into_iter().map(|b| b.ok_or(())).collect::<Result<BTreeSet<_>, ()>>() else {
            self.bases.remove(key);
            return;
        };
        if more.is_empty() || !new && !self.bases.contains_key(key) {
            self.bases.remove(key);
            return;
        }
        let kept = self.bases.entry(key.clone()).or_default();
        kept.extend(more);
        if kept.len() > BASES {
            self.bases.remove(key);
        }
    }

    fn add(&mut self, mut finding: Finding) {
        let basis = finding.basis.take();
        self.rest(&finding.key, vec![basis.clone()]);
        if let Some(source) = self.sources.get_mut(&finding.key) {
            source.count += 1;
            source.episodes += u32::from(finding.time.since(source.last_seen) > self.quiet);
            note(source, basis, finding.effect.map(|e| (e, finding.time)));
            source.first_seen = source.first_seen.min(finding.time);
            source.severity = source.severity.max(finding.severity);
            if finding.time >= source.last_seen {
                source.last_seen = finding.time;
                source.summary = finding.summary;
            }
            add_evidence(&mut source.evidence, finding.evidence);
            return;
        }
        let of_id = self.per_id.entry(finding.key.id).or_insert(0);
        if *of_id >= PER_ID {
            self.overflow += 1;
            return;
        }
        *of_id += 1;
        let source = RiskSource {
            key: finding.key.clone(),
            first_seen: finding.time,
            last_seen: finding.time,
            severity: finding.severity,
            count: 1,
            summary: finding.summary,
            evidence: vec![finding.evidence],
            data: basis.into_iter().collect(),
            effects: finding.effect.map(|e| (e, finding.time)).into_iter().collect(),
            episodes: 1,
        };
        self.sources.insert(finding.key, source);
    }
}

/// Adds the data and the effect of a sighting.
fn note(
    source: &mut RiskSource,
    data: impl IntoIterator<Item = Basis>,
    effects: impl IntoIterator<Item = (Effect, Timestamp)>,
) {
    for basis in data {
        if source.data.len() < BASES {
            source.data.insert(basis);
        }
    }
    for (effect, time) in effects {
        let first = source.effects.entry(effect).or_insert(time);
        *first = time.min(*first);
    }
}

/// Keeps the first five and, in a sixth place, the newest.
fn add_evidence(kept: &mut Vec<Evidence>, evidence: Evidence) {
    if kept.len() > FIRST_EVIDENCE {
        if let Some(newest) = kept.last_mut()
            && (evidence.time, evidence.number) >= (newest.time, newest.number)
        {
            *newest = evidence;
        }
    } else {
        kept.push(evidence);
    }
}

/// Adds `other`, of the same key after a merge, to `into`.
fn absorb(into: &mut RiskSource, mut other: RiskSource) {
    into.count += other.count;
    into.episodes = into.episodes.max(other.episodes);
    note(into, std::mem::take(&mut other.data), std::mem::take(&mut other.effects));
    into.first_seen = into.first_seen.min(other.first_seen);
    into.severity = into.severity.max(other.severity);
    if other.last_seen > into.last_seen {
        into.last_seen = other.last_seen;
        into.summary = other.summary;
    }
    let mut all = std::mem::take(&mut into.evidence);
    all.extend(other.evidence);
    all.sort_by(|a, b| (a.time, &a.flow, a.number).cmp(&(b.time, &b.flow, b.number)));
    if all.len() > FIRST_EVIDENCE + 1 {
        all.drain(FIRST_EVIDENCE..all.len() - 1);
    }
    into.evidence = all;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    fn found(engine: &Engine) -> Vec<RiskSource> {
        engine.risk_sources(&World::new().known(), &Thresholds::default().grading().columns)
    }

    #[test]
    fn merges_equal_findings_and_bounds_their_evidence() {
        let calls = (0..20).map(|i| {
            call("GET", "/c").gives("cn_id18", 1, 1).by(if i == 9 { 100 } else { 0 }).at(f64::from(i))
        });
        let sources = found(&World::new().engine(calls));
        let d01: Vec<_> = sources.iter().filter(|s| s.key.id == "D01").collect();
        assert_eq!((d01.len(), d01[0].count, d01[0].evidence.len()), (1, 20, 6));
        assert_eq!(d01[0].severity, weir_model::Severity::Critical, "the most serious stays");
        assert_eq!(d01[0].last_seen, d01[0].evidence[5].time);
        assert_eq!(d01[0].evidence[4].time.since(d01[0].first_seen), Duration::from_secs(4));
        assert!(sources.is_sorted_by_key(|s| s.first_seen));
    }

    #[test]
    fn sessions_are_not_judged_by_what_http_means() {
        let read = |protocol| {
            move |i: u32| {
                let mut c = call("GET", &format!("/c/{i}")).gives("cn_mobile", i.into(), 1).at(i.into());
                c.exchange.protocol = protocol;
                c
            }
        };
        let ids = |protocol| {
            let sources = found(&World::new().engine((0..20).map(read(protocol))));
            sources.iter().map(|s| s.key.id).collect::<BTreeSet<_>>()
        };
        let (http, redis) = (ids(weir_exchange::Protocol::Http11), ids(weir_exchange::Protocol::Redis));
        assert!(http.contains("C15") && http.contains("V13") && http.contains("D01"));
        assert!(!redis.contains("C15") && !redis.contains("V13") && redis.contains("D01"));
    }

    #[test]
    fn unites_risk_sources_of_merged_interfaces() {
        let of = |i| move |n: u32| call("GET", "/c").gives("cn_id18", 1, 1).to(i).at(f64::from(n * 2 + i));
        let mut engine = World::new().engine((0..4).map(of(1)).chain((0..4).map(of(2))));
        engine.merged(InterfaceId(1), InterfaceId(2));
        let d01: Vec<_> = found(&engine).into_iter().filter(|s| s.key.id == "D01").collect();
        assert_eq!((d01.len(), d01[0].count, d01[0].evidence.len()), (1, 8, 6));
        assert_eq!(d01[0].key.interface, Some(InterfaceId(2)));
        assert!(d01[0].evidence.is_sorted_by_key(|e| e.time));
    }

    #[test]
    fn bounds_risk_sources_of_one_id() {
        let calls = (0..PER_ID as u32 + 7).map(|i| call("GET", "/c").gives("cn_id18", 1, 1).to(i));
        let engine = World::new().engine(calls);
        assert_eq!(found(&engine).iter().filter(|s| s.key.id == "D01").count(), PER_ID);
        assert!(engine.overflow() >= 7);
    }
}
