//! Connections whose master secret the server's private key tells, and those that it does not.

use crate::recorded::{Case, REQUEST, SIDES, answer, cases, run};
use proptest::prelude::*;
use weir_exchange::{Reading, TlsVersion};
use weir_tls::{Connection, KeyError, KeyStore, ServerKeys, State};
use weir_wire::Side;

/// Those with a key: RSA of TLS 1.0 to 1.2, with and without the extended master secret, and TLCP.
fn with_keys() -> Vec<Case> {
    let all: Vec<Case> = cases().into_iter().filter(|c| !c.private.is_empty()).collect();
    assert_eq!(all.len(), 9);
    all
}

fn store(pems: &[&[u8]]) -> KeyStore {
    let mut servers = ServerKeys::default();
    pems.iter().for_each(|pem| assert_eq!(servers.add_pem(pem), Ok(1)));
    KeyStore::with_servers(servers)
}

fn own(case: &Case) -> KeyStore {
    store(&case.private.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn check_whole(case: &Case, keys: &KeyStore, sizes: &[usize]) {
    let (connection, clear) = run(&case.flights, Some(keys), sizes);
    let ephemeral = case.name.contains("ecdhe");
    let reading = if ephemeral { Reading::NoKey } else { Reading::Decrypted };
    assert_eq!(connection.state(), State::Closed(reading), "{}", case.name);
    if !ephemeral {
        let said = clear.text.map(|t| String::from_utf8(t).expect("text"));
        assert_eq!(said, [REQUEST.repeat(2), answer().repeat(2)], "{}", case.name);
    }
}

#[test]
fn the_servers_key_opens_what_was_encrypted_for_it() {
    for case in with_keys() {
        check_whole(&case, &own(&case), &[usize::MAX]);
        check_whole(&case, &own(&case), &[1]);
    }
}

/// Keys of others, of which there may be many, are none of this server.
#[test]
fn another_servers_key_is_no_key() {
    let all = with_keys();
    for (n, case) in all.iter().enumerate() {
        let others: Vec<&[u8]> = all
            .iter()
            .enumerate()
            .filter(|(m, _)| *m != n)
            .flat_map(|(_, c)| &c.private)
            .map(Vec::as_slice)
            .collect();
        let (connection, clear) = run(&case.flights, Some(&store(&others)), &[usize::MAX]);
        assert_eq!(connection.state(), State::Closed(Reading::NoKey), "{}", case.name);
        assert_eq!(clear.text, [vec![], vec![]]);
    }
}

/// In TLCP the client encrypts for the second certificate: the key of the first says nothing.
#[test]
fn the_signing_key_of_tlcp_is_not_enough() {
    let case = with_keys().into_iter().find(|c| c.name == "tlcp-ecc-cbc").expect("a case");
    let (connection, _) = run(&case.flights, Some(&store(&[&case.private[0]])), &[usize::MAX]);
    assert!(matches!(connection.state(), State::Closed(Reading::NoKey | Reading::WrongKey)));
    check_whole(&case, &store(&[&case.private[1]]), &[usize::MAX]);
}

#[test]
fn both_certificates_of_tlcp_are_told() {
    for case in cases().into_iter().filter(|c| c.name.starts_with("tlcp")) {
        let (connection, _) = run(&case.flights, None, &[usize::MAX]);
        let facts = connection.facts();
        assert_eq!(facts.version, Some(TlsVersion::TLCP), "{}", case.name);
        let [sign, encrypt] =
            [&facts.certificate, &facts.encryption_certificate].map(|c| c.as_deref().expect("one"));
        assert!(
            sign.subject.contains("sign") && encrypt.subject.contains("enc"),
            "{} {}",
            sign.subject,
            encrypt.subject
        );
        for c in [sign, encrypt] {
            assert_eq!((&*c.key, c.bits, &*c.signature), ("SM2", 256, "sm2-with-SM3"));
        }
        assert_eq!(facts.chain, 2);
    }
}

/// What the client sends may be seen before what it answers to.
#[test]
fn the_order_of_both_directions_does_not_matter() {
    for case in with_keys().into_iter().filter(|c| !c.name.contains("ecdhe")) {
        let (mut connection, mut clear) = (Connection::default(), crate::recorded::Clear::default());
        let mut flights = case.flights.clone();
        // The server's flight behind the client's answer to it.
        let at = flights.iter().position(|(s, _)| *s == Side::Server).expect("a flight");
        let behind = (at + 1..flights.len()).find(|n| flights[*n].0 == Side::Client).expect("an answer");
        let moved = flights.remove(at);
        flights.insert(behind, moved);
        let keys = own(&case);
        flights.iter().for_each(|(side, bytes)| connection.read(*side, bytes, Some(&keys), &mut clear));
        SIDES.into_iter().for_each(|side| connection.end(side));
        assert_eq!(clear.text[0], REQUEST.repeat(2).as_bytes(), "{}", case.name);
    }
}

#[test]
fn files_that_give_no_key_say_why() {
    let add = |pem: &[u8]| ServerKeys::default().add_pem(pem);
    assert_eq!(add(b""), Err(KeyError::NoKey));
    assert_eq!(add(b"\xff\xfe"), Err(KeyError::NoKey));
    assert_eq!(add(b"-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"), Err(KeyError::NoKey));
    assert_eq!(add(b"-----BEGIN PRIVATE KEY-----\nMA==\n"), Err(KeyError::Broken));
    assert_eq!(add(b"-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----\n"), Err(KeyError::Broken));
    assert_eq!(
        add(b"-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n"),
        Err(KeyError::Unsupported)
    );
    let sealed =
        b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMA==\n-----END RSA PRIVATE KEY-----\n";
    assert_eq!(add(sealed), Err(KeyError::Encrypted));
    let held = format!("{:?}", own(&with_keys()[0]));
    assert_eq!(held, "KeyStore { connections: 0, .. }");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn cut_anywhere_it_is_the_same(n in 0usize..9, sizes in prop::collection::vec(1usize..400, 1..40)) {
        let case = &with_keys()[n];
        check_whole(case, &own(case), &sizes);
    }

    /// Damage: no panic, every byte booked, and nothing in clear that was not said.
    #[test]
    fn damage_is_survived(
        n in 0usize..9,
        damage in prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..6),
    ) {
        let mut case = with_keys()[n].clone();
        let keys = own(&case);
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
        let (_, clear) = run(&case.flights, Some(&keys), &[1_000]);
        prop_assert!(clear.text[0].len() <= 2 * REQUEST.len());
    }
}
