//! Data and signals in request targets.

use super::path_and_query;
use crate::facts::{Facts, kind};
use crate::find::{Items, Reading, excerpt};
use crate::inspector::{HeadText, Keeping, Tools};
use crate::structure::Structure;
use crate::text::Escapes;
use std::borrow::Cow;
use weir_exchange::{MediaKind, Part, Place};
use weir_rules::{ResponseOrRequest, Scope};

/// Scans path and query of a target.
pub(crate) fn scan(
    target: &[u8],
    tools: &mut Tools,
    keeping: &Keeping,
    items: &mut Items,
    facts: &mut Facts,
) {
    let (path, query) = path_and_query(target);
    let scope = Scope { data: true, signals: ResponseOrRequest::Request, ..Scope::default() };
    let decoded = match memchr::memchr(b'%', path) {
        Some(_) => Cow::Owned(kind::percent(path)),
        None => Cow::Borrowed(path),
    };
    let shown = String::from_utf8_lossy(&decoded);
    let place = Place { response: false, part: Part::Path };
    for signal in tools.rules.path_signals(&shown) {
        // A path that gives a signal is a known word; the bounded path is its excerpt.
        items.signal(place, signal, &excerpt(shown.as_bytes(), 0..shown.len(), &[]));
    }
    let lines = Structure::for_kind(MediaKind::Text, None);
    let text = HeadText { place, raw: &decoded, prefix: "" };
    tools.read(keeping, text, Reading::new(lines, Escapes::None, scope), items, facts);
    if !query.is_empty() {
        let pairs = Structure::for_kind(MediaKind::Form, None);
        let text = HeadText { place: Place { part: Part::Query, ..place }, raw: query, prefix: "" };
        tools.read(keeping, text, Reading::new(pairs, Escapes::Percent, scope), items, facts);
    }
}
