//! Bodies made to be long, deep or to grow: memory stays as it is, time stays in proportion, and each is booked once.

use crate::stage::{at, flow, inspector};
use allocation_counter::measure;
use std::time::{Duration, Instant};
use weir_exchange::{Exchange, Protocol, Scheme, SignalFamily};
use weir_inspect::{Config, FlowExchanges};
use weir_protocol::{Half, Header, MessageSink, RequestHead, ResponseHead};
use weir_rules::RuleSet;
use weir_wire::{Account, Ledger, Side};

/// Bytes given at a time, as segments of a fast flow come.
const PIECE: usize = 64 << 10;
/// Most bytes that one body may hold in memory at once, whatever its length.
const MEMORY: u64 = 8 << 20;
/// Most time a body of 32 MiB may take in a build without optimisation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Feeds a body in pieces: `head`, then `middle` until `bytes` are reached, then `tail`. Gives the record, the account of the
/// body and the most bytes held at once while it was read.
#[allow(clippy::disallowed_methods, reason = "that hostile bytes take no time is what is tried")]
fn fed(media: &str, head: &[u8], middle: &[u8], tail: &[u8], bytes: usize) -> (Exchange, Account, u64) {
    let mut i = inspector(Config::default());
    let (flow, mut state, mut out, mut ledger) =
        (flow(), FlowExchanges::default(), Vec::new(), Ledger::default());
    let stretch = middle.repeat((PIECE / middle.len()).max(1));
    let started = Instant::now();
    let used = measure(|| {
        let mut sink = i.sink(|| flow, &mut state, &mut out);
        sink.request(&RequestHead {
            exchange: 0,
            side: Side::Client,
            time: at(2),
            method: b"GET",
            target: b"/big",
            protocol: Protocol::Http11,
            scheme: Scheme::Http,
            headers: &[],
        });
        sink.end(0, Half::Request, at(3), true, &mut ledger);
        let headers = [Header { name: b"Content-Type", value: media.as_bytes() }];
        let (side, time) = (Side::Server, at(4));
        sink.response(&ResponseHead {
            exchange: 0,
            side,
            time,
            protocol: Protocol::Http11,
            scheme: Scheme::Http,
            status: 200,
            headers: &headers,
        });
        sink.body(0, Half::Response, head);
        for _ in 0..bytes / stretch.len() {
            sink.body(0, Half::Response, &stretch);
        }
        sink.body(0, Half::Response, tail);
        sink.end(0, Half::Response, at(5), true, &mut ledger);
        sink.done(0, at(6), &mut ledger);
    });
    assert!(started.elapsed() < PATIENCE.max(Duration::from_nanos(bytes as u64 * 400)), "{media}");
    assert!(ledger.balanced());
    let account = Account::ALL.iter().find(|a| a.key().starts_with("body:") && ledger.entry(**a).count == 1);
    (out.pop().unwrap(), *account.unwrap(), used.bytes_max)
}

/// How often a type was found.
fn count(x: &Exchange, id: &str) -> u32 {
    let ty = RuleSet::builtin().unwrap().catalogue().find(id);
    x.data.iter().filter(|d| Some(d.data_type) == ty).map(|d| d.count).sum()
}

const RECORD: &[u8] =
    br#"{"id":70019283,"title":"order north","price":5.25,"tags":["a","b"],"active":true},"#;
const LAST: &[u8] = br#"{"mobile":"13812345678"}]}"#;

/// One line of JSON of any length is read as it comes, and not kept.
#[test]
fn one_line_of_32_mib_is_read_as_it_comes() {
    let (x, account, most) = fed("application/json", b"{\"list\":[", RECORD, LAST, 32 << 20);
    assert_eq!(account, Account::BodyScanned, "{account:?}");
    assert!(most < MEMORY, "{most} bytes at once");
    assert_eq!(count(&x, "cn_mobile"), 1, "the last record of the line");
}

/// The same of 1 GiB: `cargo test --release -p weir-inspect --test inspect -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes without optimisation"]
#[allow(clippy::disallowed_methods, reason = "a measurement")]
fn one_line_of_1_gib_is_read_as_it_comes() {
    let started = Instant::now();
    let (x, account, most) = fed("application/json", b"{\"list\":[", RECORD, LAST, 1 << 30);
    println!("1 GiB: {:?}, at most {most} bytes at once, {account:?}", started.elapsed());
    assert!(most < MEMORY, "{most} bytes at once");
    assert_eq!(count(&x, "cn_mobile"), 1);
}

/// One string without an end, one number, one name: no part of a body must be kept until it is over.
#[test]
fn parts_without_an_end() {
    for (head, middle) in [
        (&b"{\"a\":\""[..], &b"abcdefgh"[..]),
        (b"{\"a\":", b"1"),
        (b"{\"", b"name"),
        (b"{\"a\":\"", b"\\u4e2d"),
        (b"", b" "),
        (b"[", b"[],"),
    ] {
        let (_, _, most) = fed("application/json", head, middle, b"", 16 << 20);
        assert!(most < MEMORY, "{} {most}", String::from_utf8_lossy(middle));
    }
    for (media, middle) in [
        ("text/xml", &b"<a b='c'>"[..]),
        ("text/xml", b"<"),
        ("text/html", b"<td>x"),
        ("text/csv", b"a,"),
        ("application/x-www-form-urlencoded", b"a=b&"),
        ("application/x-ndjson", b"{\"a\":1}\n"),
        ("text/event-stream", b"data: x"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n"),
    ] {
        let (_, _, most) = fed(media, b"", middle, b"", 8 << 20);
        assert!(most < MEMORY, "{media} {most}");
    }
}

/// Depth costs nothing beyond the bound, and what stands behind it is still read.
#[test]
fn depth_is_bounded() {
    for (media, open) in [
        ("application/json", &b"["[..]),
        ("application/json", b"{\"a\":"),
        ("application/json", b"[{\"a\":["),
        ("application/xml", b"<a>"),
        ("text/html", b"<table><tr><td>"),
    ] {
        let (_, account, most) = fed(media, b"", open, b"", 4 << 20);
        assert!(most < MEMORY, "{media} {most}");
        assert!(matches!(account, Account::BodyScanned | Account::BodyInPart), "{media} {account:?}");
    }
    let deep = b"[".repeat(200_000);
    let (x, _, _) = fed("application/json", &deep, b" ", b"\"13812345678\"", 1 << 16);
    assert_eq!(count(&x, "cn_mobile"), 1, "beyond the bound on depth");
}

/// Entities are never expanded: a billion laughs are as long as they are written, and told as an attack where they are sent.
#[test]
fn a_billion_laughs_are_not_told_twice() {
    let mut text = String::from("<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol0 \"13812345678 \">");
    for n in 1..30 {
        text += &format!("<!ENTITY lol{n} \"{}\">", format!("&lol{};", n - 1).repeat(10));
    }
    text += "]><lolz>";
    let (x, account, most) =
        fed("application/xml", text.as_bytes(), b"&lol29;", b"<phone>13912345678</phone></lolz>", 1 << 20);
    assert_eq!(account, Account::BodyScanned);
    assert!(most < MEMORY, "{most}");
    assert!((1..=2).contains(&count(&x, "cn_mobile")), "{}", count(&x, "cn_mobile"));
    let rules = RuleSet::builtin().unwrap();
    let known = |f: SignalFamily| rules.catalogue().signals.iter().any(|s| s.family == f);
    assert!(known(SignalFamily::AttackPayload));
}
