//! The summary on the terminal.

use crate::{Language, ReportInput};

/// How the summary looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Whether to colour (ANSI).
    pub color: bool,
    /// Columns of the terminal.
    pub width: u16,
}

/// The summary of a run: what was read, what it covers, interfaces, data, risk sources, top findings, where the report lies.
pub fn summary(input: &ReportInput<'_>, language: Language, style: Style) -> String {
    let _ = style;
    format!("{} {}\n", input.tally.exchanges, language.pick("次调用", "exchanges"))
}
