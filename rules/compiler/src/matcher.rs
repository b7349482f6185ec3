//! The scan of a text.

use crate::compile::{Action, ByteMap, Owner};
use crate::mask::Masked;
use crate::pack::Stands;
use crate::validate::Verdict;
use crate::{Candidate, MAX_VALUE, ResponseOrRequest, RuleSet, Scope, Strength, What, judge};
use hyperscan::Scratch;
use std::sync::Arc;
use thiserror::Error;
use weir_exchange::{DataTypeId, Form, SignalId};

/// Why a matcher cannot be made.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum MatcherError {
    /// Hyperscan gave no scratch space.
    #[error("no scratch space for the rule database: {0}")]
    Scratch(String),
}

/// Shortest name of a field looked up, in bytes.
const MIN_NAME: usize = 2;
/// Most quotes and blanks between a name and the sign behind it.
const MAX_BETWEEN: usize = 8;
/// Longest name of a field looked up, in bytes.
const MAX_NAME: usize = 64;
/// Longest masked value looked at without a key, in bytes.
const MAX_MASKED: usize = 64;

/// Scans texts; one a thread. It owns its scratch space and buffers and shares the rules.
pub struct Matcher {
    rules: Arc<RuleSet>,
    scratch: Option<Scratch>,
    /// Literals found: number and end.
    hits: Vec<(u32, u32)>,
    /// Where the last match of each pattern ended: what begins inside it is part of it.
    until: Vec<u32>,
    /// Signals already reported of this text.
    signalled: Vec<bool>,
    /// Classes of the text's bytes.
    map: ByteMap,
}

impl Matcher {
    /// Over `rules`.
    pub fn new(rules: Arc<RuleSet>) -> Result<Matcher, MatcherError> {
        let scratch = rules.literals.scratch().map_err(MatcherError::Scratch)?;
        let until = vec![0; rules.pattern_count];
        let signalled = vec![false; rules.signals.len()];
        let map = ByteMap::default();
        Ok(Matcher { rules, scratch, hits: Vec::with_capacity(1024), until, signalled, map })
    }
    /// The rules it scans for.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }
    /// Finds in `text` (UTF-8 or ASCII-compatible bytes; may hold invalid bytes) values that verify by themselves or need context,
    /// key names and signals. Appends to `found`, sorted by start, then the longest first; `scope` limits to what the caller needs.
    ///
    /// A signal is reported once a text, where it first stands. Beyond 4 GiB nothing is looked at.
    pub fn scan(&mut self, text: &[u8], scope: Scope, found: &mut Vec<Candidate>) {
        let text = &text[..text.len().min(u32::MAX as usize)];
        let first = found.len();
        let rules = &*self.rules;
        self.hits.clear();
        if let Some(scratch) = &self.scratch {
            rules.literals.find(text, scratch, &mut self.hits);
        }
        let mut pass =
            Pass { rules, text, scope, until: &mut self.until, signalled: &mut self.signalled, found };
        // What texts before this one left is forgotten where something was found; most texts hold nothing.
        let any =
            !self.hits.is_empty() || rules.signs.iter().any(|(s, _)| memchr::memchr(*s, text).is_some());
        if any {
            pass.until.fill(0);
            pass.signalled.fill(false);
        }
        for (id, end) in &self.hits {
            let (start, actions) = rules.literals.actions(*id, *end);
            for action in actions {
                pass.act(*action, start, *end as usize);
            }
        }
        for (sign, action) in rules.signs.iter().filter(|_| any) {
            for at in memchr::memchr_iter(*sign, text) {
                pass.act(*action, at, at + 1);
            }
        }
        if scope.data {
            self.map.fill(text, scope.quoted_names, |at| pass.name_before(at));
            rules.runs.find(&self.map, text, |ty, start, end| {
                push_value(rules, text, ty, start, end, pass.found);
            });
            find_masked(rules, text, pass.found);
        }
        if let Some(found @ [_, _, ..]) = found.get_mut(first..) {
            found.sort_unstable_by_key(|c| (c.start, std::cmp::Reverse(c.end), rank(c.what)));
        }
    }
}

/// One scan under way.
struct Pass<'a> {
    rules: &'a RuleSet,
    text: &'a [u8],
    scope: Scope,
    until: &'a mut [u32],
    signalled: &'a mut [bool],
    found: &'a mut Vec<Candidate>,
}

impl Pass<'_> {
    fn act(&mut self, action: Action, start: usize, end: usize) {
        match action {
            Action::Sign if self.scope.data => self.name_before(start),
            Action::HanName(data_type) if self.scope.data => {
                self.found.push(candidate(What::Key { data_type }, start, end));
            }
            Action::Lead(owner, n, number) => self.pattern(owner, n, number, start, None),
            Action::Anchor(owner, n, number, before) => {
                self.pattern(owner, n, number, start, Some(usize::from(before)));
            }
            _ => {}
        }
    }

    /// The name of a field before a sign at `at`, behind quotes and blanks.
    fn name_before(&mut self, at: usize) {
        let before = &self.text[..at];
        let between = |b: &&u8| matches!(b, b'"' | b'\'' | b'\\' | b']') || b.is_ascii_whitespace();
        let end = at - before.iter().rev().take(MAX_BETWEEN).take_while(between).count();
        let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let length = before[..end].iter().rev().take(MAX_NAME + 1).take_while(part).count();
        if !(MIN_NAME..=MAX_NAME).contains(&length) || !is_followed_as_name(&self.text[end..]) {
            return;
        }
        let Ok(name) = std::str::from_utf8(&before[end - length..end]) else { return };
        if let Some(best) = self.rules.key_types(name).first() {
            self.found.push(candidate(What::Key { data_type: best.data_type }, end - length, end));
        }
    }

    /// Verifies a pattern that begins at `at`, or lies around it.
    fn pattern(&mut self, owner: Owner, n: u16, number: u16, at: usize, around: Option<usize>) {
        let (rules, text, scope) = (self.rules, self.text, self.scope);
        let Some(until) = self.until.get_mut(usize::from(number)) else { return };
        let patterns = match owner {
            Owner::Type(ty) if scope.data => &rules.types[usize::from(ty)].patterns,
            Owner::Signal(s) => {
                let rule = &rules.signals[usize::from(s)];
                let wanted = match scope.signals {
                    ResponseOrRequest::Neither => false,
                    ResponseOrRequest::Request => rule.request,
                    ResponseOrRequest::Response => rule.response,
                    ResponseOrRequest::UserAgent => rule.user_agent,
                };
                if !wanted || self.signalled[usize::from(s)] {
                    return;
                }
                &rule.patterns
            }
            Owner::Type(_) => return,
        };
        if at < *until as usize {
            return;
        }
        let p = &patterns[usize::from(n)];
        let hit = match around {
            None => p.match_from(text, at, MAX_VALUE).map(|end| (at, end)),
            Some(before) => p.match_around(text, at, before, MAX_VALUE),
        };
        let Some((start, end)) = hit else { return };
        *until = end as u32;
        match owner {
            Owner::Type(ty) => push_value(rules, text, ty, start, end, self.found),
            Owner::Signal(s) => {
                self.signalled[usize::from(s)] = true;
                self.found.push(candidate(What::Signal(SignalId(s)), start, end));
            }
        }
    }
}

fn rank(what: What) -> (u8, u16) {
    match what {
        What::Value { data_type, .. } => (0, data_type.0),
        What::Key { data_type } => (1, data_type.0),
        What::Signal(s) => (2, s.0),
    }
}

fn candidate(what: What, start: usize, end: usize) -> Candidate {
    Candidate { what, start: start as u32, end: end as u32 }
}

/// Validates a value of a type and appends it.
fn push_value(rules: &RuleSet, text: &[u8], ty: u16, start: usize, end: usize, found: &mut Vec<Candidate>) {
    let rule = &rules.types[usize::from(ty)];
    let value = &text[start..end];
    let verdict = rule.validator.map_or(Verdict::Verified, |v| v(&value[..value.len().min(MAX_VALUE)]));
    let strength = match (verdict, rule.stands) {
        (Verdict::No, _) => return,
        (Verdict::Verified, Stands::Alone) => Strength::Alone,
        _ => Strength::Context,
    };
    found.push(candidate(What::Value { data_type: DataTypeId(ty), strength, form: Form::Plain }, start, end));
}

/// Masked values whose type shows without a key: words around three stars or more.
fn find_masked(rules: &RuleSet, text: &[u8], found: &mut Vec<Candidate>) {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| memchr::memchr(b'*', rest)).map(|i| from + i) {
        let stars = text[at..].iter().take_while(|b| **b == b'*').count();
        let part =
            |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'@' | b'.' | b'_' | b'-' | b'+' | b'*');
        let left = text[from..at].iter().rev().take(MAX_MASKED).take_while(part).count();
        let right = text[at + stars..].iter().take(MAX_MASKED).take_while(part).count();
        let (start, end) = (at - left, at + stars + right);
        from = end;
        if stars < 3 || end - start > MAX_MASKED || end - start == stars {
            continue;
        }
        let Some(masked) = Masked::read(&text[start..end]) else { continue };
        for ty in &rules.masked_alone {
            if judge::masked_fits(&rules.types[usize::from(*ty)], &masked) {
                let what =
                    What::Value { data_type: DataTypeId(*ty), strength: Strength::Alone, form: Form::Masked };
                found.push(candidate(what, start, end));
            }
        }
    }
}

/// Whether what follows a word lets it be a field's name: a mark of JSON, forms, XML, tables or headers, behind quotes and blanks.
fn is_followed_as_name(rest: &[u8]) -> bool {
    let skipped = rest.iter().take(4).take_while(|b| matches!(b, b'"' | b'\'' | b'\\' | b' ' | b']')).count();
    rest.get(skipped).is_none_or(|b| {
        matches!(b, b':' | b'=' | b'>' | b'<' | b',' | b';' | b'|' | b'\t' | b'\r' | b'\n' | b'&' | 0xef)
    })
}
