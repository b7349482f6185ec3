//! Network addresses.

use super::Verdict;
use super::date::number;
use super::digits::distinct;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An IPv4 address of a host: four octets without leading zeros. What begins with a number under 20, private 10 apart, is a version of a
/// program more often than an address, and so only plausible.
pub(crate) fn ipv4(value: &[u8]) -> Verdict {
    let mut octets = [0u8; 4];
    let mut n = 0;
    for group in value.split(|b| *b == b'.') {
        let leading = group.len() > 1 && group[0] == b'0';
        let (Some(octet), false) = (number(group).and_then(|o| u8::try_from(o).ok()), leading) else {
            return Verdict::No;
        };
        let Some(slot) = octets.get_mut(n) else { return Verdict::No };
        *slot = octet;
        n += 1;
    }
    let ip = Ipv4Addr::from(octets);
    // Masks, loopback, broadcast, "this network": nobody's address.
    if n != 4 || octets[0] == 0 || octets[0] >= 224 || ip.is_loopback() {
        return Verdict::No;
    }
    if octets[0] < 20 && octets[0] != 10 { Verdict::Plausible } else { Verdict::Verified }
}

/// A private address (RFC 1918) and a port.
pub(crate) fn endpoint(value: &[u8]) -> Verdict {
    let Some(colon) = value.iter().position(|b| *b == b':') else { return Verdict::No };
    let (host, port) = (&value[..colon], &value[colon + 1..]);
    let port = port.first() != Some(&b'0') && matches!(number(port), Some(1..=65_535));
    let private = std::str::from_utf8(host).ok().and_then(|h| h.parse::<Ipv4Addr>().ok());
    Verdict::verified(port && private.is_some_and(|ip| ip.is_private()))
}

/// An IPv6 address of a host, in text form (RFC 4291, 2.2).
pub(crate) fn ipv6(value: &[u8]) -> Verdict {
    let Some(ip) = std::str::from_utf8(value).ok().and_then(|s| s.parse::<Ipv6Addr>().ok()) else {
        return Verdict::No;
    };
    let groups = value.split(|b| *b == b':').filter(|g| !g.is_empty()).count();
    let special = ip.is_loopback() || ip.is_unspecified() || ip.is_multicast();
    // Global unicast, unique local and link local: anything else is a clock, a ratio or a scope operator of a program.
    let assigned = matches!(ip.segments()[0], 0x2000..=0x3fff | 0xfc00..=0xfdff | 0xfe80..=0xfebf);
    Verdict::verified(groups >= 3 && !special && assigned)
}

/// A MAC address: twelve hex digits in groups, of a real card or a randomised one.
pub(crate) fn mac(value: &[u8]) -> Verdict {
    let mut octets = [0u8; 6];
    let mut nibbles = 0;
    for b in value.iter().filter(|b| !matches!(b, b':' | b'-' | b'.')) {
        let (Some(n), Some(slot)) = (char::from(*b).to_digit(16), octets.get_mut(nibbles / 2)) else {
            return Verdict::No;
        };
        *slot = *slot << 4 | n as u8;
        nibbles += 1;
    }
    let mark = value.get(if value.get(4) == Some(&b'.') { 4 } else { 2 });
    let same_marks = value.iter().filter(|b| !b.is_ascii_hexdigit()).all(|b| Some(b) == mark);
    Verdict::verified(nibbles == 12 && same_marks && value.len() > 12 && distinct(&octets) > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors() {
        for good in ["114.114.114.114", "10.51.122.200", "192.168.1.1", "36.142.40.100"] {
            assert_eq!(ipv4(good.as_bytes()), Verdict::Verified, "{good}");
        }
        assert_eq!(ipv4(b"1.2.3.4"), Verdict::Plausible);
        for bad in
            ["256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "255.255.255.0", "127.0.0.1", "0.0.0.0", "..."]
        {
            assert_eq!(ipv4(bad.as_bytes()), Verdict::No, "{bad}");
        }
        for good in ["10.1.2.3:8080", "172.16.0.9:6379", "192.168.10.7:80"] {
            assert_eq!(endpoint(good.as_bytes()), Verdict::Verified, "{good}");
        }
        for bad in [
            "10.1.2.3",
            "8.8.8.8:53",
            "172.32.0.9:6379",
            "10.1.2.300:80",
            "10.1.2.3:99999",
            "10.1.2.3:080",
            ":",
        ] {
            assert_eq!(endpoint(bad.as_bytes()), Verdict::No, "{bad}");
        }
        assert_eq!(ipv6(b"2408:8000:1010::1"), Verdict::Verified);
        for bad in ["12:30:45", "::1", "1:2:3:4:5:6:7:8", "ff02::1", "2408::"] {
            assert_eq!(ipv6(bad.as_bytes()), Verdict::No, "{bad}");
        }
        for good in ["00:1A:2B:3C:4D:5E", "3E-5E-8F-DE-57-E0", "001a.2b3c.4d5e"] {
            assert_eq!(mac(good.as_bytes()), Verdict::Verified, "{good}");
        }
        for bad in ["00:00:00:00:00:00", "00:1A:2B:3C:4D", "00:1A-2B:3C:4D:5E", "001A2B3C4D5E"] {
            assert_eq!(mac(bad.as_bytes()), Verdict::No, "{bad}");
        }
    }
}
