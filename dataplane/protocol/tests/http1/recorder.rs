//! Feeds events to a flow parser and writes down what it reports, checking the promises of `MessageSink` on the way.

use std::collections::BTreeMap;
use std::fmt::Write;
use weir_exchange::{Anomaly, Protocol};
use weir_protocol::{ExchangeNumber, FlowParser, Half, MessageSink, Next, RequestHead, ResponseHead};
use weir_wire::{Account, EndReason, Endpoint, FlowMeta, Layer, Ledger, Side, StreamEvent, Timestamp};

/// One half as reported.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct HalfSeen {
    pub head: String,
    pub body: Vec<u8>,
    pub lost: u64,
    pub complete: Option<bool>,
}

/// One exchange as reported.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Seen {
    pub request: HalfSeen,
    pub response: HalfSeen,
    pub interim: Vec<u16>,
    pub trailers: Vec<String>,
    pub anomalies: Vec<Anomaly>,
    pub done: bool,
}

/// A sink that checks and keeps everything.
#[derive(Default)]
pub struct Recorder {
    pub seen: BTreeMap<ExchangeNumber, Seen>,
    pub flow_anomalies: Vec<Anomaly>,
    pub order: Vec<ExchangeNumber>,
}

impl Recorder {
    fn half(&mut self, n: ExchangeNumber, half: Half) -> &mut HalfSeen {
        let seen = self.seen.get_mut(&n).expect("a head comes first");
        assert!(!seen.done, "nothing comes after done");
        let half = if half == Half::Request { &mut seen.request } else { &mut seen.response };
        assert!(!half.head.is_empty(), "the half's head comes first");
        assert_eq!(half.complete, None, "nothing comes after the end of a half");
        half
    }
}

fn fields(headers: &[weir_protocol::Header<'_>]) -> String {
    headers.iter().fold(String::new(), |mut s, h| {
        let (n, v) = (String::from_utf8_lossy(h.name), String::from_utf8_lossy(h.value));
        write!(s, "|{n}={v}").expect("a string takes text");
        s
    })
}

impl MessageSink for Recorder {
    fn request(&mut self, h: &RequestHead<'_>) {
        let (m, t) = (String::from_utf8_lossy(h.method), String::from_utf8_lossy(h.target));
        let seen = self.seen.entry(h.exchange).or_default();
        assert!(seen.request.head.is_empty() && !seen.done);
        seen.request.head =
            format!("{m} {t} {}{}", u8::from(h.protocol != Protocol::Http10), fields(h.headers));
    }
    fn response(&mut self, h: &ResponseHead<'_>) {
        let seen = self.seen.entry(h.exchange).or_default();
        assert!(seen.response.head.is_empty() && !seen.done);
        seen.response.head =
            format!("{} {}{}", h.status, u8::from(h.protocol != Protocol::Http10), fields(h.headers));
    }
    fn interim(&mut self, n: ExchangeNumber, status: u16, _: Timestamp) {
        self.seen.get_mut(&n).expect("known").interim.push(status);
    }
    fn body(&mut self, n: ExchangeNumber, half: Half, bytes: &[u8]) {
        assert!(!bytes.is_empty());
        self.half(n, half).body.extend_from_slice(bytes);
    }
    fn body_gap(&mut self, n: ExchangeNumber, half: Half, len: u64) {
        self.half(n, half).lost += len;
    }
    fn trailers(&mut self, n: ExchangeNumber, half: Half, headers: &[weir_protocol::Header<'_>]) {
        self.half(n, half);
        self.seen.get_mut(&n).expect("known").trailers.push(fields(headers));
    }
    fn end(&mut self, n: ExchangeNumber, half: Half, _: Timestamp, complete: bool, _: &mut Ledger) {
        self.half(n, half).complete = Some(complete);
    }
    fn anomaly(&mut self, n: Option<ExchangeNumber>, anomaly: Anomaly) {
        let Some(n) = n else { return self.flow_anomalies.push(anomaly) };
        let seen = self.seen.get_mut(&n).expect("a head comes before its anomalies");
        assert!(!seen.done, "no anomaly after done");
        seen.anomalies.push(anomaly);
    }
    fn done(&mut self, n: ExchangeNumber, _: Timestamp, _: &mut Ledger) {
        let seen = self.seen.get_mut(&n).expect("known");
        assert!(!seen.done, "done comes once");
        for half in [&seen.request, &seen.response] {
            assert_eq!(half.head.is_empty(), half.complete.is_none(), "a half begun has ended: {seen:?}");
        }
        seen.done = true;
        self.order.push(n);
    }
}

/// What happens on a flow.
#[derive(Clone, Debug)]
pub enum Event {
    C(Vec<u8>),
    S(Vec<u8>),
    /// Bytes lost.
    Gap(Side, u32),
    End(Side, EndReason),
    /// Milliseconds pass.
    Wait(u64),
}

/// Bytes of the client.
pub fn c(bytes: impl AsRef<[u8]>) -> Event {
    Event::C(bytes.as_ref().to_vec())
}

/// Bytes of the server.
pub fn s(bytes: impl AsRef<[u8]>) -> Event {
    Event::S(bytes.as_ref().to_vec())
}

/// The result of a flow.
pub struct Outcome {
    pub recorder: Recorder,
    pub ledger: Ledger,
    pub shunted: bool,
}

impl Outcome {
    /// Bytes of an account.
    pub fn bytes(&self, account: Account) -> u64 {
        self.ledger.entry(account).bytes
    }
    /// One line an exchange: `GET /x -> 200 "body"`, `+` where complete, anomalies behind.
    pub fn lines(&self) -> Vec<String> {
        let start = |h: &HalfSeen, n| {
            let head: Vec<_> = h.head.split('|').next().unwrap_or_default().split(' ').take(n).collect();
            let body = if h.body.is_empty() {
                String::new()
            } else {
                format!(" {:?}", String::from_utf8_lossy(&h.body))
            };
            let lost = if h.lost == 0 { String::new() } else { format!(" lost {}", h.lost) };
            let mark = match h.complete {
                Some(true) => "+",
                Some(false) => "-",
                None => "",
            };
            format!("{}{body}{lost}{mark}", head.join(" "))
        };
        let line = |x: &Seen| {
            let keys: Vec<_> = x.anomalies.iter().map(|a| a.key()).collect();
            let text = format!("{} -> {} {}", start(&x.request, 2), start(&x.response, 1), keys.join(" "));
            text.trim().to_owned()
        };
        self.recorder.seen.values().map(line).collect()
    }
}

fn meta(from_start: bool) -> FlowMeta {
    let end = |port| Endpoint { ip: [192, 0, 2, 1].into(), port };
    let started = Timestamp::from_nanos(0);
    FlowMeta { client: end(40_000), server: end(8080), vlan: None, vni: None, started, from_start }
}

/// Runs a flow; directions not ended by an event end with the capture.
pub fn run_from(from_start: bool, events: &[Event]) -> Outcome {
    let (mut parser, mut recorder, mut ledger) =
        (FlowParser::new(&meta(from_start)), Recorder::default(), Ledger::default());
    let (mut now, mut fed, mut shunted, mut open) = (1_000u64, 0u64, false, vec![Side::Client, Side::Server]);
    let ends = [Side::Client, Side::Server].map(|side| Event::End(side, EndReason::CaptureEnd));
    for event in events.iter().chain(&ends) {
        now += 1;
        let time = Timestamp::from_secs_nanos(0, now * 1_000_000);
        let event = match event {
            Event::Wait(ms) => {
                now += ms;
                continue;
            }
            Event::C(bytes) => StreamEvent::Data { side: Side::Client, time, bytes },
            Event::S(bytes) => StreamEvent::Data { side: Side::Server, time, bytes },
            Event::Gap(side, len) => StreamEvent::Gap { side: *side, time, len: *len },
            Event::End(side, reason) => {
                if !open.contains(side) {
                    continue;
                }
                open.retain(|s| s != side);
                StreamEvent::End { side: *side, time, reason: *reason }
            }
        };
        if let StreamEvent::Data { bytes, .. } = event {
            if bytes.is_empty() {
                continue;
            }
            fed += bytes.len() as u64;
        }
        shunted |= parser.read(event, &mut recorder, &mut ledger) == Next::Shunt;
        assert!(!shunted || recorder.seen.values().all(|x| x.done), "a shunted flow has no open exchange");
    }
    assert!(recorder.seen.values().all(|x| x.done), "every exchange is done: {:?}", recorder.seen);
    assert_eq!(ledger.total(Layer::Message).bytes, fed, "every byte is booked once");
    Outcome { recorder, ledger, shunted }
}

/// Runs a flow seen from its start.
pub fn run(events: &[Event]) -> Outcome {
    run_from(true, events)
}
