//! The lane's end of the hand-off: batches of exchanges on their way to the analyst. A lane writes its exchanges where they travel: what is
//! handed over is the memory they lie in.

use crate::batch::ExchangeBatch;
use crate::lane::Lane;
use crate::ring::{Closed, Sender};
use std::collections::VecDeque;
use weir_exchange::Exchange;
use weir_wire::{Account, Duration, Entry, Timestamp};

/// Exchanges a batch holds before it is handed over: enough to pay for the hand-off, few enough to stay in cache.
pub(crate) const BATCH: usize = 32;
/// After this much packet time the others may be waiting for this lane's clock.
const TELL: Duration = Duration::from_millis(100);
/// Batches that wait for room in the ring, on a wire, before exchanges are given up.
const PENDING: usize = 32;
/// Encrypted connections kept for the next batch where the exchanges of one were given up.
const CONNECTIONS: usize = 4096;

/// Hands a lane's exchanges over in batches.
pub struct Outbox {
    sender: Sender<ExchangeBatch>,
    /// What comes next: empty until it goes.
    batch: Box<ExchangeBatch>,
    /// Totals of the exchanges that lie in the lane: they are in the lane's own.
    booked: Entry,
    told: Timestamp,
    /// Batches that found the ring full, the oldest first; `None` where the lane waits instead.
    pending: Option<VecDeque<(Box<ExchangeBatch>, Entry)>>,
    dropped: u64,
}

impl Outbox {
    /// Over a ring, waiting where it is full: a file's frames can wait.
    pub fn new(sender: Sender<ExchangeBatch>) -> Self {
        let batch = sender.batch();
        Outbox {
            sender,
            batch,
            booked: Entry::default(),
            told: Timestamp::default(),
            pending: None,
            dropped: 0,
        }
    }

    /// Over a ring, never waiting: what finds no room waits aside, 32 batches at most; after that the totals of new
    /// exchanges are kept ([`Account::ExchangeBehind`]) and the exchanges are not.
    pub fn live(sender: Sender<ExchangeBatch>) -> Self {
        Outbox { pending: Some(VecDeque::with_capacity(PENDING)), ..Outbox::new(sender) }
    }

    /// Batches under way, and how many may be.
    pub fn depth(&self) -> (usize, usize) {
        let pending = self.pending.as_ref();
        let aside = pending.map_or(0, VecDeque::len);
        (self.sender.len() + aside, self.sender.capacity() + pending.map_or(0, |_| PENDING))
    }

    /// Batches given up so far, and encrypted connections that were.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Takes what `lane` finished; sends when a batch is full, when (on a wire) the ring is empty, or when the others may be waiting for this lane's clock.
    ///
    /// # Errors
    /// Where the analyst is gone.
    pub fn collect(&mut self, lane: &mut Lane) -> Result<(), Closed> {
        let clock = lane.clock();
        self.book(lane);
        // A lane without exchanges still has to tell the time, or the merge would hold every other lane's exchanges.
        let overdue = clock.since(self.told) > TELL;
        // On a wire, an analyst that has nothing to do gets what there is: batches grow by themselves when it has.
        let awaited = self.pending.is_some() && self.booked.count > 0 && self.sender.is_empty();
        if self.booked.count >= BATCH as u64 || overdue || awaited {
            self.told = clock;
            self.flush(lane)?;
        }
        Ok(())
    }

    /// Sends what there is, as what follows is of another kind (new rules).
    pub(crate) fn part(&mut self, lane: &mut Lane) -> Result<(), Closed> {
        self.book(lane);
        self.flush(lane)
    }

    /// Sends the last exchanges and the lane's report, waiting for room as nothing comes after them.
    ///
    /// # Errors
    /// Where the analyst is gone.
    pub fn finish(mut self, lane: &mut Lane) -> Result<(), Closed> {
        self.book(lane);
        let last = self.fill(lane);
        for (waiting, sum) in self.pending.take().unwrap_or_default() {
            lane.ledger().add_many(Account::ExchangeHanded, sum);
            self.sender.send(waiting)?;
        }
        lane.ledger().add_many(Account::ExchangeHanded, last);
        self.batch.report = Some(lane.report());
        self.sender.send(self.batch)
    }

    /// Adds what the lane finished since the last time to its totals.
    fn book(&mut self, lane: &mut Lane) {
        let sum = totals(lane.finished().get(self.booked.count as usize..).unwrap_or_default());
        for total in [&mut self.booked, &mut lane.ledger().exchanges] {
            total.count += sum.count;
            total.bytes += sum.bytes;
        }
    }

    /// Takes everything out of the lane; says how much it is.
    fn fill(&mut self, lane: &mut Lane) -> Entry {
        (self.batch.watermark, self.batch.rules) = (lane.clock(), lane.rules_changed());
        lane.hand_out(&mut self.batch.exchanges);
        lane.hand_out_connections(&mut self.batch.connections, &mut self.batch.resolved);
        std::mem::take(&mut self.booked)
    }

    fn flush(&mut self, lane: &mut Lane) -> Result<(), Closed> {
        let sum = self.fill(lane);
        if self.pending.is_none() {
            lane.ledger().add_many(Account::ExchangeHanded, sum);
            let next = self.sender.batch();
            return self.sender.send(std::mem::replace(&mut self.batch, next));
        }
        self.send_pending(lane)?;
        if self.pending.as_ref().is_some_and(|p| p.len() == PENDING) {
            self.dropped += u64::from(sum.count > 0);
            lane.ledger().add_many(Account::ExchangeBehind, sum);
            self.batch.exchanges.clear();
            // Few, and small: they go with the next batch.
            self.dropped += self.batch.connections.len().saturating_sub(CONNECTIONS) as u64;
            self.batch.connections.truncate(CONNECTIONS);
            // Told again within the hour.
            self.batch.resolved.clear();
            return Ok(());
        }
        let full = std::mem::replace(&mut self.batch, self.sender.batch());
        self.pending.get_or_insert_default().push_back((full, sum));
        self.send_pending(lane)
    }

    /// Sends what waits aside, as far as there is room.
    fn send_pending(&mut self, lane: &mut Lane) -> Result<(), Closed> {
        let Some(pending) = &mut self.pending else { return Ok(()) };
        while let Some((eldest, sum)) = pending.pop_front() {
            if let Some(back) = self.sender.try_send(eldest)? {
                pending.push_front((back, sum));
                return Ok(());
            }
            lane.ledger().add_many(Account::ExchangeHanded, sum);
        }
        Ok(())
    }
}

/// Exchanges, and the wire bytes of their bodies.
fn totals(exchanges: &[Exchange]) -> Entry {
    let body = |x: &Exchange| {
        x.request.as_ref().map_or(0, |r| r.body.wire_bytes)
            + x.response.as_ref().map_or(0, |r| r.body.wire_bytes)
    };
    Entry { count: exchanges.len() as u64, bytes: exchanges.iter().map(body).sum() }
}
