//! Structure: which text stands in which field. Tolerant streaming parsers; broken input is read as far as it goes.
//!
//! A parser is fed windows of text. It takes whole tokens and says how many bytes it took; what it left comes again in front of
//! the next window. A token longer than the window is taken in pieces.

mod csv;
mod datum;
mod file;
mod form;
mod index;
mod json;
mod lines;
mod multipart;
mod names;
mod path;
mod table;
mod tags;
mod trail;
mod xml;

pub(crate) use csv::is_name;
pub(crate) use file::File;
pub(crate) use index::Index;
pub(crate) use json::{BLANK, Json, Pass, Step, Value, may_be_document};
pub(crate) use multipart::{Multipart, boundary};
pub(crate) use names::Names;
pub(crate) use tags::{Token, attributes, token};

use csv::Csv;
use datum::Datum;
use form::Form;
use lines::Lines;
use std::ops::Range;
use weir_exchange::MediaKind;
use weir_rules::MAX_VALUE;
use xml::Xml;

/// A value, or a piece of one, at a place of the text.
#[derive(Clone, Debug)]
pub(crate) struct Field<'a> {
    /// Path with array indices as `[]`; empty where the text has no fields.
    pub(crate) path: &'a str,
    /// Name that says what the value is: the nearest one on the path, a column, a label.
    pub(crate) key: Option<&'a str>,
    /// Where the value stands, without quotes.
    pub(crate) span: Range<usize>,
    /// Values that begin at or behind this offset come again with the next piece.
    pub(crate) commit: usize,
    /// Not a piece of a longer value.
    pub(crate) whole: bool,
    /// One datum, as against running text.
    pub(crate) scalar: bool,
    /// The piece carries on in the middle of a word.
    pub(crate) glued: bool,
}

impl<'a> Field<'a> {
    /// A whole datum.
    pub(crate) fn datum(path: &'a str, key: Option<&'a str>, span: Range<usize>) -> Self {
        Field { path, key, commit: span.end, span, whole: true, scalar: true, glued: false }
    }
}

/// Whether a value says nothing.
#[inline]
pub(crate) fn is_blank(value: &[u8]) -> bool {
    matches!(value, b"" | b"null")
}

/// A stretch of a part of a multipart body, to be read as a document of its own.
pub(crate) struct PartPiece<'a> {
    /// Name of the part.
    pub(crate) name: &'a str,
    /// Where the stretch stands.
    pub(crate) span: Range<usize>,
    /// Whether the part ends with it.
    pub(crate) last: bool,
    /// Whether some of it must be taken.
    pub(crate) full: bool,
}

/// What takes the fields of a structure.
pub(crate) trait Fields {
    /// The next field, in order of the text.
    fn field(&mut self, field: Field<'_>);
    /// An array or table of so many records has ended.
    fn records(&mut self, count: u32);
    /// Pulls what it wants of a JSON text; returns the bytes taken.
    fn json(&mut self, json: &mut Json, last: bool, full: bool) -> usize;
    /// The next stretch of a part; returns the bytes taken.
    fn part(&mut self, inner: &mut Structure, piece: PartPiece<'_>) -> usize;
    /// The name of a file in the body.
    fn file_name(&mut self, name: &str);
    /// The next piece of a file in the body.
    fn file(&mut self, file: &mut File, piece: &[u8], last: bool);
}

/// The parser of a text, with all it must remember between windows.
pub(crate) enum Structure {
    Json(Json),
    Form(Form),
    Csv(Csv),
    Xml(Xml),
    Multipart(Multipart),
    Lines(Lines),
    Datum(Datum),
    File(File),
}

impl Structure {
    /// For a kind of content; `boundary` is that of a multipart type.
    pub(crate) fn for_kind(kind: MediaKind, boundary: Option<&[u8]>) -> Structure {
        match kind {
            MediaKind::Json => Structure::Json(Json::default()),
            MediaKind::Form => Structure::Form(Form::new(b"&")),
            MediaKind::Csv => Structure::Csv(Csv::default()),
            MediaKind::Xml => Structure::Xml(Xml::new(false)),
            MediaKind::Html => Structure::Xml(Xml::new(true)),
            MediaKind::Multipart => Structure::Multipart(Multipart::new(boundary)),
            MediaKind::Document | MediaKind::Media | MediaKind::Binary => {
                Structure::File(File::new(kind == MediaKind::Media))
            }
            _ => Structure::Lines(Lines::default()),
        }
    }
    /// Rows of tab-separated values, the first of which names the columns.
    pub(crate) fn rows() -> Structure {
        Structure::Csv(Csv::of_tabs())
    }
    /// Whether it takes bytes as they are, without charset, escapes or a scan.
    pub(crate) fn is_raw(&self) -> bool {
        matches!(self, Structure::File(_))
    }
    /// Pairs of a cookie.
    pub(crate) fn cookie() -> Structure {
        Structure::Form(Form::new(b";"))
    }
    /// One datum, which its name may tell the type of; the path does not hold that name.
    pub(crate) fn datum(name: &str) -> Structure {
        Structure::Datum(Datum::new(name))
    }
    /// Takes what it can of `text`; with `full`, at least one byte; with `last`, all of it.
    pub(crate) fn parse(&mut self, text: &[u8], last: bool, full: bool, out: &mut dyn Fields) -> usize {
        match self {
            Structure::Json(p) => out.json(p, last, full),
            Structure::Form(p) => p.parse(text, last, full, out),
            Structure::Csv(p) => p.parse(text, last, full, out),
            Structure::Xml(p) => p.parse(text, last, full, out),
            Structure::Multipart(p) => p.parse(text, last, full, out),
            Structure::Lines(p) => p.parse(text, last, full, out),
            Structure::Datum(p) => p.parse(text, last, full, out),
            Structure::File(p) => p.parse(text, last, full, out),
        }
    }
    /// Whether what was read breaks the format, asked at the end.
    pub(crate) fn is_broken(&self) -> bool {
        match self {
            Structure::Json(p) => p.is_broken(),
            Structure::Multipart(p) => p.is_broken(),
            _ => false,
        }
    }
}

/// Where to cut a token that is longer than the window: behind the last separator that leaves room for the longest value, else in
/// the middle of a word (the flag). At least one byte behind `from`.
pub(crate) fn cut(text: &[u8], from: usize) -> (usize, bool) {
    let limit = text.len().saturating_sub(MAX_VALUE).max(from + 1).min(text.len());
    let low = limit.saturating_sub(MAX_VALUE).max(from + 1);
    let separates = |b: &u8| matches!(b, b' ' | b'\n' | b'\r' | b'\t' | b',' | b';' | b'|' | b'>');
    if let Some(i) = text.get(low..limit).and_then(|t| t.iter().rposition(separates)) {
        return (low + i + 1, false);
    }
    // Not inside a character of UTF-8, nor between a backslash and what it escapes.
    let mut at = limit;
    while at > from + 1 && (text.get(at).is_some_and(|b| b & 0xc0 == 0x80) || text[at - 1] == b'\\') {
        at -= 1;
    }
    while text.get(at).is_some_and(|b| b & 0xc0 == 0x80) {
        at += 1;
    }
    (at, true)
}

/// `text` as UTF-8 where it is, else as far as it is.
pub(crate) fn readable(text: &[u8]) -> &str {
    match std::str::from_utf8(text) {
        Ok(s) => s,
        Err(e) => std::str::from_utf8(&text[..e.valid_up_to()]).unwrap_or_default(),
    }
}

/// The range of `span` without outer whitespace.
pub(crate) fn trim(text: &[u8], span: Range<usize>) -> Range<usize> {
    let slice = text.get(span.clone()).unwrap_or_default();
    let lead = slice.len() - slice.trim_ascii_start().len();
    span.start + lead..span.start + lead + slice.trim_ascii().len()
}

#[cfg(test)]
pub(crate) mod trial {
    //! Feeding parsers by hand.
    use super::*;

    /// The shortest window: four of the longest values.
    pub(crate) const SHORT: usize = 4 * MAX_VALUE;

    /// Collects fields as `path=value`.
    pub(crate) struct Collect<'t> {
        pub(crate) names: Names,
        pub(crate) text: &'t [u8],
        pub(crate) got: Vec<(String, Option<String>, String)>,
        pub(crate) records: u32,
        pub(crate) prefix: String,
    }

    impl Fields for Collect<'_> {
        fn field(&mut self, f: Field<'_>) {
            let value =
                String::from_utf8_lossy(&self.text[f.span.start..f.commit.min(f.span.end)]).into_owned();
            let path = format!("{}{}", self.prefix, f.path);
            let key = f.key.map(str::to_owned);
            match self.got.last_mut() {
                Some(prev) if !f.whole && prev.0 == path => prev.2 += &value,
                _ => self.got.push((path, key, value)),
            }
        }
        fn records(&mut self, count: u32) {
            self.records = self.records.max(count);
        }
        fn json(&mut self, json: &mut Json, last: bool, full: bool) -> usize {
            let mut index = Index::default();
            index.fill(self.text);
            let mut pass = Pass::new(self.text, &index, last, full);
            pass.message = 1;
            loop {
                match json.step(&mut pass, &mut self.names) {
                    Step::Value(v) => {
                        let (path, key) = (self.names.path(v.name).clone(), self.names.key(v.name).clone());
                        let field = Field::datum(&path, key.as_deref(), v.span);
                        self.field(Field { commit: v.commit, whole: v.whole, glued: v.glued, ..field });
                    }
                    Step::Records(n) => self.records(n),
                    Step::Listed => {}
                    Step::End(taken) => {
                        json.keep(&self.names);
                        return taken;
                    }
                }
            }
        }
        fn part(&mut self, inner: &mut Structure, piece: PartPiece<'_>) -> usize {
            let text = &self.text[piece.span.clone()];
            let (names, prefix) = (std::mem::take(&mut self.names), format!("{}/", piece.name));
            let mut nested = Collect { names, text, got: Vec::new(), records: 0, prefix };
            let n = inner.parse(text, piece.last, piece.full, &mut nested);
            self.names = nested.names;
            self.got.append(&mut nested.got);
            n
        }
        fn file_name(&mut self, _name: &str) {}
        fn file(&mut self, _file: &mut File, _piece: &[u8], _last: bool) {}
    }

    pub(crate) type Got = (Vec<(String, Option<String>, String)>, u32, bool);

    /// Fields of `text` fed in windows of `window` bytes.
    pub(crate) fn feed(mut s: Structure, text: &[u8], window: usize) -> Got {
        let (mut got, mut records, mut start, mut end) = (Vec::new(), 0, 0, 0);
        let mut names = Names::default();
        loop {
            let step = text.len().min(start + window);
            let last = step == text.len();
            let full = step - start == window;
            assert!(step > end || last || full);
            end = step;
            let mut c = Collect {
                text: &text[start..end],
                names: std::mem::take(&mut names),
                got: std::mem::take(&mut got),
                records,
                prefix: String::new(),
            };
            let n = s.parse(&text[start..end], last, full, &mut c);
            (names, got, records) = (c.names, c.got, c.records);
            assert!(n <= end - start && (!full || n > 0) && (!last || n == end - start), "took {n}");
            start += n;
            if last {
                return (got, records, s.is_broken());
            }
        }
    }

    /// `path=value` of every field, whole.
    pub(crate) fn fields(s: Structure, text: &str) -> Vec<String> {
        feed(s, text.as_bytes(), usize::MAX / 2).0.into_iter().map(|(p, _, v)| format!("{p}={v}")).collect()
    }
}
