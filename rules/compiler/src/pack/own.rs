//! What an organisation says about the types of other packs, and its composite types.

use super::stanza::{ExampleText, Standing};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Changes to a data type of another pack. Lists are added to its own; what it does not name stays as it is.
#[derive(Clone, Default, Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OverrideText {
    /// The type that is changed.
    pub id: String,
    /// Whether it is not looked for at all.
    pub off: bool,
    pub zh: Option<String>,
    pub en: Option<String>,
    pub level: Option<u8>,
    pub personal: Option<Standing>,
    pub secret: Option<bool>,
    pub mask: Option<bool>,
    pub precedence: Option<u8>,
    pub keys: Vec<String>,
    pub weak_keys: Vec<String>,
    pub suffixes: Vec<String>,
    pub reject_keys: Vec<String>,
    pub context: Vec<String>,
    pub not_values: Vec<String>,
    pub masked: Vec<String>,
    /// Words taken out of its keys, weak keys, suffixes, refusing keys and context.
    pub without: Vec<String>,
    /// Its level in profiles, by profile.
    pub grades: BTreeMap<String, String>,
    pub examples: Vec<ExampleText>,
    pub counter_examples: Vec<ExampleText>,
}

impl OverrideText {
    /// Whether it changes anything.
    pub(crate) fn is_empty(&self) -> bool {
        let lists = [
            &self.keys,
            &self.weak_keys,
            &self.suffixes,
            &self.reject_keys,
            &self.context,
            &self.not_values,
            &self.masked,
            &self.without,
        ];
        let names = self.zh.is_none() && self.en.is_none();
        let grades = self.level.is_none() && self.personal.is_none() && self.grades.is_empty();
        let rest = self.secret.is_none() && self.mask.is_none() && self.precedence.is_none();
        !self.off && names && grades && rest && lists.iter().all(|l| l.is_empty())
    }
}

/// A type that is several types together in one record.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompositeText {
    pub id: String,
    pub zh: String,
    pub en: String,
    pub group: String,
    pub level: u8,
    #[serde(default)]
    pub personal: Standing,
    /// The types.
    pub of: Vec<String>,
    /// How many different ones of them must stand together; all where absent.
    pub least: Option<usize>,
    #[serde(default)]
    pub grades: BTreeMap<String, String>,
}
