//! `gzip` (RFC 1952): several members, garbage behind the last one tolerated.

use super::deflate::Inflate;
use super::{Broken, Coding, Decode, Flow};

/// Longest member header that is read: ten bytes, and names and comments.
const MAX_HEADER: usize = 64 * 1024;
/// Checksum and size behind each member. They are not verified: a body with a wrong checksum was still delivered.
const TRAILER: usize = 8;

enum State {
    Header,
    Body,
    Trailer(usize),
    /// Behind the last member: zeros or garbage.
    Over,
}

/// Decoder of a gzip body.
pub(crate) struct Gzip {
    state: State,
    /// A header that is not there yet as a whole.
    held: Vec<u8>,
    inflate: Inflate,
    members: u32,
}

impl Default for Gzip {
    fn default() -> Self {
        Gzip { state: State::Header, held: Vec::new(), inflate: Inflate::new(false), members: 0 }
    }
}

/// Length of the member header at the start of `bytes`; `None` while it is incomplete.
fn header(bytes: &[u8]) -> Result<Option<usize>, Broken> {
    let magic = [0x1f, 0x8b, 8];
    if !magic.starts_with(&bytes[..bytes.len().min(3)]) {
        return Err(Broken);
    }
    let Some(flags) = bytes.get(3).copied() else { return Ok(None) };
    let mut at = 10;
    if flags & 4 != 0 {
        let Some(len) = bytes.get(at..at + 2) else { return Ok(None) };
        at += 2 + usize::from(u16::from_le_bytes([len[0], len[1]]));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            let Some(n) = bytes.get(at..).and_then(|b| memchr::memchr(0, b)) else { return Ok(None) };
            at += n + 1;
        }
    }
    at += if flags & 2 != 0 { 2 } else { 0 };
    Ok((bytes.len() >= at).then_some(at))
}

impl Decode for Gzip {
    fn coding(&self) -> Coding {
        Coding::Gzip
    }
    fn push(
        &mut self,
        mut input: &[u8],
        chunk: &mut [u8],
        out: &mut dyn FnMut(&[u8]) -> Flow,
    ) -> Result<Flow, Broken> {
        while !input.is_empty() {
            match &mut self.state {
                State::Header => match self.header(input)? {
                    Some(used) => input = &input[used..],
                    None => return Ok(Flow::On),
                },
                State::Body => {
                    let (taken, flow) = self.inflate.run(input, chunk, out)?;
                    if flow == Flow::Stop {
                        return Ok(flow);
                    }
                    input = &input[taken..];
                    if self.inflate.finished() {
                        self.members += 1;
                        self.state = State::Trailer(TRAILER);
                    } else if taken == 0 {
                        return Err(Broken);
                    }
                }
                State::Trailer(left) => {
                    let n = input.len().min(*left);
                    input = &input[n..];
                    *left -= n;
                    if *left == 0 {
                        self.state = State::Header;
                    }
                }
                State::Over => return Ok(Flow::On),
            }
        }
        Ok(Flow::On)
    }
    fn is_finished(&self) -> bool {
        self.members > 0 && !matches!(self.state, State::Body)
    }
    fn reset(&mut self) -> bool {
        self.held.clear();
        (self.state, self.members) = (State::Header, 0);
        true
    }
}

impl Gzip {
    /// Reads a member header, in place where it is there as a whole; returns the bytes of `input` taken, `None` for more.
    fn header(&mut self, input: &[u8]) -> Result<Option<usize>, Broken> {
        let before = self.held.len();
        let joined = if before == 0 {
            input
        } else {
            self.held.extend_from_slice(&input[..input.len().min(MAX_HEADER)]);
            &self.held
        };
        match header(joined) {
            Ok(Some(len)) => {
                self.held.clear();
                self.inflate.reset(false);
                self.state = State::Body;
                Ok(Some(len - before))
            }
            Ok(None) if joined.len() < MAX_HEADER => {
                if before == 0 {
                    self.held.extend_from_slice(input);
                }
                Ok(None)
            }
            _ if self.members > 0 => {
                self.state = State::Over;
                Ok(None)
            }
            _ => Err(Broken),
        }
    }
}
