//! What changed since the last time it was written down.

use crate::Results;
use crate::record::{
    AccountRecord, EncryptedRecord, IncidentRecord, InterfaceRecord, LedgerRecord, RiskRecord,
    RiskSourceRecord,
};
use std::collections::BTreeMap;
use weir_model::{EncryptedService, InterfaceId};

/// Records to write and ids of records that are no more.
#[derive(Clone, Debug)]
pub struct Changes<R> {
    /// New or changed.
    pub changed: Vec<R>,
    /// Ids of those that were united with others.
    pub gone: Vec<String>,
}

/// What [`LiveWriter::save`](crate::LiveWriter::save) writes down: made on the analyst's thread, written on the writer's.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Interfaces.
    pub interfaces: Changes<InterfaceRecord>,
    /// Accounts.
    pub accounts: Changes<AccountRecord>,
    /// Risk sources.
    pub sources: Changes<RiskSourceRecord>,
    /// Risks.
    pub risks: Changes<RiskRecord>,
    /// Incidents.
    pub incidents: Changes<IncidentRecord>,
    /// Ids of interfaces that exchanges were written under, and what they are called now.
    pub renamed: Vec<(String, String)>,
    /// Encrypted services, all of them; `None` where nothing changed.
    pub encrypted: Option<Vec<EncryptedRecord>>,
    /// Where everything went so far.
    pub ledger: LedgerRecord,
}

/// Digests of what was written, by id: what has the same one need not be written again.
type Written = BTreeMap<String, u64>;

/// Remembers what snapshots held, so that the next one holds only what changed.
#[derive(Default, Debug)]
pub struct Sent {
    interfaces: Written,
    accounts: Written,
    sources: Written,
    risks: Written,
    incidents: Written,
    /// Digest of the encrypted services.
    encrypted: u64,
    /// The id that exchanges of each interface, as first numbered, were last written under.
    named: BTreeMap<InterfaceId, Box<str>>,
}

impl Sent {
    /// Notes that exchanges of `id` are written under `key`.
    pub fn name(&mut self, id: InterfaceId, key: &str) {
        match self.named.get(&id) {
            Some(known) if **known == *key => {}
            _ => drop(self.named.insert(id, key.into())),
        }
    }

    /// What was sent did not arrive: the next snapshot holds everything.
    pub fn forget(&mut self) {
        let named = std::mem::take(&mut self.named);
        *self = Sent { named, ..Sent::default() };
    }
}

impl Snapshot {
    /// What changed since the snapshot before, which `sent` remembers.
    pub fn new(results: &Results<'_>, sent: &mut Sent) -> Snapshot {
        let renamed = renamed(results, sent);
        let moment = results.moment();
        let interfaces = results.interfaces().map(|(_, i)| {
            let state = (i.exchanges, i.last_seen.nanos(), i.template.len() as u64 ^ u64::from(i.level));
            (i.key.to_string(), mix(&[state.0, state.1, state.2]), move || {
                InterfaceRecord::new(i, results, &moment)
            })
        });
        let accounts = results.known.accounts.iter().map(|a| {
            let state = [a.exchanges, a.last_seen.nanos(), u64::from(a.privileged)];
            (a.key.to_string(), mix(&state), move || AccountRecord::new(a, results))
        });
        let all: Vec<RiskSourceRecord> =
            results.sources.iter().map(|s| RiskSourceRecord::new(s, results)).collect();
        let sources = all.iter().zip(results.sources).map(|(r, s)| {
            let state = [s.count, s.last_seen.nanos(), s.severity as u64];
            (r.key.clone(), mix(&state), move || r.clone())
        });
        let risks = results.risks.iter().map(|r| {
            let state = [r.last_seen.nanos(), r.level as u64, r.sources.len() as u64];
            (r.key.to_string(), mix(&state), || RiskRecord::new(r, &all, results))
        });
        let incidents = results.incidents.iter().map(|i| {
            let scope = i.sources.len() + i.weaknesses.len() + i.risks.len() + i.interfaces.len();
            let state = [i.last_seen.nanos(), i.sightings, i.level as u64, i.persons, scope as u64];
            (i.key.to_string(), mix(&state), || IncidentRecord::new(i, &all, results))
        });
        Snapshot {
            interfaces: changes(&mut sent.interfaces, interfaces),
            accounts: changes(&mut sent.accounts, accounts),
            sources: changes(&mut sent.sources, sources),
            risks: changes(&mut sent.risks, risks),
            incidents: changes(&mut sent.incidents, incidents),
            renamed,
            encrypted: encrypted(results, sent),
            ledger: LedgerRecord::new(results),
        }
    }
}

/// What differs from what was written; the records of all else are not even made.
fn changes<R, F: FnOnce() -> R>(
    written: &mut Written,
    now: impl Iterator<Item = (String, u64, F)>,
) -> Changes<R> {
    let mut left = std::mem::take(written);
    let mut changed = Vec::new();
    for (id, digest, make) in now {
        if left.remove(&id) != Some(digest) {
            changed.push(make());
        }
        written.insert(id, digest);
    }
    // Two of one id: the id is still there.
    let gone = left.into_keys().filter(|id| !written.contains_key(id)).collect();
    Changes { changed, gone }
}

/// Connections are all that changes a service, and only adds to it.
fn encrypted(results: &Results<'_>, sent: &mut Sent) -> Option<Vec<EncryptedRecord>> {
    let services = results.known.encrypted;
    let digest = mix(&[services.iter().map(EncryptedService::connections).sum()]);
    let changed = !services.is_empty() && std::mem::replace(&mut sent.encrypted, digest) != digest;
    changed.then(|| EncryptedRecord::all(services))
}

fn renamed(results: &Results<'_>, sent: &mut Sent) -> Vec<(String, String)> {
    let mut renamed = Vec::new();
    for (id, key) in &mut sent.named {
        let Some(now) = results.interface(*id).map(|i| &i.key).filter(|now| **now != *key) else { continue };
        renamed.push((key.to_string(), now.to_string()));
        *key = now.clone();
    }
    renamed.sort_unstable();
    renamed.dedup();
    renamed
}

/// A digest of counters (the finaliser of SplitMix64 over each): equal states have equal ones, others hardly ever.
fn mix(parts: &[u64]) -> u64 {
    parts.iter().fold(0x9e37_79b9_7f4a_7c15, |h, p| {
        let mut z = (h ^ p).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}
