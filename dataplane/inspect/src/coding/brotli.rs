//! `br` (RFC 7932).

use super::{Broken, Coding, Decode, Flow};
use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, HuffmanCode, StandardAlloc};

/// Decoder of a brotli body; its window is at most 16 MiB, as the format bounds it.
pub(crate) struct Brotli {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
    finished: bool,
}

impl Default for Brotli {
    fn default() -> Self {
        let _: HuffmanCode = HuffmanCode::default();
        let state =
            BrotliState::new(StandardAlloc::default(), StandardAlloc::default(), StandardAlloc::default());
        Brotli { state: Box::new(state), finished: false }
    }
}

impl Decode for Brotli {
    fn coding(&self) -> Coding {
        Coding::Brotli
    }
    fn push(
        &mut self,
        input: &[u8],
        chunk: &mut [u8],
        out: &mut dyn FnMut(&[u8]) -> Flow,
    ) -> Result<Flow, Broken> {
        let (mut left, mut at, mut total) = (input.len(), 0, 0);
        while !self.finished {
            let (mut room, mut given) = (chunk.len(), 0);
            let result = BrotliDecompressStream(
                &mut left,
                &mut at,
                input,
                &mut room,
                &mut given,
                chunk,
                &mut total,
                &mut self.state,
            );
            if given > 0 && out(&chunk[..given]) == Flow::Stop {
                return Ok(Flow::Stop);
            }
            match result {
                BrotliResult::ResultSuccess => self.finished = true,
                BrotliResult::NeedsMoreInput => break,
                BrotliResult::NeedsMoreOutput => {}
                BrotliResult::ResultFailure => return Err(Broken),
            }
        }
        Ok(Flow::On)
    }
    fn is_finished(&self) -> bool {
        self.finished
    }
    /// The library has no way to begin anew.
    fn reset(&mut self) -> bool {
        false
    }
}
