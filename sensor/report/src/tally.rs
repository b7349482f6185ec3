//! Totals over exchanges, kept while they pass, in bounded memory.

use std::collections::BTreeMap;
use weir_exchange::{Exchange, Protocol};
use weir_model::{CallerId, InterfaceId};
use weir_wire::Timestamp;

/// Bins an [`Activity`] holds at most; with more, neighbours unite.
const BINS: u64 = 120;
/// Finest bin: one second.
const FINEST: u64 = 1_000_000_000;
/// Pairs of caller and interface kept; later pairs only count in [`Tally::pairs_refused`].
const PAIRS: usize = 65_536;

/// One bin of time.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Bin {
    /// Exchanges.
    pub calls: u64,
    /// Exchanges that held data of grade 3 or 4.
    pub sensitive: u64,
    /// Exchanges answered 4xx or 5xx.
    pub errors: u64,
}

/// Exchanges over time, in at most 120 bins of equal width that start at multiples of it.
///
/// The width doubles when the span asks for it, and bins are aligned to the epoch, so the result does not depend on the order in
/// which exchanges come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Activity {
    width: u64,
    bins: BTreeMap<u64, Bin>,
}

impl Default for Activity {
    fn default() -> Self {
        Activity { width: FINEST, bins: BTreeMap::new() }
    }
}

impl Activity {
    fn at(&mut self, time: Timestamp) -> &mut Bin {
        loop {
            let index = time.nanos() / self.width;
            let first = self.bins.first_key_value().map_or(index, |(k, _)| *k).min(index);
            let last = self.bins.last_key_value().map_or(index, |(k, _)| *k).max(index);
            if last - first < BINS {
                return self.bins.entry(index).or_default();
            }
            self.widen();
        }
    }
    fn widen(&mut self) {
        self.width = self.width.saturating_mul(2);
        for (index, bin) in std::mem::take(&mut self.bins) {
            let into = self.bins.entry(index / 2).or_default();
            into.calls += bin.calls;
            into.sensitive += bin.sensitive;
            into.errors += bin.errors;
        }
    }
    /// Width of a bin in nanoseconds.
    pub fn width(&self) -> u64 {
        self.width
    }
    /// Every bin from the first to the last with its start, empty ones included.
    pub fn bins(&self) -> Vec<(Timestamp, Bin)> {
        let (Some((first, _)), Some((last, _))) = (self.bins.first_key_value(), self.bins.last_key_value())
        else {
            return Vec::new();
        };
        let bin = |i| (Timestamp::from_nanos(i * self.width), self.bins.get(&i).copied().unwrap_or_default());
        (*first..=*last).map(bin).collect()
    }
}

/// Totals over exchanges.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Tally {
    /// Exchanges; of a call that was seen before and after a proxy, the first leg.
    pub exchanges: u64,
    /// Further legs of calls, which are not among the exchanges.
    pub further_legs: u64,
    /// Of the exchanges, seen whole.
    pub complete: u64,
    /// Of those, in clear.
    pub clear: u64,
    /// Of those, with any sensitive data.
    pub with_data: u64,
    /// Exchanges by protocol.
    pub protocols: BTreeMap<Protocol, u64>,
    /// Exchanges by status class: none, 1xx ... 5xx.
    pub statuses: [u64; 6],
    /// First and last moment.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Exchanges over time.
    pub activity: Activity,
    /// Exchanges by caller and interface (as first numbered).
    pub pairs: BTreeMap<(CallerId, InterfaceId), u64>,
    /// Exchanges of pairs that found no room.
    pub pairs_refused: u64,
}

impl Tally {
    /// Counts one exchange.
    pub fn add(&mut self, x: &Exchange, caller: CallerId, interface: Option<InterfaceId>) {
        self.exchanges += 1;
        self.complete += u64::from(x.complete);
        self.clear += u64::from(x.scheme.is_clear());
        self.with_data += u64::from(!x.data.is_empty());
        *self.protocols.entry(x.protocol).or_default() += 1;
        let class = x.status().map_or(0, |s| usize::from(s / 100));
        self.statuses[if class < 6 { class } else { 0 }] += 1;
        let (first, last) = self.span.unwrap_or((x.time, x.ended));
        self.span = Some((first.min(x.time), last.max(x.ended)));
        let bin = self.activity.at(x.time);
        bin.calls += 1;
        bin.sensitive += u64::from(x.data.iter().any(|d| d.level >= 3));
        bin.errors += u64::from(class == 4 || class == 5);
        let Some(interface) = interface else { return };
        let room = self.pairs.len() < PAIRS;
        match self.pairs.get_mut(&(caller, interface)) {
            Some(n) => *n += 1,
            None if room => drop(self.pairs.insert((caller, interface), 1)),
            None => self.pairs_refused += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_do_not_depend_on_order() {
        let times: Vec<u64> = (0..500u64).map(|i| (i * 7_919 % 500) * 3_000_000_000).collect();
        let count = |times: &mut dyn Iterator<Item = u64>| {
            let mut a = Activity::default();
            for t in times {
                a.at(Timestamp::from_nanos(t)).calls += 1;
            }
            a
        };
        let mut sorted = times.clone();
        sorted.sort_unstable();
        let (a, b) = (count(&mut times.into_iter()), count(&mut sorted.into_iter()));
        assert_eq!(a, b);
        assert!(a.bins().len() as u64 <= BINS);
        assert_eq!(a.bins().iter().map(|(_, b)| b.calls).sum::<u64>(), 500);
    }
}
