//! Sessions: credentials by fingerprint, and the accounts they stand for.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
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

/// Sessions, bounded; the one used longest ago makes room.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sessions {
    #[serde(skip)]
    capacity: usize,
    held: BTreeMap<Key, (Holder, Timestamp)>,
    by_use: BTreeSet<(Timestamp, Key)>,
    /// Sessions forgotten to make room.
    pub evicted: u64,
}

impl Sessions {
    pub fn new(capacity: usize) -> Self {
        Sessions { capacity, held: BTreeMap::new(), by_use: BTreeSet::new(), evicted: 0 }
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
        let (holder, last) = self.held.get_mut(&key)?;
        if now > *last {
            self.by_use.remove(&(*last, key));
            self.by_use.insert((now, key));
            *last = now;
        }
        Some(*holder)
    }

    /// Binds a credential that was issued to an account; one that was issued to another before tells nobody apart.
    pub fn issue(&mut self, site: SiteId, print: Fingerprint, account: AccountId, now: Timestamp) {
        for site in [site, ANYWHERE] {
            let holder = match self.held.get(&(site, print)) {
                Some((Holder::Several, _)) => Holder::Several,
                Some((Holder::Account(other), _)) if *other != account => Holder::Several,
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
        if let Some((_, last)) = self.held.insert(key, (holder, now)) {
            self.by_use.remove(&(last, key));
        }
        self.by_use.insert((now, key));
        while self.held.len() > self.capacity {
            let Some((_, oldest)) = self.by_use.pop_first() else { break };
            self.held.remove(&oldest);
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
            if let Some((_, last)) = self.held.remove(&key) {
                self.by_use.remove(&(last, key));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_used_longest_ago_makes_room() {
        let mut s = Sessions::new(2);
        let (site, at) = (SiteId(0), Timestamp::from_nanos);
        let account = |n| Holder::Account(AccountId(n));
        s.put(site, Fingerprint(1), account(1), at(1));
        s.put(site, Fingerprint(2), account(2), at(2));
        assert_eq!(s.used(site, Fingerprint(1), at(3)), Some(account(1)));
        s.put(site, Fingerprint(3), account(3), at(4));
        assert_eq!(s.used(site, Fingerprint(2), at(5)), None);
        assert!(s.len() == 2 && s.by_use.len() == 2 && s.evicted == 1);
    }

    #[test]
    fn what_is_issued_to_several_tells_nobody_apart() {
        let mut s = Sessions::new(9);
        let (site, at) = (SiteId(0), Timestamp::from_nanos);
        s.issue(site, Fingerprint(1), AccountId(1), at(1));
        s.issue(site, Fingerprint(1), AccountId(2), at(2));
        assert_eq!(s.used(site, Fingerprint(1), at(3)), Some(Holder::Several));
        s.end(site, Fingerprint(1));
        assert!(s.len() == 0 && s.by_use.is_empty());
    }
}
