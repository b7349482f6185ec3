//! Steering: one reader decodes and spreads packets over lanes by flow.
//!
//! A network card does this with symmetric RSS and each lane then decodes its own frames; a capture file has no such card. Decoding
//! stays with the reader here because fragments and tunnels hide the flow until they are undone, and because the
//! fragment table is then one, whatever the number of lanes: the records do not depend on it.

use crate::batch::PacketBatch;
use crate::lane::LaneReport;
use crate::ring::{Closed, Sender};
use weir_decode::Decoder;
use weir_stream::symmetric_hash;
use weir_wire::{Frame, Ledger, Timestamp, Transport};

/// A batch leaves when it holds this many packets ...
const PACKETS: usize = 256;
/// ... or this many payload bytes.
const BYTES: usize = 256 * 1024;

/// The reader's side of a replay with several lanes.
pub struct Steering {
    decoder: Decoder,
    ledger: Ledger,
    clock: Timestamp,
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
            lanes,
        }
    }

    /// Takes one frame from the source.
    pub fn frame(&mut self, frame: &Frame<'_>) -> Result<(), Closed> {
        self.ledger.received.count += 1;
        self.ledger.received.bytes += frame.data.len() as u64;
        self.clock = self.clock.max(frame.time);
        let Some(packet) = self.decoder.decode(frame, &mut self.ledger) else { return Ok(()) };
        if packet.transport == Transport::Udp {
            return Ok(());
        }
        let lane = symmetric_hash(&packet) as usize % self.lanes.len().max(1);
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
