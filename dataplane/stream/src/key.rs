//! The flow key: the same for both directions.

use std::net::{IpAddr, Ipv4Addr};
use weir_wire::{Endpoint, Packet, Segment};

/// `vni` of packets outside any tunnel.
const NO_VNI: u32 = 1 << 31;
/// The lower endpoint is IPv6.
const LO_V6: u32 = 1 << 30;
/// The higher endpoint is IPv6.
const HI_V6: u32 = 1 << 29;
/// Of a flow, never of a packet: its directions are tagged differently, so that its VLAN says nothing.
pub(crate) const ANY_VLAN: u32 = 1 << 28;
/// Of a flow, never of a packet: where the bytes of a shunted flow are booked, in four bits.
pub(crate) const ACTION_SHIFT: u32 = 24;
pub(crate) const ACTION: u32 = 15 << ACTION_SHIFT;
/// What of the lower half of `net` tells flows apart.
const IDENTITY: u32 = !(ANY_VLAN | ACTION);
/// `vlan` of untagged packets.
const NO_VLAN: u16 = u16::MAX;

/// Both endpoints in order, and the networks they live in. The order means nothing but that it is always the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Key {
    /// IPv6 address; of two IPv4 endpoints the address and, below it, the port in 16 bits.
    pub lo: u128,
    pub hi: u128,
    /// In its upper half the ports of IPv6 endpoints (the lower endpoint's first), or of IPv4 ones the VLAN again. In the
    /// lower half the tunnel network in 24 bits, and above that what kind the addresses are.
    pub net: u64,
    /// VLAN, or all ones.
    pub vlan: u16,
}

/// The key of two IPv4 endpoints, and where it leads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Narrow {
    pub lo: u64,
    pub hi: u64,
    pub net: u64,
    pub hash: u64,
    pub from_hi: bool,
}

impl Narrow {
    /// The key of a packet between IPv4 endpoints, its hash, and whether its sender is the higher one.
    #[inline(always)]
    pub fn of(packet: &Packet<'_>, secret: &Secret) -> Option<Narrow> {
        let (IpAddr::V4(src), IpAddr::V4(dst)) = (packet.src.ip, packet.dst.ip) else { return None };
        let tag = packet.vni.map_or(NO_VNI, |v| v & 0x00ff_ffff);
        Some(Narrow::new(
            (src.into(), packet.src.port),
            (dst.into(), packet.dst.port),
            packet.vlan,
            tag,
            secret,
        ))
    }
    /// The same of a segment.
    #[inline(always)]
    pub fn of_segment(segment: &Segment<'_>, secret: &Secret) -> Narrow {
        Narrow::new(segment.src, segment.dst, segment.vlan, NO_VNI, secret)
    }
    #[inline(always)]
    fn new(src: (u32, u16), dst: (u32, u16), vlan: Option<u16>, tag: u32, secret: &Secret) -> Narrow {
        let [src, dst] = [src, dst].map(|(ip, port)| u64::from(ip) << 16 | u64::from(port));
        let (lo, hi) = (src.min(dst), src.max(dst));
        let (tag, vlan) = (u64::from(tag), u64::from(vlan.unwrap_or(NO_VLAN)));
        let hash = secret.narrow(lo, hi, tag);
        Narrow { lo, hi, net: vlan << 32 | tag, hash, from_hi: src > dst }
    }
}

fn address(e: &Endpoint) -> (u128, bool) {
    match e.ip {
        IpAddr::V4(ip) => (u128::from(u32::from(ip)), false),
        IpAddr::V6(ip) => (u128::from(ip), true),
    }
}

impl Key {
    /// The key of a packet, and whether its sender is the higher endpoint.
    pub fn of(packet: &Packet<'_>) -> (Key, bool) {
        const NO_SECRET: Secret = Secret([0; 3]);
        let vlan = packet.vlan.unwrap_or(NO_VLAN);
        if let Some(Narrow { lo, hi, net, from_hi, .. }) = Narrow::of(packet, &NO_SECRET) {
            return (Key { lo: lo.into(), hi: hi.into(), net, vlan }, from_hi);
        }
        let ends = [&packet.src, &packet.dst].map(|e| (address(e), e.port));
        let from_hi = ends[0] > ends[1];
        let [((lo, lo_v6), lo_port), ((hi, hi_v6), hi_port)] =
            if from_hi { [ends[1], ends[0]] } else { ends };
        let kinds = if lo_v6 { LO_V6 } else { 0 } | if hi_v6 { HI_V6 } else { 0 };
        let tag = kinds | packet.vni.map_or(NO_VNI, |v| v & 0x00ff_ffff);
        let net = u64::from(lo_port) << 48 | u64::from(hi_port) << 32 | u64::from(tag);
        (Key { lo, hi, net, vlan }, from_hi)
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
    /// Hash under a secret. The VLAN does not enter, so that a flow is found whose directions differ in it.
    pub fn hash(&self, secret: &Secret) -> u64 {
        self.mix(secret, self.net as u32 & IDENTITY)
    }
    fn mix(&self, secret: &Secret, tag: u32) -> u64 {
        let tag = u64::from(tag);
        if !self.has(LO_V6 | HI_V6) {
            return secret.narrow(self.lo as u64, self.hi as u64, tag);
        }
        let (lo, hi, ports) = ((self.lo >> 64) as u64, (self.hi >> 64) as u64, self.net >> 32 << 32);
        let above = secret.narrow(lo, hi, ports | tag);
        secret.narrow(self.lo as u64, self.hi as u64, above)
    }
    /// What of `net` must be the same.
    fn relevant(&self) -> u64 {
        let ports = if self.has(LO_V6 | HI_V6) { u64::MAX << 32 } else { 0 };
        ports | u64::from(IDENTITY)
    }
    /// Whether a packet of key `packet` may be of the flow with this key, whatever its VLAN.
    pub fn joins(&self, packet: &Key) -> bool {
        (self.lo, self.hi) == (packet.lo, packet.hi) && (self.net ^ packet.net) & packet.relevant() == 0
    }
    /// Whether this is the key, but for what only flows have.
    #[inline]
    pub fn is(&self, packet: &Key) -> bool {
        self.joins(packet) && self.vlan == packet.vlan
    }
    /// Whether it is the key of a flow whose directions are tagged differently, and a packet of key `packet` is of it.
    pub fn takes(&self, packet: &Key) -> bool {
        self.has(ANY_VLAN) && self.joins(packet)
    }
    /// Makes it the key of a flow whose directions are tagged differently.
    pub fn ignore_vlan(&mut self) {
        self.net |= u64::from(ANY_VLAN);
    }
}

/// What hashes are keyed with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Secret([u64; 3]);

impl Secret {
    /// Every word depends on all of `seed`.
    pub fn new(seed: u64) -> Self {
        let word = |n: u64| fold(seed ^ n, 0x9e37_79b9_7f4a_7c15) ^ n.rotate_left(32);
        Secret([word(0x2436_f6a8_885a_308d), word(0x1319_8a2e_0370_7344), word(0x4528_21e6_38d0_1377)])
    }
    #[inline(always)]
    fn narrow(&self, lo: u64, hi: u64, rest: u64) -> u64 {
        fold(fold(lo ^ self.0[0], hi ^ self.0[1]) ^ rest, self.0[2])
    }
}

/// Folded multiplication: both halves of the 128-bit product.
#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// A hash of addresses and ports that is the same for both directions of a flow and on every machine: lanes are
/// chosen by it. VLAN and tunnel do not enter, so that a lane sees all of two talkers' flows.
pub fn symmetric_hash(packet: &Packet<'_>) -> u64 {
    const KNOWN: Secret = Secret([0x2436_f6a8_885a_308d, 0x1319_8a2e_0370_7344, 0x4528_21e6_38d0_1377]);
    Key::of(packet).0.mix(&KNOWN, 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
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
        let secret = &Secret::new(1);
        let ((a, a_hi), (b, b_hi)) = (Key::of(&p), Key::of(&q));
        for packet in [&p, &q] {
            let (narrow, from_hi) = (Narrow::of(packet, secret).unwrap(), Key::of(packet).1);
            let key = Key { lo: narrow.lo.into(), hi: narrow.hi.into(), net: narrow.net, vlan: NO_VLAN };
            assert_eq!((key, narrow.hash, narrow.from_hi), (a, a.hash(secret), from_hi));
        }
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
        let secret = &Secret::new(1);
        let keys: Vec<Key> = [p, tagged, tunnelled, six].iter().map(|p| Key::of(p).0).collect();
        for i in 0..keys.len() {
            for j in 0..i {
                assert!(keys[i] != keys[j] && !keys[i].is(&keys[j]) && !keys[i].takes(&keys[j]));
                let by_vlan_alone = (i, j) == (1, 0);
                assert_eq!(keys[i].hash(secret) == keys[j].hash(secret), by_vlan_alone);
                assert_eq!(keys[i].joins(&keys[j]), by_vlan_alone);
            }
        }
        let mut both = keys[0];
        both.ignore_vlan();
        assert!(both.takes(&keys[0]) && both.takes(&keys[1]) && !both.takes(&keys[2]));
        assert_eq!(
            (both.hash(secret), both.vni(), both.ends()),
            (keys[0].hash(secret), None, keys[0].ends())
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
