//! Sessions: credentials by fingerprint, and the accounts they stand for.

use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use weir_exchange::Fingerprint;
use weir_model::{AccountId, SiteId};
use weir_wire::Timestamp;

/// Whose a credential is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Holder {
    /// Of an account.
    Account(AccountId),
    /// Handed to a visitor who had not logged in.
    Anyone,
    /// Issued to several accounts alike, so it tells nobody apart.
    Several,
}

type Key = (SiteId, Fingerprint);

/// Where credentials that were issued are known beside their own site: one login opens several hosts and ports.
const ANYWHERE: SiteId = SiteId(u32::MAX);

/// Hashes keys, whose greater part is a keyed digest already: nobody outside can choose where they fall.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Digested(u64);

impl Hasher for Digested {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.write_u64(u64::from(*b)));
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }
    fn write_u64(&mut self, n: u64) {
        // By rotation and an odd factor every bit comes to count in the highest, which the table looks at first.
        self.0 = (self.0.rotate_left(23) ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// A session.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Held {
    holder: Holder,
    /// Last use.
    last: Timestamp,
    /// The turn that stands for it in the queue; older ones in there are void.
    turn: u64,
}

/// A place in the queue of those that may make room.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Turn {
    key: Key,
    number: u64,
    /// Last use when it was queued.
    last: Timestamp,
}

/// Sessions, bounded. One that was not used since it was queued makes room; uses themselves move nothing, so that they cost little.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sessions {
    #[serde(skip)]
    capacity: usize,
    /// Looked up and never walked, so that its order shows nowhere.
    #[serde(with = "weir_model::state::sorted")]
    held: HashMap<Key, Held, BuildHasherDefault<Digested>>,
    queue: VecDeque<Turn>,
    turns: u64,
    /// Sessions forgotten to make room.
    pub evicted: u64,
}

impl Sessions {
    pub fn new(capacity: usize) -> Self {
        Sessions { capacity, held: HashMap::default(), queue: VecDeque::new(), turns: 0, evicted: 0 }
    }

    /// Goes on from what was remembered, within bounds that are those of now.
    pub fn resume(&mut self, saved: Sessions) {
        *self = Sessions { capacity: self.capacity, ..saved };
    }

    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whose the credential is at its site, or else where it was issued; notes that it was used.
    pub fn used(&mut self, site: SiteId, print: Fingerprint, now: Timestamp) -> Option<Holder> {
        self.used_at((site, print), now).or_else(|| self.used_at((ANYWHERE, print), now))
    }

    fn used_at(&mut self, key: Key, now: Timestamp) -> Option<Holder> {
        let held = self.held.get_mut(&key)?;
        held.last = held.last.max(now);
        Some(held.holder)
    }

    /// Binds a credential that was issued to an account; one that was issued to another before tells nobody apart.
    pub fn issue(&mut self, site: SiteId, print: Fingerprint, account: AccountId, now: Timestamp) {
        for site in [site, ANYWHERE] {
            let holder = match self.held.get(&(site, print)).map(|h| h.holder) {
                Some(Holder::Several) => Holder::Several,
                Some(Holder::Account(other)) if other != account => Holder::Several,
                _ => Holder::Account(account),
            };
            self.put(site, print, holder, now);
        }
    }

    /// Binds a credential anew, whosever it was: its holder logged in with it.
    pub fn put(&mut self, site: SiteId, print: Fingerprint, holder: Holder, now: Timestamp) {
        if self.capacity == 0 {
            return;
        }
        let key = (site, print);
        if let Some(held) = self.held.get_mut(&key) {
            (held.holder, held.last) = (holder, held.last.max(now));
            return;
        }
        self.turns += 1;
        self.held.insert(key, Held { holder, last: now, turn: self.turns });
        self.queue.push_back(Turn { key, number: self.turns, last: now });
        while self.held.len() > self.capacity {
            let Some(turn) = self.queue.pop_front() else { break };
            self.pass(turn);
        }
        // Sessions that ended leave void turns behind: now and then they are swept out.
        if self.queue.len() > 2 * self.held.len() + 64 {
            let held = &self.held;
            self.queue.retain(|t| held.get(&t.key).is_some_and(|h| h.turn == t.number));
        }
    }

    /// The turn of a session has come: it goes, or waits for another where it was used since it was queued.
    fn pass(&mut self, turn: Turn) {
        let Some(held) = self.held.get(&turn.key).filter(|h| h.turn == turn.number) else { return };
        if held.last > turn.last {
            self.queue.push_back(Turn { last: held.last, ..turn });
        } else {
            self.held.remove(&turn.key);
            self.evicted += 1;
        }
    }

    /// Notes that a credential was handed to a visitor, unless it is known as more.
    pub fn hand_out(&mut self, site: SiteId, print: Fingerprint, now: Timestamp) {
        if !self.held.contains_key(&(site, print)) {
            self.put(site, print, Holder::Anyone, now);
        }
    }

    /// Ends a session.
    pub fn end(&mut self, site: SiteId, print: Fingerprint) {
        for key in [(site, print), (ANYWHERE, print)] {
            self.held.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_not_used_since_makes_room() {
        let mut s = Sessions::new(2);
        let (site, at) = (SiteId(0), Timestamp::from_nanos);
        let account = |n| Holder::Account(AccountId(n));
        s.put(site, Fingerprint(1), account(1), at(1));
        s.put(site, Fingerprint(2), account(2), at(2));
        assert_eq!(s.used(site, Fingerprint(1), at(3)), Some(account(1)));
        s.put(site, Fingerprint(3), account(3), at(4));
        assert_eq!(s.used(site, Fingerprint(2), at(5)), None);
        assert!(s.len() == 2 && s.queue.len() == 2 && s.evicted == 1);
    }

    #[test]
    fn the_queue_is_bounded_and_no_one_goes_by_a_turn_of_before() {
        let mut s = Sessions::new(8);
        let (site, at) = (SiteId(0), Timestamp::from_nanos);
        s.put(site, Fingerprint(0), Holder::Anyone, at(0));
        for n in 1..10_000 {
            s.put(site, Fingerprint(1), Holder::Anyone, at(n));
            s.end(site, Fingerprint(1));
        }
        assert!(s.len() == 1 && s.queue.len() <= 2 * 2 + 64 && s.evicted == 0);
        s.put(site, Fingerprint(1), Holder::Several, at(10_000));
        (2..9).for_each(|n| s.put(site, Fingerprint(n), Holder::Anyone, at(10_000 + n)));
        assert_eq!(s.used(site, Fingerprint(1), at(20_000)), Some(Holder::Several));
        assert!(s.len() == 8 && s.evicted == 1 && s.used(site, Fingerprint(0), at(20_000)).is_none());
    }

    #[test]
    fn what_is_issued_to_several_tells_nobody_apart() {
        let mut s = Sessions::new(9);
        let (site, at) = (SiteId(0), Timestamp::from_nanos);
        s.issue(site, Fingerprint(1), AccountId(1), at(1));
        s.issue(site, Fingerprint(1), AccountId(2), at(2));
        assert_eq!(s.used(site, Fingerprint(1), at(3)), Some(Holder::Several));
        s.end(site, Fingerprint(1));
        assert!(s.len() == 0);
    }
}
