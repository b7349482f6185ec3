//! Sites: which host of which server an exchange went to.

use crate::names::Names;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use weir_exchange::{Connection, Exchange, Scheme};
use weir_model::{Proof, Site, SiteId, Upstream};
use weir_wire::{Endpoint, Timestamp};

/// Most host names that one server can bring in; a scanner that invents names ends at the server's address.
const HOSTS_PER_SERVER: u32 = 512;

/// Most addresses kept of a site.
const SERVERS: usize = 64;

/// The sites, by host. The maps are looked up and never walked, so that their order shows nowhere.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sites {
    pub list: Vec<Site>,
    #[serde(with = "weir_model::state::sorted")]
    by_host: HashMap<Box<str>, SiteId>,
    #[serde(with = "weir_model::state::sorted")]
    by_server: HashMap<Endpoint, (SiteId, u32)>,
    /// The one that stands for all that find no room.
    others: Option<SiteId>,
    /// Which names clients asked for, by address.
    pub names: Names,
    /// Exchanges that found no room.
    pub overflow: u64,
}

impl Sites {
    /// The site of an exchange, made where it is new; the last one stands for all that find no room.
    pub fn of(&mut self, x: &Exchange, capacity: usize) -> SiteId {
        let met = Met { server: x.flow.server, scheme: x.scheme, time: x.time, ended: x.ended };
        let host = x.request.as_ref().map(|r| &*r.host);
        let id = match (host, host.and_then(|h| self.by_host.get(h)).copied()) {
            (_, Some(known)) => Some(known),
            // A response alone names no host: it belongs to what the server was seen to serve.
            (None, None) => match self.by_server.get(&met.server) {
                Some((site, _)) => Some(*site),
                None => self.named(None, &met, capacity),
            },
            (Some(host), None) => self.named(Some(host).filter(|h| is_host(h)), &met, capacity),
        };
        self.meet(id, &met)
    }

    /// The same of an encrypted connection: the name asked for, else the address.
    pub fn of_connection(&mut self, c: &Connection, capacity: usize) -> SiteId {
        let met = Met { server: c.flow.server, scheme: Scheme::Https, time: c.time, ended: c.emitted };
        let name = c.server_name();
        let name = name.trim_end_matches('.');
        let host = match met.server.port {
            443 => name.to_owned(),
            port => format!("{name}:{port}"),
        };
        let id = self.named(Some(&*host).filter(|h| !name.is_empty() && is_host(h)), &met, capacity);
        self.meet(id, &met)
    }

    /// Notes that a call of a site was passed on to `upstream`.
    pub fn passed_on(&mut self, site: SiteId, x: &Exchange, upstream: Endpoint, proof: Proof) {
        let Some(site) = self.list.get_mut(site.index()) else { return };
        if site.upstreams.len() >= SERVERS && !site.upstreams.contains_key(&upstream) {
            return;
        }
        let new = Upstream { calls: 0, named: 0, first_seen: x.time, last_seen: x.ended };
        let known = site.upstreams.entry(upstream).or_insert(new);
        known.calls += 1;
        known.named += u64::from(proof == Proof::NamesClient);
        known.first_seen = known.first_seen.min(x.time);
        known.last_seen = known.last_seen.max(x.ended);
    }

    /// By its host name while the server may bring in another, else by its address.
    fn named(&mut self, name: Option<&str>, met: &Met, capacity: usize) -> Option<SiteId> {
        if let Some(known) = name.and_then(|host| self.by_host.get(host)) {
            return Some(*known);
        }
        match (name, self.by_server.get(&met.server)) {
            (Some(host), None | Some((_, 0..HOSTS_PER_SERVER))) => self.make(host.into(), met, capacity),
            _ => self.make(address(met.server, met.scheme), met, capacity),
        }
    }

    fn meet(&mut self, id: Option<SiteId>, met: &Met) -> SiteId {
        let id = id.unwrap_or_else(|| {
            self.overflow += 1;
            self.make_last(met)
        });
        if let Some(site) = self.list.get_mut(id.index()) {
            site.first_seen = site.first_seen.min(met.time);
            site.last_seen = site.last_seen.max(met.ended);
            site.schemes.insert(met.scheme);
            if site.servers.len() < SERVERS && !site.servers.contains(&met.server) {
                site.servers.insert(met.server);
            }
            self.names.give(met.server.ip, &mut site.looked_up);
        }
        id
    }

    fn make(&mut self, host: Box<str>, met: &Met, capacity: usize) -> Option<SiteId> {
        if let Some(id) = self.by_host.get(&host) {
            return Some(*id);
        }
        // The last place is kept for all others together.
        if self.list.len() + 1 >= capacity.max(1) {
            return None;
        }
        let id = self.push(host.clone(), met);
        self.by_host.insert(host, id);
        self.by_server.entry(met.server).or_insert((id, 0)).1 += 1;
        Some(id)
    }

    fn make_last(&mut self, met: &Met) -> SiteId {
        match self.others {
            Some(id) => id,
            None => {
                let id = self.push("(other sites)".into(), met);
                self.others = Some(id);
                id
            }
        }
    }

    fn push(&mut self, host: Box<str>, met: &Met) -> SiteId {
        let id = SiteId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(Site {
            host,
            servers: BTreeSet::new(),
            upstreams: BTreeMap::new(),
            schemes: BTreeSet::new(),
            first_seen: met.time,
            last_seen: met.ended,
            looked_up: BTreeSet::new(),
        });
        id
    }
}

/// What a site is met by.
struct Met {
    server: Endpoint,
    scheme: Scheme,
    time: Timestamp,
    ended: Timestamp,
}

/// Whether a text can be a host with a port: names, addresses, brackets.
fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host.len() <= 255
        && host.chars().all(|c| {
            c.is_alphanumeric() && !c.is_uppercase() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']')
        })
        && host.chars().any(char::is_alphanumeric)
}

/// The address as a client that knows no name would send it: without the port that the scheme implies.
fn address(server: Endpoint, scheme: Scheme) -> Box<str> {
    let implied = scheme.port();
    match (server.ip, server.port == implied) {
        (std::net::IpAddr::V6(ip), true) => format!("[{ip}]").into(),
        (std::net::IpAddr::V6(ip), false) => format!("[{ip}]:{}", server.port).into(),
        (ip, true) => ip.to_string().into(),
        (ip, false) => format!("{ip}:{}", server.port).into(),
    }
}
