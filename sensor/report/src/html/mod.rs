//! `report.html`.

use crate::{Language, ReportInput};
use std::io;

/// Writes the report; `first` is the language it opens in.
pub fn write_html(out: &mut dyn io::Write, input: &ReportInput<'_>, first: Language) -> io::Result<()> {
    writeln!(out, "<!doctype html><title>{}</title>{}", first.pick("报告", "Report"), input.tally.exchanges)
}
