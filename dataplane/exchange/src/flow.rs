//! Which flow an exchange belongs to.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::fmt;
use std::net::IpAddr;
use weir_wire::{Endpoint, Timestamp};

/// Community ID, version 1, seed 0: a flow hash that other tools compute alike.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct CommunityId(pub [u8; 20]);

/// Bytes of its text: `1:` and the base64 of twenty bytes.
const SHOWN: usize = 30;

impl CommunityId {
    /// `1:` and the base64 of the digest, as ASCII.
    fn shown(&self) -> [u8; SHOWN] {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = [b'='; SHOWN];
        out[..2].copy_from_slice(b"1:");
        let digits = &mut out[2..];
        for (chunk, digits) in self.0.chunks(3).zip(digits.as_chunks_mut::<4>().0) {
            let n = chunk.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
            for (i, digit) in digits.iter_mut().enumerate().take(chunk.len() + 1) {
                *digit = ALPHABET[(n >> (18 - 6 * i) & 63) as usize];
            }
        }
        out
    }
}

/// `1:` and the base64 of the digest.
impl fmt::Display for CommunityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(std::str::from_utf8(&self.shown()).unwrap_or_default())
    }
}

/// The flow of an exchange; `client` sent the request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FlowRef {
    /// Flow hash for joining with other tools' records.
    pub community_id: CommunityId,
    /// Who called.
    pub client: Endpoint,
    /// Who answered.
    pub server: Endpoint,
    /// VLAN of the flow's first packet.
    pub vlan: Option<u16>,
    /// Tunnel network of the flow's first packet.
    pub vni: Option<u32>,
    /// When the flow began: with the endpoints, it names the flow uniquely.
    pub started: Timestamp,
}

impl CommunityId {
    /// The bytes that are hashed with SHA-1: seed, ordered endpoints, protocol (6 for TCP), padding, ports.
    pub fn input(a: Endpoint, b: Endpoint, protocol: u8) -> SmallVec<[u8; 64]> {
        let (lo, hi) = if (a.ip, a.port) <= (b.ip, b.port) { (a, b) } else { (b, a) };
        let mut out = SmallVec::from_slice(&[0, 0]);
        for e in [lo, hi] {
            match e.ip {
                IpAddr::V4(ip) => out.extend(ip.octets()),
                IpAddr::V6(ip) => out.extend(ip.octets()),
            }
        }
        out.extend([protocol, 0]);
        out.extend(lo.port.to_be_bytes());
        out.extend(hi.port.to_be_bytes());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_base64() {
        let bytes: [u8; 20] = std::array::from_fn(|i| i as u8);
        assert_eq!(CommunityId(bytes).to_string(), "1:AAECAwQFBgcICQoLDA0ODxAREhM=");
    }

    #[test]
    fn is_the_same_both_ways() {
        let e = |ip: [u8; 4], port| Endpoint { ip: ip.into(), port };
        let (a, b) = (e([128, 232, 110, 120], 34855), e([66, 35, 250, 204], 80));
        assert_eq!(CommunityId::input(a, b, 6), CommunityId::input(b, a, 6));
        assert_eq!(CommunityId::input(a, b, 6).len(), 16);
    }
}
