//! New rules for an inspector that goes on: prepared off the lane, put in between two bursts.

use crate::Inspector;
use crate::find::{KnownFields, Spare};
use crate::head::Heads;
use crate::inspector::Tools;
use std::collections::HashMap;
use std::sync::Arc;
use weir_exchange::{DataTypeId, SignalId};
use weir_rules::{Matcher, MatcherError, RuleSet};

/// Translations kept for exchanges that are still under way; what was found under rules older than that is let go.
const MAX_KEPT: usize = 8;

/// Rules with everything that one inspector needs to use them, so that changing to them is a swap of pointers.
pub struct Prepared {
    pub(crate) tools: Tools,
    /// Heads remembered hold numbers of the rules they were scanned with.
    pub(crate) heads: Heads,
    /// The rules these follow on, and where each number of theirs went.
    from: Option<(Arc<RuleSet>, Moves)>,
}

/// From the numbers of one rule set to those of the next; `None` where the next lacks the thing.
#[derive(Default)]
pub(crate) struct Moves {
    data_types: Vec<Option<DataTypeId>>,
    signals: Vec<Option<SignalId>>,
}

impl Prepared {
    /// For one inspector that now uses `old`: its scratch space, and the translation of what exchanges under way have found.
    /// This takes as long as the rules are many: do it on another thread than the lane's.
    ///
    /// # Errors
    /// Where the matcher of the rules gets no scratch space.
    pub fn new(rules: Arc<RuleSet>, old: &Arc<RuleSet>) -> Result<Self, MatcherError> {
        let moves = Moves::between(old, &rules);
        Ok(Prepared {
            tools: Tools::new(rules)?,
            heads: Heads::default(),
            from: Some((Arc::clone(old), moves)),
        })
    }
    /// The rules.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.tools.rules
    }
}

/// Shows nothing of the rules.
impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").finish_non_exhaustive()
    }
}

impl Tools {
    pub(crate) fn new(rules: Arc<RuleSet>) -> Result<Self, MatcherError> {
        let matcher = Matcher::new(Arc::clone(&rules))?;
        Ok(Tools { rules, matcher, spare: Spare::default(), known: KnownFields::default() })
    }
}

impl Moves {
    fn between(old: &RuleSet, new: &RuleSet) -> Self {
        let (old, new) = (old.catalogue(), new.catalogue());
        let types: HashMap<&str, usize> =
            new.data_types.iter().enumerate().map(|(n, t)| (&*t.id, n)).collect();
        let signals: HashMap<&str, usize> =
            new.signals.iter().enumerate().map(|(n, s)| (&*s.id, n)).collect();
        let number = |n: Option<&usize>| n.and_then(|n| u16::try_from(*n).ok());
        Moves {
            data_types: old.data_types.iter().map(|t| number(types.get(&*t.id)).map(DataTypeId)).collect(),
            signals: old.signals.iter().map(|s| number(signals.get(&*s.id)).map(SignalId)).collect(),
        }
    }
    pub(crate) fn data_type(&self, id: DataTypeId) -> Option<DataTypeId> {
        self.data_types.get(usize::from(id.0)).copied().flatten()
    }
    pub(crate) fn signal(&self, id: SignalId) -> Option<SignalId> {
        self.signals.get(usize::from(id.0)).copied().flatten()
    }
}

/// How many times the rules changed, and what became of their numbers.
#[derive(Default)]
pub(crate) struct History {
    pub(crate) generation: u32,
    /// Of the latest changes, the last one last; `None` where rules came that do not follow on.
    moves: Vec<Option<Moves>>,
}

impl History {
    fn push(&mut self, moves: Option<Moves>) {
        if self.moves.len() == MAX_KEPT {
            self.moves.remove(0);
        }
        self.moves.push(moves);
        self.generation += 1;
    }
    /// The translations from `generation` on, in order; `None` where they are not known any more.
    pub(crate) fn since(&self, generation: u32) -> Option<Vec<&Moves>> {
        let missed = self.generation.wrapping_sub(generation) as usize;
        let first = self.moves.len().checked_sub(missed)?;
        self.moves[first..].iter().map(Option::as_ref).collect()
    }
}

impl Inspector {
    /// Goes on with other rules; gives back what it used so far, to be dropped elsewhere. Exchanges under way keep what was found
    /// in them, under the new numbers; what the new rules do not know is let go.
    pub fn replace(&mut self, mut new: Prepared) -> Prepared {
        let follows =
            |(old, moves): (Arc<RuleSet>, Moves)| Arc::ptr_eq(&old, &self.tools.rules).then_some(moves);
        let moves = new.from.and_then(follows);
        self.history.push(moves);
        new.tools.known.continue_from(&self.tools.known);
        new.tools.spare.quota = self.tools.spare.quota.clone();
        self.given_up += self.tools.matcher.given_up();
        let tools = std::mem::replace(&mut self.tools, new.tools);
        Prepared { tools, heads: std::mem::replace(&mut self.heads, new.heads), from: None }
    }
}
