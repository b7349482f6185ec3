//! The chunked transfer coding (RFC 9112, 7.1), read in any segmentation.

use super::head_end::HeadEnd;
use memchr::memchr;

/// Longest size line and longest trailer section, in bytes.
const MAX_FRAMING: u32 = 64 * 1024;
/// Sizes from here on are taken for broken framing.
const MAX_SIZE: u64 = 1 << 48;

/// Where in a chunked body reading stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Chunks {
    state: State,
    /// Bytes of the current size line or trailer section so far.
    framing: u32,
    /// Whether a line ended by LF alone was met.
    pub bare_lf: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Hexadecimal digits; `digits` of them so far.
    Size { size: u64, digits: u8 },
    /// Whitespace or extensions up to LF; `cr` if the byte before was CR.
    Extension { size: u64, cr: bool },
    /// So many bytes of data are due.
    Data(u64),
    /// CRLF behind the data; `cr` if CR was seen.
    DataEnd { cr: bool },
    /// Trailer fields up to an empty line.
    Trailer(HeadEnd),
}

/// What the next bytes are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// So many bytes of framing.
    Framing(usize),
    /// So many bytes of data.
    Data(usize),
    /// So many bytes of framing, and the body ends behind them.
    Last(usize),
    /// This is no chunk: nothing was taken.
    Broken,
}

impl Chunks {
    /// Before the first size line.
    pub const fn new() -> Self {
        Chunks { state: State::Size { size: 0, digits: 0 }, framing: 0, bare_lf: false }
    }
    /// Whether the last chunk was seen, so that only trailers are missing.
    pub const fn in_trailer(&self) -> bool {
        matches!(self.state, State::Trailer(_))
    }
    /// Takes a gap of `len` bytes where it falls into the data of one chunk; `false` where framing was lost with it.
    pub fn skip(&mut self, len: u64) -> bool {
        match self.state {
            State::Data(n) if len <= n => {
                self.state = after_data(n - len);
                true
            }
            _ => false,
        }
    }
    /// Reads the front of `bytes`, which are not empty.
    pub fn step(&mut self, bytes: &[u8]) -> Step {
        match self.state {
            State::Size { size, digits } => self.size(size, digits, bytes),
            State::Extension { size, cr } => self.extension(size, cr, bytes),
            State::Data(n) => {
                let take = usize::try_from(n).unwrap_or(usize::MAX).min(bytes.len());
                self.state = after_data(n - take as u64);
                Step::Data(take)
            }
            State::DataEnd { cr } => self.data_end(cr, bytes[0]),
            State::Trailer(end) => self.trailer(end, bytes),
        }
    }

    fn size(&mut self, mut size: u64, mut digits: u8, bytes: &[u8]) -> Step {
        for (i, b) in bytes.iter().enumerate() {
            let Some(digit) = (*b as char).to_digit(16) else {
                // Blanks before the number and leading zeros are tolerated, as servers do.
                if digits == 0 && matches!(*b, b' ' | b'\t') && self.framing < 16 {
                    self.framing += 1;
                    continue;
                }
                if digits == 0 || !matches!(*b, b' ' | b'\t' | b';' | b'\r' | b'\n') {
                    return Step::Broken;
                }
                self.state = State::Extension { size, cr: false };
                return if i == 0 { self.step(bytes) } else { Step::Framing(i) };
            };
            size = size << 4 | u64::from(digit);
            digits = digits.saturating_add(1);
            if size >= MAX_SIZE || digits > 64 {
                return Step::Broken;
            }
        }
        self.state = State::Size { size, digits };
        Step::Framing(bytes.len())
    }

    fn extension(&mut self, size: u64, cr: bool, bytes: &[u8]) -> Step {
        let Some(lf) = memchr(b'\n', bytes) else {
            self.framing = self.framing.saturating_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
            if self.framing > MAX_FRAMING {
                return Step::Broken;
            }
            self.state = State::Extension { size, cr: bytes.ends_with(b"\r") };
            return Step::Framing(bytes.len());
        };
        self.bare_lf |= if lf == 0 { !cr } else { bytes[lf - 1] != b'\r' };
        self.framing = 0;
        self.state = if size == 0 { State::Trailer(HeadEnd::new()) } else { State::Data(size) };
        Step::Framing(lf + 1)
    }

    fn data_end(&mut self, cr: bool, byte: u8) -> Step {
        match byte {
            b'\r' if !cr => self.state = State::DataEnd { cr: true },
            b'\n' => {
                self.bare_lf |= !cr;
                self.state = State::Size { size: 0, digits: 0 };
            }
            _ => return Step::Broken,
        }
        Step::Framing(1)
    }

    fn trailer(&mut self, mut end: HeadEnd, bytes: &[u8]) -> Step {
        if let Some(n) = end.scan(bytes) {
            self.bare_lf |= end.bare_lf;
            return Step::Last(n);
        }
        self.framing = self.framing.saturating_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        if self.framing > MAX_FRAMING {
            return Step::Broken;
        }
        self.state = State::Trailer(end);
        Step::Framing(bytes.len())
    }
}

fn after_data(left: u64) -> State {
    if left == 0 { State::DataEnd { cr: false } } else { State::Data(left) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    /// Data, bytes left behind the end, and whether it ended well.
    fn read(bytes: &[u8], piece: usize) -> (Vec<u8>, usize, Option<bool>) {
        let (mut chunks, mut data, mut at) = (Chunks::new(), Vec::new(), 0);
        while at < bytes.len() {
            let part = &bytes[at..(at + piece).min(bytes.len())];
            at += match chunks.step(part) {
                Step::Framing(n) => n,
                Step::Data(n) => {
                    data.extend_from_slice(&part[..n]);
                    n
                }
                Step::Last(n) => return (data, bytes.len() - at - n, Some(true)),
                Step::Broken => return (data, bytes.len() - at, Some(false)),
            };
        }
        (data, 0, None)
    }

    #[test]
    fn any_segmentation() {
        let body = b"4;ext=\"v\"\r\nWiki\r\n0005 \r\npedia\r\nB\n in chunks\n\r\n0\r\nTrailer: x\r\n\r\nNEXT";
        for piece in 1..body.len() {
            let (data, left, end) = read(body, piece);
            assert_eq!((left, end), (4, Some(true)), "{piece}");
            assert_eq!(data, b"Wikipedia in chunks\n", "{piece}");
        }
    }

    #[test]
    fn broken_framing() {
        assert_eq!(read(b"zz\r\n", 99).2, Some(false));
        assert_eq!(read(b"3\r\nabcd\r\n", 99), (b"abc".to_vec(), 3, Some(false)));
        assert_eq!(read(b"ffffffffffffffff\r\n", 99).2, Some(false));
        assert_eq!(read(b"3\r\nab", 1), (b"ab".to_vec(), 0, None));
    }

    #[test]
    fn gaps_inside_one_chunk_are_survived() {
        let mut c = Chunks::new();
        assert_eq!(c.step(b"a\r\n"), Step::Framing(1));
        assert_eq!(c.step(b"\r\n"), Step::Framing(2));
        assert!(c.skip(4));
        assert!(!c.skip(7));
        assert!(c.skip(6));
        assert_eq!(c.step(b"\r\n"), Step::Framing(1));
    }
}
