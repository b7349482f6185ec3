//! How flows end: FIN, RST, idleness, the end of the capture.
use crate::wire::*;
use weir_wire::Account::*;

#[test]
fn fin_with_data_and_late_copies() {
    let mut w = Wire::connected();
    w.send(C, ACK | FIN, 101, 501, "abc");
    assert_eq!(w.text(0, C), "abc|Fin");
    w.send(S, ACK, 501, 105, "xyz"); // half-closed: the server goes on
    w.send(C, ACK | FIN, 101, 501, "abc");
    w.send(C, ACK, 105, 504, "after");
    w.send(S, ACK | FIN, 504, 105, "");
    assert!(w.rec.flows[0].closed);
    w.send(S, ACK, 501, 105, "xyz!");
    w.send(C, ACK, 101, 505, "abc");
    w.finish();
    assert_eq!((w.text(0, C), w.text(0, S)), ("abc|Fin", "xyz|Fin"));
    assert_eq!((w.booked(StreamDuplicate), w.booked(StreamOutOfWindow)), (3 + 4 + 3, 5));
    assert_eq!(w.table.stats().opened, 1);
}

#[test]
fn fin_out_of_order_waits() {
    let mut w = Wire::connected();
    w.send(C, ACK | FIN, 107, 501, "ghi");
    w.data(C, 109, "i-beyond"); // its first byte is a copy, the rest lies beyond the end
    w.data(C, 104, "def");
    w.data(C, 101, "abc");
    assert_eq!(w.text(0, C), "abcdefghi|Fin");
    w.finish();
    assert_eq!((w.booked(StreamDuplicate), w.booked(StreamOutOfWindow)), (1, 7));
}

#[test]
fn an_end_contradicted_by_earlier_bytes_is_not_believed() {
    let mut w = Wire::connected();
    w.data(C, 104, "def");
    w.send(C, ACK | FIN, 103, 501, "");
    w.data(C, 101, "abc");
    assert_eq!(w.both()[0], "abcdef|CaptureEnd");
}

#[test]
fn the_end_of_a_silent_side_comes_with_the_first_byte() {
    let mut w = Wire::connected();
    w.send(C, ACK | FIN, 101, 501, "");
    w.send(S, ACK, 501, 102, "time of day");
    assert_eq!((w.text(0, C), w.text(0, S)), ("|Fin", "time of day"));
    w.send(S, ACK | FIN, 512, 102, "");
    assert!(w.rec.flows[0].closed);
}

#[test]
fn connections_without_bytes_are_never_told_of() {
    let mut w = Wire::connected();
    w.send(C, ACK | FIN, 101, 501, "");
    w.send(S, ACK | FIN, 501, 102, "");
    w.finish();
    assert!(w.rec.flows.is_empty());
}

#[test]
fn reset_ends_both_sides_and_delivers_what_waited() {
    let mut w = Wire::connected();
    w.data(C, 101, "abc");
    w.data(C, 106, "fg");
    w.data(S, 501, "x");
    w.send(S, RST, 502, 0, "go away");
    assert_eq!((w.text(0, C), w.text(0, S)), ("abc<2>fg|Reset", "x|Reset"));
    assert!(w.rec.flows[0].closed);
    w.data(C, 108, "late");
    w.finish();
    assert_eq!(w.booked(StreamOutOfWindow), 7 + 4);
    assert_eq!(w.rec.flows.len(), 1);
}

#[test]
fn implausible_resets_are_not_believed() {
    let mut w = Wire::connected();
    w.data(C, 101, "abc");
    w.send(S, RST, 501 + (1 << 20) + 1, 0, "");
    w.send(C, RST, 104u32.wrapping_sub(1 << 16) - 1, 0, "");
    w.data(C, 104, "def");
    assert_eq!(w.table.stats().resets_ignored, 2);
    w.send(C, RST, 107, 0, "");
    assert_eq!(w.both(), ["abcdef|Reset", "|Reset"]);
}

#[test]
fn a_connection_that_survives_a_forged_reset_is_picked_up_again() {
    let mut w = Wire::connected();
    w.data(C, 101, "abc");
    w.send(S, RST, 501, 0, "");
    for n in 0..6 {
        w.wait(1000);
        w.data(C, 104 + n, "x");
    }
    w.finish();
    assert_eq!(w.text(0, C), "abc|Reset");
    assert_eq!(w.text(1, C), "x|CaptureEnd");
    assert!(!w.rec.flows[1].meta.from_start);
}

#[test]
fn idle_flows_time_out_by_state() {
    let tick = 68; // ms
    let mut w = Wire::new();
    w.send(C, SYN, 100, 0, "");
    w.wait(29_999);
    assert_eq!(w.table.stats().live, 1);
    w.wait(3 * tick);
    assert_eq!((w.table.stats().live, w.table.stats().timeouts), (0, 1));

    let mut w = Wire::connected();
    w.data(C, 101, "abc");
    w.wait(299_000);
    w.data(S, 501, "late but there");
    w.wait(299_999);
    assert_eq!(w.text(0, C), "abc");
    w.wait(3 * tick);
    assert_eq!(w.text(0, C), "abc|Timeout");

    let mut w = Wire::connected();
    w.send(C, ACK | FIN, 101, 501, "abc");
    w.wait(59_999);
    assert!(!w.rec.flows[0].closed);
    w.wait(3 * tick);
    assert_eq!((w.text(0, C), w.text(0, S)), ("abc|Fin", "|Timeout"));
}

#[test]
fn a_leap_of_the_clock_ends_everything_once() {
    let mut w = Wire::connected();
    w.data(C, 101, "abc");
    w.data(C, 110, "later");
    w.wait(1_000_000_000_000);
    assert_eq!(w.text(0, C), "abc<6>later|Timeout");
    w.clock -= 1_000_000_000_000;
    w.data(C, 115, "again"); // the clock does not go back
    w.finish();
    assert_eq!(w.text(1, C), "again|CaptureEnd");
}

#[test]
fn the_end_of_the_capture_ends_flows_in_order_of_opening() {
    let mut w = Wire::new();
    for port in [5, 3, 4, 1] {
        w.client.port = 40000 + port;
        w.data(C, 1, "x");
        w.data(C, 5, "y");
    }
    w.client.port = 40003;
    w.send(C, RST, 6, 0, "");
    w.finish();
    assert_eq!(w.rec.closings, [1, 0, 2, 3]);
    assert_eq!(w.text(3, C), "x<3>y|CaptureEnd");
}

#[test]
fn connections_are_counted_by_the_sides_that_were_seen() {
    let mut both = Wire::connected();
    both.data(C, 101, "ask");
    both.finish();
    let mut client = Wire::new();
    client.send(C, SYN, 100, 0, "");
    client.send(C, ACK, 101, 501, "ask");
    client.send(C, ACK, 104, 900, "again");
    client.finish();
    let mut server = Wire::new();
    server.send(S, ACK, 501, 101, "answer");
    server.finish();
    let mut unanswered = Wire::new();
    unanswered.send(C, SYN, 100, 0, "");
    unanswered.finish();
    let ways = |w: &Wire| {
        let s = w.table.stats();
        (s.both_ways, s.client_only, s.server_only)
    };
    assert_eq!(
        [&both, &client, &server, &unanswered].map(ways),
        [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)]
    );
}
