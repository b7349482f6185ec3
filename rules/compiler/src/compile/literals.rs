//! Literals, each with what to do where it is found: Hyperscan looks for them, with a database for each set of scopes.
//!
//! Literals of fixed length tell where they begin without start-of-match tracking; what stands around one is verified behind it.

use super::cache::{Cache, DIGEST, Databases, Kept};
use crate::{ResponseOrRequest, Scope};
use hyperscan::{BlockDatabase, Builder, Pattern, PatternFlags, Patterns, Scratch};
use sha1::{Digest, Sha1};
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

/// Scopes that look for a literal, one bit each.
pub(crate) const DATA: u8 = 1;
/// In requests.
pub(crate) const REQUEST: u8 = 2;
/// In responses.
pub(crate) const RESPONSE: u8 = 4;
/// In user agents.
pub(crate) const USER_AGENT: u8 = 8;
/// The sets of scopes that a database is made for: what a scan asks for is one of them, or less than one.
pub(super) const SETS: [u8; 4] = [DATA, DATA | REQUEST, DATA | RESPONSE, DATA | USER_AGENT];

/// The bits of a scope.
fn bits(scope: Scope) -> u8 {
    let signals = match scope.signals {
        ResponseOrRequest::Neither => 0,
        ResponseOrRequest::Request => REQUEST,
        ResponseOrRequest::Response => RESPONSE,
        ResponseOrRequest::UserAgent => USER_AGENT,
    };
    signals | if scope.data { DATA } else { 0 }
}

/// A literal with what to do.
#[derive(Clone, Default, Debug)]
struct Entry {
    text: Box<[u8]>,
    caseless: bool,
    scopes: u8,
    actions: Vec<Action>,
}

/// Every literal.
#[derive(Default)]
pub(crate) struct Literals {
    texts: BTreeMap<(bool, Vec<u8>), (u8, Vec<Action>)>,
    entries: Vec<Entry>,
    /// By set of scopes.
    databases: Databases,
    /// Of what the databases are made from.
    digest: [u8; DIGEST],
}

impl Literals {
    /// Adds a literal that `scopes` look for.
    pub(crate) fn add(&mut self, text: &[u8], caseless: bool, scopes: u8, action: Action) {
        let text = if caseless { text.to_ascii_lowercase() } else { text.to_vec() };
        let (all, actions) = self.texts.entry((caseless, text)).or_default();
        *all |= scopes;
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
    /// Makes the databases, from what was kept where that is of the same literals; says whether it was.
    pub(super) fn finish(&mut self, kept: Option<&mut Kept>) -> Result<bool, String> {
        self.entries = std::mem::take(&mut self.texts)
            .into_iter()
            .map(|((caseless, text), (scopes, actions))| Entry {
                text: text.into(),
                caseless,
                scopes,
                actions,
            })
            .collect();
        let of = |set: u8| (0..).zip(&self.entries).filter(move |(_, e)| e.scopes & set != 0);
        let mut digest = Sha1::new();
        for set in SETS {
            digest.update([set]);
            for (number, e) in of(set) {
                digest.update((number as u64).to_le_bytes());
                digest.update([e.text.len() as u8, u8::from(e.caseless)]);
                digest.update(&e.text);
            }
        }
        self.digest = digest.finalize().into();
        if let Some(kept) = kept.filter(|kept| kept.literals == self.digest) {
            self.databases = std::mem::take(&mut kept.databases);
            return Ok(true);
        }
        let mut all = Databases::default();
        for (set, database) in SETS.iter().zip(&mut all) {
            *database = database_of(of(*set))?;
        }
        self.databases = all;
        Ok(false)
    }
    /// Keeps the databases and `tables` for a later load.
    pub(super) fn keep(
        &self,
        cache: &Cache,
        tables: &BTreeMap<(String, bool), Vec<u8>>,
    ) -> Result<(), String> {
        cache.write(&self.digest, &self.databases, tables)
    }
    /// Scratch space for one thread.
    pub(crate) fn scratch(&self) -> Result<Option<Scratch>, String> {
        let mut scratch: Option<Scratch> = None;
        for database in self.databases.iter().flatten() {
            match &mut scratch {
                None => scratch = Some(database.alloc_scratch().map_err(|e| e.to_string())?),
                Some(s) => drop(database.realloc_scratch(s).map_err(|e| e.to_string())?),
            }
        }
        Ok(scratch)
    }
    /// Appends end and number of every literal found that `scope` asks for, in order of their ends. The text has at most `u32::MAX` bytes.
    pub(crate) fn find(
        &self,
        text: &[u8],
        scope: Scope,
        scratch: Option<&Scratch>,
        hits: &mut Vec<(u32, u32)>,
    ) {
        let wanted = bits(scope);
        let set = SETS.iter().position(|s| wanted & !s == 0).and_then(|i| self.databases[i].as_ref());
        if let (Some(database), Some(scratch)) = (set, scratch) {
            // A scan of a block with valid scratch space cannot fail but by running out of memory inside; then there are fewer hits.
            let _ = database.scan(text, scratch, |id: u32, _: u64, to: u64, _: u32| {
                hits.push((to as u32, id));
                hyperscan::Matching::Continue
            });
        }
        if hits.len() > 1 {
            hits.sort_unstable();
        }
    }
    /// Where a hit begins, and what to do with it.
    pub(crate) fn actions(&self, id: u32, end: u32) -> (usize, &[Action]) {
        match self.entries.get(id as usize) {
            Some(e) => ((end as usize).saturating_sub(e.text.len()), &e.actions),
            None => (end as usize, &[]),
        }
    }
}

/// A database of literals; `None` where there are none.
fn database_of<'a>(
    literals: impl Iterator<Item = (usize, &'a Entry)>,
) -> Result<Option<BlockDatabase>, String> {
    let mut patterns = Vec::new();
    for (number, e) in literals {
        let mut expression = String::with_capacity(e.text.len() * 4);
        for b in &e.text {
            write!(expression, "\\x{b:02x}").map_err(|e| e.to_string())?;
        }
        let flags = if e.caseless { PatternFlags::CASELESS } else { PatternFlags::empty() };
        let mut pattern = Pattern::with_flags(expression, flags).map_err(|e| e.to_string())?;
        pattern.id = Some(number);
        patterns.push(pattern);
    }
    if patterns.is_empty() {
        return Ok(None);
    }
    Patterns(patterns).build().map(Some).map_err(|e| e.to_string())
}

impl std::fmt::Debug for Literals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Literals({})", self.entries.len())
    }
}
