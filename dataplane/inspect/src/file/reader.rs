//! One stream of decoded bytes: its kind by its first bytes, then a text read window by window, or a file gathered and opened.

use super::{Budget, FileKind, Gathered, Opening, Unread, Windows, open};
use crate::body::begin;
use crate::facts::kind;
use crate::find::{Finder, Findings, Reading, Stretch};
use crate::structure::{Structure, boundary};
use weir_exchange::MediaKind;
use weir_rules::Scope;

/// What reading needs.
pub(crate) struct Io<'a, 'f> {
    pub(crate) finder: &'a mut Finder<'f>,
    /// Windows that are not in use.
    pub(crate) windows: &'a mut Windows,
    pub(crate) out: &'a mut dyn Findings,
    /// Of the body.
    pub(crate) budget: &'a mut Budget,
}

/// What is known of a stream before its bytes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Hint<'a> {
    pub(crate) declared: Option<MediaKind>,
    /// Media type with its parameters.
    pub(crate) media: &'a [u8],
    /// Charset that is known better than by the media type.
    pub(crate) charset: Option<&'a [u8]>,
}

/// Decoded bytes gathered, and how they are read once their kind is known.
pub(crate) struct Reader {
    gathered: Vec<u8>,
    /// Bytes for which room is to be made in the first place.
    expected: usize,
    reading: Option<Reading>,
    file: Option<(FileKind, Gathered)>,
    pub(crate) kind: MediaKind,
    limit: usize,
    scope: Scope,
    prefix: Box<str>,
    /// Files and documents around it.
    depth: u8,
    pub(crate) over: bool,
}

impl Reader {
    /// Of a stream of which at most `limit` bytes are held as text; `prefix` is put before field paths.
    pub(crate) fn new(limit: usize, scope: Scope, prefix: &str, depth: u8) -> Self {
        Reader {
            gathered: Vec::new(),
            expected: 0,
            reading: None,
            file: None,
            kind: MediaKind::None,
            limit,
            scope,
            prefix: prefix.into(),
            depth,
            over: false,
        }
    }
    /// Of so many bytes, as far as is known.
    pub(crate) fn expecting(self, bytes: usize) -> Self {
        Reader { expected: bytes.min(self.limit), ..self }
    }
    /// Of a stream whose structure is known.
    pub(crate) fn of(reading: Reading, limit: usize, prefix: &str, depth: u8) -> Self {
        let scope = reading.scope;
        Reader { reading: Some(reading), kind: MediaKind::Text, ..Reader::new(limit, scope, prefix, depth) }
    }
    /// Whether text of it was read.
    pub(crate) fn is_text(&self) -> bool {
        self.reading.is_some()
    }
    /// How its text is read, where it is one.
    pub(crate) fn reading(&self) -> Option<&Reading> {
        self.reading.as_ref()
    }
    /// Takes a stream that lies in one piece.
    pub(crate) fn whole(&mut self, bytes: &[u8], hint: Hint<'_>, io: &mut Io<'_, '_>) {
        if bytes.len() > self.limit {
            self.push(bytes, hint, io);
            self.finish(hint, true, io);
            self.over = true;
            return;
        }
        if !self.over && self.begin(bytes, hint, io) {
            self.read(bytes, true, false, io);
        } else if let Some((kind, _)) = self.file.take() {
            self.open(kind, bytes, true, io);
        }
        self.over = true;
    }
    /// Takes the next bytes.
    pub(crate) fn push(&mut self, mut bytes: &[u8], hint: Hint<'_>, io: &mut Io<'_, '_>) {
        if let Some((_, file)) = &mut self.file {
            return file.add(bytes, &io.finder.spare.quota);
        }
        while !bytes.is_empty() && !self.over {
            if self.gathered.capacity() == 0 {
                self.gathered = io.windows.take();
            }
            let n = bytes.len().min(self.limit - self.gathered.len());
            grow(&mut self.gathered, n.max(std::mem::take(&mut self.expected)), self.limit);
            self.gathered.extend_from_slice(&bytes[..n]);
            bytes = &bytes[n..];
            if self.gathered.len() < self.limit {
                return;
            }
            let mut gathered = std::mem::take(&mut self.gathered);
            if !self.begin(&gathered, hint, io) {
                self.over = self.file.is_none();
                if let Some((_, file)) = &mut self.file {
                    file.add(&gathered, &io.finder.spare.quota);
                    file.add(bytes, &io.finder.spare.quota);
                }
                return io.windows.put_back(gathered);
            }
            let taken = self.read(&gathered, false, true, io);
            gathered.drain(..taken);
            self.gathered = gathered;
        }
    }
    /// Reads what is left; `whole` where nothing of the stream is missing. Says whether it was a file.
    pub(crate) fn finish(&mut self, hint: Hint<'_>, whole: bool, io: &mut Io<'_, '_>) -> bool {
        let gathered = std::mem::take(&mut self.gathered);
        // A structure that was begun is told that it ends, even where nothing is left.
        let any = !gathered.is_empty() || self.reading.as_ref().is_some_and(|r| r.base > 0);
        let mut is_file = true;
        if let Some((kind, file)) = self.file.take() {
            self.open(kind, file.bytes(), whole, io);
            if file.cut {
                io.budget.note(Unread::Beyond);
            }
        } else if any && !self.over && self.begin(&gathered, hint, io) {
            self.read(&gathered, true, false, io);
            is_file = false;
        } else if let Some((kind, _)) = self.file.take() {
            self.open(kind, &gathered, whole, io);
        } else {
            is_file = false;
        }
        io.windows.put_back(gathered);
        is_file
    }
    /// Begins anew behind a gap.
    pub(crate) fn resume(&mut self, hint: Hint<'_>) {
        if let Some(r) = &mut self.reading {
            r.structure = Structure::for_kind(self.kind, boundary(hint.media));
        }
    }
    /// Chooses kind and charset by the first bytes; says whether it is text.
    fn begin(&mut self, start: &[u8], hint: Hint<'_>, io: &mut Io<'_, '_>) -> bool {
        if self.reading.is_some() {
            return true;
        }
        self.kind = kind::choose(hint.declared, start);
        match self.kind {
            MediaKind::Document => {
                self.file = FileKind::of(start).map(|k| (k, Gathered::default()));
                if self.file.is_none() {
                    io.budget.note(Unread::Unknown);
                }
                false
            }
            MediaKind::Media | MediaKind::Binary | MediaKind::None => false,
            _ => {
                self.reading = Some(begin(self.kind, hint.media, hint.charset, start, self.scope));
                true
            }
        }
    }
    fn open(&mut self, kind: FileKind, bytes: &[u8], whole: bool, io: &mut Io<'_, '_>) {
        if self.depth == 0 {
            io.budget.grant(bytes.len());
        }
        let (window, prefix, depth) = (self.limit, &*self.prefix, self.depth + 1);
        open(&Opening { kind, bytes, whole, prefix, raw: 0..bytes.len() as u64, depth, window }, io);
    }
    fn read(&mut self, raw: &[u8], last: bool, full: bool, io: &mut Io<'_, '_>) -> usize {
        let Some(reading) = &mut self.reading else { return raw.len() };
        let stretch = Stretch { raw, last, full, prefix: &self.prefix, parent: None, depth: self.depth };
        reading.budget = *io.budget;
        let taken = io.finder.read(reading, stretch, io.out);
        *io.budget = reading.budget;
        io.budget.read |= self.depth > 0;
        reading.base += taken as u64;
        taken
    }
}

/// Makes room for `n` more bytes by doubling, as vectors do, but never beyond `limit`: a flow holds its window for as long as a body lasts.
#[inline]
fn grow(buffer: &mut Vec<u8>, n: usize, limit: usize) {
    let needed = buffer.len() + n;
    if needed > buffer.capacity() {
        let room = needed.max(2 * buffer.capacity()).min(limit);
        buffer.reserve_exact(room - buffer.len());
    }
}
