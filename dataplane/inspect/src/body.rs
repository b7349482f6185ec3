//! One body, from its bytes on the wire to what is known of it, in bounded memory.

use crate::Config;
use crate::coding::{Chain, Decoders, Verdict};
use crate::facts::{Media, bounded, kind};
use crate::file::{Budget, Hint, Io, Reader, Unread, Windows};
use crate::find::{Finder, Findings, Reading, escapes_of};
use crate::grpc::{self, Encoding, Grpc};
use crate::structure::{Structure, boundary};
use crate::text::charset;
use sha2::{Digest, Sha256};
use smallvec::SmallVec;
use std::sync::Arc;
use weir_exchange::{Anomalies, Anomaly, Body, BodyState, MediaKind, Text};
use weir_rules::{ResponseOrRequest, Scope};
use weir_wire::{Account, Ledger};

/// What bodies are read with, given back when they end. One a lane.
#[derive(Default)]
pub(crate) struct Pools {
    windows: Windows,
    decoders: Decoders,
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
    /// `grpc-encoding`.
    pub(crate) grpc_encoding: Option<&'a [u8]>,
    /// `grpc-status`, where the head is all there is.
    pub(crate) grpc_status: Option<u8>,
}

/// A body being read.
pub(crate) struct BodyReader {
    media: Arc<Media>,
    file_name: Option<Text>,
    chain: Option<Chain>,
    hasher: Option<Sha256>,
    length: Option<u64>,
    grpc: Option<Box<Grpc>>,
    text: Reader,
    budget: Budget,
    wire_bytes: u64,
    bytes: u64,
    gap: bool,
    anomalies: Anomalies,
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
        let signals = if response { ResponseOrRequest::Response } else { ResponseOrRequest::Request };
        let scope = Scope { data: true, signals, ..Scope::default() };
        let length = announced.length.flatten();
        // A coded body has another length when it is decoded.
        let known = length.filter(|_| chain.is_none()).and_then(|n| usize::try_from(n).ok());
        let mut text = Reader::new(config.window(), scope, "", 0).expecting(known.unwrap_or(0));
        // The bytes of a coding that is not read are no text.
        text.over = anomalies.contains(Anomaly::UnknownCoding);
        let disposition = announced.disposition.unwrap_or_default();
        let grpc = grpc::announced(&media.raw)
            .map(|base64| Box::new(Grpc::new(base64, Encoding::of(announced.grpc_encoding))));
        BodyReader {
            media,
            file_name: kind::file_name(disposition).map(|n| bounded(n.as_bytes(), 128)),
            chain,
            hasher: config.digest.then(Sha256::new),
            length,
            grpc,
            text,
            budget: Budget::default(),
            wire_bytes: 0,
            bytes: 0,
            gap: false,
            anomalies,
        }
    }
    /// How a call of gRPC-Web went, by the trailers in its body.
    pub(crate) fn grpc_status(&self) -> Option<u8> {
        self.grpc.as_ref().and_then(|g| g.status)
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
        let hint = hint(&self.media);
        self.wire_bytes += bytes.len() as u64;
        let Some(mut chain) = self.chain.take() else {
            self.bytes += bytes.len() as u64;
            if let Some(h) = &mut self.hasher {
                h.update(bytes);
            }
            if let Some(grpc) = &mut self.grpc {
                let text = &mut self.text;
                return messages(grpc, bytes, text, finder, &mut pools.windows, out, &mut self.budget);
            }
            let mut io = Io { finder, windows: &mut pools.windows, out, budget: &mut self.budget };
            // A body that came in one piece is read where it lies.
            if first && self.length == Some(bytes.len() as u64) {
                return self.text.whole(bytes, hint, &mut io);
            }
            return self.text.push(bytes, hint, &mut io);
        };
        if self.gap {
            // Nothing behind a gap can be decoded.
            self.chain = Some(chain);
            return;
        }
        let (text, hasher, total) = (&mut self.text, &mut self.hasher, &mut self.bytes);
        let (grpc, budget) = (&mut self.grpc, &mut self.budget);
        let Pools { windows, decoders } = pools;
        chain.push(bytes, decoders, &mut |decoded| {
            *total += decoded.len() as u64;
            if let Some(h) = hasher {
                h.update(decoded);
            }
            if let Some(grpc) = grpc {
                return messages(grpc, decoded, text, finder, windows, out, budget);
            }
            text.push(decoded, hint, &mut Io { finder, windows, out, budget });
        });
        self.chain = Some(chain);
    }
    /// Bytes are missing: what was gathered is read to its end, and reading begins anew behind the gap.
    pub(crate) fn gap(&mut self, finder: &mut Finder<'_>, pools: &mut Pools, out: &mut dyn Findings) {
        self.gap = true;
        if let Some(grpc) = &mut self.grpc {
            return grpc.gap();
        }
        let mut io = Io { finder, windows: &mut pools.windows, out, budget: &mut self.budget };
        let is_file = self.text.finish(hint(&self.media), false, &mut io);
        // Nothing behind a gap can be decoded, and what is left of a file is none.
        self.text.over |= self.chain.is_some() || is_file;
        self.text.resume(hint(&self.media));
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
        let coding = self.chain.as_ref().map_or(Verdict::Fine, |c| c.finish(whole));
        let hint = if self.grpc.is_some() { MESSAGES } else { hint(&self.media) };
        let mut io = Io { finder, windows: &mut pools.windows, out, budget: &mut self.budget };
        self.text.finish(hint, whole && coding == Verdict::Fine, &mut io);
        if let Some(grpc) = &mut self.grpc {
            grpc.finish(whole && coding == Verdict::Fine);
            self.anomalies.extend(grpc.broken.then_some(Anomaly::BrokenFormat));
            self.anomalies.extend(grpc.unknown.then_some(Anomaly::UnknownCoding));
        }
        let verdict = match coding {
            Verdict::Fine if self.budget.has(Unread::Bomb) => Verdict::Limited,
            coding => coding,
        };
        if let Some(chain) = self.chain.take() {
            chain.put_back(&mut pools.decoders);
        }
        let unknown =
            self.anomalies.contains(Anomaly::UnknownCoding) && self.wire_bytes > 0 && self.grpc.is_none();
        self.anomalies.extend(match verdict {
            Verdict::Broken => Some(Anomaly::BrokenCoding),
            Verdict::Limited => Some(Anomaly::ExpansionLimit),
            Verdict::Fine => None,
        });
        self.anomalies.extend((whole && self.budget.has(Unread::Damaged)).then_some(Anomaly::BrokenFormat));
        if let Some(r) = self.text.reading() {
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
        let scanned = self.text.is_text() || self.budget.read;
        let account = match state {
            BodyState::Broken => Account::BodyBroken,
            BodyState::Limited => Account::BodyBomb,
            BodyState::Cut => Account::BodyPartial,
            _ if self.budget.is_short() && (scanned || !self.budget.only_unknown()) => Account::BodyInPart,
            _ if scanned || self.bytes == 0 => Account::BodyScanned,
            _ => Account::BodyBinary,
        };
        ledger.bodies.count += 1;
        ledger.bodies.bytes += self.wire_bytes;
        ledger.add(account, self.wire_bytes);
    }
}

/// What is known of the messages of gRPC, told as JSON.
const MESSAGES: Hint<'static> =
    Hint { declared: Some(MediaKind::Json), media: b"application/json", charset: None };

/// Reads bytes of a body of gRPC: its messages, one behind the other.
fn messages(
    grpc: &mut Grpc,
    bytes: &[u8],
    text: &mut Reader,
    finder: &mut Finder<'_>,
    windows: &mut Windows,
    out: &mut dyn Findings,
    budget: &mut Budget,
) {
    let quota = finder.spare.quota.clone();
    grpc.push(bytes, &quota, budget, &mut |json, budget| {
        text.push(json, MESSAGES, &mut Io { finder, windows, out, budget });
    });
}

/// What a content type says.
fn hint(media: &Media) -> Hint<'_> {
    Hint { declared: media.declared, media: &media.raw, charset: None }
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
    let (mut encoding, wrong_charset) = charset::choose(header, start);
    // Files among the parts say nothing of the charset of the others.
    if kind == MediaKind::Multipart && memchr::memchr(0, start).is_some() {
        encoding = encoding_rs::UTF_8;
    }
    let structure = Structure::for_kind(kind, boundary(media));
    Reading { encoding, wrong_charset, ..Reading::new(structure, escapes_of(kind), scope) }
}
