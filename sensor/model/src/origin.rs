//! Where an exchange really came from, behind proxies.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Why an address that a request names as its client was believed, or not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Belief {
    /// The peer is a proxy by configuration.
    Configured,
    /// The peer was learned to be a proxy.
    Learned,
    /// The peer is not known as a proxy: anyone can write such a header.
    Untrusted,
    /// The peer is a proxy, but what it says is no address.
    Unreadable,
}

impl Belief {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Belief::Configured => "configured",
            Belief::Learned => "learned",
            Belief::Untrusted => "untrusted",
            Belief::Unreadable => "unreadable",
        }
    }
    /// Whether the address told was taken for the caller's.
    pub const fn holds(self) -> bool {
        matches!(self, Belief::Configured | Belief::Learned)
    }
}

/// What a request says of its client, and what became of it (真实来源).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Forwarded {
    /// The address told: the one that is believed, else the one next to the peer; `None` where it is no address.
    pub told: Option<IpAddr>,
    /// Why it was believed, or not.
    pub belief: Belief,
}

/// Who sent an exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The caller's address.
    pub address: IpAddr,
    /// What the request says of it; `None` where it says nothing.
    pub forwarded: Option<Forwarded>,
}

impl Origin {
    /// Of a peer that speaks for itself.
    pub const fn direct(address: IpAddr) -> Self {
        Origin { address, forwarded: None }
    }
}
