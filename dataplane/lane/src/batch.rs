//! What travels between threads: batches of exchanges, batches of packets.

use crate::lane::LaneReport;
use crate::ring::Batch;
use weir_exchange::{Connection, Exchange, Resolved};
use weir_wire::{Endpoint, Packet, Timestamp, Transport};

/// Exchanges on their way from a lane to the analyst.
#[derive(Default)]
pub struct ExchangeBatch {
    /// In the order the lane emitted them.
    pub exchanges: Vec<Exchange>,
    /// Encrypted connections of which it became known whether they can be read, in the same order.
    pub connections: Vec<Connection>,
    /// Which names stand for which addresses, as resolvers answered, in the same order.
    pub resolved: Vec<Resolved>,
    /// The lane will emit nothing earlier than this.
    pub watermark: Timestamp,
    /// How often the lane's rules had changed: which rules numbered what the exchanges hold.
    pub rules: u32,
    /// The lane's last word; nothing follows.
    pub report: Option<LaneReport>,
}

impl Batch for ExchangeBatch {
    fn clear(&mut self) {
        self.exchanges.clear();
        self.connections.clear();
        self.resolved.clear();
        self.report = None;
    }
}

/// One decoded packet, its payload in the batch's own memory.
struct Held {
    time: Timestamp,
    clock: Timestamp,
    vlan: Option<u16>,
    vni: Option<u32>,
    src: Endpoint,
    dst: Endpoint,
    transport: Transport,
    missing: u32,
    payload: std::ops::Range<usize>,
}

/// Packets on their way from the steering thread to a lane.
#[derive(Default)]
pub struct PacketBatch {
    bytes: Vec<u8>,
    packets: Vec<Held>,
    /// The source's clock when the batch was closed: timers may fire up to here even where no packet came.
    pub clock: Timestamp,
}

impl PacketBatch {
    /// Copies a packet in, with the source's clock at its arrival.
    pub fn push(&mut self, p: &Packet<'_>, clock: Timestamp) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(p.payload);
        self.packets.push(Held {
            time: p.time,
            clock,
            vlan: p.vlan,
            vni: p.vni,
            src: p.src,
            dst: p.dst,
            transport: p.transport,
            missing: p.missing,
            payload: start..self.bytes.len(),
        });
        self.clock = clock;
    }
    /// How many packets.
    pub fn len(&self) -> usize {
        self.packets.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }
    /// Payload bytes held.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }
    /// The packets, each with the source's clock at its arrival.
    pub fn packets(&self) -> impl Iterator<Item = (Packet<'_>, Timestamp)> {
        self.packets.iter().map(|h| {
            let packet = Packet {
                time: h.time,
                vlan: h.vlan,
                vni: h.vni,
                src: h.src,
                dst: h.dst,
                transport: h.transport,
                payload: self.bytes.get(h.payload.clone()).unwrap_or_default(),
                missing: h.missing,
            };
            (packet, h.clock)
        })
    }
}

impl Batch for PacketBatch {
    fn clear(&mut self) {
        self.bytes.clear();
        self.packets.clear();
    }
}
