//! Worksheets (ECMA-376, SpreadsheetML): cells to rows of tab-separated values, of which the first names the columns.

use super::markup::{Markup, unescape};
use crate::structure::{Token, attributes};

/// Most bytes of a cell; a workbook allows 32,767 characters.
const MAX_CELL: usize = 96 * 1024;
/// Most columns whose place is kept.
const MAX_COLUMNS: usize = 256;
/// Most bytes of a row.
const MAX_ROW: usize = 256 * 1024;
/// Most bytes that the shared strings of a workbook may hold.
const MAX_STRINGS: usize = 16 * 1024 * 1024;
/// Most shared strings.
const MAX_COUNT: usize = 1 << 20;
/// Most rows of one cell that may stand over the names of the columns.
const MAX_TITLES: usize = 8;

/// The strings that cells share, in order.
#[derive(Default)]
pub(super) struct Strings {
    markup: Markup,
    text: String,
    /// Where each ends.
    ends: Vec<u32>,
    inside: Inside,
    short: bool,
}

/// Which text counts.
#[derive(Clone, Copy, Default)]
struct Inside {
    text: bool,
    /// How a name is read is no part of it.
    phonetic: bool,
}

impl Inside {
    fn open(&mut self, name: &[u8], bare: bool) {
        match name {
            b"t" => self.text = !bare,
            b"rPh" => self.phonetic = !bare,
            _ => {}
        }
    }
    fn close(&mut self, name: &[u8]) {
        match name {
            b"t" => self.text = false,
            b"rPh" => self.phonetic = false,
            _ => {}
        }
    }
    fn counts(self) -> bool {
        self.text && !self.phonetic
    }
}

impl Strings {
    /// Takes the next bytes of the part that holds them.
    pub(super) fn push(&mut self, piece: &[u8]) {
        let Strings { markup, text, ends, inside, short } = self;
        markup.push(piece, &mut |token, held| match token {
            Token::Open(name, _, bare) => {
                inside.open(&held[name.clone()], bare);
                if bare && &held[name] == b"si" {
                    end(text, ends, short);
                }
            }
            Token::Close(name) => {
                inside.close(&held[name.clone()]);
                if &held[name] == b"si" {
                    end(text, ends, short);
                }
            }
            Token::Text(span) if inside.counts() => unescape(&held[span], MAX_STRINGS, text),
            _ => {}
        });
    }
    /// Whether there were more than are kept.
    pub(super) fn is_short(&self) -> bool {
        self.short
    }
    fn get(&self, n: usize) -> Option<&str> {
        let end = *self.ends.get(n)? as usize;
        let start = n.checked_sub(1).and_then(|n| self.ends.get(n)).map_or(0, |e| *e as usize);
        self.text.get(start..end)
    }
}

/// Ends a string.
fn end(text: &str, ends: &mut Vec<u32>, short: &mut bool) {
    *short |= text.len() >= MAX_STRINGS || ends.len() >= MAX_COUNT;
    if ends.len() < MAX_COUNT {
        ends.push(text.len() as u32);
    }
}

/// One sheet being read.
pub(super) struct Sheet<'s> {
    strings: &'s Strings,
    markup: Markup,
    rows: Rows,
    cell: String,
    shared: bool,
    value: bool,
    inside: Inside,
}

/// The row under way, and those held back.
#[derive(Default)]
struct Rows {
    row: String,
    columns: usize,
    filled: usize,
    /// Rows of one cell before the first of several.
    titles: String,
    held: usize,
    begun: bool,
}

impl<'s> Sheet<'s> {
    /// Of a workbook with these strings.
    pub(super) fn new(strings: &'s Strings) -> Self {
        Sheet {
            strings,
            markup: Markup::default(),
            rows: Rows::default(),
            cell: String::new(),
            shared: false,
            value: false,
            inside: Inside::default(),
        }
    }
    /// Takes the next bytes; gives the rows that are whole.
    pub(super) fn push(&mut self, piece: &[u8], out: &mut dyn FnMut(&[u8])) {
        let Sheet { strings, markup, rows, cell, shared, value, inside } = self;
        markup.push(piece, &mut |token, held| match token {
            Token::Open(name, attrs, bare) => match &held[name] {
                b"row" => rows.begin(),
                b"c" => {
                    cell.clear();
                    (*shared, *value) = (false, false);
                    attributes(held, attrs, |n, v| match &held[n] {
                        b"r" => rows.go_to(column(&held[v])),
                        b"t" => *shared = &held[v] == b"s",
                        _ => {}
                    });
                    if bare {
                        rows.add("");
                    }
                }
                b"v" => *value = !bare,
                name => inside.open(name, bare),
            },
            Token::Close(name) => match &held[name] {
                b"row" => rows.end(out),
                b"c" => {
                    let text = match shared {
                        true => cell.trim().parse().ok().and_then(|n| strings.get(n)).unwrap_or_default(),
                        false => cell,
                    };
                    rows.add(&number(text).map_or(std::borrow::Cow::Borrowed(text), Into::into));
                }
                b"v" => *value = false,
                name => inside.close(name),
            },
            Token::Text(span) if *value || inside.counts() => unescape(&held[span], MAX_CELL, cell),
            _ => {}
        });
    }
    /// The end: gives what was held back.
    pub(super) fn finish(&mut self, out: &mut dyn FnMut(&[u8])) {
        self.rows.end(out);
        self.rows.let_go(out);
    }
}

impl Rows {
    fn begin(&mut self) {
        self.row.clear();
        (self.columns, self.filled) = (0, 0);
    }
    /// Leaves empty what stands between the last cell and column `n`.
    fn go_to(&mut self, n: Option<usize>) {
        while self.columns < n.unwrap_or(0).min(MAX_COLUMNS) {
            self.add("");
        }
    }
    fn add(&mut self, text: &str) {
        if self.columns > 0 {
            self.row.push('\t');
        }
        self.columns += 1;
        if text.is_empty() || self.row.len() + text.len() > MAX_ROW {
            return;
        }
        self.filled += 1;
        let quote = text.contains('"');
        let mark = if quote { "\"" } else { "" };
        self.row.push_str(mark);
        for c in text.chars() {
            match c {
                '\t' | '\n' | '\r' => self.row.push(' '),
                '"' => self.row.push_str("\"\""),
                c => self.row.push(c),
            }
        }
        self.row.push_str(mark);
    }
    fn end(&mut self, out: &mut dyn FnMut(&[u8])) {
        if self.filled == 0 {
            return;
        }
        self.row.push('\n');
        if !self.begun && self.filled == 1 && self.held < MAX_TITLES {
            self.titles.push_str(&self.row);
            self.held += 1;
        } else {
            out(self.row.as_bytes());
            self.let_go(out);
        }
        self.begin();
    }
    /// Titles follow the row that names the columns.
    fn let_go(&mut self, out: &mut dyn FnMut(&[u8])) {
        self.begun = true;
        if !self.titles.is_empty() {
            out(self.titles.as_bytes());
            self.titles.clear();
        }
    }
}

/// The number of a column, from 0, of a reference such as `AB12`.
fn column(reference: &[u8]) -> Option<usize> {
    let letters = reference.iter().take_while(|b| b.is_ascii_alphabetic());
    let n = letters.take(3).fold(0usize, |n, b| n * 26 + usize::from(b.to_ascii_uppercase() - b'A') + 1);
    n.checked_sub(1)
}

/// A whole number that is written with an exponent, as long ones are: digits are what tells it.
fn number(text: &str) -> Option<String> {
    let (mantissa, exponent) = text.split_once(['E', 'e'])?;
    if !mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.') || exponent.len() > 3 {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    (value.fract() == 0.0 && (1e5..1e15).contains(&value)).then(|| format!("{value:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(strings: &str, sheet: &str, piece: usize) -> String {
        let (mut shared, mut out) = (Strings::default(), Vec::new());
        strings.as_bytes().chunks(piece).for_each(|p| shared.push(p));
        let mut s = Sheet::new(&shared);
        sheet.as_bytes().chunks(piece).for_each(|p| s.push(p, &mut |row| out.extend_from_slice(row)));
        s.finish(&mut |row| out.extend_from_slice(row));
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn cells_become_rows() {
        let strings = "<sst><si><t>姓名</t></si><si><r><t>手机</t></r><r><t>号</t></r><rPh><t>x</t></rPh></si><si/><si><t>a&quot;b\n</t></si></sst>";
        let sheet = "<sheetData><row><c r='B1' t='inlineStr'><is><t>名册</t></is></c></row><row r='2'><c r='A2' t='s'><v>0</v></c><c r='C2' t='s'><v>1</v></c></row>\
                     <row><c r='A3' t='s'><v>3</v></c><c r='C3'><v>1.3812345678E10</v></c><c/></row><row/></sheetData>";
        let want = "姓名\t\t手机号\n\t名册\n\"a\"\"b \"\t\t13812345678\t\n";
        assert_eq!(rows(strings, sheet, 9999), want);
        assert_eq!(rows(strings, sheet, 7), want);
    }

    #[test]
    fn wild_references_are_bounded() {
        assert_eq!((column(b"A1"), column(b"AB12"), column(b"12")), (Some(0), Some(27), None));
        let sheet = "<row><c r='XFD1'><v>1</v></c><c r='ZZZZZZ1'><v>2</v></c></row>";
        assert!(rows("", sheet, 9).len() < 600);
        assert_eq!(rows("", "<row><c t='s'><v>99999999999</v></c><c t='s'><v>-1</v></c></row>", 9), "");
        assert_eq!(number("1.5E2"), None);
        assert_eq!(number("1E3000"), None);
    }
}
