//! Segments that a mirror shows at several ports, and what the decoder counts of a mirror.

use crate::made::{BODY, ETHERNET, cat, decode_with, ethernet, ipv4, ipv6, plain, tcp, udp, vlan};
use weir_decode::{Config, Decoder};
use weir_wire::Account;

/// The plain segment one hop further: in another VLAN, with less time to live.
fn a_hop_later() -> Vec<u8> {
    let mut packet = plain();
    packet[8] -= 1;
    packet[10..12].copy_from_slice(&[1, 2]);
    cat(&[&[9; 12], &[0x81, 0], &vlan(20, 0x0800, &packet)])
}

/// The plain segment in two tags, which the short way does not read.
fn behind_two_tags() -> Vec<u8> {
    cat(&[&[9; 12], &[0x88, 0xa8], &vlan(7, 0x8100, &vlan(20, 0x0800, &plain()))])
}

#[test]
fn a_segment_seen_at_two_ports_is_taken_once() {
    let mut decoder = Decoder::new(Config::default());
    let first = ethernet(0x0800, &plain());
    assert_eq!(decode_with(&mut decoder, ETHERNET, &first, 0, 0).unwrap().account, Account::FrameTcp);
    for copy in [&first, &a_hop_later(), &behind_two_tags(), &first] {
        assert_eq!(decode_with(&mut decoder, ETHERNET, copy, 0, 0), Err(Account::FrameRepeated));
    }
    let later = decode_with(&mut decoder, ETHERNET, &first, 0, 1).unwrap();
    assert_eq!(later.account, Account::FrameTcp, "a second later it is sent again");
    assert_eq!(
        decode_with(&mut decoder, ETHERNET, &behind_two_tags(), 0, 2).unwrap().account,
        Account::FrameTcp
    );
    assert_eq!(decode_with(&mut decoder, ETHERNET, &first, 0, 2), Err(Account::FrameRepeated));
}

#[test]
fn what_is_sent_again_or_differs_is_no_repetition() {
    let mut decoder = Decoder::new(Config::default());
    let mut taken = |packet: &[u8]| decode_with(&mut decoder, 101, packet, 0, 0).unwrap().account;
    assert_eq!(taken(&plain()), Account::FrameTcp);
    // Identification; sequence number; acknowledgement; flags; window; checksum.
    for at in [5, 27, 31, 33, 35, 37] {
        let mut other = plain();
        other[at] ^= 1;
        assert_eq!(taken(&other), Account::FrameTcp, "byte {at}");
    }
    assert_eq!(taken(&ipv4(6, &tcp(&BODY[1..]))), Account::FrameTcp, "another length");
    assert_eq!(taken(&ipv6(6, &tcp(BODY))), Account::FrameTcp);
    for _ in 0..2 {
        assert_eq!(taken(&ipv4(17, &udp(53, b"datagrams are not compared"))), Account::FrameUdp);
    }
}

#[test]
fn what_the_mirror_looks_like_is_counted() {
    let mut decoder = Decoder::new(Config::default());
    let vxlan = cat(&[&[8, 0, 0, 0, 0, 0, 1, 0], &ethernet(0x0800, &plain())]);
    let erspan = cat(&[&[0, 0, 0x88, 0xbe], &ethernet(0x8100, &vlan(3, 0x0800, &ipv4(6, &tcp(b"x"))))]);
    for (frame, cut) in [
        (ethernet(0x8100, &vlan(7, 0x0800, &ipv4(17, &udp(4789, &vxlan)))), 0),
        (ethernet(0x0800, &ipv4(47, &erspan)), 0),
        (ethernet(0x0800, &ipv4(6, &tcp(b"cut"))), 10),
    ] {
        decode_with(&mut decoder, ETHERNET, &frame, cut, 0).unwrap();
    }
    let mut stats = decoder.stats();
    assert_eq!((stats.tagged, stats.tunnelled, stats.mirrored), (2, 1, 1));
    assert_eq!((stats.cut_frames, stats.cut_bytes), (1, 10));
    stats.absorb(&decoder.stats());
    assert_eq!((stats.tagged, stats.mirrored, stats.cut_bytes), (4, 2, 20));
}
