//! From heads to requests and responses.

use crate::body::Announced;
use crate::facts::{Facts, bounded, credentials};
use weir_exchange::{Body, Cookie, Fingerprinter, Part, Place, Request, Response};
use weir_protocol::{Header, RequestHead, ResponseHead};

/// Longest header value kept, in bytes.
const MAX_VALUE: usize = 512;
/// Longest target kept, in bytes.
const MAX_TARGET: usize = 8192;
/// Most cookies kept of a message.
const MAX_COOKIES: usize = 32;

/// Header fields that hold no data: of the protocol, of browsers, addresses of proxies, and those that are kept elsewhere.
const PLAIN: &[&str] = &[
    "host",
    "date",
    "user-agent",
    "accept",
    "accept-encoding",
    "accept-language",
    "accept-charset",
    "accept-ranges",
    "connection",
    "keep-alive",
    "content-length",
    "content-type",
    "content-encoding",
    "content-disposition",
    "content-language",
    "cache-control",
    "pragma",
    "expires",
    "age",
    "etag",
    "last-modified",
    "if-none-match",
    "if-modified-since",
    "if-match",
    "if-range",
    "range",
    "content-range",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "upgrade-insecure-requests",
    "vary",
    "server",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-real-ip",
    "forwarded",
    "x-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "remote-addr",
    "origin",
    "dnt",
    "soapaction",
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "www-authenticate",
    "strict-transport-security",
    "content-security-policy",
    "x-frame-options",
    "x-content-type-options",
    "x-xss-protection",
    "referrer-policy",
    "permissions-policy",
    "allow",
    "p3p",
    "x-powered-by",
    "x-requested-with",
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-allow-credentials",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-request-method",
    "access-control-request-headers",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "alt-svc",
    "nel",
    "report-to",
    "x-request-id",
    "x-trace-id",
    "traceparent",
    "priority",
    "expect",
    "max-forwards",
    "content-md5",
    "digest",
];

/// Whether values of a header field may hold data.
pub(crate) fn may_hold_data(name: &[u8]) -> bool {
    let plain = |p: &&str| name.eq_ignore_ascii_case(p.as_bytes());
    let browsers = name.len() > 4 && name[..4].eq_ignore_ascii_case(b"sec-");
    !browsers && !PLAIN.iter().any(plain)
}

fn get<'a>(headers: &[Header<'a>], name: &str) -> Option<&'a [u8]> {
    headers.iter().find(|h| h.name.eq_ignore_ascii_case(name.as_bytes())).map(|h| h.value)
}

fn text(headers: &[Header<'_>], name: &str) -> Box<str> {
    bounded(get(headers, name).unwrap_or_default(), MAX_VALUE)
}

/// What a head says of its body.
pub(crate) fn announced<'a>(headers: &[Header<'a>]) -> Announced<'a> {
    let codings: Vec<&[u8]> = headers
        .iter()
        .filter(|h| h.name.eq_ignore_ascii_case(b"content-encoding"))
        .map(|h| h.value)
        .collect();
    let length =
        get(headers, "content-length").and_then(|v| std::str::from_utf8(v).ok()?.trim().parse().ok());
    Announced {
        content_type: get(headers, "content-type").unwrap_or_default(),
        disposition: get(headers, "content-disposition").unwrap_or_default(),
        coding: codings.join(&b","[..]),
        length,
    }
}

/// Pairs of `Cookie` fields.
fn cookies_sent<'a>(headers: &[Header<'a>]) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
    let fields = headers.iter().filter(|h| h.name.eq_ignore_ascii_case(b"cookie")).map(|h| h.value);
    fields.flat_map(|v| v.split(|b| *b == b';')).filter_map(pair)
}

fn pair(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let eq = memchr::memchr(b'=', text)?;
    let value = text[eq + 1..].trim_ascii();
    let value = value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value);
    Some((text[..eq].trim_ascii(), value)).filter(|(n, _)| !n.is_empty())
}

fn cookie(name: &[u8], value: &[u8], fp: &Fingerprinter) -> Cookie {
    let fingerprint = fp.of("credential", value);
    Cookie { name: bounded(name, 64), fingerprint, secure: false, http_only: false }
}

/// Where the scheme of an absolute-form target ends.
fn scheme_end(target: &[u8]) -> Option<usize> {
    let start = &target[..target.len().min(16)];
    memchr::memmem::find(start, b"://").filter(|n| target[..*n].iter().all(u8::is_ascii_alphanumeric))
}

/// Target without scheme and authority: path and query.
pub(crate) fn path_and_query(target: &[u8]) -> (&[u8], &[u8]) {
    let origin = match scheme_end(target) {
        Some(n) => {
            let rest = &target[n + 3..];
            &rest[memchr::memchr2(b'/', b'?', rest).unwrap_or(rest.len())..]
        }
        None => target,
    };
    match memchr::memchr(b'?', origin) {
        Some(n) => (&origin[..n], &origin[n + 1..]),
        None => (origin, b""),
    }
}

/// Authority without user information, in lower case.
fn host(head: &RequestHead<'_>) -> Box<str> {
    let target = head.target;
    let authority = match scheme_end(target) {
        Some(n) => {
            let rest = &target[n + 3..];
            &rest[..memchr::memchr3(b'/', b'?', b'#', rest).unwrap_or(rest.len())]
        }
        None if head.method.eq_ignore_ascii_case(b"connect") && !target.starts_with(b"/") => target,
        None => get(head.headers, "host").unwrap_or_default(),
    };
    let at = memchr::memrchr(b'@', authority).map_or(0, |n| n + 1);
    bounded(&authority[at..].to_ascii_lowercase(), 255)
}

/// The request of a head; its credentials go to `facts`.
pub(crate) fn request(head: &RequestHead<'_>, facts: &mut Facts, fp: &Fingerprinter) -> Request {
    let headers = head.headers;
    let at = |part| Place { response: false, part };
    let mut cookies = Vec::new();
    for (name, value) in cookies_sent(headers).take(MAX_COOKIES) {
        cookies.push(cookie(name, value, fp));
        let name = String::from_utf8_lossy(name);
        credentials::cookie(&mut facts.credentials, at(Part::Cookie), &name, value, fp);
    }
    for h in headers {
        let name = String::from_utf8_lossy(h.name);
        if name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("proxy-authorization") {
            credentials::authorization(&mut facts.credentials, at(Part::Header), &name, h.value, fp);
        } else if may_hold_data(h.name) {
            credentials::header(&mut facts.credentials, at(Part::Header), &name, h.value, fp);
        }
    }
    let forwarded = ["x-forwarded-for", "x-real-ip", "forwarded"].iter().find_map(|n| get(headers, n));
    let overridden = ["x-http-method-override", "x-http-method", "x-method-override"];
    let action = get(headers, "soapaction").map(|v| v.trim_ascii()).unwrap_or_default();
    let action = action.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(action);
    Request {
        method: bounded(head.method, 32),
        host: host(head),
        target: bounded(head.target, MAX_TARGET),
        user_agent: text(headers, "user-agent"),
        referer: text(headers, "referer"),
        origin: text(headers, "origin"),
        forwarded_for: bounded(forwarded.unwrap_or_default(), MAX_VALUE),
        accept: text(headers, "accept"),
        operation: bounded(action, 128),
        method_override: overridden.iter().find_map(|n| get(headers, n)).map(|v| bounded(v, 32)),
        has_accept_language: get(headers, "accept-language").is_some(),
        cookies,
        credentials: Vec::new(),
        login: None,
        params: Vec::new(),
        body: Body::default(),
    }
}

/// The response of a head; credentials it issues go to `facts`.
pub(crate) fn response(head: &ResponseHead<'_>, facts: &mut Facts, fp: &Fingerprinter) -> Response {
    let headers = head.headers;
    let place = |part| Place { response: true, part };
    let mut cookies = Vec::new();
    let set = headers.iter().filter(|h| h.name.eq_ignore_ascii_case(b"set-cookie"));
    for h in set.take(MAX_COOKIES) {
        let mut pieces = h.value.split(|b| *b == b';');
        let Some((name, value)) = pieces.next().and_then(pair) else { continue };
        let mut made = cookie(name, value, fp);
        for flag in pieces.map(|p| p.trim_ascii()) {
            made.secure |= flag.eq_ignore_ascii_case(b"secure");
            made.http_only |= flag.eq_ignore_ascii_case(b"httponly");
        }
        cookies.push(made);
        let name = String::from_utf8_lossy(name);
        credentials::cookie(&mut facts.credentials, place(Part::Cookie), &name, value, fp);
    }
    for h in headers.iter().filter(|h| may_hold_data(h.name)) {
        let name = String::from_utf8_lossy(h.name);
        credentials::header(&mut facts.credentials, place(Part::Header), &name, h.value, fp);
    }
    // A service that answers with the token in this field issues it.
    if let Some(value) = get(headers, "authorization") {
        credentials::authorization(&mut facts.credentials, place(Part::Header), "Authorization", value, fp);
    }
    Response {
        time: head.time,
        status: head.status,
        location: text(headers, "location"),
        server: text(headers, "server"),
        authenticate: text(headers, "www-authenticate"),
        cache_control: text(headers, "cache-control"),
        issued: Vec::new(),
        cookies,
        fields: Vec::new(),
        body: Body::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_targets() {
        assert_eq!(path_and_query(b"/a/b?c=1"), (&b"/a/b"[..], &b"c=1"[..]));
        assert_eq!(path_and_query(b"http://h:1/a?b"), (&b"/a"[..], &b"b"[..]));
        assert_eq!(path_and_query(b"/r?u=http://x/"), (&b"/r"[..], &b"u=http://x/"[..]));
        assert!(!may_hold_data(b"Sec-Fetch-Mode") && may_hold_data(b"X-Token"));
    }
}
