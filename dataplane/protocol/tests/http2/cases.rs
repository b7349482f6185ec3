//! What RFC 9113 has, case by case.

use crate::peer::*;
use crate::recorder::{Event, c, run, s};
use weir_exchange::Anomaly;
use weir_wire::{Account, EndReason, Side};

fn talk() -> (Encoder, Encoder) {
    (Encoder::default(), Encoder::default())
}

#[test]
fn interleaved_streams() {
    let (mut q, mut p) = talk();
    let o = run(&[
        c([hello(), q.headers(1, true, &get("/a")), q.headers(3, false, &post("/b"))].concat()),
        c([frame(DATA, 0, 3, b"one "), frame(DATA, END_STREAM, 3, b"two")].concat()),
        s([
            settings(),
            frame(SETTINGS, 1, 0, &[]),
            p.headers(3, false, &status(200)),
            p.headers(1, false, &status(404)),
        ]
        .concat()),
        s([frame(DATA, 0, 1, b"no"), frame(DATA, END_STREAM, 3, b"yes"), frame(DATA, END_STREAM, 1, b"pe")]
            .concat()),
    ]);
    assert_eq!(o.lines(), ["GET /a+ -> 404 \"nope\"+", "POST /b \"one two\"+ -> 200 \"yes\"+"]);
    assert_eq!(o.recorder.seen[&0].request.head, "GET /a 1|Host=h.example");
    assert_eq!(o.recorder.order, [1, 0]);
    assert_eq!(o.bytes(Account::MessageBody), 14);
    assert!(o.recorder.flow_anomalies.is_empty());
}

#[test]
fn padding_priority_and_continuation() {
    let (mut q, mut p) = talk();
    let block = q.block(&get("/p"));
    let (a, b) = block.split_at(4);
    let mut first = vec![3, 0, 0, 0, 0, 9];
    first.extend(a);
    first.extend([0; 3]);
    let data = [&[5][..], b"body", &[0; 5]].concat();
    let o = run(&[
        c([
            hello(),
            frame(HEADERS, PADDED | PRIORITY | END_STREAM, 1, &first),
            frame(CONTINUATION, 0, 1, &b[..1]),
        ]
        .concat()),
        c(frame(CONTINUATION, END_HEADERS, 1, &b[1..])),
        s([
            settings(),
            p.headers(1, false, &status(200)),
            frame(DATA, PADDED, 1, &data),
            frame(DATA, PADDED | END_STREAM, 1, &[0]),
        ]
        .concat()),
    ]);
    assert_eq!(o.lines(), ["GET /p+ -> 200 \"body\"+"]);
    assert_eq!(o.bytes(Account::MessageBody), 4);
}

#[test]
fn interim_responses_trailers_and_pushes() {
    let (mut q, mut p) = talk();
    let mut promise = 2u32.to_be_bytes().to_vec();
    promise.extend(p.block(&get("/style.css")));
    let o = run(&[
        c([
            hello(),
            q.headers(1, false, &post("/t")),
            frame(DATA, 0, 1, b"x"),
            q.headers(1, true, &[field("x-sum", "1")]),
        ]
        .concat()),
        s([settings(), p.headers(1, false, &status(103)), frame(PUSH, END_HEADERS, 1, &promise)].concat()),
        s([
            p.headers(1, false, &status(200)),
            frame(DATA, 0, 1, b"y"),
            p.headers(1, true, &[field("grpc-status", "5")]),
        ]
        .concat()),
        s([p.headers(2, false, &status(200)), frame(DATA, END_STREAM, 2, b"css")].concat()),
    ]);
    assert_eq!(o.lines(), ["POST /t \"x\"+ -> 200 \"y\"+", "GET /style.css+ -> 200 \"css\"+"]);
    assert_eq!(o.recorder.seen[&0].interim, [103]);
    assert_eq!(o.recorder.seen[&0].trailers, ["|x-sum=1", "|grpc-status=5"]);
}

#[test]
fn resets_and_goaway() {
    let (mut q, mut p) = talk();
    let asked: Vec<u8> =
        [1, 3, 5, 7].iter().flat_map(|id| q.headers(*id, *id != 7, &get(&format!("/{id}")))).collect();
    let o = run(&[
        c([hello(), asked].concat()),
        s([
            settings(),
            p.headers(1, false, &status(200)),
            frame(DATA, 0, 1, b"ha"),
            frame(RESET, 0, 1, &[0, 0, 0, 2]),
        ]
        .concat()),
        c(frame(RESET, 0, 3, &[0, 0, 0, 8])),
        s([p.headers(7, true, &status(404)), frame(RESET, 0, 7, &[0; 4])].concat()),
        s(frame(GOAWAY, 0, 0, &[0, 0, 0, 3, 0, 0, 0, 0])),
    ]);
    assert_eq!(
        o.lines(),
        [
            "GET /1+ -> 200 \"ha\"- stream-reset",
            "GET /3+ ->  stream-reset no-response",
            "GET /5+ ->  no-response",
            "GET /7- -> 404+ early-response",
        ]
    );
}

#[test]
fn connect_and_extended_connect() {
    let (mut q, mut p) = talk();
    let connect = [field(":method", "CONNECT"), field(":authority", "db:3306")];
    let web =
        [&[field(":method", "CONNECT"), field(":protocol", "websocket")][..], &get("/chat")[1..]].concat();
    let o = run(&[
        c([hello(), q.headers(1, false, &connect), q.headers(3, false, &web)].concat()),
        s([settings(), p.headers(1, false, &status(200)), p.headers(3, false, &status(200))].concat()),
        c([frame(DATA, END_STREAM, 1, b"raw"), frame(DATA, END_STREAM, 3, &[0x81])].concat()),
        s([frame(DATA, END_STREAM, 1, b"raw"), frame(DATA, END_STREAM, 3, &[0x81])].concat()),
    ]);
    assert_eq!(o.lines(), ["CONNECT db:3306+ -> 200+", "CONNECT /chat+ -> 200+"]);
    assert_eq!(o.bytes(Account::MessageTunnelled), 8);
}

#[test]
fn upgrade_from_http1() {
    let (mut q, mut p) = talk();
    let ask = "GET /up HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n";
    let go = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n".to_vec();
    let o = run(&[
        c(ask),
        s([go, settings(), p.headers(1, false, &status(200)), frame(DATA, END_STREAM, 1, b"first")].concat()),
        c([hello(), q.headers(3, true, &get("/next"))].concat()),
        s(p.headers(3, true, &status(404))),
    ]);
    assert_eq!(o.lines(), ["GET /up+ -> 200 \"first\"+", "GET /next+ -> 404+"]);
    assert_eq!(o.recorder.seen[&0].interim, [101]);
    assert!(!o.shunted);
}

#[test]
fn what_smuggles_into_http1_is_noted() {
    let (mut q, mut p) = talk();
    let with = |path, name: &str, value: &str| [post(path), vec![field(name, value)]].concat();
    let o = run(&[
        c([
            hello(),
            q.headers(1, false, &with("/cl", "content-length", "0")),
            frame(DATA, END_STREAM, 1, b"GET /evil HTTP/1.1\r\n\r\n"),
            q.headers(3, true, &with("/te", "transfer-encoding", "chunked")),
            q.headers(5, true, &with("/crlf", "x", "a\r\nHost: evil")),
            q.headers(7, true, &with("/host", "host", "evil")),
            q.headers(9, true, &with("/same", "host", "h.example")),
            q.headers(11, true, &with("/upper", "X-Y", "1")),
            q.headers(13, true, &with("/late", ":path", "/b")),
            q.headers(15, true, &with("/short", "content-length", "9")),
        ]
        .concat()),
        s([settings()].concat()),
        s((0..8).flat_map(|i| p.headers(2 * i + 1, true, &status(200))).collect::<Vec<u8>>()),
    ]);
    let noted: Vec<_> = o.recorder.seen.values().map(|x| x.anomalies.clone()).collect();
    use Anomaly as A;
    assert_eq!(
        noted,
        [
            vec![A::BadLength],
            vec![A::BadTransferEncoding],
            vec![A::ControlInHead],
            vec![A::BadHost],
            vec![],
            vec![A::BadHeader],
            vec![A::BadHeader],
            vec![A::BadLength],
        ]
    );
}

#[test]
fn one_way_and_unfinished() {
    let (mut q, mut p) = talk();
    let o = run(&[c([
        hello(),
        q.headers(1, true, &get("/a")),
        frame(HEADERS, END_HEADERS, 3, b"abc")[..10].to_vec(),
    ]
    .concat())]);
    assert_eq!(o.lines(), ["GET /a+ ->  no-response"]);
    assert_eq!(o.bytes(Account::MessageUnfinished), 1);
    let o = run(&[
        s([settings(), p.headers(1, false, &status(200)), frame(DATA, 0, 1, b"cut")].concat()),
        Event::End(Side::Server, EndReason::Fin),
    ]);
    assert_eq!(o.lines(), ["-> 200 \"cut\"- lone-response"]);
}

#[test]
fn a_response_waits_for_its_request() {
    let (mut q, mut p) = talk();
    let (ask, more) = (q.headers(1, true, &get("/late")), q.headers(3, true, &get("/on")));
    let events = [
        c(hello()),
        s([settings(), p.headers(1, true, &status(200))].concat()),
        c(ask),
        c(more),
        s(p.headers(3, true, &status(200))),
    ];
    let o = run(&events);
    assert_eq!(o.lines(), ["GET /late+ -> 200+", "GET /on+ -> 200+"]);
    let mut late = events.to_vec();
    late.insert(2, Event::Wait(900));
    assert_eq!(run(&late).lines()[0], "-> 200+ lone-response");
}
