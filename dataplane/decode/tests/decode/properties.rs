//! What must hold for all bytes, and for all ways to cut a datagram.

use crate::made::{ETHERNET, account, cat, decode_with, ethernet, ipv4, ipv4_at, ipv6, plain, tcp, udp};
use proptest::prelude::*;
use weir_decode::{Config, Decoder};
use weir_wire::{Account, Frame, Ledger, LinkType, Timestamp};

/// Frames of every tunnel and link, to be damaged.
fn seeds() -> Vec<(u16, Vec<u8>)> {
    let inner = ethernet(0x0800, &plain());
    let tunnel =
        |port, header: &[u8], inner: &[u8]| ethernet(0x0800, &ipv4(17, &udp(port, &cat(&[header, inner]))));
    vec![
        (ETHERNET, inner.clone()),
        (ETHERNET, ethernet(0x8100, &cat(&[&[0, 5, 0x88, 0x47, 0, 0, 1, 9], &plain()]))),
        (ETHERNET, tunnel(4789, &[8, 0, 0, 0, 0, 0, 1, 0], &inner)),
        (ETHERNET, tunnel(6081, &[1, 0, 0x65, 0x58, 0, 0, 1, 0, 1, 2, 3, 4], &inner)),
        (ETHERNET, tunnel(2152, &[0x34, 0xff, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 0, 0], &plain())),
        (ETHERNET, ethernet(0x0800, &ipv4(47, &cat(&[&[0x10, 0, 0x22, 0xeb], &[0; 16], &inner])))),
        (ETHERNET, ethernet(0x86dd, &ipv6(44, &cat(&[&[6, 0, 0, 1, 0, 0, 0, 1], &tcp(b"1234")])))),
        (101, ipv6(0, &cat(&[&[43, 0, 0, 0, 0, 0, 0, 0, 41, 0, 0, 0, 0, 0, 0, 0], &ipv6(6, &tcp(b"x"))]))),
        (113, cat(&[&[0; 14], &[8, 0], &plain()])),
        (
            127,
            cat(&[&[0, 0, 8, 0, 0, 0, 0, 0, 0x88, 2], &[0; 24], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &plain()]),
        ),
        (239, cat(&[&[2, 0, 0, 0, 62, 0, 9, 0], &plain()])),
    ]
}

const LINKS: [u16; 16] = [0, 1, 9, 12, 14, 50, 101, 104, 105, 108, 113, 127, 228, 229, 239, 276];

/// Decodes with one decoder; each frame must land in one account and its packet within its bytes.
fn check(decoder: &mut Decoder, link: u16, data: &[u8], cut: u32) {
    let wire_len = data.len() as u32 + cut;
    let frame = Frame { time: Timestamp::default(), link: LinkType(link), wire_len, vlan: None, data };
    let mut ledger = Ledger::default();
    let packet = decoder.decode(&frame, &mut ledger).is_some();
    let booked = account(&ledger, data.len());
    assert_eq!(packet, matches!(booked, Account::FrameTcp | Account::FrameUdp));
}

/// A way to cut: lengths in 8-byte units, and an order.
fn cuts() -> impl Strategy<Value = (Vec<u8>, Vec<usize>, Vec<u32>)> {
    let payload = prop::collection::vec(any::<u8>(), 0..1500);
    (payload, prop::collection::vec(1..40usize, 1..30), prop::collection::vec(any::<u32>(), 200))
}

/// Cuts `whole` into pieces of offset, more flag and bytes.
fn pieces<'a>(whole: &'a [u8], units: &[usize]) -> Vec<(usize, bool, &'a [u8])> {
    let (mut at, mut out) = (0, Vec::new());
    for unit in units.iter().cycle() {
        let end = (at + unit * 8).min(whole.len());
        out.push((at, end < whole.len(), &whole[at..end]));
        at = end;
        if at == whole.len() {
            return out;
        }
    }
    out
}

proptest! {
    #[test]
    fn random_bytes_book_one_account(
        frames in prop::collection::vec((prop::sample::select(&LINKS), prop::collection::vec(any::<u8>(), 0..200), 0..99u32), 1..20)
    ) {
        let mut decoder = Decoder::new(Config::default());
        for (link, data, cut) in frames {
            check(&mut decoder, link, &data, cut);
        }
    }

    #[test]
    fn damaged_frames_book_one_account(
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        keep in any::<prop::sample::Index>(),
        cut in 0..9u32,
    ) {
        let mut decoder = Decoder::new(Config::default());
        for (link, mut data) in seeds() {
            for (at, value) in &hits {
                let at = at.index(data.len());
                data[at] = *value;
            }
            check(&mut decoder, link, &data, 0);
            let keep = keep.index(data.len() + 1);
            check(&mut decoder, link, &data[..keep], cut);
        }
    }

    #[test]
    fn the_short_way_says_what_the_walk_says(
        payload in prop::collection::vec(any::<u8>(), 0..40),
        tag in prop::option::of(any::<u16>()),
        stripped in prop::option::of(1..4096u16),
        padding in 0..20usize,
        hits in prop::collection::vec((0..60usize, any::<u8>()), 0..4),
        keep in prop::option::of(any::<prop::sample::Index>()),
        beyond in 0..3u32,
    ) {
        let packet = ipv4(6, &tcp(&payload));
        let mut data = match tag {
            Some(tag) => ethernet(0x8100, &cat(&[&tag.to_be_bytes(), &[8, 0], &packet])),
            None => ethernet(0x0800, &packet),
        };
        data.resize(data.len() + padding, 0);
        for (at, value) in hits {
            let at = at.min(data.len() - 1);
            data[at] = value;
        }
        data.truncate(keep.map_or(data.len(), |k| k.index(data.len() + 1)));
        let time = Timestamp::default();
        let frame = Frame { time, link: LinkType::ETHERNET, wire_len: data.len() as u32 + beyond, vlan: stripped, data: &data };
        let said = [24, 7].map(|headers| {
            let mut decoder = Decoder::new(Config { headers, ..Config::default() });
            let mut ledger = Ledger::default();
            let packet = decoder.decode(&frame, &mut ledger).map(|p| format!("{p:?}"));
            (packet, ledger, decoder.stats())
        });
        // With few headers allowed only the walk is taken, and tunnels are too deep for it.
        if said[1].1.entry(Account::FrameTooDeep).count == 0 {
            prop_assert_eq!(&said[0], &said[1]);
        }
    }

    #[test]
    fn fragments_in_any_order_give_the_datagram((payload, units, order) in cuts(), six: bool, twice: bool) {
        let whole = tcp(&payload);
        let mut parts = pieces(&whole, &units);
        if twice && parts.len() > 1 {
            // A mirror that copies frames twice; the copy of the last would come after completion.
            let again = parts[..parts.len() - 1].to_vec();
            parts.extend(again);
        }
        let mut shuffled: Vec<_> = parts.iter().zip(order.iter().cycle()).collect();
        shuffled.sort_by_key(|(_, rank)| **rank);
        let mut decoder = Decoder::new(Config::default());
        let mut seen = Vec::new();
        for ((at, more, data), _) in shuffled {
            let frame = if six {
                let place = (*at as u16 | u16::from(*more)).to_be_bytes();
                ipv6(44, &cat(&[&[6, 0], &place, &[0, 0, 0, 9], data]))
            } else {
                ipv4_at(6, u16::from(*more) << 13 | (at / 8) as u16, data)
            };
            seen.extend(decode_with(&mut decoder, 101, &frame, 0, 0));
        }
        prop_assert_eq!(seen.len(), 1);
        prop_assert_eq!(&seen[0].payload, &payload);
    }
}

#[test]
fn the_seeds_decode() {
    for (i, (link, data)) in seeds().into_iter().enumerate() {
        let seen = decode_with(&mut Decoder::new(Config::default()), link, &data, 0, 0);
        let expect = if i == 6 { Some(Account::FrameFragment) } else { None };
        assert_eq!(seen.err(), expect, "seed {i}");
    }
}
