//! `rules check`: every example and counter-example through the real matcher and judge.

use crate::pack::{DataTypeText, ExampleText, FormText, KeyedExample, SignalPlace, SignalText};
use crate::{Context, Matcher, PackError, ResponseOrRequest, RuleSet, Scope, Strength, What};
use std::sync::Arc;
use weir_exchange::{DataTypeId, Form, SignalId};

/// Something wrong with a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// File of its pack.
    pub file: String,
    /// Line of its stanza, from 1.
    pub line: usize,
    /// Id of the rule.
    pub rule: String,
    /// What is wrong.
    pub what: String,
}

impl RuleSet {
    /// Runs every example and counter-example of the rules; a rule without examples is a problem too. In order of the packs.
    ///
    /// # Errors
    /// Where no matcher can be made.
    pub fn check(self: &Arc<Self>) -> Result<Vec<Problem>, PackError> {
        let mut matcher = Matcher::new(Arc::clone(self)).map_err(|e| PackError {
            file: "packs".into(),
            line: 0,
            what: e.to_string(),
            fix: "free some memory".into(),
        })?;
        let mut problems = Vec::new();
        for (i, placed) in (0u16..).zip(&self.packs.data_types) {
            let source = &self.packs.sources[placed.pack];
            let mut tell = |what: String| {
                let (file, line) = (source.file.clone(), source.line(placed.span.start));
                problems.push(Problem { file, line, rule: placed.stanza.id.clone(), what });
            };
            check_type(self, &mut matcher, DataTypeId(i), &placed.stanza, &mut tell);
        }
        for (i, placed) in (0u16..).zip(&self.packs.signals) {
            let source = &self.packs.sources[placed.pack];
            let mut tell = |what: String| {
                let (file, line) = (source.file.clone(), source.line(placed.span.start));
                problems.push(Problem { file, line, rule: placed.stanza.id.clone(), what });
            };
            check_signal(self, &mut matcher, SignalId(i), &placed.stanza, &mut tell);
        }
        Ok(problems)
    }
}

fn check_type(
    rules: &RuleSet,
    matcher: &mut Matcher,
    id: DataTypeId,
    text: &DataTypeText,
    tell: &mut impl FnMut(String),
) {
    // Of digests nobody can write an example without giving a value away; of several types together, each has its own.
    let excused = text.exact.is_some() || text.composite;
    if !excused && (text.examples.is_empty() || text.counter_examples.is_empty()) {
        tell("has no examples or no counter-examples".into());
    }
    for (examples, wanted) in [(&text.examples, true), (&text.counter_examples, false)] {
        for example in examples {
            let (holds, shown) = match example {
                ExampleText::Text(t) => (stands_in(rules, matcher, id, t), t.as_str()),
                ExampleText::Keyed(k) => (is_judged(rules, id, k, wanted), k.value.as_str()),
            };
            match (holds, wanted) {
                (false, true) => tell(format!("example `{shown}` is not found")),
                (true, false) => tell(format!("counter-example `{shown}` is found")),
                _ => {}
            }
        }
    }
}

/// Whether a scan of a text finds a value of the type that stands alone and is not refused.
fn stands_in(rules: &RuleSet, matcher: &mut Matcher, id: DataTypeId, text: &str) -> bool {
    let mut found = Vec::new();
    matcher.scan(text.as_bytes(), Scope { data: true, ..Scope::default() }, &mut found);
    found.iter().any(|c| {
        let value = &text.as_bytes()[c.start as usize..c.end as usize];
        let before = &text.as_bytes()[(c.start as usize).saturating_sub(48)..c.start as usize];
        let context = Context { before, ..Context::default() };
        match c.what {
            What::Value { data_type, strength, .. } if data_type == id => {
                // With a word before it a weaker value counts as well, as in a running text.
                (strength == Strength::Alone || !before.is_empty())
                    && rules.judge(id, value, &context).is_some()
            }
            _ => false,
        }
    })
}

fn is_judged(rules: &RuleSet, id: DataTypeId, example: &KeyedExample, wanted: bool) -> bool {
    let context =
        Context { key: example.key.as_deref(), before: example.before.as_bytes(), ..Context::default() };
    let form = match example.form {
        FormText::Plain => Form::Plain,
        FormText::Masked => Form::Masked,
        FormText::Encrypted => Form::Encrypted,
        FormText::Hashed => Form::Hashed,
    };
    let promised =
        example.key.as_deref().is_none_or(|k| rules.key_types(k).iter().any(|m| m.data_type == id));
    match rules.judge(id, example.value.as_bytes(), &context) {
        // A counter-example is refused whatever form it was taken for.
        Some(j) => !wanted || promised && j.form == form,
        None => false,
    }
}

fn check_signal(
    rules: &RuleSet,
    matcher: &mut Matcher,
    id: SignalId,
    text: &SignalText,
    tell: &mut impl FnMut(String),
) {
    if text.examples.is_empty() || text.counter_examples.is_empty() {
        tell("has no examples or no counter-examples".into());
    }
    for (examples, wanted) in [(&text.examples, true), (&text.counter_examples, false)] {
        for example in examples {
            match (signals_in(rules, matcher, id, text, example), wanted) {
                (false, true) => tell(format!("example `{example}` is not found")),
                (true, false) => tell(format!("counter-example `{example}` is found")),
                _ => {}
            }
        }
    }
}

/// Whether a text has the signal where its patterns are looked for, or, of a path, by its globs.
fn signals_in(
    rules: &RuleSet,
    matcher: &mut Matcher,
    id: SignalId,
    text: &SignalText,
    example: &str,
) -> bool {
    if example.starts_with('/') && !text.paths.is_empty() {
        return rules.path_signals(example).contains(&id);
    }
    text.places.iter().any(|place| {
        let signals = match place {
            SignalPlace::Request => ResponseOrRequest::Request,
            SignalPlace::Response => ResponseOrRequest::Response,
            SignalPlace::UserAgent => ResponseOrRequest::UserAgent,
        };
        let mut found = Vec::new();
        matcher.scan(example.as_bytes(), Scope { signals, ..Scope::default() }, &mut found);
        found.iter().any(|c| c.what == What::Signal(id))
    })
}
