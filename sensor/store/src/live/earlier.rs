//! What earlier runs left in the directory: records of this run are added to it, not put in its place.
//!
//! Where this run goes on from what an earlier one remembered, its counts hold those before: then the larger one stands, as what was
//! remembered may be a little older than the records.

use crate::StoreError;
use crate::database::LiveDatabase;
use crate::record::{AccountRecord, IncidentRecord, InterfaceRecord, RiskRecord, RiskSourceRecord};
use std::collections::{BTreeMap, BTreeSet};
use weir_model::Severity;

/// Most names, addresses or evidence that a united record lists.
const LISTED: usize = 256;
/// Addresses of an interface's callers, as its record has it.
const CALLERS: usize = 64;
/// Exchanges a risk source rests on: the first 5 and the newest, as its record has it.
const EVIDENCE: usize = 6;
/// Data a risk source was found in, as its record has it.
const DATA: usize = 8;

/// Records as they were before this run, by id.
#[derive(Default, Debug)]
pub(super) struct Earlier {
    interfaces: BTreeMap<String, InterfaceRecord>,
    accounts: BTreeMap<String, AccountRecord>,
    sources: BTreeMap<String, RiskSourceRecord>,
    risks: BTreeMap<String, RiskRecord>,
    incidents: Vec<IncidentRecord>,
    /// Whether this run goes on from what was remembered.
    resumed: bool,
}

impl Earlier {
    pub(super) fn read(database: &LiveDatabase, resumed: bool) -> Result<Earlier, StoreError> {
        let interfaces: Vec<InterfaceRecord> = database.records("interfaces")?;
        let accounts: Vec<AccountRecord> = database.records("accounts")?;
        let sources: Vec<RiskSourceRecord> = database.records("risk_sources")?;
        let risks: Vec<RiskRecord> = database.records("risks")?;
        let incidents: Vec<IncidentRecord> = database.records("incidents")?;
        Ok(Earlier {
            interfaces: interfaces.into_iter().map(|r| (r.id.clone(), r)).collect(),
            accounts: accounts.into_iter().map(|r| (r.id.clone(), r)).collect(),
            sources: sources.into_iter().map(|r| (r.key.clone(), r)).collect(),
            risks: risks.into_iter().map(|r| (r.id.clone(), r)).collect(),
            incidents,
            resumed,
        })
    }

    /// A count with that of before.
    fn count(&self, now: u64, old: u64) -> u64 {
        if self.resumed { now.max(old) } else { now.saturating_add(old) }
    }

    fn counts(&self, now: &mut BTreeMap<String, u64>, old: &BTreeMap<String, u64>) {
        for (key, n) in old {
            let count = now.entry(key.clone()).or_default();
            *count = self.count(*count, *n);
        }
    }

    /// Adds what was known before.
    pub(super) fn interface(&self, now: &mut InterfaceRecord) {
        let Some(old) = self.interfaces.get(&now.id) else { return };
        now.lives_on(old);
        let calls = (now.exchanges, old.exchanges);
        now.exchanges = self.count(calls.0, calls.1);
        now.mean_duration_ns = match self.resumed {
            true if calls.0 >= calls.1 => now.mean_duration_ns,
            true => old.mean_duration_ns,
            false => {
                let time = u128::from(now.mean_duration_ns) * u128::from(calls.0)
                    + u128::from(old.mean_duration_ns) * u128::from(calls.1);
                u64::try_from(time / u128::from(now.exchanges.max(1))).unwrap_or(u64::MAX)
            }
        };
        earliest(&mut now.first_seen, &old.first_seen);
        latest(&mut now.last_seen, &old.last_seen);
        self.counts(&mut now.statuses, &old.statuses);
        unite(&mut now.callers.addresses, &old.callers.addresses, CALLERS);
        let listed = now.callers.addresses.len() as u64;
        now.callers.count = now.callers.count.max(old.callers.count).max(listed);
        let (a, b) = (&mut now.authentication, &old.authentication);
        a.with = self.count(a.with, b.with);
        a.without = self.count(a.without, b.without);
        a.refused = self.count(a.refused, b.refused);
        self.counts(&mut a.kinds, &b.kinds);
        // Ranks of profiles are not in records: the native grade, which they follow, tells which is higher.
        if old.level > now.level && old.profile == now.profile {
            now.grade.clone_from(&old.grade);
        }
        now.level = now.level.max(old.level);
        now.subjects.at_least(&old.subjects);
        unite(&mut now.params, &old.params, LISTED);
        unite(&mut now.fields, &old.fields, LISTED);
        now.schema.complete(&old.schema);
        now.response_bytes = self.count(now.response_bytes, old.response_bytes);
        if old.state == "active" {
            now.state.clone_from(&old.state);
            if matches!(&*now.shelf, "noise" | "catch_all") {
                now.shelf.clone_from(&old.shelf);
            }
        }
        for d in &old.data {
            let same = |n: &&mut crate::record::InterfaceDataRecord| {
                (&n.direction, &n.data_type, &n.form) == (&d.direction, &d.data_type, &d.form)
            };
            match now.data.iter_mut().find(same) {
                Some(n) => {
                    n.count = self.count(n.count, d.count);
                    n.rejected = self.count(n.rejected, d.rejected);
                    n.exchanges = self.count(n.exchanges, d.exchanges);
                    n.most = n.most.max(d.most);
                    n.level = n.level.max(d.level);
                }
                None => now.data.push(d.clone()),
            }
        }
        now.data.sort_by(|a, b| {
            let key = |d: &crate::record::InterfaceDataRecord| {
                (d.direction.clone(), d.data_type.clone(), d.form.clone())
            };
            b.level.cmp(&a.level).then_with(|| key(a).cmp(&key(b)))
        });
    }

    /// As above.
    pub(super) fn account(&self, now: &mut AccountRecord) {
        let Some(old) = self.accounts.get(&now.id) else { return };
        now.exchanges = self.count(now.exchanges, old.exchanges);
        earliest(&mut now.first_seen, &old.first_seen);
        latest(&mut now.last_seen, &old.last_seen);
        unite(&mut now.sources, &old.sources, LISTED);
        now.subjects.at_least(&old.subjects);
        now.privileged |= old.privileged;
        now.how.clone_from(&old.how);
    }

    /// As above.
    pub(super) fn source(&self, now: &mut RiskSourceRecord) {
        let Some(old) = self.sources.get(&now.key) else { return };
        now.count = self.count(now.count, old.count);
        let newer = now.last_seen >= old.last_seen;
        earliest(&mut now.time, &old.time);
        latest(&mut now.last_seen, &old.last_seen);
        if rank(&old.severity) > rank(&now.severity) {
            now.severity.clone_from(&old.severity);
        }
        // Whether it was quiet between the runs is not known: it goes on.
        now.episodes = match self.resumed {
            true => now.episodes.max(old.episodes),
            false => (now.episodes + old.episodes).saturating_sub(1).max(1),
        };
        for (effect, time) in &old.effects {
            earliest(now.effects.entry(effect.clone()).or_insert_with(|| time.clone()), time);
        }
        let data: BTreeSet<_> = now.data.drain(..).chain(old.data.iter().cloned()).collect();
        now.data = data.into_iter().take(DATA).collect();
        if self.resumed && newer {
            return;
        }
        let new = std::mem::replace(&mut now.evidence, old.evidence.clone());
        let newest = new.last().cloned();
        now.evidence.extend(new);
        now.evidence.dedup();
        if now.evidence.len() > EVIDENCE {
            now.evidence.truncate(EVIDENCE - 1);
            now.evidence.extend(newest);
        }
    }

    /// As above. Harm, likelihood and level are of what is known now.
    pub(super) fn risk(&self, now: &mut RiskRecord) {
        let Some(old) = self.risks.get(&now.id) else { return };
        earliest(&mut now.first_seen, &old.first_seen);
        latest(&mut now.last_seen, &old.last_seen);
        let all: BTreeSet<_> = now.sources.drain(..).chain(old.sources.iter().cloned()).collect();
        now.sources = all.into_iter().collect();
    }
}

impl Earlier {
    /// Goes on with the incident before of the same id, or that has a risk source in common: it is the same cause. Level, degree,
    /// consequence and duties are of what is known now; what was known first keeps its time, from which clocks run.
    pub(super) fn incident(&self, now: &mut IncidentRecord) {
        let common = |old: &&IncidentRecord| {
            old.sources.iter().any(|s| now.sources.binary_search(s).is_ok()) && old.site == now.site
        };
        let same = self.incidents.iter().find(|old| old.id == now.id);
        let Some(old) = same.or_else(|| self.incidents.iter().find(common)) else { return };
        now.id.clone_from(&old.id);
        earliest(&mut now.first_seen, &old.first_seen);
        latest(&mut now.last_seen, &old.last_seen);
        if old.found < now.found {
            now.found.clone_from(&old.found);
            for duty in now.duties.iter_mut().filter(|d| d.due.is_some()) {
                if let Some(before) = old.duties.iter().find(|d| d.id == duty.id && d.due.is_some()) {
                    duty.due.clone_from(&before.due);
                }
            }
        }
        now.sightings = self.count(now.sightings, old.sightings);
        now.persons_at_most = now.persons_at_most.max(old.persons_at_most);
        unite(&mut now.interfaces, &old.interfaces, LISTED);
        unite(&mut now.callers, &old.callers, LISTED);
        unite(&mut now.accounts, &old.accounts, LISTED);
        unite(&mut now.risks, &old.risks, LISTED);
        for (effect, time) in &old.effects {
            earliest(now.effects.entry(effect.clone()).or_insert_with(|| time.clone()), time);
        }
        for (now, old) in [(&mut now.sources, &old.sources), (&mut now.weaknesses, &old.weaknesses)] {
            let all: BTreeSet<_> = now.drain(..).chain(old.iter().cloned()).collect();
            now.extend(all);
        }
        for d in &old.data {
            match now.data.iter_mut().find(|n| n.data_type == d.data_type) {
                Some(n) => n.level = n.level.max(d.level),
                None => now.data.push(d.clone()),
            }
        }
        now.data.sort_by(|a, b| (b.level, &a.data_type).cmp(&(a.level, &b.data_type)));
    }
}

/// Times of records compare as text.
fn earliest(now: &mut String, old: &str) {
    if *old < **now {
        *now = old.into();
    }
}

fn latest(now: &mut String, old: &str) {
    if *old > **now {
        *now = old.into();
    }
}

/// Both lists in order, without doubles, the first `most`.
fn unite(now: &mut Vec<String>, old: &[String], most: usize) {
    let all: BTreeSet<String> = now.drain(..).chain(old.iter().cloned()).collect();
    now.extend(all.into_iter().take(most));
}

fn rank(severity: &str) -> Option<usize> {
    Severity::ALL.iter().position(|s| s.key() == severity)
}
