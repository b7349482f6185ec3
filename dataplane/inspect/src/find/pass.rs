//! One pass over a stretch of text: charset, escapes, scan, structure.

use super::walk::Walk;
use super::{Findings, KnownFields, Origin};
use crate::file::{Budget, Quota};
use crate::structure::{Index, Structure};
use crate::text::{Escapes, OffsetMap, charset, unescape};
use encoding_rs::{Encoding, UTF_8};
use smallvec::SmallVec;
use weir_exchange::MediaKind;
use weir_rules::{Candidate, Matcher, RuleSet, Scope, What};

/// Deepest nesting of documents inside values.
pub(crate) const MAX_NESTED: u8 = 3;

/// Buffers that go around between passes.
#[derive(Default)]
pub(crate) struct Spare {
    texts: Vec<Vec<u8>>,
    maps: Vec<OffsetMap>,
    found: Vec<Vec<Candidate>>,
    indices: Vec<Index>,
    numbers: Vec<Vec<u32>>,
    /// What the files of the lane may hold.
    pub(crate) quota: Quota,
}

impl Spare {
    pub(crate) fn text(&mut self) -> Vec<u8> {
        self.texts.pop().unwrap_or_default()
    }
    pub(crate) fn map(&mut self) -> OffsetMap {
        self.maps.pop().unwrap_or_default()
    }
    /// Takes a buffer back. What it held is overwritten: it may be a password.
    pub(crate) fn put_text(&mut self, mut text: Vec<u8>) {
        if !text.is_empty() {
            text.fill(0);
            text.clear();
        }
        self.texts.push(text);
    }
    pub(crate) fn index(&mut self) -> Index {
        self.indices.pop().unwrap_or_default()
    }
    pub(crate) fn numbers(&mut self) -> Vec<u32> {
        self.numbers.pop().unwrap_or_default()
    }
    pub(crate) fn put_numbers(&mut self, numbers: Vec<u32>) {
        self.numbers.push(numbers);
    }
    pub(crate) fn put_index(&mut self, index: Index) {
        self.indices.push(index);
    }
    pub(crate) fn put_map(&mut self, mut map: OffsetMap) {
        map.clear();
        self.maps.push(map);
    }
}

/// What finds: one a lane.
pub(crate) struct Finder<'a> {
    pub(crate) rules: &'a RuleSet,
    pub(crate) matcher: &'a mut Matcher,
    pub(crate) spare: &'a mut Spare,
    pub(crate) known: &'a mut KnownFields,
}

/// How the text of one body (or other place) is read, remembered between its windows.
pub(crate) struct Reading {
    pub(crate) structure: Structure,
    pub(crate) escapes: Escapes,
    /// Percent-encoding is undone before the charset, other escapes after it.
    pub(crate) encoding: &'static Encoding,
    pub(crate) scope: Scope,
    /// Bytes of the body before the window.
    pub(crate) base: u64,
    /// Raw offset behind the last value reported.
    pub(crate) reported: u64,
    /// The bytes contradict the charset.
    pub(crate) wrong_charset: bool,
    /// Values in clear stand in it in an encoding.
    pub(crate) encoded: bool,
    /// Of files inside it.
    pub(crate) budget: Budget,
}

/// The escapes that texts of a kind have.
pub(crate) fn escapes_of(kind: MediaKind) -> Escapes {
    match kind {
        MediaKind::Json | MediaKind::Script => Escapes::Json,
        MediaKind::Form => Escapes::Percent,
        MediaKind::Xml | MediaKind::Html => Escapes::Entities,
        _ => Escapes::None,
    }
}

impl Reading {
    /// Of a UTF-8 text of a kind.
    pub(crate) fn new(structure: Structure, escapes: Escapes, scope: Scope) -> Self {
        let (encoding, wrong_charset) = (UTF_8, false);
        Reading {
            structure,
            escapes,
            encoding,
            scope,
            base: 0,
            reported: 0,
            wrong_charset,
            encoded: false,
            budget: Budget::default(),
        }
    }
}

/// A stretch of bytes to be read.
#[derive(Clone, Copy)]
pub(crate) struct Stretch<'a> {
    pub(crate) raw: &'a [u8],
    pub(crate) last: bool,
    pub(crate) full: bool,
    /// Put before field paths.
    pub(crate) prefix: &'a str,
    /// The text it is part of, and the maps from it to there are still to come.
    pub(crate) parent: Option<&'a Origin<'a>>,
    /// Documents around it.
    pub(crate) depth: u8,
}

impl Finder<'_> {
    /// Reads a stretch; returns the bytes taken of it (with `full`, some; with `last`, all).
    pub(crate) fn read(
        &mut self,
        reading: &mut Reading,
        stretch: Stretch<'_>,
        out: &mut dyn Findings,
    ) -> usize {
        let (raw, last) = (stretch.raw, stretch.last);
        let (mut first, mut second) = (self.spare.text(), self.spare.text());
        let (mut outer, mut inner) = (self.spare.map(), self.spare.map());
        if reading.structure.is_raw() {
            (reading.escapes, reading.encoding) = (Escapes::None, UTF_8);
        }
        let before = reading.escapes == Escapes::Percent;
        // First step: to text; second step: to text without escapes. With forms it is the other way around.
        let (step, ready) = if before {
            undo(reading.escapes, raw, last, &mut first, &mut outer)
        } else {
            decode(reading, raw, last, &mut first, &mut outer)
        };
        let text = if step { &first[..] } else { &raw[..ready] };
        let (step, ready) = if before {
            if stretch.depth == 0 && reading.base == 0 {
                reading.encoding = charset::choose(Some(reading.encoding.name().as_bytes()), text).0;
            }
            decode(reading, text, last, &mut second, &mut inner)
        } else {
            undo(reading.escapes, text, last, &mut second, &mut inner)
        };
        let clean = if step { &second[..] } else { &text[..ready] };
        let origin = Origin { maps: [&inner, &outer], base: reading.base, parent: stretch.parent };
        let taken = self.clean(reading, clean, &origin, &stretch, out);
        let mut back = if last { raw.len() } else { outer.start(inner.start(taken)).min(raw.len()) };
        if back == 0 && stretch.full {
            back = raw.len();
        }
        self.spare.put_text(first);
        self.spare.put_text(second);
        self.spare.put_map(outer);
        self.spare.put_map(inner);
        back
    }
    fn clean(
        &mut self,
        reading: &mut Reading,
        text: &[u8],
        origin: &Origin<'_>,
        stretch: &Stretch<'_>,
        out: &mut dyn Findings,
    ) -> usize {
        let mut found = self.spare.found.pop().unwrap_or_default();
        found.clear();
        let explains = out.explains();
        let quoted_names = matches!(reading.structure, Structure::Json(_));
        // Parts of a multipart body are scanned one by one, with their own types.
        if !matches!(reading.structure, Structure::Multipart(_) | Structure::File(_)) {
            self.matcher.scan(text, Scope { quoted_names, refused: explains, ..reading.scope }, &mut found);
        }
        let (scope, mut reported, mut budget) = (reading.scope, reading.reported, reading.budget);
        let mut walk = Walk {
            finder: self,
            text,
            found: &found,
            next: 0,
            origin,
            prefix: stretch.prefix,
            scope,
            reported: &mut reported,
            budget: &mut budget,
            depth: stretch.depth,
            encoded: reading.encoded,
            escapes: reading.escapes,
            path: String::new(),
            before: 0,
            explains,
            hits: SmallVec::new(),
            out,
        };
        let taken = reading.structure.parse(text, stretch.last, stretch.full, &mut walk);
        let hits = std::mem::take(&mut walk.hits);
        for c in found.iter().filter(|c| (c.start as usize) < taken) {
            if let What::Signal(id) = c.what
                && out.wants_signal(id)
            {
                out.signal(id, &super::excerpt::excerpt(text, c.start as usize..c.end as usize, &hits));
            }
        }
        (reading.reported, reading.budget) = (reported, budget);
        self.spare.found.push(found);
        taken
    }
}

/// Undoes escapes where there are any; says whether it did, and how many bytes are ready.
fn undo(escapes: Escapes, raw: &[u8], last: bool, text: &mut Vec<u8>, map: &mut OffsetMap) -> (bool, usize) {
    if !unescape::needs(escapes, raw) {
        return (false, raw.len());
    }
    (true, unescape::undo(escapes, raw, last, text, map))
}

/// Decodes to UTF-8 where it is another charset; says whether it did, and how many bytes are ready.
fn decode(
    reading: &mut Reading,
    raw: &[u8],
    last: bool,
    text: &mut Vec<u8>,
    map: &mut OffsetMap,
) -> (bool, usize) {
    if reading.encoding == UTF_8 || (reading.encoding.is_ascii_compatible() && raw.is_ascii()) {
        return (false, raw.len());
    }
    let (ready, bad) = charset::decode(reading.encoding, raw, last, text, map);
    reading.wrong_charset |= bad;
    (true, ready)
}
