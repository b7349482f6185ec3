//! The text of a pack, as written.

use super::Day;
use super::calendar::CalendarText;
use super::incidents::IncidentsText;
use super::own::{CompositeText, OverrideText};
use super::profile::ProfileText;
use crate::exact::ExactSet;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::Spanned;

/// A pack file.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackText {
    /// Header.
    pub pack: Header,
    /// Named word lists, which other lists name as `@name`.
    #[serde(default)]
    pub lists: BTreeMap<String, Vec<String>>,
    /// Data types.
    #[serde(default)]
    pub data_type: Vec<Spanned<DataTypeText>>,
    /// Signals.
    #[serde(default)]
    pub signal: Vec<Spanned<SignalText>>,
    /// Changes to data types of other packs.
    #[serde(default, rename = "override")]
    pub overrides: Vec<Spanned<OverrideText>>,
    /// Types that are several types together.
    #[serde(default)]
    pub composite: Vec<Spanned<CompositeText>>,
    /// Grading profiles.
    #[serde(default)]
    pub profile: Vec<Spanned<ProfileText>>,
    /// The working calendar.
    pub calendar: Option<Spanned<CalendarText>>,
    /// What makes an incident, how it is graded and what duties follow.
    pub incidents: Option<Spanned<IncidentsText>>,
}

/// What a pack is.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Day it was made, `YYYY-MM-DD`.
    pub made: Day,
}

/// When a value of a type is reported.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stands {
    /// On the value alone, where its validator verifies it.
    Alone,
    /// With a key or a nearby word.
    Context,
    /// Only in a field of that name.
    #[default]
    Key,
}

/// A data type.
#[derive(Clone, Default, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataTypeText {
    pub id: String,
    pub zh: String,
    pub en: String,
    pub group: String,
    pub level: u8,
    #[serde(default)]
    pub personal: Standing,
    #[serde(default)]
    pub secret: bool,
    /// Whether a value opens something by itself; as `secret` where absent.
    pub opens: Option<bool>,
    /// Expected masked when shown.
    #[serde(default)]
    pub mask: bool,
    /// Of a hundred other values of its shape, how many pass for one: then columns of values are judged.
    #[serde(default)]
    pub chance: u8,
    /// Different values are different persons.
    #[serde(default)]
    pub identifies: bool,
    pub precedence: u8,
    pub stands: Stands,
    #[serde(default)]
    pub patterns: Vec<PatternText>,
    /// What a whole value looks like in a field of that name.
    pub field: Option<String>,
    /// Closed set of the values in a field of that name.
    #[serde(default)]
    pub values: Vec<String>,
    /// Values that say nothing (`null`, `string`).
    #[serde(default)]
    pub not_values: Vec<String>,
    pub validator: Option<String>,
    /// Names of fields.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Names of fields that hold other things as well: a weaker promise.
    #[serde(default)]
    pub weak_keys: Vec<String>,
    /// Last words of names of fields.
    #[serde(default)]
    pub suffixes: Vec<String>,
    /// Last words of names of fields that hold something else, whatever the value looks like.
    #[serde(default)]
    pub reject_keys: Vec<String>,
    /// Words that make a plausible value one of this type when they stand before it.
    #[serde(default)]
    pub context: Vec<String>,
    /// Masked forms, every mask mark written `*`.
    #[serde(default)]
    pub masked: Vec<String>,
    /// Lengths in characters that masked values have.
    #[serde(default)]
    pub masked_lengths: Vec<u8>,
    /// Whether a masked value is known without a key.
    #[serde(default)]
    pub masked_alone: bool,
    /// Whether digests and ciphertext in a field of that name are hidden values of it.
    #[serde(default)]
    pub opaque: bool,
    /// Whether a whole value that verifies as another type is that one, whatever the name promises.
    #[serde(default)]
    pub yields: bool,
    /// How many characters a sample shows at the start and the end.
    #[serde(default)]
    pub sample: (u8, u8),
    /// Words that are values by themselves, whatever the case of their ASCII letters.
    #[serde(default)]
    pub words: Vec<String>,
    /// A file of more of them, one a line, beside the pack.
    pub words_file: Option<String>,
    /// A table of digests that a value must be in.
    pub exact: Option<ExactText>,
    /// The table, read.
    #[serde(skip)]
    pub exact_set: Option<Arc<ExactSet>>,
    /// Whether an override has put it off.
    #[serde(skip)]
    pub off: bool,
    /// Whether it is several types together: no value by itself is of it.
    #[serde(skip)]
    pub composite: bool,
    /// Its level in profiles, by profile.
    #[serde(default)]
    pub grades: BTreeMap<String, String>,
    #[serde(default)]
    pub examples: Vec<ExampleText>,
    #[serde(default)]
    pub counter_examples: Vec<ExampleText>,
}

/// Files of an exact-data type, beside the pack.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExactText {
    /// Digests of the values.
    pub digests: String,
    /// The key that they are made under.
    pub key: String,
}

/// A value's pattern: a regular expression in byte mode, with what the compiler cannot see by itself.
#[derive(Clone, Deserialize, Debug)]
#[serde(untagged)]
pub(crate) enum PatternText {
    /// Just the expression.
    Plain(String),
    /// With more.
    Full(FullPattern),
}

/// A pattern in full.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct FullPattern {
    pub regex: String,
    /// Literal inside the expression to look for, where the expression does not begin with one.
    pub anchor: Option<String>,
    /// How many bytes before the anchor a value may begin.
    #[serde(default)]
    pub before: usize,
    /// Bytes that go on belonging to the value behind the match, however many.
    pub tail: Option<String>,
    #[serde(default)]
    pub caseless: bool,
}

/// An example: a text that is scanned, or a value in a field.
#[derive(Clone, Deserialize, Debug)]
#[serde(untagged)]
pub(crate) enum ExampleText {
    /// A text.
    Text(String),
    /// A value in a field.
    Keyed(KeyedExample),
}

/// A value in a field.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyedExample {
    pub key: Option<String>,
    /// Words before it, where there is no key.
    #[serde(default)]
    pub before: String,
    pub value: String,
    #[serde(default)]
    pub form: FormText,
}

/// A form, as written.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FormText {
    #[default]
    Plain,
    Masked,
    Encrypted,
    Hashed,
}

/// Standing as personal information, as written.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Standing {
    #[default]
    None,
    #[serde(rename = "personal")]
    Ordinary,
    Sensitive,
}

/// A signal.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignalText {
    pub id: String,
    pub family: Family,
    pub zh: String,
    pub en: String,
    /// Where its patterns are looked for.
    #[serde(default, rename = "where")]
    pub places: Vec<SignalPlace>,
    #[serde(default)]
    pub patterns: Vec<PatternText>,
    /// Globs of paths: `*` is anything, case does not matter, the query is cut off.
    #[serde(default)]
    pub paths: Vec<String>,
    #[serde(default)]
    pub examples: Vec<String>,
    #[serde(default)]
    pub counter_examples: Vec<String>,
}

/// Where a signal's patterns are looked for.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Debug)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SignalPlace {
    Request,
    Response,
    UserAgent,
}

/// A family of signals, as written.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Debug)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Family {
    ErrorDisclosure,
    ExposedConsole,
    ProbePath,
    AttackPayload,
    FailureMessage,
    SuccessMessage,
    ToolAgent,
}

impl PatternText {
    /// In full.
    pub(crate) fn full(&self) -> FullPattern {
        match self {
            PatternText::Plain(regex) => {
                FullPattern { regex: regex.clone(), anchor: None, before: 0, tail: None, caseless: false }
            }
            PatternText::Full(full) => full.clone(),
        }
    }
}
