//! GRE, ERSPAN, VXLAN, GENEVE, IP in IP, GTP-U, PPTP.

use crate::made::{
    BODY, ETHERNET, cat, decode, decode_with, ethernet, ipv4, ipv6, plain, tcp, udp, vlan, yields_plain,
};
use weir_decode::{Config, Decoder};
use weir_wire::Account;

fn over_ip(protocol: u8, content: &[u8]) -> Vec<u8> {
    ethernet(0x0800, &ipv4(protocol, content))
}
fn over_udp(port: u16, content: &[u8]) -> Vec<u8> {
    over_ip(17, &udp(port, content))
}

fn labelled() -> Vec<u8> {
    cat(&[&[0, 0, 1, 64], &plain()])
}

#[test]
fn ip_in_ip() {
    yields_plain(ETHERNET, &over_ip(4, &plain()));
    yields_plain(101, &ipv6(4, &plain()));
    let six = ipv6(6, &tcp(BODY));
    assert_eq!(decode(ETHERNET, &over_ip(41, &six)).unwrap().dst, "[2001:db8::2]:80");
    yields_plain(ETHERNET, &over_ip(97, &cat(&[&[0x30, 0], &ethernet(0x0800, &plain())])));
    yields_plain(ETHERNET, &over_ip(137, &labelled()));
    let mut deep = plain();
    for _ in 0..30 {
        deep = ipv4(4, &deep);
    }
    assert_eq!(decode(101, &deep), Err(Account::FrameTooDeep));
}

#[test]
fn gre_with_every_option() {
    for flags in [0, 0x80, 0x20, 0x10, 0xb0] {
        let options = vec![9; 4 * u8::count_ones(flags) as usize];
        yields_plain(ETHERNET, &over_ip(47, &cat(&[&[flags, 0, 8, 0], &options, &plain()])));
    }
    yields_plain(ETHERNET, &over_ip(47, &cat(&[&[0, 0, 0x65, 0x58], &ethernet(0x0800, &plain())])));
    assert_eq!(decode(ETHERNET, &over_ip(47, &[0x40, 0, 8, 0])), Err(Account::FrameMalformed));
    assert_eq!(decode(ETHERNET, &over_ip(47, &[0, 2, 8, 0])), Err(Account::FrameMalformed));
    assert_eq!(decode(ETHERNET, &over_ip(47, &[0, 0, 0])), Err(Account::FrameMalformed));
    assert_eq!(decode(ETHERNET, &over_ip(47, &[0, 0, 0, 0])), Err(Account::FrameOther), "keep-alive");
    let pptp =
        cat(&[&[0x30, 0x81, 0x88, 0x0b, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xff, 3, 0, 0x21], &plain()]);
    yields_plain(ETHERNET, &over_ip(47, &pptp));
    let acknowledgement = [0x20, 0x81, 0x88, 0x0b, 0, 0, 0, 1, 0, 0, 0, 1];
    assert_eq!(decode(ETHERNET, &over_ip(47, &acknowledgement)), Err(Account::FrameOther));
}

#[test]
fn erspan_of_three_types() {
    let inner = ethernet(0x8100, &vlan(77, 0x0800, &plain()));
    let one = cat(&[&[0, 0, 0x88, 0xbe], &inner]);
    let two = cat(&[&[0x10, 0, 0x88, 0xbe], &[0, 0, 0, 1], &[0x10, 5, 0, 1, 0, 0, 0, 0], &inner]);
    let three =
        cat(&[&[0x10, 0, 0x22, 0xeb], &[0, 0, 0, 1], &[0x20, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], &inner]);
    let sub = cat(&[
        &[0x10, 0, 0x22, 0xeb],
        &[0, 0, 0, 1],
        &[0x20, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1],
        &[0; 8],
        &inner,
    ]);
    for frame in [one, two, three, sub] {
        let carried = ethernet(0x8100, &vlan(5, 0x0800, &ipv4(47, &frame)));
        assert_eq!(yields_plain(ETHERNET, &carried), (Some(77), None), "the mirrored frame's own tag");
    }
    let untagged = ethernet(0x0800, &plain());
    for (kind, wanted) in [(0, None), (0x08, Some(9)), (0x10, Some(9)), (0x18, None)] {
        let taken = cat(&[&[0x10, 0, 0x88, 0xbe], &[0, 0, 0, 1], &[0x10, 9, kind, 1, 0, 0, 0, 0], &untagged]);
        let carried = ethernet(0x8100, &vlan(5, 0x0800, &ipv4(47, &taken)));
        assert_eq!(yields_plain(ETHERNET, &carried), (wanted, None), "kind {kind:#x}");
    }
    let ip = cat(&[&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1], &[0x20, 5, 0, 1, 0, 0, 0, 0, 0, 0, 8, 0], &plain()]);
    yields_plain(ETHERNET, &over_ip(47, &ip));
}

#[test]
fn vxlan_and_geneve_give_their_network() {
    let inner = ethernet(0x0800, &plain());
    let vxlan = cat(&[&[8, 0, 0, 0, 0, 1, 2, 0], &inner]);
    for port in [4789, 8472] {
        assert_eq!(yields_plain(ETHERNET, &over_udp(port, &vxlan)), (None, Some(0x102)));
    }
    let tagged = ethernet(0x8100, &vlan(12, 0x0800, &ipv4(17, &udp(4789, &vxlan))));
    assert_eq!(yields_plain(ETHERNET, &tagged), (Some(12), Some(0x102)));

    let geneve = cat(&[&[2, 0, 0x65, 0x58, 0, 0, 7, 0], &[1; 8], &inner]);
    assert_eq!(yields_plain(ETHERNET, &over_udp(6081, &geneve)).1, Some(7));
    let bare = cat(&[&[0, 0, 8, 0, 0, 0, 8, 0], &plain()]);
    assert_eq!(yields_plain(ETHERNET, &over_udp(6081, &bare)).1, Some(8));
    for (flags, next, inner) in
        [(0x0c, 3, &inner), (8, 9, &inner), (0x0c, 1, &plain()), (0x0c, 5, &labelled())]
    {
        let gpe = cat(&[&[flags, 0, 0, next, 0, 0, 9, 0], inner]);
        assert_eq!(yields_plain(ETHERNET, &over_udp(4790, &gpe)).1, Some(9));
    }
    let nested = ethernet(0x0800, &ipv4(17, &udp(6081, &geneve)));
    let both = cat(&[&[8, 0, 0, 0, 0, 0, 1, 0], &nested]);
    assert_eq!(yields_plain(ETHERNET, &over_udp(4789, &both)).1, Some(7), "the innermost");
}

#[test]
fn nvgre_gives_its_subnet_and_other_keys_none() {
    let inner = ethernet(0x0800, &plain());
    let nvgre = cat(&[&[0x20, 0, 0x65, 0x58, 0, 1, 2, 9], &inner]);
    assert_eq!(yields_plain(ETHERNET, &over_ip(47, &nvgre)), (None, Some(0x102)));
    let keyed = cat(&[&[0x20, 0, 8, 0, 0, 1, 2, 9], &plain()]);
    assert_eq!(yields_plain(ETHERNET, &over_ip(47, &keyed)), (None, None));
    let bridged = cat(&[&[0, 0, 0x65, 0x58], &inner]);
    assert_eq!(yields_plain(ETHERNET, &over_ip(47, &bridged)), (None, None));
}

/// A mirrored GENEVE network over MPLS, in a VLAN: everything at once.
fn stack() -> Vec<u8> {
    let geneve =
        cat(&[&[2, 0, 0x65, 0x58, 0, 0, 7, 0], &[1; 8], &ethernet(0x8100, &vlan(3, 0x0800, &plain()))]);
    let labelled = cat(&[&[0, 0, 0x10, 64, 0, 0, 0x21, 64], &ipv4(17, &udp(6081, &geneve))]);
    let mirrored = ethernet(0x8100, &vlan(44, 0x8847, &labelled));
    let erspan = cat(&[
        &[0x10, 0, 0x22, 0xeb],
        &[0, 0, 0, 1],
        &[0x20, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1],
        &[0; 8],
        &mirrored,
    ]);
    let outer = cat(&[&[8, 0, 0, 0, 0, 0, 99, 0], &ethernet(0x0800, &ipv4(47, &erspan))]);
    ethernet(
        0x8864,
        &cat(&[
            &[0x11, 0, 0, 1],
            &(outer.len() as u16 + 30).to_be_bytes(),
            &[0, 0x21],
            &ipv4(17, &udp(4789, &outer)),
        ]),
    )
}

#[test]
fn tunnels_in_tunnels_tell_of_the_innermost_network() {
    assert_eq!(yields_plain(ETHERNET, &stack()), (Some(44), Some(7)));
}

#[test]
fn a_frame_cut_anywhere_is_booked_once_and_invents_nothing() {
    let whole = stack();
    for keep in 0..whole.len() {
        // Cut by the snap length: what was on the wire is known.
        let cut = (whole.len() - keep) as u32;
        let mut decoder = Decoder::new(Config::default());
        if let Ok(seen) = decode_with(&mut decoder, ETHERNET, &whole[..keep], cut, 0)
            && seen.tcp
        {
            assert!(BODY.starts_with(&seen.payload) && seen.vni == Some(7), "{keep}: {seen:?}");
            assert_eq!(seen.payload.len() + seen.missing as usize, BODY.len());
        }
        assert_eq!((decoder.stats().cut_frames, decoder.stats().cut_bytes), (1, cut.into()));
        // Cut by a liar, who says that this is all.
        let seen = decode(ETHERNET, &whole[..keep]);
        assert!(seen.is_err() || BODY.starts_with(&seen.as_ref().unwrap().payload) || !seen.unwrap().tcp);
    }
}

#[test]
fn gtp_carries_ip() {
    let tunnel = [0, 0, 0, 1];
    yields_plain(ETHERNET, &over_udp(2152, &cat(&[&[0x30, 0xff, 0, 58], &tunnel, &plain()])));
    let extended = [0x34, 0xff, 0, 70];
    let options = [0, 0, 0, 0x85, 1, 0, 9, 0x85, 2, 0, 0, 0, 0, 0, 0, 0];
    yields_plain(ETHERNET, &over_udp(2152, &cat(&[&extended, &tunnel, &options, &plain()])));
    for (at, value) in [(0, 0x50), (1, 1), (12, 0)] {
        let mut bad = cat(&[&extended, &tunnel, &options, &plain()]);
        bad[at] = value;
        assert_eq!(decode(ETHERNET, &over_udp(2152, &bad)).unwrap().account, Account::FrameUdp);
    }
}

#[test]
fn what_is_no_tunnel_is_plain_udp() {
    for (port, content) in [
        (4789, cat(&[&[0; 8], &ethernet(0x0800, &plain())])),
        (4789, vec![8, 0, 0]),
        (4790, cat(&[&[0x0c, 0, 0, 4, 0, 0, 0, 0], &plain()])),
        (4789, cat(&[&[8, 0, 0, 0, 0, 0, 1, 0], &ethernet(0x0800, b"short")])),
        (6081, cat(&[&[0x40, 0, 8, 0, 0, 0, 8, 0], &plain()])),
        (2152, b"a datagram".to_vec()),
    ] {
        let seen = decode(ETHERNET, &over_udp(port, &content)).unwrap();
        assert_eq!((seen.account, seen.vni, &seen.payload), (Account::FrameUdp, None, &content));
        assert_eq!(seen.src, "10.0.0.1:1000");
    }
    let arp = cat(&[&[8, 0, 0, 0, 0, 0, 1, 0], &ethernet(0x0806, &[0; 28])]);
    assert_eq!(
        decode(ETHERNET, &over_udp(4789, &arp)),
        Err(Account::FrameOther),
        "a tunnel, but no TCP in it"
    );
}
