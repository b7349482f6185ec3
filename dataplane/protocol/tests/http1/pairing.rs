//! Which response answers which request.

use crate::recorder::{Event, c, run, run_from, s};
use weir_wire::{Account, EndReason, Side};

const GET: &str = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[test]
fn interim_responses() {
    let o = run(&[
        c("POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
        s("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
        c("hi"),
        s(OK),
    ]);
    assert_eq!(o.lines(), ["POST /a \"hi\"+ -> 200 \"ok\"+"]);
    assert_eq!(o.recorder.seen[&0].interim, [100, 103]);
}

#[test]
fn refused_continue() {
    let post = "POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n";
    let no = "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n";
    let o = run(&[c(post), s(no), c(GET), s(OK)]);
    assert_eq!(o.lines(), ["POST /a+ -> 417+", "GET /a+ -> 200 \"ok\"+"]);
    let o = run(&[c(post), s(no), c("GET is the first "), c("wor"), c(GET), s(OK)]);
    assert_eq!(o.lines(), ["POST /a \"GET is the first wor\"+ -> 417+", "GET /a+ -> 200 \"ok\"+"]);
    let o = run(&[c(post), s(no), Event::End(Side::Client, EndReason::Fin)]);
    assert_eq!(o.lines(), ["POST /a+ -> 417+"]);
}

#[test]
fn early_response() {
    let o = run(&[
        c("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nhi"),
        s(OK),
        c("ho"),
        c(GET),
        s(OK),
    ]);
    assert_eq!(o.lines(), ["POST /a \"hiho\"+ -> 200 \"ok\"+ early-response", "GET /a+ -> 200 \"ok\"+"]);
}

#[test]
fn pipelines_in_order_and_bounded() {
    let o = run(&[c(GET.repeat(3)), s(OK), s(OK.replace("200", "201")), s(OK.replace("200", "202"))]);
    assert_eq!(o.lines(), ["GET /a+ -> 200 \"ok\"+", "GET /a+ -> 201 \"ok\"+", "GET /a+ -> 202 \"ok\"+"]);
    let o = run(&[c(GET.repeat(258))]);
    assert_eq!(o.lines().len(), 258);
    assert_eq!(o.lines()[1], "GET /a+ ->  pipeline-too-long no-response");
    assert_eq!(o.lines()[2], "GET /a+ ->  no-response");
}

#[test]
fn lone_halves() {
    let o = run_from(false, &[s(OK.repeat(2))]);
    assert_eq!(o.lines(), ["-> 200 \"ok\"+ lone-response", "-> 200 \"ok\"+ lone-response"]);
    let o = run(&[s(OK), s(OK)]);
    assert_eq!(o.lines(), ["-> 200 \"ok\"+ lone-response", "-> 200 \"ok\"+ lone-response"]);
    let o = run(&[c(GET), Event::End(Side::Server, EndReason::Fin), c(GET)]);
    assert_eq!(o.lines(), ["GET /a+ ->  no-response", "GET /a+ ->  no-response"]);
    // A lone answer to a HEAD has no body, whatever it says.
    let o = run_from(false, &[s("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"), s(OK)]);
    assert_eq!(o.lines(), ["-> 200+ lone-response", "-> 200 \"ok\"+ lone-response"]);
}

#[test]
fn a_request_just_behind_its_response_is_paired() {
    let o = run(&[s(OK), c(GET), c(GET), s(OK)]);
    assert_eq!(o.lines(), ["GET /a+ -> 200 \"ok\"+", "GET /a+ -> 200 \"ok\"+"]);
    let o = run(&[c(GET), s(OK), s(OK), c(GET)]);
    assert_eq!(o.lines(), ["GET /a+ -> 200 \"ok\"+", "GET /a+ -> 200 \"ok\"+"]);
    let late = run(&[s(OK), Event::Wait(30), c(GET)]);
    assert_eq!(late.lines(), ["-> 200 \"ok\"+ lone-response", "GET /a+ ->  no-response"]);
    let timeout = run(&[s("HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n"), c(GET)]);
    assert_eq!(timeout.lines(), ["-> 408+ lone-response", "GET /a+ ->  no-response"]);
}

#[test]
fn upgrades_and_tunnels() {
    let up = "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    let o = run(&[c(up), s("HTTP/1.1 101 Switching\r\n\r\n\x01\x02"), c("\x01\x02\x03")]);
    assert_eq!(o.lines(), ["GET /ws+ -> 101+"]);
    assert!(o.shunted);
    assert_eq!(o.bytes(Account::MessageTunnelled), 5);
    let connect = "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n";
    let est = "HTTP/1.1 200 Established\r\nContent-Length: 9\r\n\r\n";
    let o = run(&[c(connect), s(est), c([22, 3, 1, 0, 5, 1, 0, 0, 0, 0]), s([22, 3, 3, 0, 1, 2])]);
    assert_eq!(o.lines(), ["CONNECT h:443+ -> 200+"]);
    assert_eq!(o.bytes(Account::MessageEncrypted), 16);
    let o = run(&[c(connect), s(est), c(GET), s(OK)]);
    assert_eq!(o.lines(), ["CONNECT h:443+ -> 200+", "GET /a+ -> 200 \"ok\"+"]);
    let o = run(&[c(connect), s("HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno"), c(connect), s(est)]);
    assert_eq!(o.lines(), ["CONNECT h:443+ -> 407 \"no\"+", "CONNECT h:443+ -> 200+"]);
}
