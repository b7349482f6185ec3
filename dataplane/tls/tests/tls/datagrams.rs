//! The openings of QUIC and DTLS.

use std::path::Path;
use weir_exchange::TlsVersion;
use weir_tls::{DtlsOpening, DtlsSplit, QuicOpening, QuicVersion, is_dtls, quic_version, split_dtls};

/// The packets of RFC 9001, A.2 and A.3, and of RFC 9369, A.2 (`quic/make.py`).
const CLIENT: &[u8] = include_bytes!("../quic/rfc9001-client-initial.bin");
const SERVER: &[u8] = include_bytes!("../quic/rfc9001-server-initial.bin");
const CLIENT_V2: &[u8] = include_bytes!("../quic/rfc9369-client-initial.bin");

#[test]
fn hellos_of_the_standards() {
    for (packet, version) in [(CLIENT, QuicVersion::V1), (CLIENT_V2, QuicVersion::V2)] {
        assert_eq!(quic_version(packet), Some(version));
        let mut opening = QuicOpening::new(version);
        let split = opening.read(true, packet);
        assert_eq!((split.handshake, split.rest), (1200, 0), "{version:?}");
        let facts = opening.facts();
        assert_eq!(facts.server_name, "example.com");
        assert_eq!(facts.alpn_offered, ["alpn"]);
        assert_eq!(facts.offered, [TlsVersion::TLS13]);
        assert!(facts.ja4.starts_with("q13d0211an_"), "{}", facts.ja4);
        assert!(opening.has_client_hello() && !opening.is_over());
    }
}

#[test]
fn the_servers_hello_opens_by_the_clients_first_packet() {
    let mut opening = QuicOpening::new(QuicVersion::V1);
    assert_eq!(opening.read(false, SERVER).rest, SERVER.len(), "nothing is known yet");
    opening.read(true, CLIENT);
    assert_eq!(opening.read(false, SERVER).handshake, SERVER.len());
    assert!(opening.is_over() && opening.has_server_hello());
    let facts = opening.facts();
    assert_eq!((facts.version, facts.suite), (Some(TlsVersion::TLS13), Some(0x1301)));
    // What comes later is counted.
    assert_eq!(opening.read(true, CLIENT).rest, CLIENT.len());
}

#[test]
fn damage_is_not_read() {
    for at in [0, 5, 17, 18, 30, 600, 1199] {
        let mut packet = CLIENT.to_vec();
        packet[at] ^= 1;
        let mut opening = QuicOpening::new(QuicVersion::V1);
        let split = opening.read(true, &packet);
        assert_eq!((split.handshake, split.handshake + split.rest), (0, 1200), "byte {at}");
    }
    for cut in [1, 5, 6, 14, 15, 18, 30, 1199] {
        let mut opening = QuicOpening::new(QuicVersion::V1);
        let split = opening.read(true, &CLIENT[..cut]);
        assert_eq!((split.handshake, split.rest), (0, cut));
    }
}

fn recorded(name: &str) -> Vec<(bool, Vec<u8>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dtls").join(name).with_extension("txt");
    let text = std::fs::read_to_string(path).unwrap();
    let bytes = |hex: &str| {
        (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
    };
    text.lines().map(|l| l.split_once(' ').unwrap()).map(|(side, hex)| (side == "C", bytes(hex))).collect()
}

/// OpenSSL's client and server, their messages in fragments (`make_dtls.py`).
#[test]
fn handshakes_of_dtls() {
    for (name, version, ja4) in
        [("dtls12", TlsVersion::DTLS12, "dd2d"), ("dtls10", TlsVersion::DTLS10, "dd1d")]
    {
        let mut opening = DtlsOpening::default();
        let mut sum = DtlsSplit::default();
        for (client, datagram) in recorded(name) {
            assert!(is_dtls(&datagram));
            let split = opening.read(client, &datagram);
            assert_eq!(split, split_dtls(&datagram));
            sum.clear += split.clear;
            sum.sealed += split.sealed;
            assert_eq!(split.rest, 0);
        }
        assert!(opening.is_over() && opening.has_client_hello() && opening.has_server_hello());
        let facts = opening.facts();
        assert_eq!((facts.version, &*facts.server_name), (Some(version), "a.example"), "{name}");
        assert!(facts.ja4.starts_with(ja4), "{}", facts.ja4);
        assert!(!facts.resumed && facts.chain == 1);
        let certificate = facts.certificate.as_deref().unwrap();
        assert_eq!((&*certificate.key, certificate.bits, certificate.self_signed), ("RSA", 2048, true));
        assert!(sum.clear > 1000 && sum.sealed > 0);
    }
}

/// In any order, each datagram twice: the same is told, as long as both hellos came before the encrypted part.
#[test]
fn fragments_in_any_order() {
    let mut turns = recorded("dtls12");
    turns.truncate(7);
    turns.reverse();
    let mut opening = DtlsOpening::default();
    for (client, datagram) in turns.iter().chain(&turns) {
        opening.read(*client, datagram);
    }
    let facts = opening.facts();
    assert_eq!((facts.version, facts.chain, &*facts.server_name), (Some(TlsVersion::DTLS12), 1, "a.example"));
}
