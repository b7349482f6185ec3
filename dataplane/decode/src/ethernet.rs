//! Ethernet, and what its type field leads to: VLAN stacks, MPLS, PPPoE, LLC.

use crate::walk::{Layer, Step, Walk, cut, then};
use weir_wire::Account;

/// Types from here on are ethertypes; those up to 1500 are lengths (IEEE 802.3, 3.2.6).
const FIRST_TYPE: u16 = 0x0600;
const LAST_LENGTH: u16 = 1500;

/// Ethernet II and IEEE 802.3: two addresses and a type or length.
pub(crate) fn ethernet(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    c.skip(12).map_err(cut)?;
    let kind = c.u16().map_err(cut)?;
    w.pass(c);
    type_or_length(w, kind)
}

fn type_or_length(w: &mut Walk<'_>, kind: u16) -> Step {
    match kind {
        FIRST_TYPE.. => then(Layer::EtherType(kind)),
        0..=LAST_LENGTH => {
            w.limit(usize::from(kind).min(w.wire_len()));
            then(Layer::Llc)
        }
        _ => Err(Account::FrameOther),
    }
}

/// By the numbers of IEEE's registry.
pub(crate) fn ethertype(w: &mut Walk<'_>, kind: u16) -> Step {
    match kind {
        0x0800 => then(Layer::Ipv4),
        0x86dd => then(Layer::Ipv6),
        // 802.1Q; 802.1ad; the tags of QinQ before 802.1ad.
        0x8100 | 0x88a8 | 0x9100 | 0x9200 => vlan(w),
        0x8847 | 0x8848 => then(Layer::Mpls),
        0x8864 => pppoe(w),
        // Transparent Ethernet bridging.
        0x6558 => then(Layer::Ethernet),
        // Provider backbone bridging (802.1ah): a service tag, then the customer's whole frame.
        0x88e7 => {
            w.skip(4)?;
            w.context.tunnelled = true;
            then(Layer::Ethernet)
        }
        // Cisco VN-Tag (802.1Qbh): interfaces behind a fabric extender.
        0x8926 => {
            let mut c = w.cursor();
            c.skip(4).map_err(cut)?;
            let kind = c.u16().map_err(cut)?;
            w.pass(c);
            type_or_length(w, kind)
        }
        _ => Err(Account::FrameOther),
    }
}

/// IEEE 802.1Q, 9.6: priority, drop eligibility, identifier; identifier 0 carries only a priority.
fn vlan(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    let id = c.u16().map_err(cut)? & 0x0fff;
    let kind = c.u16().map_err(cut)?;
    w.pass(c);
    if id != 0 && !w.context.tunnelled {
        w.context.vlan = Some(id);
    }
    type_or_length(w, kind)
}

/// IEEE 802.2: SNAP with an ethertype (RFC 1042), or IP's own access point.
pub(crate) fn llc(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    let header = c.array::<3>().map_err(cut)?;
    match header {
        [0xaa, 0xaa, 0x03] => {
            let organisation = c.array::<3>().map_err(cut)?;
            let kind = c.u16().map_err(cut)?;
            w.pass(c);
            match organisation {
                // RFC 1042; IEEE 802.1H's bridge tunnel.
                [0, 0, 0] | [0, 0, 0xf8] => then(Layer::EtherType(kind)),
                _ => Err(Account::FrameOther),
            }
        }
        [0x06, 0x06, 0x03] => {
            w.pass(c);
            then(Layer::Ipv4)
        }
        _ => Err(Account::FrameOther),
    }
}

/// One label of a stack (RFC 3032). Behind the last, the first nibble tells what follows (RFC 4928): IP, a pseudowire
/// with control word (RFC 4385) or its associated channel, else a pseudowire without one.
pub(crate) fn mpls(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    let label = c.u32().map_err(cut)?;
    w.pass(c);
    if label & 0x100 == 0 {
        return then(Layer::Mpls);
    }
    match w.rest().first().ok_or(Account::FrameMalformed)? >> 4 {
        4 => then(Layer::Ipv4),
        6 => then(Layer::Ipv6),
        1 => Err(Account::FrameOther),
        first => {
            if first == 0 {
                w.skip(4)?;
            }
            w.context.tunnelled = true;
            then(Layer::Ethernet)
        }
    }
}

/// PPPoE session stage (RFC 2516, 4): version and type, code, session, length.
fn pppoe(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    let [0x11, code] = c.array().map_err(cut)? else { return Err(Account::FrameMalformed) };
    c.skip(2).map_err(cut)?;
    let len = c.u16().map_err(cut)?;
    w.pass(c);
    if code != 0 {
        return Err(Account::FrameOther);
    }
    w.limit(usize::from(len));
    then(Layer::Ppp)
}
