//! What an IP protocol number leads to: TCP, UDP, extension headers and tunnels.

use crate::{
    ipv6,
    tunnel::{self, UdpTunnel},
    walk::{Found, Layer, Next, Step, Walk, cut, then},
};
use weir_wire::{Account, TcpFlags, TcpHeader};

/// By IANA's protocol numbers. Extension headers are accepted under IPv4 as well: real traffic has none there but AH.
pub(crate) fn protocol(w: &mut Walk<'_>, protocol: u8) -> Step {
    match protocol {
        6 => tcp(w),
        17 => udp(w),
        0 | 43 | 60 | 135 | 139 | 140 => ipv6::extension(w),
        44 => ipv6::fragment(w),
        51 => ipv6::authentication(w),
        4 => inside(w, Layer::Ipv4),
        41 => inside(w, Layer::Ipv6),
        47 => inside(w, Layer::Gre),
        // EtherIP (RFC 3378): version 3 in 2 bytes.
        97 => {
            w.skip(2)?;
            inside(w, Layer::Ethernet)
        }
        // MPLS in IP (RFC 4023).
        137 => inside(w, Layer::Mpls),
        _ => Err(Account::FrameOther),
    }
}

fn inside(w: &mut Walk<'_>, layer: Layer) -> Step {
    w.context.tunnelled = true;
    then(layer)
}

/// RFC 9293, 3.1. Where the snap length cut the options, the payload is still known to be missing.
fn tcp(w: &Walk<'_>) -> Step {
    let mut c = w.cursor();
    let h = c.array::<20>().map_err(cut)?;
    let header = usize::from(h[12] >> 4) * 4;
    if header < 20 || header > w.wire_len() {
        return Err(Account::FrameMalformed);
    }
    let tcp = TcpHeader {
        seq: u32::from_be_bytes([h[4], h[5], h[6], h[7]]),
        ack: u32::from_be_bytes([h[8], h[9], h[10], h[11]]),
        flags: TcpFlags(h[13]),
        window: u16::from_be_bytes([h[14], h[15]]),
    };
    let rest = u64::from_be_bytes([h[12], h[13], h[14], h[15], h[16], h[17], h[18], h[19]]);
    Ok(packet(w, Some(tcp), rest, [h[0], h[1], h[2], h[3]], header))
}

/// RFC 768; a length of zero (offload, jumbograms) means all there is.
fn udp(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    let h = c.array::<8>().map_err(cut)?;
    let len = usize::from(u16::from_be_bytes([h[4], h[5]]));
    if len != 0 {
        if len < 8 {
            return Err(Account::FrameMalformed);
        }
        w.limit(len.min(w.wire_len()));
    }
    if let Some(kind) = UdpTunnel::by_port(u16::from_be_bytes([h[2], h[3]])) {
        let mut inner = *w;
        inner.skip(8)?;
        match tunnel::udp(inner, kind) {
            Err(Account::FrameMalformed) => {}
            found => return found.map(Next::Found),
        }
    }
    Ok(packet(w, None, 0, [h[0], h[1], h[2], h[3]], 8))
}

fn packet(w: &Walk<'_>, tcp: Option<TcpHeader>, rest: u64, ports: [u8; 4], header: usize) -> Next {
    let ports = (u16::from_be_bytes([ports[0], ports[1]]), u16::from_be_bytes([ports[2], ports[3]]));
    let (payload, missing) = w.payload(header);
    Next::Found(Found::Packet { tcp, rest, ports, payload, missing, context: w.context })
}
