//! One body, from its bytes on the wire to what is known of it, in bounded memory.

use crate::Config;
use crate::coding::{Chain, Decoders, Verdict};
use crate::facts::{Media, bounded, kind};
use crate::find::{Finder, Findings, Reading, Stretch, escapes_of};
use crate::structure::{Structure, boundary};
use crate::text::charset;
use sha2::{Digest, Sha256};
use smallvec::SmallVec;
use std::sync::Arc;
use weir_exchange::{Anomalies, Anomaly, Body, BodyState, MediaKind, Text};
use weir_rules::{ResponseOrRequest, Scope};
use weir_wire::{Account, Ledger};

/// Most memory kept for bodies to come, in bytes.
const MAX_POOL: usize = 16 << 20;

/// What bodies are read with, given back when they end. One a lane.
#[derive(Default)]
pub(crate) struct Pools {
    windows: Windows,
    decoders: Decoders,
}

/// Windows of texts that are over, for those to come.
#[derive(Default)]
struct Windows {
    idle: Vec<Vec<u8>>,
    /// What they hold together, in bytes.
    held: usize,
}

impl Windows {
    fn take(&mut self) -> Vec<u8> {
        let window = self.idle.pop().unwrap_or_default();
        self.held -= window.capacity();
        window
    }
    /// Takes a window back; what it held is overwritten.
    fn put_back(&mut self, mut window: Vec<u8>) {
        window.fill(0);
        window.clear();
        if window.capacity() > 0 && self.held + window.capacity() <= MAX_POOL {
            self.held += window.capacity();
            self.idle.push(window);
        }
    }
}

/// What a head says of the body that follows: the first value of each field.
#[derive(Default)]
pub(crate) struct Announced<'a> {
    pub(crate) content_type: Option<&'a [u8]>,
    pub(crate) disposition: Option<&'a [u8]>,
    /// All values of `Content-Encoding`.
    pub(crate) codings: SmallVec<[&'a [u8]; 2]>,
    /// `Content-Length`, and whether it is a number.
    pub(crate) length: Option<Option<u64>>,
}

/// A body being read.
pub(crate) struct BodyReader {
    media: Arc<Media>,
    file_name: Option<Text>,
    chain: Option<Chain>,
    hasher: Option<Sha256>,
    length: Option<u64>,
    text: TextReader,
    wire_bytes: u64,
    bytes: u64,
    gap: bool,
    anomalies: Anomalies,
}

/// Decoded bytes gathered, and how they are read once their kind is known.
struct TextReader {
    gathered: Vec<u8>,
    /// Bytes for which room is to be made in the first place.
    expected: usize,
    reading: Option<Reading>,
    kind: MediaKind,
    limit: usize,
    response: bool,
    over: bool,
}

impl BodyReader {
    /// Of a body that a head announced.
    pub(crate) fn new(
        announced: &Announced<'_>,
        media: Arc<Media>,
        response: bool,
        config: &Config,
        pools: &mut Pools,
    ) -> Self {
        let mut anomalies = Anomalies::new();
        let chain = Chain::for_header(&announced.codings, config, &mut pools.decoders).unwrap_or_else(|_| {
            anomalies.insert(Anomaly::UnknownCoding);
            None
        });
        let disposition = announced.disposition.unwrap_or_default();
        let length = announced.length.flatten();
        let limit = config.window();
        // A coded body has another length when it is decoded.
        let known = length.filter(|_| chain.is_none()).and_then(|n| usize::try_from(n).ok());
        BodyReader {
            media,
            file_name: kind::file_name(disposition).map(|n| bounded(n.as_bytes(), 128)),
            chain,
            hasher: config.digest.then(Sha256::new),
            length,
            text: TextReader {
                gathered: Vec::new(),
                expected: known.unwrap_or(0).min(limit),
                reading: None,
                kind: MediaKind::None,
                limit,
                response,
                // The bytes of a coding that is not read are no text.
                over: anomalies.contains(Anomaly::UnknownCoding),
            },
            wire_bytes: 0,
            bytes: 0,
            gap: false,
            anomalies,
        }
    }
    /// Counts the next bytes, where nothing but the length is read of what is left of the body (an image, once it is known to be
    /// one). `false` where more is, and nothing was done.
    #[inline]
    pub(crate) fn pass(&mut self, bytes: &[u8]) -> bool {
        let passes = self.text.over && self.chain.is_none() && self.hasher.is_none();
        if passes {
            self.wire_bytes += bytes.len() as u64;
            self.bytes += bytes.len() as u64;
        }
        passes
    }
    /// Takes the next bytes.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        finder: &mut Finder<'_>,
        pools: &mut Pools,
        out: &mut dyn Findings,
    ) {
        let first = self.wire_bytes == 0;
        self.wire_bytes += bytes.len() as u64;
        let Some(mut chain) = self.chain.take() else {
            self.bytes += bytes.len() as u64;
            if let Some(h) = &mut self.hasher {
                h.update(bytes);
            }
            // A body that came in one piece is read where it lies.
            if first && self.length == Some(bytes.len() as u64) && bytes.len() <= self.text.limit {
                return self.text.whole(bytes, &self.media, finder, out);
            }
            return self.text.push(bytes, &self.media, finder, &mut pools.windows, out);
        };
        if self.gap {
            // Nothing behind a gap can be decoded.
            self.chain = Some(chain);
            return;
        }
        let (text, hasher, total, media) = (&mut self.text, &mut self.hasher, &mut self.bytes, &self.media);
        let Pools { windows, decoders } = pools;
        chain.push(bytes, decoders, &mut |decoded| {
            *total += decoded.len() as u64;
            if let Some(h) = hasher {
                h.update(decoded);
            }
            text.push(decoded, media, finder, windows, out);
        });
        self.chain = Some(chain);
    }
    /// Bytes are missing: what was gathered is read to its end, and reading begins anew behind the gap.
    pub(crate) fn gap(&mut self, finder: &mut Finder<'_>, pools: &mut Pools, out: &mut dyn Findings) {
        self.gap = true;
        self.text.finish(&self.media, finder, &mut pools.windows, out);
        self.text.over |= self.chain.is_some();
        if let Some(r) = &mut self.text.reading {
            r.structure = Structure::for_kind(self.text.kind, boundary(&self.media.raw));
        }
    }
    /// The end: reads the rest, books the body and says what is known of it.
    pub(crate) fn finish(
        mut self,
        whole: bool,
        finder: &mut Finder<'_>,
        pools: &mut Pools,
        out: &mut dyn Findings,
        ledger: &mut Ledger,
    ) -> (Body, Anomalies) {
        let whole = whole && !self.gap;
        self.text.finish(&self.media, finder, &mut pools.windows, out);
        let verdict = self.chain.as_ref().map_or(Verdict::Fine, |c| c.finish(whole));
        if let Some(chain) = self.chain.take() {
            chain.put_back(&mut pools.decoders);
        }
        let unknown = self.anomalies.contains(Anomaly::UnknownCoding) && self.wire_bytes > 0;
        self.anomalies.extend(match verdict {
            Verdict::Broken => Some(Anomaly::BrokenCoding),
            Verdict::Limited => Some(Anomaly::ExpansionLimit),
            Verdict::Fine => None,
        });
        if let Some(r) = &self.text.reading {
            self.anomalies.extend(r.wrong_charset.then_some(Anomaly::WrongCharset));
            let broken = whole && verdict == Verdict::Fine && r.structure.is_broken();
            self.anomalies.extend(broken.then_some(Anomaly::BrokenFormat));
        }
        let state = match verdict {
            _ if self.wire_bytes == 0 && whole => BodyState::Absent,
            Verdict::Limited => BodyState::Limited,
            Verdict::Broken => BodyState::Broken,
            Verdict::Fine if unknown => BodyState::Broken,
            Verdict::Fine if whole => BodyState::Whole,
            Verdict::Fine => BodyState::Cut,
        };
        if self.wire_bytes == 0 {
            self.anomalies = Anomalies::new();
        }
        self.book(state, ledger);
        let body = Body {
            content_type: self.media.shown.clone(),
            kind: self.text.kind,
            state: if self.wire_bytes == 0 { BodyState::Absent } else { state },
            bytes: self.bytes,
            wire_bytes: self.wire_bytes,
            sha256: self.hasher.take().filter(|_| self.bytes > 0).map(|h| h.finalize().into()),
            file_name: self.file_name.take(),
            records: 0,
        };
        (body, self.anomalies)
    }
    /// Puts the body into its account. Bodies without bytes are none.
    fn book(&self, state: BodyState, ledger: &mut Ledger) {
        if self.wire_bytes == 0 {
            return;
        }
        let scanned = self.text.reading.is_some();
        let account = match state {
            BodyState::Broken => Account::BodyBroken,
            BodyState::Limited => Account::BodyBomb,
            BodyState::Cut => Account::BodyPartial,
            _ if scanned || self.bytes == 0 => Account::BodyScanned,
            _ => Account::BodyBinary,
        };
        ledger.bodies.count += 1;
        ledger.bodies.bytes += self.wire_bytes;
        ledger.add(account, self.wire_bytes);
    }
}

impl TextReader {
    /// A body that lies in one piece.
    fn whole(&mut self, bytes: &[u8], media: &Media, finder: &mut Finder<'_>, out: &mut dyn Findings) {
        if !self.over && self.begin(bytes, media) {
            self.read(bytes, true, false, finder, out);
        }
        self.over = true;
    }
    fn push(
        &mut self,
        mut bytes: &[u8],
        media: &Media,
        finder: &mut Finder<'_>,
        windows: &mut Windows,
        out: &mut dyn Findings,
    ) {
        while !bytes.is_empty() && !self.over {
            if self.gathered.capacity() == 0 {
                self.gathered = windows.take();
            }
            let n = bytes.len().min(self.limit - self.gathered.len());
            grow(&mut self.gathered, n.max(std::mem::take(&mut self.expected)), self.limit);
            self.gathered.extend_from_slice(&bytes[..n]);
            bytes = &bytes[n..];
            if self.gathered.len() < self.limit {
                return;
            }
            let mut gathered = std::mem::take(&mut self.gathered);
            if !self.begin(&gathered, media) {
                self.over = true;
                return windows.put_back(gathered);
            }
            let taken = self.read(&gathered, false, true, finder, out);
            gathered.drain(..taken);
            self.gathered = gathered;
        }
    }
    /// Reads what is left.
    fn finish(
        &mut self,
        media: &Media,
        finder: &mut Finder<'_>,
        windows: &mut Windows,
        out: &mut dyn Findings,
    ) {
        let gathered = std::mem::take(&mut self.gathered);
        // A structure that was begun is told that it ends, even where nothing is left.
        let any = !gathered.is_empty() || self.reading.as_ref().is_some_and(|r| r.base > 0);
        if any && !self.over && self.begin(&gathered, media) {
            self.read(&gathered, true, false, finder, out);
        }
        windows.put_back(gathered);
    }
    /// Chooses kind and charset by the first bytes; says whether the body is text.
    fn begin(&mut self, start: &[u8], media: &Media) -> bool {
        if self.reading.is_some() {
            return true;
        }
        self.kind = kind::choose(media.declared, start);
        if matches!(self.kind, MediaKind::Media | MediaKind::Document | MediaKind::Binary | MediaKind::None) {
            return false;
        }
        let signals = if self.response { ResponseOrRequest::Response } else { ResponseOrRequest::Request };
        let scope = Scope { data: true, signals, ..Scope::default() };
        self.reading = Some(begin(self.kind, &media.raw, None, start, scope));
        true
    }
    fn read(
        &mut self,
        raw: &[u8],
        last: bool,
        full: bool,
        finder: &mut Finder<'_>,
        out: &mut dyn Findings,
    ) -> usize {
        let Some(reading) = &mut self.reading else { return raw.len() };
        let taken =
            finder.read(reading, Stretch { raw, last, full, prefix: "", parent: None, depth: 0 }, out);
        reading.base += taken as u64;
        taken
    }
}

/// How a text of a kind is read that starts with `start`; `label` is a charset known better than that of the content type.
pub(crate) fn begin(
    kind: MediaKind,
    media: &[u8],
    label: Option<&[u8]>,
    start: &[u8],
    scope: Scope,
) -> Reading {
    let header = label.or_else(|| kind::parameter(media, b"charset"));
    let (encoding, wrong_charset) = charset::choose(header, start);
    let structure = Structure::for_kind(kind, boundary(media));
    Reading { encoding, wrong_charset, ..Reading::new(structure, escapes_of(kind), scope) }
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
