//! Tables on the terminal.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, TableComponent, presets};
use std::io::IsTerminal;

/// A table with a header, as wide as the terminal; plain where output is no terminal.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut t = Table::new();
    t.load_preset(presets::NOTHING);
    for line in [TableComponent::HeaderLines, TableComponent::MiddleHeaderIntersections] {
        t.set_style(line, '─');
    }
    t.set_content_arrangement(ContentArrangement::Dynamic);
    if !std::io::stdout().is_terminal() {
        t.set_width(160);
    }
    t.set_header(header.iter().copied());
    for row in rows {
        t.add_row(row);
    }
    // The first column is what is copied into the next command: never broken.
    if let Some(id) = t.column_mut(0) {
        id.set_constraint(ColumnConstraint::ContentWidth);
    }
    format!("{}\n", t.trim_fmt())
}
