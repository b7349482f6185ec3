//! `multipart/*` (RFC 2046, 5.1; RFC 7578): parts with names; each is read as a document of its own.

use super::{Fields, PartPiece, Structure, readable};
use crate::facts::kind::{self, parameter};
use memchr::memmem;
use weir_exchange::MediaKind;

/// Longest head of a part.
const MAX_HEAD: usize = 16 * 1024;
/// Longest name kept of a part.
const MAX_NAME: usize = 128;
/// Longest boundary (RFC 2046, 5.1.1), with some room.
const MAX_BOUNDARY: usize = 128;

/// Parser of parts.
pub(crate) struct Multipart {
    /// `--` and the boundary; empty until the first line has told it.
    delimiter: Vec<u8>,
    state: State,
    parts: u32,
}

enum State {
    Preamble,
    Head,
    Part { name: Box<str>, inner: Box<Structure> },
    Closed,
}

/// The boundary of a content type.
pub(crate) fn boundary(content_type: &[u8]) -> Option<&[u8]> {
    parameter(content_type, b"boundary").filter(|b| !b.is_empty() && b.len() <= MAX_BOUNDARY)
}

impl Multipart {
    /// With the boundary of the content type; without one, the first line tells it.
    pub(crate) fn new(boundary: Option<&[u8]>) -> Self {
        let delimiter = boundary.map(|b| [b"--", b].concat()).unwrap_or_default();
        Multipart { delimiter, state: State::Preamble, parts: 0 }
    }
    /// Takes parts or stretches of them; see [`Structure::parse`].
    pub(crate) fn parse(&mut self, text: &[u8], last: bool, full: bool, out: &mut dyn Fields) -> usize {
        let mut at = 0;
        if self.delimiter.is_empty() {
            let Some(end) = memchr::memchr(b'\n', text) else {
                return if last || full { text.len() } else { 0 };
            };
            let line = text[..end].trim_ascii();
            if line.starts_with(b"--") && line.len() <= MAX_BOUNDARY {
                self.delimiter = line.to_vec();
            } else {
                return end + 1;
            }
        }
        loop {
            let before = at;
            let go_on = match &mut self.state {
                State::Preamble => self.preamble(text, &mut at, last, full),
                State::Head => self.head(text, &mut at, last, full && before == 0, out),
                State::Part { .. } => self.part(text, &mut at, last, full && before == 0, out),
                State::Closed => {
                    at = text.len();
                    false
                }
            };
            if !go_on {
                return if last { text.len() } else { at };
            }
        }
    }
    fn preamble(&mut self, text: &[u8], at: &mut usize, last: bool, full: bool) -> bool {
        match memmem::find(&text[*at..], &self.delimiter) {
            Some(n) => {
                *at += n + self.delimiter.len();
                self.state = State::Head;
                true
            }
            None => {
                if last || full {
                    // The delimiter may begin in the last bytes.
                    *at = text.len().saturating_sub(self.delimiter.len()).max(*at + 1).min(text.len());
                }
                false
            }
        }
    }
    fn head(&mut self, text: &[u8], at: &mut usize, last: bool, full: bool, out: &mut dyn Fields) -> bool {
        let rest = &text[*at..];
        if rest.len() < 4 && !last {
            return false;
        }
        if rest.starts_with(b"--") {
            self.state = State::Closed;
            return true;
        }
        // The head begins behind the delimiter's line; where there are no fields, an empty line follows at once.
        let end =
            [&b"\r\n\r\n"[..], b"\n\n"].iter().filter_map(|m| Some((memmem::find(rest, m)?, m.len()))).min();
        let Some((n, len)) = end else {
            if rest.len() > MAX_HEAD || full {
                self.state = State::Preamble;
                *at += 1;
                return true;
            }
            return false;
        };
        // What follows the part says nothing of it.
        let start = &rest[n + len..];
        let delimiter = memmem::find(start, &self.delimiter);
        if delimiter.is_none() && start.len() < kind::LOOK && !last && !full {
            // The head comes again in front of the next window.
            return false;
        }
        let start = &start[..delimiter.unwrap_or(start.len())];
        let (mut name, mut media) = ("", &b""[..]);
        for line in rest[..n].split(|b| *b == b'\n') {
            let Some(colon) = memchr::memchr(b':', line) else { continue };
            let value = line[colon + 1..].trim_ascii();
            if line[..colon].eq_ignore_ascii_case(b"content-disposition") {
                name = parameter(value, b"name").map(readable).unwrap_or_default();
                if let Some(file) = kind::file_name(value) {
                    out.file_name(&file);
                }
            } else if line[..colon].eq_ignore_ascii_case(b"content-type") {
                media = value;
            }
        }
        *at += n + len;
        let inner = match kind::choose(kind::declared(media), start) {
            // Nothing to tell it by.
            _ if media.is_empty() && start.is_empty() => Structure::datum(name),
            // A part without a type is one datum.
            MediaKind::Text | MediaKind::None if media.is_empty() => Structure::datum(name),
            k => Structure::for_kind(k, boundary(media)),
        };
        let name: String = name.chars().take(MAX_NAME).collect();
        self.state = State::Part { name: name.into(), inner: Box::new(inner) };
        self.parts = self.parts.saturating_add(1);
        true
    }
    fn part(&mut self, text: &[u8], at: &mut usize, last: bool, full: bool, out: &mut dyn Fields) -> bool {
        let State::Part { name, inner } = &mut self.state else { return false };
        let rest = &text[*at..];
        let found = memmem::find(rest, &self.delimiter);
        let (mut stop, ends) = match found {
            Some(n) => (n, true),
            None if last => (rest.len(), true),
            // The delimiter, and the line end before it, may begin in the last bytes.
            None if full => (rest.len().saturating_sub(self.delimiter.len() + 2).max(1), false),
            None => return false,
        };
        let end = stop;
        if found.is_some() {
            stop -= usize::from(rest[..stop].ends_with(b"\n"));
            stop -= usize::from(rest[..stop].ends_with(b"\r"));
        }
        let piece = PartPiece { name, span: *at..*at + stop, last: ends, full: !ends };
        let taken = out.part(inner, piece);
        if !ends {
            *at += taken;
            return false;
        }
        *at += end;
        if found.is_none() {
            self.state = State::Closed;
            return false;
        }
        *at += self.delimiter.len();
        self.state = State::Head;
        true
    }
    /// Whether there was no part at all.
    pub(crate) fn is_broken(&self) -> bool {
        self.parts == 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{SHORT, feed, fields};
    use super::super::*;

    const BODY: &str = "--b\r\nContent-Disposition: form-data; name=\"phone\"\r\n\r\n138\r\n--b\r\n\
        Content-Disposition: form-data; name=\"f\"; filename=\"a.json\"\r\nContent-Type: application/json\r\n\r\n\
        {\"x\":[1]}\r\n--b--\r\n";

    #[test]
    fn reads_parts() {
        let with = |b: Option<&[u8]>| Structure::for_kind(MediaKind::Multipart, b);
        assert_eq!(fields(with(Some(b"b")), BODY), ["phone/=138", "f/x[]=1"]);
        assert_eq!(fields(with(None), BODY), ["phone/=138", "f/x[]=1"]);
        assert_eq!(boundary(b"multipart/form-data; boundary=\"a b\""), Some(&b"a b"[..]));
    }

    #[test]
    fn reads_long_parts() {
        let rows: String = (0..9000).map(|i| format!("{i},v{i}\r\n")).collect();
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"f\"\r\nContent-Type: text/csv\r\n\r\nn,v\r\n{rows}\r\n--b\r\n\
             Content-Disposition: form-data; name=\"p\"\r\n\r\n1\r\n--b--"
        );
        let all = |w| feed(Structure::for_kind(MediaKind::Multipart, Some(b"b")), body.as_bytes(), w).0;
        assert_eq!(all(SHORT).len(), 18001);
        assert_eq!(all(SHORT), all(1 << 20));
    }
}
