//! A data type and a signal, compiled.

use super::literals::{REQUEST, RESPONSE, USER_AGENT};
use super::tables::Tables;
use super::{Fault, Pattern, Whole};
use crate::exact::ExactSet;
use crate::name::FoldedName;
use crate::pack::{DataTypeText, PatternText, SignalPlace, SignalText, Stands};
use crate::validate::{VALIDATORS, Validator, Verdict, validator};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Highest `chance`: above, a column of the type and one of something else could not be told apart.
const MOST_CHANCE: u8 = 30;

/// A data type, compiled.
#[derive(Debug)]
pub(crate) struct TypeRule {
    pub stands: Stands,
    pub level: u8,
    pub precedence: u8,
    pub patterns: Vec<Pattern>,
    pub field: Option<Whole>,
    pub values: Vec<Box<[u8]>>,
    pub not_values: Vec<Box<[u8]>>,
    pub validator: Option<Validator>,
    /// Digests that a value must be among.
    pub exact: Option<Arc<ExactSet>>,
    /// Words of a dictionary, in lower case; empty of other types.
    pub words: BTreeSet<Box<[u8]>>,
    /// Folded last words, sorted.
    pub reject: Vec<Box<[u8]>>,
    /// In lower case.
    pub context: Vec<Box<[u8]>>,
    pub masked: Vec<Whole>,
    /// Bit n: masked values may have n characters; 0 where any length goes.
    pub masked_lengths: u64,
    pub masked_alone: bool,
    pub opaque: bool,
    pub yields: bool,
    pub sample: (u8, u8),
}

impl TypeRule {
    /// Compiles a stanza.
    pub(super) fn new(text: &DataTypeText, tables: &mut Tables) -> Result<TypeRule, Fault> {
        if !(1..=4).contains(&text.level) {
            return Err((
                format!("level {} of {} is not 1 to 4", text.level, text.id),
                "grade 1 (public) to 4 (highest)",
            ));
        }
        if text.stands != Stands::Key && text.patterns.is_empty() {
            return Err((
                format!("{} stands by its value but has no pattern", text.id),
                "give `patterns`, or stands = \"key\"",
            ));
        }
        if text.exact.is_some() && (text.validator.is_some() || !text.words.is_empty()) {
            return Err((
                format!("{} has digests and a validator or words", text.id),
                "keep `exact`, which verifies by itself",
            ));
        }
        if text.chance > MOST_CHANCE {
            return Err((
                format!("chance {} of {} is more than {MOST_CHANCE}", text.chance, text.id),
                "of a hundred other values of its shape, how many pass for one; a type that more pass for needs stands = \"key\"",
            ));
        }
        let validator = match &text.validator {
            None => None,
            Some(name) => Some(validator(name).ok_or_else(|| {
                let known: Vec<&str> = VALIDATORS.iter().map(|(n, _)| *n).collect();
                (
                    format!("validator `{name}` is not known; there are {}", known.join(", ")),
                    "choose one of them",
                )
            })?),
        };
        let bytes = |all: &[String]| all.iter().map(|w| w.to_lowercase().into_bytes().into()).collect();
        let mut reject: Vec<Box<[u8]>> =
            text.reject_keys.iter().filter_map(|k| FoldedName::new(k).map(|f| f.text().into())).collect();
        reject.sort();
        Ok(TypeRule {
            stands: text.stands,
            level: text.level,
            precedence: text.precedence,
            patterns: patterns(&text.patterns, tables)?,
            field: text.field.as_deref().map(Whole::new).transpose()?,
            values: bytes(&text.values),
            not_values: bytes(&text.not_values),
            validator,
            exact: text.exact_set.clone(),
            words: text.words.iter().map(|w| w.to_ascii_lowercase().into_bytes().into()).collect(),
            reject,
            context: bytes(&text.context),
            masked: text.masked.iter().map(|m| Whole::new(m)).collect::<Result<_, _>>()?,
            masked_lengths: text
                .masked_lengths
                .iter()
                .fold(0, |all, n| all | 1u64.checked_shl(u32::from(*n)).unwrap_or(0)),
            masked_alone: text.masked_alone,
            opaque: text.opaque,
            yields: text.yields,
            sample: text.sample,
        })
    }
    /// What its validator or its digests say of a value that has its shape; `None` where it has neither.
    pub(crate) fn verify(&self, value: &[u8]) -> Option<Verdict> {
        match (self.validator, &self.exact) {
            (Some(v), _) => Some(v(value)),
            (None, Some(exact)) => Some(if exact.has(value) { Verdict::Verified } else { Verdict::No }),
            (None, None) => None,
        }
    }
    /// Whether a value found in a text may stand between these neighbours: the words of a dictionary are whole words.
    pub(crate) fn may_stand(&self, text: &[u8], start: usize, end: usize) -> bool {
        let joined = |a: Option<&u8>, b: Option<&u8>| {
            a.is_some_and(u8::is_ascii_alphanumeric) && b.is_some_and(u8::is_ascii_alphanumeric)
        };
        self.words.is_empty()
            || !joined(start.checked_sub(1).and_then(|i| text.get(i)), text.get(start))
                && !joined(end.checked_sub(1).and_then(|i| text.get(i)), text.get(end))
    }
}

fn patterns(texts: &[PatternText], tables: &mut Tables) -> Result<Vec<Pattern>, Fault> {
    texts.iter().map(|p| Pattern::new(&p.full(), tables)).collect()
}

/// A signal, compiled.
#[derive(Debug)]
pub(crate) struct SignalRule {
    pub patterns: Vec<Pattern>,
    pub request: bool,
    pub response: bool,
    pub user_agent: bool,
}

impl SignalRule {
    /// Compiles a stanza.
    pub(super) fn new(text: &SignalText, tables: &mut Tables) -> Result<SignalRule, Fault> {
        let patterns = patterns(&text.patterns, tables)?;
        if patterns.is_empty() && text.paths.is_empty() {
            return Err((format!("{} has neither patterns nor paths", text.id), "give one of them"));
        }
        if !patterns.is_empty() && text.places.is_empty() {
            return Err((
                format!("{} does not say where its patterns stand", text.id),
                "add where = [\"response\"], \"request\" or \"user-agent\"",
            ));
        }
        if patterns.iter().any(|p| matches!(p.found, super::Found::Shapes(_))) {
            return Err((
                format!("a pattern of {} has no literal", text.id),
                "signals are told by literals: name one with `anchor`",
            ));
        }
        let at = |p| text.places.contains(&p);
        Ok(SignalRule {
            patterns,
            request: at(SignalPlace::Request),
            response: at(SignalPlace::Response),
            user_agent: at(SignalPlace::UserAgent),
        })
    }
    /// Where its patterns are looked for.
    pub(crate) fn scopes(&self) -> u8 {
        let bit = |is: bool, scope: u8| if is { scope } else { 0 };
        bit(self.request, REQUEST) | bit(self.response, RESPONSE) | bit(self.user_agent, USER_AGENT)
    }
}
