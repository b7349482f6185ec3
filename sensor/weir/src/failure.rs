//! Why a command stops: said where, what and how to fix it; exit code 2.

use crate::lang::Lang;
use std::fmt::Display;
use weir_model::Summary;

/// What a library tells in both languages.
pub trait Told {
    /// The whole message.
    fn told(&self) -> Summary;
}

/// Their `Display` is English, their `zh` Chinese.
macro_rules! told {
    ($($type:ty),+) => { $(impl Told for $type {
        fn told(&self) -> Summary { Summary { zh: self.zh(), en: self.to_string() } }
    })+ };
}

told!(
    weir_capture::SourceError,
    weir_capture::Notice,
    weir_capture::PaceError,
    weir_store::StoreError,
    weir_registry::ListError,
    weir_detect::ThresholdError,
    weir_rules::PackError,
    weir_place::PlaceError
);

/// Bad usage or bad input. The message is complete: where, what, how to fix.
#[derive(Debug)]
pub struct Failure {
    zh: String,
    en: String,
}

impl Failure {
    /// In both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Failure { zh: zh.into(), en: en.into() }
    }

    /// In one of them.
    pub fn message(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }

    /// Puts what was being done in front of a library's error, which says the rest in the same language.
    pub fn during(zh: &str, en: &str, error: &dyn Told) -> Self {
        let Summary { zh: why_zh, en: why } = error.told();
        Failure::new(format!("{zh}：{why_zh}"), format!("{en}: {why}"))
    }

    /// As [`Failure::during`], where the error is the operating system's or a format's, which speak English only.
    pub fn because(zh: &str, en: &str, error: &dyn Display) -> Self {
        Failure::new(format!("{zh}：{error}"), format!("{en}: {error}"))
    }
}

/// What a command that ran has to say to the shell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// All is well: 0.
    Success,
    /// It ran, and found what it was asked to fail on, or could deliver only a part: 1.
    Found,
}

/// What every command returns.
pub type Run = Result<Outcome, Failure>;
