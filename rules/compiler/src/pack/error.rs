//! What can be wrong with a pack, told so that its author can put it right.

use std::path::Path;
use thiserror::Error;

/// A pack that cannot be used: where, what and how to fix it.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{file}:{line}: {what}; {fix}")]
pub struct PackError {
    /// File as given, or the name of a pack that is compiled in.
    pub file: String,
    /// Line, from 1; 0 where the whole file is meant.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// How to fix it.
    pub fix: String,
}

impl PackError {
    /// The message with its frame in Chinese; `Display` gives it in English. What is wrong and how to fix it quote the
    /// pack's own keys and a parser's words, and stay in English.
    pub fn zh(&self) -> String {
        let PackError { file, line, what, fix } = self;
        match line {
            0 => format!("{file}：{what}；修正方法：{fix}"),
            _ => format!("{file} 第 {line} 行：{what}；修正方法：{fix}"),
        }
    }

    /// An error about a whole file.
    pub(crate) fn of_file(file: &Path, what: impl Into<String>, fix: impl Into<String>) -> PackError {
        PackError { file: file.display().to_string(), line: 0, what: what.into(), fix: fix.into() }
    }
}
