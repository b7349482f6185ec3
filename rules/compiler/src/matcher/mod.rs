//! The scan of a text.

mod masked;
mod pass;

use crate::compile::Around;
use crate::map::ByteMap;
use crate::{Candidate, ResponseOrRequest, RuleSet, Scope, What};
use hyperscan::Scratch;
use masked::Masks;
use pass::Pass;
use std::sync::Arc;
use thiserror::Error;

/// Why a matcher cannot be made.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum MatcherError {
    /// Hyperscan gave no scratch space.
    #[error("no scratch space for the rule database: {0}")]
    Scratch(String),
}

/// Scans texts; one a thread. It owns its scratch space and buffers and shares the rules.
pub struct Matcher {
    rules: Arc<RuleSet>,
    scratch: Option<Scratch>,
    /// Literals found: end and number.
    hits: Vec<(u32, u32)>,
    /// What patterns and signals matched in this text.
    seen: Seen,
    /// Classes of the text's bytes, where the caller brings none.
    map: ByteMap,
}

/// What was matched in the text at hand. What is left of texts before it is told apart by their number, so that nothing has to be cleared.
#[derive(Debug)]
struct Seen {
    text: u32,
    patterns: Vec<Tried>,
    /// Of each signal: the text it was reported of last.
    signalled: Vec<u32>,
    /// How often a pattern was given up for a text, in all texts.
    given_up: u64,
}

/// What a pattern did in the text that is numbered here.
#[derive(Clone, Copy, Default, Debug)]
struct Tried {
    text: u32,
    /// Where its last match ended: what begins inside it is part of it.
    until: usize,
    /// Bytes looked at that came to nothing.
    bytes: usize,
    around: Around,
}

impl Seen {
    fn next(&mut self) {
        self.text = self.text.wrapping_add(1);
        if self.text == 0 {
            self.patterns.fill(Tried::default());
            self.signalled.fill(0);
            self.text = 1;
        }
    }
    /// What a pattern did in this text.
    fn pattern(&mut self, number: u16) -> Option<&mut Tried> {
        let tried = self.patterns.get_mut(usize::from(number))?;
        if tried.text != self.text {
            *tried = Tried { text: self.text, ..Tried::default() };
        }
        Some(tried)
    }
}

impl Matcher {
    /// Over `rules`.
    pub fn new(rules: Arc<RuleSet>) -> Result<Matcher, MatcherError> {
        let scratch = rules.literals.scratch().map_err(MatcherError::Scratch)?;
        let patterns = vec![Tried::default(); rules.pattern_count];
        let seen = Seen { text: 0, patterns, signalled: vec![0; rules.signals.len()], given_up: 0 };
        Ok(Matcher { rules, scratch, hits: Vec::with_capacity(1024), seen, map: ByteMap::default() })
    }
    /// The rules it scans for.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }
    /// How often a text made a pattern be given up for it, since this matcher was made: what the pattern would have found behind that is
    /// missing. Only texts made for it do that.
    pub fn given_up(&self) -> u64 {
        self.seen.given_up
    }
    /// Finds in `text` (UTF-8 or ASCII-compatible bytes; may hold invalid bytes) values that verify by themselves or need context,
    /// key names and signals. Appends to `found`, sorted by start, then the longest first; `scope` limits to what the caller needs.
    ///
    /// A signal is reported once a text, where it first stands. Beyond 4 GiB nothing is looked at.
    pub fn scan(&mut self, text: &[u8], scope: Scope, found: &mut Vec<Candidate>) {
        let text = &text[..text.len().min(u32::MAX as usize)];
        let mut map = std::mem::take(&mut self.map);
        if scope.data {
            map.fill(text);
        }
        self.scan_with(text, &map, scope, found);
        self.map = map;
    }
    /// [`scan`](Self::scan) of a text whose classes are already mapped, for others look at the same map; where `map` is of another length,
    /// it is not used.
    pub fn scan_mapped(&mut self, text: &[u8], map: &ByteMap, scope: Scope, found: &mut Vec<Candidate>) {
        if map.len() != text.len() || text.len() > u32::MAX as usize {
            return self.scan(text, scope, found);
        }
        self.scan_with(text, map, scope, found);
    }
    fn scan_with(&mut self, text: &[u8], map: &ByteMap, scope: Scope, found: &mut Vec<Candidate>) {
        let first = found.len();
        if text.is_empty() || !scope.data && scope.signals == ResponseOrRequest::Neither {
            return;
        }
        let rules = &*self.rules;
        self.hits.clear();
        rules.literals.find(text, scope, self.scratch.as_ref(), &mut self.hits);
        self.seen.next();
        let mut pass = Pass { rules, text, scope, seen: &mut self.seen, found };
        for (end, id) in &self.hits {
            let (start, actions) = rules.literals.actions(*id, *end);
            for action in actions {
                pass.act(*action, start);
            }
        }
        if scope.data {
            pass.marks(map);
            rules.runs.find(map, text, |ty, start, end| pass.value(ty, start, end));
        }
        if let Some(found @ [_, _, ..]) = found.get_mut(first..) {
            found.sort_unstable_by_key(|c| (c.start, std::cmp::Reverse(c.end), rank(c.what)));
        }
    }
}

fn rank(what: What) -> (u8, u16) {
    match what {
        What::Value { data_type, .. } => (0, data_type.0),
        What::Key { data_type } => (1, data_type.0),
        What::Signal(s) => (2, s.0),
        What::Refused { data_type } => (3, data_type.0),
    }
}
