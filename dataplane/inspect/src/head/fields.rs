//! From header fields to what a record keeps of them.

use super::class::{Class, Classes};
use super::scheme_end;
use crate::facts::{bounded, credentials};
use weir_exchange::{Cookie, Credential, Fingerprinter, Part, Place, RequestFields, ResponseFields, Text};
use weir_protocol::{Header, RequestHead};

/// Longest header value kept, in bytes.
const MAX_VALUE: usize = 512;
/// Most cookies kept of a message.
const MAX_COOKIES: usize = 32;

/// The fields of a message by their classes.
pub(super) struct Classed<'h, 'a>(Vec<(Class, &'h Header<'a>)>);

impl<'h, 'a> Classed<'h, 'a> {
    pub(super) fn new(headers: &'h [Header<'a>], classes: &mut Classes) -> Self {
        Classed(headers.iter().map(|h| (classes.of(h.name), h)).collect())
    }
    pub(super) fn iter(&self) -> impl Iterator<Item = (Class, &'h Header<'a>)> {
        self.0.iter().copied()
    }
    fn all(&self, class: Class) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter(move |(c, _)| *c == class).map(|(_, h)| h.value)
    }
    fn get(&self, class: Class) -> Option<&'a [u8]> {
        self.all(class).next()
    }
    fn text(&self, class: Class) -> Text {
        bounded(self.get(class).unwrap_or_default(), MAX_VALUE)
    }
    /// Value of the field of the least rank.
    fn ranked(&self, rank: impl Fn(Class) -> Option<u8>) -> Option<&'a [u8]> {
        let found = self.iter().filter_map(|(c, h)| Some((rank(c)?, h.value)));
        found.min_by_key(|(rank, _)| *rank).map(|(_, value)| value)
    }
}

fn pair(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let eq = memchr::memchr(b'=', text)?;
    let value = unquoted(text[eq + 1..].trim_ascii());
    Some((text[..eq].trim_ascii(), value)).filter(|(n, _)| !n.is_empty())
}

fn unquoted(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(text)
}

fn cookie(name: &[u8], value: &[u8], fp: &Fingerprinter) -> Cookie {
    let fingerprint = fp.of("credential", value);
    Cookie { name: bounded(name, 64), fingerprint, secure: false, http_only: false }
}

/// Authority without user information, in lower case.
fn host(head: &RequestHead<'_>, fields: &Classed<'_, '_>) -> Text {
    let target = head.target;
    let authority = match scheme_end(target) {
        Some(n) => {
            let rest = &target[n + 3..];
            &rest[..memchr::memchr3(b'/', b'?', b'#', rest).unwrap_or(rest.len())]
        }
        None if head.method.eq_ignore_ascii_case(b"connect") && !target.starts_with(b"/") => target,
        None => fields.get(Class::Host).unwrap_or_default(),
    };
    let at = memchr::memrchr(b'@', authority).map_or(0, |n| n + 1);
    bounded(&authority[at..].to_ascii_lowercase(), 255)
}

/// Credentials in fields that are known by their names.
fn named(list: &mut Vec<Credential>, place: Place, class: Class, header: &Header<'_>, fp: &Fingerprinter) {
    if class.may_hold_data() {
        let name = String::from_utf8_lossy(header.name);
        credentials::header(list, place, &name, header.value, fp);
    }
}

/// The list of clients as proxies tell it: all fields of the least rank as one, and of a long list its end, as everything before may
/// be made up.
fn forwarded(fields: &Classed<'_, '_>) -> Text {
    let rank = |class| if let Class::Forwarded(n) = class { Some(n) } else { None };
    let Some(least) = fields.iter().filter_map(|(c, _)| rank(c)).min() else { return Text::default() };
    let last = |value: &[u8]| bounded(&value[value.len().saturating_sub(MAX_VALUE)..], MAX_VALUE);
    let mut lines = fields.all(Class::Forwarded(least));
    match (lines.next(), lines.next()) {
        (Some(only), None) => last(only),
        _ => last(&fields.all(Class::Forwarded(least)).collect::<Vec<_>>().join(&b","[..])),
    }
}

/// What the fields of a request say.
pub(super) fn request(head: &RequestHead<'_>, fields: &Classed<'_, '_>, fp: &Fingerprinter) -> RequestFields {
    let at = |part| Place { response: false, part };
    let (mut cookies, mut list) = (Vec::new(), Vec::new());
    let pairs = fields.all(Class::Cookie).flat_map(|v| v.split(|b| *b == b';')).filter_map(pair);
    for (name, value) in pairs.take(MAX_COOKIES) {
        cookies.push(cookie(name, value, fp));
        let name = String::from_utf8_lossy(name);
        credentials::cookie(&mut list, at(Part::Cookie), &name, value, fp);
    }
    for (class, h) in fields.iter() {
        if matches!(class, Class::Authorization | Class::ProxyAuthorization) {
            let name = String::from_utf8_lossy(h.name);
            credentials::authorization(&mut list, at(Part::Header), &name, h.value, fp);
        }
        named(&mut list, at(Part::Header), class, h, fp);
    }
    let overridden = fields.ranked(|c| if let Class::Override(n) = c { Some(n) } else { None });
    RequestFields {
        host: host(head, fields),
        user_agent: fields.text(Class::UserAgent),
        referer: fields.text(Class::Referer),
        origin: fields.text(Class::Origin),
        forwarded_for: forwarded(fields),
        accept: fields.text(Class::Accept),
        method_override: overridden.map(|v| bounded(v, 32)),
        has_accept_language: fields.get(Class::AcceptLanguage).is_some(),
        cookies,
        credentials: list,
    }
}

/// `SOAPAction`; empty where none was sent.
pub(super) fn action(fields: &Classed<'_, '_>) -> Text {
    bounded(unquoted(fields.get(Class::SoapAction).unwrap_or_default().trim_ascii()), 128)
}

/// What the fields of a response say.
pub(super) fn response(fields: &Classed<'_, '_>, fp: &Fingerprinter) -> ResponseFields {
    let at = |part| Place { response: true, part };
    let (mut cookies, mut issued) = (Vec::new(), Vec::new());
    for value in fields.all(Class::SetCookie).take(MAX_COOKIES) {
        let mut pieces = value.split(|b| *b == b';');
        let Some((name, value)) = pieces.next().and_then(pair) else { continue };
        let mut made = cookie(name, value, fp);
        for flag in pieces.map(|p| p.trim_ascii()) {
            made.secure |= flag.eq_ignore_ascii_case(b"secure");
            made.http_only |= flag.eq_ignore_ascii_case(b"httponly");
        }
        cookies.push(made);
        let name = String::from_utf8_lossy(name);
        credentials::cookie(&mut issued, at(Part::Cookie), &name, value, fp);
    }
    for (class, h) in fields.iter() {
        named(&mut issued, at(Part::Header), class, h, fp);
    }
    // A service that answers with the token in this field issues it.
    if let Some(value) = fields.get(Class::Authorization) {
        credentials::authorization(&mut issued, at(Part::Header), "Authorization", value, fp);
    }
    ResponseFields {
        location: fields.text(Class::Location),
        server: fields.text(Class::Server),
        authenticate: fields.text(Class::Authenticate),
        cache_control: fields.text(Class::CacheControl),
        issued,
        cookies,
    }
}
