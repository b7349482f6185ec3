//! Parameters that select the operation of one path: found by evidence, not configured.
//!
//! A parameter of a likely name (`action`, `cmd`, ...) whose values read like names is watched. It selects once a value comes with
//! which replies have other fields, or requests other parameters, than with the values before.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::{Request, is_operation_word, may_select_operation};

/// Most parameters watched of one node.
pub(crate) const CHOICES: usize = 6;
/// Most values told apart; a parameter with more is no selector.
const WORDS: usize = 48;
/// Most digests kept of a value.
const DIGESTS: usize = 64;

/// A parameter that may select the operation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Choice {
    pub method: Box<str>,
    pub name: Box<str>,
    /// Whether it does.
    pub selects: bool,
    pub words: BTreeMap<Box<str>, Word>,
}

/// What was seen with one value.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(crate) struct Word {
    /// Good calls.
    pub calls: u64,
    /// Whether it has an operation of its own.
    pub own: bool,
    fields: Vec<u64>,
    params: Vec<u64>,
}

/// What one call shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'a> {
    /// Digests of the reply's field names, sorted.
    pub fields: &'a [u64],
    /// Digests of the request's other parameter names, sorted.
    pub params: &'a [u64],
}

/// What follows from one call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// The path alone tells the operation.
    Path,
    /// The value does.
    Word,
    /// The value does from now on; [`Choice::sole`] tells whether the calls so far were all of one other value.
    Found,
}

impl Choice {
    pub fn new(method: &str, name: &str) -> Choice {
        Choice { method: method.into(), name: name.into(), selects: false, words: BTreeMap::new() }
    }

    /// Takes in a call with `word`; `good` where it was answered well.
    pub fn take(&mut self, word: &str, good: bool, shown: Shown<'_>) -> Verdict {
        if let Some(known) = self.words.get_mut(word) {
            if good {
                known.learn(shown);
            }
            return if known.own { Verdict::Word } else { Verdict::Path };
        }
        // What was refused may be invented; only what is answered well makes an operation.
        if !good || self.words.len() >= WORDS {
            return Verdict::Path;
        }
        let found = !self.selects && self.words.values().any(|w| w.differs(shown));
        self.selects |= found;
        let mut new = Word { own: self.selects, ..Word::default() };
        new.learn(shown);
        self.words.insert(word.into(), new);
        match (found, self.selects) {
            (true, _) => Verdict::Found,
            (_, true) => Verdict::Word,
            _ => Verdict::Path,
        }
    }

    /// The only value before the one that made it select, with its calls.
    pub fn sole(&self, but: &str) -> Option<(Box<str>, u64)> {
        let mut others = self.words.iter().filter(|(w, _)| ***w != *but);
        match (others.next(), others.next()) {
            (Some((word, seen)), None) => Some((word.clone(), seen.calls)),
            _ => None,
        }
    }

    /// Takes in what another saw of the same parameter.
    pub fn unite(&mut self, other: Choice) {
        self.selects |= other.selects;
        for (word, seen) in other.words {
            if let Some(mine) = self.words.get_mut(&word) {
                mine.calls += seen.calls;
                mine.own |= seen.own;
            } else if self.words.len() < WORDS {
                self.words.insert(word, seen);
            }
        }
    }

    /// Why its values are operations, in one clause.
    pub fn evidence(&self) -> Box<str> {
        let own = self.words.values().filter(|w| w.own).count();
        format!(
            "parameter \"{}\" selects the operation: {own} values, with which replies or parameters differ",
            self.name
        )
        .into()
    }
}

impl Word {
    fn learn(&mut self, shown: Shown<'_>) {
        self.calls += 1;
        add(&mut self.fields, shown.fields);
        add(&mut self.params, shown.params);
    }
    /// Whether a call is of another operation: its reply has mostly other fields, or its parameters are all others.
    fn differs(&self, shown: Shown<'_>) -> bool {
        let apart = |a: &[u64], b: &[u64], tenths: usize| {
            let shared = a.iter().filter(|f| b.binary_search(f).is_ok()).count();
            let all = a.len() + b.len() - shared;
            !a.is_empty() && !b.is_empty() && shared * 10 <= all * tenths
        };
        apart(&self.fields, shown.fields, 6) || apart(&self.params, shown.params, 0)
    }
}

fn add(to: &mut Vec<u64>, more: &[u64]) {
    for digest in more {
        if let Err(at) = to.binary_search(digest)
            && to.len() < DIGESTS
        {
            to.insert(at, *digest);
        }
    }
}

/// Parameters of a request that may select its operation, with their values.
pub(crate) fn candidates(request: &Request) -> Vec<(&str, &str)> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    if let Some((_, query)) = request.target.split_once('?') {
        let pairs = query.split('&').take(64).filter_map(|p| p.split_once('='));
        let likely = pairs.filter(|(n, v)| may_select_operation(n) && is_operation_word(v.as_bytes()));
        found.extend(likely.take(CHOICES));
    }
    if let Some(action) = request.action.as_deref().filter(|_| found.len() < CHOICES) {
        found.push((&action.0, &action.1));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown<'a>(fields: &'a [u64], params: &'a [u64]) -> Shown<'a> {
        Shown { fields, params }
    }

    #[test]
    fn selects_where_replies_differ() {
        let mut c = Choice::new("GET", "action");
        assert_eq!(c.take("list", true, shown(&[1, 2], &[])), Verdict::Path);
        assert_eq!(c.take("list", true, shown(&[1, 2], &[])), Verdict::Path);
        assert_eq!(c.take("bad", false, shown(&[9], &[])), Verdict::Path);
        assert_eq!(c.take("show", true, shown(&[3, 4, 5], &[])), Verdict::Found);
        assert_eq!(c.sole("show"), Some(("list".into(), 2)));
        assert_eq!(c.take("save", true, shown(&[1, 2], &[])), Verdict::Word);
        assert_eq!(c.take("show", false, shown(&[], &[])), Verdict::Word);
    }

    #[test]
    fn does_not_where_they_are_alike() {
        let mut c = Choice::new("GET", "op");
        for word in ["eq", "gt", "lt"] {
            assert_eq!(c.take(word, true, shown(&[1, 2, 3], &[7])), Verdict::Path);
        }
        assert_eq!(c.take("ne", true, shown(&[], &[7])), Verdict::Path);
    }

    #[test]
    fn is_bounded() {
        let mut c = Choice::new("GET", "cmd");
        for n in 0..1_000u64 {
            c.take(&format!("w{n}"), true, shown(&[n], &[]));
        }
        assert!(c.words.len() <= WORDS);
    }
}
