//! XML and HTML: text by element path, attributes by element path and name. In HTML, cells of tables by their header, values of
//! `<input>` by its name, other text by the label before it; HTML paths hold only such names.

use super::path::{Level, Path};
use super::table::Columns;
use super::tags::{Token, attributes, token};
use super::{Field, Fields, cut, readable, trim};
use smallvec::SmallVec;
use std::ops::Range;

/// Longest text that can be the label of what follows it.
const MAX_LABEL: usize = 48;

/// Parser of XML and HTML.
pub(crate) struct Xml {
    html: bool,
    path: Path,
    names: Vec<Seen>,
    /// Elements open beyond [`MAX_OPEN`]: they have no names of their own.
    beyond: u32,
    table: Table,
    label: String,
    /// Inside text longer than the window; whether it was cut inside a word.
    inside: Option<bool>,
}

/// An open element, and how often one of its children's names came in a row.
struct Seen {
    name: Box<str>,
    child: Box<str>,
    run: u32,
    most: u32,
}

#[derive(Default)]
struct Table {
    columns: Columns,
    in_header: bool,
    cell: Option<usize>,
    rows: u32,
    skipping: bool,
}

/// Longest name of an HTML element that is told apart, in bytes.
const MAX_TAG: usize = 8;
/// Elements of HTML that have no end.
const VOID: [&str; 10] = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"];
/// Deepest nesting of XML that has names; the path's first level is the document.
const MAX_OPEN: usize = super::path::MAX_DEPTH - 1;

/// A tag's name in lower case; empty where it is longer than those that are told apart.
fn lower<'b>(name: &str, buffer: &'b mut [u8; MAX_TAG]) -> &'b str {
    let Some(to) = buffer.get_mut(..name.len()) else { return "" };
    to.copy_from_slice(name.as_bytes());
    to.make_ascii_lowercase();
    readable(to)
}

impl Xml {
    /// Of XML, or of HTML.
    pub(crate) fn new(html: bool) -> Self {
        let (path, names) = (Path::default(), Vec::new());
        Xml { html, path, names, beyond: 0, table: Table::default(), label: String::new(), inside: None }
    }
    /// Takes tokens; see [`Structure::parse`](super::Structure::parse).
    pub(crate) fn parse(&mut self, text: &[u8], last: bool, full: bool, out: &mut dyn Fields) -> usize {
        let mut at = 0;
        while at < text.len() {
            let found = token(text, at);
            let Some((token, next)) = found else {
                if last {
                    self.text(text, at..text.len(), text.len(), true, out);
                    return text.len();
                }
                if !(full && at == 0) {
                    return at;
                }
                let (commit, inside) = cut(text, 0);
                self.text(text, 0..text.len(), commit, false, out);
                self.inside = Some(inside);
                return commit;
            };
            match token {
                Token::Open(name, attrs, bare) => self.open(text, name, attrs, bare, out),
                Token::Close(name) => self.close(readable(&text[name]), out),
                Token::Text(span) => self.text(text, span.clone(), span.end, true, out),
                Token::Other => {}
            }
            at = next;
        }
        at
    }
    fn open(
        &mut self,
        text: &[u8],
        name: Range<usize>,
        attrs: Range<usize>,
        bare: bool,
        out: &mut dyn Fields,
    ) {
        let name = readable(&text[name]);
        if self.html {
            return self.open_html(text, lower(name, &mut [0; MAX_TAG]), attrs, out);
        }
        if let Some(parent) = self.names.last_mut() {
            if *parent.child == *name {
                parent.run = parent.run.saturating_add(1);
            } else {
                parent.child = name.into();
                parent.run = 1;
            }
            parent.most = parent.most.max(parent.run);
        }
        if self.names.len() >= MAX_OPEN {
            self.beyond = self.beyond.saturating_add(u32::from(!bare));
            return;
        }
        if self.names.is_empty() {
            self.path.enter(Level::Object);
        }
        self.path.name(name);
        self.path.enter(Level::Object);
        self.names.push(Seen { name: name.into(), child: "".into(), run: 0, most: 0 });
        let attrs_end = attrs.end;
        attributes(text, attrs, |key, value| {
            if !value.is_empty() {
                self.path.name(readable(&text[key]));
                out.field(Field::datum(self.path.text(), self.path.key(), value));
            }
        });
        // Text directly inside stands at the element's own path.
        if bare {
            let (path, key) = self.element();
            out.field(Field::datum(path, key, attrs_end..attrs_end));
            self.close(name, out);
        }
    }
    fn close(&mut self, name: &str, out: &mut dyn Fields) {
        if self.html {
            return self.close_html(lower(name, &mut [0; MAX_TAG]), out);
        }
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        // A missing end tag is mended by the next one that matches.
        let Some(depth) = self.names.iter().rposition(|s| *s.name == *name) else { return };
        while self.names.len() > depth {
            let Some(seen) = self.names.pop() else { return };
            if seen.most > 1 {
                out.records(seen.most);
            }
            let _ = self.path.leave(Level::Object);
        }
        if self.names.is_empty() {
            let _ = self.path.leave(Level::Object);
        }
    }
    fn text(&mut self, text: &[u8], span: Range<usize>, commit: usize, whole: bool, out: &mut dyn Fields) {
        let carried = self.inside.take();
        let span = if whole { trim(text, span) } else { span };
        if span.is_empty() || self.table.skipping {
            return;
        }
        let whole = whole && carried.is_none();
        let glued = carried.unwrap_or(false);
        let commit = commit.clamp(span.start, span.end);
        let field = Field { commit, whole, glued, ..Field::datum("", None, span.clone()) };
        if !self.html {
            let (path, key) = self.element();
            return out.field(Field { path, key, ..field });
        }
        if self.table.in_header && whole {
            return self.table.columns.add(readable(&text[span]));
        }
        if let Some(name) = self.table.cell.and_then(|n| self.table.columns.get(n)) {
            return out.field(Field { path: name, key: Some(name), ..field });
        }
        let key = Some(&self.label[..]).filter(|l| !l.is_empty() && whole);
        out.field(Field { key, scalar: key.is_some(), ..field });
        self.label.clear();
        if whole && span.len() <= MAX_LABEL {
            self.label.push_str(readable(&text[span]).trim_end_matches([':', '：', ' ']));
        }
    }
    /// Path and name of the element that is open.
    fn element(&self) -> (&str, Option<&str>) {
        let path = self.path.text();
        let name = self.names.last().map(|s| &*s.name);
        // A name set by an attribute is not part of the element's path.
        let end = name.and_then(|n| path.rfind(n).map(|at| at + n.len())).unwrap_or(path.len());
        (&path[..end], name)
    }
    fn open_html(&mut self, text: &[u8], name: &str, attrs: Range<usize>, out: &mut dyn Fields) {
        match name {
            "table" => self.table = Table { skipping: self.table.skipping, ..Table::default() },
            "tr" => {
                self.table.cell = None;
                self.table.rows = self.table.rows.saturating_add(1);
            }
            "th" if self.table.rows <= 1 => {
                self.table.in_header = true;
                if self.table.cell.is_none() {
                    self.table.columns.clear();
                }
                self.next_cell();
            }
            "td" | "th" => self.next_cell(),
            "style" => self.table.skipping = true,
            _ => {}
        }
        let (mut key, mut values) = (None, SmallVec::<[Range<usize>; 4]>::new());
        attributes(text, attrs, |n, v| match &text[n] {
            b"name" | b"id" if key.is_none() => key = Some(v),
            b"value" | b"content" | b"href" | b"title" | b"data-value" if !v.is_empty() => values.push(v),
            _ => {}
        });
        let key = key.map(|k| readable(&text[k])).filter(|_| VOID.contains(&name) || name == "option");
        for value in values {
            out.field(Field::datum(key.unwrap_or_default(), key, value));
        }
    }
    fn next_cell(&mut self) {
        self.table.cell = Some(self.table.cell.map_or(0, |n| n + 1));
    }
    fn close_html(&mut self, name: &str, out: &mut dyn Fields) {
        match name {
            "th" => self.table.in_header = false,
            "tr" => self.table.cell = None,
            "style" => self.table.skipping = false,
            "table" => {
                let headed = u32::from(self.table.columns.get(0).is_some());
                if self.table.rows > headed {
                    out.records(self.table.rows - headed);
                }
                self.table = Table { skipping: self.table.skipping, ..Table::default() };
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{SHORT, feed, fields};
    use super::super::*;

    #[test]
    fn reads_xml() {
        let xml = || Structure::for_kind(MediaKind::Xml, None);
        let text = "<?xml version='1.0'?><s:E xmlns:s='u'><s:B a=\"1>2\"><p>x</p><p><![CDATA[<y>]]></p><q/>t</s:B></s:E>";
        assert_eq!(fields(xml(), text), ["E.B.a=1>2", "E.B.p=x", "E.B.p=<y>", "E.B.q=", "E.B=t"]);
        assert_eq!(feed(xml(), text.as_bytes(), 9999).1, 2);
        let long = format!("<a><b>{}</b><c>1</c></a>", "word, ".repeat(9999));
        let parts = feed(xml(), long.as_bytes(), SHORT).0;
        assert_eq!(parts.iter().map(|f| &f.0[..]).collect::<Vec<_>>(), ["a.b", "a.c"]);
        assert_eq!(parts[0].2.trim_end(), "word, ".repeat(9999).trim_end());
        assert_eq!(fields(xml(), "<a><b>1</a><c>2</c>"), ["a.b=1", "c=2"]);
    }

    #[test]
    fn deep_nesting_is_bounded() {
        let xml = Structure::for_kind(MediaKind::Xml, None);
        let text = "<a>".repeat(200) + "1" + &"</a>".repeat(200) + "<b>2</b>";
        let got = fields(xml, &text);
        assert_eq!((got.len(), &got[1][..]), (2, "b=2"));
    }

    #[test]
    fn reads_html() {
        let html = || Structure::for_kind(MediaKind::Html, None);
        let text = "<table><tr><th>name</th><th>phone</th></tr><tr><td>a</td><td>1</td></tr><tr><td></td><td>2</td></tr></table>\
                    <span>手机：</span><b>3</b><input type=text name='tel' value=\"4\">";
        let (got, records, _) = feed(html(), text.as_bytes(), 9999);
        let keys: Vec<_> = got.iter().map(|f| (f.1.as_deref().unwrap_or(""), &f.2[..])).collect();
        assert_eq!(
            keys,
            [("name", "a"), ("phone", "1"), ("phone", "2"), ("", "手机："), ("手机", "3"), ("tel", "4")]
        );
        assert_eq!(records, 2);
    }
}
