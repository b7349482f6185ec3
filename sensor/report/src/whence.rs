//! Where calls come from.

use std::collections::{BTreeMap, BTreeSet};
use weir_model::Known;
use weir_model::place::{Bucket, Database};

/// Callers and exchanges from one country or region, from inside, or from where nobody knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Whence {
    /// Where.
    pub bucket: Bucket,
    /// Callers.
    pub callers: u64,
    /// Their exchanges.
    pub exchanges: u64,
}

/// Exchanges by where their callers are, most first.
pub fn whence(known: &Known<'_>) -> Vec<Whence> {
    let mut all: BTreeMap<Bucket, (u64, u64)> = BTreeMap::new();
    for caller in known.callers {
        let (callers, exchanges) = all.entry(caller.place.bucket()).or_default();
        *callers += 1;
        *exchanges += caller.exchanges;
    }
    let one = |(bucket, (callers, exchanges))| Whence { bucket, callers, exchanges };
    let mut all: Vec<Whence> = all.into_iter().map(one).collect();
    all.sort_by(|a, b| b.exchanges.cmp(&a.exchanges).then(a.bucket.cmp(&b.bucket)));
    all
}

/// The databases that these places rest on, in order.
pub(crate) fn databases<'a>(known: &Known<'a>) -> BTreeSet<&'a Database> {
    known.callers.iter().filter_map(|c| c.place.by.as_deref()).collect()
}
