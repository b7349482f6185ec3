//! Heads: start line and field lines.
//!
//! A head that follows the rules is read by `httparse`. One that it refuses is read line by line, as tolerantly as servers
//! and browsers do, and what was irregular is noted. Both see exactly the bytes up to and including the empty line.

use super::facts::Facts;
use super::token::{RequestLine, is_token, request_line, status_line, trim};
use crate::Header;
use memchr::memchr;
use smallvec::SmallVec;
use std::mem::MaybeUninit;
use weir_exchange::{Anomalies, Anomaly};

/// Most fields of a head that are reported; framing is still read from those beyond.
pub(super) const MAX_FIELDS: usize = 256;
/// Most fields on the fast path.
const FAST_FIELDS: usize = 96;

/// Fields of a head, in order.
pub(super) type Headers<'a> = SmallVec<[Header<'a>; 32]>;

/// A start line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Line<'a> {
    /// Of a request.
    Request(RequestLine<'a>),
    /// Of a response.
    Response { minor: u8, status: u16 },
}

/// A head read from `bytes`.
pub(super) struct Head<'a> {
    pub line: Line<'a>,
    pub headers: Headers<'a>,
    pub facts: Facts<'a>,
    pub noted: Anomalies,
}

/// Whether a head that begins with `bytes` is a response's.
pub(super) fn is_response(bytes: &[u8]) -> bool {
    bytes.get(..5).is_some_and(|b| b.eq_ignore_ascii_case(b"HTTP/"))
}

/// Reads a head. `whole` is false where its end is missing, so that absent fields mean nothing.
/// `None` where the start line is none of HTTP/1.
pub(super) fn parse(bytes: &[u8], whole: bool) -> Option<Head<'_>> {
    let mut head = match is_response(bytes) {
        true => fast_response(bytes),
        false => fast_request(bytes),
    }
    .or_else(|| tolerant(bytes))?;
    head.facts.finish(&mut head.noted);
    if let Line::Request(line) = head.line
        && (whole && line.minor > 0 && head.facts.host.is_none())
    {
        head.noted.insert(Anomaly::BadHost);
    }
    Some(head)
}

fn fast_request(bytes: &[u8]) -> Option<Head<'_>> {
    let mut slots = [const { MaybeUninit::uninit() }; FAST_FIELDS];
    let mut request = httparse::Request::new(&mut []);
    let done = request.parse_with_uninit_headers(bytes, &mut slots).ok()?;
    if done != httparse::Status::Complete(bytes.len()) {
        return None;
    }
    let (method, target) = (request.method?.as_bytes(), request.path?.as_bytes());
    let line = Line::Request(RequestLine { method, target, minor: request.version?, regular: true });
    Some(collect(line, request.headers))
}

fn fast_response(bytes: &[u8]) -> Option<Head<'_>> {
    let mut slots = [const { MaybeUninit::uninit() }; FAST_FIELDS];
    let mut response = httparse::Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    let done = config.parse_response_with_uninit_headers(&mut response, bytes, &mut slots).ok()?;
    if done != httparse::Status::Complete(bytes.len()) {
        return None;
    }
    let status = response.code.filter(|c| *c >= 100)?;
    Some(collect(Line::Response { minor: response.version?, status }, response.headers))
}

fn collect<'a>(line: Line<'a>, fields: &[httparse::Header<'a>]) -> Head<'a> {
    let mut head =
        Head { line, headers: Headers::new(), facts: Facts::default(), noted: Anomalies::default() };
    for f in fields {
        head.take(f.name.as_bytes(), f.value);
    }
    head
}

impl<'a> Head<'a> {
    fn take(&mut self, name: &'a [u8], value: &'a [u8]) {
        self.facts.field(name, value, &mut self.noted);
        if self.headers.len() < MAX_FIELDS {
            self.headers.push(Header { name, value });
        } else {
            self.noted.insert(Anomaly::HeadTooLong);
        }
    }

    /// Takes one field line with its folded continuation lines.
    fn take_line(&mut self, line: &'a [u8]) {
        let Some(colon) = memchr(b':', line).filter(|i| *i > 0) else {
            return self.noted.insert(Anomaly::BadHeader);
        };
        let (raw, value) = (&line[..colon], trim(&line[colon + 1..]));
        let name = trim(raw);
        if name.len() != raw.len() {
            self.noted.insert(Anomaly::SpaceBeforeColon);
        }
        if name.is_empty() || !name.iter().all(|b| is_token(*b)) {
            self.noted.insert(Anomaly::BadHeader);
        }
        self.take(name, value);
    }
}

/// Reads a head line by line.
fn tolerant(bytes: &[u8]) -> Option<Head<'_>> {
    let first = memchr(b'\n', bytes).map_or(bytes.len(), |i| i + 1);
    let line = match is_response(bytes) {
        true => status_line(&bytes[..first]).map(|(minor, status)| Line::Response { minor, status })?,
        false => Line::Request(request_line(&bytes[..first])?),
    };
    let mut head =
        Head { line, headers: Headers::new(), facts: Facts::default(), noted: Anomalies::default() };
    if matches!(line, Line::Request(RequestLine { regular: false, .. })) {
        head.noted.insert(Anomaly::BadRequestLine);
    }
    if trim(&bytes[..first]).iter().any(|b| is_control(*b)) {
        head.noted.insert(Anomaly::ControlInHead);
    }
    // A field may go on over several lines: it is known once the next line begins another.
    let (mut from, mut field) = (first, None::<(usize, usize)>);
    while from < bytes.len() {
        let to = memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |i| from + i + 1);
        let text = trim(&bytes[from..to]);
        if text.iter().any(|b| is_control(*b)) {
            head.noted.insert(Anomaly::ControlInHead);
        }
        let folded = matches!(bytes[from], b' ' | b'\t');
        match &mut field {
            _ if text.is_empty() && !folded => {}
            Some((_, end)) if folded => {
                head.noted.insert(Anomaly::FoldedHeader);
                *end = to;
            }
            None if folded => head.noted.insert(Anomaly::BadHeader),
            _ => {
                if let Some((start, end)) = field.replace((from, to)) {
                    head.take_line(&bytes[start..end]);
                }
            }
        }
        from = to;
    }
    if let Some((start, end)) = field {
        head.take_line(&bytes[start..end]);
    }
    Some(head)
}

const fn is_control(b: u8) -> bool {
    (b < 0x20 && b != b'\t') || b == 0x7f
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn read(bytes: &'static [u8]) -> (Vec<(String, String)>, Vec<Anomaly>) {
        let head = parse(bytes, true).expect("a head");
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        (head.headers.iter().map(|h| (text(h.name), text(h.value))).collect(), head.noted.iter().collect())
    }

    #[test]
    fn tolerates_what_servers_tolerate() {
        let (fields, noted) = read(
            b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: one\r\n two\r\nno colon here\r\nA : b\r\nC: \x01\r\n\r\n",
        );
        assert_eq!(fields[1], ("X-Long".into(), "one\r\n two".into()));
        assert_eq!(fields[2], ("A".into(), "b".into()));
        use Anomaly as A;
        assert_eq!(noted, [A::FoldedHeader, A::SpaceBeforeColon, A::BadHeader, A::ControlInHead]);
    }

    #[test]
    fn many_fields_are_bounded_but_framing_is_read() {
        let mut text = b"POST / HTTP/1.1\r\nHost: a\r\n".to_vec();
        (0..400).for_each(|i| text.extend_from_slice(format!("X{i}: y\r\n").as_bytes()));
        text.extend_from_slice(b"Content-Length: 7\r\n\r\n");
        let head = parse(&text, true).expect("a head");
        assert_eq!((head.headers.len(), head.facts.length), (MAX_FIELDS, Some(7)));
        assert!(head.noted.contains(Anomaly::HeadTooLong));
    }

    #[test]
    fn host_is_due_in_http11() {
        assert_eq!(read(b"GET / HTTP/1.1\r\n\r\n").1, [Anomaly::BadHost]);
        assert_eq!(read(b"GET / HTTP/1.0\r\n\r\n").1, []);
        assert_eq!(read(b"GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n").1, [Anomaly::BadHost]);
        assert!(parse(b"HTTP/1.1 nope\r\n\r\n", true).is_none());
    }
}
