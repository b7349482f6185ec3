//! Hops: from which addresses to which servers second legs go.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use weir_exchange::Exchange;
use weir_model::internal;
use weir_wire::Endpoint;

/// Most addresses remembered that answer.
const SERVERS: usize = 4_096;
/// Most hops; exchanges of later ones are held no more.
const HOPS: usize = 4_096;
/// Exchanges in a row without a first leg, after which a hop counts as one of which only one side is seen.
const MISSED: u32 = 64;
/// Of such a hop, one exchange in so many is held all the same, as a mirror may come to show more.
const ONE_IN: u32 = 64;

/// What is known of a hop.
#[derive(Clone, Copy, Default, Debug)]
struct Hop {
    /// Exchanges without a first leg since the last that had one.
    missed: u32,
    /// Exchanges that were not held.
    skipped: u32,
}

/// The hops. The tables are looked up and never walked, so that their order shows nowhere.
#[derive(Debug, Default)]
pub(super) struct Hops {
    servers: HashSet<IpAddr>,
    hops: HashMap<(IpAddr, Endpoint), Hop>,
}

impl Hops {
    /// Notes who answers.
    pub(super) fn meet(&mut self, x: &Exchange) {
        let server = x.flow.server.ip;
        if self.servers.len() < SERVERS && !self.servers.contains(&server) {
            self.servers.insert(server);
        }
    }

    /// Whether an exchange may be a second leg for which it is worth waiting.
    pub(super) fn is_held(&mut self, x: &Exchange) -> bool {
        let client = x.flow.client.ip;
        // Anyone can name a client; from outside, that must not fill the table.
        let names = x.request.as_ref().is_some_and(|r| !r.forwarded_for.is_empty()) && internal(client);
        if !names && !self.servers.contains(&client) {
            return false;
        }
        let key = (client, x.flow.server);
        if self.hops.len() >= HOPS && !self.hops.contains_key(&key) {
            return false;
        }
        let hop = self.hops.entry(key).or_default();
        if hop.missed < MISSED {
            return true;
        }
        hop.skipped = hop.skipped.wrapping_add(1);
        hop.skipped.is_multiple_of(ONE_IN)
    }

    /// An exchange that was held had a first leg.
    pub(super) fn joined(&mut self, x: &Exchange) {
        if let Some(hop) = self.hops.get_mut(&(x.flow.client.ip, x.flow.server)) {
            hop.missed = 0;
        }
    }

    /// An exchange that was held had none.
    pub(super) fn missed(&mut self, x: &Exchange) {
        if let Some(hop) = self.hops.get_mut(&(x.flow.client.ip, x.flow.server)) {
            hop.missed = hop.missed.saturating_add(1);
        }
    }
}
