//! Tunnels with a header of their own: GRE with ERSPAN and PPTP, VXLAN and VXLAN-GPE, GENEVE, GTP-U.

use crate::walk::{Found, Layer, Step, Walk, cut, then};
use weir_wire::{Account, Cursor, Truncated};

/// GRE (RFC 2784, RFC 2890); version 1 is PPTP's (RFC 2637).
pub(crate) fn gre(w: &mut Walk<'_>) -> Step {
    const CHECKSUM: u16 = 0x8000;
    const ROUTING: u16 = 0x4000;
    const KEY: u16 = 0x2000;
    const SEQUENCE: u16 = 0x1000;
    const ACKNOWLEDGEMENT: u16 = 0x0080;
    let mut c = w.cursor();
    let flags = c.u16().map_err(cut)?;
    let kind = c.u16().map_err(cut)?;
    let version = flags & 7;
    // Source routes (RFC 1701) were withdrawn by RFC 2784.
    if flags & ROUTING != 0 || version > 1 {
        return Err(Account::FrameMalformed);
    }
    if flags & CHECKSUM != 0 {
        c.skip(4).map_err(cut)?;
    }
    let key = if flags & KEY != 0 { Some(c.u32().map_err(cut)?) } else { None };
    if flags & SEQUENCE != 0 {
        c.skip(4).map_err(cut)?;
    }
    if version == 1 && flags & ACKNOWLEDGEMENT != 0 {
        c.skip(4).map_err(cut)?;
    }
    w.pass(c);
    match (version, kind) {
        (1, 0x880b) if flags & SEQUENCE != 0 => then(Layer::Ppp),
        (1, _) => Err(Account::FrameOther),
        // ERSPAN type II has a header and, always, a sequence number; type I has neither.
        (_, 0x88be) if flags & SEQUENCE == 0 => {
            w.context.begin_anew();
            then(Layer::Ethernet)
        }
        (_, 0x88be) => erspan2(w),
        (_, 0x22eb) => erspan3(w),
        // NVGRE (RFC 7637, 3.2): the key's upper 24 bits are the virtual subnet, the same in both directions.
        (_, kind @ 0x6558) => {
            w.context.vni = key.map(|k| k >> 8).or(w.context.vni);
            then(Layer::EtherType(kind))
        }
        (_, kind) => then(Layer::EtherType(kind)),
    }
}

/// ERSPAN type II (draft-foschiano-erspan, 4.2): version, VLAN, class, kind of tag, truncation, session; index. The VLAN
/// is the mirrored frame's where its tag was taken off (kinds 1 and 2).
fn erspan2(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    let vlan = c.u16().map_err(cut)? & 0x0fff;
    let kind = c.u16().map_err(cut)? >> 11 & 3;
    c.skip(4).map_err(cut)?;
    w.pass(c);
    w.context.begin_anew();
    if matches!(kind, 1 | 2) && vlan != 0 {
        w.context.vlan = Some(vlan);
    }
    then(Layer::Ethernet)
}

/// ERSPAN type III (draft-foschiano-erspan): 12 bytes, and 8 more where the last bit says so.
fn erspan3(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    c.skip(10).map_err(cut)?;
    let kinds = c.u16().map_err(cut)?;
    if kinds & 1 != 0 {
        c.skip(8).map_err(cut)?;
    }
    w.pass(c);
    w.context.begin_anew();
    match kinds >> 10 & 0x1f {
        0 => then(Layer::Ethernet),
        2 => then(Layer::Ip),
        _ => Err(Account::FrameOther),
    }
}

/// A tunnel over UDP.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum UdpTunnel {
    Vxlan,
    VxlanGpe,
    Geneve,
    Gtp,
}

impl UdpTunnel {
    /// By destination port; 8472 is what Linux used for VXLAN before 4789 was assigned.
    pub(crate) fn by_port(port: u16) -> Option<Self> {
        match port {
            4789 | 8472 => Some(UdpTunnel::Vxlan),
            4790 => Some(UdpTunnel::VxlanGpe),
            6081 => Some(UdpTunnel::Geneve),
            2152 => Some(UdpTunnel::Gtp),
            _ => None,
        }
    }
}

/// Walks on inside the payload of a UDP tunnel; malformed where it turns out to be none.
pub(crate) fn udp(mut w: Walk<'_>, kind: UdpTunnel) -> Result<Found, Account> {
    let mut c = w.cursor();
    let header = match kind {
        UdpTunnel::Vxlan => vxlan(&mut c),
        UdpTunnel::VxlanGpe => vxlan_gpe(&mut c),
        UdpTunnel::Geneve => geneve(&mut c),
        UdpTunnel::Gtp => gtp(&mut c),
    };
    let Ok(Some((inner, vni))) = header else { return Err(Account::FrameMalformed) };
    w.pass(c);
    w.context.tunnelled = true;
    w.context.vni = vni.or(w.context.vni);
    w.run(inner)
}

/// What is inside, and the network identifier; `None` where the header is not this tunnel's.
type Inside = Result<Option<(Layer, Option<u32>)>, Truncated>;

/// RFC 7348, 5. Bits that are reserved there carry a group policy in practice and are passed over.
fn vxlan(c: &mut Cursor<'_>) -> Inside {
    let flags = c.u32()? >> 24;
    let vni = c.u32()? >> 8;
    Ok((flags & 0x08 != 0).then_some((Layer::Ethernet, Some(vni))))
}

/// draft-ietf-nvo3-vxlan-gpe, 3: as VXLAN, with the content's protocol where a flag says so.
fn vxlan_gpe(c: &mut Cursor<'_>) -> Inside {
    let [flags, _, _, next] = c.array()?;
    let vni = c.u32()? >> 8;
    let inner = match (flags & 0x04 != 0, next) {
        (false, _) | (true, 3) => Layer::Ethernet,
        (true, 1) => Layer::Ipv4,
        (true, 2) => Layer::Ipv6,
        (true, 5) => Layer::Mpls,
        _ => return Ok(None),
    };
    Ok((flags & 0x08 != 0).then_some((inner, Some(vni))))
}

/// RFC 8926, 3.4.
fn geneve(c: &mut Cursor<'_>) -> Inside {
    let first = c.u8()?;
    c.skip(1)?;
    let kind = c.u16()?;
    let vni = c.u32()? >> 8;
    c.skip(usize::from(first & 0x3f) * 4)?;
    Ok((first >> 6 == 0).then_some((Layer::EtherType(kind), Some(vni))))
}

/// GTP-U (3GPP TS 29.281, 5.1): version 1, a G-PDU, optional fields and extension headers; what it carries is IP.
fn gtp(c: &mut Cursor<'_>) -> Inside {
    const EXTENSION: u8 = 0x04;
    const OPTIONAL: u8 = 0x07;
    let [flags, message] = c.array()?;
    c.skip(6)?;
    if flags & 0xf0 != 0x30 || message != 0xff {
        return Ok(None);
    }
    if flags & OPTIONAL != 0 {
        c.skip(3)?;
        let mut next = c.u8()?;
        while flags & EXTENSION != 0 && next != 0 {
            let units = usize::from(c.u8()?);
            let rest = (units * 4).checked_sub(2).ok_or(Truncated)?;
            c.skip(rest)?;
            next = c.u8()?;
        }
    }
    Ok(Some((Layer::Ip, None)))
}
