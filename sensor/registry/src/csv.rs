//! Tables as RFC 4180 has them, with the line that each row begins on.

/// The rows of a table.
pub(crate) fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut was_quoted, mut line, mut begins) = (false, false, 1, 1);
    let mut all = text.chars().peekable();
    while let Some(c) = all.next() {
        line += usize::from(c == '\n');
        match c {
            '"' if quoted && all.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() && !was_quoted => (quoted, was_quoted) = (true, true),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push((begins, std::mem::take(&mut row)));
                (was_quoted, begins) = (false, line);
            }
            '\r' if !quoted && all.peek() == Some(&'\n') => {}
            ',' if !quoted => {
                row.push(std::mem::take(&mut cell));
                was_quoted = false;
            }
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() || was_quoted {
        row.push(cell);
        rows.push((begins, row));
    }
    rows.retain(|(_, r)| r.iter().any(|c| !c.is_empty()));
    rows
}

/// Adds a row to a table.
pub(crate) fn write(out: &mut String, cells: &[String]) {
    for (n, cell) in cells.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push_str("\r\n");
}
