//! Columns of an interface: what one exchange adds to them.

use std::collections::BTreeMap;
use weir_exchange::{Catalogue, DataItem, Exchange, ParamValue, Request, Text};
use weir_model::{ColumnProfile, Interface};

/// Most columns kept of an interface; what is found in others counts as it is.
pub(crate) const COLUMNS: usize = 64;
/// Bytes of `null`.
const NULL: u32 = 4;

/// Adds one exchange: the columns in which it has values in question, then those known that it has without any.
pub(crate) fn add(i: &mut Interface, x: &Exchange, request: &Request, catalogue: &Catalogue) {
    let mut met: BTreeMap<(bool, &Text), u64> = BTreeMap::new();
    for item in x.data.iter().filter(|d| d.column.whole > 0) {
        let seen = met.entry((item.place.response, &item.path)).or_default();
        *seen = (*seen).max(u64::from(item.column.seen.max(item.column.whole)));
    }
    for ((response, path), seen) in &met {
        let key = (*response, (*path).clone());
        if i.columns.len() >= COLUMNS && !i.columns.contains_key(&key) {
            continue;
        }
        let column = i.columns.entry(key).or_default();
        for item in at(x, *response, path) {
            take(column, item, catalogue);
        }
        column.exchanges += 1;
        column.seen = column.seen.saturating_add(*seen);
        column.uneven |= records(x, *response, path) != *seen;
    }
    for ((response, path), column) in &mut i.columns {
        if !met.contains_key(&(*response, path)) {
            without(column, x, request, *response, path);
        }
    }
}

/// Everything found in a field.
fn at<'x>(x: &'x Exchange, response: bool, path: &str) -> impl Iterator<Item = &'x DataItem> {
    x.data.iter().filter(move |d| d.place.response == response && d.path.as_str() == path)
}

fn take(column: &mut ColumnProfile, item: &DataItem, catalogue: &Catalogue) {
    column.found = column.found.saturating_add(u64::from(item.count));
    let chance = catalogue.data_type(item.data_type).map_or(0, |t| t.chance);
    if chance == 0 || !item.form.is_clear() {
        return;
    }
    column.chance = column.chance.max(chance);
    *column.doubtful.entry((item.data_type, item.form)).or_default() += u64::from(item.count);
    column.whole = column.whole.saturating_add(u64::from(item.column.whole));
    column.spread(0, item.column.shortest, item.column.longest);
    column.prefixes |= item.column.prefixes;
    item.count_into(&mut column.distinct);
}

/// An exchange that has no value in question in the field. Other data there is what it is; else the field's being there tells that it had
/// a value that nothing was found in: one, or one a record where that was so whenever values were found.
fn without(column: &mut ColumnProfile, x: &Exchange, request: &Request, response: bool, path: &str) {
    let found: u64 = at(x, response, path).map(|d| u64::from(d.count)).sum();
    let there = if response { is_given(x, path) } else { is_asked(request, path) };
    if found == 0 && !there {
        return;
    }
    let seen = if column.uneven { 1 } else { records(x, response, path).max(1) };
    column.exchanges += 1;
    column.found = column.found.saturating_add(found);
    column.seen = column.seen.saturating_add(seen.max(found));
}

/// Records among which the field stands, as far as its path and the body tell; 1 where it is in none.
fn records(x: &Exchange, response: bool, path: &str) -> u64 {
    let body =
        if response { x.response.as_ref().map(|r| &r.body) } else { x.request.as_ref().map(|r| &r.body) };
    let records = body.map_or(0, |b| u64::from(b.records));
    if path.contains("[]") { records } else { 1 }
}

/// Whether the reply has the field with a value.
fn is_given(x: &Exchange, path: &str) -> bool {
    let Some(reply) = &x.response else { return false };
    let place = reply.fields.binary_search_by(|f| f.as_str().cmp(path));
    place.is_ok_and(|n| reply.blank.checked_shr(u32::try_from(n).unwrap_or(64)).unwrap_or(0) & 1 == 0)
}

/// Whether the request has the parameter with a value. Of four bytes it may be `null`.
fn is_asked(request: &Request, path: &str) -> bool {
    request.params.iter().any(|p| {
        p.name == path
            && match p.value {
                ParamValue::Empty | ParamValue::Wildcard => false,
                ParamValue::Integer(_) => true,
                ParamValue::Other { length, .. } => length != NULL,
            }
    })
}
