//! When a hole is lost, and when it is not.
use crate::wire::*;
use weir_wire::Account::*;

#[test]
fn acknowledged_holes_are_lost_after_some_patience() {
    let mut w = Wire::connected();
    w.data(C, 101, "abc");
    w.data(C, 107, "ghi");
    w.send(S, ACK, 501, 110, "");
    w.wait(299);
    assert_eq!(w.text(0, C), "abc");
    w.wait(201);
    assert_eq!(w.text(0, C), "abc<3>ghi");
    w.data(C, 104, "def"); // too late
    w.data(C, 110, "j");
    w.finish();
    assert_eq!(w.text(0, C), "abc<3>ghij|CaptureEnd");
    assert_eq!(w.booked(StreamDuplicate), 3);
}

#[test]
fn busy_flows_lose_patience_by_segments() {
    let mut w = Wire::connected();
    w.data(C, 101, "a");
    w.data(C, 103, "c");
    w.send(S, ACK, 501, 104, "");
    for n in 0..63 {
        w.data(C, 104 + n, "x");
    }
    assert_eq!(w.text(0, C), "a");
    w.data(C, 104 + 63, "x");
    assert_eq!(w.text(0, C), format!("a<1>c{}", "x".repeat(64)));
}

#[test]
fn holes_that_are_not_acknowledged_wait_for_the_retransmission() {
    let mut w = Wire::connected();
    w.data(C, 101, "abc");
    for n in 0..300 {
        w.data(C, 107 + n, "x");
        w.send(S, ACK, 501, 104, "");
    }
    w.wait(2000);
    w.data(C, 104, "def");
    assert_eq!(w.text(0, C), format!("abcdef{}", "x".repeat(300)));
    assert_eq!(w.table.stats().gaps, 0);
}

#[test]
fn holes_nobody_acknowledges_are_lost_in_the_end() {
    let mut w = Wire::connected();
    w.data(C, 104, "def");
    w.wait(2000);
    w.data(C, 110, "jkl");
    w.wait(2998);
    assert!(w.rec.flows.is_empty());
    w.wait(200);
    assert_eq!(w.text(0, C), "<3>def");
    w.wait(1700);
    assert_eq!(w.text(0, C), "<3>def", "the second hole has its own time");
    w.wait(300);
    assert_eq!(w.text(0, C), "<3>def<3>jkl");
    assert_eq!(w.table.stats().held_bytes, 0);
}

#[test]
fn a_request_that_was_never_captured_is_a_gap() {
    let mut w = Wire::connected();
    w.data(C, 101, "one");
    w.send(S, ACK, 501, 104, "ok");
    w.send(S, ACK, 503, 107, "ok"); // answers three bytes that were not seen
    w.wait(500);
    assert_eq!(w.text(0, C), "one<3>");
    w.data(C, 107, "three");
    w.finish();
    assert_eq!(w.text(0, C), "one<3>three|CaptureEnd");
}

#[test]
fn an_acknowledgement_overtaking_its_data_makes_no_gap() {
    let mut w = Wire::connected();
    for n in 0..200 {
        w.send(S, ACK, 501, 104 + 3 * n, "");
        w.data(C, 101 + 3 * n, "abc");
    }
    w.wait(1000);
    assert_eq!((w.table.stats().gaps, w.text(0, C).len()), (0, 600));
}

#[test]
fn a_forged_acknowledgement_makes_no_gap() {
    let mut w = Wire::connected();
    w.data(C, 101, "abc");
    w.send(S, ACK, 501, 50_000, "");
    w.send(S, ACK, 501, 104, "");
    w.wait(1000);
    w.data(C, 104, "def");
    assert_eq!((w.table.stats().gaps, w.text(0, C)), (0, "abcdef"));
}

#[test]
fn only_holes_before_the_acknowledgement_are_lost() {
    let mut w = Wire::connected();
    w.data(C, 102, "b");
    w.data(C, 104, "d");
    w.data(C, 106, "f");
    w.send(S, ACK, 501, 105, "");
    w.wait(500);
    assert_eq!(w.text(0, C), "<1>b<1>d");
    w.data(C, 105, "e");
    assert_eq!(w.text(0, C), "<1>b<1>def");
}

#[test]
fn a_lost_tail_ends_with_the_fin() {
    let mut w = Wire::connected();
    w.data(C, 101, "abc");
    w.send(C, ACK | FIN, 106, 501, "");
    w.send(S, ACK, 501, 107, "");
    w.wait(500);
    assert_eq!(w.text(0, C), "abc<2>|Fin");
}

#[test]
fn snap_length_cuts_are_gaps() {
    let mut w = Wire::connected();
    w.cut(C, ACK, 101, 501, "abc", 100);
    w.cut(C, ACK, 311, 501, "xyz", 7);
    w.cut(C, ACK | FIN, 321, 501, "", 5);
    w.cut(C, ACK, 204, 501, "def", 104);
    assert_eq!(w.text(0, C), "abc<100>def<104>xyz<12>|Fin");
    w.cut(S, ACK, 501, 327, "", 1460);
    w.data(S, 1961, "x");
    w.finish();
    assert_eq!(w.text(0, S), "<1460>x|CaptureEnd");
}

#[test]
fn five_percent_reordering_makes_no_gaps() {
    // Displaced by up to 30 packets, with acknowledgements overtaking.
    let mut w = Wire::connected();
    let mut random = 7u64;
    let mut order: Vec<(u64, u32)> = (0..20_000u32)
        .map(|n| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let late = if (random >> 40).is_multiple_of(20) { (random >> 50) % 30 } else { 0 };
            (u64::from(n) * 2 + 2 * late, n)
        })
        .collect();
    order.sort_unstable();
    for (place, n) in order {
        w.data(C, 101 + 4 * n, "abcd");
        if place % 8 == 0 {
            w.send(S, ACK, 501, 101 + 2 * place as u32, "");
        }
    }
    assert_eq!(w.text(0, C), "abcd".repeat(20_000));
    assert!(w.table.stats().out_of_order > 900);
    assert_eq!((w.table.stats().gaps, w.booked(StreamDuplicate)), (0, 0));
}

#[test]
fn shunted_flows_hold_nothing() {
    let mut w = Wire::connected();
    w.rec.unwanted = true;
    w.data(C, 101, "abc");
    w.data(C, 107, "ghi");
    assert_eq!((w.text(0, C), w.booked(MessageEncrypted)), ("abc", 3));
    w.data(C, 104, "defg");
    w.data(C, 110, "jkl");
    w.data(S, 501, "xyz");
    w.send(S, RST, 504, 0, "");
    w.data(C, 107, "ghi");
    w.finish();
    assert_eq!((w.booked(StreamDelivered), w.booked(StreamDuplicate)), (15, 4));
    assert_eq!((w.rec.flows.len(), w.text(0, C), w.booked(MessageEncrypted)), (1, "abc", 12));
    assert_eq!((w.table.stats().held_bytes_peak, w.table.stats().gaps), (0, 0));
}

#[test]
fn timers_do_not_depend_on_other_packets() {
    let play = |idle: &[u64]| {
        let mut w = Wire::connected();
        w.data(C, 101, "abc");
        w.data(C, 107, "ghi");
        w.send(S, ACK, 501, 110, "");
        idle.iter().for_each(|&ms| w.wait(ms));
        w.data(C, 110, "jkl");
        w.finish();
        format!("{:?}", w.rec.flows)
    };
    let once = play(&[400_000]);
    assert_eq!(once, play(&[1; 4000].iter().copied().chain([396_000]).collect::<Vec<_>>()));
}
