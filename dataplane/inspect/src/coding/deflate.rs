//! `deflate`: zlib (RFC 1950) as the standard has it, and raw DEFLATE (RFC 1951) as some servers send it.

use super::{Broken, Coding, Decode, Flow};
use flate2::{Decompress, FlushDecompress, Status};

/// Decoder of one DEFLATE stream.
pub(crate) struct Inflate {
    state: Decompress,
    finished: bool,
}

impl Inflate {
    /// Of a raw stream, or with a zlib header.
    pub(crate) fn new(zlib: bool) -> Self {
        Inflate { state: Decompress::new(zlib), finished: false }
    }
    /// Decodes from `input` up to the end of the stream; returns the bytes taken.
    pub(crate) fn run(
        &mut self,
        input: &[u8],
        chunk: &mut [u8],
        out: &mut dyn FnMut(&[u8]) -> Flow,
    ) -> Result<(usize, Flow), Broken> {
        let mut at = 0;
        while !self.finished {
            let (read, wrote) = (self.state.total_in(), self.state.total_out());
            let result = self.state.decompress(&input[at..], chunk, FlushDecompress::None);
            at += (self.state.total_in() - read) as usize;
            let given = (self.state.total_out() - wrote) as usize;
            if given > 0 && out(&chunk[..given]) == Flow::Stop {
                return Ok((at, Flow::Stop));
            }
            match result {
                Ok(Status::StreamEnd) => self.finished = true,
                Ok(_) if given == chunk.len() => {}
                Ok(_) if at == input.len() || given == 0 => break,
                Ok(_) => {}
                Err(_) => return Err(Broken),
            }
        }
        Ok((at, Flow::On))
    }
    /// Makes it ready for another stream, raw or with a zlib header.
    pub(crate) fn reset(&mut self, zlib: bool) {
        self.state.reset(zlib);
        self.finished = false;
    }
    /// Whether the stream came to its end.
    pub(crate) fn finished(&self) -> bool {
        self.finished
    }
}

/// `deflate`, of either kind, told apart by its first two bytes.
#[derive(Default)]
pub(crate) struct Deflate {
    first: Option<u8>,
    /// Its kind is known.
    begun: bool,
    inner: Option<Inflate>,
}

impl Decode for Deflate {
    fn coding(&self) -> Coding {
        Coding::Deflate
    }
    fn push(
        &mut self,
        mut input: &[u8],
        chunk: &mut [u8],
        out: &mut dyn FnMut(&[u8]) -> Flow,
    ) -> Result<Flow, Broken> {
        if !self.begun {
            let first = match (self.first, input) {
                (None, []) => return Ok(Flow::On),
                (None, [b]) => {
                    self.first = Some(*b);
                    return Ok(Flow::On);
                }
                (None, [b, ..]) => {
                    let b = *b;
                    input = &input[1..];
                    b
                }
                (Some(b), _) => b,
            };
            let Some(second) = input.first() else { return Ok(Flow::On) };
            // RFC 1950, 2.2: method 8, and the two bytes a multiple of 31.
            let zlib = first & 0x0f == 8 && (u16::from(first) << 8 | u16::from(*second)) % 31 == 0;
            self.begun = true;
            let inner = self.inner.get_or_insert_with(|| Inflate::new(zlib));
            inner.reset(zlib);
            let (_, flow) = inner.run(&[first], chunk, out)?;
            if flow == Flow::Stop {
                return Ok(flow);
            }
        }
        match &mut self.inner {
            // What follows the end of the stream is padding.
            Some(inner) => inner.run(input, chunk, out).map(|(_, flow)| flow),
            None => Ok(Flow::On),
        }
    }
    fn is_finished(&self) -> bool {
        self.begun && self.inner.as_ref().is_some_and(Inflate::finished)
    }
    fn reset(&mut self) -> bool {
        (self.first, self.begun) = (None, false);
        true
    }
}
