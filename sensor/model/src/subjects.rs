//! Data subjects (个人信息主体): how many different persons' data passed.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::{Catalogue, DataItem, DataTypeId, Distinct};
use weir_wire::Timestamp;

/// Types counted apart; what a catalogue has beyond them is not counted.
const TYPES: usize = 16;
/// Seconds of a window.
const WINDOW: u64 = 3_600;

/// Different values by type.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
struct ByType(BTreeMap<DataTypeId, Distinct>);

impl ByType {
    fn add<'a>(&mut self, items: impl Iterator<Item = &'a DataItem>) {
        for item in items {
            if self.0.len() < TYPES || self.0.contains_key(&item.data_type) {
                item.count_into(self.0.entry(item.data_type).or_default());
            }
        }
    }
    fn unite(&mut self, other: &ByType) {
        for (data_type, set) in &other.0 {
            if self.0.len() < TYPES || self.0.contains_key(data_type) {
                self.0.entry(*data_type).or_default().unite(set);
            }
        }
    }
    /// The most of any type.
    fn most(&self) -> Option<&Distinct> {
        self.0.values().max_by_key(|d| d.count())
    }
    fn count(&self) -> u64 {
        self.most().map_or(0, Distinct::count)
    }
}

/// Persons whose data passed in clear, in either direction: the number of different values of the type that has the most of them, among
/// the types of which values [identify](weir_exchange::DataType::identifies). Who has two mobiles counts twice where mobiles are the
/// most; who is known by a name alone does not count.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Subjects {
    all: ByType,
    /// The hour under way, in hours since the epoch.
    hour: (u64, ByType),
    /// The hour with the most, of those that are over.
    most: (u64, u64),
}

/// Most persons in an hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hour {
    /// When it begins.
    pub start: Timestamp,
    /// How many.
    pub count: u64,
}

impl Subjects {
    /// Adds what an exchange of that time held. One that belongs to an hour before the newest counts in the newest.
    pub fn add(&mut self, time: Timestamp, data: &[DataItem], catalogue: &Catalogue) {
        let identifying = || identifying(data, catalogue);
        if identifying().next().is_none() {
            return;
        }
        let hour = time.secs() / WINDOW;
        if hour > self.hour.0 {
            self.close();
            self.hour = (hour, ByType::default());
        }
        self.all.add(identifying());
        self.hour.1.add(identifying());
    }
    /// Takes out what was counted by a type that turned out not to be one, the hours that are over excepted.
    pub fn forget(&mut self, data_type: DataTypeId) {
        self.all.0.remove(&data_type);
        self.hour.1.0.remove(&data_type);
    }
    /// How many; see [`is_exact`](Self::is_exact).
    pub fn count(&self) -> u64 {
        self.all.count()
    }
    /// Whether the count is no estimate.
    pub fn is_exact(&self) -> bool {
        self.all.most().is_none_or(Distinct::is_exact)
    }
    /// The hour in which there were the most; the first of several. `None` where there were none at all.
    pub fn busiest(&self) -> Option<Hour> {
        let (hour, count) = self.busiest_hour();
        (count > 0).then(|| Hour { start: Timestamp::from_nanos(hour * WINDOW * 1_000_000_000), count })
    }
    /// Adds those of another record that turned out to be the same.
    pub fn unite(&mut self, other: &Subjects) {
        self.all.unite(&other.all);
        if self.hour.0 == other.hour.0 {
            self.hour.1.unite(&other.hour.1);
        } else if self.hour.0 < other.hour.0 {
            self.close();
            self.hour = other.hour.clone();
        } else if other.hour.1.count() > self.most.1 {
            self.most = (other.hour.0, other.hour.1.count());
        }
        if other.most.1 > self.most.1 {
            self.most = other.most;
        }
    }
    fn close(&mut self) {
        self.most = self.busiest_hour();
    }
    fn busiest_hour(&self) -> (u64, u64) {
        let now = self.hour.1.count();
        if now > self.most.1 { (self.hour.0, now) } else { self.most }
    }
}

/// Persons whose data one exchange held, and whether that is exact.
pub fn subjects_of(data: &[DataItem], catalogue: &Catalogue) -> (u64, bool) {
    let mut all = ByType::default();
    all.add(identifying(data, catalogue));
    (all.count(), all.most().is_none_or(Distinct::is_exact))
}

fn identifying<'a>(data: &'a [DataItem], catalogue: &'a Catalogue) -> impl Iterator<Item = &'a DataItem> {
    data.iter()
        .filter(|d| d.form.is_clear() && catalogue.data_type(d.data_type).is_some_and(|t| t.identifies))
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_exchange::{DataType, Fingerprint, Form, sample};

    fn catalogue() -> Catalogue {
        let t = |id, identifies| DataType { identifies, ..sample::data_type(id, 3) };
        Catalogue {
            data_types: vec![t("id", true), t("mobile", true), t("city", false)],
            ..Catalogue::default()
        }
    }

    fn item(t: u16, values: std::ops::Range<u64>) -> DataItem {
        let mut all = Distinct::default();
        values.for_each(|v| all.add(Fingerprint(v)));
        DataItem { distinct: Some(Box::new(all)), ..sample::item(DataTypeId(t)) }
    }

    fn at(hour: u64) -> Timestamp {
        Timestamp::from_nanos((hour * WINDOW + 7) * 1_000_000_000)
    }

    #[test]
    fn counts_the_type_with_the_most() {
        let data = [item(0, 0..3), item(1, 0..5), item(1, 3..7), item(2, 0..90)];
        assert_eq!(subjects_of(&data, &catalogue()), (7, true));
        let masked = [DataItem { form: Form::Masked, ..item(0, 0..9) }];
        assert_eq!(subjects_of(&masked, &catalogue()), (0, true));
        assert!(!subjects_of(&[item(0, 0..5_000)], &catalogue()).1);
    }

    #[test]
    fn keeps_the_busiest_hour_and_unites() {
        let c = catalogue();
        let mut a = Subjects::default();
        assert_eq!((a.count(), a.busiest()), (0, None));
        for (hour, values) in [(1, 0..4), (2, 0..9), (2, 5..12), (3, 0..2)] {
            a.add(at(hour), &[item(0, values)], &c);
        }
        let busiest = |s: &Subjects| s.busiest().map(|h| (h.start.secs() / WINDOW, h.count));
        assert_eq!((a.count(), a.is_exact(), busiest(&a)), (12, true, Some((2, 12))));
        let mut b = Subjects::default();
        b.add(at(3), &[item(0, 100..120)], &c);
        a.unite(&b);
        assert_eq!((a.count(), busiest(&a)), (32, Some((3, 22))));
    }
}
