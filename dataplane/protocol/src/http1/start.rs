//! Telling a message's beginning: where one is due, and anywhere in bytes picked up midway.

use super::token::{MAX_METHOD, begins_known, is_known, is_token, known_suffix, request_line, status_line};
use crate::{Found, Verdict};
use memchr::{memchr, memmem};

/// Longest start line waited for before it must have shown what it is.
pub(super) const MAX_LINE: usize = 16 * 1024;

/// What a direction carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// Requests.
    Requests,
    /// Responses.
    Responses,
}

/// Whether `bytes`, which stand where a message is due, begin one. `role` is what this direction carried so far.
/// The answer for a longer prefix of the same bytes never changes from `No`, and from `Yes` only where the line shows another protocol.
pub(super) fn begins(bytes: &[u8], role: Option<Role>) -> Verdict {
    let line = memchr(b'\n', bytes).map(|i| &bytes[..i]);
    let n = bytes.len().min(5);
    if bytes[..n].eq_ignore_ascii_case(&b"HTTP/"[..n]) {
        return match line {
            Some(line) => sure(status_line(line).is_some()),
            None if bytes.len() > 256 => sure(status_line(bytes).is_some()),
            None => Verdict::More,
        };
    }
    if role == Some(Role::Responses) {
        return Verdict::No;
    }
    let Some(end) = bytes.iter().take(MAX_METHOD + 1).position(|b| !is_token(*b)) else {
        return if bytes.len() > MAX_METHOD { Verdict::No } else { Verdict::More };
    };
    if end == 0 || !matches!(bytes[end], b' ' | b'\t') {
        return Verdict::No;
    }
    match line {
        Some(line) => sure(request_line(line).is_some()),
        None if is_known(&bytes[..end]) && matches!(bytes.get(end + 1), Some(b'/')) => Verdict::Yes,
        None if bytes.len() > MAX_LINE => Verdict::No,
        None => Verdict::More,
    }
}

fn sure(yes: bool) -> Verdict {
    if yes { Verdict::Yes } else { Verdict::No }
}

/// Whether `bytes` begin a status line `HTTP/1.x NNN`, judged as early as its 13 bytes allow.
pub(super) fn strict_status(bytes: &[u8]) -> Verdict {
    const PATTERN: &[u8; 13] = b"HTTP/1.0 000 ";
    for (i, (want, got)) in PATTERN.iter().zip(bytes).enumerate() {
        let fits = match want {
            b'0' => got.is_ascii_digit(),
            b' ' if i == 12 => matches!(got, b' ' | b'\r' | b'\n'),
            _ => want == got,
        };
        if !fits {
            return Verdict::No;
        }
    }
    if bytes.len() < PATTERN.len() { Verdict::More } else { Verdict::Yes }
}

/// Whether `bytes` begin a request line with a known method, judged by method and first byte of the target.
pub(super) fn strict_request(bytes: &[u8]) -> Verdict {
    let Some(end) = bytes.iter().take(MAX_METHOD).position(|b| *b == b' ') else {
        return if begins_known(bytes) { Verdict::More } else { Verdict::No };
    };
    if !is_known(&bytes[..end]) {
        return Verdict::No;
    }
    let rest = &bytes[end + 1..];
    match rest.first() {
        None => Verdict::More,
        Some(b'/' | b'*') => Verdict::Yes,
        Some(b'h') => sure(rest.starts_with(&b"http"[..rest.len().min(4)])),
        Some(_) => Verdict::No,
    }
}

/// Finds the next message of `role` (of either, where unknown) in bytes that begin anywhere, such as behind a gap.
/// The front of `bytes` is believed sooner than their middle, as senders begin messages with a segment.
pub(super) fn find(bytes: &[u8], role: Option<Role>) -> Found {
    let (requests, responses) = (role != Some(Role::Responses), role != Some(Role::Requests));
    if let Some(found) = front(bytes, requests, responses) {
        return found;
    }
    for at in memmem::find_iter(bytes, b"HTTP/1.") {
        if responses {
            match strict_status(&bytes[at..]) {
                Verdict::Yes if head_follows(bytes, at) => return Found::At(at),
                Verdict::More => return Found::Perhaps(at),
                _ => {}
            }
        }
        if requests && let Some(found) = request_around(bytes, at) {
            return found;
        }
    }
    let tail = (1..7.min(bytes.len() + 1)).rev().find(|n| bytes.ends_with(&b"HTTP/1."[..*n]));
    match tail {
        Some(n) if responses => Found::Perhaps(bytes.len() - n),
        _ => Found::Nothing,
    }
}

/// Judges the very front.
fn front(bytes: &[u8], requests: bool, responses: bool) -> Option<Found> {
    let response = if responses { strict_status(bytes) } else { Verdict::No };
    match response {
        Verdict::Yes => return Some(Found::At(0)),
        Verdict::More => return Some(Found::Perhaps(0)),
        Verdict::No => {}
    }
    if !requests {
        return None;
    }
    let end = bytes.iter().take(MAX_METHOD).position(|b| *b == b' ');
    let known = match end {
        Some(end) => is_known(&bytes[..end]),
        None => begins_known(bytes),
    };
    if !known {
        return None;
    }
    match memchr(b'\n', bytes) {
        Some(i) => request_line(&bytes[..i]).map(|_| Found::At(0)),
        None if bytes.len() <= MAX_LINE => Some(Found::Perhaps(0)),
        None => None,
    }
}

/// A request line whose version stands at `at`.
fn request_around(bytes: &[u8], at: usize) -> Option<Found> {
    let target_end = at.checked_sub(1).filter(|i| bytes[*i] == b' ')?;
    let from = target_end.saturating_sub(MAX_LINE);
    let target = bytes[from..target_end].iter().rposition(|b| *b <= b' ').map(|i| from + i + 1)?;
    let method_end = target.checked_sub(1).filter(|i| bytes[*i] == b' ' && target < target_end)?;
    let start = method_end - known_suffix(&bytes[..method_end])?.len();
    match &bytes[at + 7..] {
        [] | [b'0'..=b'9'] => Some(Found::Perhaps(start)),
        [b'0'..=b'9', b'\r' | b'\n', ..] => head_follows(bytes, at).then_some(Found::At(start)),
        _ => None,
    }
}

/// Whether the line behind the one with the version at `at` looks like a field line or the end of a head, as far as it is there.
fn head_follows(bytes: &[u8], at: usize) -> bool {
    /// Longest rest of a start line behind its version: bounds the work on bytes made to look like many of them.
    const REST: usize = 512;
    let window = &bytes[at..bytes.len().min(at + REST)];
    let Some(end) = memchr(b'\n', window) else {
        return window.len() < REST;
    };
    let next = &bytes[at + end + 1..];
    match next.iter().take(REST).position(|b| !is_token(*b)) {
        None => next.len() < REST,
        Some(0) => matches!(next[0], b'\r' | b'\n'),
        Some(n) => next[n] == b':',
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn verdicts_by_prefix() {
        for (bytes, want) in [
            (&b"GET /"[..], Verdict::Yes),
            (b"G", Verdict::More),
            (b"HT", Verdict::More),
            (b"HTTP/1.1 200 OK\r\n", Verdict::Yes),
            (b"get / HTTP/1.1\r\n", Verdict::Yes),
            (b"GET key\r\n", Verdict::No),
            (b"\x16\x03\x01", Verdict::No),
            (b"220 ftp ready\r\n", Verdict::No),
            (b"SSH-2.0-OpenSSH\r\n", Verdict::No),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Verdict::No),
        ] {
            assert_eq!(begins(bytes, None), want, "{:?}", String::from_utf8_lossy(bytes));
        }
        assert_eq!(begins(b"GET / HTTP/1.1\r\n", Some(Role::Responses)), Verdict::No);
    }

    #[test]
    fn finds_messages_in_the_middle() {
        assert_eq!(find(b"xx}HTTP/1.1 200 OK\r\nA: b\r\n", None), Found::At(3));
        assert_eq!(find(b"tail of a bodyGET /x HTTP/1.1\r\nHost: a\r\n", None), Found::At(14));
        assert_eq!(
            find(b"tail of a bodyGET /x HTTP/1.1\r\nHost: a\r\n", Some(Role::Responses)),
            Found::Nothing
        );
        assert_eq!(find(b"see GET /x HTTP/1.1 in the docs", None), Found::Nothing);
        assert_eq!(find(b"<pre>HTTP/1.1 200 OK\r\nthis is prose\r\n", None), Found::Nothing);
        assert_eq!(find(b"body body HTT", None), Found::Perhaps(10));
        assert_eq!(find(b"PO", None), Found::Perhaps(0));
        assert_eq!(find(b"POST /a/long/target", Some(Role::Requests)), Found::Perhaps(0));
        assert_eq!(find(b"no message", None), Found::Nothing);
    }

    #[test]
    fn a_status_line_is_judged_early() {
        assert_eq!(strict_status(b"HTTP/1.1 20"), Verdict::More);
        assert_eq!(strict_status(b"HTTP/1.1 204\r"), Verdict::Yes);
        assert_eq!(strict_status(b"HTTP/1.1 2x"), Verdict::No);
        assert_eq!(strict_request(b"POST /"), Verdict::Yes);
        assert_eq!(strict_request(b"POS"), Verdict::More);
        assert_eq!(strict_request(b"{\"a\":1}"), Verdict::No);
    }
}
