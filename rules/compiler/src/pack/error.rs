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
    /// An error about a whole file.
    pub(crate) fn of_file(file: &Path, what: impl Into<String>, fix: impl Into<String>) -> PackError {
        PackError { file: file.display().to_string(), line: 0, what: what.into(), fix: fix.into() }
    }
}
