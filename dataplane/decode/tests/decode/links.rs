//! Link layers, VLAN stacks, MPLS, PPPoE, 802.11.

use crate::made::{BODY, ETHERNET, cat, decode, ethernet, ipv6, plain, tcp, vlan, yields_plain};
use weir_wire::Account;

const LLC_IP: &[u8] = &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0];

#[test]
fn ethernet_two_and_802_3() {
    let padded = cat(&[&ethernet(0x0800, &plain()), &[0xee; 30]]);
    assert_eq!(yields_plain(ETHERNET, &padded), (None, None));
    let snap = cat(&[LLC_IP, &plain()]);
    yields_plain(ETHERNET, &cat(&[&ethernet(snap.len() as u16, &snap), &[0; 9]]));
    yields_plain(ETHERNET, &ethernet(70, &cat(&[&[6, 6, 3], &plain()])));
    let bpdu = ethernet(38, &[0x42, 0x42, 3, 0, 0, 0, 0]);
    assert_eq!(decode(ETHERNET, &bpdu), Err(Account::FrameOther));
    let pvst = ethernet(60, &[0xaa, 0xaa, 3, 0, 0, 0x0c, 1, 0x0b, 0]);
    assert_eq!(decode(ETHERNET, &pvst), Err(Account::FrameOther));
    assert_eq!(decode(ETHERNET, &ethernet(0x0806, &[0; 28])), Err(Account::FrameOther));
    assert_eq!(decode(ETHERNET, &ethernet(1510, &[0; 28])), Err(Account::FrameOther));
    assert_eq!(decode(ETHERNET, &[0; 13]), Err(Account::FrameMalformed));
}

#[test]
fn vlan_stacks_give_the_innermost_tag() {
    let one = ethernet(0x8100, &vlan(0xe005, 0x0800, &plain()));
    assert_eq!(yields_plain(ETHERNET, &one).0, Some(5));
    for outer in [0x88a8, 0x9100, 0x8100] {
        let two = ethernet(outer, &vlan(100, 0x8100, &vlan(7, 0x0800, &plain())));
        assert_eq!(yields_plain(ETHERNET, &two).0, Some(7));
    }
    let priority = ethernet(0x88a8, &vlan(9, 0x8100, &vlan(0, 0x0800, &plain())));
    assert_eq!(yields_plain(ETHERNET, &priority).0, Some(9), "identifier 0 is no VLAN");
    let fabric = ethernet(0x8926, &cat(&[&[1, 2, 3, 4], &[0x81, 0], &vlan(8, 0x0800, &plain())]));
    assert_eq!(yields_plain(ETHERNET, &fabric).0, Some(8));

    let customer = ethernet(0x8100, &vlan(4, 0x0800, &plain()));
    let backbone = ethernet(0x88a8, &vlan(11, 0x88e7, &cat(&[&[0, 0, 1, 1], &customer])));
    assert_eq!(yields_plain(ETHERNET, &backbone).0, Some(11));

    let mut deep = vlan(1, 0x0800, &plain());
    for id in 2..30 {
        deep = vlan(id, 0x8100, &deep);
    }
    assert_eq!(decode(ETHERNET, &ethernet(0x8100, &deep)), Err(Account::FrameTooDeep));
    assert_eq!(decode(ETHERNET, &ethernet(0x8100, &[0, 1, 8])), Err(Account::FrameMalformed));
}

#[test]
fn linux_cooked() {
    let v1 = cat(&[&[0, 0, 0, 1, 0, 6], &[0; 8], &[8, 0], &plain()]);
    yields_plain(113, &v1);
    let tagged = cat(&[&[0, 0, 0, 1, 0, 6], &[0; 8], &[0x81, 0], &vlan(3, 0x0800, &plain())]);
    assert_eq!(yields_plain(113, &tagged).0, Some(3));
    let llc = cat(&[&[0, 0, 0, 1, 0, 6], &[0; 8], &[0, 4], LLC_IP, &plain()]);
    yields_plain(113, &llc);
    let v2 = cat(&[&[8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6], &[0; 8], &plain()]);
    yields_plain(276, &v2);
    let netlink = cat(&[&[0, 0, 3, 56, 0, 0], &[0; 8], &[8, 0], &plain()]);
    assert_eq!(decode(113, &netlink), Err(Account::FrameOther));
    assert_eq!(decode(113, &v1[..15]), Err(Account::FrameMalformed));
    assert_eq!(decode(276, &v2[..19]), Err(Account::FrameMalformed));
}

#[test]
fn raw_and_loopback() {
    for link in [101, 12, 14, 228] {
        yields_plain(link, &plain());
    }
    let six = ipv6(6, &tcp(BODY));
    for link in [101, 12, 14, 229] {
        assert_eq!(decode(link, &six).unwrap().src, "[2001:db8::1]:1000");
    }
    assert_eq!(decode(228, &six), Err(Account::FrameMalformed));
    assert_eq!(decode(101, &[0x55; 40]), Err(Account::FrameMalformed));
    assert_eq!(decode(101, &[]), Err(Account::FrameMalformed));

    yields_plain(0, &cat(&[&[2, 0, 0, 0], &plain()]));
    yields_plain(0, &cat(&[&[0, 0, 0, 2], &plain()]));
    yields_plain(108, &cat(&[&[0, 0, 0, 2], &plain()]));
    for family in [10, 24, 28, 30] {
        assert_eq!(decode(0, &cat(&[&[family, 0, 0, 0], &six])).unwrap().payload, BODY);
    }
    assert_eq!(decode(0, &[7, 0, 0, 0, 1]), Err(Account::FrameOther));
    assert_eq!(decode(0, &[7, 7, 0, 0, 1]), Err(Account::FrameMalformed));
}

#[test]
fn ppp_pppoe_hdlc_and_the_netfilter_log() {
    yields_plain(9, &cat(&[&[0xff, 3, 0, 0x21], &plain()]));
    yields_plain(9, &cat(&[&[0x21], &plain()]));
    yields_plain(50, &cat(&[&[0, 0x21], &plain()]));
    yields_plain(104, &cat(&[&[0x0f, 0, 8, 0], &plain()]));
    assert_eq!(decode(9, &[0xc0, 0x21, 1, 1, 0, 4]), Err(Account::FrameOther));
    let ppp = cat(&[&[0, 0x21], &plain()]);
    let session = cat(&[&[0x11, 0, 0, 1, 0, ppp.len() as u8], &ppp, &[0xee; 9]]);
    yields_plain(ETHERNET, &ethernet(0x8864, &session));
    assert_eq!(decode(ETHERNET, &ethernet(0x8863, &[0x11, 9, 0, 0, 0, 0])), Err(Account::FrameOther));
    assert_eq!(decode(ETHERNET, &ethernet(0x8864, &[0x21, 0, 0, 0, 0, 0])), Err(Account::FrameMalformed));

    for (mark, len) in [([6, 0, 1, 0], [58 + 4, 0, 9, 0]), ([0, 6, 0, 1], [0, 58 + 4, 0, 9])] {
        assert_eq!(plain().len(), 58);
        yields_plain(239, &cat(&[&[2, 0, 0, 0], &mark, &[7, 7, 0, 0], &len, &plain()]));
    }
    assert_eq!(decode(239, &[2, 0, 0, 0, 4, 0, 1, 0]), Err(Account::FrameMalformed));
}

#[test]
fn mpls_stacks_and_pseudowires() {
    let labels = [0, 1, 0, 64, 0, 2, 1, 64];
    yields_plain(ETHERNET, &ethernet(0x8847, &cat(&[&labels, &plain()])));
    let inner = ethernet(0x8100, &vlan(66, 0x0800, &plain()));
    let with_word = vlan(5, 0x8847, &cat(&[&labels, &[0, 0, 0, 0], &inner]));
    assert_eq!(
        yields_plain(ETHERNET, &ethernet(0x8100, &with_word)).0,
        Some(5),
        "not the pseudowire's own tag"
    );
    yields_plain(ETHERNET, &ethernet(0x8848, &cat(&[&labels, &cat(&[&[0x22], &inner[1..]])])));
    let channel = cat(&[&labels, &[0x10, 0, 0, 0x21]]);
    assert_eq!(decode(ETHERNET, &ethernet(0x8847, &channel)), Err(Account::FrameOther));
    assert_eq!(decode(ETHERNET, &ethernet(0x8847, &labels)), Err(Account::FrameMalformed));
}

#[test]
fn wireless_data() {
    let sequence = [0x10, 0];
    let addresses = [3; 18];
    let content = cat(&[LLC_IP, &plain()]);
    let data = |control: u8, flags: u8, tail: &[u8]| {
        cat(&[&[control, flags, 0, 0], &addresses, &sequence, tail, &content])
    };
    yields_plain(105, &data(0x08, 0x01, &[]));
    yields_plain(105, &data(0x08, 0x03, &[4; 6]));
    yields_plain(105, &data(0x88, 0x02, &[0, 0]));
    yields_plain(105, &data(0x88, 0x82, &[0, 0, 9, 9, 9, 9]));
    for (control, flags) in [(0x80, 0), (0x48, 0), (0x08, 0x41), (0x08, 0x05), (0xc8, 0)] {
        assert_eq!(decode(105, &data(control, flags, &[0, 0])), Err(Account::FrameOther));
    }
    assert_eq!(decode(105, &data(0x88, 0, &[0x80, 0])), Err(Account::FrameOther), "aggregated");
    assert_eq!(decode(105, &data(0x08, 0, &[])[..23]), Err(Account::FrameMalformed));

    let plain_tap = cat(&[&[0, 0, 8, 0, 0, 0, 0, 0], &data(0x88, 2, &[0, 0])]);
    yields_plain(127, &plain_tap);
    // Two bitmaps, a time stamp, then the flags: the header is padded to a multiple of 4.
    let tap = [0, 0, 25, 0, 3, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0x20];
    yields_plain(127, &cat(&[&tap, &data(0x88, 2, &[0, 0, 7, 7])]));
    assert_eq!(decode(127, &[0, 0, 99, 0, 0, 0, 0, 0]), Err(Account::FrameMalformed));
    assert_eq!(decode(127, &[1, 0, 8, 0, 0, 0, 0, 0]), Err(Account::FrameMalformed));
}

#[test]
fn unknown_links_are_said_to_be() {
    assert_eq!(decode(147, &plain()), Err(Account::FrameUnknownLink));
}
