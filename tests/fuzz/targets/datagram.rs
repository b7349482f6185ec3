//! Datagrams of a few flows: every payload byte is booked once, and no connection is told of twice at a time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_datagram::Datagrams;
use weir_wire::{Endpoint, Layer, Ledger, Packet, Timestamp, Transport};

/// The client's first packet of RFC 9001, A.2, so that openings are met.
const INITIAL: &[u8] = include_bytes!("../../../dataplane/tls/tests/quic/rfc9001-client-initial.bin");

fuzz_target!(|data: &[u8]| {
    let (mut datagrams, mut ledger, mut rest, mut clock) = (Datagrams::default(), Ledger::default(), data, 0u64);
    while let [how, length, behind @ ..] = rest {
        let (payload, after) = behind.split_at(usize::from(*length).min(behind.len()));
        rest = after;
        clock += u64::from(how >> 4);
        let payload = if how & 8 != 0 { INITIAL } else { payload };
        let end = |host: u8, port| Endpoint { ip: [10, 0, 0, host].into(), port };
        let (client, server) = (end(1, 40_000 + u16::from(how & 3)), end(2, 443));
        let (src, dst) = if how & 4 == 0 { (client, server) } else { (server, client) };
        let time = Timestamp::from_secs_nanos(clock, 0);
        let packet = Packet { time, vlan: None, vni: None, src, dst, transport: Transport::Udp, payload, missing: 0 };
        ledger.datagrams.bytes += payload.len() as u64;
        datagrams.packet(&packet, time, &mut ledger);
    }
    datagrams.finish(Timestamp::from_secs_nanos(clock, 0));
    assert_eq!(ledger.total(Layer::Datagram).bytes, ledger.datagrams.bytes);
    for c in datagrams.connections().iter() {
        assert!(c.time <= c.emitted);
    }
});
