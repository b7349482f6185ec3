//! Codings stacked in order, with the expansion limit.

use super::{Broken, Coding, Decode, Decoders, Flow};
use crate::Config;
use smallvec::SmallVec;

/// Bytes kept while nothing has come out yet, so that a body that is not coded at all can be read as it is.
const MAX_HELD: usize = 64 * 1024;
/// Bytes that may come out before the ratio is looked at.
const FREE: u64 = 1024 * 1024;

/// How decoding went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// So far well.
    Fine,
    /// The coding's bytes are broken; what came before the break was given.
    Broken,
    /// The expansion limit was passed.
    Limited,
}

/// The decoders of one body, outermost first.
pub(crate) struct Chain {
    stages: SmallVec<[Box<dyn Decode>; 1]>,
    held: Vec<u8>,
    taken: u64,
    given: u64,
    verdict: Verdict,
    /// The body turned out not to be coded: bytes pass as they are.
    plain: bool,
    ratio: u64,
    bytes: u64,
}

impl Chain {
    /// For the values of `Content-Encoding`. `Ok(None)`: no coding. `Err`: one that is not read, or too many.
    pub(crate) fn for_header(
        values: &[&[u8]],
        config: &Config,
        decoders: &mut Decoders,
    ) -> Result<Option<Chain>, UnknownCoding> {
        let mut stages: SmallVec<[Box<dyn Decode>; 1]> = SmallVec::new();
        let names = values.iter().rev().flat_map(|v| v.split(|b| *b == b',').rev());
        for name in names.map(<[u8]>::trim_ascii) {
            let is = |words: &[&[u8]]| words.iter().any(|w| name.eq_ignore_ascii_case(w));
            let coding = match () {
                () if is(&[b"", b"identity", b"utf-8", b"none"]) => continue,
                () if is(&[b"gzip", b"x-gzip"]) => Coding::Gzip,
                () if is(&[b"deflate"]) => Coding::Deflate,
                () if is(&[b"br"]) => Coding::Brotli,
                () if is(&[b"zstd"]) => Coding::Zstandard,
                () => return Err(UnknownCoding),
            };
            if stages.len() == config.max_codings {
                return Err(UnknownCoding);
            }
            stages.push(decoders.take(coding).ok_or(UnknownCoding)?);
        }
        let (ratio, bytes) = (config.max_expansion, config.max_decoded);
        Ok((!stages.is_empty()).then(|| Chain {
            stages,
            held: Vec::new(),
            taken: 0,
            given: 0,
            verdict: Verdict::Fine,
            plain: false,
            ratio,
            bytes,
        }))
    }
    /// Decodes the next bytes, giving what comes out to `out` in pieces.
    pub(crate) fn push(&mut self, input: &[u8], decoders: &mut Decoders, out: &mut dyn FnMut(&[u8])) {
        if self.plain {
            return out(input);
        }
        if self.verdict != Verdict::Fine {
            return;
        }
        self.taken += input.len() as u64;
        let limit = self.bytes.min(FREE.max(self.taken.saturating_mul(self.ratio)));
        let given = &mut self.given;
        let chunks = decoders.chunks(self.stages.len());
        let result = run(&mut self.stages, chunks, input, &mut |chunk| {
            let room = limit.saturating_sub(*given);
            let n = chunk.len().min(usize::try_from(room).unwrap_or(usize::MAX));
            *given += n as u64;
            out(&chunk[..n]);
            if n < chunk.len() { Flow::Stop } else { Flow::On }
        });
        match result {
            Ok(Flow::On) => {}
            Ok(Flow::Stop) => self.verdict = Verdict::Limited,
            Err(Broken) => {
                self.verdict = Verdict::Broken;
                // Nothing came out: most likely it was never coded, and the bytes are read as they are.
                let all = self.held.len() + input.len();
                if self.given == 0 && self.taken == all as u64 && all <= MAX_HELD {
                    self.plain = true;
                    out(&self.held);
                    out(input);
                }
            }
        }
        if self.given > 0 || self.plain {
            self.held = Vec::new();
        } else {
            self.held.extend_from_slice(&input[..input.len().min(MAX_HELD - self.held.len())]);
        }
    }
    /// Gives the decoders back.
    pub(crate) fn put_back(self, decoders: &mut Decoders) {
        self.stages.into_iter().for_each(|s| decoders.put(s));
    }
    /// How it went, once no more bytes come; `whole` where the body was not cut.
    pub(crate) fn finish(&self, whole: bool) -> Verdict {
        let cut = whole && self.taken > 0 && !self.stages.iter().all(|s| s.is_finished());
        if self.verdict == Verdict::Fine && cut { Verdict::Broken } else { self.verdict }
    }
}

/// A coding that is not read, or more codings than the bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct UnknownCoding;

fn run(
    stages: &mut [Box<dyn Decode>],
    chunks: &mut [Vec<u8>],
    input: &[u8],
    out: &mut dyn FnMut(&[u8]) -> Flow,
) -> Result<Flow, Broken> {
    let (Some((first, rest)), Some((chunk, chunks))) = (stages.split_first_mut(), chunks.split_first_mut())
    else {
        return Ok(out(input));
    };
    if rest.is_empty() {
        return first.push(input, chunk, out);
    }
    let mut inner = Ok(Flow::On);
    let outer = first.push(input, chunk, &mut |chunk| {
        inner = run(rest, chunks, chunk, out);
        if inner == Ok(Flow::On) { Flow::On } else { Flow::Stop }
    });
    // What the inner stage met first is what stopped the outer one.
    inner.and_then(|flow| if flow == Flow::Stop { Ok(flow) } else { outer })
}
