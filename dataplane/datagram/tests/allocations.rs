//! A datagram of a connection that was told of, of DNS that was told, or of nothing that is known, takes no memory.
#![allow(clippy::expect_used)]

use weir_datagram::Datagrams;
use weir_wire::{Endpoint, Ledger, Packet, Timestamp, Transport};

const CLIENT: &[u8] = include_bytes!("../../tls/tests/quic/rfc9001-client-initial.bin");
const SERVER: &[u8] = include_bytes!("../../tls/tests/quic/rfc9001-server-initial.bin");
const ANSWER: &[u8] =
    b"\0\x07\x81\x80\0\x01\0\x01\0\0\0\0\x01a\x02cn\0\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x0a\0\0\x01";

fn send(datagrams: &mut Datagrams, ledger: &mut Ledger, from_client: bool, port: u16, payload: &[u8]) {
    let ends = [(1u8, 40_000), (2, port)].map(|(host, port)| Endpoint { ip: [10, 0, 0, host].into(), port });
    let (src, dst) = if from_client { (ends[0], ends[1]) } else { (ends[1], ends[0]) };
    let time = Timestamp::from_secs_nanos(1_000, 0);
    let transport = Transport::Udp;
    let packet = Packet { time, vlan: None, vni: None, src, dst, transport, payload, missing: 0 };
    datagrams.packet(&packet, time, ledger);
}

#[test]
fn the_steady_state_takes_no_memory() {
    let (mut datagrams, mut ledger) = (Datagrams::default(), Ledger::default());
    send(&mut datagrams, &mut ledger, true, 443, CLIENT);
    send(&mut datagrams, &mut ledger, false, 443, SERVER);
    send(&mut datagrams, &mut ledger, false, 53, ANSWER);
    let counted = allocation_counter::measure(|| {
        for _ in 0..1_000 {
            send(&mut datagrams, &mut ledger, false, 443, &[0x4f; 1_200]);
            send(&mut datagrams, &mut ledger, true, 443, CLIENT);
            send(&mut datagrams, &mut ledger, false, 53, ANSWER);
            send(&mut datagrams, &mut ledger, true, 5_004, &[0x80; 200]);
        }
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
}
