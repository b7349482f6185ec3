//! Steering: one reader decodes and spreads packets over lanes by flow.
//!
//! A network card does this with symmetric RSS and each lane then decodes its own frames; a capture file has no such card. Decoding
//! stays with the reader here because fragments and tunnels hide the flow until they are undone, and because the
//! fragment table is then one, whatever the number of lanes: the records do not depend on it.

use crate::batch::PacketBatch;
use crate::lane::LaneReport;
use crate::ring::{Closed, Sender};
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use weir_datagram::{goes_by_address, is_wanted};
use weir_decode::Decoder;
use weir_protocol::ftp_data_port;
use weir_stream::symmetric_hash;
use weir_wire::{Account, Endpoint, Frame, Ledger, Packet, Side, Timestamp, Transport};

/// A batch leaves when it holds this many packets ...
const PACKETS: usize = 256;
/// ... or this many payload bytes.
const BYTES: usize = 256 * 1024;

/// Data connections of FTP remembered.
const TOGETHER: usize = 8192;
/// The port of control connections whose data connections are steered to their lane.
const FTP: u16 = 21;

/// Flows that must go to the lane of another: the data connections of FTP control connections at port 21.
#[derive(Default)]
struct Together {
    /// Who listens where for whom, and the hash of the control connection.
    announced: BTreeMap<(Endpoint, IpAddr), u64>,
    order: VecDeque<(Endpoint, IpAddr)>,
}

impl Together {
    /// What chooses the lane of a packet.
    fn hash(&mut self, packet: &Packet<'_>) -> u64 {
        let (src, dst) = (packet.src, packet.dst);
        if src.port == FTP || dst.port == FTP {
            let hash = symmetric_hash(packet);
            self.learn(packet, hash);
            return hash;
        }
        if !self.announced.is_empty() {
            let known = self.announced.get(&(dst, src.ip)).or_else(|| self.announced.get(&(src, dst.ip)));
            if let Some(hash) = known {
                return *hash;
            }
        }
        symmetric_hash(packet)
    }

    fn learn(&mut self, packet: &Packet<'_>, hash: u64) {
        let Some((listener, port)) = ftp_data_port(packet.payload) else { return };
        let said_by_server = packet.src.port == FTP;
        if said_by_server != (listener == Side::Server) {
            return;
        }
        // Whoever announces a port listens on it.
        let key = (Endpoint { ip: packet.src.ip, port }, packet.dst.ip);
        if self.announced.insert(key, hash).is_none() {
            self.order.push_back(key);
            if self.order.len() > TOGETHER
                && let Some(oldest) = self.order.pop_front()
            {
                self.announced.remove(&oldest);
            }
        }
    }
}

/// The reader's side of a replay with several lanes.
pub struct Steering {
    decoder: Decoder,
    ledger: Ledger,
    clock: Timestamp,
    together: Together,
    lanes: Vec<(Sender<PacketBatch>, Box<PacketBatch>)>,
}

impl Steering {
    /// Over one ring a lane.
    pub fn new(config: weir_decode::Config, lanes: Vec<Sender<PacketBatch>>) -> Self {
        let lanes = lanes.into_iter().map(|s| (s.batch(), s)).map(|(b, s)| (s, b)).collect();
        Steering {
            decoder: Decoder::new(config),
            ledger: Ledger::default(),
            clock: Timestamp::default(),
            together: Together::default(),
            lanes,
        }
    }

    /// Takes one frame from the source.
    pub fn frame(&mut self, frame: &Frame<'_>) -> Result<(), Closed> {
        self.ledger.received.count += 1;
        self.ledger.received.bytes += frame.data.len() as u64;
        self.clock = self.clock.max(frame.time);
        let Some(packet) = self.decoder.decode(frame, &mut self.ledger) else { return Ok(()) };
        if packet.transport == Transport::Udp && !is_wanted(packet.payload) {
            // What no lane would read is not copied for one.
            if !packet.payload.is_empty() {
                self.ledger.add(Account::DatagramNotInterface, packet.payload.len() as u64);
            }
            return Ok(());
        }
        let hash = if packet.transport == Transport::Udp && goes_by_address(packet.payload) {
            let anywhere = |e: Endpoint| Endpoint { port: 0, ..e };
            symmetric_hash(&Packet { src: anywhere(packet.src), dst: anywhere(packet.dst), ..packet })
        } else {
            self.together.hash(&packet)
        };
        let lane = hash as usize % self.lanes.len().max(1);
        let Some((_, batch)) = self.lanes.get_mut(lane) else { return Ok(()) };
        batch.push(&packet, self.clock);
        if batch.len() >= PACKETS || batch.bytes() >= BYTES {
            // Every lane gets what it has and the time, so that timers fire alike and the merge can go on.
            self.flush()?;
        }
        Ok(())
    }

    /// Sends what waits, and the clock, to every lane.
    fn flush(&mut self) -> Result<(), Closed> {
        for (sender, batch) in &mut self.lanes {
            batch.clock = self.clock;
            let next = sender.batch();
            sender.send(std::mem::replace(batch, next))?;
        }
        Ok(())
    }

    /// The source has ended: sends the rest and closes the rings. Returns the reader's share of the ledger.
    pub fn finish(mut self) -> Result<LaneReport, Closed> {
        self.flush()?;
        Ok(LaneReport { ledger: self.ledger, decode: self.decoder.stats(), ..LaneReport::default() })
    }
}
