//! Documents and bodies by themselves, for `weir scan`.

use crate::Inspector;
use crate::facts::kind;
use crate::file::{Budget, Hint, Io, Reader, Windows};
use crate::find::{Datum, Findings, Hit, Known, Reading, Want};
use crate::structure::Structure;
use crate::text::{Escapes, charset};
use weir_exchange::{DataTypeId, Excerpt, Form, SignalId};
use weir_rules::{RuleSet, Scope};

/// A document to be scanned.
#[derive(Clone, Copy, Default, Debug)]
pub struct Document<'a> {
    /// Its bytes as given; content codings are not looked for.
    pub bytes: &'a [u8],
    /// Media type, with `charset` and `boundary` where it has them; without one, the bytes tell.
    pub content_type: Option<&'a str>,
    /// Charset, where it is known better than by the content type.
    pub charset: Option<&'a str>,
    /// The document is one value of a field of this name.
    pub field: Option<&'a str>,
    /// Whether to return values in clear.
    pub reveal: bool,
}

/// A value found in a document.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentHit {
    /// Offset of its first byte in the document as given.
    pub start: u64,
    /// Offset behind its last byte.
    pub end: u64,
    /// What.
    pub data_type: DataTypeId,
    /// In which form.
    pub form: Form,
    /// Grade 1 to 4.
    pub level: u8,
    /// How sure, 0 to 100.
    pub confidence: u8,
    /// Field path; empty where the format has no fields.
    pub path: Box<str>,
    /// A masked sample.
    pub masked: Box<str>,
    /// The value in clear, only where it was asked for.
    pub value: Option<Box<str>>,
}

/// How far a document was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// To its end.
    Whole,
    /// A part of a file could not be: encrypted, damaged, of a kind that is not read, or beyond a bound.
    Part,
    /// Not at all: pictures, files of kinds that are not read, other binary content.
    Nothing,
}

/// What a scan of a document gave.
#[derive(Clone, Debug)]
pub struct DocumentScan {
    /// Values, in order of the bytes.
    pub hits: Vec<DocumentHit>,
    /// How far it was read.
    pub reach: Reach,
}

/// Never shows the value.
impl std::fmt::Debug for DocumentHit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut s = f.debug_struct("DocumentHit");
        s.field("start", &self.start).field("end", &self.end).field("data_type", &self.data_type);
        s.field("path", &self.path).field("masked", &self.masked).finish_non_exhaustive()
    }
}

struct Hits<'a> {
    rules: &'a RuleSet,
    reveal: bool,
    hits: Vec<DocumentHit>,
}

impl Findings for Hits<'_> {
    fn hit(&mut self, hit: &Hit<'_>) {
        let mut masked = String::new();
        self.rules.mask(hit.data_type, hit.value, &mut masked);
        self.hits.push(DocumentHit {
            start: hit.raw.start,
            end: hit.raw.end,
            data_type: hit.data_type,
            form: hit.judgement.form,
            level: hit.judgement.level,
            confidence: hit.judgement.confidence,
            path: hit.path.into(),
            masked: masked.into(),
            value: self.reveal.then(|| hit.value.into()),
        });
    }
    fn signal(&mut self, _signal: SignalId, _excerpt: &Excerpt) {}
    fn wants_signal(&self, _signal: SignalId) -> bool {
        false
    }
    fn message(&self) -> u64 {
        u64::MAX
    }
    fn datum(&mut self, _datum: Datum<'_>) -> Want {
        Want::Nothing
    }
    fn only_lists(&self) -> bool {
        true
    }
    fn list(&mut self, _known: &mut Known, _blank: bool) {}
    fn count(&mut self, _path: &str, _value: &[u8]) -> bool {
        false
    }
    fn records(&mut self, _count: u32) {}
    fn file_name(&mut self, _name: &str) {}
}

impl Inspector {
    /// Finds sensitive data in a document, in order of its bytes. Documents of any size are read window by window, files among them
    /// opened; what stands in a file has the file's offsets.
    pub fn scan_document(&mut self, document: &Document<'_>) -> Vec<DocumentHit> {
        self.scan_file(document).hits
    }
    /// [`scan_document`](Self::scan_document), and how far it was read.
    pub fn scan_file(&mut self, document: &Document<'_>) -> DocumentScan {
        let scope = Scope { data: true, ..Scope::default() };
        let media = document.content_type.unwrap_or_default().as_bytes();
        let charset = document.charset.map(str::as_bytes);
        let (window, prefix) = (self.config.window(), document.field.unwrap_or_default());
        let mut reader = match document.field {
            Some(name) => {
                let (encoding, wrong_charset) = charset::choose(charset, document.bytes);
                let reading = Reading::new(Structure::datum(name), Escapes::None, scope);
                Reader::of(Reading { encoding, wrong_charset, ..reading }, window, prefix, 0)
            }
            None => Reader::new(window, scope, prefix, 0),
        };
        let (mut windows, mut budget) = (Windows::default(), Budget::default());
        let mut finder = self.tools.finder();
        let mut out = Hits { rules: finder.rules, reveal: document.reveal, hits: Vec::new() };
        let mut io = Io { finder: &mut finder, windows: &mut windows, out: &mut out, budget: &mut budget };
        reader.whole(document.bytes, Hint { declared: kind::declared(media), media, charset }, &mut io);
        let mut hits = out.hits;
        hits.sort_by_key(|h| (h.start, h.end));
        let reach = match reader.is_text() || budget.read {
            false => Reach::Nothing,
            true if budget.is_short() => Reach::Part,
            true => Reach::Whole,
        };
        DocumentScan { hits, reach }
    }
}
