//! `weir doctor`: what this machine offers and what the mirror looks like, and what to change.
//!
//! Every line is a [`Check`]: what was found, how it stands, and, where something is to change, what. Nothing is changed here but a file
//! of some MiB that is written to measure the disk and removed.

pub mod disk;
pub mod interface;
pub mod machine;
pub mod mirror;
pub mod places;
#[cfg(feature = "dpdk")]
pub mod ports;

use crate::lang::Lang;
use serde_json::{Value, json};
use weir_model::Summary;

/// How something stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum State {
    /// As it should be.
    Good,
    /// Worth knowing; or it could not be found out.
    Note,
    /// Costs speed or hides something.
    Warn,
    /// The sensor would not work, or see wrong things.
    Bad,
}

impl State {
    /// Its name in JSON and on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            State::Good => "good",
            State::Note => "note",
            State::Warn => "warn",
            State::Bad => "bad",
        }
    }
    /// Its name in tables.
    pub const fn word(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (State::Good, Lang::Zh) => "良好",
            (State::Note, Lang::Zh) => "说明",
            (State::Warn, Lang::Zh) => "注意",
            (State::Bad, Lang::Zh) => "不可用",
            (_, Lang::En) => self.key(),
        }
    }
}

/// One line of what the doctor says.
#[derive(Clone, Debug)]
pub struct Check {
    /// `group.what`, stable.
    pub id: &'static str,
    /// What it is about, where there are several: an interface, a directory.
    pub subject: String,
    /// How it stands.
    pub state: State,
    /// The figure, for programs; null where there is none.
    pub value: Value,
    /// What was found.
    pub found: Summary,
    /// What to change; empty where nothing is.
    pub change: Summary,
}

/// A sentence in both languages.
pub fn say(zh: impl Into<String>, en: impl Into<String>) -> Summary {
    Summary { zh: zh.into(), en: en.into() }
}

impl Check {
    /// Something found, with nothing to change yet.
    pub fn new(id: &'static str, subject: &str, value: impl Into<Value>, found: Summary) -> Self {
        let (subject, value) = (subject.to_string(), value.into());
        Check { id, subject, state: State::Good, value, found, change: Summary::default() }
    }
    /// It stands so, and this is what to change.
    pub fn stands(mut self, state: State, change: Summary) -> Self {
        (self.state, self.change) = (state, change);
        self
    }
    /// As [`Check::stands`], where `it` does so.
    pub fn stands_if(self, it: bool, state: State, zh: &str, en: &str) -> Self {
        if it { self.stands(state, say(zh, en)) } else { self }
    }
    /// It could not be found out, or does not matter here.
    pub fn noted(mut self) -> Self {
        self.state = State::Note;
        self
    }

    /// As one JSON object.
    pub fn json(&self) -> Value {
        let both = |s: &Summary| json!({ "zh": s.zh, "en": s.en });
        let change = if self.change.en.is_empty() { Value::Null } else { both(&self.change) };
        json!({
            "v": 1, "id": self.id, "subject": self.subject, "state": self.state.key(), "value": self.value,
            "found": both(&self.found), "change": change,
        })
    }

    /// As the cells of a table's row.
    pub fn row(&self, lang: Lang) -> Vec<String> {
        let name =
            if self.subject.is_empty() { self.id.into() } else { format!("{} {}", self.id, self.subject) };
        let pick = |s: &Summary| lang.pick(&s.zh, &s.en).clone();
        vec![name, self.state.word(lang).into(), pick(&self.found), pick(&self.change)]
    }
}

/// A share in percent with one decimal.
pub fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 * 1000.0 / whole as f64).round() / 10.0 }
}
