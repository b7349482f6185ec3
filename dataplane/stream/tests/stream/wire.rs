//! A wire to play packets on, and a recorder at the other end of the table.
//!
//! A direction is recorded as text: bytes as they are, `<n>` for a gap of `n`, `|Reason` for the end.

use std::net::{IpAddr, Ipv4Addr};
use weir_stream::{Config, FlowTable, Sink, Want};
use weir_wire::{
    Account, Duration, Endpoint, FlowMeta, Layer, Ledger, Packet, Side, StreamEvent, TcpFlags, TcpHeader,
    Timestamp, Transport,
};

pub const SYN: u8 = TcpFlags::SYN;
pub const FIN: u8 = TcpFlags::FIN;
pub const RST: u8 = TcpFlags::RST;
pub const ACK: u8 = TcpFlags::ACK;
pub use Side::{Client as C, Server as S};

/// Clock of the first packet, in ms.
pub const START: u64 = 1_700_000_000_000;

#[derive(Debug)]
pub struct Flow {
    pub meta: FlowMeta,
    pub sides: [String; 2],
    pub ended: [bool; 2],
    pub closed: bool,
    /// Times of the events, in ms after the start.
    pub times: Vec<u64>,
    pub wanted: bool,
}

/// Records flows in the order they were opened.
#[derive(Default)]
pub struct Recorder {
    pub flows: Vec<Flow>,
    /// Order in which flows were closed.
    pub closings: Vec<usize>,
    /// Whether flows opened from now on are shunted at their first event.
    pub unwanted: bool,
}

pub fn ms(t: Timestamp) -> u64 {
    (t.nanos() / 1_000_000).saturating_sub(START)
}

impl Sink<usize> for Recorder {
    fn open(&mut self, meta: &FlowMeta) -> usize {
        self.flows.push(Flow {
            meta: *meta,
            sides: Default::default(),
            ended: [false; 2],
            closed: false,
            times: Vec::new(),
            wanted: !self.unwanted,
        });
        self.flows.len() - 1
    }
    fn event(
        &mut self,
        state: &mut usize,
        of: weir_stream::Flow<'_>,
        event: StreamEvent<'_>,
        _: &mut Ledger,
    ) -> Want {
        let flow = &mut self.flows[*state];
        assert_eq!(flow.meta, of.meta(), "constant for the flow's life");
        assert!(!flow.closed);
        let (StreamEvent::Data { side, time, .. }
        | StreamEvent::Gap { side, time, .. }
        | StreamEvent::End { side, time, .. }) = event;
        assert!(!flow.ended[side.index()], "no event behind the end");
        flow.times.push(ms(time));
        let text = &mut flow.sides[side.index()];
        match event {
            StreamEvent::Data { bytes, .. } => {
                assert!(!bytes.is_empty());
                text.extend(bytes.iter().map(|&b| char::from(b)));
            }
            StreamEvent::Gap { len, .. } => text.push_str(&format!("<{len}>")),
            StreamEvent::End { reason, .. } => {
                flow.ended[side.index()] = true;
                text.push_str(&format!("|{reason:?}"));
            }
        }
        if flow.wanted { Want::Bytes } else { Want::Nothing(Account::MessageEncrypted) }
    }
    fn closed(&mut self, state: usize, _: &FlowMeta, _: &mut Ledger) {
        let flow = &self.flows[state];
        assert!(!flow.wanted || flow.ended == [true; 2], "both sides end before the flow closes");
        assert!(!std::mem::replace(&mut self.flows[state].closed, true));
        self.closings.push(state);
    }
}

pub struct Wire {
    pub table: FlowTable<usize>,
    pub ledger: Ledger,
    pub rec: Recorder,
    /// Milliseconds since the start; each packet takes one.
    pub clock: u64,
    pub client: Endpoint,
    pub server: Endpoint,
    pub vlan: Option<u16>,
}

pub fn end(last: u8, port: u16) -> Endpoint {
    Endpoint { ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)), port }
}

pub fn at(ms: u64) -> Timestamp {
    Timestamp::from_nanos(0).plus(Duration::from_millis(START + ms))
}

impl Wire {
    pub fn new() -> Self {
        Wire::with(Config { flows: 64, ..Config::default() })
    }
    pub fn with(config: Config) -> Self {
        Wire {
            table: FlowTable::new(config),
            ledger: Ledger::default(),
            rec: Recorder::default(),
            clock: 0,
            client: end(7, 40000),
            server: end(1, 8080),
            vlan: None,
        }
    }
    /// A wire on which the handshake was seen: the client's bytes begin at 101, the server's at 501.
    pub fn connected() -> Self {
        Wire::new().shake(100, 500)
    }
    pub fn shake(mut self, client: u32, server: u32) -> Self {
        self.send(C, SYN, client, 0, "");
        self.send(S, SYN | ACK, server, client.wrapping_add(1), "");
        self.send(C, ACK, client.wrapping_add(1), server.wrapping_add(1), "");
        self
    }
    /// A packet a millisecond after the last.
    pub fn send(&mut self, side: Side, flags: u8, seq: u32, ack: u32, data: &str) {
        self.cut(side, flags, seq, ack, data, 0);
    }
    /// The same, with `missing` bytes cut by the snap length.
    pub fn cut(&mut self, side: Side, flags: u8, seq: u32, ack: u32, data: &str, missing: u32) {
        self.clock += 1;
        let header = TcpHeader { seq, ack, flags: TcpFlags(flags), window: 500 };
        let (src, dst) = if side == C { (self.client, self.server) } else { (self.server, self.client) };
        let packet = Packet {
            time: at(self.clock),
            vlan: self.vlan,
            vni: None,
            src,
            dst,
            transport: Transport::Tcp(header),
            payload: data.as_bytes(),
            missing,
        };
        self.play(&packet);
    }
    /// Data with ACK of what the other side is known to have sent; `ack` 0 repeats nothing of use.
    pub fn data(&mut self, side: Side, seq: u32, data: &str) {
        let ack = if side == C { 501 } else { 101 };
        self.send(side, ACK, seq, ack, data);
    }
    pub fn play(&mut self, packet: &Packet<'_>) {
        if !packet.payload.is_empty() {
            self.ledger.payload.count += 1;
            self.ledger.payload.bytes += packet.payload.len() as u64;
        }
        self.table.segment(packet, packet.time, &mut self.ledger, &mut self.rec);
    }
    /// Lets time go by without packets.
    pub fn wait(&mut self, ms: u64) {
        self.clock += ms;
        self.table.advance(at(self.clock), &mut self.ledger, &mut self.rec);
    }
    /// Ends the capture and checks what must hold for every wire.
    pub fn finish(&mut self) {
        self.table.finish(at(self.clock), &mut self.ledger, &mut self.rec);
        assert_eq!(self.ledger.total(Layer::Stream).bytes, self.ledger.payload.bytes, "{:?}", self.ledger);
        assert!(self.rec.flows.iter().all(|f| f.closed));
        let stats = self.table.stats();
        assert_eq!((stats.live, stats.held_bytes), (0, 0));
    }
    /// What was recorded of the `n`th flow's side so far.
    pub fn text(&self, n: usize, side: Side) -> &str {
        &self.rec.flows[n].sides[side.index()]
    }
    /// Finishes and gives both sides of the only flow.
    pub fn both(mut self) -> [String; 2] {
        self.finish();
        assert_eq!(self.rec.flows.len(), 1);
        self.rec.flows.remove(0).sides
    }
    pub fn booked(&self, account: Account) -> u64 {
        self.ledger.entry(account).bytes
    }
}
