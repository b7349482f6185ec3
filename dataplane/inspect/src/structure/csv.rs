//! Tables of comma-, semicolon- or tab-separated values (RFC 4180); the header row names the columns.

use super::table::Columns;
use super::{Field, Fields, cut, readable, trim};
use memchr::memchr;
use std::ops::Range;

/// Parser of tables.
#[derive(Default)]
pub(crate) struct Csv {
    delimiter: Option<u8>,
    columns: Columns,
    header_read: bool,
    rows: u32,
    /// Inside a row longer than the window; whether it was cut inside a word.
    inside: Option<bool>,
}

/// The delimiter that the first row has most of.
fn delimiter(row: &[u8]) -> u8 {
    let count = |d: u8| row.iter().filter(|b| **b == d).count();
    // The last of equals wins, so the comma comes last.
    [b'|', b';', b'\t', b','].into_iter().max_by_key(|d| count(*d)).unwrap_or(b',')
}

/// Offset of the line feed that ends the row at `from`; those inside quotes do not.
fn row_end(text: &[u8], from: usize) -> Option<usize> {
    let mut quoted = false;
    for (i, b) in text.iter().enumerate().skip(from) {
        match b {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => return Some(i),
            _ => {}
        }
    }
    // A quote that is never closed is an ordinary character.
    if quoted { memchr(b'\n', &text[from..]).map(|n| from + n) } else { None }
}

/// Cells of a row, without their quotes.
fn cells(text: &[u8], row: Range<usize>, delimiter: u8, mut each: impl FnMut(usize, Range<usize>)) {
    let (mut start, mut quoted, mut n) = (row.start, false, 0);
    for i in row.clone() {
        match text[i] {
            b'"' => quoted = !quoted,
            b if b == delimiter && !quoted => {
                each(n, unquote(text, start..i));
                (start, n) = (i + 1, n + 1);
            }
            _ => {}
        }
    }
    each(n, unquote(text, start..row.end));
}

fn unquote(text: &[u8], cell: Range<usize>) -> Range<usize> {
    let cell = trim(text, cell);
    match &text[cell.clone()] {
        [b'"', .., b'"'] => trim(text, cell.start + 1..cell.end - 1),
        _ => cell,
    }
}

impl Csv {
    /// Of tab-separated values.
    pub(crate) fn of_tabs() -> Self {
        Csv { delimiter: Some(b'\t'), ..Csv::default() }
    }
    /// Takes rows; see [`Structure::parse`](super::Structure::parse).
    pub(crate) fn parse(&mut self, text: &[u8], last: bool, full: bool, out: &mut dyn Fields) -> usize {
        let mut at = 0;
        while at < text.len() {
            let end = row_end(text, at);
            if end.is_none() && !last {
                if !(full && at == 0) {
                    break;
                }
                let (commit, inside) = cut(text, 0);
                let glued = self.inside.replace(inside).unwrap_or(false);
                let all = Field::datum("", None, 0..text.len());
                out.field(Field { commit, whole: false, scalar: false, glued, ..all });
                return commit;
            }
            let stop = end.unwrap_or(text.len());
            let row = trim(text, at..stop);
            if let Some(glued) = self.inside.take() {
                out.field(Field { whole: false, scalar: false, glued, ..Field::datum("", None, row) });
            } else if !row.is_empty() {
                self.row(text, row, out);
            }
            at = if end.is_some() { stop + 1 } else { stop };
        }
        if last && self.rows > 0 {
            out.records(self.rows);
        }
        at
    }
    fn row(&mut self, text: &[u8], row: Range<usize>, out: &mut dyn Fields) {
        let delimiter = *self.delimiter.get_or_insert_with(|| delimiter(&text[row.clone()]));
        if !std::mem::replace(&mut self.header_read, true) {
            let mut names = true;
            cells(text, row.clone(), delimiter, |_, cell| names &= is_name(&text[cell]));
            if names {
                cells(text, row, delimiter, |_, cell| self.columns.add(readable(&text[cell])));
                return;
            }
        }
        self.rows = self.rows.saturating_add(1);
        cells(text, row, delimiter, |n, cell| {
            let name = self.columns.get(n);
            out.field(Field::datum(name.unwrap_or_default(), name, cell));
        });
    }
}

/// Whether a cell can be a column's name: not a number, a date or an address.
pub(crate) fn is_name(cell: &[u8]) -> bool {
    let digits = cell.iter().filter(|b| b.is_ascii_digit()).count();
    cell.len() <= 64 && !cell.contains(&b'@') && digits < 5 && (cell.is_empty() || digits * 2 < cell.len())
}

#[cfg(test)]
mod tests {
    use super::super::trial::{SHORT, feed, fields};
    use super::super::*;

    #[test]
    fn reads_tables() {
        let csv = || Structure::for_kind(MediaKind::Csv, None);
        let text = "name,phone\r\n\"张,三\",13812345678\r\n\"a\nb\",2\r\n";
        assert_eq!(fields(csv(), text), ["name=张,三", "phone=13812345678", "name=a\nb", "phone=2"]);
        assert_eq!(fields(csv(), "a\tb\n1\t2"), ["a=1", "b=2"]);
        assert_eq!(fields(csv(), "13812345678,x\n"), ["=13812345678", "=x"]);
        let long: String = "n,v\n"
            .chars()
            .chain((0..5000).flat_map(|i| format!("{i},v{i}\n").chars().collect::<Vec<_>>()))
            .collect();
        assert_eq!(feed(csv(), long.as_bytes(), SHORT), feed(csv(), long.as_bytes(), 1 << 20));
        assert_eq!(feed(csv(), long.as_bytes(), SHORT).1, 5000);
    }
}
