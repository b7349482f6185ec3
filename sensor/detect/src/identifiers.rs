//! Identifiers that a request names: numbers in path, query and body.

use crate::digest::digest;
use crate::{Meaning, Seen, facts, target};
use serde::{Deserialize, Serialize};
use weir_exchange::{MediaKind, ParamPlace, ParamValue};
use weir_model::Observation;

/// Identifiers looked at in one request.
const MOST: usize = 8;

/// A number of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Identifier {
    /// Digest that names the parameter: the path with its numbers left out, and the position or the name in it.
    pub name: u64,
    /// The number.
    pub value: u64,
}

/// The first numbers of a request.
pub(crate) fn of(seen: &Seen<'_>) -> Vec<Identifier> {
    let Some(request) = facts::request(seen) else { return Vec::new() };
    let mut found: Vec<Identifier> = Vec::new();
    let path = target::path(&request.target);
    let mut shape = String::with_capacity(request.method.as_str().len() + path.len() + 8);
    shape.extend([request.method.as_str(), " "]);
    for segment in path.split('/').filter(|s| !s.is_empty()) {
        shape.push('/');
        match numbered(segment) {
            Some((before, value, after)) => {
                let place = found.len() as u64 + 1;
                found.push(Identifier { name: place, value });
                shape.extend([before, "{n}", after]);
            }
            None => shape.push_str(segment),
        }
    }
    if !request.operation.is_empty() {
        shape.extend([" ", &*request.operation]);
    }
    let shape = digest(&shape);
    found.truncate(MOST);
    for id in &mut found {
        id.name ^= shape;
    }
    let in_params = seen.params_that_say(Meaning::IDENTIFIER).filter_map(|p| {
        let ParamValue::Integer(value) = p.value else { return None };
        // Turned, as a path and a parameter of the same name must not cancel out.
        Some(Identifier { name: shape.rotate_left(1) ^ digest(p.name), value })
    });
    let room = MOST - found.len();
    found.extend(in_params.take(room));
    found
}

/// Whether numbers of a parameter of that plain name are taken for identifiers.
pub(crate) fn fits(place: ParamPlace, plain: &str) -> bool {
    match place {
        ParamPlace::Query => !counts_or_measures(plain),
        ParamPlace::Body => identifies(plain),
    }
}

/// What a reply looks like: two replies about different objects of one sort are alike.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Shape {
    kind: MediaKind,
    /// Digests of the field names, sorted.
    fields: Vec<u64>,
}

impl Shape {
    /// Of a reply that holds data; `None` for failures, empty replies and content that is none.
    pub fn of(seen: &Observation<'_>) -> Option<Shape> {
        if !facts::succeeded(seen) {
            return None;
        }
        let response = facts::response(seen)?;
        let body = &response.body;
        let holds_data = match body.kind {
            MediaKind::Json | MediaKind::Xml | MediaKind::Csv | MediaKind::Document => body.bytes > 2,
            MediaKind::Html | MediaKind::Text => facts::given_out(seen).any(|(_, t)| facts::personal(t)),
            _ => false,
        };
        let mut fields: Vec<u64> = response.fields.iter().map(|f| digest(f)).collect();
        fields.sort_unstable();
        holds_data.then_some(Shape { kind: body.kind, fields })
    }

    /// Whether at least half of the fields of the smaller are in the larger.
    pub fn alike(&self, other: &Shape) -> bool {
        let common = self.fields.iter().filter(|f| other.fields.binary_search(f).is_ok()).count();
        self.kind == other.kind && common * 2 >= self.fields.len().min(other.fields.len())
    }
}

/// A path segment that is a number, or one number with a fixed prefix or file extension (`1001`, `ORD-1001`, `5.json`).
fn numbered(segment: &str) -> Option<(&str, u64, &str)> {
    let start = segment.find(|c: char| c.is_ascii_digit())?;
    let rest = &segment[start..];
    let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (before, digits, after) = (&segment[..start], &rest[..length], &rest[length..]);
    let version = matches!(before, "v" | "V") && digits.len() <= 2;
    let plain_before =
        before.len() <= 8 && before.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-' || b == b'_');
    let plain_after = after.is_empty()
        || after.len() <= 6 && after.starts_with('.') && after[1..].bytes().all(|b| b.is_ascii_alphabetic());
    if version || !plain_before || !plain_after || digits.len() > 15 {
        return None;
    }
    Some((before, digits.parse().ok()?, after))
}

/// Names, in plain form, of parameters whose numbers count, measure or date something.
fn counts_or_measures(name: &str) -> bool {
    // In order.
    const EXACT: &[&str] = &[
        "age",
        "amount",
        "callback",
        "cb",
        "code",
        "count",
        "curpage",
        "current",
        "currentpage",
        "date",
        "day",
        "depth",
        "draw",
        "end",
        "first",
        "flag",
        "from",
        "h",
        "height",
        "hour",
        "idx",
        "index",
        "interval",
        "lang",
        "last",
        "lat",
        "length",
        "level",
        "limit",
        "lng",
        "lon",
        "max",
        "min",
        "minute",
        "month",
        "n",
        "nonce",
        "num",
        "offset",
        "order",
        "p",
        "page",
        "pageindex",
        "pageno",
        "pagenum",
        "pagenumber",
        "pagesize",
        "perpage",
        "pg",
        "price",
        "qty",
        "quantity",
        "quarter",
        "r",
        "rand",
        "random",
        "rating",
        "retry",
        "rows",
        "score",
        "seq",
        "sign",
        "size",
        "skip",
        "sort",
        "start",
        "state",
        "status",
        "step",
        "t",
        "tab",
        "take",
        "time",
        "timeout",
        "timestamp",
        "to",
        "top",
        "total",
        "ts",
        "type",
        "v",
        "ver",
        "version",
        "w",
        "week",
        "width",
        "x",
        "y",
        "year",
        "z",
        "zoom",
    ];
    name.is_empty() || EXACT.binary_search(&name).is_ok()
}

/// Whether a body field, in plain form, names an object.
fn identifies(name: &str) -> bool {
    const ENDS: &[&str] = &["id", "uid", "pk", "no", "number", "key", "sn", "bh", "编号", "号码"];
    !counts_or_measures(name) && ENDS.iter().any(|e| name.ends_with(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_numbers_in_segments() {
        assert_eq!(numbered("1001"), Some(("", 1001, "")));
        assert_eq!(numbered("ORD-7"), Some(("ORD-", 7, "")));
        assert_eq!(numbered("5.json"), Some(("", 5, ".json")));
        for not in
            ["v1", "V2", "a1b2", "2024-01-02", "x", "1.2.3", "1234567890123456", "jquery.3.js", "1.min5"]
        {
            assert_eq!(numbered(not), None, "{not}");
        }
    }

    #[test]
    fn tells_identifiers_from_measures() {
        assert!(
            counts_or_measures("pageno")
                && counts_or_measures("ts")
                && counts_or_measures("zoom")
                && counts_or_measures("age")
                && !counts_or_measures("customerid")
        );
        assert!(
            identifies("customerid")
                && identifies("orderno")
                && !identifies("amount")
                && !identifies("pageno")
        );
    }
}
