//! The lane's end of the hand-off: batches of exchanges on their way to the analyst.

use crate::batch::ExchangeBatch;
use crate::lane::Lane;
use crate::ring::{Closed, Sender};
use std::collections::VecDeque;
use weir_exchange::Exchange;
use weir_wire::{Account, Duration, Entry, Ledger, Timestamp};

/// Exchanges a batch holds before it is handed over: enough to pay for the hand-off, few enough to stay in cache.
pub(crate) const BATCH: usize = 32;
/// After this much packet time the others may be waiting for this lane's clock.
const TELL: Duration = Duration::from_millis(100);
/// Batches that wait for room in the ring, on a wire, before exchanges are given up.
const PENDING: usize = 32;

/// Hands a lane's exchanges over in batches.
pub struct Outbox {
    sender: Sender<ExchangeBatch>,
    batch: Box<ExchangeBatch>,
    told: Timestamp,
    /// Batches that found the ring full, the oldest first; `None` where the lane waits instead.
    pending: Option<VecDeque<Box<ExchangeBatch>>>,
    dropped: u64,
}

impl Outbox {
    /// Over a ring, waiting where it is full: a file's frames can wait.
    pub fn new(sender: Sender<ExchangeBatch>) -> Self {
        let batch = sender.batch();
        Outbox { sender, batch, told: Timestamp::default(), pending: None, dropped: 0 }
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

    /// Batches given up so far.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Takes what `lane` finished; sends when a batch is full, when (on a wire) the ring is empty, or when the others may be waiting for this lane's clock.
    ///
    /// # Errors
    /// Where the analyst is gone.
    pub fn collect(&mut self, lane: &mut Lane) -> Result<(), Closed> {
        let clock = lane.clock();
        self.take(lane);
        // A lane without exchanges still has to tell the time, or the merge would hold every other lane's exchanges.
        let overdue = clock.since(self.told) > TELL;
        // On a wire, an analyst that has nothing to do gets what there is: batches grow by themselves when it has.
        let awaited = self.pending.is_some() && !self.batch.exchanges.is_empty() && self.sender.is_empty();
        if self.batch.exchanges.len() >= BATCH || overdue || awaited {
            self.told = clock;
            self.flush(lane)?;
        }
        Ok(())
    }

    /// Sends what there is, as what follows is of another kind (new rules).
    pub(crate) fn part(&mut self, lane: &mut Lane) -> Result<(), Closed> {
        self.take(lane);
        self.flush(lane)
    }

    /// Sends the last exchanges and the lane's report, waiting for room as nothing comes after them.
    ///
    /// # Errors
    /// Where the analyst is gone.
    pub fn finish(mut self, lane: &mut Lane) -> Result<(), Closed> {
        self.take(lane);
        for waiting in self.pending.take().unwrap_or_default() {
            handed(&waiting, lane.ledger());
            self.sender.send(waiting)?;
        }
        handed(&self.batch, lane.ledger());
        self.batch.report = Some(lane.report());
        self.sender.send(self.batch)
    }

    fn take(&mut self, lane: &mut Lane) {
        self.batch.watermark = lane.clock();
        self.batch.rules = lane.rules_changed();
        let before = self.batch.exchanges.len();
        self.batch.exchanges.extend(lane.exchanges());
        let sum = totals(&self.batch.exchanges[before..]);
        let emitted = &mut lane.ledger().exchanges;
        emitted.count += sum.count;
        emitted.bytes += sum.bytes;
    }

    fn flush(&mut self, lane: &mut Lane) -> Result<(), Closed> {
        if self.pending.is_none() {
            handed(&self.batch, lane.ledger());
            let next = self.sender.batch();
            return self.sender.send(std::mem::replace(&mut self.batch, next));
        }
        self.send_pending(lane)?;
        if self.pending.as_ref().is_some_and(|p| p.len() == PENDING) {
            self.dropped += u64::from(!self.batch.exchanges.is_empty());
            lane.ledger().add_many(Account::ExchangeBehind, totals(&self.batch.exchanges));
            self.batch.exchanges.clear();
            return Ok(());
        }
        let full = std::mem::replace(&mut self.batch, self.sender.batch());
        self.pending.get_or_insert_default().push_back(full);
        self.send_pending(lane)
    }

    /// Sends what waits aside, as far as there is room.
    fn send_pending(&mut self, lane: &mut Lane) -> Result<(), Closed> {
        let Some(pending) = &mut self.pending else { return Ok(()) };
        while let Some(eldest) = pending.pop_front() {
            let sum = totals(&eldest.exchanges);
            if let Some(back) = self.sender.try_send(eldest)? {
                pending.push_front(back);
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

fn handed(batch: &ExchangeBatch, ledger: &mut Ledger) {
    ledger.add_many(Account::ExchangeHanded, totals(&batch.exchanges));
}
