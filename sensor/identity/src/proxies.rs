//! Real clients behind proxies.
//!
//! A request may name its client (`X-Forwarded-For`, `Forwarded` of RFC 7239, `X-Real-IP`, headers of CDNs), but anyone can write such a
//! header. It is believed only from a peer that is a proxy: by configuration, or because it behaves like one. A list of addresses is read
//! from its end, which the nearest proxy wrote, over further proxies, to the first address that is none.
//!
//! A peer is learned to be a proxy where it is inside, (nearly) all its requests name a client, and these are many, come again, and use
//! many programs. Somebody who makes addresses up at random shows none of the last two. Somebody inside who imitates all of it would be
//! believed: where that matters, name the proxies and turn learning off.

use crate::network::Network;
use crate::people::bounded;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use weir_exchange::{Exchange, Request};
use weir_model::{Belief, Forwarded, Origin, internal};

/// Distinct clients that a proxy must have named.
const CLIENTS: usize = 8;
/// Of these, how many must have come again.
const AGAIN: usize = 4;
/// Distinct user agents that must have come through a proxy.
const AGENTS: usize = 3;
/// One request in so many may name no client: a proxy's own checks of health.
const SILENT: u64 = 20;
/// Most clients remembered of a peer while it is learned.
const REMEMBERED: usize = 64;
/// Most peers that are learned at a time.
const PEERS: usize = 1_024;
/// Most hops that a list is read over.
const HOPS: usize = 16;

/// Which peers are believed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trust {
    /// Proxies by configuration.
    pub proxies: Vec<Network>,
    /// Whether others are learned.
    pub learn: bool,
}

impl Default for Trust {
    fn default() -> Self {
        Trust { proxies: Vec::new(), learn: true }
    }
}

/// What is known of a peer that named clients.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Peer {
    naming: u64,
    silent: u64,
    /// Clients, and whether they came again.
    clients: BTreeMap<IpAddr, bool>,
    agents: BTreeSet<Box<str>>,
}

impl Peer {
    fn is_proxy(&self) -> bool {
        self.silent * SILENT <= self.naming
            && self.clients.len() >= CLIENTS
            && self.clients.values().filter(|again| **again).count() >= AGAIN
            && self.agents.len() >= AGENTS
    }

    fn named(&mut self, client: IpAddr, agent: &str) {
        self.naming += 1;
        if let Some(again) = self.clients.get_mut(&client) {
            *again = true;
        } else if self.clients.len() < REMEMBERED {
            self.clients.insert(client, false);
        }
        let agent = bounded(agent);
        if self.agents.len() < AGENTS && !agent.is_empty() && !self.agents.contains(agent) {
            self.agents.insert(agent.into());
        }
    }
}

/// The proxies.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Proxies {
    #[serde(skip)]
    pub trust: Trust,
    peers: BTreeMap<IpAddr, Peer>,
}

impl Proxies {
    /// Goes on from what was remembered.
    pub fn resume(&mut self, saved: Proxies) {
        self.peers = saved.peers;
    }

    /// Who sent an exchange; learns from it.
    pub fn origin(&mut self, x: &Exchange) -> Origin {
        let peer = x.flow.client.ip;
        let Some(request) = &x.request else { return Origin::direct(peer) };
        if request.forwarded_for.is_empty() {
            if let Some(known) = self.peers.get_mut(&peer) {
                known.silent += 1;
            }
            return Origin::direct(peer);
        }
        let nearest = nearest(&request.forwarded_for);
        self.learn(peer, nearest, request);
        let told = |told, belief| Some(Forwarded { told, belief });
        let Some(belief) = self.believed(peer) else {
            return Origin { address: peer, forwarded: told(nearest, Belief::Untrusted) };
        };
        match self.client(&request.forwarded_for) {
            Some(client) => Origin { address: client, forwarded: told(Some(client), belief) },
            None => Origin { address: peer, forwarded: told(None, Belief::Unreadable) },
        }
    }

    fn learn(&mut self, peer: IpAddr, nearest: Option<IpAddr>, request: &Request) {
        let Some(nearest) = nearest.filter(|_| self.trust.learn && internal(peer)) else { return };
        if self.peers.len() < PEERS || self.peers.contains_key(&peer) {
            self.peers.entry(peer).or_default().named(nearest, &request.user_agent);
        }
    }

    /// Why an address counts as a proxy's; `None` where it does not.
    fn believed(&self, ip: IpAddr) -> Option<Belief> {
        if self.trust.proxies.iter().any(|n| n.contains(ip)) {
            return Some(Belief::Configured);
        }
        self.peers.get(&ip).is_some_and(Peer::is_proxy).then_some(Belief::Learned)
    }

    /// The client that a proxy's list tells: from the end, the first address that is no proxy's. What cannot be read ends the walk.
    fn client(&self, list: &str) -> Option<IpAddr> {
        let mut client = None;
        for hop in hops(list).map_while(|hop| hop) {
            client = Some(hop);
            if self.believed(hop).is_none() {
                break;
            }
        }
        client
    }
}

/// The client that the nearest proxy named.
pub(crate) fn nearest(list: &str) -> Option<IpAddr> {
    hops(list).next().flatten()
}

/// The addresses of a list, the nearest first; `None` where one is no address (`unknown`, `_hidden`).
fn hops(list: &str) -> impl Iterator<Item = Option<IpAddr>> {
    list.rsplit(',').take(HOPS).map(address)
}

/// The address of one element: as such, with a port, in brackets, or behind `for=`.
fn address(element: &str) -> Option<IpAddr> {
    let named = |pair: &&str| pair.trim().get(..4).is_some_and(|name| name.eq_ignore_ascii_case("for="));
    let value = match element.split(';').find(named) {
        Some(pair) => pair.trim().get(4..)?,
        None => element,
    };
    let value = value.trim().trim_matches('"');
    let bare = match value.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None if value.matches(':').count() == 1 => value.split(':').next()?,
        None => value,
    };
    bare.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_in_all_their_forms() {
        let ip = |text: &str| address(text).map(|ip| ip.to_string());
        for (text, is) in [
            (" 203.0.113.7 ", "203.0.113.7"),
            ("203.0.113.7:4711", "203.0.113.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("proto=https;For=\"[2001:db8::1]:443\";by=10.0.0.1", "2001:db8::1"),
            ("for=203.0.113.7", "203.0.113.7"),
        ] {
            assert_eq!(ip(text).as_deref(), Some(is), "{text}");
        }
        for text in ["", "unknown", "for=_hidden", "[", "for=", "é=1;f", "1.2.3"] {
            assert_eq!(ip(text), None, "{text}");
        }
    }
}
