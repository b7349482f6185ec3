//! Heads regular, tolerated and too long.

use crate::recorder::{c, run, s};
use weir_exchange::Anomaly;
use weir_wire::Account;

fn request(head: impl AsRef<[u8]>) -> (String, Vec<Anomaly>) {
    let o = run(&[c(head), s("HTTP/1.1 200 x\r\nContent-Length: 0\r\n\r\n")]);
    let x = o.recorder.seen.values().next().expect("an exchange").clone();
    (x.request.head, x.anomalies)
}

#[test]
fn forms_of_targets() {
    for target in ["/", "*", "http://h:8080/x?y#z", "/%E4%B8%AD?a=%00", "/中文"] {
        let (head, anomalies) = request(format!("OPTIONS {target} HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_eq!(head, format!("OPTIONS {target} 1|Host=h"));
        assert_eq!(anomalies, []);
    }
    assert_eq!(request("get / HTTP/1.0\r\n\r\n").0, "get / 0");
    assert_eq!(request("FROBNICATE /x HTTP/1.1\r\nHost: h\r\n\r\n").0, "FROBNICATE /x 1|Host=h");
}

#[test]
fn irregular_heads_are_read_and_noted() {
    for (head, want, anomaly) in [
        ("GET / HTTP/1.1\nHost: h\n\n", "GET / 1|Host=h", Anomaly::BareLf),
        (
            "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\tc\r\n\r\n",
            "GET / 1|Host=h|A=b\r\n\tc",
            Anomaly::FoldedHeader,
        ),
        ("GET / HTTP/1.1\r\nHost : h\r\n\r\n", "GET / 1|Host=h", Anomaly::SpaceBeforeColon),
        ("GET / HTTP/1.1\r\nHost: h\r\nnonsense\r\n\r\n", "GET / 1|Host=h", Anomaly::BadHeader),
        ("GET / HTTP/1.1\r\nHost: h\r\nA: \0\r\n\r\n", "GET / 1|Host=h|A=\0", Anomaly::ControlInHead),
        ("GET / HTTP/1.1\r\nA: h\r\n\r\n", "GET / 1|A=h", Anomaly::BadHost),
        ("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a b 1|Host=h", Anomaly::BadRequestLine),
        ("GET HTTP/1.1\r\nHost: h\r\n\r\n", "GET HTTP/1.1 1|Host=h", Anomaly::BadRequestLine),
        (
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
            "POST / 1|Host=h|Content-Length=-1",
            Anomaly::BadLength,
        ),
    ] {
        let (got, anomalies) = request(head);
        assert_eq!((got.as_str(), &anomalies[..]), (want, &[anomaly][..]));
    }
}

#[test]
fn long_heads() {
    let cookie = "c".repeat(20_000);
    let (head, anomalies) = request(format!("GET /{cookie} HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\n\r\n"));
    assert_eq!((head.len(), anomalies.len()), (40_000 + 22, 0));
    // Longer than the bound: the first part is kept and the next message is found.
    let text = format!(
        "GET /1 HTTP/1.1\r\nHost: h\r\nA: {}\r\nB: {}\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
        "x".repeat(60_000),
        "y".repeat(60_000)
    );
    for piece in [1_000, 70_000, 200_000] {
        let events: Vec<_> = text.as_bytes().chunks(piece).map(c).collect();
        let o = run(&events);
        let heads: Vec<_> = o
            .recorder
            .seen
            .values()
            .map(|x| (x.request.head.len(), x.anomalies.contains(&Anomaly::HeadTooLong)))
            .collect();
        assert_eq!(heads, [(15 + 60_003, true), (15, false)], "{piece}");
        assert_eq!(o.bytes(Account::MessageHead), text.len() as u64);
    }
}

#[test]
fn garbage_is_passed_over() {
    let get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    let o = run(&[
        c(get),
        c("\x01\x02 not http at all\r\n\r\n"),
        c(get),
        s("HTTP/1.1 200 x\r\nContent-Length: 0\r\n\r\n".repeat(2)),
    ]);
    assert_eq!(o.lines(), ["GET /a+ -> 200+", "GET /a+ -> 200+"]);
    assert_eq!(o.recorder.flow_anomalies, [Anomaly::Garbage]);
    assert_eq!(o.bytes(Account::MessageSkipped), 22);
}

#[test]
fn odd_status_lines() {
    for line in [
        "HTTP/1.1 200",
        "HTTP/1.1  200 OK",
        "HTTP/1.1 200 Fine Day",
        "http/1.1 200 OK",
        "HTTP/1.2 200 OK",
        "HTTP/1.1 200 \u{e9}t\u{e9}",
    ] {
        let o = run(&[
            c("GET /a HTTP/1.1\r\nHost: h\r\n\r\n"),
            s(format!("{line}\r\nContent-Length: 2\r\n\r\nok")),
        ]);
        assert_eq!(o.lines(), ["GET /a+ -> 200 \"ok\"+"], "{line}");
    }
}
