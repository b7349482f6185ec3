//! One core's loop: run to completion from frame to exchange.

use crate::batch::{ExchangeBatch, PacketBatch};
use crate::expected::{Expected, Meeting};
use crate::known::Known;
use crate::outbox::{BATCH, Outbox};
use crate::overload::Level;
use crate::ring::{Closed, Sender};
use crate::shed::{FlowShed, Shedding};
use smallvec::SmallVec;
use std::net::IpAddr;
use std::sync::Arc;
use weir_datagram::Datagrams;
use weir_decode::{Decoded, Decoder, Short};
use weir_exchange::{Connection, Exchange, Fingerprinter, Resolved};
use weir_inspect::{FlowExchanges, Inspector, Prepared};
use weir_protocol::{FlowParser, Next};
use weir_rules::{MatcherError, RuleSet};
use weir_stream::{Flow, FlowTable, Sink, Want};
use weir_tls::KeyStore;
use weir_wire::{Account, Duration, FlowMeta, Frame, Ledger, Packet, StreamEvent, Timestamp, Transport};

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
    /// The owner's keys of encrypted connections, shared by the lanes.
    pub keys: Option<Arc<KeyStore>>,
}

/// A lane's last word.
#[derive(Clone, Default, Debug)]
pub struct LaneReport {
    /// Its ledger.
    pub ledger: Ledger,
    /// What its frames looked like; of a lane that is fed packets, nothing.
    pub decode: weir_decode::Stats,
    /// Its flow table's figures.
    pub stream: weir_stream::Stats,
}

impl LaneReport {
    /// Adds another lane's.
    pub fn absorb(&mut self, other: &LaneReport) {
        self.ledger.absorb(&other.ledger);
        self.decode.absorb(&other.decode);
        self.stream.absorb(&other.stream);
    }
}

/// What a lane keeps of a flow.
struct FlowState {
    parser: FlowParser,
    exchanges: FlowExchanges,
    shed: FlowShed,
    /// The flow that its exchanges belong to, where that is another.
    parent: Option<Box<FlowMeta>>,
}

/// Flow states kept for flows to come.
const SPARE: usize = 1024;

/// Joins the stream stage to parsing and inspection.
struct Above {
    inspector: Inspector,
    out: Vec<Exchange>,
    level: Level,
    /// Of 256 new flows, how many are admitted, less one.
    admitted: u8,
    known: Known,
    expected: Expected,
    #[expect(clippy::vec_box, reason = "boxes go to flows and come back")]
    spare: Vec<Box<FlowState>>,
}

/// Boxed: the flow table keeps a place in line for every flow it may ever hold. `None` is a flow that was refused.
impl Sink<Option<Box<FlowState>>> for Above {
    fn open(&mut self, meta: &FlowMeta) -> Option<Box<FlowState>> {
        if lot(meta) > self.admitted {
            return None;
        }
        let (parser, parent) = match self.expected.take(meta) {
            Some(Meeting { transfer, control }) => {
                (FlowParser::of_transfer(transfer), Some(Box::new(control)))
            }
            None => (FlowParser::new(meta), None),
        };
        let fresh =
            FlowState { parser, exchanges: FlowExchanges::default(), shed: FlowShed::default(), parent };
        Some(match self.spare.pop() {
            Some(mut used) => {
                *used = fresh;
                used
            }
            None => Box::new(fresh),
        })
    }

    fn event(
        &mut self,
        state: &mut Option<Box<FlowState>>,
        flow: Flow<'_>,
        event: StreamEvent<'_>,
        ledger: &mut Ledger,
    ) -> Want {
        let Some(state) = state else {
            if let StreamEvent::Data { bytes, .. } = event {
                ledger.add(Account::MessageShedFlow, bytes.len() as u64);
            }
            return Want::Nothing(Account::MessageShedFlow);
        };
        let before = self.out.len();
        let mut announced = None;
        let parent = state.parent.as_deref();
        let meta = move || parent.copied().unwrap_or_else(|| flow.meta());
        let mut sink = Shedding {
            inner: self.inspector.sink(meta, &mut state.exchanges, &mut self.out),
            announced: &mut announced,
            level: self.level,
            known: &mut self.known,
            flow: &mut state.shed,
        };
        let next = state.parser.read(event, &mut sink, ledger);
        drop(sink);
        if let Some(expectation) = announced {
            self.expected.add(expectation, flow.meta(), event.time());
        }
        if self.out.len() > before {
            state.shed.emitted(&mut self.out[before..], &mut self.known);
        }
        match next {
            Next::Continue => Want::Bytes,
            Next::Shunt => Want::Nothing(state.parser.rest()),
        }
    }

    fn closed(&mut self, state: Option<Box<FlowState>>, _meta: &FlowMeta, _ledger: &mut Ledger) {
        if let Some(state) = state.filter(|_| self.spare.len() < SPARE) {
            self.spare.push(state);
        }
    }
}

/// What decides whether a flow is admitted while only a share of them is: its endpoints, so that one that begins anew fares alike.
fn lot(meta: &FlowMeta) -> u8 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let of = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => u64::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.to_bits() as u64 ^ (ip.to_bits() >> 64) as u64,
    };
    let ends = [of(meta.client.ip), meta.client.port.into(), of(meta.server.ip), meta.server.port.into()];
    let mixed = ends.iter().fold(FACTOR, |h, end| (h ^ end).wrapping_mul(FACTOR).rotate_left(29));
    (mixed >> 56) as u8
}

/// One lane. Owns everything it touches; shares only the immutable rules.
pub struct Lane {
    decoder: Decoder,
    flows: FlowTable<Option<Box<FlowState>>>,
    above: Above,
    datagrams: Datagrams,
    ledger: Ledger,
    clock: Clock,
    rules_changed: u32,
    flow_capacity: u32,
}

/// A source's clock that is this far back was set, not late: mirrors and several queues reorder by far less.
const STEP: Duration = Duration::from_secs(1);

/// The clock of the lane's timers: the greatest packet time seen.
#[derive(Default)]
struct Clock {
    now: Timestamp,
    /// Where the source's clock went back, on a wire: what is added to it, so that time goes on here.
    shift: Duration,
    /// How often it did.
    steps: u64,
    /// Whether such steps are believed. In a capture they are not: its files may follow in any order.
    follows: bool,
}

impl Clock {
    #[inline]
    fn see(&mut self, time: Timestamp) {
        let seen = time.plus(self.shift);
        if seen >= self.now {
            self.now = seen;
        } else if self.follows && self.now.since(seen) > STEP {
            self.shift = self.now.since(time);
            self.steps += 1;
        }
    }
}

impl Lane {
    /// A lane with empty tables.
    pub fn new(
        config: &LaneConfig,
        rules: Arc<RuleSet>,
        fingerprinter: Fingerprinter,
    ) -> Result<Self, MatcherError> {
        let inspector =
            Inspector::new(rules, fingerprinter, config.inspect.clone())?.with_keys(config.keys.clone());
        Ok(Lane {
            decoder: Decoder::new(config.decode),
            flows: FlowTable::new(config.stream.clone()),
            above: Above {
                inspector,
                out: Vec::with_capacity(2 * BATCH),
                level: Level::Everything,
                admitted: u8::MAX,
                known: Known::default(),
                expected: Expected::default(),
                spare: Vec::new(),
            },
            datagrams: Datagrams::default(),
            ledger: Ledger::default(),
            clock: Clock::default(),
            rules_changed: 0,
            flow_capacity: config.stream.flows,
        })
    }

    /// Takes a burst of frames from the source.
    pub fn burst(&mut self, frames: &[Frame<'_>]) {
        for frames in frames.chunks(BURST) {
            self.ledger.received.count += frames.len() as u64;
            if self.flows.is_small() {
                self.singly(frames);
            } else {
                self.together(frames);
            }
        }
        self.advance(self.clock.now);
    }

    /// Frame by frame, while flows are near at hand: nothing is put down in between.
    fn singly(&mut self, frames: &[Frame<'_>]) {
        for frame in frames {
            self.see(frame);
            match self.decoder.short(frame, &mut self.ledger) {
                Short::Segment(segment) => {
                    self.flows.plain(&segment, self.clock.now, &mut self.ledger, &mut self.above);
                }
                Short::Repeated => {}
                Short::Unread => self.uncommon(frame),
            }
        }
    }

    #[inline(never)]
    fn uncommon(&mut self, frame: &Frame<'_>) {
        let packet = match self.decoder.long(frame, &mut self.ledger) {
            Some(Decoded::Lent(packet)) => packet,
            Some(Decoded::Joined(joined)) => self.decoder.joined(joined),
            None => return,
        };
        match packet.transport {
            Transport::Udp => self.datagrams.packet(&packet, self.clock.now, &mut self.ledger),
            Transport::Tcp(_) => {
                self.flows.segment(&packet, self.clock.now, &mut self.ledger, &mut self.above);
            }
        }
    }

    /// Packets are gathered, so that the table can ask the memory for all their flows at once.
    fn together(&mut self, frames: &[Frame<'_>]) {
        let mut packets = Packets::new();
        for frame in frames {
            self.see(frame);
            let decoded = match self.decoder.short(frame, &mut self.ledger) {
                Short::Segment(segment) => Some(Decoded::Lent(segment.into())),
                Short::Repeated => None,
                Short::Unread => self.decoder.long(frame, &mut self.ledger),
            };
            match decoded {
                Some(Decoded::Lent(packet)) if packet.transport == Transport::Udp => {
                    self.datagrams.packet(&packet, self.clock.now, &mut self.ledger);
                }
                Some(Decoded::Lent(packet)) => packets.push((packet, self.clock.now)),
                Some(Decoded::Joined(joined)) => {
                    let packet = self.decoder.joined(joined);
                    if packet.transport == Transport::Udp {
                        self.datagrams.packet(&packet, self.clock.now, &mut self.ledger);
                        continue;
                    }
                    self.flows.burst(&packets, &mut self.ledger, &mut self.above);
                    packets.clear();
                    self.flows.segment(&packet, self.clock.now, &mut self.ledger, &mut self.above);
                }
                None => {}
            }
        }
        self.flows.burst(&packets, &mut self.ledger, &mut self.above);
    }

    #[inline(always)]
    fn see(&mut self, frame: &Frame<'_>) {
        self.ledger.received.bytes += frame.data.len() as u64;
        self.clock.see(frame.time);
    }

    /// Takes packets that the steering thread decoded, each with that thread's clock.
    pub fn packets<'p>(&mut self, packets: impl Iterator<Item = (Packet<'p>, Timestamp)>) {
        let mut packets = packets.peekable();
        while packets.peek().is_some() {
            let burst: Packets<'_> = packets.by_ref().take(BURST).collect();
            self.flows.burst(&burst, &mut self.ledger, &mut self.above);
            for (packet, clock) in burst.iter().filter(|(p, _)| p.transport == Transport::Udp) {
                self.datagrams.packet(packet, *clock, &mut self.ledger);
            }
            self.clock.now = burst.iter().fold(self.clock.now, |clock, (_, now)| clock.max(*now));
        }
    }

    /// Moves the clock on without a packet.
    pub fn advance(&mut self, clock: Timestamp) {
        self.clock.now = self.clock.now.max(clock);
        self.flows.advance(self.clock.now, &mut self.ledger, &mut self.above);
        self.datagrams.advance(self.clock.now);
    }

    /// The source has ended: every flow ends.
    pub fn finish(&mut self) {
        self.flows.finish(self.clock.now, &mut self.ledger, &mut self.above);
        self.datagrams.finish(self.clock.now);
    }

    /// Exchanges finished since the last call.
    pub fn exchanges(&mut self) -> std::vec::Drain<'_, Exchange> {
        self.above.out.drain(..)
    }

    /// The same, left where they are.
    pub(crate) fn finished(&self) -> &[Exchange] {
        &self.above.out
    }

    /// Puts the finished exchanges into `batch`, which is empty, and takes its memory for those to come: none is moved.
    pub(crate) fn hand_out(&mut self, batch: &mut Vec<Exchange>) {
        std::mem::swap(&mut self.above.out, batch);
    }

    /// Puts what is told of connections as a whole, and of names, since it was last taken, behind what is there.
    pub fn hand_out_connections(&mut self, connections: &mut Vec<Connection>, resolved: &mut Vec<Resolved>) {
        connections.append(self.above.inspector.connections());
        connections.append(self.datagrams.connections());
        resolved.append(self.datagrams.resolved());
    }

    /// How much is left out of what comes from now on, and how many of 256 new flows are admitted, less one.
    pub fn shed(&mut self, level: Level, admitted: u8) {
        (self.above.level, self.above.admitted) = (level, admitted);
    }

    /// Its clock: nothing earlier will be emitted. It never goes back.
    pub fn clock(&self) -> Timestamp {
        self.clock.now
    }

    /// Believes steps of the source's clock from now on, as on a wire: where it goes back by more than a second, timers go on from where
    /// they were. Returns the lane.
    #[must_use]
    pub fn following_steps(mut self) -> Self {
        self.clock.follows = true;
        self
    }

    /// How often a text made a pattern of the rules be given up for it: what that would have found behind is missing.
    pub fn patterns_given_up(&self) -> u64 {
        self.above.inspector.patterns_given_up()
    }

    /// How often the source's clock went back.
    pub fn clock_steps(&self) -> u64 {
        self.clock.steps
    }

    /// Goes on with other rules; gives back the old ones, to be dropped elsewhere.
    pub fn replace_rules(&mut self, rules: Prepared) -> Prepared {
        self.rules_changed += 1;
        self.above.inspector.replace(rules)
    }

    /// How often the rules were replaced.
    pub fn rules_changed(&self) -> u32 {
        self.rules_changed
    }

    /// Flows that its table may hold.
    pub fn flow_capacity(&self) -> u32 {
        self.flow_capacity
    }

    /// Books frames that the source lost before they could be read.
    pub fn lost(&mut self, account: Account, frames: u64) {
        if frames > 0 {
            self.ledger.lost(account, frames);
        }
    }

    pub(crate) fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// What the lane did so far.
    pub fn report(&self) -> LaneReport {
        LaneReport { ledger: self.ledger.clone(), decode: self.decoder.stats(), stream: self.flows.stats() }
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
