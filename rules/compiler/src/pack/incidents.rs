//! What makes an incident, as written.

use serde::Deserialize;
use weir_exchange::{
    Duty, Effect, IncidentCause, IncidentLevel, IncidentRules, IncidentType, LevelRule, Operator, Since,
    Wording,
};

/// Longest time of a duty, in hours: a year.
const MAX_HOURS: u64 = 8_784;

/// What is wrong, and how to put it right.
type Fault = (String, String);

/// How incidents are told and graded.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct IncidentsText {
    /// Risk sources that are part of an incident of the same caller or account, and none by themselves.
    #[serde(default)]
    joins: Vec<String>,
    cause: Vec<CauseText>,
    #[serde(default)]
    level: Vec<LevelText>,
    #[serde(default)]
    duty: Vec<DutyText>,
}

#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct CauseText {
    sources: Vec<String>,
    effect: String,
    types: Vec<String>,
    #[serde(default)]
    outside: bool,
    zh: String,
    en: String,
}

#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct LevelText {
    level: String,
    persons: Option<u64>,
    #[serde(default)]
    important: bool,
    zh: String,
    en: String,
}

#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct DutyText {
    id: String,
    /// Hours; 0 for at once.
    within_hours: u64,
    #[serde(default)]
    since: Option<String>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    operator: Option<String>,
    #[serde(default)]
    personal: bool,
    #[serde(default)]
    important: bool,
    clause: String,
    zh: String,
    en: String,
}

/// The word of a key among those there are.
fn word<T: Copy>(
    text: &str,
    what: &str,
    all: &[T],
    of: fn(&str) -> Option<T>,
    key: fn(T) -> &'static str,
) -> Result<T, Fault> {
    of(text).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|t| key(*t)).collect();
        (format!("`{text}` is no {what}"), format!("use one of {}", known.join(", ")))
    })
}

fn effect(text: &str) -> Result<Effect, Fault> {
    word(text, "effect", Effect::ALL, Effect::of, Effect::key)
}
fn kind(text: &str) -> Result<IncidentType, Fault> {
    word(text, "type of incident", IncidentType::ALL, IncidentType::of, IncidentType::key)
}
fn level(text: &str) -> Result<IncidentLevel, Fault> {
    word(text, "level of incidents", IncidentLevel::ALL, IncidentLevel::of, IncidentLevel::key)
}

/// Catalogue ids have a letter and two digits; which of them there are the sensor knows.
fn sources(ids: &[String]) -> Result<Vec<Box<str>>, Fault> {
    let sound = |id: &String| match id.as_bytes() {
        [b'V' | b'D' | b'C' | b'P', rest @ ..] => rest.len() == 2 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    match ids.iter().find(|id| !sound(id)) {
        Some(id) => Err((format!("`{id}` is no risk source"), "write ids as `C15`".into())),
        None => Ok(ids.iter().map(|id| id.as_str().into()).collect()),
    }
}

fn wording(zh: &str, en: &str) -> Result<Wording, Fault> {
    if zh.trim().is_empty() || en.trim().is_empty() {
        return Err(("a text is empty".into(), "give `zh` and `en`".into()));
    }
    Ok(Wording { zh: zh.into(), en: en.into() })
}

impl CauseText {
    fn rule(&self) -> Result<IncidentCause, Fault> {
        if self.sources.is_empty() || self.types.is_empty() {
            let fix = "name at least one of `sources`, and of `types` the primary one first";
            return Err(("a cause has no risk source or no type".into(), fix.into()));
        }
        Ok(IncidentCause {
            sources: sources(&self.sources)?,
            effect: effect(&self.effect)?,
            types: self.types.iter().map(|t| kind(t)).collect::<Result<_, _>>()?,
            outside: self.outside,
            said: wording(&self.zh, &self.en)?,
        })
    }
}

impl LevelText {
    fn rule(&self) -> Result<LevelRule, Fault> {
        let level = level(&self.level)?;
        if self.persons.is_none() && !self.important || self.persons == Some(0) {
            let fix = "give `persons` (1 or more) or `important = true`";
            return Err((format!("nothing gives level {}", level.key()), fix.into()));
        }
        let said = wording(&self.zh, &self.en)?;
        Ok(LevelRule { level, persons: self.persons, important: self.important, said })
    }
}

impl DutyText {
    fn rule(&self) -> Result<Duty, Fault> {
        if self.within_hours > MAX_HOURS {
            return Err((
                format!("duty {} has {} hours", self.id, self.within_hours),
                format!("give at most {MAX_HOURS}"),
            ));
        }
        let since = self.since.as_deref().unwrap_or(Since::Known.key());
        let from = self.from.as_deref().unwrap_or(IncidentLevel::General.key());
        let operator = self.operator.as_deref();
        let whose = |o| word(o, "operator", Operator::ALL, Operator::of, Operator::key);
        Ok(Duty {
            id: self.id.as_str().into(),
            said: wording(&self.zh, &self.en)?,
            clause: self.clause.as_str().into(),
            within: self.within_hours * 3_600,
            since: word(since, "beginning of a duty's time", Since::ALL, Since::of, Since::key)?,
            from: level(from)?,
            operator: operator.map(whose).transpose()?,
            personal: self.personal,
            important: self.important,
        })
    }
}

impl IncidentsText {
    /// What is meant, or what is wrong with it and how to put it right. `pack` names it in records.
    pub(crate) fn rules(&self, pack: &str) -> Result<IncidentRules, Fault> {
        let mut levels: Vec<LevelRule> = self.level.iter().map(LevelText::rule).collect::<Result<_, _>>()?;
        levels.sort_by_key(|l| std::cmp::Reverse(l.level));
        let persons: Vec<u64> = levels.iter().filter_map(|l| l.persons).collect();
        if !persons.is_sorted_by(|a, b| a >= b) {
            let fix = "let a higher level ask for more persons";
            return Err(("a level asks for more persons than one above it".into(), fix.into()));
        }
        let mut ids: Vec<&str> = self.duty.iter().map(|d| &*d.id).collect();
        ids.sort_unstable();
        if let Some(twice) = ids.windows(2).find(|w| w[0] == w[1]) {
            return Err((format!("there are two duties `{}`", twice[0]), "give each its own id".into()));
        }
        Ok(IncidentRules {
            version: pack.into(),
            causes: self.cause.iter().map(CauseText::rule).collect::<Result<_, _>>()?,
            levels,
            duties: self.duty.iter().map(DutyText::rule).collect::<Result<_, _>>()?,
            joins: sources(&self.joins)?,
        })
    }
}
