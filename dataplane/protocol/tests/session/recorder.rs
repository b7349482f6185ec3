//! A sink that writes everything down, one line an exchange, and checks the promises of `MessageSink`.

use std::collections::BTreeMap;
use weir_exchange::{Anomaly, Reading, Shown};
use weir_protocol::{
    ExchangeNumber, Expectation, FlowParser, Half, MessageSink, Next, RequestHead, ResponseHead,
};
use weir_wire::{Account, EndReason, Endpoint, FlowMeta, Layer, Ledger, Side, StreamEvent, Timestamp};

#[derive(Default)]
struct Seen {
    heads: [String; 2],
    bodies: [Vec<u8>; 2],
    ended: [bool; 2],
    notes: String,
    complete: bool,
}

/// What a flow reported.
#[derive(Default)]
pub struct Recorder {
    open: BTreeMap<ExchangeNumber, Seen>,
    /// Exchanges that are over.
    pub done: Vec<String>,
    pub expected: Vec<Expectation>,
    /// Connections told of as a whole.
    pub connections: Vec<(Side, Shown, Reading)>,
}

impl Recorder {
    fn half(&mut self, n: ExchangeNumber, half: Half) -> &mut Seen {
        let seen = self.open.get_mut(&n).expect("begun");
        assert!(!seen.heads[half as usize].is_empty() && !seen.ended[half as usize]);
        seen
    }
}

impl MessageSink for Recorder {
    fn request(&mut self, h: &RequestHead<'_>) {
        let seen = self.open.entry(h.exchange).or_default();
        assert!(seen.heads[0].is_empty());
        seen.complete = true;
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        seen.heads[0] = format!("{} {}", text(h.method), text(h.target));
    }
    fn response(&mut self, h: &ResponseHead<'_>) {
        let seen = self.open.entry(h.exchange).or_default();
        assert!(seen.heads[1].is_empty());
        seen.heads[1] = h.status.to_string();
    }
    fn body(&mut self, n: ExchangeNumber, half: Half, bytes: &[u8]) {
        assert!(!bytes.is_empty());
        self.half(n, half).bodies[half as usize].extend_from_slice(bytes);
    }
    fn body_gap(&mut self, n: ExchangeNumber, half: Half, _: u64) {
        self.half(n, half);
    }
    fn end(&mut self, n: ExchangeNumber, half: Half, _: Timestamp, complete: bool, _: &mut Ledger) {
        let seen = self.half(n, half);
        seen.ended[half as usize] = true;
        seen.complete &= complete;
    }
    fn login(&mut self, n: ExchangeNumber, account: &[u8], password: &[u8]) {
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        self.half(n, Half::Request).notes += &format!(" login {}/{}", text(account), text(password));
    }
    fn account(&mut self, n: ExchangeNumber, account: &[u8]) {
        self.half(n, Half::Request).notes += &format!(" as {}", String::from_utf8_lossy(account));
    }
    fn expect(&mut self, expectation: Expectation) {
        self.expected.push(expectation);
    }
    fn connection(&mut self, client: Side, began: Timestamp, now: Timestamp, shown: Shown, reading: Reading) {
        assert!(began <= now);
        self.connections.push((client, shown, reading));
    }
    fn anomaly(&mut self, n: Option<ExchangeNumber>, _: Anomaly) {
        assert!(n.is_none_or(|n| self.open.contains_key(&n)));
    }
    fn done(&mut self, n: ExchangeNumber, _: Timestamp, _: &mut Ledger) {
        let seen = self.open.remove(&n).expect("begun");
        for half in 0..2 {
            assert_eq!(seen.heads[half].is_empty(), !seen.ended[half], "a half begun has ended");
        }
        let [asked, answered] = seen.bodies.map(|b| String::from_utf8_lossy(&b).into_owned());
        let body = |b: String| if b.is_empty() { b } else { format!(" <{b}>") };
        let cut = if seen.complete { "" } else { " cut" };
        self.done.push(format!(
            "{}{}{} -> {}{}{cut}",
            seen.heads[0],
            seen.notes,
            body(asked),
            seen.heads[1],
            body(answered)
        ));
    }
}

/// A flow under test.
pub struct Fed {
    pub parser: FlowParser,
    pub seen: Recorder,
    pub ledger: Ledger,
    pub shunted: bool,
    bytes: u64,
}

impl Fed {
    pub fn new() -> Self {
        let end = |ip: u8, port| Endpoint { ip: [10, 0, 0, ip].into(), port };
        let meta = FlowMeta {
            client: end(1, 40_000),
            server: end(2, 2_000),
            vlan: None,
            vni: None,
            started: Timestamp::from_nanos(1),
            from_start: true,
        };
        Fed::with(FlowParser::new(&meta))
    }
    pub fn with(parser: FlowParser) -> Self {
        Fed { parser, seen: Recorder::default(), ledger: Ledger::default(), shunted: false, bytes: 0 }
    }
    pub fn event(&mut self, event: StreamEvent<'_>) {
        if let StreamEvent::Data { bytes, .. } = event {
            self.bytes += bytes.len() as u64;
        }
        self.shunted |= self.parser.read(event, &mut self.seen, &mut self.ledger) == Next::Shunt;
    }
    pub fn data(&mut self, side: Side, bytes: &[u8]) {
        self.event(StreamEvent::Data { side, time: Timestamp::from_nanos(5), bytes });
    }
    pub fn gap(&mut self, side: Side) {
        self.event(StreamEvent::Gap { side, time: Timestamp::from_nanos(5), len: 100 });
    }
    /// Ends both directions; every byte is booked once and every exchange over.
    pub fn finish(mut self) -> Self {
        for side in [Side::Client, Side::Server] {
            self.event(StreamEvent::End { side, time: Timestamp::from_nanos(9), reason: EndReason::Fin });
        }
        assert!(self.seen.open.is_empty(), "every exchange begun is done");
        assert_eq!(self.ledger.total(Layer::Message).bytes, self.bytes);
        self
    }
    pub fn booked(&self, account: Account) -> u64 {
        self.ledger.entry(account).bytes
    }
}

/// Feeds turns of a conversation, each in pieces of at most `piece` bytes.
pub fn talk(turns: &[(Side, &[u8])], piece: usize) -> Fed {
    let mut fed = Fed::new();
    for (side, bytes) in turns {
        bytes.chunks(piece).for_each(|b| fed.data(*side, b));
    }
    fed.finish()
}

/// The exchanges of a conversation, which are the same however it is cut.
pub fn cut_anywhere(turns: &[(Side, &[u8])]) -> Vec<String> {
    let whole = talk(turns, usize::MAX).seen.done;
    for piece in [1, 2, 3, 5, 7, 11, 64] {
        assert_eq!(talk(turns, piece).seen.done, whole, "in pieces of {piece}");
    }
    whole
}

/// A conversation of real programs, as `record.py` wrote it down.
pub struct Recorded(pub Vec<(Side, Vec<u8>)>);

impl Recorded {
    pub fn lent(&self) -> Vec<(Side, &[u8])> {
        self.0.iter().map(|(side, bytes)| (*side, &bytes[..])).collect()
    }
}

pub fn recorded(name: &str) -> Recorded {
    let path = format!("{}/tests/session/recorded/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a recorded conversation");
    let turn = |line: &str| {
        let (side, hex) = line.split_once(' ').expect("a side and its bytes");
        let bytes = (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex"));
        (if side == "C" { Side::Client } else { Side::Server }, bytes.collect())
    };
    Recorded(text.lines().map(turn).collect())
}
