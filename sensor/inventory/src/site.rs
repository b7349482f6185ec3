//! Sites: which host of which server an exchange went to.

use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::{Exchange, Scheme};
use weir_model::{Site, SiteId};
use weir_wire::Endpoint;

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
    /// Exchanges that found no room.
    pub overflow: u64,
}

impl Sites {
    /// The site of an exchange, made where it is new; the last one stands for all that find no room.
    pub fn of(&mut self, x: &Exchange, capacity: usize) -> SiteId {
        let server = x.flow.server;
        let named = x.request.as_ref().map(|r| &*r.host).filter(|h| is_host(h));
        let known = self.by_server.get(&server).copied();
        let id = match (named, known) {
            (Some(host), _) if self.by_host.contains_key(host) => self.by_host.get(host).copied(),
            (Some(host), None | Some((_, 0..HOSTS_PER_SERVER))) => self.make(host.into(), x, capacity),
            // A response alone names no host: it belongs to what the server was seen to serve.
            (None, Some((site, _))) if x.request.is_none() => Some(site),
            _ => self.make(address(server, x.scheme), x, capacity),
        };
        let id = id.unwrap_or_else(|| {
            self.overflow += 1;
            self.make_last(x)
        });
        if let Some(site) = self.list.get_mut(id.index()) {
            site.first_seen = site.first_seen.min(x.time);
            site.last_seen = site.last_seen.max(x.ended);
            site.schemes.insert(x.scheme);
            if site.servers.len() < SERVERS {
                site.servers.insert(server);
            }
        }
        id
    }

    fn make(&mut self, host: Box<str>, x: &Exchange, capacity: usize) -> Option<SiteId> {
        if let Some(id) = self.by_host.get(&host) {
            return Some(*id);
        }
        // The last place is kept for all others together.
        if self.list.len() + 1 >= capacity.max(1) {
            return None;
        }
        let id = self.push(host, x);
        self.by_server.entry(x.flow.server).or_insert((id, 0)).1 += 1;
        Some(id)
    }

    fn make_last(&mut self, x: &Exchange) -> SiteId {
        const OTHERS: &str = "(other sites)";
        match self.by_host.get(OTHERS) {
            Some(id) => *id,
            None => self.push(OTHERS.into(), x),
        }
    }

    fn push(&mut self, host: Box<str>, x: &Exchange) -> SiteId {
        let id = SiteId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(Site {
            host: host.clone(),
            servers: BTreeSet::new(),
            schemes: BTreeSet::new(),
            first_seen: x.time,
            last_seen: x.ended,
        });
        self.by_host.insert(host, id);
        id
    }
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
