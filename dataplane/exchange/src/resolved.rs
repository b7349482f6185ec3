//! Which names stand for which addresses (域名解析), as resolvers answered.

use crate::Text;
use std::net::IpAddr;
use weir_wire::Timestamp;

/// One answer: the name that was asked for, and an address that it stands for. Nothing of it is verified: it is what whoever answered said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resolved {
    /// When it was told: of answers that say the same, the first of an hour is.
    pub time: Timestamp,
    /// The name asked for, lower case, without the last dot; at most 253 bytes.
    pub name: Text,
    /// What it stands for.
    pub address: IpAddr,
}
