//! Tables on the terminal.

use comfy_table::{ContentArrangement, Table, TableComponent, presets};
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
    format!("{}\n", t.trim_fmt())
}
