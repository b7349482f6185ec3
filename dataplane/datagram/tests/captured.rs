//! Real programs over loopback (`tests/cases/datagrams`): what is told of them, and that every byte is booked.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use weir_capture::{Files, Input, Polled, Source};
use weir_datagram::Datagrams;
use weir_decode::{Config, Decoder};
use weir_exchange::Kind;
use weir_wire::{Account, Ledger, Timestamp, Transport};

#[test]
fn names_handshakes_and_a_transfer() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cases/datagrams/capture.pcap.zst");
    let mut files = Files::new(vec![Input::from_arg(path)]);
    let (mut decoder, mut datagrams) = (Decoder::new(Config::default()), Datagrams::default());
    let (mut ledger, mut clock) = (Ledger::default(), Timestamp::default());
    let mut poll = || {
        files.poll(&mut |burst| {
            for frame in burst {
                clock = clock.max(frame.time);
                if let Some(packet) =
                    decoder.decode(frame, &mut ledger).filter(|p| p.transport == Transport::Udp)
                {
                    datagrams.packet(&packet, clock, &mut ledger);
                }
            }
        })
    };
    while poll().expect("a capture") != Polled::End {}
    datagrams.finish(clock);
    let told: Vec<String> = datagrams
        .connections()
        .iter()
        .map(|c| format!("{} {} {}", c.kind().key(), c.server_name(), c.reading.key()))
        .collect();
    assert_eq!(
        told,
        ["quic api.example.cn protocol not read", "dtls iot.example.cn no key", "tftp  protocol not read"]
    );
    let quic = datagrams.connections().iter().find(|c| c.kind() == Kind::Quic).and_then(|c| c.tls()).unwrap();
    assert!(quic.ja4.starts_with("q13d") && quic.alpn_offered == ["h3"], "{quic:?}");
    let names: Vec<String> =
        datagrams.resolved().iter().map(|r| format!("{} {}", r.name, r.address)).collect();
    assert_eq!(names, ["crm.example.cn 127.0.0.1"], "asked twice within the hour");
    assert_eq!(ledger.total(weir_wire::Layer::Datagram).bytes, ledger.datagrams.bytes);
    assert_eq!(ledger.entry(Account::DatagramNotInterface).bytes, 0);
}
