//! Reading on behind losses.

use crate::recorder::{Event, c, run, run_from, s};
use weir_wire::{Account, Side};

const GET: &str = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const S: Side = Side::Server;
const C: Side = Side::Client;

#[test]
fn a_gap_inside_a_known_length_is_part_of_the_body() {
    let big = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab";
    let o = run(&[c(GET), s(big), Event::Gap(S, 6), s("yz"), c(GET), s(OK)]);
    assert_eq!(o.lines(), ["GET /a+ -> 200 \"abyz\" lost 6- gap", "GET /a+ -> 200 \"ok\"+"]);
    let o = run(&[c(GET), s(big), Event::Gap(S, 8), c(GET), s(OK)]);
    assert_eq!(o.lines(), ["GET /a+ -> 200 \"ab\" lost 8- gap", "GET /a+ -> 200 \"ok\"+"]);
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nab";
    let o = run(&[c(GET), s(chunked), Event::Gap(S, 6), s("yz\r\n0\r\n\r\n"), c(GET), s(OK)]);
    assert_eq!(o.lines(), ["GET /a+ -> 200 \"abyz\" lost 6- gap", "GET /a+ -> 200 \"ok\"+"]);
}

#[test]
fn a_gap_beyond_the_body_loses_responses() {
    let big = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab";
    // The second response's head is lost; its body's tail is passed over; the third is found.
    let o = run(&[c(GET), s(big), Event::Gap(S, 60), c(GET), s("tail of the second"), c(GET), s(OK)]);
    assert_eq!(
        o.lines(),
        ["GET /a+ -> 200 \"ab\" lost 8- gap", "GET /a+ ->  no-response", "GET /a+ -> 200 \"ok\"+"]
    );
    assert_eq!(o.bytes(Account::MessageSkipped), 18);
}

#[test]
fn a_gap_too_short_for_a_response_took_none_but_may_cut_one() {
    let big = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab";
    // Two line ends behind the body are lost with its end: the next response answers the next request.
    let o = run(&[c(GET), s(big), c(GET), Event::Gap(S, 10), s(OK), c(GET), s(OK)]);
    let whole = "GET /a+ -> 200 \"ok\"+";
    assert_eq!(o.lines(), ["GET /a+ -> 200 \"ab\" lost 8- gap", whole, whole]);
    // The front of the next response is lost, and with it that response.
    for gap in [1, 9] {
        let o = run(&[c(GET), s(OK), c(GET), Event::Gap(S, gap), s(&OK[gap as usize..]), c(GET), s(OK)]);
        assert_eq!(o.lines(), [whole, "GET /a+ ->  no-response", whole]);
    }
}

#[test]
fn lost_requests_leave_lone_responses() {
    let o = run(&[c(GET), s(OK), Event::Gap(C, 30), s(OK), c(GET), s(OK)]);
    assert_eq!(
        o.lines(),
        ["GET /a+ -> 200 \"ok\"+", "-> 200 \"ok\"+ lone-response", "GET /a+ -> 200 \"ok\"+"]
    );
}

#[test]
fn a_gap_in_a_head_keeps_its_start_line() {
    let o = run(&[
        c("GET /a HTTP/1.1\r\nHost: h\r\nCook"),
        Event::Gap(C, 100),
        c("rest\r\n\r\n"),
        s(OK),
        c(GET),
        s(OK),
    ]);
    assert_eq!(o.lines(), ["GET /a- -> 200 \"ok\"+ gap", "GET /a+ -> 200 \"ok\"+"]);
    let o = run(&[c(GET), s("HTTP/1.1 200 OK\r\nX"), Event::Gap(S, 10), s("body"), c(GET), s(OK)]);
    assert_eq!(o.lines(), ["GET /a+ -> 200- gap", "GET /a+ -> 200 \"ok\"+"]);
    let o = run(&[c(GET), s("HTT"), Event::Gap(S, 10), s("body"), c(GET), s(OK)]);
    assert_eq!(o.lines(), ["GET /a+ ->  no-response", "GET /a+ -> 200 \"ok\"+"]);
}

#[test]
fn picked_up_in_the_middle() {
    let o = run_from(false, &[s("middle of a large body,"), s(" its end"), c(GET), s(OK), c(GET), s(OK)]);
    assert_eq!(o.lines(), ["GET /a+ -> 200 \"ok\"+", "GET /a+ -> 200 \"ok\"+"]);
    assert_eq!(o.bytes(Account::MessageSkipped), 31);
    let o = run_from(false, &[c("\"tail\":1}"), s(OK), c(GET), s(OK)]);
    assert_eq!(o.lines(), ["-> 200 \"ok\"+ lone-response", "GET /a+ -> 200 \"ok\"+"]);
    // The roles were guessed wrong: the messages tell.
    let o = run_from(false, &[s(GET), c(OK)]);
    assert_eq!(o.lines(), ["GET /a+ -> 200 \"ok\"+"]);
    // A long request line over two segments.
    let long = format!("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", "x".repeat(3000));
    let o = run_from(false, &[c(&long[..1400]), c(&long[1400..2800]), c(&long[2800..]), s(OK)]);
    assert_eq!(o.lines().len(), 1);
    assert_eq!(o.bytes(Account::MessageSkipped), 0);
}

#[test]
fn loss_around_broken_chunks() {
    let bad = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nnonsense";
    let o = run(&[c(GET), s(bad), c(GET), s(OK)]);
    assert_eq!(o.lines(), ["GET /a+ -> 200 \"abc\"- bad-chunk", "GET /a+ -> 200 \"ok\"+"]);
}

/// Reassembly holds what lies behind a hole of one direction while the other goes on.
#[test]
fn requests_held_back_by_a_gap_find_their_responses() {
    let get = |n: u32| c(format!("GET /{n} HTTP/1.1\r\nHost: h\r\n\r\n"));
    let ok = |n: u32| s(format!("HTTP/1.1 20{n} OK\r\nContent-Length: 0\r\n\r\n"));
    // The second request is lost; third and fourth come with the gap, all at once.
    let burst = c("GET /3 HTTP/1.1\r\nHost: h\r\n\r\nGET /4 HTTP/1.1\r\nHost: h\r\n\r\n");
    let o =
        run(&[get(1), ok(1), ok(2), ok(3), ok(4), Event::Wait(300), Event::Gap(C, 40), burst, get(5), ok(5)]);
    let mut lines = o.lines();
    lines.sort();
    let want =
        ["-> 202+ lone-response", "GET /1+ -> 201+", "GET /3+ -> 203+", "GET /4+ -> 204+", "GET /5+ -> 205+"];
    assert_eq!(lines, want);
}

#[test]
fn responses_held_back_by_a_gap_find_their_requests() {
    let get = |n: u32| c(format!("GET /{n} HTTP/1.1\r\nHost: h\r\n\r\n"));
    let ok = |n: u32| format!("HTTP/1.1 20{n} OK\r\nContent-Length: 0\r\n\r\n");
    let (first, burst) = (s(ok(1)), s(format!("{}{}", ok(3), ok(4))));
    let o = run(&[
        get(1),
        first,
        get(2),
        get(3),
        get(4),
        Event::Wait(300),
        Event::Gap(S, 40),
        burst,
        get(5),
        s(ok(5)),
    ]);
    let want = [
        "GET /1+ -> 201+",
        "GET /2+ ->  no-response",
        "GET /3+ -> 203+",
        "GET /4+ -> 204+",
        "GET /5+ -> 205+",
    ];
    assert_eq!(o.lines(), want);
}
