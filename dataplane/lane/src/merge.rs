//! Puts the exchanges, connections and names of several lanes into one order that does not depend on the lanes.

use crate::batch::ExchangeBatch;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use weir_exchange::{CommunityId, Connection, Exchange, Resolved};
use weir_wire::Timestamp;

/// What comes out of the lanes, in its place in their order; boxed, as a heap moves what it holds.
#[derive(Debug)]
pub enum Released {
    /// An exchange, and how often the rules had changed that number what it holds.
    Exchange(Box<Exchange>, u32),
    /// An encrypted connection: before the exchanges that it carries.
    Connection(Box<Connection>),
    /// A name and an address: before the connections to it.
    Resolved(Box<Resolved>),
}

/// What waits until it is certain that it is the next.
struct Earliest(Released);

impl Earliest {
    /// What is of one moment is told apart by flow and number, which no two share.
    fn key(&self) -> (Timestamp, CommunityId, Timestamp, Option<u32>) {
        match &self.0 {
            Released::Exchange(x, _) => (x.emitted, x.flow.community_id, x.flow.started, Some(x.number)),
            Released::Connection(c) => (c.emitted, c.flow.community_id, c.flow.started, None),
            Released::Resolved(r) => (r.time, CommunityId([0; 20]), Timestamp::default(), None),
        }
    }
}

impl Ord for Earliest {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key()).then_with(|| match (&self.0, &other.0) {
            (Released::Resolved(a), Released::Resolved(b)) => (&b.name, b.address).cmp(&(&a.name, a.address)),
            _ => Ordering::Equal,
        })
    }
}
impl PartialOrd for Earliest {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Earliest {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Earliest {}

/// Merges lanes by packet time: what they emit is released once no lane can still emit an earlier one.
pub struct Merge {
    pending: BinaryHeap<Earliest>,
    watermarks: Vec<Timestamp>,
}

impl Merge {
    /// For `lanes` lanes.
    pub fn new(lanes: usize) -> Self {
        Merge { pending: BinaryHeap::new(), watermarks: vec![Timestamp::default(); lanes] }
    }

    /// Takes a lane's batch, emptying it.
    pub fn add(&mut self, lane: usize, batch: &mut ExchangeBatch) {
        let rules = batch.rules;
        let exchanges = batch.exchanges.drain(..).map(|x| Released::Exchange(Box::new(x), rules));
        let connections = batch.connections.drain(..).map(|c| Released::Connection(Box::new(c)));
        let resolved = batch.resolved.drain(..).map(|r| Released::Resolved(Box::new(r)));
        self.pending.extend(exchanges.chain(connections).chain(resolved).map(Earliest));
        if let Some(w) = self.watermarks.get_mut(lane) {
            *w = (*w).max(batch.watermark);
        }
    }

    /// The lane will emit nothing more.
    pub fn end(&mut self, lane: usize) {
        if let Some(w) = self.watermarks.get_mut(lane) {
            *w = Timestamp::from_nanos(u64::MAX);
        }
    }

    /// The lane whose progress holds the others up: the one to wait for next. `None` when all have ended.
    pub fn slowest(&self) -> Option<usize> {
        let (lane, w) = self.watermarks.iter().enumerate().min_by_key(|(_, w)| **w)?;
        (w.nanos() != u64::MAX).then_some(lane)
    }

    /// What is next in order, if that is certain.
    pub fn release(&mut self) -> Option<Released> {
        let sure = *self.watermarks.iter().min()?;
        let ended = sure.nanos() == u64::MAX;
        let first = self.pending.peek()?;
        if !ended && first.key().0 >= sure {
            return None;
        }
        self.pending.pop().map(|e| e.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_exchange::sample::Call;

    fn exchange(emitted: u64, flow: u8) -> Exchange {
        Call::get("/").at(Timestamp::from_nanos(emitted)).flow(flow, 0).build()
    }

    fn batch(watermark: u64, exchanges: &[(u64, u8)]) -> ExchangeBatch {
        let exchanges = exchanges.iter().map(|(t, f)| exchange(*t, *f)).collect();
        ExchangeBatch { exchanges, watermark: Timestamp::from_nanos(watermark), ..ExchangeBatch::default() }
    }

    fn drain(m: &mut Merge) -> Vec<(u64, u8)> {
        std::iter::from_fn(|| m.release())
            .map(|r| Earliest(r).key())
            .map(|(emitted, flow, ..)| (emitted.nanos(), flow.0[0]))
            .collect()
    }

    #[test]
    fn releases_what_no_lane_can_precede() {
        let mut m = Merge::new(2);
        m.add(0, &mut batch(10, &[(3, 1), (9, 1)]));
        assert_eq!(drain(&mut m), []);
        assert_eq!(m.slowest(), Some(1));
        m.add(1, &mut batch(9, &[(3, 0), (5, 2)]));
        assert_eq!(drain(&mut m), [(3, 0), (3, 1), (5, 2)]);
        m.end(1);
        assert_eq!(drain(&mut m), [(9, 1)]);
        m.end(0);
        assert_eq!(m.slowest(), None);
    }
}
