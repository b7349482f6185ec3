//! Values grouped into data items.

use super::Hit;
use crate::structure::is_blank;
use crate::swap::Moves;
use smallvec::SmallVec;
use weir_exchange::{
    Column, DataItem, DataTypeId, Distinct, Excerpt, Fingerprint, Fingerprinter, Form, KeptPositions, Place,
    SignalHit, SignalId, Text,
};
use weir_rules::RuleSet;

/// Most fingerprints kept of an item.
const MAX_VALUES: usize = 64;

/// What was found in an exchange so far, in the order of records.
#[derive(Default)]
pub(crate) struct Items {
    data: Vec<DataItem>,
    signals: SmallVec<[SignalHit; 1]>,
    /// Fields whose values are counted.
    columns: SmallVec<[(Place, Text); 2]>,
    /// Where samples are written.
    sample: String,
}

/// Adds a value to the distinct ones.
fn add_value(item: &mut DataItem, print: Fingerprint) {
    if let Some(all) = &mut item.distinct {
        return all.add(print);
    }
    if item.values.contains(&print) {
        return;
    }
    if item.values.len() < MAX_VALUES {
        return item.values.push(print);
    }
    let mut all = Distinct::default();
    item.values.iter().for_each(|v| all.add(*v));
    all.add(print);
    item.distinct = Some(Box::new(all));
}

/// The class of what stands before the last characters of a value. Not keyed, so that the figures of a column are the same in every data
/// directory; six bits of values that stand together tell nothing of one.
fn prefix_class(prefix: &str) -> Fingerprint {
    Fingerprinter::new([0; 16]).of("prefix", prefix.as_bytes())
}

/// Whether the values of a field are counted. There are hardly ever more than a few such fields.
fn has_column(columns: &[(Place, Text)], place: Place, path: &str) -> bool {
    columns.iter().any(|(p, known)| *p == place && **known == *path)
}

/// Order of items in records.
fn key(item: &DataItem) -> (Place, &str, DataTypeId, Form) {
    (item.place, &item.path, item.data_type, item.form)
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
        let wanted = (place, hit.path, hit.data_type, j.form);
        let at = match self.data.binary_search_by(|item| key(item).cmp(&wanted)) {
            Ok(at) => at,
            Err(_) if self.data.len() >= max => return,
            Err(at) => {
                self.sample.clear();
                rules.mask(hit.data_type, hit.value, &mut self.sample);
                let item = DataItem {
                    data_type: hit.data_type,
                    form: j.form,
                    place,
                    path: Text::new(hit.path),
                    count: 0,
                    level: 0,
                    confidence: 0,
                    sample: Text::new(&self.sample),
                    kept: KeptPositions::default(),
                    values: SmallVec::new(),
                    distinct: None,
                    column: Column::default(),
                };
                self.data.insert(at, item);
                at
            }
        };
        let item = &mut self.data[at];
        item.count = item.count.saturating_add(1);
        item.level = item.level.max(j.level);
        item.confidence = item.confidence.max(j.confidence);
        item.kept.head |= j.kept.head;
        item.kept.tail |= j.kept.tail;
        item.kept.length = item.kept.length.max(j.kept.length);
        let (domain, chance) =
            rules.catalogue().data_type(hit.data_type).map_or(("", 0), |t| (&*t.id, t.chance));
        add_value(item, fp.of(domain, hit.value.as_bytes()));
        if chance > 0 && hit.whole && j.form.is_clear() {
            let end = hit.value.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
            item.column.find(prefix_class(&hit.value[..end]));
            if item.column.whole == 1 {
                // Values before the first one found were not looked at, but there was one a record.
                item.column.seen = hit.before;
                if !has_column(&self.columns, place, hit.path) {
                    self.columns.push((place, Text::new(hit.path)));
                }
            }
        }
    }
    /// Counts a value of a field, where those of the field are counted; whether they are.
    pub(crate) fn count(&mut self, place: Place, path: &str, value: &[u8]) -> bool {
        if !has_column(&self.columns, place, path) {
            return false;
        }
        if !is_blank(value) {
            let from = self.data.partition_point(|i| (i.place, &*i.path) < (place, path));
            let of_field = |i: &&mut DataItem| i.place == place && *i.path == *path;
            for item in self.data[from..].iter_mut().take_while(of_field).filter(|i| i.column.whole > 0) {
                item.column.see(value.len());
            }
        }
        true
    }
    /// Notes a signal, once a place.
    pub(crate) fn signal(&mut self, place: Place, signal: SignalId, excerpt: &Excerpt) {
        if let Err(at) = self.find(place, signal) {
            self.signals.insert(at, SignalHit { signal, place, excerpt: *excerpt });
        }
    }
    /// Whether a signal is already known at a place.
    pub(crate) fn has_signal(&self, place: Place, signal: SignalId) -> bool {
        self.find(place, signal).is_ok()
    }
    fn find(&self, place: Place, signal: SignalId) -> Result<usize, usize> {
        self.signals.binary_search_by(|s| (s.place, s.signal).cmp(&(place, signal)))
    }
    /// Adds what was found in other places.
    pub(crate) fn absorb(&mut self, other: &Items) {
        for item in &other.data {
            let at = self.data.partition_point(|i| key(i) < key(item));
            self.data.insert(at, item.clone());
        }
        for s in &other.signals {
            self.signal(s.place, s.signal, &s.excerpt);
        }
    }
    /// Goes over to other rules: what was found takes the new numbers, and goes where there is none.
    pub(crate) fn renumber(&mut self, moves: &Moves) {
        self.data.retain_mut(|item| moves.data_type(item.data_type).map(|to| item.data_type = to).is_some());
        self.data.sort_by(|a, b| key(a).cmp(&key(b)));
        self.signals.retain(|s| moves.signal(s.signal).map(|to| s.signal = to).is_some());
        self.signals.sort_by_key(|s| (s.place, s.signal));
    }
    /// Everything, in the order of records.
    pub(crate) fn take(&mut self) -> (Vec<DataItem>, SmallVec<[SignalHit; 1]>) {
        (std::mem::take(&mut self.data), std::mem::take(&mut self.signals))
    }
    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.data.clear();
        self.signals.clear();
        self.columns.clear();
    }
}
