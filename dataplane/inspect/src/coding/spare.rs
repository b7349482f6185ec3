//! Decoders between bodies: making one costs more than decoding a usual body.

use super::brotli::Brotli;
use super::deflate::Deflate;
use super::gzip::Gzip;
use super::zstandard::Zstandard;
use super::{CHUNK, Coding, Decode};

/// Most decoders kept. Each holds a window of 32 KiB to 8 MiB, by its coding and what it read.
const MAX: usize = 32;

/// Decoders not in use, and the memory they decode by way of. One a lane.
#[derive(Default)]
pub(crate) struct Decoders {
    spare: Vec<Box<dyn Decode>>,
    /// One for each decoder of a stack.
    chunks: Vec<Vec<u8>>,
}

impl Decoders {
    /// A decoder at the beginning of a body; `None` where the library has no memory for it.
    pub(super) fn take(&mut self, coding: Coding) -> Option<Box<dyn Decode>> {
        if let Some(at) = self.spare.iter().rposition(|d| d.coding() == coding) {
            return Some(self.spare.swap_remove(at));
        }
        Some(match coding {
            Coding::Gzip => Box::new(Gzip::default()),
            Coding::Deflate => Box::new(Deflate::default()),
            Coding::Brotli => Box::new(Brotli::default()),
            Coding::Zstandard => Box::new(Zstandard::new()?),
        })
    }
    /// Takes a decoder back.
    pub(super) fn put(&mut self, mut decoder: Box<dyn Decode>) {
        if self.spare.len() < MAX && decoder.reset() {
            self.spare.push(decoder);
        }
    }
    /// Memory for a stack of so many decoders.
    pub(super) fn chunks(&mut self, stages: usize) -> &mut [Vec<u8>] {
        while self.chunks.len() < stages {
            self.chunks.push(vec![0; CHUNK]);
        }
        &mut self.chunks[..stages]
    }
}
