//! One scan under way: what is done where something was found.

use super::{Masks, Seen};
use crate::compile::{Action, Owner};
use crate::map::{BLOCK, ByteMap};
use crate::pack::Stands;
use crate::validate::Verdict;
use crate::{Candidate, MAX_VALUE, ResponseOrRequest, RuleSet, Scope, Strength, What};
use weir_exchange::{DataTypeId, Form, SignalId};

/// Shortest name of a field looked up, in bytes.
const MIN_NAME: usize = 2;
/// Most quotes and blanks between a name and the sign behind it.
const MAX_BETWEEN: usize = 8;
/// Longest name of a field looked up, in bytes.
const MAX_NAME: usize = 64;
/// Bytes that a pattern may look at in vain beside as many as the text has, before it is given up for this text: only a text made for it
/// comes there.
const SPARE: usize = 64 << 10;
/// Signs in Chinese that stand between a name and a value. The first is one behind names in ASCII, too.
const HAN_SIGNS: [&[u8]; 3] = ["：".as_bytes(), "是".as_bytes(), "为".as_bytes()];

/// One scan under way.
pub(super) struct Pass<'a> {
    pub(super) rules: &'a RuleSet,
    pub(super) text: &'a [u8],
    pub(super) scope: Scope,
    pub(super) seen: &'a mut Seen,
    pub(super) found: &'a mut Vec<Candidate>,
}

impl Pass<'_> {
    /// A literal that begins at `start`.
    pub(super) fn act(&mut self, action: Action, start: usize) {
        match action {
            Action::Lead(owner, n, number) => self.pattern(owner, n, number, start, None),
            Action::Anchor(owner, n, number, before) => {
                self.pattern(owner, n, number, start, Some(usize::from(before)));
            }
        }
    }

    /// Everything that a single byte gives away: names before signs, anchors of one byte, plates behind Chinese, masked values.
    pub(super) fn marks(&mut self, map: &ByteMap) {
        let (mut quote_before, mut high_before, mut backslash_before) = (0, 0, 0);
        let mut masks = Masks::default();
        for (i, b) in map.blocks().iter().enumerate() {
            // In JSON the structure reads the names; those in Chinese are looked up here as well, for it may be broken.
            let quoted = if self.scope.quoted_names { b.colon() & (b.quote << 1 | quote_before) } else { 0 };
            let mut left = b.sign & !(quoted & !(b.high << 2 | high_before));
            while left != 0 {
                let bit = left & left.wrapping_neg();
                self.sign(i * BLOCK + left.trailing_zeros() as usize, quoted & bit != 0);
                left ^= bit;
            }
            let escaped = quoted & !(b.high << 2 | high_before);
            if escaped != 0 && b.backslash | backslash_before != 0 {
                self.escaped(i, escaped);
            }
            (quote_before, high_before) = (b.quote >> (BLOCK - 1), b.high >> (BLOCK - 2));
            backslash_before = b.backslash >> (BLOCK - 2);
            let mut left = b.rare;
            while left != 0 {
                self.rare(i * BLOCK + left.trailing_zeros() as usize, &mut masks);
                left &= left - 1;
            }
        }
    }
    /// Signs behind a quote in block `i`: an escaped quote closes no name of the structure.
    fn escaped(&mut self, i: usize, mut signs: u64) {
        while signs != 0 {
            let at = i * BLOCK + signs.trailing_zeros() as usize;
            if at >= 2 && self.text[at - 2] == b'\\' {
                self.name_before(at);
            }
            signs &= signs - 1;
        }
    }
    /// A sign in ASCII; a `quoted` one stands behind a name in Chinese that the structure reads.
    fn sign(&mut self, at: usize, quoted: bool) {
        if !quoted {
            self.name_before(at);
        }
        self.han_name_before(at);
    }
    fn rare(&mut self, at: usize, masks: &mut Masks) {
        match self.text[at] {
            b'*' => {
                let (found, rules, text) = (&mut *self.found, self.rules, self.text);
                masks.star(rules, text, at, |data_type, start, end| {
                    let what = What::Value { data_type, strength: Strength::Alone, form: Form::Masked };
                    found.push(candidate(what, start, end));
                });
            }
            b if b.is_ascii() => {
                let rules = self.rules;
                for (_, action) in rules.signs.iter().filter(|(sign, _)| *sign == b) {
                    self.act(*action, at);
                }
                if b.is_ascii_uppercase() {
                    rules.seams.before(&self.text[..at], |action, start| self.act(action, start));
                }
            }
            _ => {
                let before = &self.text[..=at];
                if let Some(n) = HAN_SIGNS.iter().position(|s| before.ends_with(s)) {
                    if n == 0 {
                        self.name_before(at - 2);
                    }
                    self.han_name_before(at - 2);
                }
            }
        }
    }

    /// Names in Chinese before a sign at `at`.
    fn han_name_before(&mut self, at: usize) {
        let (rules, found) = (self.rules, &mut *self.found);
        rules.han_names.before(self.text, at, |data_type, start, end| {
            found.push(candidate(What::Key { data_type }, start, end));
        });
    }
    /// The name of a field in ASCII before a sign at `at`, behind quotes and blanks.
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
                if !wanted || self.seen.signalled[usize::from(s)] == self.seen.text {
                    return;
                }
                &rule.patterns
            }
            Owner::Type(_) => return,
        };
        let Some(tried) = self.seen.pattern(number) else { return };
        let bound = text.len() + SPARE;
        if at < tried.until || tried.bytes > bound {
            return;
        }
        let p = &patterns[usize::from(n)];
        let hit = match around {
            None => p.match_from(text, at, MAX_VALUE, &mut tried.bytes).map(|end| (at, end)),
            Some(before) => p.match_around(text, at, before, MAX_VALUE, &mut tried.around),
        };
        let given_up = tried.bytes > bound;
        if let Some((_, end)) = hit {
            tried.until = end;
        }
        self.seen.given_up += u64::from(given_up);
        let Some((start, end)) = hit else { return };
        match owner {
            Owner::Type(ty) => self.value(ty, start, end),
            Owner::Signal(s) => {
                self.seen.signalled[usize::from(s)] = self.seen.text;
                self.found.push(candidate(What::Signal(SignalId(s)), start, end));
            }
        }
    }

    /// Validates a value of a type and appends it.
    pub(super) fn value(&mut self, ty: u16, start: usize, end: usize) {
        let rule = &self.rules.types[usize::from(ty)];
        let value = &self.text[start..end];
        if !rule.may_stand(self.text, start, end) {
            return;
        }
        let verdict = rule.verify(&value[..value.len().min(MAX_VALUE)]).unwrap_or(Verdict::Verified);
        let strength = match (verdict, rule.stands) {
            (Verdict::No, _) => {
                if self.scope.refused {
                    self.found.push(candidate(What::Refused { data_type: DataTypeId(ty) }, start, end));
                }
                return;
            }
            (Verdict::Verified, Stands::Alone) => Strength::Alone,
            _ => Strength::Context,
        };
        let what = What::Value { data_type: DataTypeId(ty), strength, form: Form::Plain };
        self.found.push(candidate(what, start, end));
    }
}

fn candidate(what: What, start: usize, end: usize) -> Candidate {
    Candidate { what, start: start as u32, end: end as u32 }
}

/// Whether what follows a word lets it be a field's name: a mark of JSON, forms, XML, tables or headers, behind quotes and blanks.
fn is_followed_as_name(rest: &[u8]) -> bool {
    let skipped = rest.iter().take(4).take_while(|b| matches!(b, b'"' | b'\'' | b'\\' | b' ' | b']')).count();
    rest.get(skipped).is_none_or(|b| {
        matches!(b, b':' | b'=' | b'>' | b'<' | b',' | b';' | b'|' | b'\t' | b'\r' | b'\n' | b'&' | 0xef)
    })
}
