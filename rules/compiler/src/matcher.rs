//! The scan of a text.

use crate::{Candidate, RuleSet, Scope};
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
}

impl Matcher {
    /// Over `rules`.
    pub fn new(rules: Arc<RuleSet>) -> Result<Matcher, MatcherError> {
        Ok(Matcher { rules })
    }
    /// The rules it scans for.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }
    /// Finds in `text` (UTF-8 or ASCII-compatible bytes; may hold invalid bytes) values that verify by themselves or need context,
    /// key names and signals. Appends to `found`, sorted by start, then the longest first; `scope` limits to what the caller needs.
    pub fn scan(&mut self, _text: &[u8], _scope: Scope, _found: &mut Vec<Candidate>) {}
}
