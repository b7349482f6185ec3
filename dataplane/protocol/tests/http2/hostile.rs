//! What is sent to do harm costs its sender only.

use crate::peer::*;
use crate::recorder::{c, run, s};
use weir_exchange::Anomaly;
use weir_wire::Account;

#[test]
fn rapid_resets() {
    let mut q = Encoder::default();
    let storm: Vec<u8> = (0..500u32)
        .flat_map(|i| {
            [q.headers(2 * i + 1, true, &get("/r")), frame(RESET, 0, 2 * i + 1, &[0, 0, 0, 8])].concat()
        })
        .collect();
    let o = run(&[c([hello(), storm].concat()), s(settings())]);
    assert_eq!(o.recorder.seen.len(), 500);
    assert!(o.recorder.seen[&499].anomalies.contains(&Anomaly::Flood));
    assert!(!o.recorder.seen[&5].anomalies.contains(&Anomaly::Flood));
}

#[test]
fn more_streams_than_the_bound() {
    let mut q = Encoder::default();
    let many: Vec<u8> = (0..300u32).flat_map(|i| q.headers(2 * i + 1, true, &get("/m"))).collect();
    let o = run(&[c([hello(), many].concat())]);
    let given_up =
        o.recorder.seen.values().filter(|x| x.anomalies.contains(&Anomaly::PipelineTooLong)).count();
    assert_eq!((o.recorder.seen.len(), given_up), (300, 172));
}

#[test]
fn continuations_without_end() {
    let mut q = Encoder::default();
    let block = q.block(&[get("/c"), vec![field("x-long", "y".repeat(200))]].concat());
    let mut flood = [hello(), frame(HEADERS, END_STREAM, 1, &block)].concat();
    for _ in 0..2000 {
        flood.extend(frame(
            CONTINUATION,
            0,
            1,
            &[0, 1, b'a', 60].iter().copied().chain([b'z'; 60]).collect::<Vec<u8>>(),
        ));
    }
    flood.extend(frame(CONTINUATION, END_HEADERS, 1, &[]));
    flood.extend(Encoder::default().headers(3, true, &get("/")));
    let o = run(&[c(flood)]);
    assert!(
        o.recorder.flow_anomalies.contains(&Anomaly::Flood)
            && o.recorder.flow_anomalies.contains(&Anomaly::HeadTooLong)
    );
    // What follows is read, with a table in part: its fields are literals here.
    assert_eq!(o.lines(), ["GET /+ ->  no-response"]);
}

#[test]
fn long_lists() {
    let mut q = Encoder::default();
    let many: Vec<Field> = (0..600).map(|i| field(&format!("x-{i}"), "v".repeat(40))).collect();
    let o = run(&[c([
        hello(),
        q.headers(1, true, &[get("/l"), many].concat()),
        q.headers(3, true, &get("/next")),
    ]
    .concat())]);
    assert!(o.recorder.seen[&0].anomalies.contains(&Anomaly::HeadTooLong));
    assert!(o.recorder.seen[&0].request.head.len() < 20_000);
    assert_eq!(o.lines()[1], "GET /next+ ->  no-response");
}

#[test]
fn idle_floods_and_bad_frames() {
    let pings: Vec<u8> = (0..12_000).flat_map(|_| frame(PING, 0, 0, &[0; 8])).collect();
    let o = run(&[c([hello(), pings].concat())]);
    assert_eq!(o.recorder.flow_anomalies, [Anomaly::Flood]);
    // A server that speaks HTTP/1, frames on the wrong stream, broken blocks.
    let mut q = Encoder::default();
    let o =
        run(&[c([hello(), q.headers(1, true, &get("/x"))].concat()), s("HTTP/1.1 400 Bad Request\r\n\r\n")]);
    assert_eq!(o.lines(), ["GET /x+ ->  no-response"]);
    assert_eq!(o.bytes(Account::MessageSkipped), 28);
    let mut q = Encoder::default();
    let again = [
        q.headers(1, true, &get("/1")),
        frame(DATA, 0, 0, b"?"),
        q.headers(3, true, &get("/3")),
        frame(WINDOW, 0, 0, &[0, 0, 1, 0]),
        frame(PING, 0, 0, &[0; 8]),
    ];
    let o = run(&[c([hello(), again.concat()].concat())]);
    assert_eq!(o.recorder.seen[&0].request.head, "GET /1 1|Host=h.example");
    assert_eq!(o.lines()[1], "GET /3+ ->  unknown-header-field no-response");
    assert_eq!(o.recorder.flow_anomalies, [Anomaly::BadFrame]);
    // A block that breaks off: its request is not told, the next one is.
    let o = run(&[c([
        hello(),
        frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0x82, 0xff]),
        Encoder::default().headers(3, true, &get("/")),
    ]
    .concat())]);
    assert_eq!(o.recorder.flow_anomalies, [Anomaly::BadHeader, Anomaly::UnknownField]);
    assert_eq!(o.lines(), ["GET /+ ->  no-response"]);
}
