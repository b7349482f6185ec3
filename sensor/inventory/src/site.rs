//! Sites: which host of which server an exchange went to.

use crate::names::Names;
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::{Connection, Exchange, Scheme};
use weir_model::{Site, SiteId};
use weir_wire::{Endpoint, Timestamp};

/// Most host names that one server can bring in; a scanner that invents names ends at the server's address.
const HOSTS_PER_SERVER: u32 = 512;

/// Most addresses kept of a site.
const SERVERS: usize = 64;

/// The sites, by host.
#[derive(Debug, Default)]
pub(crate) struct Sites {
    pub list: Vec<Site>,
    by_host: BTreeMap<Box<str>, SiteId>,
    by_server: BTreeMap<Endpoint, (SiteId, u32)>,
    /// Which names clients asked for, by address.
    pub names: Names,
    /// Exchanges that found no room.
    pub overflow: u64,
}

impl Sites {
    /// The site of an exchange, made where it is new; the last one stands for all that find no room.
    pub fn of(&mut self, x: &Exchange, capacity: usize) -> SiteId {
        let met = Met { server: x.flow.server, scheme: x.scheme, time: x.time, ended: x.ended };
        let named = x.request.as_ref().map(|r| &*r.host).filter(|h| is_host(h));
        let known = self.by_server.get(&met.server).copied();
        let id = match (named, known) {
            // A response alone names no host: it belongs to what the server was seen to serve.
            (None, Some((site, _))) if x.request.is_none() => Some(site),
            _ => self.named(named, &met, capacity),
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

    /// By its host name while the server may bring in another, else by its address.
    fn named(&mut self, name: Option<&str>, met: &Met, capacity: usize) -> Option<SiteId> {
        let known = self.by_server.get(&met.server).copied();
        match (name, known) {
            (Some(host), _) if self.by_host.contains_key(host) => self.by_host.get(host).copied(),
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
            if site.servers.len() < SERVERS {
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
        let id = self.push(host, met);
        self.by_server.entry(met.server).or_insert((id, 0)).1 += 1;
        Some(id)
    }

    fn make_last(&mut self, met: &Met) -> SiteId {
        const OTHERS: &str = "(other sites)";
        match self.by_host.get(OTHERS) {
            Some(id) => *id,
            None => self.push(OTHERS.into(), met),
        }
    }

    fn push(&mut self, host: Box<str>, met: &Met) -> SiteId {
        let id = SiteId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(Site {
            host: host.clone(),
            servers: BTreeSet::new(),
            schemes: BTreeSet::new(),
            first_seen: met.time,
            last_seen: met.ended,
            looked_up: BTreeSet::new(),
        });
        self.by_host.insert(host, id);
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
