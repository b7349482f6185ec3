//! Ranges whose meaning is fixed: what the address itself tells.

use crate::Scope;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use Scope::{Internal, Special};

/// IANA IPv4 special-purpose address registry (RFC 6890) and what is no unicast: first address, prefix length, whose.
const V4: [(Ipv4Addr, u8, Scope); 16] = [
    // RFC 1918: private.
    (Ipv4Addr::new(10, 0, 0, 0), 8, Internal),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Internal),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Internal),
    // RFC 6598: shared address space of carriers.
    (Ipv4Addr::new(100, 64, 0, 0), 10, Internal),
    // Loopback (RFC 1122) and link-local (RFC 3927).
    (Ipv4Addr::new(127, 0, 0, 0), 8, Internal),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Internal),
    // "This network" (RFC 791), protocol assignments (RFC 6890).
    (Ipv4Addr::new(0, 0, 0, 0), 8, Special),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Special),
    // Documentation (RFC 5737), 6to4 relays (RFC 7526), benchmarking (RFC 2544).
    (Ipv4Addr::new(192, 0, 2, 0), 24, Special),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Special),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Special),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Special),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Special),
    // Multicast (RFC 5771), reserved with broadcast (RFC 1112, RFC 919).
    (Ipv4Addr::new(224, 0, 0, 0), 4, Special),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Special),
    (Ipv4Addr::new(233, 252, 0, 0), 24, Special),
];

/// The same of IPv6.
const V6: [(Ipv6Addr, u8, Scope); 11] = [
    // RFC 4193: unique local.
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Internal),
    // Link-local (RFC 4291), site-local (RFC 3879), loopback.
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, Internal),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, Internal),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0, 0, 1), 128, Internal),
    (Ipv6Addr::UNSPECIFIED, 128, Special),
    // Discard-only (RFC 6666), benchmarking (RFC 5180), ORCHID (RFC 7343).
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, Special),
    (Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48, Special),
    (Ipv6Addr::new(0x2001, 0x20, 0, 0, 0, 0, 0, 0), 28, Special),
    // Documentation (RFC 3849, RFC 9637).
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, Special),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, Special),
    // Multicast (RFC 4291).
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, Special),
];

/// What the address itself tells; `None` for a public one.
pub(crate) fn scope(ip: IpAddr) -> Option<Scope> {
    match ip {
        IpAddr::V4(ip) => {
            let within =
                |net: Ipv4Addr, bits: u8| (ip.to_bits() ^ net.to_bits()) >> (32 - u32::from(bits)) == 0;
            V4.iter().find(|(net, bits, _)| within(*net, *bits)).map(|(_, _, s)| *s)
        }
        IpAddr::V6(ip) => {
            let within =
                |net: Ipv6Addr, bits: u8| (ip.to_bits() ^ net.to_bits()) >> (128 - u32::from(bits)) == 0;
            V6.iter().find(|(net, bits, _)| within(*net, *bits)).map(|(_, _, s)| *s)
        }
    }
}

/// The IPv4 address within one of IPv6 that only carries it: mapped (RFC 4291, 2.5.5.2) or translated by the well-known prefix
/// (RFC 6052); else the address itself.
pub(crate) fn carried(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = ip else { return ip };
    match six.segments() {
        [0, 0, 0, 0, 0, 0xffff, _, _] | [0x64, 0xff9b, 0, 0, 0, 0, _, _] => {
            IpAddr::V4(Ipv4Addr::from_bits(six.to_bits() as u32))
        }
        _ => ip,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ranges_are_what_their_registries_say() {
        let cases = [
            ("10.255.0.1", Some(Internal)),
            ("172.15.255.255", None),
            ("172.31.255.255", Some(Internal)),
            ("192.168.1.1", Some(Internal)),
            ("100.64.0.1", Some(Internal)),
            ("100.128.0.1", None),
            ("127.0.0.1", Some(Internal)),
            ("169.254.1.1", Some(Internal)),
            ("0.0.0.0", Some(Special)),
            ("224.0.0.1", Some(Special)),
            ("255.255.255.255", Some(Special)),
            ("203.0.113.9", Some(Special)),
            ("8.8.8.8", None),
            ("fd00::1", Some(Internal)),
            ("fe80::1", Some(Internal)),
            ("::1", Some(Internal)),
            ("::", Some(Special)),
            ("ff02::1", Some(Special)),
            ("2001:db8::1", Some(Special)),
            ("2400:3200::1", None),
        ];
        for (ip, expected) in cases {
            assert_eq!(scope(ip.parse().unwrap()), expected, "{ip}");
        }
        let four = |s: &str| carried(s.parse().unwrap()).to_string();
        assert_eq!(four("::ffff:8.8.8.8"), "8.8.8.8");
        assert_eq!(four("64:ff9b::8.8.8.8"), "8.8.8.8");
        assert_eq!(four("::8.8.8.8"), "::808:808");
    }
}
