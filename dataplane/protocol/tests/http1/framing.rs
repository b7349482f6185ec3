//! Where messages end.

use crate::recorder::{Event, c, run, s};
use weir_wire::{Account, EndReason, Side};

const GET: &str = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

/// A GET and this response, then the server's FIN; the only line.
fn answered(response: &str) -> String {
    let o = run(&[c(GET), s(response), Event::End(Side::Server, EndReason::Fin)]);
    assert_eq!(o.lines().len(), 1, "{:?}", o.lines());
    o.lines().remove(0)
}

#[test]
fn lengths() {
    assert_eq!(answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), "GET /a+ -> 200 \"hello\"+");
    assert_eq!(answered("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), "GET /a+ -> 200+");
    assert_eq!(answered("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"), "GET /a+ -> 200 \"hello\"-");
    assert_eq!(
        answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        "GET /a+ -> 200 \"hello\"+ conflicting-content-length"
    );
    assert_eq!(
        answered("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello"),
        "GET /a+ -> 200 \"hello\"+ bad-content-length"
    );
}

#[test]
fn close_delimited() {
    assert_eq!(answered("HTTP/1.0 200 OK\r\n\r\nhello"), "GET /a+ -> 200 \"hello\"+");
    assert_eq!(answered("HTTP/1.1 200\r\nConnection: close\r\n\r\nhello"), "GET /a+ -> 200 \"hello\"+");
    let o = run(&[c(GET), s("HTTP/1.0 200 OK\r\n\r\nhello"), Event::End(Side::Server, EndReason::Reset)]);
    assert_eq!(o.lines(), ["GET /a+ -> 200 \"hello\"-"]);
    // No length, and yet the connection goes on.
    let o = run(&[
        c(GET),
        s("HTTP/1.1 200 OK\r\n\r\n"),
        c(GET),
        s("HTTP/1.1 201 OK\r\nContent-Length: 0\r\n\r\n"),
    ]);
    assert_eq!(o.lines(), ["GET /a+ -> 200+", "GET /a+ -> 201+"]);
}

#[test]
fn no_body() {
    for status in [204, 304] {
        let o = run(&[
            c(GET),
            s(format!("HTTP/1.1 {status} x\r\nContent-Length: 7\r\n\r\n")),
            c(GET),
            s("HTTP/1.1 200 x\r\nContent-Length: 0\r\n\r\n"),
        ]);
        assert_eq!(o.lines(), [format!("GET /a+ -> {status}+"), "GET /a+ -> 200+".into()]);
    }
    let head = "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n";
    let o = run(&[
        c(head),
        s("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n"),
        c(head),
        s("HTTP/1.1 200 x\r\nContent-Length: 7\r\n\r\nillegal"),
    ]);
    assert_eq!(o.lines(), ["HEAD /a+ -> 200+", "HEAD /a+ -> 200+"]);
    assert_eq!(o.recorder.flow_anomalies.iter().map(|a| a.key()).collect::<Vec<_>>(), ["unexpected-body"]);
    assert_eq!(o.bytes(Account::MessageSkipped), 7);
}

#[test]
fn chunks() {
    let h = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let good = format!("{h}5;x=y\r\nhello\r\n6 \r\n world\r\n0\r\nDigest: z\r\n\r\n");
    assert_eq!(answered(&good), "GET /a+ -> 200 \"hello world\"+");
    assert_eq!(answered(&format!("{h}5\nhello\n0\n\n")), "GET /a+ -> 200 \"hello\"+ bare-lf");
    assert_eq!(answered(&format!("{h}5\r\nhello\r\n0\r\n")), "GET /a+ -> 200 \"hello\"+");
    assert_eq!(answered(&format!("{h}5\r\nhello\r\n")), "GET /a+ -> 200 \"hello\"-");
    assert_eq!(answered(&format!("{h}5\r\nhello\r\nzz\r\n")), "GET /a+ -> 200 \"hello\"- bad-chunk");
    let both =
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
    assert_eq!(answered(both), "GET /a+ -> 200 \"x\"+ content-length-and-transfer-encoding");
    let gzip = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
    assert_eq!(answered(gzip), "GET /a+ -> 200 \"x\"+ bad-transfer-encoding");
    let identity = "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx";
    assert_eq!(answered(identity), "GET /a+ -> 200 \"x\"+ bad-transfer-encoding");
}

#[test]
fn request_bodies() {
    let o = run(&[
        c(
            "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhiPUT /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
        ),
        c("2\r\nyo\r\n0\r\n\r\n\r\n\r\nGET /c HTTP/1.1\r\nHost: h\r\n\r\n"),
        s(
            "HTTP/1.1 200 x\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 201 x\r\nContent-Length: 1\r\n\r\n2HTTP/1.1 202 x\r\nContent-Length: 1\r\n\r\n3",
        ),
    ]);
    assert_eq!(
        o.lines(),
        ["POST /a \"hi\"+ -> 200 \"1\"+", "PUT /b \"yo\"+ -> 201 \"2\"+", "GET /c+ -> 202 \"3\"+"]
    );
    assert_eq!(o.bytes(Account::MessageBody), 7);
}

#[test]
fn unfinished_head_is_booked() {
    let cut = || c(&GET[..GET.len() - 2]);
    let o = run(&[cut(), Event::End(Side::Client, EndReason::Fin)]);
    assert_eq!(o.lines().len(), 0);
    assert_eq!(o.bytes(Account::MessageUnfinished), GET.len() as u64 - 2);
    // Where the sender did not end it, its rest was not seen.
    let o = run(&[cut()]);
    assert_eq!(o.lines(), ["GET /a- ->  no-response"]);
    assert_eq!(o.bytes(Account::MessageHead), GET.len() as u64 - 2);
    let o = run(&[c("GET /a HT")]);
    assert_eq!((o.lines().len(), o.bytes(Account::MessageUnfinished)), (0, 9));
}
