//! `zstd` (RFC 8878).

use super::{Broken, Coding, Decode, Flow};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

/// Largest window taken: 2^23 bytes, which RFC 9659 demands for content codings.
const WINDOW_LOG: u32 = 23;

/// Decoder of a zstd body of one or more frames.
pub(crate) struct Zstandard {
    inner: Decoder<'static>,
    finished: bool,
}

impl Zstandard {
    /// `None` where the library has no memory for it.
    pub(crate) fn new() -> Option<Self> {
        let mut inner = Decoder::new().ok()?;
        inner.set_parameter(DParameter::WindowLogMax(WINDOW_LOG)).ok()?;
        Some(Zstandard { inner, finished: false })
    }
}

impl Decode for Zstandard {
    fn coding(&self) -> Coding {
        Coding::Zstandard
    }
    fn push(
        &mut self,
        input: &[u8],
        chunk: &mut [u8],
        out: &mut dyn FnMut(&[u8]) -> Flow,
    ) -> Result<Flow, Broken> {
        let mut source = InBuffer::around(input);
        loop {
            let before = source.pos();
            let mut target = OutBuffer::around(&mut *chunk);
            let hint = match self.inner.run(&mut source, &mut target) {
                Ok(hint) => hint,
                // Garbage behind a whole frame is tolerated as with gzip.
                Err(_) if self.finished => return Ok(Flow::On),
                Err(_) => return Err(Broken),
            };
            let given = target.pos();
            // Padding between frames yields nothing and must not unfinish the last one.
            if given > 0 || hint == 0 {
                self.finished = hint == 0;
            }
            if given > 0 && out(&chunk[..given]) == Flow::Stop {
                return Ok(Flow::Stop);
            }
            let full = given == chunk.len();
            if !full && (source.pos() == input.len() || source.pos() == before) {
                return Ok(Flow::On);
            }
        }
    }
    fn is_finished(&self) -> bool {
        self.finished
    }
    fn reset(&mut self) -> bool {
        self.finished = false;
        self.inner.reinit().is_ok()
    }
}
