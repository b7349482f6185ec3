//! Puts the exchanges of several lanes into one order that does not depend on the lanes.

use crate::batch::ExchangeBatch;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use weir_exchange::Exchange;
use weir_wire::Timestamp;

/// Exchanges of one moment are told apart by flow and number, which no two share.
fn order(a: &Exchange, b: &Exchange) -> Ordering {
    let key = |x: &Exchange| (x.emitted, x.flow.community_id, x.flow.started, x.number);
    key(a).cmp(&key(b))
}

struct Earliest(Box<Exchange>, u32);

impl Ord for Earliest {
    fn cmp(&self, other: &Self) -> Ordering {
        order(&other.0, &self.0)
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

/// Merges lanes by packet time: an exchange is released once no lane can still emit an earlier one.
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
        self.pending.extend(batch.exchanges.drain(..).map(|x| Earliest(Box::new(x), rules)));
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

    /// The next exchange in order, if it is certain, and how often the rules had changed that number what it holds.
    pub fn release(&mut self) -> Option<(Exchange, u32)> {
        let sure = *self.watermarks.iter().min()?;
        let ended = sure.nanos() == u64::MAX;
        let first = self.pending.peek()?;
        if !ended && first.0.emitted >= sure {
            return None;
        }
        self.pending.pop().map(|e| (*e.0, e.1))
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
            .map(|(x, _)| (x.emitted.nanos(), x.flow.community_id.0[0]))
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
