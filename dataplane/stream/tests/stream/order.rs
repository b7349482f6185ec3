//! Bytes in order: retransmission, reordering, overlap, wrap, probes.
use crate::wire::*;
use weir_wire::Account::*;

#[test]
fn in_order_both_ways() {
    let mut w = Wire::connected();
    w.data(C, 101, "GET ");
    w.data(C, 105, "/");
    w.data(S, 501, "200");
    assert_eq!(w.text(0, C), "GET /");
    assert!(w.rec.flows[0].meta.from_start);
    assert_eq!((w.rec.flows[0].meta.client, w.rec.flows[0].meta.server), (w.client, w.server));
    assert_eq!(w.both(), ["GET /|CaptureEnd", "200|CaptureEnd"]);
}

#[test]
fn reordered_bytes_wait() {
    let mut w = Wire::connected();
    w.data(C, 104, "def");
    w.data(C, 110, "jk");
    w.data(C, 107, "ghi");
    assert_eq!(w.table.stats().held_bytes, 8);
    assert!(w.rec.flows.is_empty());
    w.data(C, 101, "abc");
    assert_eq!(w.text(0, C), "abcdefghijk");
    assert_eq!((w.table.stats().held_bytes, w.table.stats().held_bytes_peak), (0, 8));
    assert_eq!(w.table.stats().gaps, 0);
    w.finish();
    assert_eq!(w.booked(StreamDelivered), 11);
}

#[test]
fn retransmissions_are_duplicates() {
    let mut w = Wire::connected();
    w.data(C, 101, "abcdef");
    w.data(C, 101, "abcdef");
    w.data(C, 104, "defghi");
    w.data(C, 112, "lm");
    w.data(C, 112, "lm");
    w.data(C, 110, "jklmno");
    assert_eq!(w.text(0, C), "abcdefghijklmno");
    w.finish();
    assert_eq!((w.booked(StreamDelivered), w.booked(StreamDuplicate)), (15, 13));
}

#[test]
fn the_first_copy_wins() {
    let mut w = Wire::connected();
    w.data(C, 103, "CD");
    w.data(C, 106, "F");
    w.data(C, 102, "bcdefg");
    w.data(C, 101, "A?????H");
    assert_eq!(w.text(0, C), "AbCDeFg");
    w.finish();
    assert_eq!(w.booked(StreamDuplicate), 3 + 6);
}

#[test]
fn sequence_numbers_wrap() {
    let mut w = Wire::new().shake(u32::MAX - 3, u32::MAX);
    w.send(C, ACK, 1, 0, "fgh");
    w.send(C, ACK, u32::MAX - 2, 0, "bcd");
    w.send(S, ACK, 0, 1, "xyz");
    w.send(C, ACK, 0, 3, "e");
    w.send(C, ACK, u32::MAX - 1, 3, "cdef");
    assert_eq!(w.both(), ["bcdefgh|CaptureEnd", "xyz|CaptureEnd"]);
}

#[test]
fn probes_bring_nothing_new() {
    let mut w = Wire::connected();
    w.data(C, 101, "abc");
    w.data(C, 103, ""); // keep-alive without a byte
    w.data(C, 103, "?"); // with a garbage byte (RFC 9293, 3.8.4)
    w.data(C, 104, "d"); // zero-window probe: the next byte
    w.data(C, 104, "d");
    w.data(C, 104, "de");
    w.finish();
    assert_eq!(w.text(0, C), "abcde|CaptureEnd");
    assert_eq!(w.booked(StreamDuplicate), 3);
}

#[test]
fn empty_packets_and_datagrams_are_nothing() {
    let mut w = Wire::new();
    w.send(C, ACK, 1, 1, "");
    w.send(S, ACK | FIN, 1, 1, "");
    assert_eq!(w.table.stats().opened, 0);
    let udp = weir_wire::Packet {
        time: at(5),
        vlan: None,
        vni: None,
        src: w.client,
        dst: w.server,
        transport: weir_wire::Transport::Udp,
        payload: b"datagram",
        missing: 0,
    };
    w.table.segment(&udp, at(5), &mut w.ledger, &mut w.rec);
    w.finish();
    assert_eq!(w.table.stats().opened, 0);
}

#[test]
fn far_away_segments_are_out_of_window() {
    let mut w = Wire::connected();
    w.data(C, 101, "abc");
    w.data(C, 104 + (1 << 26), "evil");
    w.data(C, 104u32.wrapping_sub(1 << 26), "evil");
    w.data(C, 104, "def");
    w.finish();
    assert_eq!(w.text(0, C), "abcdef|CaptureEnd");
    assert_eq!(w.booked(StreamOutOfWindow), 8);
}

#[test]
fn a_direction_that_moved_is_found_again() {
    let mut w = Wire::connected();
    w.data(C, 101, "abc");
    for n in 0..5 {
        w.data(C, 1_000_000_000 + 2 * n, "xy");
    }
    w.data(C, 5, "pq");
    w.data(C, 1_000_000_010, "z");
    w.finish();
    assert_eq!(w.text(0, C), "abc<999999902>xyxyz|CaptureEnd");
    assert_eq!(w.booked(StreamOutOfWindow), 6 + 2);
    assert_eq!(w.table.stats().resyncs, 1);
}

#[test]
fn flows_in_other_networks_are_other_flows() {
    let mut w = Wire::connected();
    w.data(C, 101, "abc");
    w.vlan = Some(3);
    w.data(C, 101, "xyz");
    w.finish();
    assert_eq!((w.text(0, C), w.text(1, C)), ("abc|CaptureEnd", "xyz|CaptureEnd"));
    assert_eq!(w.rec.flows[1].meta.vlan, Some(3));
    assert!(!w.rec.flows[1].meta.from_start);
}

#[test]
fn directions_in_different_vlans_are_one_flow() {
    let (mut w, tags) = (Wire::new(), [Some(3), None]);
    for (side, flags, seq, ack, data) in [
        (C, SYN, 100, 0, ""),
        (C, SYN, 100, 0, ""),
        (S, SYN | ACK, 500, 101, ""),
        (C, ACK, 101, 501, "abc"),
        (S, ACK, 501, 104, "xyz"),
        (S, ACK | FIN, 504, 104, ""),
        (C, ACK | FIN, 104, 505, ""),
    ] {
        w.vlan = tags[side.index()];
        w.send(side, flags, seq, ack, data);
    }
    assert_eq!(w.table.stats().opened, 1);
    assert_eq!((w.text(0, C), w.text(0, S)), ("abc|Fin", "xyz|Fin"));
    assert_eq!((w.rec.flows[0].meta.vlan, w.rec.flows[0].meta.from_start), (Some(3), true));
}

#[test]
fn equal_endpoints_in_two_vlans_stay_apart() {
    let mut w = Wire::new();
    for vlan in [Some(3), Some(4)] {
        w.vlan = vlan;
        w.send(C, SYN, 100, 0, "");
    }
    for vlan in [Some(3), Some(4)] {
        w.vlan = vlan;
        w.send(S, SYN | ACK, 500, 101, "");
        w.data(C, 101, if vlan == Some(3) { "abc" } else { "xyz" });
    }
    w.finish();
    assert_eq!((w.text(0, C), w.text(1, C)), ("abc|CaptureEnd", "xyz|CaptureEnd"));
    // Nor does a packet of the other direction that acknowledges something else join a flow.
    let mut w = Wire::new();
    w.data(C, 101, "abc");
    w.vlan = Some(4);
    w.send(S, ACK, 7, 0x7000_0000, "xyz");
    assert_eq!(w.table.stats().opened, 2);
}
