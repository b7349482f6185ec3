//! The flow key: the same for both directions.

use std::net::IpAddr;
use weir_wire::{Endpoint, Packet};

/// `vni` of packets outside any tunnel.
const NO_VNI: u32 = 1 << 31;
/// The lower endpoint is IPv6.
const LO_V6: u32 = 1 << 30;
/// The higher endpoint is IPv6.
const HI_V6: u32 = 1 << 29;
/// Of a flow, never of a packet: its directions are tagged differently, so that its VLAN says nothing.
const ANY_VLAN: u32 = 1 << 28;
/// `vlan` of untagged packets.
const NO_VLAN: u16 = u16::MAX;

/// Both endpoints in order, and the networks they live in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Key {
    pub lo: u128,
    pub hi: u128,
    pub lo_port: u16,
    pub hi_port: u16,
    /// VLAN, or all ones.
    pub vlan: u16,
    /// Tunnel network in 24 bits; above them what kind the addresses are.
    pub tag: u32,
}

fn address(e: &Endpoint) -> (u128, bool) {
    match e.ip {
        IpAddr::V4(ip) => (u128::from(u32::from(ip)), false),
        IpAddr::V6(ip) => (u128::from(ip), true),
    }
}

fn endpoint(address: u128, v6: bool, port: u16) -> Endpoint {
    let ip = if v6 { IpAddr::V6(address.into()) } else { IpAddr::V4((address as u32).into()) };
    Endpoint { ip, port }
}

impl Key {
    /// The key of a packet, and whether its sender is the higher endpoint.
    #[inline]
    pub fn of(packet: &Packet<'_>) -> (Key, bool) {
        let ((src, src_v6), (dst, dst_v6)) = (address(&packet.src), address(&packet.dst));
        let (src_port, dst_port) = (packet.src.port, packet.dst.port);
        let from_hi = (src, src_v6, src_port) > (dst, dst_v6, dst_port);
        let vlan = packet.vlan.unwrap_or(NO_VLAN);
        let network = packet.vni.map_or(NO_VNI, |v| v & 0x00ff_ffff);
        let kinds = |lo, hi| if lo { LO_V6 } else { 0 } | if hi { HI_V6 } else { 0 };
        let key = if from_hi {
            let tag = network | kinds(dst_v6, src_v6);
            Key { lo: dst, hi: src, lo_port: dst_port, hi_port: src_port, vlan, tag }
        } else {
            let tag = network | kinds(src_v6, dst_v6);
            Key { lo: src, hi: dst, lo_port: src_port, hi_port: dst_port, vlan, tag }
        };
        (key, from_hi)
    }
    /// The lower and the higher endpoint.
    pub fn ends(&self) -> (Endpoint, Endpoint) {
        let lo = endpoint(self.lo, self.tag & LO_V6 != 0, self.lo_port);
        (lo, endpoint(self.hi, self.tag & HI_V6 != 0, self.hi_port))
    }
    pub fn vlan(&self) -> Option<u16> {
        (self.vlan != NO_VLAN).then_some(self.vlan)
    }
    pub fn vni(&self) -> Option<u32> {
        (self.tag & NO_VNI == 0).then_some(self.tag & 0x00ff_ffff)
    }
    /// Hash of addresses and ports alone, under a fixed key.
    #[inline]
    fn ends_hash(&self) -> u64 {
        let mut h = fold(self.lo as u64 ^ 0x2436_f6a8_885a_308d, self.hi as u64 ^ 0x1319_8a2e_0370_7344);
        if self.tag & (LO_V6 | HI_V6) != 0 {
            let (lo, hi) = ((self.lo >> 64) as u64, (self.hi >> 64) as u64);
            h ^= fold(lo ^ 0xa409_3822_299f_31d0, hi ^ h ^ 0x082e_fa98_ec4e_6c89);
        }
        let ports = u64::from(self.lo_port) << 16 | u64::from(self.hi_port);
        fold(h ^ ports, 0x4528_21e6_38d0_1377)
    }
    /// Hash under `seed`, for the table. The VLAN does not enter, so that a flow is found whose directions differ in it.
    #[inline]
    pub fn hash(&self, seed: u64) -> u64 {
        fold(self.ends_hash() ^ seed, u64::from(self.tag & !ANY_VLAN) ^ 0xbe54_66cf_34e9_0c6c)
    }
    /// Whether a packet of key `packet` may be of the flow with this key, whatever its VLAN.
    #[inline]
    pub fn joins(&self, packet: &Key) -> bool {
        let ends = |k: &Key| (k.lo, k.hi, k.lo_port, k.hi_port, k.tag & !ANY_VLAN);
        ends(self) == ends(packet)
    }
    /// Whether a packet of key `packet` is of the flow with this key.
    #[inline]
    pub fn takes(&self, packet: &Key) -> bool {
        self == packet || (self.tag & ANY_VLAN != 0 && self.joins(packet))
    }
    /// The tag of a flow whose directions are tagged differently.
    pub fn any_vlan(tag: u32) -> u32 {
        tag | ANY_VLAN
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
    Key::of(packet).0.ends_hash()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
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
                assert_eq!(keys[i].hash(1) == keys[j].hash(1), by_vlan_alone);
                assert_eq!(keys[i].joins(&keys[j]), by_vlan_alone);
            }
        }
        let both = Key { tag: Key::any_vlan(keys[0].tag), ..keys[0] };
        assert!(both.takes(&keys[0]) && both.takes(&keys[1]) && !both.takes(&keys[2]));
        assert_eq!((both.hash(1), both.vni(), both.ends()), (keys[0].hash(1), None, keys[0].ends()));
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
