//! Whose data somebody got on a day, and how many of them for the first time in weeks.

use crate::days::{Days, ENOUGH, Usual, median};
use crate::familiar::{Familiar, mix};
use crate::state::Resume;
use crate::table::Table;
use crate::{Seen, facts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::hash::Hash;
use weir_exchange::{CommunityId, DataItem};
use weir_model::{Evidence, InterfaceId, Summary};
use weir_wire::Timestamp;

/// Blocks of the filters: 4 MiB for who met whom in weeks, 1 MiB for whom today.
const WEEKS: usize = 32_768;
const TODAY: usize = 8_192;
/// Days that a pair is known for at least.
const KNOWN_FOR: u32 = 16;
/// Persons of one reply that are looked up; what holds for them holds for the others.
const LOOKED_UP: usize = 16;
/// A day's surprise counts no more than this, so that one day alone is no campaign.
const MOST_A_DAY: f64 = 6.0;
/// Spreads above the usual that a day may be without adding up (the allowance of a cumulative sum; E. S. Page, "Continuous inspection
/// schemes", 1954).
const ALLOWED: f64 = 1.0;
/// Members of a group from which it says what is usual.
const PEERS: usize = 10;

/// The exchange a figure last rose by.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Latest {
    pub time: Timestamp,
    pub flow: CommunityId,
    pub number: u32,
    pub interface: Option<InterfaceId>,
}

impl Latest {
    /// It as evidence, with a note.
    pub fn evidence(&self, note: Summary) -> Evidence {
        Evidence { time: self.time, flow: self.flow.to_string().into(), number: self.number, note }
    }
}

/// What one key got.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Got {
    /// Local day of the figures.
    pub day: u32,
    /// Persons that day, and of them those for the first time in weeks.
    pub persons: u32,
    pub fresh: u32,
    /// What days brought that was new.
    pub days: Days,
    /// How much more than usual the last days were, together, in spreads, and since when.
    pub sum: f64,
    pub since: u32,
    /// New persons since then.
    pub taken: u32,
    pub latest: Latest,
    /// Group it belongs to.
    group: u64,
}

/// A day of one key that is over, beside what was to be expected.
pub(crate) struct Closed<'a, K> {
    pub key: &'a K,
    pub got: &'a Got,
    pub usual: Usual,
    /// By how much the day was busier for the group as a whole.
    pub factor: f64,
    /// Members of the group that were there that day.
    pub peers: usize,
    /// What is usual of a member.
    pub of_peers: f64,
}

/// Days of many keys, in bounded memory.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound(
    serialize = "K: Serialize + Ord + Hash + Clone",
    deserialize = "K: Deserialize<'de> + Ord + Hash + Clone"
))]
pub(crate) struct Acquired<K> {
    keys: Table<K, Got>,
    weeks: Familiar,
    today: Familiar,
    day: u32,
    works: bool,
}

/// The item of a reply that tells most persons in clear, among the types of which values are persons.
pub(crate) fn persons<'a>(seen: &Seen<'a>) -> Option<&'a DataItem> {
    if !facts::succeeded(seen) {
        return None;
    }
    let told =
        facts::given_out(seen).filter(|(d, t)| t.identifies && facts::tells_of_person(t) && d.level >= 2);
    told.max_by_key(|(d, _)| (d.count, d.level)).map(|(d, _)| d)
}

impl<K: Ord + Hash + Clone> Resume for Acquired<K> {
    fn resume(&mut self, saved: Acquired<K>) {
        self.keys.resume(saved.keys);
        self.weeks.resume(saved.weeks);
        self.today.resume(saved.today);
        (self.day, self.works) = (saved.day, saved.works);
    }
}

impl<K: Ord + Hash + Clone> Acquired<K> {
    /// For at most so many keys.
    pub fn new(keys: usize) -> Self {
        Acquired {
            keys: Table::new(keys),
            weeks: Familiar::new(WEEKS, KNOWN_FOR),
            today: Familiar::new(TODAY, 1),
            day: 0,
            works: true,
        }
    }

    /// Whether a new local day has begun, so that the one before is to be closed.
    pub fn is_over(&mut self, day: u32, works: bool) -> bool {
        if self.day == 0 {
            (self.day, self.works) = (day, works);
        }
        day > self.day
    }

    /// Takes in a reply; gives what its key has got today.
    pub fn add(&mut self, key: &K, (number, group): (u64, u64), item: &DataItem, seen: &Seen<'_>) -> &Got {
        let day = self.day;
        let latest = Latest {
            time: seen.exchange.time,
            flow: seen.exchange.flow.community_id,
            number: seen.exchange.number,
            interface: seen.interface,
        };
        let got = self.keys.entry(key, || Got {
            day,
            persons: 0,
            fresh: 0,
            days: Days::default(),
            sum: 0.0,
            since: day,
            taken: 0,
            latest,
            group,
        });
        got.group = group;
        let looked = item.values.len().min(LOOKED_UP);
        let (mut new, mut fresh) = (0u32, 0u32);
        for value in &item.values[..looked] {
            let pair = mix(number, value.0);
            if !self.today.met(mix(pair, u64::from(day)), day) {
                new += 1;
                fresh += u32::from(!self.weeks.met(pair, day));
            }
        }
        if looked < item.values.len() {
            // Of a long list a part was looked at, and of what is beyond the list nothing is known.
            let all = item.distinct.as_ref().map_or(item.values.len() as u64, |d| d.count());
            let scale = |n: u32| u32::try_from(u64::from(n) * all / looked as u64).unwrap_or(u32::MAX);
            (new, fresh) = (scale(new), scale(fresh));
        }
        got.persons = got.persons.saturating_add(new);
        got.fresh = got.fresh.saturating_add(fresh);
        if fresh > 0 {
            got.latest = latest;
        }
        got
    }

    /// Closes the day: hands `judge` each key that was there, then learns. `day` is the new one.
    pub fn close(&mut self, day: u32, works: bool, mut judge: impl FnMut(&Closed<'_, K>) -> bool) {
        let groups = self.groups();
        let (closed, worked) = (self.day, self.works);
        for key in self.keys.keys_holding(|_, g| g.day == closed && g.persons > 0) {
            let Some(got) = self.keys.get_mut(&key) else { continue };
            let (factor, peers, of_peers) = groups.get(&got.group).copied().unwrap_or((1.0, 0, 0.0));
            let own = got.days.usual(worked);
            let usual = match own.days >= ENOUGH {
                true => own,
                false => Usual { median: of_peers, spread: of_peers.sqrt().max(1.0) * 2.0, days: own.days },
            };
            // Who is known neither by itself nor by others is learned first.
            let judged = own.days >= ENOUGH || peers >= PEERS;
            let above = usual.above(f64::from(got.fresh), factor).min(MOST_A_DAY);
            if judged {
                let before = got.sum;
                got.sum = (got.sum + above - ALLOWED).max(0.0);
                if got.sum == 0.0 || before == 0.0 {
                    (got.since, got.taken) = (closed, 0);
                }
                got.taken = got.taken.saturating_add(got.fresh);
                if judge(&Closed { key: &key, got, usual, factor, peers, of_peers }) {
                    got.sum = 0.0;
                }
            }
            got.days.learn(got.fresh, worked);
        }
        for got in self.keys.values_mut() {
            (got.day, got.persons, got.fresh) = (day, 0, 0);
        }
        (self.day, self.works) = (day, works);
    }

    /// Of each group: how much busier the day was than is usual of its members, how many were there, and what is usual of one.
    fn groups(&self) -> BTreeMap<u64, (f64, usize, f64)> {
        let mut figures: BTreeMap<u64, (Vec<f64>, Vec<f64>, usize)> = BTreeMap::new();
        for (_, got) in self.keys.iter() {
            let usual = got.days.usual(self.works);
            if got.day != self.day || got.persons == 0 {
                continue;
            }
            let (ratios, usuals, here) = figures.entry(got.group).or_default();
            *here += 1;
            if usual.days >= ENOUGH {
                ratios.push((f64::from(got.fresh) + 1.0) / (usual.median + 1.0));
                usuals.push(usual.median);
            }
        }
        let of = |(group, (mut ratios, mut usuals, here)): (u64, (Vec<f64>, Vec<f64>, usize))| {
            // Few say nothing of the others, and a quiet day is no reason to expect less.
            let factor = if ratios.len() >= PEERS { median(&mut ratios).max(1.0) } else { 1.0 };
            let peers = if usuals.len() >= PEERS { here } else { 0 };
            (group, (factor, peers, median(&mut usuals)))
        };
        figures.into_iter().map(of).collect()
    }

    /// Keys given up for want of room.
    pub const fn evicted(&self) -> u64 {
        self.keys.evicted()
    }
}
