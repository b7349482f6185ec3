//! The stages of the pipeline, each with those before it, over a workload in memory.

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use crate::load::Load;
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::sync::Arc;
use weir_decode::Decoder;
use weir_exchange::{Anomaly, Exchange, Fingerprinter};
use weir_lane::{Lane, LaneConfig};
use weir_protocol::{ExchangeNumber, FlowParser, Half, MessageSink, Next, RequestHead, ResponseHead};
use weir_rules::RuleSet;
use weir_stream::{Flow, FlowTable, Sink, Want};
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
    /// With other rules.
    pub fn with(rules: RuleSet) -> Self {
        Bench { rules: Arc::new(rules) }
    }

    /// The rules.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// A stage with those before it, set up, and not yet warm: its first pass touches its memory for the first time.
    pub fn stage(&self, name: &str) -> Running {
        let table = weir_stream::Config::default();
        let work = match name {
            "decode" => Work::Decode,
            "stream" => Work::Stream(Box::new(FlowTable::new(table)), Bytes(0)),
            "http1" => Work::Http1(Box::new(FlowTable::new(table)), Messages(0)),
            _ => Work::Lane(Box::new(self.lane())),
        };
        Running {
            work,
            decoder: Decoder::new(weir_decode::Config::default()),
            ledger: Ledger::default(),
            end: Timestamp::default(),
        }
    }

    /// Bytes of `load` that a lane reads: as captured, or as decoded where that is more.
    pub fn bytes_read(&self, load: &Load) -> u64 {
        let mut lane = self.lane();
        load.bursts(|burst| lane.burst(burst));
        lane.finish();
        let bodies = |x: &Exchange| {
            let request = x.request.as_ref().map_or(0, |r| r.body.bytes);
            request + x.response.as_ref().map_or(0, |r| r.body.bytes)
        };
        load.bytes().max(lane.exchanges().map(|x| bodies(&x)).sum())
    }

    /// A lane with the built-in rules.
    pub fn lane(&self) -> Lane {
        Lane::new(&LaneConfig::default(), self.rules.clone(), Fingerprinter::new([1; 16])).expect("a lane")
    }
}

/// A stage that runs on from pass to pass, as a sensor does: what it set up once is not measured again.
pub struct Running {
    work: Work,
    decoder: Decoder,
    ledger: Ledger,
    /// Latest frame of the passes so far.
    end: Timestamp,
}

enum Work {
    Decode,
    Stream(Box<FlowTable<()>>, Bytes),
    Http1(Box<FlowTable<FlowParser>>, Messages),
    Lane(Box<Lane>),
}

/// Between the last frame of a pass and the first of the next.
const PAUSE: u64 = 1_000_000_000;

impl Running {
    /// Takes what is fed, once more, as if traffic went on; returns a figure that depends on the work so far: packets, bytes,
    /// messages, exchanges.
    pub fn pass(&mut self, feed: &mut Feed<'_>) -> u64 {
        let (before, mut shift, mut figure) = (self.end, None, 0);
        feed(&mut |burst| {
            let shift = *shift.get_or_insert_with(|| match before.nanos() {
                0 => 0,
                end => end + PAUSE - burst.first().map_or(0, |f| f.time.nanos()),
            });
            let later = |f: &Frame<'_>| Timestamp::from_nanos(f.time.nanos() + shift);
            let burst: SmallVec<[Frame<'_>; 32]> =
                burst.iter().map(|f| Frame { time: later(f), ..*f }).collect();
            self.end = burst.iter().map(|f| f.time).fold(self.end, Timestamp::max);
            figure += self.burst(&burst);
        });
        figure
    }

    fn burst(&mut self, burst: &[Frame<'_>]) -> u64 {
        let (decoder, ledger, now) = (&mut self.decoder, &mut self.ledger, self.end);
        match &mut self.work {
            Work::Decode => burst.iter().filter(|f| decoder.decode(f, ledger).is_some()).count() as u64,
            Work::Stream(table, sink) => {
                segments(burst, decoder, ledger, now, table, sink);
                sink.0
            }
            Work::Http1(table, sink) => {
                segments(burst, decoder, ledger, now, table, sink);
                sink.0
            }
            Work::Lane(lane) => {
                lane.burst(burst);
                lane.exchanges().count() as u64
            }
        }
    }
}

/// Decodes and reassembles into `sink`.
fn segments<S, K: Sink<S>>(
    burst: &[Frame<'_>],
    decoder: &mut Decoder,
    ledger: &mut Ledger,
    now: Timestamp,
    table: &mut FlowTable<S>,
    sink: &mut K,
) {
    for frame in burst {
        if let Some(packet) = decoder.decode(frame, ledger) {
            table.segment(&packet, now, ledger, sink);
        }
    }
}

/// What passes frames on, a burst at a time.
pub type Feed<'f> = dyn FnMut(&mut dyn FnMut(&[Frame<'_>])) + 'f;

/// The bodies in what is fed, transfer coding removed, each in one piece, in the order in which they ended.
pub fn bodies(feed: &mut Feed<'_>) -> Vec<Vec<u8>> {
    let (mut decoder, mut ledger) = (Decoder::new(weir_decode::Config::default()), Ledger::default());
    let (mut table, mut sink) = (FlowTable::new(weir_stream::Config::default()), Bodies::default());
    let mut now = Timestamp::default();
    feed(&mut |burst| {
        now = burst.iter().map(|f| f.time).fold(now, Timestamp::max);
        segments(burst, &mut decoder, &mut ledger, now, &mut table, &mut sink);
    });
    table.finish(now, &mut ledger, &mut sink);
    sink.whole
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
        _: Flow<'_>,
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
    fn event(&mut self, _: &mut (), _: Flow<'_>, event: StreamEvent<'_>, _: &mut Ledger) -> Want {
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
        _: Flow<'_>,
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
