//! Tables on the terminal.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, TableComponent, presets};
use std::io::IsTerminal;

/// A table with a header, as wide as the terminal; where output is none, a row is a line, so that other tools can search it. A
/// column that says nothing in any row is left out.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut t = Table::new();
    t.load_preset(presets::NOTHING);
    for line in [TableComponent::HeaderLines, TableComponent::MiddleHeaderIntersections] {
        t.set_style(line, '─');
    }
    t.set_content_arrangement(match std::io::stdout().is_terminal() {
        true => ContentArrangement::Dynamic,
        false => ContentArrangement::Disabled,
    });
    let rows: Vec<Vec<String>> = rows.into_iter().collect();
    let says = |column: usize| rows.iter().any(|r| r.get(column).is_some_and(|c| !c.is_empty()));
    let kept: Vec<usize> = (0..header.len()).filter(|c| rows.is_empty() || says(*c)).collect();
    t.set_header(kept.iter().filter_map(|c| header.get(*c)));
    for row in &rows {
        t.add_row(kept.iter().map(|c| row.get(*c).map_or("", String::as_str)));
    }
    // The first column is what is copied into the next command: never broken.
    if let Some(id) = t.column_mut(0) {
        id.set_constraint(ColumnConstraint::ContentWidth);
    }
    format!("{}\n", t.trim_fmt())
}
