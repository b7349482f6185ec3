//! The stages of the pipeline, each with those before it, over a workload in memory.

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use crate::load::Load;
use std::collections::BTreeMap;
use std::sync::Arc;
use weir_decode::Decoder;
use weir_exchange::{Anomaly, Exchange, Fingerprinter};
use weir_lane::{Lane, LaneConfig};
use weir_protocol::{ExchangeNumber, FlowParser, Half, MessageSink, Next, RequestHead, ResponseHead};
use weir_rules::RuleSet;
use weir_stream::{FlowTable, Sink, Want};
use weir_wire::{FlowMeta, Frame, Ledger, StreamEvent, Timestamp};

/// Names of the stages in order.
pub const STAGES: [&str; 4] = ["decode", "stream", "http1", "inspect"];

/// Everything a stage needs, made once.
pub struct Bench {
    rules: Arc<RuleSet>,
}

impl Default for Bench {
    /// With the built-in rules.
    fn default() -> Self {
        Bench { rules: Arc::new(RuleSet::builtin().expect("the built-in packs")) }
    }
}

impl Bench {
    /// Runs a stage and those before it over `load`; returns a figure that depends on the work: packets, bytes, messages, exchanges.
    pub fn run(&self, stage: &str, load: &Load) -> u64 {
        match stage {
            "decode" => decode(load),
            "stream" => flows(&mut |take| load.bursts(take), Bytes(0)).0,
            "http1" => flows(&mut |take| load.bursts(take), Messages(0)).0,
            _ => self.lane(|take| load.bursts(take)),
        }
    }

    /// Bytes of `load` that a lane reads: as captured, or as decoded where that is more.
    pub fn bytes_read(&self, load: &Load) -> u64 {
        let mut lane = self.new_lane();
        load.bursts(|burst| lane.burst(burst));
        lane.finish();
        let bodies = |x: &Exchange| {
            let request = x.request.as_ref().map_or(0, |r| r.body.bytes);
            request + x.response.as_ref().map_or(0, |r| r.body.bytes)
        };
        load.bytes().max(lane.exchanges().map(|x| bodies(&x)).sum())
    }

    /// Feeds a lane of its own by `feed`, which gets a burst at a time to pass on; returns how many exchanges there were.
    pub fn lane(&self, feed: impl FnOnce(&mut dyn FnMut(&[Frame<'_>]))) -> u64 {
        let mut lane = self.new_lane();
        let mut exchanges = 0;
        feed(&mut |burst| {
            lane.burst(burst);
            exchanges += lane.exchanges().count() as u64;
        });
        lane.finish();
        exchanges += lane.exchanges().count() as u64;
        assert!(lane.report().ledger.balanced());
        exchanges
    }

    fn new_lane(&self) -> Lane {
        Lane::new(&LaneConfig::default(), self.rules.clone(), Fingerprinter::new([1; 16])).expect("a lane")
    }
}

fn decode(load: &Load) -> u64 {
    let (mut decoder, mut ledger) = (Decoder::new(weir_decode::Config::default()), Ledger::default());
    load.frames().filter(|f| decoder.decode(f, &mut ledger).is_some()).count() as u64
}

/// What passes frames on, a burst at a time.
pub type Feed<'f> = dyn FnMut(&mut dyn FnMut(&[Frame<'_>])) + 'f;

/// Decodes and reassembles into `sink`.
fn flows<S, K: Sink<S>>(feed: &mut Feed<'_>, mut sink: K) -> K {
    let (mut decoder, mut ledger) = (Decoder::new(weir_decode::Config::default()), Ledger::default());
    let mut table = FlowTable::new(weir_stream::Config::default());
    let mut now = Timestamp::default();
    feed(&mut |burst| {
        for frame in burst {
            now = now.max(frame.time);
            if let Some(packet) = decoder.decode(frame, &mut ledger) {
                table.segment(&packet, now, &mut ledger, &mut sink);
            }
        }
    });
    table.finish(now, &mut ledger, &mut sink);
    sink
}

/// The bodies in what is fed, transfer coding removed, each in one piece, in the order in which they ended.
pub fn bodies(feed: &mut Feed<'_>) -> Vec<Vec<u8>> {
    flows(feed, Bodies::default()).whole
}

/// Gathers bodies.
#[derive(Default)]
struct Bodies {
    whole: Vec<Vec<u8>>,
}

/// The bodies of one flow that have not ended.
type Begun = BTreeMap<(ExchangeNumber, bool), Vec<u8>>;

impl Sink<Box<(FlowParser, Begun)>> for Bodies {
    fn open(&mut self, meta: &FlowMeta) -> Box<(FlowParser, Begun)> {
        Box::new((FlowParser::new(meta), Begun::new()))
    }
    fn event(
        &mut self,
        state: &mut Box<(FlowParser, Begun)>,
        _: &FlowMeta,
        event: StreamEvent<'_>,
        ledger: &mut Ledger,
    ) -> Want {
        let (parser, begun) = &mut **state;
        match parser.read(event, &mut Gather { begun, whole: &mut self.whole }, ledger) {
            Next::Continue => Want::Bytes,
            Next::Shunt => Want::Nothing(parser.rest()),
        }
    }
    fn closed(&mut self, _: Box<(FlowParser, Begun)>, _: &FlowMeta, _: &mut Ledger) {}
}

/// Gathers the bodies of one flow.
struct Gather<'a> {
    begun: &'a mut Begun,
    whole: &'a mut Vec<Vec<u8>>,
}

impl MessageSink for Gather<'_> {
    fn request(&mut self, _: &RequestHead<'_>) {}
    fn response(&mut self, _: &ResponseHead<'_>) {}
    fn body(&mut self, n: ExchangeNumber, half: Half, bytes: &[u8]) {
        self.begun.entry((n, half == Half::Response)).or_default().extend_from_slice(bytes);
    }
    fn body_gap(&mut self, _: ExchangeNumber, _: Half, _: u64) {}
    fn end(&mut self, n: ExchangeNumber, half: Half, _: Timestamp, _: bool, _: &mut Ledger) {
        self.whole.extend(self.begun.remove(&(n, half == Half::Response)));
    }
    fn anomaly(&mut self, _: Option<ExchangeNumber>, _: Anomaly) {}
    fn done(&mut self, _: ExchangeNumber, _: Timestamp, _: &mut Ledger) {}
}

/// Counts bytes in order.
struct Bytes(u64);

impl Sink<()> for Bytes {
    fn open(&mut self, _: &FlowMeta) {}
    fn event(&mut self, _: &mut (), _: &FlowMeta, event: StreamEvent<'_>, _: &mut Ledger) -> Want {
        if let StreamEvent::Data { bytes, .. } = event {
            self.0 += bytes.len() as u64;
        }
        Want::Bytes
    }
    fn closed(&mut self, _: (), _: &FlowMeta, _: &mut Ledger) {}
}

/// Counts messages.
struct Messages(u64);

impl Sink<FlowParser> for Messages {
    fn open(&mut self, meta: &FlowMeta) -> FlowParser {
        FlowParser::new(meta)
    }
    fn event(
        &mut self,
        parser: &mut FlowParser,
        _: &FlowMeta,
        event: StreamEvent<'_>,
        ledger: &mut Ledger,
    ) -> Want {
        match parser.read(event, self, ledger) {
            Next::Continue => Want::Bytes,
            Next::Shunt => Want::Nothing(parser.rest()),
        }
    }
    fn closed(&mut self, _: FlowParser, _: &FlowMeta, _: &mut Ledger) {}
}

impl MessageSink for Messages {
    fn request(&mut self, _: &RequestHead<'_>) {
        self.0 += 1;
    }
    fn response(&mut self, _: &ResponseHead<'_>) {
        self.0 += 1;
    }
    fn body(&mut self, _: ExchangeNumber, _: Half, _: &[u8]) {}
    fn body_gap(&mut self, _: ExchangeNumber, _: Half, _: u64) {}
    fn end(&mut self, _: ExchangeNumber, _: Half, _: Timestamp, _: bool, _: &mut Ledger) {}
    fn anomaly(&mut self, _: Option<ExchangeNumber>, _: Anomaly) {}
    fn done(&mut self, _: ExchangeNumber, _: Timestamp, _: &mut Ledger) {}
}
