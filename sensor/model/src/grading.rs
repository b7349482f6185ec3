//! Grading an interface (数据接口分级): by its data, what its columns turned out to be, and how many persons they tell of.

use crate::{ColumnRule, ColumnVerdict, Interface};
use std::cell::LazyCell;
use std::collections::BTreeMap;
use weir_exchange::{DataTypeId, Form, Text};

/// Highest grade.
const HIGHEST: u8 = 4;

/// By what interfaces are graded; `weir explain thresholds` gives each figure with its reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grading {
    /// How columns are judged.
    pub columns: ColumnRule,
    /// Persons from which personal data of grade 2 raise the interface one grade.
    pub raise_2: u64,
    /// Persons from which personal data of grade 3 raise the interface one grade.
    pub raise_3: u64,
}

impl Default for Grading {
    /// As the thresholds of the catalogue of detectors are by default.
    fn default() -> Self {
        let columns = ColumnRule { least: 20, chance_percent: 200, affirm_percent: 60, distinct: 3 };
        Grading { columns, raise_2: 5_000, raise_3: 500 }
    }
}

impl Interface {
    /// Brings the counts of rejected values and the grade in line with the columns and the subjects.
    pub fn grade(&mut self, grading: &Grading) {
        let mut rejected: BTreeMap<(bool, DataTypeId, Form), u64> = BTreeMap::new();
        for ((response, _), column) in &self.columns {
            if column.judge(&grading.columns).0 == ColumnVerdict::Rejected {
                for ((data_type, form), n) in &column.doubtful {
                    *rejected.entry((*response, *data_type, *form)).or_default() += n;
                }
            }
        }
        for (key, profile) in &mut self.data {
            profile.rejected = rejected.get(key).map_or(0, |n| (*n).min(profile.values));
        }
        let held =
            |t: DataTypeId| self.data.iter().any(|((_, d, f), p)| *d == t && f.is_clear() && p.counted() > 0);
        let gone: Vec<DataTypeId> = rejected.keys().map(|(_, t, _)| *t).filter(|t| !held(*t)).collect();
        gone.into_iter().for_each(|t| self.subjects.forget(t));
        // Counting persons takes work, and matters to few grades.
        let persons = LazyCell::new(|| self.subjects.count());
        let graded = self.data.values().filter(|p| p.counted() > 0).map(|p| {
            let raises = match p.level {
                2 => p.personal && *persons >= grading.raise_2,
                3 => p.personal && *persons >= grading.raise_3,
                _ => false,
            };
            (p.level + u8::from(raises)).min(HIGHEST)
        });
        self.level = graded.max().unwrap_or(1);
    }
    /// Whether what was found of a type in a field does not count, as the column is something else.
    pub fn rejects(
        &self,
        response: bool,
        path: &str,
        data_type: DataTypeId,
        form: Form,
        rule: &ColumnRule,
    ) -> bool {
        !self.columns.is_empty()
            && self.columns.get(&(response, Text::from(path))).is_some_and(|c| {
                c.doubtful.contains_key(&(data_type, form)) && c.judge(rule).0 == ColumnVerdict::Rejected
            })
    }
}
