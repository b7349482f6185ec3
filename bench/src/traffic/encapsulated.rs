//! The same segments inside what carriers and data centres put around them.

use crate::http::API_MIX;
use crate::mix::Mix;
use crate::workload::api;
use weir_wire::Timestamp;

/// W1 with each flow in one of eight wrappings, by its ports.
pub fn wrap(mix: &Mix, mut each: impl FnMut(Timestamp, &[u8])) {
    api(mix, &API_MIX, |time, frame| {
        let port = |at: usize| u16::from_be_bytes([frame[at], frame[at + 1]]);
        // 8080 is on either side: the sum is the flow's.
        match (port(34).wrapping_add(port(36))) % 8 {
            0 => each(time, &tagged(frame, &[0x8100_0064])),
            1 => each(time, &tagged(frame, &[0x88a8_00c8, 0x8100_0065])),
            2 => each(time, &vxlan(frame)),
            3 => each(time, &gre(frame)),
            4 => each(time, &erspan(frame)),
            5 => each(time, &ipv6(frame)),
            6 => fragments(frame).iter().for_each(|f| each(time, f)),
            _ => each(time, frame),
        }
    });
}

/// IEEE 802.1Q and 802.1ad tags, each type and identifier.
fn tagged(frame: &[u8], tags: &[u32]) -> Vec<u8> {
    let mut f = frame[..12].to_vec();
    tags.iter().for_each(|t| f.extend(t.to_be_bytes()));
    f.extend(&frame[12..]);
    f
}

/// An outer Ethernet and IPv4 header before `payload` bytes of `protocol`.
fn outer(protocol: u8, payload: usize) -> Vec<u8> {
    let mut f = vec![2, 0, 0, 0, 1, 1, 2, 0, 0, 0, 1, 2, 8, 0, 0x45, 0];
    f.extend((20 + payload as u16).to_be_bytes());
    f.extend([0, 0, 0x40, 0, 64, protocol, 0, 0, 172, 16, 0, 1, 172, 16, 0, 2]);
    f
}

/// RFC 7348, network 5001.
fn vxlan(frame: &[u8]) -> Vec<u8> {
    let mut f = outer(17, 16 + frame.len());
    f.extend([0xc0, 0x01, 0x12, 0xb5]);
    f.extend((16 + frame.len() as u16).to_be_bytes());
    f.extend([0, 0, 8, 0, 0, 0, 0x00, 0x13, 0x89, 0]);
    f.extend(frame);
    f
}

/// RFC 2784 around the IP packet.
fn gre(frame: &[u8]) -> Vec<u8> {
    let mut f = outer(47, 4 + frame.len() - 14);
    f.extend([0, 0, 8, 0]);
    f.extend(&frame[14..]);
    f
}

/// ERSPAN type II around the frame.
fn erspan(frame: &[u8]) -> Vec<u8> {
    let mut f = outer(47, 16 + frame.len());
    f.extend([0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0x64, 0, 7, 0, 0, 0, 0]);
    f.extend(frame);
    f
}

/// The same segment over IPv6, each address in its own documentation prefix (RFC 3849).
fn ipv6(frame: &[u8]) -> Vec<u8> {
    let mut f = frame[..12].to_vec();
    f.extend([0x86, 0xdd, 0x60, 0, 0, 0]);
    f.extend((frame.len() as u16 - 34).to_be_bytes());
    f.extend([6, 64]);
    for at in [26, 30] {
        f.extend([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0]);
        f.extend(&frame[at..at + 4]);
    }
    f.extend(&frame[34..]);
    f
}

/// Two fragments (RFC 791) where there is enough for two; the identification tells datagrams apart.
fn fragments(frame: &[u8]) -> Vec<Vec<u8>> {
    let payload = &frame[34..];
    if payload.len() < 64 {
        return vec![frame.to_vec()];
    }
    let id = payload.iter().fold(frame.len() as u16, |h, b| h.rotate_left(3).wrapping_add(u16::from(*b)));
    let cut = payload.len() / 2 / 8 * 8;
    let piece = |data: &[u8], more: bool, offset: usize| {
        let mut f = frame[..34].to_vec();
        f[16..18].copy_from_slice(&(20 + data.len() as u16).to_be_bytes());
        f[18..20].copy_from_slice(&id.to_be_bytes());
        f[20..22].copy_from_slice(&((offset / 8) as u16 | if more { 0x2000 } else { 0 }).to_be_bytes());
        f.extend(data);
        f
    };
    vec![piece(&payload[..cut], true, 0), piece(&payload[cut..], false, cut)]
}
