//! Whole connections of OpenSSL's client and server (`make.py`), read as a bystander: decrypted, cut anywhere, damaged, without keys.

use crate::recorded::{Case, Clear, REQUEST, SIDES, answer, cases, run};
use proptest::prelude::*;
use weir_exchange::{Reading, TlsVersion};
use weir_tls::{Connection, KeyStore, State};
use weir_wire::Side;

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
            "tlcp-" => 0x0101,
            _ => 0x0304,
        });
        let tls13 = version == TlsVersion::TLS13;
        let resumed = case.name.ends_with("resumed");
        for (facts, keys) in [(&clear.facts, true), (blind.facts(), false)] {
            assert_eq!(facts.version, Some(version), "{}", case.name);
            assert_eq!((&*facts.server_name, facts.resumed), ("a.example", resumed), "{}", case.name);
            assert_eq!((facts.ja3.len(), facts.ja4.len()), (32, 36));
            let of = if case.name.starts_with("tlcp") { "00" } else { &case.name[3..5] };
            assert!(facts.ja4.starts_with(&format!("t{of}")), "{}", facts.ja4);
            let shown = !resumed && (keys || !tls13);
            assert_eq!(facts.certificate.is_some(), shown, "{} {keys}", case.name);
            if let Some(c) = &facts.certificate {
                assert!(c.self_signed && c.is_for("a.example") && c.bits >= 256);
            }
            let alpn = (keys || !tls13) && !case.name.starts_with("tlcp");
            assert_eq!(&*facts.alpn, if alpn { "http/1.1" } else { "" }, "{}", case.name);
        }
        let mutual = ["client-certificate", "tlcp"].iter().any(|part| case.name.contains(part));
        assert_eq!(clear.facts.client_certificate, mutual);
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
        n in 0..crate::recorded::CASES,
        sizes in prop::collection::vec(1usize..400, 1..40),
    ) {
        check_whole(&cases()[n], &sizes);
    }

    /// Damage: no panic, every byte booked, and nothing in clear that was not said.
    #[test]
    fn damage_is_survived(
        n in 0..crate::recorded::CASES,
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
