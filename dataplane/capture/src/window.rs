//! A window over an input: large reads into one buffer that is used again and again.

use crate::input::Unpacked;
use std::io::{self, Read};

/// Bytes asked of the input at a time: half of what a second-level cache holds, so that frames are parsed where the read
/// left them (about 7 % less time a frame than by 1 MiB).
const READ: usize = 256 << 10;

/// The bytes read and not yet consumed.
pub(crate) struct Window {
    input: Unpacked,
    buf: Vec<u8>,
    start: usize,
    end: usize,
    /// Offset of `start` in the input, after decompression.
    offset: u64,
    /// Consumed bytes that have not been read yet (a large block passed over).
    debt: u64,
    ended: bool,
    failure: Option<io::Error>,
}

impl Window {
    pub(crate) fn new(input: Unpacked) -> Self {
        Window {
            input,
            buf: vec![0; READ],
            start: 0,
            end: 0,
            offset: 0,
            debt: 0,
            ended: false,
            failure: None,
        }
    }
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buf[self.start..self.end]
    }
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }
    pub(crate) fn position(&self) -> u64 {
        self.input.position()
    }
    /// Whether the input ended exactly where the last consumed unit did.
    pub(crate) fn exhausted(&self) -> bool {
        self.ended && self.debt == 0 && self.start == self.end
    }
    /// The read error that ended the input, once.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Whether the input is decompressed as it is read.
    pub(crate) fn is_packed(&self) -> bool {
        !matches!(self.input, Unpacked::Plain(_))
    }
    /// Lets an input that ended be read on, as it may have grown; `false` where it ended by an error.
    pub(crate) fn resume(&mut self) -> bool {
        self.ended = self.failure.is_some();
        !self.ended
    }

    /// Passes over `n` bytes, read or not.
    pub(crate) fn consume(&mut self, n: u64) {
        let held = (self.end - self.start) as u64;
        self.offset += n;
        if n <= held {
            self.start += n as usize;
        } else {
            self.start = self.end;
            self.debt += n - held;
        }
    }

    /// Reads until `n` bytes are in the window; `false` where the input ends before that.
    /// The caller bounds `n`: the buffer grows to hold it.
    pub(crate) fn fill(&mut self, n: usize) -> bool {
        while self.debt > 0 || self.end - self.start < n {
            if self.ended {
                return false;
            }
            self.make_room(n);
            match self.input.read(&mut self.buf[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(got) => {
                    self.end += got;
                    let paid = self.debt.min(got as u64);
                    self.start += paid as usize;
                    self.debt -= paid;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.ended = true;
                    self.failure = Some(e);
                }
            }
        }
        true
    }

    /// Moves what is left to the front, so that each read is large.
    fn make_room(&mut self, n: usize) {
        if self.start > 0 {
            self.buf.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.buf.len() < n {
            self.buf.resize(n, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Input;

    fn over(bytes: Vec<u8>) -> Window {
        Window::new(Input::Stream("t".into(), Box::new(io::Cursor::new(bytes))).open().unwrap())
    }

    #[test]
    fn fills_consumes_and_owes() {
        let bytes: Vec<u8> = (0..3_000_000u32).map(|i| i as u8).collect();
        let mut w = over(bytes.clone());
        assert!(w.fill(10));
        assert_eq!(w.bytes()[..10], bytes[..10]);
        w.consume(2_500_000);
        assert!(w.bytes().is_empty());
        assert!(w.fill(4));
        assert_eq!(w.bytes()[..4], bytes[2_500_000..2_500_004]);
        assert_eq!(w.offset(), 2_500_000);
        assert!(!w.fill(600_000), "only half a million are left");
        assert!(!w.exhausted());
        w.consume(500_000);
        assert!(w.exhausted());
    }

    #[test]
    fn an_end_inside_a_passed_block_is_no_clean_end() {
        let mut w = over(vec![0; 100]);
        w.consume(200);
        assert!(!w.fill(1));
        assert!(!w.exhausted());
    }
}
