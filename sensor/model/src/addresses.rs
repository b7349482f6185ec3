//! Which addresses count as inside.

use std::net::IpAddr;

/// Whether an address is of no public network: private (RFC 1918), shared (RFC 6598), unique local (RFC 4193), link-local,
/// loopback or unspecified; an IPv4 address written as IPv6 is taken for what it stands for.
pub fn internal(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let shared = ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64;
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified() || shared
        }
        IpAddr::V6(ip) => {
            ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tells_inside_from_outside() {
        let inside = |ip: &str| internal(ip.parse().unwrap());
        for ip in ["10.1.2.3", "100.64.0.1", "100.127.255.255", "169.254.1.1", "fd00::1", "fe80::1", "::"] {
            assert!(inside(ip), "{ip}");
        }
        for ip in ["100.63.255.255", "100.128.0.0", "8.8.8.8", "2001:db8::1", "::ffff:8.8.8.8"] {
            assert!(!inside(ip), "{ip}");
        }
        assert!(inside("::ffff:192.168.0.1"));
    }
}
