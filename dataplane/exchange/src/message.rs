//! The exchange itself.

use crate::{Anomaly, Body, Credential, DataItem, Fingerprint, FlowRef, Login, SignalHit};
use weir_wire::{Duration, Timestamp};

/// Application protocol of an exchange.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Protocol {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    Http11,
}

impl Protocol {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Protocol::Http10 => "http/1.0",
            Protocol::Http11 => "http/1.1",
        }
    }
}

/// Whether the link was encrypted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scheme {
    /// In clear.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}

/// A request with its response (一次接口调用). At least one half is there.
#[derive(Clone, PartialEq, Debug)]
pub struct Exchange {
    /// First byte of the request; of the response where that is alone.
    pub time: Timestamp,
    /// Last byte seen of either half.
    pub ended: Timestamp,
    /// When the exchange became known to be over: the order in which exchanges leave a lane.
    pub emitted: Timestamp,
    /// Its flow.
    pub flow: FlowRef,
    /// Its number within the flow, from 0.
    pub number: u32,
    /// Application protocol.
    pub protocol: Protocol,
    /// Clear or encrypted.
    pub scheme: Scheme,
    /// The request, where seen.
    pub request: Option<Request>,
    /// The response, where seen.
    pub response: Option<Response>,
    /// Sensitive data found, in order of place, path, type and form.
    pub data: Vec<DataItem>,
    /// Signals found, at most one of each a place.
    pub signals: Vec<SignalHit>,
    /// Irregularities, each at most once, in order of the enum.
    pub anomalies: Vec<Anomaly>,
    /// Both halves seen whole; false where a gap or the capture's end cut it.
    pub complete: bool,
}

impl Exchange {
    /// From the first byte of the request to the last byte of the response.
    pub fn duration(&self) -> Duration {
        self.ended.since(self.time)
    }
    /// Status code, where a response was seen.
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(|r| r.status)
    }
}

/// A request. Texts are lossy UTF-8 and bounded: method 32 bytes, host 255, target 8,192, each header value 512.
#[derive(Clone, PartialEq, Debug)]
pub struct Request {
    /// Method as sent.
    pub method: Box<str>,
    /// Authority without user information, lower case, with the port where given (from absolute-form target, else Host); empty where unknown.
    pub host: Box<str>,
    /// Target as sent. It may hold sensitive values: mask before storing (see `data` with [`Part::Path`](crate::Part) and `Query`).
    pub target: Box<str>,
    /// `User-Agent`.
    pub user_agent: Box<str>,
    /// `Referer`.
    pub referer: Box<str>,
    /// `Origin`.
    pub origin: Box<str>,
    /// `X-Forwarded-For`, `X-Real-IP` or `Forwarded`: the client as a proxy tells it; not to be trusted by itself.
    pub forwarded_for: Box<str>,
    /// `Accept`.
    pub accept: Box<str>,
    /// `SOAPAction`, SOAP body operation or GraphQL operation name: tells operations of one path apart; empty where none.
    pub operation: Box<str>,
    /// `X-HTTP-Method-Override` and the like, where sent.
    pub method_override: Option<Box<str>>,
    /// Whether `Accept-Language` was sent.
    pub has_accept_language: bool,
    /// Cookies sent, at most 32.
    pub cookies: Vec<Cookie>,
    /// Credentials carried, at most 8.
    pub credentials: Vec<Credential>,
    /// A login attempt, where it is one.
    pub login: Option<Login>,
    /// Parameters of query and body, at most 64, in order.
    pub params: Vec<Param>,
    /// The body.
    pub body: Body,
}

/// A response.
#[derive(Clone, PartialEq, Debug)]
pub struct Response {
    /// First byte.
    pub time: Timestamp,
    /// Status code.
    pub status: u16,
    /// `Location`.
    pub location: Box<str>,
    /// `Server`.
    pub server: Box<str>,
    /// `WWW-Authenticate`.
    pub authenticate: Box<str>,
    /// `Cache-Control`.
    pub cache_control: Box<str>,
    /// Credentials issued: session cookies set, tokens in the body, at most 8.
    pub issued: Vec<Credential>,
    /// Cookies set, at most 32.
    pub cookies: Vec<Cookie>,
    /// Top-level and record field names of the body, at most 64 paths, sorted: its schema as far as it was parsed.
    pub fields: Vec<Box<str>>,
    /// The body.
    pub body: Body,
}

/// A cookie, sent or set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cookie {
    /// Name, bounded to 64 bytes.
    pub name: Box<str>,
    /// Keyed fingerprint of the value.
    pub fingerprint: Fingerprint,
    /// `Secure` (only of cookies set).
    pub secure: bool,
    /// `HttpOnly` (only of cookies set).
    pub http_only: bool,
}

/// Where a parameter stood.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ParamPlace {
    /// In the query of the target.
    Query,
    /// In the body (form field, JSON or XML leaf, multipart part).
    Body,
}

/// A parameter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Param {
    /// Where.
    pub place: ParamPlace,
    /// Name or field path, bounded to 128 bytes.
    pub name: Box<str>,
    /// What is kept of its value.
    pub value: ParamValue,
}

/// What is kept of a parameter's value: enough to see enumeration and page sizes, not the value itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamValue {
    /// Nothing.
    Empty,
    /// A whole number of at most 15 digits without leading zero: identifiers, page sizes.
    Integer(u64),
    /// A wildcard (`*`, `%`, `all`).
    Wildcard,
    /// Anything else.
    Other {
        /// Keyed fingerprint.
        fingerprint: Fingerprint,
        /// Bytes.
        length: u32,
    },
}
