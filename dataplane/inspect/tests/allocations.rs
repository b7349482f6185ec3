//! Allocations of an exchange once everything that comes again was met: the bound of steady state.

#![allow(clippy::unwrap_used)]

use allocation_counter::measure;
use std::fmt::Write;
use std::sync::Arc;
use weir_exchange::{Exchange, Fingerprinter};
use weir_inspect::{Config, FlowExchanges, Inspector};
use weir_protocol::FlowParser;
use weir_rules::RuleSet;
use weir_wire::{EndReason, Endpoint, FlowMeta, Ledger, Side, StreamEvent, Timestamp};

/// Most allocations an exchange may cost in steady state, flows' own included.
const BOUND: f64 = 1.0;

const RESOURCES: [&str; 4] = ["orders", "customers", "invoices", "branches"];
const SEGMENT: usize = 1460;
const CALLS: usize = 8;

/// A body of `records` records; `n` makes its values differ from others.
fn json(n: usize, records: usize) -> String {
    let mut out =
        format!("{{\"code\":0,\"msg\":\"ok\",\"traceId\":\"{:016x}\",\"data\":{{\"list\":[", n * 7919);
    for i in 0..records {
        let comma = if i == 0 { "" } else { "," };
        write!(
            out,
            "{comma}{{\"id\":{},\"title\":\"订单 {i} north\",\"price\":{}.5,\"tags\":[\"a\",\"b\"],\"active\":true}}",
            n * 31 + i,
            n % 97
        )
        .unwrap();
    }
    out + "]}}"
}

/// Request and response number `call` of connection `n`.
fn messages(n: usize, call: usize) -> (Vec<u8>, Vec<u8>) {
    let (seed, resource) = (n * CALLS + call, RESOURCES[call % RESOURCES.len()]);
    let fields = format!(
        "Host: api.example.cn\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/124.0\r\nAccept: application/json, text/plain, */*\r\n\
         Accept-Language: zh-CN\r\nAuthorization: Bearer {n:032x}\r\nReferer: http://api.example.cn/app\r\nCookie: sid={n:024x}; theme=dark\r\n"
    );
    let request = match call % 2 {
        0 => format!("GET /api/v2/{resource}/{seed} HTTP/1.1\r\n{fields}\r\n"),
        _ => {
            let body = json(seed, 3);
            let length = body.len();
            format!(
                "POST /api/v2/{resource} HTTP/1.1\r\n{fields}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
            )
        }
    };
    let body = json(seed, 4 + seed % 9 * 4);
    let response = format!(
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Mon, 05 Jan 2026 08:00:{:02} GMT\r\nContent-Type: application/json; charset=utf-8\r\n\
         Cache-Control: no-store\r\nContent-Length: {}\r\n\r\n{body}",
        seed % 60,
        body.len()
    );
    (request.into_bytes(), response.into_bytes())
}

struct Flow {
    meta: FlowMeta,
    parser: FlowParser,
    exchanges: FlowExchanges,
}

fn flow(n: usize) -> Flow {
    let end = |last: u8, port| Endpoint { ip: [10, 0, 0, last].into(), port };
    let meta = FlowMeta {
        client: end(1, 1024 + n as u16),
        server: end(2, 80),
        vlan: None,
        vni: None,
        started: Timestamp::from_nanos(1),
        from_start: true,
    };
    Flow { meta, parser: FlowParser::new(&meta), exchanges: FlowExchanges::default() }
}

/// Plays connections `from` to `to`; returns the exchanges seen.
fn play(inspector: &mut Inspector, load: &[(Vec<u8>, Vec<u8>)], out: &mut Vec<Exchange>) -> usize {
    let mut ledger = Ledger::default();
    let time = Timestamp::from_nanos(2);
    let mut seen = 0;
    for (n, calls) in load.chunks(CALLS).enumerate() {
        let mut flow = flow(n);
        let mut tell = |event| {
            let mut sink = inspector.sink(|| flow.meta, &mut flow.exchanges, out);
            flow.parser.read(event, &mut sink, &mut ledger);
            drop(sink);
            seen += out.drain(..).count();
        };
        for (request, response) in calls {
            for (side, bytes) in [(Side::Client, request), (Side::Server, response)] {
                for bytes in bytes.chunks(SEGMENT) {
                    tell(StreamEvent::Data { side, time, bytes });
                }
            }
        }
        for side in [Side::Client, Side::Server] {
            tell(StreamEvent::End { side, time, reason: EndReason::Fin });
        }
    }
    seen
}

#[test]
fn a_known_exchange_hardly_allocates() {
    let rules = Arc::new(RuleSet::builtin().unwrap());
    let mut inspector = Inspector::new(rules, Fingerprinter::new([1; 16]), Config::default()).unwrap();
    let load = |from: usize| -> Vec<_> {
        (from..from + 20).flat_map(|n| (0..CALLS).map(move |call| messages(n, call))).collect()
    };
    let mut out = Vec::with_capacity(8);
    let warm = load(0);
    play(&mut inspector, &warm, &mut out);
    // The heads were met; identifiers and values are others.
    let other: Vec<_> = (0..20)
        .flat_map(|n| (0..CALLS).map(move |call| (n, call)))
        .map(|(n, call)| {
            let (request, _) = &warm[n * CALLS + call];
            (request.clone(), messages(n + 40, call).1)
        })
        .collect();
    let mut seen = 0;
    let counted = measure(|| seen = play(&mut inspector, &other, &mut out));
    assert_eq!(seen, 20 * CALLS);
    let each = counted.count_total as f64 / seen as f64;
    println!("{each:.2} allocations an exchange, {} bytes", counted.bytes_total / seen as u64);
    assert!(each <= BOUND, "{each:.2} allocations an exchange");
}
