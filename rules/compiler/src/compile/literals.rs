//! The Hyperscan database: literals alone, each with what to do where it is found.
//!
//! Literals of fixed length tell where they begin without start-of-match tracking, and a set of them is what Hyperscan is fastest at; what
//! stands around a literal is verified by an anchored expression behind it.

use hyperscan::{BlockDatabase, Builder, Pattern, PatternFlags, Patterns, Scratch};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Whose pattern a literal leads to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Owner {
    /// A data type, by index.
    Type(u16),
    /// A signal, by index.
    Signal(u16),
}

/// What to do where a literal is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    /// A pattern begins here: its owner, its number there, its number among all.
    Lead(Owner, u16, u16),
    /// A pattern lies around here, beginning at most so many bytes earlier.
    Anchor(Owner, u16, u16, u16),
}

/// A literal's length and what to do.
#[derive(Clone, Default, Debug)]
struct Entry {
    text: Box<[u8]>,
    caseless: bool,
    length: u32,
    actions: Vec<Action>,
}

/// The database with its table.
#[derive(Default)]
pub(crate) struct Literals {
    texts: BTreeMap<(bool, Vec<u8>), Vec<Action>>,
    entries: Vec<Entry>,
    database: Option<BlockDatabase>,
}

impl Literals {
    /// Adds a literal.
    pub(crate) fn add(&mut self, text: &[u8], caseless: bool, action: Action) {
        let text = if caseless { text.to_ascii_lowercase() } else { text.to_vec() };
        let actions = self.texts.entry((caseless, text)).or_default();
        if !actions.contains(&action) {
            actions.push(action);
        }
    }
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
    /// Each with whether case is folded, sorted.
    pub(crate) fn texts(&self) -> Vec<(Vec<u8>, bool)> {
        self.entries.iter().map(|e| (e.text.to_vec(), e.caseless)).collect()
    }
    /// Compiles the database.
    pub(crate) fn finish(&mut self) -> Result<(), String> {
        let mut patterns = Vec::with_capacity(self.texts.len());
        for ((caseless, text), actions) in std::mem::take(&mut self.texts) {
            let mut expression = String::with_capacity(text.len() * 4);
            for b in &text {
                write!(expression, "\\x{b:02x}").map_err(|e| e.to_string())?;
            }
            let flags = if caseless { PatternFlags::CASELESS } else { PatternFlags::empty() };
            let mut pattern = Pattern::with_flags(expression, flags).map_err(|e| e.to_string())?;
            pattern.id = Some(self.entries.len());
            patterns.push(pattern);
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
            self.entries.push(Entry { text: text.into(), caseless, length, actions });
        }
        if !patterns.is_empty() {
            self.database = Some(Patterns(patterns).build().map_err(|e| e.to_string())?);
        }
        Ok(())
    }
    /// Scratch space for one thread; `None` where there is nothing to look for.
    pub(crate) fn scratch(&self) -> Result<Option<Scratch>, String> {
        self.database.as_ref().map(|d| d.alloc_scratch()).transpose().map_err(|e| e.to_string())
    }
    /// Appends end and number of every literal found. The text has at most `u32::MAX` bytes.
    pub(crate) fn find(&self, text: &[u8], scratch: &Scratch, hits: &mut Vec<(u32, u32)>) {
        let Some(database) = &self.database else { return };
        // A scan of a block with valid scratch space cannot fail but by running out of memory inside; then there are fewer hits.
        let _ = database.scan(text, scratch, |id: u32, _: u64, to: u64, _: u32| {
            hits.push((to as u32, id));
            hyperscan::Matching::Continue
        });
    }
    /// Where a hit begins, and what to do with it.
    pub(crate) fn actions(&self, id: u32, end: u32) -> (usize, &[Action]) {
        match self.entries.get(id as usize) {
            Some(e) => (end.saturating_sub(e.length) as usize, &e.actions),
            None => (end as usize, &[]),
        }
    }
}

impl std::fmt::Debug for Literals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Literals({})", self.entries.len())
    }
}
