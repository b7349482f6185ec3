//! The lists of callers and accounts.

use crate::names;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use weir_exchange::{Catalogue, DataItem, Exchange, Fingerprinter};
use weir_model::place::Places;
use weir_model::{Account, AccountId, AccountOrigin, Caller, CallerId, Origin, People, SiteId, Subjects};
use weir_wire::Timestamp;

/// Most callers kept of an account.
const SOURCES: usize = 256;

/// Longest user agent kept, in bytes.
const AGENT: usize = 256;

/// Callers by address.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Callers {
    pub list: Vec<Caller>,
    /// Looked up and never walked, so that its order shows nowhere.
    #[serde(with = "weir_model::state::sorted")]
    by_address: HashMap<IpAddr, CallerId>,
    /// What says where a new caller is.
    #[serde(skip)]
    pub places: Arc<Places>,
    /// Exchanges of callers beyond the capacity.
    pub overflow: u64,
}

impl Callers {
    /// Goes on from what was remembered; where everybody is, is looked up anew.
    pub fn resume(&mut self, saved: Callers) {
        let places = Arc::clone(&self.places);
        *self = Callers { places, ..saved };
        for caller in &mut self.list {
            caller.place = self.places.lookup(caller.ip);
        }
    }

    /// The caller of an exchange, which is counted; the last entry (address 0.0.0.0) stands for all that find no room.
    pub fn of(&mut self, x: &Exchange, origin: &Origin, capacity: usize) -> CallerId {
        let ip = origin.address;
        let id = match self.by_address.get(&ip) {
            Some(id) => *id,
            None if self.list.len() + 1 < capacity.max(1) => self.push(ip, x),
            None => {
                self.overflow += 1;
                let others = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
                self.by_address.get(&others).copied().unwrap_or_else(|| self.push(others, x))
            }
        };
        if let Some(caller) = self.list.get_mut(id.index()) {
            caller.first_seen = caller.first_seen.min(x.time);
            caller.last_seen = caller.last_seen.max(x.ended);
            caller.exchanges += 1;
            if let Some(forwarded) = origin.forwarded.filter(|f| f.belief.holds()) {
                caller.through = Some((x.flow.client.ip, forwarded.belief));
            }
            let agent = x.request.as_ref().map_or("", |r| bounded(&r.user_agent));
            if !agent.is_empty() && *caller.user_agent != *agent {
                caller.user_agent = agent.into();
            }
        }
        id
    }

    fn push(&mut self, ip: IpAddr, x: &Exchange) -> CallerId {
        let id = CallerId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(Caller {
            ip,
            place: self.places.lookup(ip),
            user_agent: "".into(),
            through: None,
            first_seen: x.time,
            last_seen: x.ended,
            exchanges: 0,
        });
        self.by_address.insert(ip, id);
        id
    }
}

pub(crate) fn bounded(agent: &str) -> &str {
    let mut end = agent.len().min(AGENT);
    while !agent.is_char_boundary(end) {
        end -= 1;
    }
    &agent[..end]
}

/// Accounts by site and name.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Accounts {
    pub list: Vec<Account>,
    by_name: BTreeMap<SiteId, BTreeMap<Box<str>, AccountId>>,
    #[serde(skip)]
    people: Arc<People>,
    /// Exchanges of accounts beyond the capacity.
    pub overflow: u64,
}

impl Accounts {
    /// Goes on from what was remembered.
    pub fn resume(&mut self, saved: Accounts) {
        let people = Arc::clone(&self.people);
        *self = saved;
        self.know(people);
    }

    /// The account of a name, made where it is new and plausible and there is room.
    pub fn named(
        &mut self,
        site: SiteId,
        name: &str,
        origin: AccountOrigin,
        x: &Exchange,
        capacity: usize,
    ) -> Option<AccountId> {
        if let Some(id) = self.by_name.get(&site).and_then(|names| names.get(name)) {
            return Some(*id);
        }
        if !names::plausible(name) {
            return None;
        }
        if self.list.len() >= capacity {
            self.overflow += 1;
            return None;
        }
        let id = AccountId(u32::try_from(self.list.len()).ok()?);
        self.list.push(Account {
            key: key(site, x, name),
            name: name.into(),
            site,
            origin,
            first_seen: x.time,
            last_seen: x.ended,
            exchanges: 0,
            sources: BTreeSet::new(),
            subjects: Subjects::default(),
            privileged: false,
            person: None,
        });
        self.tell(id);
        self.by_name.entry(site).or_default().insert(name.into(), id);
        Some(id)
    }

    /// Counts an exchange made under an account.
    pub fn used(&mut self, id: AccountId, caller: CallerId, x: &Exchange) {
        let Some(account) = self.list.get_mut(id.index()) else { return };
        account.first_seen = account.first_seen.min(x.time);
        account.last_seen = account.last_seen.max(x.ended);
        account.exchanges += 1;
        if account.sources.len() < SOURCES && !account.sources.contains(&caller) {
            account.sources.insert(caller);
        }
    }
}

impl Accounts {
    /// Says who has accounts from now on.
    pub fn know(&mut self, people: Arc<People>) {
        self.people = people;
        let count = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        (0..count).for_each(|id| self.tell(AccountId(id)));
    }

    /// Says of an account who has it, and with that whether it is privileged.
    fn tell(&mut self, id: AccountId) {
        if let Some(account) = self.list.get_mut(id.index()) {
            account.person = self.people.of(&account.name).cloned();
            let marked = account.person.as_ref().is_some_and(|p| p.privileged);
            account.privileged = marked || names::privileged(&account.name);
        }
    }

    /// Counts the persons whose data passed in an exchange made under an account.
    pub fn saw(&mut self, id: AccountId, time: Timestamp, data: &[DataItem], catalogue: &Catalogue) {
        if let Some(account) = self.list.get_mut(id.index()) {
            account.subjects.add(time, data, catalogue);
        }
    }
}

/// The stable id of an account: of the host it was first seen at, and its name. The key is fixed, so runs agree; names are in the
/// records beside it, so it hides nothing.
fn key(site: SiteId, x: &Exchange, name: &str) -> Box<str> {
    let host = x.request.as_ref().map(|r| &*r.host).filter(|h| !h.is_empty());
    let host = host.map_or_else(|| format!("{} {}", x.flow.server, site.0), str::to_owned);
    let digest = Fingerprinter::new([0; 16]).of("account", format!("{host}\n{name}").as_bytes()).0;
    format!("ac-{:012x}", digest >> 16).into()
}
