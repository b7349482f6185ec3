//! What every flow must keep to, whatever its bytes.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use weir_exchange::Anomaly;
use weir_protocol::{ExchangeNumber, FlowParser, Half, MessageSink, RequestHead, ResponseHead};
use weir_tls::KeyStore;
use weir_wire::{Endpoint, EndReason, FlowMeta, Layer, Ledger, Side, StreamEvent, Timestamp};

/// Checks the order of what a parser reports.
#[derive(Default)]
pub struct Order {
    pub open: BTreeMap<ExchangeNumber, [u8; 2]>,
    done: u32,
}

impl Order {
    fn begin(&mut self, n: ExchangeNumber, half: Half) {
        let halves = self.open.entry(n).or_default();
        assert_eq!(halves[half as usize], 0, "a half begins once");
        halves[half as usize] = 1;
    }
}

/// Keys of the connections that the tests of `weir-tls` hold, from which the corpus of `tls` is made.
static KEYS: LazyLock<Arc<KeyStore>> = LazyLock::new(|| {
    let keys = KeyStore::default();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../dataplane/tls/tests/connections");
    for entry in std::fs::read_dir(folder).expect("recorded connections") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a recorded connection");
        text.lines().filter_map(|l| l.strip_prefix("K ")).for_each(|l| assert_eq!(keys.add_log(l.as_bytes()).broken, 0));
    }
    Arc::new(keys)
});

impl MessageSink for Order {
    fn keys(&self) -> Option<Arc<KeyStore>> {
        Some(KEYS.clone())
    }
    fn request(&mut self, head: &RequestHead<'_>) {
        self.begin(head.exchange, Half::Request);
    }
    fn response(&mut self, head: &ResponseHead<'_>) {
        self.begin(head.exchange, Half::Response);
    }
    fn body(&mut self, n: ExchangeNumber, half: Half, bytes: &[u8]) {
        assert!(!bytes.is_empty());
        assert_eq!(self.open[&n][half as usize], 1, "a body belongs to an open half");
    }
    fn body_gap(&mut self, n: ExchangeNumber, half: Half, _: u64) {
        assert_eq!(self.open[&n][half as usize], 1);
    }
    fn end(&mut self, n: ExchangeNumber, half: Half, _: Timestamp, _: bool, _: &mut Ledger) {
        let halves = self.open.get_mut(&n).expect("an exchange that was begun");
        assert_eq!(halves[half as usize], 1, "a half ends once");
        halves[half as usize] = 2;
    }
    fn anomaly(&mut self, n: Option<ExchangeNumber>, _: Anomaly) {
        if let Some(n) = n {
            assert!(self.open.contains_key(&n), "an anomaly of an open exchange");
        }
    }
    fn done(&mut self, n: ExchangeNumber, _: Timestamp, _: &mut Ledger) {
        let halves = self.open.remove(&n).expect("an exchange that was begun");
        assert!(!halves.contains(&1), "every half begun has ended");
        self.done += 1;
    }
}

/// Both directions of a flow in any pieces, with gaps, behind what both sides said first. Every byte is booked once, every exchange
/// begun is done once.
pub fn run(data: &[u8], said: &[(Side, &[u8])]) {
    let Some((&first, mut rest)) = data.split_first() else { return };
    let end = |ip: u8, port| Endpoint { ip: [10, 0, 0, ip].into(), port };
    let meta = FlowMeta {
        client: end(1, 40_000),
        server: end(2, 80),
        vlan: None,
        vni: None,
        started: Timestamp::from_nanos(1),
        from_start: first & 1 == 0,
    };
    let (mut parser, mut order, mut ledger) = (FlowParser::new(&meta), Order::default(), Ledger::default());
    let (mut fed, mut now) = (0u64, 1u64);
    for (side, bytes) in said {
        fed += bytes.len() as u64;
        parser.read(StreamEvent::Data { side: *side, time: Timestamp::from_nanos(now), bytes }, &mut order, &mut ledger);
    }
    while let Some((&how, tail)) = rest.split_first() {
        rest = tail;
        now += u64::from(how) * 1_000_000;
        let side = if how & 1 == 0 { Side::Client } else { Side::Server };
        let time = Timestamp::from_nanos(now);
        if how & 0xfe == 0xfe {
            parser.read(StreamEvent::Gap { side, time, len: u32::from(how) * 3 }, &mut order, &mut ledger);
            continue;
        }
        let (bytes, tail) = rest.split_at(rest.len().min(usize::from(how >> 1) * 2 + 1));
        rest = tail;
        if bytes.is_empty() {
            break;
        }
        fed += bytes.len() as u64;
        parser.read(StreamEvent::Data { side, time, bytes }, &mut order, &mut ledger);
    }
    let reason = [EndReason::Fin, EndReason::Reset, EndReason::Timeout, EndReason::CaptureEnd][usize::from(first >> 1) % 4];
    for side in [Side::Client, Side::Server] {
        parser.read(StreamEvent::End { side, time: Timestamp::from_nanos(now), reason }, &mut order, &mut ledger);
    }
    assert!(order.open.is_empty(), "every exchange begun is done");
    assert_eq!(ledger.total(Layer::Message).bytes, fed);
}
