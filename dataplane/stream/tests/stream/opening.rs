//! How flows begin: handshakes in every shape, pick-up, ports used again.
use crate::wire::*;
use weir_wire::Account::*;

#[test]
fn mid_stream_is_picked_up() {
    let mut w = Wire::new();
    w.data(S, 9000, "old tail");
    w.data(C, 70, "GET");
    let meta = w.rec.flows[0].meta;
    assert_eq!((meta.client, meta.server, meta.from_start), (w.client, w.server, false));
    assert_eq!(w.both(), ["GET|CaptureEnd", "old tail|CaptureEnd"]);
}

#[test]
fn roles_are_guessed_by_port_then_by_who_speaks() {
    for (client, server, speaker) in
        [(50000, 80, S), (80, 22, S), (50000, 50001, C), (60000, 3000, S), (40000, 8443, C), (443, 443, C)]
    {
        let mut w = Wire::new();
        (w.client.port, w.server.port) = (client, server);
        w.data(speaker, 1, "x");
        assert_eq!(w.rec.flows[0].meta.client, w.client, "{client} {server}");
    }
}

#[test]
fn an_answer_alone_tells_the_roles() {
    let mut w = Wire::new();
    (w.client.port, w.server.port) = (80, 40000);
    w.send(S, SYN | ACK, 500, 101, "");
    w.data(C, 104, "def");
    w.data(S, 501, "x");
    w.data(C, 101, "abc");
    let meta = w.rec.flows[0].meta;
    assert_eq!((meta.client, meta.from_start), (w.client, true));
    assert_eq!(w.both(), ["abcdef|CaptureEnd", "x|CaptureEnd"]);
}

#[test]
fn simultaneous_open() {
    let mut w = Wire::new();
    w.send(C, SYN, 100, 0, "");
    w.send(S, SYN, 500, 0, "");
    w.send(C, SYN | ACK, 100, 501, "");
    w.send(S, SYN | ACK, 500, 101, "");
    w.data(S, 501, "hello");
    w.data(C, 101, "world");
    assert_eq!(w.table.stats().opened, 1);
    assert_eq!(w.both(), ["world|CaptureEnd", "hello|CaptureEnd"]);
}

#[test]
fn repeated_handshakes_are_one() {
    let mut w = Wire::new();
    w.send(C, SYN, 100, 0, "");
    w.send(C, SYN, 100, 0, "");
    w.send(S, SYN | ACK, 500, 101, "");
    w.send(S, SYN | ACK, 500, 101, "");
    w.data(C, 101, "abc");
    w.send(C, SYN, 100, 0, "");
    w.data(S, 501, "x");
    w.send(S, SYN | ACK, 500, 101, "");
    w.data(C, 104, "d");
    assert_eq!(w.table.stats().opened, 1);
    assert_eq!(w.both(), ["abcd|CaptureEnd", "x|CaptureEnd"]);
}

#[test]
fn data_in_the_syn() {
    let mut w = Wire::new();
    w.send(C, SYN, 100, 0, "GET");
    w.send(S, SYN | ACK, 500, 104, "200");
    w.data(C, 104, " /");
    w.send(C, ACK, 101, 501, "GET /"); // the server did not take it, the client sends it again
    assert_eq!(w.both(), ["GET /|CaptureEnd", "200|CaptureEnd"]);
}

#[test]
fn a_half_open_flow_gives_way_to_the_next_attempt() {
    let mut w = Wire::new();
    w.send(C, SYN, 100, 0, "");
    w.send(C, SYN, 9100, 0, "");
    w.send(S, SYN | ACK, 500, 9101, "");
    w.data(C, 9101, "abc");
    assert_eq!(w.table.stats().reused, 1);
    assert_eq!(w.both(), ["abc|CaptureEnd", "|CaptureEnd"]);
}

#[test]
fn a_refused_attempt_may_be_repeated_with_the_same_number() {
    let mut w = Wire::new();
    for _ in 0..2 {
        w.send(C, SYN, 100, 0, "");
        w.send(S, RST | ACK, 0, 101, "");
    }
    let mut w = w.shake(100, 500);
    w.data(C, 101, "abc");
    assert_eq!(w.both(), ["abc|CaptureEnd", "|CaptureEnd"]);
}

#[test]
fn ports_used_again_after_a_close() {
    let mut w = Wire::connected();
    w.send(C, ACK | FIN, 101, 501, "a");
    w.send(S, ACK | FIN, 501, 103, "b");
    w.send(C, ACK, 103, 503, "");
    w = w.shake(7000, 8000);
    w.send(C, ACK, 7001, 8001, "c");
    w.finish();
    assert_eq!((w.text(0, C), w.text(0, S)), ("a|Fin", "b|Fin"));
    assert_eq!((w.text(1, C), w.text(1, S)), ("c|CaptureEnd", "|CaptureEnd"));
}

/// As when a capture is replayed a second time: the numbers are the same, and so are the ports.
#[test]
fn the_same_number_again_a_second_after_a_close_is_a_new_flow() {
    let mut w = Wire::connected();
    w.send(C, ACK | FIN, 101, 501, "a");
    w.send(S, ACK | FIN, 501, 103, "b");
    w.send(C, ACK, 103, 503, "");
    w.send(C, SYN, 100, 0, ""); // a mirror's late copy
    assert_eq!(w.table.stats().opened, 1);
    w.wait(1_000);
    w = w.shake(100, 500);
    w.send(C, ACK, 101, 501, "a");
    w.finish();
    assert_eq!(w.table.stats().opened, 2);
    assert_eq!((w.text(0, C), w.text(1, C)), ("a|Fin", "a|CaptureEnd"));
}

#[test]
fn ports_used_again_while_the_end_was_missed() {
    // The answer to another SYN proves it; a SYN alone could be forged.
    let mut w = Wire::connected();
    w.data(C, 101, "a");
    w.data(S, 501, "b");
    w.send(C, SYN, 7000, 0, "");
    assert_eq!(w.text(0, C), "a");
    w.send(S, SYN | ACK, 8000, 7001, "");
    assert_eq!((w.text(0, C), w.text(0, S)), ("a|Evicted", "b|Evicted"));
    w.send(C, ACK, 7001, 8001, "c");
    w.finish();
    assert_eq!(w.text(1, C), "c|CaptureEnd");
    assert_eq!(w.table.stats().reused, 1);
}

#[test]
fn one_way_mirrors() {
    let mut w = Wire::new();
    w.send(C, SYN, 100, 0, "");
    w.send(C, ACK, 101, 501, "GET 1");
    w.send(C, ACK, 106, 2501, ""); // the peer's bytes are never seen: no gaps are made of them
    w.wait(10_000);
    w.send(C, ACK, 106, 2501, "GET 2");
    w.send(C, SYN, 9000, 0, ""); // nobody there to confirm: believed
    w.send(C, ACK, 9001, 1, "GET 3");
    w.finish();
    assert_eq!((w.text(0, C), w.text(0, S)), ("GET 1GET 2|Evicted", "|Evicted"));
    assert_eq!(w.text(1, C), "GET 3|CaptureEnd");
    assert_eq!(w.table.stats().gaps, 0);

    let mut w = Wire::new();
    w.send(S, SYN | ACK, 500, 101, "");
    w.send(S, ACK, 501, 400, "200 1");
    w.send(S, ACK, 506, 700, "200 2");
    w.wait(10_000);
    assert_eq!(w.both(), ["|CaptureEnd", "200 1200 2|CaptureEnd"]);
}

#[test]
fn stray_syn_bytes_are_booked() {
    let mut w = Wire::connected();
    w.data(C, 101, "a");
    w.data(S, 501, "b");
    w.send(C, SYN, 7000, 0, "forged");
    w.finish();
    assert_eq!(w.booked(StreamOutOfWindow), 6);
    assert_eq!(w.rec.flows.len(), 1);
}

#[test]
fn of_several_answers_the_acknowledged_one_counts() {
    let mut w = Wire::new();
    w.send(C, SYN, 100, 0, "data"); // not taken by the server
    w.send(S, SYN | ACK, 3_212_050_950, 101, "");
    w.send(S, SYN | ACK, 97_572_840, 101, "");
    w.send(C, ACK, 101, 97_572_841, "data");
    w.send(S, SYN | ACK, 3_212_050_950, 101, "");
    w.send(S, ACK, 97_572_841, 105, "answer");
    assert_eq!(w.both(), ["data|CaptureEnd", "answer|CaptureEnd"]);
}
