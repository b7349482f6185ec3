//! Text documents and slides (WordprocessingML, DrawingML, OpenDocument): paragraphs to lines, tables to tables.
//!
//! A word may be cut into runs by how it looks, so the text of a paragraph is joined before it is read.

use super::markup::{Markup, escape, push, unescape};
use crate::structure::{Token, is_name};

/// Most bytes of a paragraph or cell; what is longer goes on in another one.
const MAX_TEXT: usize = 64 * 1024;
/// Most cells of a row.
const MAX_CELLS: usize = 256;

/// Where text goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Out {
    /// Lines of text.
    Text,
    /// Tables, as HTML has them.
    Table,
}

/// What takes it.
type Sink<'a> = dyn FnMut(Out, &[u8]) + 'a;

/// A document being read.
pub(super) struct Prose<'p> {
    markup: Markup,
    state: State<'p>,
}

struct State<'p> {
    /// All text inside paragraphs counts, not only that of runs.
    all: bool,
    promises: &'p dyn Fn(&str) -> bool,
    paragraphs: u32,
    inside: bool,
    text: String,
    /// Tables that are open; those inside others are text of their cells.
    tables: u32,
    row: Vec<String>,
    /// The first row, until the second tells whether it names the columns.
    first: Option<Vec<String>>,
    rows: u32,
    buffer: String,
}

impl<'p> Prose<'p> {
    /// `promises` tells whether a name is one of a field that holds data.
    pub(super) fn new(all: bool, promises: &'p dyn Fn(&str) -> bool) -> Self {
        let state = State {
            all,
            promises,
            paragraphs: 0,
            inside: false,
            text: String::new(),
            tables: 0,
            row: Vec::new(),
            first: None,
            rows: 0,
            buffer: String::new(),
        };
        Prose { markup: Markup::default(), state }
    }
    /// Takes the next bytes.
    pub(super) fn push(&mut self, piece: &[u8], out: &mut Sink<'_>) {
        let Prose { markup, state } = self;
        markup.push(piece, &mut |token, held| match token {
            Token::Open(name, _, bare) => state.open(&held[name], bare, out),
            Token::Close(name) => state.close(&held[name], out),
            Token::Text(span) => {
                if state.inside || state.all && state.paragraphs > 0 {
                    unescape(&held[span], MAX_TEXT, &mut state.text);
                    if state.text.len() + 4 > MAX_TEXT {
                        state.end_text(out);
                    }
                }
            }
            Token::Other => {}
        });
    }
}

impl State<'_> {
    fn open(&mut self, name: &[u8], bare: bool, out: &mut Sink<'_>) {
        match name {
            b"p" | b"h" if !bare => self.paragraphs += 1,
            b"t" => self.inside = !bare,
            b"tab" | b"s" => push(" ", MAX_TEXT, &mut self.text),
            b"br" | b"cr" | b"line-break" => push("\n", MAX_TEXT, &mut self.text),
            b"tbl" | b"table" if !bare => {
                self.tables += 1;
                if self.tables == 1 {
                    self.end_text(out);
                    (self.rows, self.first) = (0, None);
                    self.row.clear();
                    out(Out::Table, b"<table>");
                }
            }
            b"tr" | b"table-row" if self.tables == 1 => self.row.clear(),
            _ => {}
        }
    }
    fn close(&mut self, name: &[u8], out: &mut Sink<'_>) {
        match name {
            b"t" => self.inside = false,
            b"p" | b"h" => {
                self.paragraphs = self.paragraphs.saturating_sub(1);
                if self.tables == 0 {
                    self.end_text(out);
                } else {
                    push("\n", MAX_TEXT, &mut self.text);
                }
            }
            b"tc" | b"table-cell" if self.tables == 1 => {
                let text = std::mem::take(&mut self.text);
                if self.row.len() < MAX_CELLS {
                    self.row.push(text.trim().to_owned());
                }
            }
            b"tr" | b"table-row" if self.tables == 1 => self.end_row(out),
            b"tbl" | b"table" => {
                if self.tables == 1 {
                    self.let_go(false, out);
                    out(Out::Table, b"</table>\n");
                }
                self.tables = self.tables.saturating_sub(1);
            }
            b"comment" | b"si" | b"txBody" if self.tables == 0 => self.end_text(out),
            _ => {}
        }
    }
    fn end_text(&mut self, out: &mut Sink<'_>) {
        if !self.text.trim().is_empty() {
            self.text.push('\n');
            out(Out::Text, self.text.as_bytes());
        }
        self.text.clear();
    }
    fn end_row(&mut self, out: &mut Sink<'_>) {
        let row = std::mem::take(&mut self.row);
        if row.iter().all(String::is_empty) {
            return;
        }
        self.rows = self.rows.saturating_add(1);
        if self.rows == 1 {
            self.first = Some(row);
            return;
        }
        let names = self.first.as_ref().is_some_and(|first| self.names_columns(first, &row));
        self.let_go(names, out);
        self.put(&row, "td", out);
    }
    /// Whether a first row names the columns of the second: all names, and not a name beside its value.
    fn names_columns(&self, first: &[String], second: &[String]) -> bool {
        let names =
            first.len() > 1 && first.len() == second.len() && first.iter().all(|c| is_name(c.as_bytes()));
        let promise = |row: &[String], n: usize| row.get(n).is_some_and(|c| (self.promises)(c));
        let beside = promise(first, 0) && promise(second, 0) && !promise(first, 1);
        names && !beside
    }
    fn let_go(&mut self, names: bool, out: &mut Sink<'_>) {
        if let Some(first) = self.first.take() {
            self.put(&first, if names { "th" } else { "td" }, out);
        }
    }
    fn put(&mut self, row: &[String], tag: &str, out: &mut Sink<'_>) {
        self.buffer.clear();
        self.buffer.push_str("<tr>");
        for cell in row {
            self.buffer.extend(["<", tag, ">"]);
            escape(cell, &mut self.buffer);
            self.buffer.extend(["</", tag, ">"]);
        }
        self.buffer.push_str("</tr>\n");
        out(Out::Table, self.buffer.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(xml: &str, all: bool) -> (String, String) {
        let promises = |name: &str| matches!(name, "姓名" | "手机" | "phone");
        let (mut text, mut tables) = (String::new(), String::new());
        let mut prose = Prose::new(all, &promises);
        for piece in xml.as_bytes().chunks(5) {
            prose.push(piece, &mut |out, bytes| {
                let to = if out == Out::Text { &mut text } else { &mut tables };
                to.push_str(&String::from_utf8_lossy(bytes));
            });
        }
        (text, tables)
    }

    #[test]
    fn runs_are_joined_and_tables_keep_their_rows() {
        let cell = |t: &str| format!("<w:tc><w:p><w:r><w:t>{t}</w:t></w:r></w:p></w:tc>");
        let row = |a: &str, b: &str| format!("<w:tr>{}{}</w:tr>", cell(a), cell(b));
        let body = "<w:body><w:p><w:r><w:t>138</w:t></w:r><w:r><w:t>12345678 &amp;</w:t></w:r></w:p>";
        let (text, tables) =
            run(&format!("{body}<w:tbl>{}{}</w:tbl></w:body>", row("姓名", "备注"), row("张伟", "x")), false);
        assert_eq!(text, "13812345678 &\n");
        assert!(
            tables.starts_with("<table><tr><th>姓名</th><th>备注</th></tr>\n<tr><td>张伟</td>"),
            "{tables}"
        );
        let (_, beside) = run(&format!("<w:tbl>{}{}</w:tbl>", row("姓名", "张伟"), row("手机", "1")), false);
        assert!(beside.contains("<td>姓名</td><td>张伟</td>"), "{beside}");
        let (open, _) = run("<office:text><text:p>a<text:span>b</text:span></text:p></office:text>", true);
        assert_eq!(open, "ab\n");
    }
}
