//! From fields and candidates to values: the key's promise first, then what verifies by itself, then what its surroundings bear out.

use super::pass::{Finder, MAX_NESTED, Reading, Stretch, escapes_of};
use super::{Datum, Findings, Hit, Origin, Want};
use crate::file::{Budget, Unread};
use crate::structure::{
    BLANK, Field, Fields, File, Json, PartPiece, Pass, Step, Structure, Value, may_be_document, readable,
    trim,
};
use crate::text::encoded::may_be_encoded;
use crate::text::{Escapes, OffsetMap, unescape};
use memchr::memrchr;
use smallvec::SmallVec;
use std::ops::Range;
use std::sync::Arc;
use weir_exchange::{DataTypeId, Form, MediaKind};
use weir_rules::{Candidate, Context, Judgement, Name, RuleSet, Scope, What};

/// Text around a value that may speak for or against it, in bytes.
const AROUND: usize = 48;
/// Longest value behind a key in running text, in bytes.
const MAX_BEHIND: usize = 160;
/// Shortest document looked for inside a value.
const MIN_NESTED: usize = 8;

/// One pass's walk over fields and candidates, both in order of the text.
pub(super) struct Walk<'w, 'f> {
    pub(super) finder: &'w mut Finder<'f>,
    pub(super) text: &'w [u8],
    pub(super) found: &'w [Candidate],
    pub(super) next: usize,
    pub(super) origin: &'w Origin<'w>,
    pub(super) prefix: &'w str,
    pub(super) scope: Scope,
    pub(super) reported: &'w mut u64,
    pub(super) budget: &'w mut Budget,
    pub(super) depth: u8,
    pub(super) encoded: bool,
    pub(super) escapes: Escapes,
    pub(super) path: String,
    /// Records before the one being read, where that is known.
    pub(super) before: u32,
    /// Whether every candidate is told.
    pub(super) explains: bool,
    /// Text ranges of the values reported.
    pub(super) hits: SmallVec<[Range<usize>; 4]>,
    pub(super) out: &'w mut dyn Findings,
}

/// A value that was judged and may yet lose to another one.
struct Judged {
    data_type: DataTypeId,
    span: Range<usize>,
    judgement: Judgement,
    rank: (u8, usize, u8),
}

/// Values of one field: rarely more than one or two, in place.
type Few = SmallVec<[Judged; 2]>;

impl Fields for Walk<'_, '_> {
    fn field(&mut self, field: Field<'_>) {
        if self.prefix.is_empty() {
            return self.field_at(field.path, &field);
        }
        self.set_path(field.path);
        let path = std::mem::take(&mut self.path);
        self.field_at(&path, &field);
        self.path = path;
    }
    fn records(&mut self, count: u32) {
        self.out.records(count);
    }
    fn json(&mut self, json: &mut Json, last: bool, full: bool) -> usize {
        let mut index = self.finder.spare.index();
        index.fill(self.text);
        if self.escapes == Escapes::Json && !index.has_escapes() {
            self.escapes = Escapes::None;
        }
        let mut pass = Pass::new(self.text, &index, last, full);
        (pass.prefix, pass.message) = (self.prefix, self.out.message());
        (pass.lists, pass.listed) = (self.out.only_lists(), self.finder.spare.numbers());
        let taken = loop {
            pass.calm = self.found.get(self.next).map_or(usize::MAX, |c| c.start as usize);
            let step = json.step(&mut pass, &mut self.finder.known.names);
            for name in pass.listed.drain(..) {
                let known = self.finder.known.field(name & !BLANK, self.finder.rules);
                self.out.list(known, name & BLANK != 0);
            }
            match step {
                Step::Value(value) => self.value(json, value, pass.message),
                Step::Records(count) => self.out.records(count),
                Step::Listed => {}
                Step::End(taken) => break taken,
            }
        };
        self.finder.spare.put_numbers(std::mem::take(&mut pass.listed));
        if !last {
            json.keep(&self.finder.known.names);
        }
        self.finder.spare.put_index(index);
        taken
    }
    fn part(&mut self, inner: &mut Structure, piece: PartPiece<'_>) -> usize {
        self.set_path(piece.name);
        let path = std::mem::take(&mut self.path);
        let escapes = match inner {
            Structure::Json(_) => Escapes::Json,
            Structure::Xml(_) => Escapes::Entities,
            Structure::Form(_) => Escapes::Percent,
            _ => Escapes::None,
        };
        // Parts within parts go down only so far; then they are text.
        if self.depth >= MAX_NESTED && matches!(inner, Structure::Multipart(_)) {
            *inner = Structure::for_kind(MediaKind::Text, None);
        }
        let structure = std::mem::replace(inner, Structure::datum(""));
        let mut reading = Reading {
            reported: *self.reported,
            budget: *self.budget,
            ..Reading::new(structure, escapes, self.scope)
        };
        reading.base = piece.span.start as u64;
        let stretch = Stretch {
            raw: &self.text[piece.span],
            last: piece.last,
            full: piece.full,
            prefix: &path,
            parent: Some(self.origin),
            depth: self.depth + 1,
        };
        let taken = self.finder.read(&mut reading, stretch, self.out);
        (*self.reported, *self.budget) = (reading.reported, reading.budget);
        *inner = reading.structure;
        self.path = path;
        taken
    }
    fn file_name(&mut self, name: &str) {
        self.out.file_name(name);
    }
    fn file(&mut self, file: &mut File, piece: &[u8], last: bool) {
        self.attached(file, piece, last);
    }
}

impl Walk<'_, '_> {
    fn set_path(&mut self, path: &str) {
        self.path.clear();
        self.path.push_str(self.prefix);
        if !self.prefix.is_empty() && !path.is_empty() && !path.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(path);
    }
    /// A field with its whole path.
    fn field_at(&mut self, path: &str, field: &Field<'_>) {
        if field.whole
            && field.scalar
            && let Some((kind, span)) = self.document_in(&field.span)
        {
            return self.nested(path, kind, span);
        }
        if field.whole && field.scalar && self.opened(path, field.key, &field.span) {
            return;
        }
        let number = self.finder.known.number(path, field.key);
        self.judge_datum(path, field, number);
    }
    /// A value of a JSON text.
    fn value(&mut self, json: &mut Json, value: Value, message: u64) {
        let Value { name, span, commit, whole, glued } = value;
        if !whole && !glued && may_be_encoded(&self.text[span.clone()]) {
            // It is longer than a window, and encodings are undone as a whole.
            self.budget.note(Unread::Beyond);
        }
        if whole && let Some((kind, span)) = self.document_in(&span) {
            let names = &self.finder.known.names;
            // What is read inside may void the numbers.
            json.keep(names);
            let path = Arc::clone(names.path(name));
            return self.nested(&path, kind, span);
        }
        if whole && may_be_encoded(&self.text[span.clone()]) {
            let names = &self.finder.known.names;
            json.keep(names);
            let (path, key) = (Arc::clone(names.path(name)), names.key(name).clone());
            let field = Field { commit, whole, glued, ..Field::datum(&path, key.as_deref(), span) };
            return self.field_at(&path, &field);
        }
        let before = self.hits.len();
        let candidate = self.has_candidate(&span, commit);
        let (path, key, known) = self.finder.known.listing(name, self.finder.rules);
        let promising = known.promising;
        if whole && !candidate && !promising {
            let (value, escapes) = (&self.text[span], self.escapes);
            match self.out.datum(Datum { path, key, known, value, escapes, sensitive: false }) {
                Want::All => self.finder.known.names.watch(name),
                Want::More => {}
                Want::Nothing => self.finder.known.names.quieten(name, message),
            }
            return;
        }
        if candidate || promising {
            self.before = json.before();
            let names = &self.finder.known.names;
            let (path, key) = (Arc::clone(names.path(name)), names.key(name).clone());
            let field = Field { commit, whole, glued, ..Field::datum(&path, key.as_deref(), span.clone()) };
            self.judge(&path, &field, name);
        }
        if whole {
            let (value, sensitive) = (&self.text[span], self.hits.len() > before);
            let (path, key, known) = self.finder.known.listing(name, self.finder.rules);
            let more = self.out.datum(Datum { path, key, known, value, escapes: self.escapes, sensitive });
            match more {
                Want::All => self.finder.known.names.watch(name),
                Want::Nothing if !promising => self.finder.known.names.quieten(name, message),
                Want::More | Want::Nothing => {}
            }
        }
    }
    /// Finds the values of a field and lists it.
    fn judge_datum(&mut self, path: &str, field: &Field<'_>, number: u32) {
        let before = self.hits.len();
        if self.has_candidate(&field.span, field.commit)
            || self.finder.known.field(number, self.finder.rules).promising
        {
            self.judge(path, field, number);
        }
        if field.scalar && field.whole {
            let (value, sensitive) = (&self.text[field.span.clone()], self.hits.len() > before);
            let known = self.finder.known.field(number, self.finder.rules);
            self.out.datum(Datum { path, key: field.key, known, value, escapes: self.escapes, sensitive });
        }
    }
    /// Whether a candidate begins in a field; those before it are left behind.
    fn has_candidate(&mut self, span: &Range<usize>, commit: usize) -> bool {
        while self.found.get(self.next).is_some_and(|c| (c.start as usize) < span.start) {
            self.next += 1;
        }
        self.found.get(self.next).is_some_and(|c| (c.start as usize) < commit)
    }
    /// The document that a whole datum is, if it is one, and where it stands.
    fn document_in(&self, span: &Range<usize>) -> Option<(MediaKind, Range<usize>)> {
        if self.depth >= MAX_NESTED || span.len() < MIN_NESTED {
            return None;
        }
        // The first byte decides for nearly all.
        if !may_be_document(self.text[span.start]) {
            return None;
        }
        let span = trim(self.text, span.clone());
        document(&self.text[span.clone()]).map(|kind| (kind, span))
    }
    /// Reads a value that is a document itself.
    fn nested(&mut self, path: &str, kind: MediaKind, span: Range<usize>) {
        let value = &self.text[span.clone()];
        let (mut text, mut map) = (self.finder.spare.text(), self.finder.spare.map());
        let quoted = |mark: &[u8]| memchr::memmem::find(value, mark).is_some();
        if (kind == MediaKind::Json && quoted(b"&quot;"))
            || (kind == MediaKind::Xml && !value.starts_with(b"<"))
        {
            unescape::unquote_xml(value, &mut text, &mut map);
        } else if quoted(b"\\\"") && !has_bare_quote(value) {
            unescape::unquote_json(value, &mut text, &mut map);
        } else {
            text.extend_from_slice(value);
        }
        let structure = Structure::for_kind(kind, None);
        let reading = Reading::new(structure, escapes_of(kind), self.scope);
        self.read_inside(path, reading, &text, &map, span.start);
        self.finder.spare.put_text(text);
        self.finder.spare.put_map(map);
    }
    /// Reads `text`, which is the value at `base` in another form; `map` leads from it to the value.
    pub(super) fn read_inside(
        &mut self,
        path: &str,
        reading: Reading,
        text: &[u8],
        map: &OffsetMap,
        base: usize,
    ) {
        let mut reading = Reading { reported: *self.reported, budget: *self.budget, ..reading };
        let empty = self.finder.spare.map();
        let origin = Origin { maps: [map, &empty], base: base as u64, parent: Some(self.origin) };
        let depth = self.depth + 1;
        let stretch =
            Stretch { raw: text, last: true, full: false, prefix: path, parent: Some(&origin), depth };
        self.finder.read(&mut reading, stretch, self.out);
        (*self.reported, *self.budget) = (reading.reported, reading.budget);
        self.finder.spare.put_map(empty);
    }
    /// Finds the values of a field; `number` is that of what is known of it.
    fn judge(&mut self, path: &str, field: &Field<'_>, number: u32) {
        if self.explains {
            self.consider(path, field, number);
        }
        let span = field.span.clone();
        let rules = self.finder.rules;
        let text = self.text;
        let known = &*self.finder.known.field(number, rules);
        let mut judged = Few::new();
        if known.promising
            && field.scalar
            && field.whole
            && !span.is_empty()
            && let Some(key) = field.key
        {
            let context = Context { key: Some(key), path, before: b"", after: b"" };
            for m in rules.types_of(&known.name) {
                let value = &text[span.clone()];
                if let Some(j) = rules.judge_as(m.data_type, value, &context, &known.name) {
                    let at = span.start + j.value.start..span.start + j.value.end;
                    judged.push(Judged {
                        data_type: m.data_type,
                        rank: (u8::MAX, at.len(), 0),
                        span: at,
                        judgement: j,
                    });
                    break;
                }
            }
        }
        let mut i = self.next;
        while let Some(c) = self.found.get(i).filter(|c| (c.start as usize) < field.commit) {
            i += 1;
            let mut at = c.start as usize..c.end as usize;
            if at.end > span.end && !field.scalar && at.start < span.end {
                // In running text a value that goes on in the next line (a key in PEM) is known by what stands in the first.
                at.end = span.end;
            }
            if at.end > span.end || (field.glued && at.start == span.start) {
                continue;
            }
            match c.what {
                What::Value { data_type, .. } => {
                    let j = judge_at(rules, text, field, (path, &known.name), data_type, at.clone());
                    judged.extend(j.map(|j| rank(rules, data_type, at.start, j)));
                }
                What::Key { data_type } => {
                    let Some(value) = behind(text, at.end, span.end) else { continue };
                    let j = judge_named(rules, text, path, data_type, at, value.clone());
                    judged.extend(j.map(|j| rank(rules, data_type, value.start, j)));
                }
                What::Refused { .. } | What::Signal(_) => {}
            }
        }
        self.next = i;
        give_way(rules, &mut judged);
        if !judged.is_empty() {
            let datum = (field.scalar && field.whole).then(|| trim(text, span));
            self.report(path, judged, datum);
        }
    }
    /// Reports the best of overlapping values, in order of the text. `datum`: where the whole datum lies that they stand in.
    fn report(&mut self, path: &str, mut judged: Few, datum: Option<Range<usize>>) {
        judged.sort_by(|a, b| b.rank.cmp(&a.rank).then(a.span.start.cmp(&b.span.start)));
        let mut kept = Few::new();
        for j in judged {
            if kept.iter().all(|k| j.span.end <= k.span.start || k.span.end <= j.span.start) {
                kept.push(j);
            }
        }
        kept.sort_by_key(|j| j.span.start);
        for mut j in kept {
            let raw = self.origin.raw(j.span.clone());
            if raw.start < *self.reported || j.span.is_empty() {
                continue;
            }
            *self.reported = raw.end;
            if self.encoded && j.judgement.form == Form::Plain {
                j.judgement.form = Form::Encoded;
            }
            let value = String::from_utf8_lossy(&self.text[j.span.clone()]);
            let whole = datum.as_ref() == Some(&j.span);
            self.out.hit(&Hit {
                data_type: j.data_type,
                judgement: &j.judgement,
                path,
                value: &value,
                whole,
                before: self.before,
                raw,
            });
            self.hits.push(j.span);
        }
    }
}

/// Drops the promise of a name where the whole value verified as something that the promised type yields to.
fn give_way(rules: &RuleSet, judged: &mut Few) {
    let Some((first, rest)) = judged.split_first() else { return };
    let better = |j: &Judged| j.span == first.span && j.rank.0 > rules.precedence(first.data_type);
    if first.rank.0 == u8::MAX && rules.yields(first.data_type) && rest.iter().any(better) {
        judged.remove(0);
    }
}

fn rank(rules: &RuleSet, data_type: DataTypeId, base: usize, judgement: Judgement) -> Judged {
    let span = base + judgement.value.start..base + judgement.value.end;
    Judged {
        data_type,
        rank: (rules.precedence(data_type), span.len(), judgement.confidence),
        span,
        judgement,
    }
}

/// Judges a candidate among its neighbours.
fn judge_at(
    rules: &RuleSet,
    text: &[u8],
    field: &Field<'_>,
    (path, name): (&str, &Name),
    data_type: DataTypeId,
    at: Range<usize>,
) -> Option<Judgement> {
    let (before, after) = around(text, &field.span, &at);
    if let Some(key) = field.key {
        return rules.judge_as(data_type, &text[at], &Context { key: Some(key), path, before, after }, name);
    }
    // In running text the name may stand right before the value.
    rules.judge(data_type, &text[at], &Context { key: label(before), path, before, after })
}

/// Judges what stands behind a key in running text.
fn judge_named(
    rules: &RuleSet,
    text: &[u8],
    path: &str,
    data_type: DataTypeId,
    key: Range<usize>,
    value: Range<usize>,
) -> Option<Judgement> {
    let before = &text[key.start.saturating_sub(AROUND / 2)..value.start];
    let key = Some(readable(&text[key])).filter(|k| !k.is_empty());
    rules.judge(data_type, &text[value], &Context { key, path, before, after: b"" })
}

/// Text before and behind a value inside its field, on the same line.
pub(super) fn around<'t>(text: &'t [u8], span: &Range<usize>, at: &Range<usize>) -> (&'t [u8], &'t [u8]) {
    let before = &text[span.start.max(at.start.saturating_sub(AROUND))..at.start];
    let before = &before[memrchr(b'\n', before).map_or(0, |n| n + 1)..];
    let after = &text[at.end..span.end.min(at.end + AROUND)];
    (before, &after[..memchr::memchr(b'\n', after).unwrap_or(after.len())])
}

/// The name before a value: `name=`, `"name": "`, `名称：`.
pub(super) fn label(before: &[u8]) -> Option<&str> {
    let mut text = before.trim_ascii_end();
    text = text.strip_suffix(b"\"").or_else(|| text.strip_suffix(b"'")).unwrap_or(text).trim_ascii_end();
    let named =
        [&b"="[..], b":", "：".as_bytes()].iter().find_map(|s| text.strip_suffix(*s))?.trim_ascii_end();
    let named = named.strip_suffix(b"\"").or_else(|| named.strip_suffix(b"'")).unwrap_or(named);
    let full_stop =
        |i: usize| ["，", "；", "。", "、", "（", "【"].iter().any(|s| named[..=i].ends_with(s.as_bytes()));
    let start = (0..named.len())
        .rev()
        .find(|i| {
            let b = named[*i];
            (b.is_ascii() && !b.is_ascii_alphanumeric() && !matches!(b, b'_' | b'-' | b'.')) || full_stop(*i)
        })
        .map_or(0, |i| i + 1);
    let name = std::str::from_utf8(&named[start..]).ok()?;
    (!name.is_empty()).then_some(name)
}

/// The value behind a key in running text: after a separator, up to a delimiter.
pub(super) fn behind(text: &[u8], from: usize, end: usize) -> Option<Range<usize>> {
    let limit = end.min(from + MAX_BEHIND);
    let mut rest = text.get(from..limit)?;
    let start_of = |rest: &[u8]| limit - rest.len();
    rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest).trim_ascii_start();
    let marks: [&[u8]; 6] = [b"=", b":", "：".as_bytes(), "是".as_bytes(), "为".as_bytes(), b">"];
    rest = marks.iter().find_map(|m| rest.strip_prefix(*m))?.trim_ascii_start();
    let quoted = matches!(rest.first(), Some(b'"' | b'\''));
    rest = &rest[usize::from(quoted)..];
    let start = start_of(rest);
    let stops = ["，", "。", "；", "、", "！", "）", "】", "\u{3000}"];
    let mut len = 0;
    while let Some(b) = rest.get(len) {
        let ends = match b {
            b'"' | b'\'' | b'\n' | b'<' | b'>' => true,
            b' ' | b',' | b';' | b'&' | b'\t' | b'|' | b')' | b'}' | b']' => !quoted,
            _ => stops.iter().any(|s| rest[len..].starts_with(s.as_bytes())),
        };
        if ends {
            break;
        }
        len += 1;
    }
    (len > 0).then_some(start..start + len)
}

/// Whether a value is a document, and of which kind.
fn document(value: &[u8]) -> Option<MediaKind> {
    let (first, last) = (value.first()?, value.last()?);
    match (first, last) {
        (b'{', b'}') | (b'[', b']') if memchr::memchr2(b':', b'"', value).is_some() => {
            let second = value[1..].trim_ascii_start();
            let starts = |marks: &[&[u8]]| marks.iter().any(|m| second.starts_with(m));
            starts(&[b"\"", b"\\\"", b"{", b"[", b"&quot;", b"&#34;"]).then_some(MediaKind::Json)
        }
        (b'<', b'>') if value.starts_with(b"<?xml") || memchr::memmem::find(value, b"</").is_some() => {
            Some(MediaKind::Xml)
        }
        (b'&', b';') if value.starts_with(b"&lt;") => Some(MediaKind::Xml),
        _ => None,
    }
}

/// Whether a quote stands in `value` without a backslash before it.
fn has_bare_quote(value: &[u8]) -> bool {
    memchr::memchr_iter(b'"', value).any(|i| i == 0 || value[i - 1] != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_labels_and_values() {
        assert_eq!(label(b"ts=1, uid="), Some("uid"));
        assert_eq!(label("您好，手机号：".as_bytes()), Some("手机号"));
        assert_eq!(label(b"{\"a\": \""), Some("a"));
        assert_eq!(label(b"call "), None);
        let text = "密码：abc，x".as_bytes();
        assert_eq!(behind(text, 6, text.len()).map(|r| &text[r]), Some(&b"abc"[..]));
        assert_eq!(behind(b"pwd=\"a b\" c", 3, 11), Some(5..8));
        assert_eq!(behind(b"pwd abc", 3, 7), None);
    }

    #[test]
    fn recognises_documents() {
        assert_eq!(document(br#"{\"a\":1}"#), Some(MediaKind::Json));
        assert_eq!(document(b"[{\"a\":1}]"), Some(MediaKind::Json));
        assert_eq!(document(b"&lt;a&gt;b&lt;/a&gt;"), Some(MediaKind::Xml));
        assert_eq!(document(b"{name}"), None);
        assert_eq!(document(b"[info]"), None);
    }
}
