//! Callers.

use crate::Belief;
use std::net::IpAddr;
use weir_place::Place;
use weir_wire::Timestamp;

/// A caller (调用方): a client address as seen on the wire, or as told by a proxy that is believed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// Address.
    pub ip: IpAddr,
    /// Where it is; looked up once.
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
