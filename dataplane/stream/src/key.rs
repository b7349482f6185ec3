//! The flow key: the same for both directions.

use std::net::{IpAddr, Ipv4Addr};
use weir_wire::{Endpoint, Packet};

/// `vni` of packets outside any tunnel.
const NO_VNI: u32 = 1 << 31;
/// The lower endpoint is IPv6.
const LO_V6: u32 = 1 << 30;
/// The higher endpoint is IPv6.
const HI_V6: u32 = 1 << 29;
/// Of a flow, never of a packet: its directions are tagged differently, so that its VLAN says nothing.
const ANY_VLAN: u32 = 1 << 28;
/// Of a flow, never of a packet: what is to be done with its bytes; see [`crate::hot`].
const ACTION: u32 = 15 << ACTION_SHIFT;
const ACTION_SHIFT: u32 = 24;
/// What of `net` tells flows apart.
const IDENTITY: u64 = !((ANY_VLAN | ACTION) as u64);
/// `vlan` of untagged packets.
const NO_VLAN: u16 = u16::MAX;

/// Both endpoints in order, and the networks they live in. The order means nothing but that it is always the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub(crate) struct Key {
    /// IPv6 address; of two IPv4 endpoints the address and, below it, the port in 16 bits.
    pub lo: u128,
    pub hi: u128,
    /// Ports of IPv6 endpoints (16 bits each, the lower endpoint's first), then the tunnel network in 24 bits and
    /// above that what kind the addresses are.
    pub net: u64,
    /// VLAN, or all ones.
    pub vlan: u16,
}

fn address(e: &Endpoint) -> (u128, bool) {
    match e.ip {
        IpAddr::V4(ip) => (u128::from(u32::from(ip)), false),
        IpAddr::V6(ip) => (u128::from(ip), true),
    }
}

impl Key {
    /// Of no packet.
    pub const NONE: Key = Key { lo: 0, hi: 0, net: 0, vlan: 0 };

    /// The key of a packet, and whether its sender is the higher endpoint.
    #[inline]
    pub fn of(packet: &Packet<'_>) -> (Key, bool) {
        let (IpAddr::V4(src), IpAddr::V4(dst)) = (packet.src.ip, packet.dst.ip) else {
            return Key::of_wide(packet);
        };
        let end = |ip: Ipv4Addr, port: u16| u64::from(u32::from(ip)) << 16 | u64::from(port);
        let (src, dst) = (end(src, packet.src.port), end(dst, packet.dst.port));
        let net = u64::from(packet.vni.map_or(NO_VNI, |v| v & 0x00ff_ffff));
        let vlan = packet.vlan.unwrap_or(NO_VLAN);
        (Key { lo: src.min(dst).into(), hi: src.max(dst).into(), net, vlan }, src > dst)
    }
    /// [`Key::of`] where not both ends are IPv4.
    fn of_wide(packet: &Packet<'_>) -> (Key, bool) {
        let ends = [&packet.src, &packet.dst].map(|e| (address(e), e.port));
        let from_hi = ends[0] > ends[1];
        let [((lo, lo_v6), lo_port), ((hi, hi_v6), hi_port)] =
            if from_hi { [ends[1], ends[0]] } else { ends };
        let kinds = if lo_v6 { LO_V6 } else { 0 } | if hi_v6 { HI_V6 } else { 0 };
        let tag = kinds | packet.vni.map_or(NO_VNI, |v| v & 0x00ff_ffff);
        let net = u64::from(lo_port) << 48 | u64::from(hi_port) << 32 | u64::from(tag);
        (Key { lo, hi, net, vlan: packet.vlan.unwrap_or(NO_VLAN) }, from_hi)
    }
    fn has(&self, bits: u32) -> bool {
        self.net & u64::from(bits) != 0
    }
    /// The lower and the higher endpoint.
    pub fn ends(&self) -> (Endpoint, Endpoint) {
        if !self.has(LO_V6 | HI_V6) {
            let end = |packed: u128| Endpoint {
                ip: Ipv4Addr::from((packed >> 16) as u32).into(),
                port: packed as u16,
            };
            return (end(self.lo), end(self.hi));
        }
        let end = |address: u128, v6: bool, port: u64| {
            let ip = if v6 { IpAddr::V6(address.into()) } else { IpAddr::V4((address as u32).into()) };
            Endpoint { ip, port: port as u16 }
        };
        (end(self.lo, self.has(LO_V6), self.net >> 48), end(self.hi, self.has(HI_V6), self.net >> 32))
    }
    pub fn vlan(&self) -> Option<u16> {
        (self.vlan != NO_VLAN).then_some(self.vlan)
    }
    pub fn vni(&self) -> Option<u32> {
        (!self.has(NO_VNI)).then_some(self.net as u32 & 0x00ff_ffff)
    }
    /// Hash of addresses and ports under a key; `rest` enters too.
    #[inline]
    fn mix(&self, key: [u64; 2], rest: u64) -> u64 {
        let mut h = fold(self.lo as u64 ^ key[0], self.hi as u64 ^ key[1]);
        if self.has(LO_V6 | HI_V6) {
            let (lo, hi) = ((self.lo >> 64) as u64, (self.hi >> 64) as u64);
            h ^= fold(lo ^ key[1] ^ 0xa409_3822_299f_31d0, hi ^ key[0] ^ 0x082e_fa98_ec4e_6c89);
        }
        fold(h ^ rest, key[1] ^ 0x4528_21e6_38d0_1377)
    }
    /// Hash under a secret, for the table. The VLAN does not enter, so that a flow is found whose directions differ in it.
    #[inline]
    pub fn hash(&self, secret: Secret) -> u64 {
        self.mix(secret.0, self.net & IDENTITY)
    }
    /// Whether a packet of key `packet` may be of the flow with this key, whatever its VLAN.
    #[inline]
    pub fn joins(&self, packet: &Key) -> bool {
        let apart =
            (self.lo ^ packet.lo) | (self.hi ^ packet.hi) | u128::from((self.net ^ packet.net) & IDENTITY);
        apart == 0
    }
    /// Whether a packet of key `packet` is of the flow with this key.
    #[inline]
    pub fn takes(&self, packet: &Key) -> bool {
        self.joins(packet) && (self.vlan == packet.vlan || self.has(ANY_VLAN))
    }
    /// Makes it the key of a flow whose directions are tagged differently.
    pub fn ignore_vlan(&mut self) {
        self.net |= u64::from(ANY_VLAN);
    }
}

/// What the table's hash is keyed with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Secret([u64; 2]);

impl Secret {
    /// Both words depend on all of `seed`.
    pub fn new(seed: u64) -> Self {
        let word = |n: u64| fold(seed ^ n, 0x9e37_79b9_7f4a_7c15) ^ n.rotate_left(32);
        Secret([word(0x2436_f6a8_885a_308d), word(0x1319_8a2e_0370_7344)])
    }
}

/// Folded multiplication: both halves of the 128-bit product.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// A hash of addresses and ports that is the same for both directions of a flow and on every machine: lanes are
/// chosen by it. VLAN and tunnel do not enter, so that a lane sees all of two talkers' flows.
pub fn symmetric_hash(packet: &Packet<'_>) -> u64 {
    let key = Key::of(packet).0;
    key.mix([0x2436_f6a8_885a_308d, 0x1319_8a2e_0370_7344], key.net >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_wire::{Timestamp, Transport};

    fn packet() -> Packet<'static> {
        let end = |last, port| Endpoint { ip: Ipv4Addr::new(192, 0, 2, last).into(), port };
        Packet {
            time: Timestamp::from_nanos(0),
            vlan: None,
            vni: None,
            src: end(7, 40000),
            dst: end(1, 8080),
            transport: Transport::Udp,
            payload: &[],
            missing: 0,
        }
    }

    #[test]
    fn both_directions_share_a_key() {
        let p = packet();
        let mut q = p;
        (q.src, q.dst) = (p.dst, p.src);
        let ((a, a_hi), (b, b_hi)) = (Key::of(&p), Key::of(&q));
        assert_eq!(a, b);
        assert_ne!(a_hi, b_hi);
        assert_eq!(symmetric_hash(&p), symmetric_hash(&q));
        let (lo, hi) = a.ends();
        assert!([lo, hi].contains(&p.src) && [lo, hi].contains(&p.dst));
    }

    #[test]
    fn networks_and_address_kinds_differ() {
        let p = packet();
        let mut tagged = p;
        tagged.vlan = Some(0);
        let mut tunnelled = p;
        tunnelled.vni = Some(0);
        let mut six = p;
        let IpAddr::V4(v4) = p.src.ip else { unreachable!() };
        six.src.ip = IpAddr::V6(u128::from(u32::from(v4)).into());
        let keys: Vec<Key> = [p, tagged, tunnelled, six].iter().map(|p| Key::of(p).0).collect();
        for i in 0..keys.len() {
            for j in 0..i {
                assert!(keys[i] != keys[j] && !keys[i].takes(&keys[j]));
                let by_vlan_alone = (i, j) == (1, 0);
                assert_eq!(keys[i].hash(Secret::new(1)) == keys[j].hash(Secret::new(1)), by_vlan_alone);
                assert_eq!(keys[i].joins(&keys[j]), by_vlan_alone);
            }
        }
        let mut both = keys[0];
        both.ignore_vlan();
        assert!(both.takes(&keys[0]) && both.takes(&keys[1]) && !both.takes(&keys[2]));
        assert_eq!(
            (both.hash(Secret::new(1)), both.vni(), both.ends()),
            (keys[0].hash(Secret::new(1)), None, keys[0].ends())
        );
        assert_eq!(Key::of(&tagged).0.vlan(), Some(0));
        assert_eq!(Key::of(&tunnelled).0.vni(), Some(0));
        assert_eq!((keys[0].vlan(), keys[0].vni()), (None, None));
    }

    #[test]
    fn the_hash_spreads_ports_and_addresses() {
        let mut lanes = [0u32; 8];
        for n in 0..8000u32 {
            let mut p = packet();
            p.src.port = 1024 + (n % 4000) as u16;
            p.src.ip = IpAddr::V4((0x0a00_0000 + n / 4000).into());
            lanes[(symmetric_hash(&p) % 8) as usize] += 1;
        }
        assert!(lanes.iter().all(|n| (850..1150).contains(n)), "{lanes:?}");
    }
}
