//! Characters, methods and start lines of HTTP/1 (RFC 9110, 5.6.2 and 9; RFC 9112, 3 and 4).

/// Methods that are believed wherever they stand: RFC 9110 and 5789, WebDAV and its kin, UPnP, caches, RPC over HTTP.
const METHODS: &[&[u8]] = &[
    b"GET",
    b"POST",
    b"HEAD",
    b"PUT",
    b"DELETE",
    b"OPTIONS",
    b"PATCH",
    b"CONNECT",
    b"TRACE",
    b"QUERY",
    b"PROPFIND",
    b"PROPPATCH",
    b"MKCOL",
    b"COPY",
    b"MOVE",
    b"LOCK",
    b"UNLOCK",
    b"REPORT",
    b"SEARCH",
    b"ACL",
    b"MKCALENDAR",
    b"MKACTIVITY",
    b"CHECKIN",
    b"CHECKOUT",
    b"UNCHECKOUT",
    b"MERGE",
    b"VERSION-CONTROL",
    b"BASELINE-CONTROL",
    b"BIND",
    b"UNBIND",
    b"REBIND",
    b"LINK",
    b"UNLINK",
    b"PURGE",
    b"NOTIFY",
    b"SUBSCRIBE",
    b"UNSUBSCRIBE",
    b"M-SEARCH",
    b"RPC_IN_DATA",
    b"RPC_OUT_DATA",
    b"BPROPFIND",
    b"POLL",
    b"CCM_POST",
];

/// Longest method taken for one.
pub(super) const MAX_METHOD: usize = 32;

/// Whether `b` may stand in a token (RFC 9110, 5.6.2).
pub(super) const fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || matches!(
            b,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// Whether `method` is one of the known methods.
pub(super) fn is_known(method: &[u8]) -> bool {
    METHODS.contains(&method)
}

/// Whether `bytes` could become a known method followed by a space.
pub(super) fn begins_known(bytes: &[u8]) -> bool {
    METHODS.iter().any(|m| m.starts_with(bytes))
}

/// The longest known method that `bytes` ends with.
pub(super) fn known_suffix(bytes: &[u8]) -> Option<&'static [u8]> {
    METHODS.iter().copied().filter(|m| bytes.ends_with(m)).max_by_key(|m| m.len())
}

/// `bytes` without spaces, tabs and line ends at both ends.
pub(super) fn trim(bytes: &[u8]) -> &[u8] {
    const fn outer(b: &u8) -> bool {
        matches!(*b, b' ' | b'\t' | b'\r' | b'\n')
    }
    let start = bytes.iter().position(|b| !outer(b)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| !outer(b)).map_or(start, |i| i + 1);
    &bytes[start..end]
}

/// `HTTP/1.1` and the like as a minor version; every minor above 0 reads as 1. `None` for other protocols and majors.
pub(super) fn version(word: &[u8]) -> Option<u8> {
    let (name, number) = word.split_at_checked(5)?;
    if !name.eq_ignore_ascii_case(b"HTTP/") {
        return None;
    }
    match number {
        [b'0', b'.', minor, ..] if minor.is_ascii_digit() => Some(0),
        [b'1', b'.', minor, ..] if minor.is_ascii_digit() => Some(u8::from(*minor != b'0')),
        [b'1', b'.'] => Some(1),
        [b'1'] => Some(0),
        _ => None,
    }
}

/// A request line, read as servers read it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct RequestLine<'a> {
    pub method: &'a [u8],
    pub target: &'a [u8],
    pub minor: u8,
    /// Method, target and whole version with single spaces between them (RFC 9112, 3).
    pub regular: bool,
}

/// Reads a request line. A missing version is HTTP/0.9 (told as minor 0), believed of known methods with a path alone.
/// `None` for what is no request of HTTP/1.
///
/// Spaces belong to the target, as servers have it that take such a line at all: what a client smuggles behind one
/// would be hidden otherwise. An authority (CONNECT) ends at the first.
pub(super) fn request_line(line: &[u8]) -> Option<RequestLine<'_>> {
    let line = trim(line);
    let space = |b: &u8| matches!(*b, b' ' | b'\t');
    let method = &line[..line.iter().position(space)?];
    if method.is_empty() || method.len() > MAX_METHOD || !method.iter().all(|b| is_token(*b)) {
        return None;
    }
    let rest = trim(&line[method.len()..]);
    let last = rest.iter().rposition(space).map_or(0, |i| i + 1);
    if let Some(minor) = version(&rest[last..]) {
        let mut target = trim(&rest[..last]);
        if method == b"CONNECT" {
            target = target.split(space).next().unwrap_or_default();
        }
        let version = &rest[last..];
        let regular = line.len() == method.len() + target.len() + version.len() + 2
            && !target.iter().any(space)
            && version.len() == b"HTTP/1.1".len();
        // Without a target, the word that stands in its place is told as such, of known methods.
        let target = if target.is_empty() && is_known(method) { rest } else { target };
        return (!target.is_empty()).then_some(RequestLine { method, target, minor, regular });
    }
    let simple = is_known(method) && rest.starts_with(b"/") && last == 0;
    simple.then_some(RequestLine { method, target: rest, minor: 0, regular: false })
}

/// Reads a status line: minor version and status (100 to 999). The reason phrase does not matter.
pub(super) fn status_line(line: &[u8]) -> Option<(u8, u16)> {
    let line = trim(line);
    let end = line.iter().position(|b| matches!(*b, b' ' | b'\t'))?;
    let name = line.get(..5)?;
    if !name.eq_ignore_ascii_case(b"HTTP/") {
        return None;
    }
    // A response of a version nobody knows is still a response where one is due.
    let minor = version(&line[..end]).unwrap_or(1);
    let rest = trim(&line[end..]);
    let digits = rest.get(..3)?;
    if !digits.iter().all(u8::is_ascii_digit) || digits[0] == b'0' {
        return None;
    }
    let status = digits.iter().fold(0u16, |n, d| n * 10 + u16::from(d - b'0'));
    Some((minor, status))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn request_lines() {
        let ok = |l: &'static [u8]| request_line(l).map(|r| (r.method, r.target, r.minor));
        assert_eq!(ok(b"GET / HTTP/1.1\r\n"), Some((&b"GET"[..], &b"/"[..], 1)));
        assert_eq!(ok(b"get  /a b\tHTTP/1.0\n"), Some((&b"get"[..], &b"/a b"[..], 0)));
        assert_eq!(ok(b"FOO * HTTP/1.1"), Some((&b"FOO"[..], &b"*"[..], 1)));
        assert_eq!(ok(b"GET HTTP/1.1\r\n"), Some((&b"GET"[..], &b"HTTP/1.1"[..], 1)));
        assert_eq!(ok(b"GET / HTTP/1.\n"), Some((&b"GET"[..], &b"/"[..], 1)));
        assert_eq!(ok(b"CONNECT h:25 / HTTP/1.0\r\n"), Some((&b"CONNECT"[..], &b"h:25"[..], 0)));
        assert_eq!(ok(b"GET /old\r\n"), Some((&b"GET"[..], &b"/old"[..], 0)));
        for (line, regular) in [
            (&b"GET /a HTTP/1.1\r\n"[..], true),
            (b"GET /a b HTTP/1.1\r\n", false),
            (b"GET  /a HTTP/1.1\r\n", false),
            (b"GET HTTP/1.1\r\n", false),
            (b"GET / HTTP/1.\n", false),
            (b"CONNECT h:25 / HTTP/1.0\r\n", false),
            (b"GET /old\r\n", false),
        ] {
            assert_eq!(request_line(line).map(|r| r.regular), Some(regular), "{line:?}");
        }
        for bad in [
            &b"PRI * HTTP/2.0"[..],
            b"OPTIONS * RTSP/1.0",
            b"GET key",
            b"HELO there",
            b"",
            b" / HTTP/1.1",
            b"HELLO HTTP/1.1",
        ] {
            assert_eq!(request_line(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn status_lines() {
        assert_eq!(status_line(b"HTTP/1.1 200 OK\r\n"), Some((1, 200)));
        assert_eq!(status_line(b"HTTP/1.0 404\r\n"), Some((0, 404)));
        assert_eq!(status_line(b"http/1.1  301 Moved\n"), Some((1, 301)));
        for bad in [&b"HTTP/1.1 OK"[..], b"HTTP/1.1 020 x", b"HTTP/1.1", b"ICY 200 OK"] {
            assert_eq!(status_line(bad), None, "{bad:?}");
        }
    }
}
