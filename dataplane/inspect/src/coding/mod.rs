//! Content codings (RFC 9110, 8.4.1): streaming decoders, stacked, bounded.

mod brotli;
mod chain;
mod deflate;
mod gzip;
mod zstandard;

pub(crate) use chain::{Chain, Verdict};

/// Bytes a decoder gives at a time.
const CHUNK: usize = 16 * 1024;

/// The bytes are not what the coding says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Broken;

/// Whether a decoder's output was taken and more is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flow {
    /// Go on.
    On,
    /// Stop: a limit was passed.
    Stop,
}

/// One streaming decoder.
pub(crate) trait Decode: Send {
    /// Decodes the next `input`, giving what comes out to `out` in pieces.
    fn push(&mut self, input: &[u8], out: &mut dyn FnMut(&[u8]) -> Flow) -> Result<Flow, Broken>;
    /// Whether the coded data came to its end: a body that ends earlier is broken.
    fn is_finished(&self) -> bool;
}
