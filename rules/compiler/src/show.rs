//! `rules list` and `rules show`: rules with all they say.

use crate::RuleSet;
use crate::compile::{DEAR, Found, Pattern, cost};
use crate::pack::{DataTypeText, ExampleText, PatternText, Stands};
use weir_exchange::{DataType, DataTypeId, SignalKind};

/// A pack in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PackInfo {
    /// Its file, or the name of one that is compiled in.
    pub file: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Day it was made.
    pub made: String,
}

/// What a rule defines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RuleKind {
    /// A data type.
    DataType(DataType),
    /// A signal.
    Signal(SignalKind),
}

/// A rule as its author wrote it and as the compiler placed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleSheet {
    /// What it defines.
    pub kind: RuleKind,
    /// File of its pack.
    pub file: String,
    /// Line of its stanza, from 1.
    pub line: usize,
    /// When a value is reported: `alone`, `context` or `key`; empty of signals.
    pub stands: &'static str,
    /// Who wins a span: the higher; 0 of signals.
    pub precedence: u8,
    /// Each pattern with where it is looked for: `hyperscan`, `memchr`, `class-run` or, of types that stand by key, `field`.
    pub patterns: Vec<(String, &'static str)>,
    /// Nanoseconds that its patterns add to the scan of 1,000 bytes of ordinary traffic, estimated.
    pub cost: u32,
    /// Name of the validator, where there is one.
    pub validator: Option<String>,
    /// Names of fields, names that suggest, and last words of names.
    pub keys: [Vec<String>; 3],
    /// Last words of names that refuse.
    pub reject_keys: Vec<String>,
    /// Words that make a plausible value one of this type.
    pub context: Vec<String>,
    /// Masked forms.
    pub masked: Vec<String>,
    /// Paths, of signals.
    pub paths: Vec<String>,
    /// Examples, keyed ones as `key=value`.
    pub examples: Vec<String>,
    /// Counter-examples.
    pub counter_examples: Vec<String>,
}

impl RuleSheet {
    /// Whether its cost is worth a warning.
    pub fn is_dear(&self) -> bool {
        self.cost >= DEAR
    }
}

impl RuleSet {
    /// The packs in force, in the order they were read.
    pub fn packs(&self) -> Vec<PackInfo> {
        let all = self.packs.headers.iter().zip(&self.packs.sources);
        all.map(|(h, s)| PackInfo {
            file: s.file.clone(),
            name: h.name.clone(),
            version: h.version.clone(),
            made: h.made.to_string(),
        })
        .collect()
    }

    /// Every rule, data types first, in the order of the packs.
    pub fn sheets(&self) -> Vec<RuleSheet> {
        let types = (0u16..).zip(&self.packs.data_types).filter_map(|(i, placed)| {
            let source = &self.packs.sources[placed.pack];
            let kind = RuleKind::DataType(self.catalogue.data_type(DataTypeId(i))?.clone());
            let rule = self.types.get(usize::from(i))?;
            Some(type_sheet(
                &placed.stanza,
                kind,
                &rule.patterns,
                source.file.clone(),
                source.line(placed.span.start),
            ))
        });
        let signals = self.packs.signals.iter().zip(&self.catalogue.signals).zip(&self.signals).map(
            |((placed, kind), rule)| {
                let source = &self.packs.sources[placed.pack];
                let t = &placed.stanza;
                RuleSheet {
                    kind: RuleKind::Signal(kind.clone()),
                    file: source.file.clone(),
                    line: source.line(placed.span.start),
                    stands: "",
                    precedence: 0,
                    patterns: patterns(&t.patterns, &rule.patterns, false),
                    cost: rule.patterns.iter().map(cost).sum(),
                    validator: None,
                    keys: Default::default(),
                    reject_keys: Vec::new(),
                    context: Vec::new(),
                    masked: Vec::new(),
                    paths: t.paths.clone(),
                    examples: t.examples.clone(),
                    counter_examples: t.counter_examples.clone(),
                }
            },
        );
        types.chain(signals).collect()
    }

    /// The rule of an id.
    pub fn sheet(&self, id: &str) -> Option<RuleSheet> {
        self.sheets().into_iter().find(|s| match &s.kind {
            RuleKind::DataType(t) => &*t.id == id,
            RuleKind::Signal(s) => &*s.id == id,
        })
    }
}

fn type_sheet(
    t: &DataTypeText,
    kind: RuleKind,
    compiled: &[Pattern],
    file: String,
    line: usize,
) -> RuleSheet {
    RuleSheet {
        kind,
        file,
        line,
        stands: match t.stands {
            Stands::Alone => "alone",
            Stands::Context => "context",
            Stands::Key => "key",
        },
        precedence: t.precedence,
        patterns: patterns(&t.patterns, compiled, t.stands == Stands::Key),
        cost: if t.stands == Stands::Key { 0 } else { compiled.iter().map(cost).sum() },
        validator: t.validator.clone(),
        keys: [t.keys.clone(), t.weak_keys.clone(), t.suffixes.clone()],
        reject_keys: t.reject_keys.clone(),
        context: t.context.clone(),
        masked: t.masked.clone(),
        paths: Vec::new(),
        examples: t.examples.iter().map(shown).collect(),
        counter_examples: t.counter_examples.iter().map(shown).collect(),
    }
}

fn patterns(texts: &[PatternText], compiled: &[Pattern], by_key: bool) -> Vec<(String, &'static str)> {
    let place = |p: &Pattern| match &p.found {
        _ if by_key => "field",
        Found::Leads(_) => "hyperscan",
        Found::Anchor(a, _) if a.len() == 1 => "memchr",
        Found::Anchor(..) => "hyperscan",
        Found::Shapes(_) | Found::Seams(_) => "class-run",
    };
    texts.iter().zip(compiled).map(|(t, p)| (t.full().regex, place(p))).collect()
}

fn shown(example: &ExampleText) -> String {
    match example {
        ExampleText::Text(t) => t.clone(),
        ExampleText::Keyed(k) => format!("{}={}", k.key.as_deref().unwrap_or(&k.before), k.value),
    }
}
