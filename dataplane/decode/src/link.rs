//! Link layers of captures, by the pcap registry's numbers (tcpdump.org/linktypes).

use crate::walk::{Layer, Next, Step, Walk, cut, then};
use weir_wire::{Account, LinkType};

// Numbers that `LinkType` does not name: PPP in HDLC-like framing, Cisco's HDLC, Linux netfilter's log.
const PPP_HDLC: LinkType = LinkType(50);
const CISCO_HDLC: LinkType = LinkType(104);
const NFLOG: LinkType = LinkType(239);

pub(crate) fn link(w: &mut Walk<'_>, link: LinkType) -> Step {
    match link {
        LinkType::ETHERNET => then(Layer::Ethernet),
        LinkType::RAW | LinkType::RAW_BSD | LinkType::RAW_OPENBSD => then(Layer::Ip),
        LinkType::IPV4 => then(Layer::Ipv4),
        LinkType::IPV6 => then(Layer::Ipv6),
        LinkType::NULL | LinkType::LOOP => loopback(w),
        LinkType::LINUX_SLL => sll(w),
        LinkType::LINUX_SLL2 => sll2(w),
        LinkType::PPP | PPP_HDLC => then(Layer::Ppp),
        CISCO_HDLC => cisco_hdlc(w),
        NFLOG => nflog(w),
        LinkType::IEEE80211 => then(Layer::Wlan),
        LinkType::IEEE80211_RADIOTAP => crate::wlan::radiotap(w),
        _ => Err(Account::FrameUnknownLink),
    }
}

/// A 4-byte address family in the byte order of whoever wrote it; numbers differ by system, values are below 256.
fn loopback(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    let family = c.array::<4>().map_err(cut)?;
    w.pass(c);
    match family {
        [f, 0, 0, 0] | [0, 0, 0, f] => match f {
            2 => then(Layer::Ipv4),
            // Linux; NetBSD and OpenBSD; FreeBSD; Darwin.
            10 | 24 | 28 | 30 => then(Layer::Ipv6),
            _ => Err(Account::FrameOther),
        },
        _ => Err(Account::FrameMalformed),
    }
}

/// Linux "cooked" version 1: packet type, ARPHRD type, address length, address (8), protocol.
fn sll(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    c.skip(2).map_err(cut)?;
    let hardware = c.u16().map_err(cut)?;
    c.skip(10).map_err(cut)?;
    let protocol = c.u16().map_err(cut)?;
    w.pass(c);
    cooked(hardware, protocol)
}

/// Linux "cooked" version 2: protocol, reserved, interface, ARPHRD type, packet type, address length, address (8).
fn sll2(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    let protocol = c.u16().map_err(cut)?;
    c.skip(6).map_err(cut)?;
    let hardware = c.u16().map_err(cut)?;
    c.skip(10).map_err(cut)?;
    w.pass(c);
    cooked(hardware, protocol)
}

/// The protocol of a cooked header is an ethertype, except for some kinds of hardware and the kernel's own numbers.
fn cooked(hardware: u16, protocol: u16) -> Step {
    const ARPHRD_FRAD: u16 = 770;
    const ARPHRD_NETLINK: u16 = 824;
    match (hardware, protocol) {
        (ARPHRD_FRAD | ARPHRD_NETLINK, _) => Err(Account::FrameOther),
        (_, 0x0004) => then(Layer::Llc),
        (_, 0..=0x05ff) => Err(Account::FrameOther),
        (_, kind) => then(Layer::EtherType(kind)),
    }
}

/// Cisco's HDLC: address, control, ethertype.
fn cisco_hdlc(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    c.skip(2).map_err(cut)?;
    let kind = c.u16().map_err(cut)?;
    w.pass(c);
    then(Layer::EtherType(kind))
}

/// Linux netfilter's log: family, version, resource, then fields of length, type and value in the byte order of the
/// machine that logged; one of them is the packet. A length that does not fit is read in the other order.
fn nflog(w: &mut Walk<'_>) -> Step {
    const PAYLOAD: u8 = 9;
    let mut c = w.cursor();
    c.skip(4).map_err(cut)?;
    loop {
        let [a, b, x, y] = c.array().map_err(cut)?;
        let fits = |len: u16| (4..=c.len() + 4).contains(&usize::from(len));
        let little = u16::from_le_bytes([a, b]);
        let len = usize::from(if fits(little) { little } else { u16::from_be_bytes([a, b]) });
        let value = len.checked_sub(4).ok_or(Account::FrameMalformed)?;
        if matches!([x, y], [PAYLOAD, 0] | [0, PAYLOAD]) {
            w.pass(c);
            w.limit(value);
            return then(Layer::Ip);
        }
        c.skip(value.next_multiple_of(4)).map_err(cut)?;
    }
}

/// PPP (RFC 1661, RFC 1662): optional address and control, then the protocol, whose first byte may be left out where
/// it is zero.
pub(crate) fn ppp(w: &mut Walk<'_>) -> Step {
    if w.rest().starts_with(&[0xff, 0x03]) {
        w.skip(2)?;
    }
    let mut c = w.cursor();
    let first = u16::from(c.u8().map_err(cut)?);
    let protocol = if first & 1 == 1 { first } else { first << 8 | u16::from(c.u8().map_err(cut)?) };
    w.pass(c);
    Ok(Next::Layer(match protocol {
        0x0021 => Layer::Ipv4,
        0x0057 => Layer::Ipv6,
        0x0281 | 0x0283 => Layer::Mpls,
        _ => return Err(Account::FrameOther),
    }))
}
