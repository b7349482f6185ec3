//! Captures of every format, whole, broken and random.

use crate::written::{Ink, Shot, drain, read, shot, stream};
use proptest::prelude::*;
use weir_capture::{Files, Polled, Source};

const MAGICS: [u32; 3] = [0xa1b2_c3d4, 0xa1b2_3c4d, 0xa1b2_cd34];

fn shots() -> impl Strategy<Value = Vec<Shot>> {
    let data = prop::collection::vec(any::<u8>(), 0..300);
    let one = (0..u64::from(u32::MAX) * 1_000_000, data, 0..2000u32).prop_map(|(micros, data, cut)| Shot {
        nanos: micros * 1000,
        link: 1,
        wire_len: data.len() as u32 + cut,
        data,
    });
    prop::collection::vec(one, 0..40)
}

proptest! {
    #[test]
    fn classic_captures_round_trip(shots in shots(), big: bool, magic in prop::sample::select(&MAGICS)) {
        let (got, notices) = read(Ink { big }.pcap(magic, &shots));
        prop_assert_eq!(got, shots);
        prop_assert!(notices.is_empty());
    }

    #[test]
    fn pcapng_round_trips(shots in shots(), big: bool) {
        let ink = Ink { big };
        let mut file = [ink.section(), ink.interface(1, &[(9, vec![9])])].concat();
        for s in &shots {
            file.extend(ink.enhanced(0, s.nanos, s.wire_len, &s.data));
        }
        let (got, notices) = read(file);
        prop_assert_eq!(got, shots);
        prop_assert!(notices.is_empty());
    }

    #[test]
    fn a_cut_anywhere_keeps_what_was_before_it(shots in shots(), ng: bool, at in 0.0..1.0f64) {
        let ink = Ink { big: false };
        let mut file = [ink.section(), ink.interface(1, &[(9, vec![9])])].concat();
        let mut ends = vec![file.len()];
        if ng {
            for s in &shots {
                file.extend(ink.enhanced(0, s.nanos, s.wire_len, &s.data));
                ends.push(file.len());
            }
        } else {
            file = ink.pcap(MAGICS[0], &shots);
            ends = shots.iter().scan(24, |at, s| { let end = *at; *at += 16 + s.data.len(); Some(end) }).collect();
            ends.push(file.len());
        }
        let cut = 4 + ((file.len() - 4) as f64 * at) as usize;
        let whole = ends.iter().filter(|end| **end <= cut).count().saturating_sub(1);
        let (got, notices) = read(file[..cut].to_vec());
        prop_assert_eq!(&got[..], &shots[..whole]);
        let clean = ends.contains(&cut) || (ng && cut == ink.section().len());
        prop_assert_eq!(notices.is_empty(), clean, "cut at {} of {}: {:?}", cut, file.len(), notices);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000), start in 0..8usize) {
        let ink = Ink { big: start % 2 == 1 };
        let front = match start / 2 {
            0 => Vec::new(),
            1 => ink.pcap_header(MAGICS[0], 1),
            2 => ink.section(),
            _ => [ink.section(), ink.interface(1, &[]), ink.u32(6)].concat(),
        };
        let mut files = Files::new(vec![stream([front, bytes].concat())]);
        while let Ok(Polled::Frames(_) | Polled::Idle) = files.poll(&mut |_| {}) {}
        prop_assert_eq!(files.poll(&mut |_| {}).unwrap(), Polled::End);
    }
}

#[test]
fn pcapng_sections_interfaces_and_every_packet_block() {
    let (big, little) = (Ink { big: true }, Ink { big: false });
    let old = |ink: Ink, interface: u16, ticks: u32, data: &[u8]| {
        let fields = [0, ticks, data.len() as u32, 99].map(|f| ink.u32(f)).concat();
        ink.block(2, &[ink.u16(interface), ink.u16(7), fields, data.to_vec()].concat())
    };
    let key_log = [little.u32(0x544c_534b), little.u32(5), b"CLIEN".to_vec()].concat();
    let file = [
        big.section(),
        big.block(0x8000_0001, &[1, 2, 3]),
        big.interface(113, &[(2, b"eth0".to_vec()), (9, vec![0x80 | 1]), (14, big.u64(10))]),
        big.interface(101, &[]),
        big.enhanced(0, 3, 60, b"half seconds"),
        old(big, 1, 5, b"old"),
        little.section(),
        little.block(10, &key_log),
        little.interface(1, &[(14, little.u64(1))]),
        little.enhanced(0, 1, 4, b"next"),
        little.block(3, &[little.u32(6), b"simple".to_vec()].concat()),
    ]
    .concat();
    let mut files = Files::new(vec![stream(file)]);
    let got = drain(&mut files);
    let expect = [
        Shot { nanos: 11_500_000_000, link: 113, wire_len: 60, data: b"half seconds".to_vec() },
        Shot { nanos: 5_000, link: 101, wire_len: 99, data: b"old".to_vec() },
        shot(1_000_001_000, b"next"),
        shot(1_000_001_000, b"simple"),
    ];
    assert_eq!(got, expect);
    assert_eq!(files.notices(), []);
    let [log] = files.key_logs() else { panic!("one key log") };
    assert_eq!((&*log.file, &log.text[..]), ("made", &b"CLIEN"[..]));
    assert_eq!(format!("{log:?}"), "KeyLog { file: \"made\", 5 bytes }");
}

#[test]
fn corruption_stops_the_file_and_says_where() {
    let ink = Ink { big: false };
    let good = ink.pcap(MAGICS[0], &[shot(1000, b"good")]);
    let (got, notices) = read([good.clone(), vec![0xff; 400]].concat());
    assert_eq!(got, [shot(1000, b"good")]);
    let expect = "made: corrupt at byte 44 (a record claims more bytes than its bound); read up to there";
    assert_eq!(notices, [expect]);

    let start = [ink.section(), ink.interface(1, &[])].concat();
    let at = start.len();
    let mut lengths = ink.enhanced(0, 1, 4, b"data");
    *lengths.last_mut().unwrap() = 1;
    for (block, why) in [
        (ink.enhanced(3, 1, 4, b"data"), "without its interface"),
        (lengths, "two lengths differ"),
        (ink.block(6, &[0; 8]), "without its interface"),
        ([ink.u32(6), ink.u32(0xffff_fffc), ink.u32(0)].concat(), "bound"),
        ([ink.u32(6), ink.u32(13), ink.u32(0)].concat(), "length that is none"),
        ([ink.u32(0x0a0d_0d0a), ink.u32(28), ink.u32(0)].concat(), "byte-order magic"),
    ] {
        let (got, notices) = read([start.clone(), block].concat());
        assert!(got.is_empty());
        let [notice] = &notices[..] else { panic!("one notice for {why}") };
        assert!(notice.contains(why) && notice.contains(&format!("byte {at} ")), "{notice}");
    }
}

#[test]
fn a_block_larger_than_any_buffer_is_passed_over() {
    let ink = Ink { big: false };
    let huge = ink.block(0x0bad, &vec![7; 40 << 20]);
    let tail = [ink.interface(1, &[]), ink.enhanced(0, 1, 1, b"x")].concat();
    let (got, notices) = read([ink.section(), huge, tail].concat());
    assert_eq!((got, notices.len()), (vec![shot(1000, b"x")], 0));
}

#[test]
fn what_is_no_capture_is_an_error() {
    for (bytes, said) in [
        (&b""[..], "it is empty"),
        (&b"GET / HTTP/1.1\r\n"[..], "begins text"),
        (&b"\x00\x01\x02\x03\x04\x05\x06\x07"[..], "begins the bytes 00 01 02 03"),
        (&b"PK\x03\x04zip"[..], "a zip archive"),
    ] {
        let mut files = Files::new(vec![stream(bytes.to_vec())]);
        let e = files.poll(&mut |_| {}).unwrap_err().to_string();
        assert!(e.starts_with("made: not a capture") && e.contains(said), "{e}");
        assert_eq!(files.poll(&mut |_| {}).unwrap(), Polled::End);
    }
}

#[test]
fn key_logs_are_kept_within_their_bound() {
    let ink = Ink { big: false };
    let log = |mib: usize| {
        let len = mib << 20;
        ink.block(10, &[ink.u32(0x544c_534b), ink.u32(len as u32), vec![b'x'; len]].concat())
    };
    let frame = [ink.interface(1, &[]), ink.enhanced(0, 1, 1, b"x")].concat();
    for (file, kept) in [
        ([ink.section(), log(10), log(5), log(2), log(9), frame.clone()].concat(), 2),
        ([ink.section(), log(10), frame.clone(), log(7), frame.clone(), log(7), frame.clone()].concat(), 1),
    ] {
        let mut files = Files::new(vec![stream(file)]);
        assert!(!drain(&mut files).is_empty());
        assert_eq!((files.key_logs().len(), files.notices().len()), (kept, 1));
        assert!(files.notices()[0].to_string().contains("pass the bound of 16 MiB"));
    }
}

#[test]
fn a_poll_ends_by_frames_or_by_what_was_read() {
    let ink = Ink { big: true };
    let small = vec![shot(1000, b"x"); 300];
    // A read of 256 KiB holds four of them, and none is waited for once some were lent.
    let large = vec![shot(1000, &[0; 60_000]); 20];
    for (shots, expect) in [(small, 256), (large, 4)] {
        let mut files = Files::new(vec![stream(ink.pcap(MAGICS[0], &shots))]);
        let mut longest = 0;
        while let Polled::Frames(n) = files.poll(&mut |_| {}).unwrap() {
            longest = longest.max(n);
        }
        assert!((expect - 1..=expect).contains(&longest), "{longest}");
        assert_eq!(files.counters().frames, shots.len() as u64);
    }
}

#[test]
fn sources_move_to_their_lane() {
    fn movable<T: Send>() {}
    movable::<Files>();
    movable::<weir_capture::Looped>();
}
