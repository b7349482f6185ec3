//! Whole connections of OpenSSL's client and server (`make.py`), read as a bystander: decrypted, cut anywhere, damaged, without keys.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use std::path::Path;
use weir_exchange::{Reading, TlsFacts, TlsVersion};
use weir_tls::{Connection, Events, KeyStore, State};
use weir_wire::Side;

const REQUEST: &str = "GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n";
const SIDES: [Side; 2] = [Side::Client, Side::Server];

fn answer() -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n{}", "0123456789".repeat(60))
}

/// A recorded connection.
#[derive(Clone)]
struct Case {
    name: String,
    flights: Vec<(Side, Vec<u8>)>,
    log: String,
}

impl Case {
    fn read(path: &Path) -> Case {
        let text = std::fs::read_to_string(path).expect("a recorded connection");
        let bytes = |hex: &str| {
            (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex")).collect()
        };
        let mut case = Case {
            name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
            flights: Vec::new(),
            log: String::new(),
        };
        for line in text.lines() {
            match line.split_once(' ').expect("a kind and a value") {
                ("C", hex) => case.flights.push((Side::Client, bytes(hex))),
                ("S", hex) => case.flights.push((Side::Server, bytes(hex))),
                (_, secret) => case.log += &format!("{secret}\n"),
            }
        }
        case
    }
    fn keys(&self) -> KeyStore {
        let keys = KeyStore::default();
        assert!(keys.add_log(self.log.as_bytes()).secrets > 0, "{}", self.name);
        keys
    }
    fn len(&self) -> u64 {
        self.flights.iter().map(|(_, bytes)| bytes.len() as u64).sum()
    }
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/connections");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("recorded connections")
        .map(|e| e.expect("an entry").path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 20);
    paths.iter().map(|p| Case::read(p)).collect()
}

/// What came out.
#[derive(Default)]
struct Clear {
    text: [Vec<u8>; 2],
    gaps: [u64; 2],
    facts: TlsFacts,
}

impl Events for Clear {
    fn data(&mut self, facts: &TlsFacts, side: Side, bytes: &[u8]) {
        assert!(!bytes.is_empty());
        self.facts = facts.clone();
        self.text[side.index()].extend_from_slice(bytes);
    }
    fn gap(&mut self, side: Side, len: u64) {
        self.gaps[side.index()] += len;
    }
}

/// Runs flights through a connection, each in pieces of these sizes, and checks that every byte is booked once.
fn run(flights: &[(Side, Vec<u8>)], keys: Option<&KeyStore>, sizes: &[usize]) -> (Connection, Clear) {
    let (mut connection, mut clear) = (Connection::default(), Clear::default());
    let mut sizes = sizes.iter().cycle();
    for (side, bytes) in flights {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at((*sizes.next().expect("a size")).clamp(1, rest.len()));
            connection.read(*side, piece, keys, &mut clear);
            rest = behind;
        }
    }
    SIDES.into_iter().for_each(|side| connection.end(side));
    let (framing, sealed) = connection.take_booked();
    let text: usize = clear.text.iter().map(Vec::len).sum();
    let given: u64 = flights.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    assert_eq!(framing + sealed + text as u64, given, "every byte is booked once");
    (connection, clear)
}

fn check_whole(case: &Case, sizes: &[usize]) {
    let (connection, clear) = run(&case.flights, Some(&case.keys()), sizes);
    assert_eq!(connection.state(), State::Closed(Reading::Decrypted), "{}", case.name);
    let said = clear.text.map(|t| String::from_utf8(t).expect("text"));
    assert_eq!(said, [REQUEST.repeat(2), answer().repeat(2)], "{}", case.name);
    assert_eq!(clear.gaps, [0, 0]);
}

#[test]
fn every_suite_is_decrypted() {
    for case in cases() {
        check_whole(&case, &[usize::MAX]);
        check_whole(&case, &[1]);
    }
}

#[test]
fn handshakes_are_told_with_and_without_keys() {
    for case in cases() {
        let (_, clear) = run(&case.flights, Some(&case.keys()), &[usize::MAX]);
        let (blind, _) = run(&case.flights, None, &[usize::MAX]);
        let version = TlsVersion(match &case.name[..5] {
            "tls10" => 0x0301,
            "tls11" => 0x0302,
            "tls12" => 0x0303,
            _ => 0x0304,
        });
        let tls13 = version == TlsVersion::TLS13;
        let resumed = case.name.ends_with("resumed");
        for (facts, keys) in [(&clear.facts, true), (blind.facts(), false)] {
            assert_eq!(facts.version, Some(version), "{}", case.name);
            assert_eq!((&*facts.server_name, facts.resumed), ("a.example", resumed), "{}", case.name);
            assert_eq!((facts.ja3.len(), facts.ja4.len()), (32, 36));
            assert!(facts.ja4.starts_with(&format!("t{}", &case.name[3..5])), "{}", facts.ja4);
            let shown = !resumed && (keys || !tls13);
            assert_eq!(facts.certificate.is_some(), shown, "{} {keys}", case.name);
            if let Some(c) = &facts.certificate {
                assert!(c.self_signed && c.is_for("a.example") && c.bits >= 256);
            }
            assert_eq!(&*facts.alpn, if keys || !tls13 { "http/1.1" } else { "" }, "{}", case.name);
        }
        assert_eq!(clear.facts.client_certificate, case.name.contains("client-certificate"));
        let why = if resumed { Reading::Resumed } else { Reading::NoKey };
        assert_eq!(blind.state(), State::Closed(why), "{}", case.name);
    }
}

#[test]
fn a_key_that_does_not_fit_opens_nothing() {
    for case in cases() {
        let keys = KeyStore::default();
        let swapped: Vec<String> = case
            .log
            .lines()
            .map(|line| {
                let (rest, last) = line.split_at(line.len() - 2);
                format!("{rest}{}", if last == "00" { "01" } else { "00" })
            })
            .collect();
        keys.add_log(swapped.join("\n").as_bytes());
        let (connection, clear) = run(&case.flights, Some(&keys), &[usize::MAX]);
        assert_eq!(clear.text, [vec![], vec![]], "{}", case.name);
        assert_eq!(connection.state(), State::Closed(Reading::WrongKey), "{}", case.name);
    }
}

/// Keys may come after the first flights, as whoever writes a key log is no faster than the wire.
#[test]
fn a_growing_key_log_is_waited_for() {
    for case in cases() {
        let keys = KeyStore::default();
        keys.set_growing(true);
        let (mut connection, mut clear) = (Connection::default(), Clear::default());
        let late = case.flights.len() - 2;
        for (n, (side, bytes)) in case.flights.iter().enumerate() {
            if n == late {
                keys.add_log(case.log.as_bytes());
            }
            connection.read(*side, bytes, Some(&keys), &mut clear);
        }
        SIDES.into_iter().for_each(|side| connection.end(side));
        assert_eq!(clear.text[0], REQUEST.repeat(2).as_bytes(), "{}", case.name);
        assert_eq!(clear.text[1], answer().repeat(2).as_bytes(), "{}", case.name);
    }
}

#[test]
fn a_lost_record_costs_itself() {
    for case in cases().into_iter().filter(|c| c.name.contains("gcm") || c.name.contains("chacha20")) {
        let keys = case.keys();
        // The server's first answer, in a flight of its own or behind a ticket, is the first flight longer than it.
        let whole = answer().len();
        let lost =
            case.flights.iter().rposition(|(s, b)| *s == Side::Server && b.len() > whole).expect("an answer");
        let first = case.flights[..lost]
            .iter()
            .rposition(|(s, b)| *s == Side::Server && b.len() > whole)
            .expect("an answer before");
        let (mut connection, mut clear) = (Connection::default(), Clear::default());
        for (n, (side, bytes)) in case.flights.iter().enumerate() {
            if n == first {
                connection.gap(*side, bytes.len() as u64, &mut clear);
            } else {
                connection.read(*side, bytes, Some(&keys), &mut clear);
            }
        }
        assert_eq!(clear.text[0], REQUEST.repeat(2).as_bytes(), "{}", case.name);
        if clear.gaps[1] > 0 && !clear.text[1].is_empty() {
            assert_eq!(clear.text[1], answer().as_bytes(), "{}", case.name);
            assert_eq!(clear.gaps[1], whole as u64, "{}", case.name);
        } else {
            panic!("{}: nothing behind the gap: {:?}", case.name, connection.state());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn cut_anywhere_it_is_the_same(
        n in 0usize..20,
        sizes in prop::collection::vec(1usize..400, 1..40),
    ) {
        check_whole(&cases()[n], &sizes);
    }

    /// Damage: no panic, every byte booked, and nothing in clear that was not said.
    #[test]
    fn damage_is_survived(
        n in 0usize..20,
        sizes in prop::collection::vec(1usize..3_000, 1..10),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..6),
    ) {
        let mut case = cases()[n].clone();
        let keys = case.keys();
        for (at, change) in damage {
            let mut at = at.index(usize::try_from(case.len()).expect("small"));
            for (_, bytes) in &mut case.flights {
                if at < bytes.len() {
                    bytes[at] ^= change;
                    break;
                }
                at -= bytes.len();
            }
        }
        let (_, clear) = run(&case.flights, Some(&keys), &sizes);
        for (text, said) in clear.text.iter().zip([REQUEST.repeat(2), answer().repeat(2)]) {
            // What opens is authentic, so it is whole records of what was said, in order.
            prop_assert!(text.len() <= said.len());
            prop_assert!(said.as_bytes().windows(text.len().max(1)).any(|w| w == &text[..]) || text.is_empty());
        }
    }
}
