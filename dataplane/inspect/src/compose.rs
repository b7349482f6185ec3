//! Composite types: several types in one record of a message (a name, an identity number and a card of the same person).
//!
//! Records are told by paths: what stands in the same innermost array belongs together, and so does what stands in no array. How often is
//! as often as the rarest of the types that are needed. Values that are masked, digested or encrypted do not count.

use crate::scan::DocumentHit;
use std::collections::BTreeMap;
use weir_exchange::{Column, DataItem, DataTypeId, Form, KeptPositions, Place, Text};
use weir_rules::{Composite, RuleSet};

/// The record that a field belongs to.
fn record_of(path: &str) -> &str {
    path.rfind("[]").map_or("", |at| &path[..at + 2])
}

/// What was found of one type in one record.
#[derive(Clone, Copy, Default)]
struct Member {
    count: u32,
    confidence: u8,
}

/// What was found of the types of a composite in one record.
#[derive(Default)]
struct Members(BTreeMap<DataTypeId, Member>);

impl Members {
    fn add(&mut self, data_type: DataTypeId, count: u32, confidence: u8) {
        let member = self.0.entry(data_type).or_default();
        member.count = member.count.saturating_add(count);
        member.confidence = member.confidence.max(confidence);
    }
    /// How often the composite stands there, and how sure that is.
    fn together(&self, composite: &Composite) -> Option<Member> {
        let mut counts: Vec<u32> = self.0.values().map(|m| m.count).collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let count = *counts.get(composite.least.checked_sub(1)?)?;
        Some(Member { count, confidence: self.0.values().map(|m| m.confidence).min()? })
    }
    /// The types by name, for a sample: it shows no value.
    fn names(&self, rules: &RuleSet) -> String {
        let names: Vec<&str> =
            self.0.keys().filter_map(|t| rules.catalogue().data_type(*t)).map(|t| &*t.id).collect();
        names.join("+")
    }
}

/// Adds the composites of an exchange to its data, which are in the order of records and stay so.
pub(crate) fn compose(data: &mut Vec<DataItem>, rules: &RuleSet, max: usize) {
    for composite in rules.composites() {
        let mut records: BTreeMap<(Place, &str), Members> = BTreeMap::new();
        for item in data.iter().filter(|i| i.form.is_clear() && composite.of.contains(&i.data_type)) {
            let members = records.entry((item.place, record_of(&item.path))).or_default();
            members.add(item.data_type, item.count, item.confidence);
        }
        let items: Vec<DataItem> = records
            .iter()
            .filter_map(|((place, path), members)| {
                Some((*place, *path, members, members.together(composite)?))
            })
            .map(|(place, path, members, together)| DataItem {
                data_type: composite.data_type,
                form: Form::Plain,
                place,
                path: Text::new(path),
                count: together.count,
                level: composite.level,
                confidence: together.confidence,
                sample: Text::new(members.names(rules)),
                kept: KeptPositions::default(),
                values: smallvec::SmallVec::new(),
                distinct: None,
                column: Column::default(),
            })
            .collect();
        for item in items.into_iter().take(max.saturating_sub(data.len())) {
            let key = |i: &DataItem| (i.place, i.path.clone(), i.data_type, i.form);
            let at = data.partition_point(|i| key(i) < key(&item));
            data.insert(at, item);
        }
    }
}

/// The composites of a document: each reaches from the first of its values in a record to the last.
pub(crate) fn compose_hits(hits: &[DocumentHit], rules: &RuleSet) -> Vec<DocumentHit> {
    let mut out = Vec::new();
    for composite in rules.composites() {
        let mut records: BTreeMap<&str, (Members, u64, u64)> = BTreeMap::new();
        for hit in hits.iter().filter(|h| h.form.is_clear() && composite.of.contains(&h.data_type)) {
            let found =
                records.entry(record_of(&hit.path)).or_insert((Members::default(), hit.start, hit.end));
            found.0.add(hit.data_type, 1, hit.confidence);
            (found.1, found.2) = (found.1.min(hit.start), found.2.max(hit.end));
        }
        for (path, (members, start, end)) in records {
            let Some(together) = members.together(composite) else { continue };
            out.push(DocumentHit {
                start,
                end,
                data_type: composite.data_type,
                form: Form::Plain,
                level: composite.level,
                confidence: together.confidence,
                path: path.into(),
                masked: members.names(rules).into(),
                value: None,
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_innermost_arrays() {
        assert_eq!(record_of("data.list[].cert.no"), "data.list[]");
        assert_eq!(record_of("a[].b[].c"), "a[].b[]");
        assert_eq!((record_of("data.name"), record_of("")), ("", ""));
    }
}
