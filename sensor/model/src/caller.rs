//! Callers.

use crate::Belief;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use weir_place::{Place, Scope};
use weir_wire::Timestamp;

/// A caller (调用方): a client address as seen on the wire, or as told by a proxy that is believed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Caller {
    /// Address.
    pub ip: IpAddr,
    /// Where it is; looked up once.
    #[serde(skip, default = "unknown")]
    pub place: Place,
    /// Newest user agent, bounded to 256 bytes.
    pub user_agent: Box<str>,
    /// The proxy that told the address last, and why it was believed; `None` where the caller only came itself.
    pub through: Option<(IpAddr, Belief)>,
    /// First exchange.
    pub first_seen: Timestamp,
    /// Last exchange.
    pub last_seen: Timestamp,
    /// Exchanges.
    pub exchanges: u64,
}

/// Where somebody is of whom nothing is remembered but the address: to be looked up again.
fn unknown() -> Place {
    Place { scope: Scope::Special, country: None, province: None, zone: None, by: None }
}
