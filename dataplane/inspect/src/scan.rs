//! Documents and bodies by themselves, for `weir scan`.

use crate::Inspector;
use crate::compose::compose_hits;
use crate::facts::kind;
use crate::file::{Budget, Hint, Io, Reader, Windows};
use crate::find::{Considered, Datum, Findings, FoundBy, Hit, Known, Reading, Want};
use crate::structure::Structure;
use crate::text::{Escapes, charset};
use weir_exchange::{DataTypeId, Excerpt, Form, SignalId};
use weir_rules::{Explanation, Refusal, RuleSet, Scope};

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
    /// Whether to tell of every candidate what spoke for and against it.
    pub explain: bool,
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
    /// Every candidate, in order of the bytes; empty where that was not asked for.
    pub candidates: Vec<DocumentCandidate>,
}

/// What became of a candidate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It is a hit.
    Hit,
    /// It could be of its type, but another type has the better claim to its bytes; which, where that is reported.
    GaveWay(Option<DataTypeId>),
    /// It is not of its type.
    Refused(Refusal),
}

/// A value that was a candidate of a type.
#[derive(Clone)]
pub struct DocumentCandidate {
    /// Offset of its first byte in the document as given.
    pub start: u64,
    /// Offset behind its last byte.
    pub end: u64,
    /// Of which type.
    pub data_type: DataTypeId,
    /// What made it one.
    pub by: FoundBy,
    /// Field path; empty where the format has no fields.
    pub path: Box<str>,
    /// The name that was looked at, of the field or before the value.
    pub key: Option<Box<str>>,
    /// The judgement taken apart.
    pub explanation: Explanation,
    /// What became of it.
    pub fate: Fate,
    /// A masked sample.
    pub masked: Box<str>,
    /// The value in clear, only where it was asked for.
    pub value: Option<Box<str>>,
}

/// Never shows the value.
impl std::fmt::Debug for DocumentCandidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut s = f.debug_struct("DocumentCandidate");
        s.field("start", &self.start).field("end", &self.end).field("data_type", &self.data_type);
        s.field("fate", &self.fate).field("masked", &self.masked).finish_non_exhaustive()
    }
}

/// What became of a candidate, by the hits.
fn fate(c: &DocumentCandidate, hits: &[DocumentHit]) -> Fate {
    if let Err(refusal) = &c.explanation.outcome {
        return Fate::Refused(*refusal);
    }
    let over = |h: &&DocumentHit| h.start < c.end && c.start < h.end;
    let here = || hits.iter().filter(over);
    if here().any(|h| h.data_type == c.data_type) {
        return Fate::Hit;
    }
    Fate::GaveWay(here().next().map(|h| h.data_type))
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
    explain: bool,
    hits: Vec<DocumentHit>,
    candidates: Vec<DocumentCandidate>,
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
    fn explains(&self) -> bool {
        self.explain
    }
    fn consider(&mut self, c: Considered<'_>) {
        let mut masked = String::new();
        self.rules.mask(c.data_type, c.value, &mut masked);
        self.candidates.push(DocumentCandidate {
            start: c.raw.start,
            end: c.raw.end,
            data_type: c.data_type,
            by: c.by,
            path: c.path.into(),
            key: c.key.map(Into::into),
            explanation: c.explanation,
            fate: Fate::Hit,
            masked: masked.into(),
            value: self.reveal.then(|| c.value.into()),
        });
    }
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
        let mut out = Hits {
            rules: finder.rules,
            reveal: document.reveal,
            explain: document.explain,
            hits: Vec::new(),
            candidates: Vec::new(),
        };
        let mut io = Io { finder: &mut finder, windows: &mut windows, out: &mut out, budget: &mut budget };
        reader.whole(document.bytes, Hint { declared: kind::declared(media), media, charset }, &mut io);
        let (mut hits, mut candidates) = (out.hits, out.candidates);
        hits.extend(compose_hits(&hits, out.rules));
        hits.sort_by_key(|h| (h.start, h.end));
        candidates.iter_mut().for_each(|c| c.fate = fate(c, &hits));
        // The same candidate may be met by name and by pattern; the first tells enough.
        candidates.sort_by_key(|c| (c.start, c.end, c.data_type));
        candidates.dedup_by_key(|c| (c.start, c.end, c.data_type));
        let reach = match reader.is_text() || budget.read {
            false => Reach::Nothing,
            true if budget.is_short() => Reach::Part,
            true => Reach::Whole,
        };
        DocumentScan { hits, reach, candidates }
    }
}
