//! Budgets and capacities: what gives way, and that nothing is lost unbooked.
use crate::wire::*;
use weir_stream::Config;
use weir_wire::Account::*;
use weir_wire::Duration;

fn small(flows: u32) -> Wire {
    Wire::with(Config { flows, side_bytes: 8192, total_bytes: 16_384, ..Config::default() })
}

#[test]
fn a_full_direction_gives_up_its_first_hole() {
    let mut w = small(4).shake(100, 500);
    let kilo = "k".repeat(2048);
    for n in 0..4 {
        w.data(C, 111 + n * 3000, &kilo);
    }
    assert!(w.rec.flows.is_empty());
    w.data(C, 111 + 4 * 3000, &kilo);
    assert_eq!(w.text(0, C), format!("<10>{kilo}"));
    w.data(C, 111 + 2048, "between");
    assert_eq!(w.text(0, C), format!("<10>{kilo}between"));
    w.finish();
    assert_eq!(w.table.stats().over_budget, 1);
    assert_eq!((w.booked(StreamDelivered), w.booked(StreamOverBudget)), (5 * 2048 + 7, 0));
}

#[test]
fn a_piece_before_the_first_range_is_delivered_not_lost() {
    let mut w = small(4).shake(100, 500);
    let kilo = "k".repeat(2048);
    for n in 0..4 {
        w.data(C, 1111 + n * 3000, &kilo);
    }
    w.data(C, 106, "early");
    assert_eq!(w.text(0, C), "<5>early");
    w.finish();
    assert_eq!(w.booked(StreamDuplicate), 0);
}

#[test]
fn a_segment_larger_than_the_budget_is_not_held() {
    let mut w = small(4).shake(100, 500);
    let large = "x".repeat(20_000);
    w.data(C, 111, &large);
    assert_eq!(w.both()[0], format!("<10>{large}|CaptureEnd"));
}

#[test]
fn a_full_pool_takes_from_the_oldest_hole() {
    let mut w = small(8);
    let kilo = "k".repeat(2048);
    for port in 0..3 {
        w.client.port = 40_000 + port;
        w = w.shake(100, 500);
        for n in 0..if port == 2 { 1 } else { 4 } {
            w.data(C, 111 + n * 3000, &kilo);
        }
    }
    assert_eq!(w.rec.flows.len(), 1);
    assert_eq!(w.rec.flows[0].meta.client.port, 40_000);
    assert_eq!(w.table.stats().held_bytes, 5 * 2048);
    w.finish();
    assert_eq!(w.booked(StreamDelivered), 9 * 2048);
}

#[test]
fn one_byte_segments_cost_their_own_flow() {
    let mut w = Wire::connected();
    for n in 0..5_000 {
        w.data(C, 50_101 - 2 * n, "x");
    }
    for n in 0..5_000 {
        w.data(C, 50_103 + 2 * n, "x");
    }
    w.data(S, 501, "fine");
    assert!(w.table.stats().held_bytes_peak <= 128);
    w.finish();
    assert_eq!(w.text(0, S), "fine|CaptureEnd");
    assert_eq!(w.booked(StreamDelivered) + w.booked(StreamDuplicate), 10_004);
}

#[test]
fn records_of_holes_are_bounded() {
    let mut w = small(64);
    for port in 0..40 {
        w.client.port = 40_000 + port;
        w = w.shake(100, 500);
        w.send(S, ACK, 501, 105, ""); // a hole without a byte behind it
        w.data(C, 110, "x");
    }
    assert_eq!(w.table.stats().held_bytes, 8, "one record a page");
    w.finish();
    assert_eq!(w.rec.flows.len(), 40);
    assert_eq!(w.booked(StreamDelivered), 40);
}

#[test]
fn a_full_table_spares_the_active() {
    let mut w = small(3);
    for port in [40_001, 40_002] {
        w.client.port = port;
        w.data(C, 1, "active");
    }
    w.client.port = 40_003;
    w.send(C, SYN, 1, 0, "");
    w.client.port = 40_004;
    w.data(C, 1, "xx"); // takes the half-open one's place
    assert_eq!((w.table.stats().evicted, w.table.stats().live), (1, 3));
    w.client.port = 40_005;
    w.data(C, 1, "refused");
    assert_eq!((w.table.stats().refused, w.booked(StreamNoFlow)), (1, 7));
    w.client.port = 40_002;
    w.wait(5_000);
    w.data(C, 7, "still");
    w.client.port = 40_004;
    w.data(C, 3, "y");
    w.client.port = 40_005;
    w.data(C, 8, "taken"); // the one idle for five seconds goes
    assert_eq!(w.text(0, C), "active|Evicted");
    w.client.port = 40_002;
    w.send(C, RST, 12, 0, "");
    w.client.port = 40_006;
    w.data(C, 1, "six"); // a closed flow goes first
    w.finish();
    assert_eq!(w.table.stats().evicted, 2);
    assert_eq!(w.table.stats().live_peak, 3);
    assert_eq!(w.text(1, C), "activestill|Reset");
}

#[test]
fn a_syn_flood_does_not_touch_established_flows() {
    let mut w = small(100);
    w.data(C, 1, "before");
    for n in 0..10_000u32 {
        w.client.port = 1024 + (n % 30_000) as u16;
        w.client.ip = std::net::Ipv4Addr::from(0x0a00_0000 + n).into();
        w.send(C, SYN, n, 0, "");
    }
    let fresh = Wire::new();
    (w.client, w.server) = (fresh.client, fresh.server);
    w.data(C, 7, "after");
    w.finish();
    assert_eq!(w.text(0, C), "beforeafter|CaptureEnd");
    assert_eq!(w.table.stats().refused, 0);
}

#[test]
fn a_syn_does_not_evict_a_flow_with_bytes_but_its_answer_does() {
    let mut w = small(2);
    for port in [40_001, 40_002] {
        w.client.port = port;
        w.data(C, 1, "idle");
    }
    w.wait(10_000);
    w.client.port = 40_003;
    w.send(C, SYN, 100, 0, "");
    assert_eq!((w.table.stats().evicted, w.table.stats().refused), (0, 1));
    w.send(S, SYN | ACK, 500, 101, "");
    w.data(C, 101, "new");
    assert_eq!(w.table.stats().evicted, 1);
    assert!(w.rec.flows[2].meta.from_start && w.text(2, C) == "new");
    w.finish();
}

#[test]
fn a_table_of_one_is_a_table() {
    let mut w = Wire::with(Config {
        flows: 0,
        side_bytes: 0,
        total_bytes: 0,
        evict_after: Duration::ZERO,
        ack_patience_segments: 0,
        ..Config::default()
    });
    for port in 1..50 {
        w.client.port = port;
        w.data(C, 5, "x");
        w.data(C, 9, "z");
        w.data(C, 7, "y");
        w.send(S, ACK, 501, 60, "");
        w.data(C, 20, "t");
    }
    w.finish();
    assert_eq!(w.rec.flows.len(), 49);
}
