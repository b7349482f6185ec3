//! Fragments: order, overlap, bounds, time, and tunnels.

use crate::made::{BODY, Seen, cat, decode_with, ethernet, ipv4, ipv4_at, ipv6, plain, tcp, udp};
use weir_decode::{Config, Decoder, FragmentBounds};
use weir_wire::{Account, Duration};

const WAITS: Result<Seen, Account> = Err(Account::FrameFragment);

fn v4(protocol: u8, offset: usize, more: bool, data: &[u8]) -> Vec<u8> {
    ipv4_at(protocol, u16::from(more) << 13 | (offset / 8) as u16, data)
}
fn v6(offset: usize, more: bool, data: &[u8]) -> Vec<u8> {
    let place = (offset as u16 | u16::from(more)).to_be_bytes();
    ipv6(44, &cat(&[&[6, 0], &place, &[0, 0, 0, 9], data]))
}
fn decoder() -> Decoder {
    Decoder::new(Config::default())
}
fn raw(d: &mut Decoder, data: &[u8]) -> Result<Seen, Account> {
    decode_with(d, 101, data, 0, 0)
}

#[test]
fn any_order_completes() {
    let whole = tcp(BODY);
    for make in [|o, m, b: &[u8]| v4(6, o, m, b), v6] {
        let pieces =
            [make(0, true, &whole[..16]), make(16, true, &whole[16..32]), make(32, false, &whole[32..])];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
            let mut d = decoder();
            assert_eq!(raw(&mut d, &pieces[order[0]]), WAITS);
            assert_eq!(raw(&mut d, &pieces[order[1]]), WAITS);
            assert_eq!(d.fragments().waiting, 1);
            let seen = raw(&mut d, &pieces[order[2]]).unwrap();
            assert_eq!((seen.account, &seen.payload[..], seen.missing), (Account::FrameTcp, BODY, 0));
            assert_eq!((d.fragments().completed, d.fragments().waiting), (1, 0));
        }
    }
}

#[test]
fn ipv4_overlaps_keep_the_first_copy() {
    let mut d = decoder();
    let whole = tcp(b"0123456789abcdef");
    assert_eq!(raw(&mut d, &v4(6, 24, false, &whole[24..])), WAITS);
    assert_eq!(
        raw(&mut d, &v4(6, 0, true, &cat(&[&whole[..24], b"EVILevil"]))).unwrap().payload,
        b"0123456789abcdef"
    );
    assert_eq!(raw(&mut d, &v4(6, 8, true, &whole[8..24])), WAITS);
    assert_eq!(raw(&mut d, &v4(6, 8, true, b"EVILevil")), WAITS);
    assert_eq!(d.fragments().redundant, 1);
    // Another sequence number, or it would repeat the first.
    let mut other = whole[..8].to_vec();
    other[7] = 9;
    assert_eq!(raw(&mut d, &v4(6, 0, true, &cat(&[&other, b"EVIL....EVIL....EVIL...."]))), WAITS);
    assert_eq!(raw(&mut d, &v4(6, 32, false, b"tail")).unwrap().payload, b"0123EVIL....tail");
}

#[test]
fn ipv6_overlaps_give_the_datagram_up() {
    let whole = tcp(BODY);
    let mut d = decoder();
    assert_eq!(raw(&mut d, &v6(0, true, &whole[..24])), WAITS);
    assert_eq!(raw(&mut d, &v6(0, true, &whole[..24])), WAITS);
    assert_eq!(d.fragments().redundant, 1, "a repeated piece is no overlap");
    assert_eq!(raw(&mut d, &v6(16, true, &whole[16..32])), WAITS);
    assert_eq!(d.fragments().discarded, 1);
    assert_eq!(raw(&mut d, &v6(24, false, &whole[24..])), WAITS);
    assert_eq!(raw(&mut d, &v6(0, true, &whole[..24])), WAITS, "late pieces do not begin it anew");
    assert_eq!(d.fragments().waiting, 0);
}

#[test]
fn contradictory_ends_give_the_datagram_up() {
    for second in [v4(6, 8, false, b"12345678"), v4(6, 24, true, b"12345678"), v4(6, 24, false, b"1")] {
        let mut d = decoder();
        assert_eq!(raw(&mut d, &v4(6, 16, false, b"12345678")), WAITS);
        assert_eq!(raw(&mut d, &second), WAITS);
        assert_eq!(d.fragments().discarded, 1);
    }
}

#[test]
fn impossible_fragments_are_malformed() {
    let mut d = decoder();
    for bad in [v4(6, 8, true, b"1234567"), v4(6, 8, true, b""), v4(6, 65_528, false, b"12345678")] {
        assert_eq!(raw(&mut d, &bad), Err(Account::FrameMalformed));
    }
    assert_eq!(raw(&mut d, &v4(6, 0, true, b"12345678")), WAITS);
    assert_eq!(raw(&mut d, &v4(6, 8, false, b"x")), Err(Account::FrameMalformed), "whole, but no segment");
}

#[test]
fn cut_fragments_do_not_complete() {
    let whole = tcp(BODY);
    let mut d = decoder();
    assert_eq!(decode_with(&mut d, 101, &v4(6, 0, true, &whole[..24])[..40], 4, 0), WAITS);
    assert_eq!(raw(&mut d, &v4(6, 24, false, &whole[24..])), WAITS);
    assert_eq!((d.fragments().cut, d.fragments().waiting), (1, 1));
}

#[test]
fn keys_tell_datagrams_apart() {
    let whole = tcp(BODY);
    let mut d = decoder();
    let tagged = |id, data: &[u8]| ethernet(0x8100, &crate::made::vlan(id, 0x0800, data));
    assert_eq!(decode_with(&mut d, 1, &tagged(5, &v4(6, 0, true, &whole[..24])), 0, 0), WAITS);
    assert_eq!(decode_with(&mut d, 1, &tagged(6, &v4(6, 24, false, &whole[24..])), 0, 0), WAITS);
    assert_eq!(decode_with(&mut d, 1, &tagged(5, &v4(17, 24, false, &whole[24..])), 0, 0), WAITS);
    let seen = decode_with(&mut d, 1, &tagged(5, &v4(6, 24, false, &whole[24..])), 0, 0).unwrap();
    assert_eq!((seen.vlan, &seen.payload[..]), (Some(5), BODY));
}

#[test]
fn old_ones_time_out_and_the_oldest_make_room() {
    let whole = tcp(BODY);
    let (first, last) = (v4(6, 0, true, &whole[..24]), v4(6, 24, false, &whole[24..]));
    let mut d = decoder();
    assert_eq!(decode_with(&mut d, 101, &first, 0, 100), WAITS);
    assert_eq!(decode_with(&mut d, 101, &last, 0, 131), WAITS);
    assert_eq!((d.fragments().timed_out, d.fragments().waiting), (1, 1));

    let numbered = |id: u8| {
        let mut piece = v4(6, 800, true, &[7; 200]);
        piece[5] = id;
        piece
    };
    for fragments in [
        FragmentBounds { datagrams: 4, ..FragmentBounds::default() },
        FragmentBounds { bytes: 4000, ..FragmentBounds::default() },
    ] {
        let mut d = Decoder::new(Config { fragments, ..Config::default() });
        for id in 0..10 {
            assert_eq!(raw(&mut d, &numbered(id)), WAITS);
        }
        assert_eq!((d.fragments().waiting, d.fragments().evicted), (4, 6));
    }
    let scattered = Duration::from_secs(1);
    let fragments = FragmentBounds { timeout: scattered, ..FragmentBounds::default() };
    let mut d = Decoder::new(Config { fragments, ..Config::default() });
    for i in 0..200 {
        assert_eq!(raw(&mut d, &v4(6, i * 16, true, &[1; 8])), WAITS);
    }
    assert_eq!(d.fragments().discarded, 1, "too scattered to keep");
}

#[test]
fn fragments_inside_a_tunnel_and_a_tunnel_inside_fragments() {
    let whole = tcp(BODY);
    let (first, last) = (v4(6, 0, true, &whole[..24]), v4(6, 24, false, &whole[24..]));
    let tunnel = |inner: &[u8]| {
        let vxlan = cat(&[&[8, 0, 0, 0, 0, 0, 3, 0], &ethernet(0x0800, inner)]);
        udp(4789, &vxlan)
    };
    let mut d = decoder();
    assert_eq!(raw(&mut d, &ipv4(17, &tunnel(&first))), WAITS);
    let seen = raw(&mut d, &ipv4(17, &tunnel(&last))).unwrap();
    assert_eq!((seen.vni, &seen.payload[..]), (Some(3), BODY));

    let mut d = decoder();
    let outer = tunnel(&plain());
    assert_eq!(raw(&mut d, &v4(17, 0, true, &outer[..64])), WAITS);
    let seen = raw(&mut d, &v4(17, 64, false, &outer[64..])).unwrap();
    assert_eq!((seen.vni, &seen.payload[..]), (Some(3), BODY));

    let mut d = decoder();
    // Both: the datagram that is completed holds the last fragment of another.
    assert_eq!(raw(&mut d, &ipv4(17, &tunnel(&first))), WAITS);
    let outer = tunnel(&last);
    assert_eq!(raw(&mut d, &v4(17, 32, false, &outer[32..])), WAITS);
    assert_eq!(raw(&mut d, &v4(17, 0, true, &outer[..32])).unwrap().payload, BODY);
}

#[test]
fn the_end_may_be_told_by_a_piece_without_news() {
    let whole = tcp(b"0123456789ab");
    assert_eq!(whole.len(), 32);
    let mut d = decoder();
    assert_eq!(raw(&mut d, &v4(6, 0, true, &whole)), WAITS);
    assert_eq!(raw(&mut d, &v4(6, 24, false, &whole[24..])).unwrap().payload, b"0123456789ab");
    assert_eq!(d.fragments().completed, 1);
}
