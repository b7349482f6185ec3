//! Messages with any headers and bodies, in any pieces. No panic, every body booked once, bounded records.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock, Mutex};
use weir_exchange::{Fingerprinter, Protocol, Scheme};
use weir_inspect::{Config, FlowExchanges, Inspector};
use weir_protocol::{Half, Header, MessageSink, RequestHead, ResponseHead};
use weir_rules::RuleSet;
use weir_wire::{Endpoint, FlowMeta, Layer, Ledger, Side, Timestamp};

static INSPECTOR: LazyLock<Mutex<Inspector>> = LazyLock::new(|| {
    let rules = Arc::new(RuleSet::builtin().expect("the built-in packs"));
    Mutex::new(Inspector::new(rules, Fingerprinter::new([7; 16]), Config::default()).expect("an inspector"))
});

const TYPES: [&str; 12] = [
    "application/json", "application/json; charset=gbk", "text/html", "application/xml", "text/csv", "text/plain; charset=utf-16le",
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/soap+xml", "application/octet-stream", "image/png", "",
];
const CODINGS: [&str; 6] = ["", "gzip", "deflate", "br", "zstd", "gzip, br"];

fuzz_target!(|data: &[u8]| {
    let [kind, coding, step, cut, rest @ ..] = data else { return };
    let (head, body) = rest.split_at(rest.len().min(usize::from(*cut)));
    let (target, value) = head.split_at(head.len() / 2);
    let mut inspector = INSPECTOR.lock().expect("one thread");
    let end = |ip: u8, port| Endpoint { ip: [10, 0, 0, ip].into(), port };
    let meta = FlowMeta { client: end(1, 40_000), server: end(2, 80), vlan: None, vni: None, started: Timestamp::from_nanos(1), from_start: true };
    let (mut state, mut out, mut ledger) = (FlowExchanges::default(), Vec::new(), Ledger::default());
    let time = Timestamp::from_nanos(2);
    let content = [
        Header { name: b"Content-Type", value: TYPES[usize::from(*kind) % TYPES.len()].as_bytes() },
        Header { name: b"Content-Encoding", value: CODINGS[usize::from(*coding) % CODINGS.len()].as_bytes() },
        Header { name: b"Cookie", value },
        Header { name: b"Authorization", value },
        Header { name: b"Set-Cookie", value },
    ];
    {
        let mut sink = inspector.sink(|| meta, &mut state, &mut out);
        sink.request(&RequestHead { exchange: 0, side: Side::Client, time, method: b"POST", target, protocol: Protocol::Http11, scheme: Scheme::Http, headers: &content });
        for piece in body.chunks(usize::from(*step) * 8 + 1) {
            sink.body(0, Half::Request, piece);
        }
        sink.end(0, Half::Request, time, true, &mut ledger);
        sink.response(&ResponseHead { exchange: 0, side: Side::Server, time, protocol: Protocol::Http11, scheme: Scheme::Http, status: 200, headers: &content });
        for piece in body.chunks(usize::from(*step) + 1) {
            sink.body(0, Half::Response, piece);
        }
        sink.end(0, Half::Response, time, kind & 1 == 0, &mut ledger);
        sink.done(0, time, &mut ledger);
    }
    assert_eq!(out.len(), 1);
    assert_eq!(ledger.total(Layer::Body), ledger.bodies);
    for d in &out[0].data {
        assert!(d.values.len() <= 64);
    }
});
