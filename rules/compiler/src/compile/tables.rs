//! Tables that verify patterns, kept from load to load: to work them out takes longer than all else of a load.

use super::cache::Kept;
use regex_automata::dfa::{StartKind, dense, dense::DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use std::collections::BTreeMap;

/// Largest table, in bytes.
const MAX_TABLE: usize = 32 << 10;

/// A table with a state for each step of a small expression.
pub(super) type Table = DFA<Vec<u32>>;

/// The tables of a load.
#[derive(Default)]
pub(super) struct Tables {
    kept: Option<Kept>,
    /// Those worked out, in bytes, by expression and whether case is folded; empty where one would be too large. Nothing where none are kept.
    made: Option<BTreeMap<(String, bool), Vec<u8>>>,
    /// Whether one was not kept from an earlier load.
    anew: bool,
}

impl Tables {
    /// With what an earlier load kept; to be kept for a later one where `keep` says so.
    pub(super) fn new(kept: Option<Kept>, keep: bool) -> Tables {
        Tables { kept, made: keep.then(BTreeMap::new), anew: false }
    }
    /// The table of an expression in byte mode, anchored where it begins; `None` where it would be too large.
    pub(super) fn of(&mut self, expression: &str, caseless: bool) -> Option<Table> {
        if let Some(bytes) = self.kept.as_ref().and_then(|k| k.table(expression, caseless)) {
            let table = DFA::from_bytes(bytes).map(|(table, _)| table.to_owned());
            if bytes.is_empty() || table.is_ok() {
                return table.ok();
            }
        }
        self.anew = true;
        let table = build(expression, caseless);
        if let Some(made) = &mut self.made {
            let bytes = table.as_ref().map(|table| {
                let (bytes, padding) = table.to_bytes_native_endian();
                bytes[padding..].to_vec()
            });
            made.insert((expression.to_owned(), caseless), bytes.unwrap_or_default());
        }
        table
    }
    /// What an earlier load kept beside the tables.
    pub(super) fn kept(&mut self) -> Option<&mut Kept> {
        self.kept.as_mut()
    }
    /// Whether one was not kept from an earlier load.
    pub(super) fn anew(&self) -> bool {
        self.anew
    }
    /// All there are, in bytes, by expression and whether case is folded.
    pub(super) fn all(self) -> BTreeMap<(String, bool), Vec<u8>> {
        let mut all = self.made.unwrap_or_default();
        for (key, bytes) in self.kept.iter().flat_map(Kept::tables) {
            all.entry(key.clone()).or_insert_with(|| bytes.to_vec());
        }
        all
    }
}

fn build(expression: &str, caseless: bool) -> Option<Table> {
    let config = dense::Config::new()
        .start_kind(StartKind::Anchored)
        .dfa_size_limit(Some(MAX_TABLE))
        .determinize_size_limit(Some(4 * MAX_TABLE));
    let table = dense::Builder::new()
        .syntax(syntax::Config::new().unicode(false).utf8(false).case_insensitive(caseless))
        .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(MAX_TABLE)))
        .configure(config)
        .build(expression);
    table.ok()
}
