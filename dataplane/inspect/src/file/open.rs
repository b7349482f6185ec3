//! Opening a file: what is inside goes to readers of its own.

use super::{FileKind, Hint, Io, Reader, Unread, mail, pdf, tar, zip};
use crate::coding::{Broken, Decode, Flow, Gzip};
use crate::find::{Considered, Datum, Findings, Hit, Known, MAX_NESTED, Reading, Want};
use std::ops::Range;
use weir_exchange::{Excerpt, MediaKind, SignalId};
use weir_rules::Scope;

/// Bytes that decoders give at a time.
const CHUNK: usize = 32 * 1024;

/// A file to be opened.
pub(crate) struct Opening<'a> {
    pub(crate) kind: FileKind,
    pub(crate) bytes: &'a [u8],
    /// Nothing of it is missing.
    pub(crate) whole: bool,
    /// Put before field paths.
    pub(crate) prefix: &'a str,
    /// Where it stands in the body.
    pub(crate) raw: Range<u64>,
    /// Files and documents around what is inside.
    pub(crate) depth: u8,
    /// Bytes of text read at a time.
    pub(crate) window: usize,
}

/// Reads what a file holds. Bytes made to hurt cost at most what the budget allows.
pub(crate) fn open(file: &Opening<'_>, io: &mut Io<'_, '_>) {
    if file.depth > MAX_NESTED {
        return io.budget.note(Unread::Beyond);
    }
    let mut within = Within { out: &mut *io.out, raw: file.raw.clone(), found: 0 };
    {
        let (finder, windows, budget) = (&mut *io.finder, &mut *io.windows, &mut *io.budget);
        let io = &mut Io { finder, windows, out: &mut within, budget };
        match file.kind {
            FileKind::Zip => zip::read(file, io),
            FileKind::Gzip => gzip(file, io),
            FileKind::Tar => tar::read(file, io),
            FileKind::Mail => mail::read(file, io),
            FileKind::Pdf => pdf::read(file, io),
        }
    }
    io.budget.found += within.found;
    if !file.whole {
        io.budget.note(Unread::Damaged);
    }
}

impl Opening<'_> {
    /// The reader of something inside, under its name.
    pub(crate) fn inside(&self, name: &str) -> Reader {
        let prefix = match (self.prefix, name) {
            ("", n) => n.to_owned(),
            (p, "") => p.to_owned(),
            (p, n) => format!("{p}.{n}"),
        };
        Reader::new(self.window, SCOPE, &prefix, self.depth)
    }
    /// The reader of something inside whose structure is known.
    pub(crate) fn shaped(&self, name: &str, reading: Reading) -> Reader {
        let prefix = if self.prefix.is_empty() || name.is_empty() {
            [self.prefix, name].concat()
        } else {
            format!("{}.{name}", self.prefix)
        };
        Reader::of(reading, self.window, &prefix, self.depth)
    }
}

/// Files hold data; signals of an application stand in what it says itself.
pub(crate) const SCOPE: Scope = Scope {
    data: true,
    signals: weir_rules::ResponseOrRequest::Neither,
    quoted_names: false,
    refused: false,
};

/// What the ending of a file's name says of its content.
pub(crate) fn hint(name: &str) -> Hint<'static> {
    let ending = name.rsplit_once('.').map_or("", |(_, e)| e);
    let is = |all: &[&str]| all.iter().any(|e| ending.eq_ignore_ascii_case(e));
    let declared = match () {
        () if is(&["csv", "tsv"]) => Some(MediaKind::Csv),
        () if is(&["json", "jsonl", "ndjson"]) => Some(MediaKind::Json),
        () if is(&["xml"]) => Some(MediaKind::Xml),
        () if is(&["htm", "html"]) => Some(MediaKind::Html),
        () if is(&["txt", "log", "sql", "md", "ini", "conf", "yml", "yaml", "properties"]) => {
            Some(MediaKind::Text)
        }
        () => None,
    };
    Hint { declared, ..Hint::default() }
}

/// A name of bytes, readable and bounded.
pub(crate) fn name(bytes: &[u8]) -> String {
    const LONGEST: usize = 96;
    let (encoding, _) = crate::text::charset::choose(None, bytes);
    encoding.decode_without_bom_handling(bytes).0.chars().take(LONGEST).collect()
}

fn gzip(file: &Opening<'_>, io: &mut Io<'_, '_>) {
    let (mut decoder, mut reader) = (Gzip::default(), file.inside(""));
    let mut chunk = chunk();
    let hint = Hint::default();
    let done = decoder.push(file.bytes, &mut chunk, &mut |piece| {
        if !io.budget.spend(piece.len()) {
            return Flow::Stop;
        }
        reader.push(piece, hint, io);
        Flow::On
    });
    let whole = done == Ok(Flow::On) && decoder.is_finished();
    reader.finish(hint, whole, io);
    if done == Err(Broken) || !decoder.is_finished() && done == Ok(Flow::On) {
        io.budget.note(Unread::Damaged);
    }
}

/// What is found in a file stands where the file does. Its fields are none of the interface's.
struct Within<'a> {
    out: &'a mut dyn Findings,
    raw: Range<u64>,
    found: u64,
}

impl Findings for Within<'_> {
    fn hit(&mut self, hit: &Hit<'_>) {
        self.found += 1;
        self.out.hit(&Hit { raw: self.raw.clone(), ..*hit });
    }
    fn signal(&mut self, _signal: SignalId, _excerpt: &Excerpt) {}
    fn wants_signal(&self, _signal: SignalId) -> bool {
        false
    }
    fn message(&self) -> u64 {
        self.out.message()
    }
    fn datum(&mut self, datum: Datum<'_>) -> Want {
        if self.out.count(datum.path, datum.value) { Want::All } else { Want::Nothing }
    }
    fn only_lists(&self) -> bool {
        true
    }
    fn list(&mut self, _known: &mut Known, _blank: bool) {}
    fn count(&mut self, path: &str, value: &[u8]) -> bool {
        self.out.count(path, value)
    }
    fn records(&mut self, count: u32) {
        self.out.records(count);
    }
    fn file_name(&mut self, _name: &str) {}
    fn explains(&self) -> bool {
        self.out.explains()
    }
    fn consider(&mut self, considered: Considered<'_>) {
        self.out.consider(Considered { raw: self.raw.clone(), ..considered });
    }
}

/// Room for what decoders give.
pub(crate) fn chunk() -> Vec<u8> {
    vec![0; CHUNK]
}
