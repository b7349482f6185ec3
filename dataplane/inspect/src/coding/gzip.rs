//! `gzip` (RFC 1952): several members, garbage behind the last one tolerated.

use super::deflate::Inflate;
use super::{Broken, Decode, Flow};

/// Longest member header that is read: ten bytes, and names and comments.
const MAX_HEADER: usize = 64 * 1024;
/// Checksum and size behind each member. They are not verified: a body with a wrong checksum was still delivered.
const TRAILER: usize = 8;

enum State {
    Header(Vec<u8>),
    Body(Inflate),
    Trailer(usize),
    /// Behind the last member: zeros or garbage.
    Over,
}

/// Decoder of a gzip body.
pub(crate) struct Gzip {
    state: State,
    members: u32,
}

impl Default for Gzip {
    fn default() -> Self {
        Gzip { state: State::Header(Vec::new()), members: 0 }
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
    fn push(&mut self, mut input: &[u8], out: &mut dyn FnMut(&[u8]) -> Flow) -> Result<Flow, Broken> {
        while !input.is_empty() {
            match &mut self.state {
                State::Header(held) => {
                    let before = held.len();
                    held.extend_from_slice(&input[..input.len().min(MAX_HEADER)]);
                    match header(held) {
                        Ok(Some(len)) => {
                            input = &input[len - before..];
                            self.state = State::Body(Inflate::new(false));
                        }
                        Ok(None) if held.len() < MAX_HEADER => return Ok(Flow::On),
                        _ if self.members > 0 => self.state = State::Over,
                        _ => return Err(Broken),
                    }
                }
                State::Body(inflate) => {
                    let (taken, flow) = inflate.run(input, out)?;
                    if flow == Flow::Stop {
                        return Ok(flow);
                    }
                    input = &input[taken..];
                    if inflate.finished() {
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
                        self.state = State::Header(Vec::new());
                    }
                }
                State::Over => return Ok(Flow::On),
            }
        }
        Ok(Flow::On)
    }
    fn is_finished(&self) -> bool {
        self.members > 0 && !matches!(self.state, State::Body(_))
    }
}
