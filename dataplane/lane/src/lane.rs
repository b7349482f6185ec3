//! One core's loop: run to completion from frame to exchange.

use crate::batch::{ExchangeBatch, PacketBatch};
use crate::ring::{Closed, Sender};
use smallvec::SmallVec;
use std::sync::Arc;
use weir_decode::{Decoded, Decoder};
use weir_exchange::{Exchange, Fingerprinter};
use weir_inspect::{FlowExchanges, Inspector};
use weir_protocol::FlowParser;
use weir_rules::{MatcherError, RuleSet};
use weir_stream::{FlowTable, Sink};
use weir_wire::{FlowMeta, Frame, Ledger, Packet, StreamEvent, Timestamp};

/// Exchanges a batch holds before it is handed over: enough to pay for the hand-off, few enough to stay in cache.
const BATCH: usize = 32;

/// Packets given to the flow table together.
const BURST: usize = 32;

/// Packets of a burst, each with the clock at its arrival.
type Packets<'p> = SmallVec<[(Packet<'p>, Timestamp); BURST]>;

/// Bounds and switches of a lane.
#[derive(Clone, Default, Debug)]
pub struct LaneConfig {
    /// Decoding.
    pub decode: weir_decode::Config,
    /// Flow table and reassembly.
    pub stream: weir_stream::Config,
    /// Bodies.
    pub inspect: weir_inspect::Config,
}

/// A lane's last word.
#[derive(Clone, Default, Debug)]
pub struct LaneReport {
    /// Its ledger.
    pub ledger: Ledger,
    /// Its flow table's figures.
    pub stream: weir_stream::Stats,
}

impl LaneReport {
    /// Adds another lane's.
    pub fn absorb(&mut self, other: &LaneReport) {
        self.ledger.absorb(&other.ledger);
        self.stream.absorb(&other.stream);
    }
}

/// What a lane keeps of a flow.
struct FlowState {
    parser: FlowParser,
    exchanges: FlowExchanges,
}

/// Joins the stream stage to parsing and inspection.
struct Above {
    inspector: Inspector,
    out: Vec<Exchange>,
}

/// Boxed: the flow table keeps a place in line for every flow it may ever hold.
impl Sink<Box<FlowState>> for Above {
    fn open(&mut self, meta: &FlowMeta) -> Box<FlowState> {
        Box::new(FlowState { parser: FlowParser::new(meta), exchanges: FlowExchanges::default() })
    }

    fn event(
        &mut self,
        state: &mut Box<FlowState>,
        meta: &FlowMeta,
        event: StreamEvent<'_>,
        ledger: &mut Ledger,
    ) {
        let mut sink = self.inspector.sink(meta, &mut state.exchanges, &mut self.out);
        state.parser.read(event, &mut sink, ledger);
    }

    fn closed(&mut self, _state: Box<FlowState>, _meta: &FlowMeta, _ledger: &mut Ledger) {}
}

/// One lane. Owns everything it touches; shares only the immutable rules.
pub struct Lane {
    decoder: Decoder,
    flows: FlowTable<Box<FlowState>>,
    above: Above,
    ledger: Ledger,
    /// Greatest packet time seen: the clock of the lane's timers.
    clock: Timestamp,
}

impl Lane {
    /// A lane with empty tables.
    pub fn new(
        config: &LaneConfig,
        rules: Arc<RuleSet>,
        fingerprinter: Fingerprinter,
    ) -> Result<Self, MatcherError> {
        let inspector = Inspector::new(rules, fingerprinter, config.inspect.clone())?;
        Ok(Lane {
            decoder: Decoder::new(config.decode),
            flows: FlowTable::new(config.stream.clone()),
            above: Above { inspector, out: Vec::with_capacity(2 * BATCH) },
            ledger: Ledger::default(),
            clock: Timestamp::default(),
        })
    }

    /// Takes a burst of frames from the source.
    pub fn burst(&mut self, frames: &[Frame<'_>]) {
        let mut packets = Packets::new();
        for frames in frames.chunks(BURST) {
            for frame in frames {
                self.ledger.received.count += 1;
                self.ledger.received.bytes += frame.data.len() as u64;
                self.clock = self.clock.max(frame.time);
                match self.decoder.decode_apart(frame, &mut self.ledger) {
                    Some(Decoded::Lent(packet)) => packets.push((packet, self.clock)),
                    Some(Decoded::Joined(joined)) => {
                        self.flows.burst(&packets, &mut self.ledger, &mut self.above);
                        packets.clear();
                        let packet = self.decoder.joined(joined);
                        self.flows.segment(&packet, self.clock, &mut self.ledger, &mut self.above);
                    }
                    None => {}
                }
            }
            self.flows.burst(&packets, &mut self.ledger, &mut self.above);
            packets.clear();
        }
        self.advance(self.clock);
    }

    /// Takes packets that the steering thread decoded, each with that thread's clock.
    pub fn packets<'p>(&mut self, packets: impl Iterator<Item = (Packet<'p>, Timestamp)>) {
        let mut packets = packets.peekable();
        while packets.peek().is_some() {
            let burst: Packets<'_> = packets.by_ref().take(BURST).collect();
            self.flows.burst(&burst, &mut self.ledger, &mut self.above);
            self.clock = burst.iter().fold(self.clock, |clock, (_, now)| clock.max(*now));
        }
    }

    /// Moves the clock on without a packet.
    pub fn advance(&mut self, clock: Timestamp) {
        self.clock = self.clock.max(clock);
        self.flows.advance(self.clock, &mut self.ledger, &mut self.above);
    }

    /// The source has ended: every flow ends.
    pub fn finish(&mut self) {
        self.flows.finish(self.clock, &mut self.ledger, &mut self.above);
    }

    /// Exchanges finished since the last call.
    pub fn exchanges(&mut self) -> std::vec::Drain<'_, Exchange> {
        self.above.out.drain(..)
    }

    /// What the lane did so far.
    pub fn report(&self) -> LaneReport {
        LaneReport { ledger: self.ledger.clone(), stream: self.flows.stats() }
    }
}

/// Hands a lane's exchanges over in batches.
pub struct Outbox {
    sender: Sender<ExchangeBatch>,
    batch: Box<ExchangeBatch>,
    told: Timestamp,
}

impl Outbox {
    /// Over a ring.
    pub fn new(sender: Sender<ExchangeBatch>) -> Self {
        let batch = sender.batch();
        Outbox { sender, batch, told: Timestamp::default() }
    }

    /// Takes what `lane` finished; sends when a batch is full, or when the others may be waiting for this lane's clock.
    pub fn collect(&mut self, lane: &mut Lane) -> Result<(), Closed> {
        let clock = lane.clock;
        self.batch.exchanges.extend(lane.exchanges());
        self.batch.watermark = clock;
        // A lane without exchanges still has to tell the time, or the merge would hold every other lane's exchanges.
        let overdue = clock.since(self.told).as_nanos() > 100_000_000;
        if self.batch.exchanges.len() >= BATCH || overdue {
            self.told = clock;
            self.flush()?;
        }
        Ok(())
    }

    /// Sends the last exchanges and the lane's report.
    pub fn finish(mut self, lane: &mut Lane) -> Result<(), Closed> {
        self.batch.exchanges.extend(lane.exchanges());
        self.batch.watermark = lane.clock;
        self.batch.report = Some(lane.report());
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Closed> {
        let next = self.sender.batch();
        self.sender.send(std::mem::replace(&mut self.batch, next))
    }
}

/// Runs a lane that is fed by a steering thread, until that ends.
pub fn run(
    mut lane: Lane,
    packets: &crate::ring::Receiver<PacketBatch>,
    out: Sender<ExchangeBatch>,
) -> Result<(), Closed> {
    let mut outbox = Outbox::new(out);
    while let Some(batch) = packets.receive() {
        lane.packets(batch.packets());
        lane.advance(batch.clock);
        packets.recycle(batch);
        outbox.collect(&mut lane)?;
    }
    lane.finish();
    outbox.finish(&mut lane)
}
