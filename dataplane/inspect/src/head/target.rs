//! Data and signals in request targets.

use super::path_and_query;
use crate::cache::Cache;
use crate::facts::{Facts, kind};
use crate::find::{Items, Reading, excerpt};
use crate::inspector::{HeadText, Keeping, Tools};
use crate::structure::Structure;
use crate::text::Escapes;
use std::borrow::Cow;
use weir_exchange::{MediaKind, Part, Place};
use weir_rules::{ResponseOrRequest, Scope};

/// Paths remembered.
const MAX: usize = 4096;

/// Paths met last, with what was found in them: those without numbers come again and again. One a lane.
pub(crate) struct Paths(Cache<Items>);

impl Default for Paths {
    fn default() -> Self {
        Paths(Cache::new(MAX))
    }
}

impl Paths {
    /// Data and signals in path and query of a target.
    pub(crate) fn scan(
        &mut self,
        target: &[u8],
        tools: &mut Tools,
        keeping: &Keeping,
        items: &mut Items,
        facts: &mut Facts,
    ) {
        let (path, query) = path_and_query(target);
        let digest = keeping.fingerprinter.digest(path);
        items.absorb(self.0.get(digest, || scan_path(path, tools, keeping)));
        if !query.is_empty() {
            let pairs = Structure::for_kind(MediaKind::Form, None);
            let text =
                HeadText { place: Place { response: false, part: Part::Query }, raw: query, prefix: "" };
            tools.read(keeping, text, Reading::new(pairs, Escapes::Percent, SCOPE), items, facts);
        }
    }
}

const SCOPE: Scope =
    Scope { data: true, signals: ResponseOrRequest::Request, quoted_names: false, refused: false };

fn scan_path(path: &[u8], tools: &mut Tools, keeping: &Keeping) -> Items {
    let mut items = Items::default();
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
    // A path has no parameters: what is told of its text goes nowhere.
    let mut nowhere = Facts::of(u64::MAX);
    tools.read(keeping, text, Reading::new(lines, Escapes::None, SCOPE), &mut items, &mut nowhere);
    items
}
