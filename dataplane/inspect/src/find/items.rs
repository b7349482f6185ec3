//! Values grouped into data items.

use super::Hit;
use crate::swap::Moves;
use std::collections::BTreeMap;
use weir_exchange::{DataItem, DataTypeId, Fingerprinter, Form, KeptPositions, Place, SignalHit, SignalId};
use weir_rules::RuleSet;

/// Most fingerprints kept of an item.
const MAX_VALUES: usize = 64;

type Key = (Place, Box<str>, DataTypeId, Form);

/// What was found in an exchange so far.
#[derive(Default)]
pub(crate) struct Items {
    data: BTreeMap<Key, DataItem>,
    signals: BTreeMap<(Place, SignalId), Box<str>>,
}

impl Items {
    /// Counts a value. Beyond `max` items, only those known are counted on.
    pub(crate) fn add(
        &mut self,
        place: Place,
        hit: &Hit<'_>,
        rules: &RuleSet,
        fp: &Fingerprinter,
        max: usize,
    ) {
        let j = hit.judgement;
        let key = (place, Box::from(hit.path), hit.data_type, j.form);
        if !self.data.contains_key(&key) && self.data.len() >= max {
            return;
        }
        let item = self.data.entry(key).or_insert_with(|| {
            let mut sample = String::new();
            rules.mask(hit.data_type, hit.value, &mut sample);
            DataItem {
                data_type: hit.data_type,
                form: j.form,
                place,
                path: hit.path.into(),
                count: 0,
                level: 0,
                confidence: 0,
                sample: sample.into(),
                kept: KeptPositions::default(),
                values: Vec::new(),
            }
        });
        item.count = item.count.saturating_add(1);
        item.level = item.level.max(j.level);
        item.confidence = item.confidence.max(j.confidence);
        item.kept.head |= j.kept.head;
        item.kept.tail |= j.kept.tail;
        item.kept.length = item.kept.length.max(j.kept.length);
        let domain = rules.catalogue().data_type(hit.data_type).map_or("", |t| &t.id);
        let print = fp.of(domain, hit.value.as_bytes());
        if item.values.len() < MAX_VALUES && !item.values.contains(&print) {
            item.values.push(print);
        }
    }
    /// Notes a signal, once a place.
    pub(crate) fn signal(&mut self, place: Place, signal: SignalId, excerpt: &str) {
        self.signals.entry((place, signal)).or_insert_with(|| excerpt.into());
    }
    /// Whether a signal is already known at a place.
    pub(crate) fn has_signal(&self, place: Place, signal: SignalId) -> bool {
        self.signals.contains_key(&(place, signal))
    }
    /// Goes over to other rules: what was found takes the new numbers, and goes where there is none.
    pub(crate) fn renumber(&mut self, moves: &Moves) {
        let data = std::mem::take(&mut self.data).into_iter();
        let signals = std::mem::take(&mut self.signals).into_iter();
        self.data = data
            .filter_map(|((place, path, data_type, form), item)| {
                let data_type = moves.data_type(data_type)?;
                Some(((place, path, data_type, form), DataItem { data_type, ..item }))
            })
            .collect();
        self.signals =
            signals.filter_map(|((p, s), excerpt)| Some(((p, moves.signal(s)?), excerpt))).collect();
    }
    /// Everything, in the order of records.
    pub(crate) fn finish(self) -> (Vec<DataItem>, Vec<SignalHit>) {
        let signals =
            self.signals.into_iter().map(|((place, signal), excerpt)| SignalHit { signal, place, excerpt });
        (self.data.into_values().collect(), signals.collect())
    }
}
