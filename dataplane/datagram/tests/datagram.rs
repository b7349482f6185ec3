//! Datagrams at any port: what is told of them, where their bytes are booked, and that nothing breaks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use weir_datagram::{Datagrams, is_wanted};
use weir_exchange::{Named, Reading, Shown, TlsVersion};
use weir_wire::{Account, Endpoint, Layer, Ledger, Packet, Timestamp, Transport};

const CLIENT: &[u8] = include_bytes!("../../tls/tests/quic/rfc9001-client-initial.bin");
const SERVER: &[u8] = include_bytes!("../../tls/tests/quic/rfc9001-server-initial.bin");

fn end(host: u8, port: u16) -> Endpoint {
    Endpoint { ip: [10, 0, 0, host].into(), port }
}

/// Datagrams in a second each, and the ledger.
#[derive(Default)]
struct Fed {
    datagrams: Datagrams,
    ledger: Ledger,
    seconds: u64,
}

impl Fed {
    fn send(&mut self, src: Endpoint, dst: Endpoint, payload: &[u8]) {
        self.seconds += 1;
        let time = Timestamp::from_secs_nanos(1_000_000 + self.seconds, 0);
        let transport = Transport::Udp;
        let packet = Packet { time, vlan: None, vni: None, src, dst, transport, payload, missing: 0 };
        self.ledger.datagrams.count += 1;
        self.ledger.datagrams.bytes += payload.len() as u64;
        self.datagrams.packet(&packet, time, &mut self.ledger);
    }
    fn finish(&mut self) {
        self.datagrams.finish(Timestamp::from_secs_nanos(1_000_000 + self.seconds, 0));
        assert_eq!(self.ledger.total(Layer::Datagram).bytes, self.ledger.datagrams.bytes);
    }
    fn booked(&self, account: Account) -> u64 {
        self.ledger.entry(account).bytes
    }
    fn told(&mut self) -> Vec<(Shown, Reading)> {
        self.datagrams.connections().drain(..).map(|c| (c.shown, c.reading)).collect()
    }
}

/// A message: header, question, answers as (type, data), each named by a pointer to the question.
fn dns(id: u16, flags: u16, name: &str, answers: &[(u16, &[u8])]) -> Vec<u8> {
    let mut out = [id.to_be_bytes(), flags.to_be_bytes(), [0, 1]].concat();
    out.extend((answers.len() as u16).to_be_bytes());
    out.extend([0; 4]);
    for label in name.split('.') {
        out.push(label.len() as u8);
        out.extend(label.as_bytes());
    }
    out.extend([0, 0, 1, 0, 1]);
    for (kind, data) in answers {
        out.extend([0xc0, 12]);
        out.extend(kind.to_be_bytes());
        out.extend([0, 1, 0, 0, 0, 60]);
        out.extend((data.len() as u16).to_be_bytes());
        out.extend(*data);
    }
    out
}

#[test]
fn names_that_clients_asked_for() {
    let (client, server) = (end(9, 40_000), end(1, 53));
    let mut fed = Fed::default();
    let answer =
        dns(7, 0x8180, "API.Example.cn", &[(5, b"\x01b\xc0\x10"), (1, &[10, 0, 0, 2]), (28, &[0x20; 16])]);
    fed.send(client, server, &dns(7, 0x0100, "API.Example.cn", &[]));
    (0..50).for_each(|_| fed.send(server, client, &answer));
    // One that does not exist, one to no name of a host, and one at another port.
    fed.send(server, client, &dns(8, 0x8183, "none.example.cn", &[]));
    fed.send(server, client, &dns(8, 0x8180, "a b.example.cn", &[(1, &[10, 0, 0, 3])]));
    fed.send(end(1, 5_300), client, &dns(8, 0x8180, "other.example.cn", &[(1, &[10, 0, 0, 4])]));
    fed.finish();
    let told: Vec<String> =
        fed.datagrams.resolved().drain(..).map(|r| format!("{} {}", r.name, r.address)).collect();
    assert_eq!(
        told,
        [
            "api.example.cn 10.0.0.2",
            "api.example.cn 2020:2020:2020:2020:2020:2020:2020:2020",
            "other.example.cn 10.0.0.4"
        ]
    );
    assert_eq!(fed.booked(Account::DatagramDns), fed.ledger.datagrams.bytes);
}

#[test]
fn an_hour_later_it_is_told_again() {
    let (client, server) = (end(9, 40_000), end(1, 53));
    let mut fed = Fed::default();
    let answer = dns(7, 0x8180, "a.cn", &[(1, &[10, 0, 0, 2])]);
    for _ in 0..3 {
        fed.send(server, client, &answer);
        fed.seconds += 3600;
    }
    assert_eq!(fed.datagrams.resolved().len(), 3);
}

#[test]
fn quic_is_told_once_and_its_bytes_are_booked() {
    let (client, server) = (end(9, 50_000), end(2, 443));
    let mut fed = Fed::default();
    fed.send(client, server, CLIENT);
    fed.send(server, client, SERVER);
    (0..5).for_each(|_| fed.send(server, client, &[0x4f; 1000]));
    fed.send(client, server, CLIENT);
    let told = fed.told();
    let [(Shown::Quic(tls, 1), Reading::NotRead)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((&*tls.server_name, tls.suite), ("example.com", Some(0x1301)));
    fed.finish();
    assert!(fed.told().is_empty());
    assert_eq!(fed.booked(Account::DatagramHandshake), 1200 + SERVER.len() as u64);
    assert_eq!(fed.booked(Account::DatagramHttp3), 5000 + 1200);
}

#[test]
fn an_opening_is_told_of_in_any_case() {
    let (client, server) = (end(9, 50_000), end(2, 443));
    let mut fed = Fed::default();
    fed.send(client, server, CLIENT);
    (0..9).for_each(|_| fed.send(end(3, 1), end(3, 2), b"\xffnothing"));
    assert!(fed.told().is_empty());
    fed.datagrams.advance(Timestamp::from_secs_nanos(1_000_011, 0));
    assert!(matches!(fed.told()[..], [(Shown::Quic(..), Reading::Unfinished)]));
    // Of this one the client's packets were missed.
    fed.send(end(4, 443), end(9, 50_001), SERVER);
    fed.finish();
    assert!(matches!(fed.told()[..], [(Shown::Quic(..), Reading::HandshakeNotSeen)]));
    assert_eq!(fed.booked(Account::DatagramNotInterface), 72);
}

#[test]
fn short_headers_of_nobody_are_nobodys() {
    let mut fed = Fed::default();
    fed.send(end(9, 50_000), end(2, 443), &[0x4f; 100]);
    fed.finish();
    assert_eq!(fed.booked(Account::DatagramNotInterface), 100);
}

fn recorded(name: &str) -> Vec<(bool, Vec<u8>)> {
    let path = format!("{}/../tls/tests/dtls/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let bytes = |hex: &str| {
        (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
    };
    text.lines().map(|l| l.split_once(' ').unwrap()).map(|(side, hex)| (side == "C", bytes(hex))).collect()
}

#[test]
fn dtls_is_told_with_its_certificate() {
    let (client, server) = (end(9, 50_000), end(2, 5684));
    let mut fed = Fed::default();
    for (from_client, datagram) in recorded("dtls12") {
        let (src, dst) = if from_client { (client, server) } else { (server, client) };
        fed.send(src, dst, &datagram);
    }
    fed.finish();
    let told = fed.told();
    let [(Shown::Dtls(tls), Reading::NoKey)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((tls.version, tls.certificate.is_some()), (Some(TlsVersion::DTLS12), true));
    assert_eq!(
        fed.booked(Account::DatagramHandshake) + fed.booked(Account::DatagramEncrypted),
        fed.ledger.datagrams.bytes
    );
    assert!(fed.booked(Account::DatagramEncrypted) > 0);
}

/// A server that listens at a higher port than its client: who is the client is told by what is said.
#[test]
fn roles_are_told_by_the_hello() {
    let (client, server) = (end(9, 1_000), end(2, 40_000));
    let mut fed = Fed::default();
    fed.send(client, server, CLIENT);
    fed.send(server, client, SERVER);
    for (from_client, datagram) in recorded("dtls12") {
        let (src, dst) = if from_client { (end(9, 1_001), server) } else { (server, end(9, 1_001)) };
        fed.send(src, dst, &datagram);
    }
    fed.finish();
    let told = fed.told();
    assert!(
        matches!(told[..], [(Shown::Quic(..), Reading::NotRead), (Shown::Dtls(..), Reading::NoKey)]),
        "{told:?}"
    );
}

#[test]
fn a_transfer_of_tftp_goes_on_at_another_port() {
    let (client, server, transfer) = (end(9, 50_000), end(2, 69), end(2, 30_001));
    let mut fed = Fed::default();
    fed.send(client, server, b"\0\x01boot.cfg\0octet\0");
    fed.send(transfer, client, b"\0\x03\0\x01data");
    fed.send(client, transfer, b"\0\x04\0\x01");
    fed.send(end(3, 9), end(4, 9), b"\0\x03\0\x01data");
    fed.finish();
    assert_eq!(fed.told(), [(Shown::Named(Named::Tftp), Reading::NotRead)]);
    assert_eq!((fed.booked(Account::DatagramNotRead), fed.booked(Account::DatagramNotInterface)), (29, 8));
}

#[test]
fn openings_are_bounded() {
    let mut fed = Fed::default();
    for n in 0..5_000u16 {
        fed.send(end(1, 10_000 + n), end(2, 443), CLIENT);
        fed.seconds -= 1;
    }
    let early = fed.told().len();
    fed.finish();
    assert!(early >= 5_000 - 2_048 && early + fed.told().len() == 5_000, "{early}");
}

const BEGINNINGS: [&[u8]; 8] = [
    CLIENT,
    SERVER,
    b"\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x10\x01\0\0\x20\0\0\0\0\0\0\0\x04abcd",
    b"\0\x01f\0octet\0",
    b"\0\x03\0\x01d",
    b"\0\x07\x81\x80\0\x01\0\x02\0\0\0\0\x01a\0\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x04\x0a\0\0\x01",
    b"\xc0\0\0\0\x01\x08abcdefgh\0\0\x44\x9e",
    b"\x40abc",
];

proptest! {
    /// Nearly right bytes, and any bytes: every byte is booked once.
    #[test]
    fn every_byte_is_booked(
        steps in proptest::collection::vec(
            (0..BEGINNINGS.len(), any::<bool>(), proptest::collection::vec((any::<usize>(), any::<u8>()), 0..4), any::<u16>()),
            0..40,
        ),
    ) {
        let mut fed = Fed::default();
        for (which, from_client, changes, cut) in steps {
            let mut payload = BEGINNINGS[which].to_vec();
            for (at, byte) in changes {
                let at = at % payload.len();
                payload[at] = byte;
            }
            payload.truncate(usize::from(cut).max(1));
            let ends = (end(1, 1_000 + which as u16 % 3), end(2, 443));
            let (src, dst) = if from_client { ends } else { (ends.1, ends.0) };
            let wanted = is_wanted(&payload);
            let before = fed.booked(Account::DatagramNotInterface);
            fed.send(src, dst, &payload);
            prop_assert!(wanted || fed.booked(Account::DatagramNotInterface) == before + payload.len() as u64);
        }
        fed.finish();
    }
}
