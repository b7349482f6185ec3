//! Why a command stops: said where, what and how to fix it; exit code 2.

use crate::lang::Lang;
use std::fmt::Display;

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

    /// Puts what was being done in front of a library's error, which says the rest.
    pub fn during(zh: &str, en: &str, error: &dyn Display) -> Self {
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
