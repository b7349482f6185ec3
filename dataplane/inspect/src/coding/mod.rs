//! Content codings (RFC 9110, 8.4.1): streaming decoders, stacked, bounded, used again and again.

mod brotli;
mod chain;
mod deflate;
mod gzip;
mod spare;
mod zstandard;

pub(crate) use chain::{Chain, Verdict};
pub(crate) use deflate::Inflate;
pub(crate) use gzip::Gzip;
pub(crate) use spare::Decoders;

/// Bytes a decoder gives at a time.
const CHUNK: usize = 32 * 1024;

/// A coding that is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Coding {
    /// `gzip` (RFC 1952).
    Gzip,
    /// `deflate` (RFC 1950, 1951).
    Deflate,
    /// `br` (RFC 7932).
    Brotli,
    /// `zstd` (RFC 8878).
    Zstandard,
}

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
    /// Which coding it reads.
    fn coding(&self) -> Coding;
    /// Decodes the next `input` by way of `chunk`, giving what comes out to `out` in pieces.
    fn push(
        &mut self,
        input: &[u8],
        chunk: &mut [u8],
        out: &mut dyn FnMut(&[u8]) -> Flow,
    ) -> Result<Flow, Broken>;
    /// Whether the coded data came to its end: a body that ends earlier is broken.
    fn is_finished(&self) -> bool;
    /// Makes it ready for another body. `false` where it cannot be used again.
    fn reset(&mut self) -> bool;
}
