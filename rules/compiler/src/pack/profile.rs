//! Grading profiles, as written.

use super::stanza::Standing;
use serde::Deserialize;

/// A profile.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileText {
    pub id: String,
    pub zh: String,
    pub en: String,
    /// The standard it rests on; that of the profile it extends where absent.
    #[serde(default)]
    pub standard: String,
    /// A profile whose levels, categories and rules are used behind its own.
    pub extends: Option<String>,
    /// Levels, lowest first.
    #[serde(default)]
    pub levels: Vec<LabelText>,
    #[serde(default)]
    pub categories: Vec<LabelText>,
    /// Level of types that no rule names.
    pub rest: Option<String>,
    /// How masked, digested and encrypted values are graded.
    pub hidden: Option<Hidden>,
    pub many: Option<ManyText>,
    /// Rules that give levels; the first that holds for a type counts.
    #[serde(default)]
    pub grade: Vec<GradeRule>,
    /// Rules that give categories, in the same way.
    #[serde(default)]
    pub class: Vec<ClassRule>,
}

/// Names of a level or category.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct LabelText {
    pub id: String,
    pub zh: String,
    pub en: String,
}

/// How values that are not in clear are graded.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Hidden {
    /// One step lower.
    Lower,
    /// As those in clear.
    Same,
}

/// From how many values on an exchange is graded one step higher.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManyText {
    pub values: u32,
    pub up_to: String,
}

/// Which types a rule is about: of these ids or these groups, and all the rest that is given.
#[derive(Clone, Default, Deserialize, Debug)]
#[serde(default)]
pub(crate) struct Which {
    pub types: Vec<String>,
    pub groups: Vec<String>,
    /// Native levels.
    pub native: Vec<u8>,
    pub personal: Vec<Standing>,
    pub secret: Option<bool>,
}

/// A rule that gives a level.
#[derive(Clone, Deserialize, Debug)]
pub(crate) struct GradeRule {
    pub level: String,
    #[serde(flatten)]
    pub which: Which,
}

/// A rule that gives a category.
#[derive(Clone, Deserialize, Debug)]
pub(crate) struct ClassRule {
    pub category: String,
    #[serde(flatten)]
    pub which: Which,
}
