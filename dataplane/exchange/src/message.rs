//! The exchange itself.

use crate::{
    Anomalies, Body, Credential, DataItem, Fingerprint, FlowRef, Login, Params, SharedList, SignalHit, Text,
    TlsFacts,
};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use weir_wire::{Duration, Timestamp};

/// Application protocol of an exchange.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Protocol {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    Http11,
    /// HTTP/2.
    Http2,
    /// gRPC over HTTP/2.
    Grpc,
    /// A message of WebSocket.
    WebSocket,
    /// FTP (RFC 959).
    Ftp,
    /// MySQL.
    Mysql,
    /// Redis (RESP2, RESP3).
    Redis,
    /// MQTT (3.1 to 5).
    Mqtt,
    /// PostgreSQL (version 3).
    Postgresql,
    /// MongoDB.
    Mongodb,
    /// Kafka.
    Kafka,
    /// Dubbo 2.
    Dubbo,
    /// Thrift.
    Thrift,
}

impl Protocol {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Protocol::Http10 => "http/1.0",
            Protocol::Http11 => "http/1.1",
            Protocol::Http2 => "http/2",
            Protocol::Grpc => "grpc",
            Protocol::WebSocket => "websocket",
            Protocol::Ftp => "ftp",
            Protocol::Mysql => "mysql",
            Protocol::Redis => "redis",
            Protocol::Mqtt => "mqtt",
            Protocol::Postgresql => "postgresql",
            Protocol::Mongodb => "mongodb",
            Protocol::Kafka => "kafka",
            Protocol::Dubbo => "dubbo",
            Protocol::Thrift => "thrift",
        }
    }
    /// Whether whole connections are logged in, and statuses are those of the protocol or of like meaning in HTTP: what does not hold of
    /// HTTP and of what it carries.
    pub const fn is_session(self) -> bool {
        match self {
            Protocol::Http10 | Protocol::Http11 | Protocol::Http2 | Protocol::Grpc | Protocol::WebSocket => {
                false
            }
            Protocol::Ftp | Protocol::Mysql | Protocol::Redis | Protocol::Mqtt | Protocol::Postgresql => true,
            Protocol::Mongodb | Protocol::Kafka | Protocol::Dubbo | Protocol::Thrift => true,
        }
    }
}

/// Whether the link was encrypted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Scheme {
    /// In clear.
    Http,
    /// Over TLS.
    Https,
    /// FTP in clear.
    Ftp,
    /// MySQL in clear.
    Mysql,
    /// Redis in clear.
    Redis,
    /// MQTT in clear.
    Mqtt,
    /// PostgreSQL in clear.
    Postgresql,
    /// MongoDB in clear.
    Mongodb,
    /// Kafka in clear.
    Kafka,
    /// Dubbo in clear.
    Dubbo,
    /// Thrift in clear.
    Thrift,
    /// Something else than HTTP, over TLS.
    Tls,
}

impl Scheme {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
            Scheme::Tls => "tls",
            Scheme::Ftp => "ftp",
            Scheme::Mysql => "mysql",
            Scheme::Redis => "redis",
            Scheme::Mqtt => "mqtt",
            Scheme::Postgresql => "postgresql",
            Scheme::Mongodb => "mongodb",
            Scheme::Kafka => "kafka",
            Scheme::Dubbo => "dubbo",
            Scheme::Thrift => "thrift",
        }
    }
    /// Whether whoever is on the way can read it.
    pub const fn is_clear(self) -> bool {
        !matches!(self, Scheme::Https | Scheme::Tls)
    }
    /// The port that it implies; 0 where it implies none.
    pub const fn port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
            Scheme::Tls => 0,
            Scheme::Ftp => 21,
            Scheme::Mysql => 3306,
            Scheme::Redis => 6379,
            Scheme::Mqtt => 1883,
            Scheme::Postgresql => 5432,
            Scheme::Mongodb => 27017,
            Scheme::Kafka => 9092,
            Scheme::Dubbo => 20880,
            Scheme::Thrift => 9090,
        }
    }
    /// The same where TLS carries it.
    #[must_use]
    pub const fn over_tls(self) -> Scheme {
        match self {
            Scheme::Http | Scheme::Https => Scheme::Https,
            _ => Scheme::Tls,
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
    /// What the handshake of the connection showed, where that was TLS and decrypted.
    pub tls: Option<Arc<TlsFacts>>,
    /// The request, where seen.
    pub request: Option<Request>,
    /// The response, where seen.
    pub response: Option<Response>,
    /// Sensitive data found, in order of place, path, type and form.
    pub data: Vec<DataItem>,
    /// Signals found, at most one of each a place.
    pub signals: SmallVec<[SignalHit; 1]>,
    /// Irregularities.
    pub anomalies: Anomalies,
    /// Both halves seen whole; false where a gap or the capture's end cut it.
    pub complete: bool,
}

impl Exchange {
    /// From the first byte of the request to the last byte of the response.
    pub fn duration(&self) -> Duration {
        self.ended.since(self.time)
    }
    /// What came of it, as a status code of HTTP, where a response was seen: the response's own; of a gRPC call that failed, whose
    /// response says 200 all the same, the one that its `grpc-status` stands for.
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(Response::outcome)
    }
}

/// A request. Texts are lossy UTF-8 and bounded: method 32 bytes, host 255, target 8,192, each header value 512.
///
/// What its header fields say is shared by the requests of which it is equal (a connection repeats them): it is read as if it were
/// the request's own, and written likewise, upon which the request gets a copy of its own.
#[derive(Clone, PartialEq, Debug)]
pub struct Request {
    /// Method as sent.
    pub method: Text,
    /// Target as sent. It may hold sensitive values: mask before storing (see `data` with [`Part::Path`](crate::Part) and `Query`).
    pub target: Text,
    /// What its fields say.
    pub head: Arc<RequestFields>,
    /// `SOAPAction`, SOAP body operation, GraphQL operation name or JSON-RPC method: tells operations of one path apart; empty where none.
    pub operation: Text,
    /// Body field whose name often selects the operation (`action`, `cmd`), and its value, where that reads like the name of one.
    pub action: Option<Box<(Text, Text)>>,
    /// A login attempt, where it is one.
    pub login: Option<Box<Login>>,
    /// Parameters of query and body, at most 64, in order.
    pub params: Params,
    /// The body.
    pub body: Body,
}

/// What the header fields of a request say, and the credentials it carries.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct RequestFields {
    /// Authority without user information, lower case, with the port where given (from absolute-form target, else Host); empty where unknown.
    pub host: Text,
    /// `User-Agent`.
    pub user_agent: Text,
    /// `Referer`.
    pub referer: Text,
    /// `Origin`.
    pub origin: Text,
    /// `X-Forwarded-For`, `Forwarded`, `X-Real-IP` or a CDN's header, of a long list the end: the client as a proxy tells it; not to be
    /// trusted by itself.
    pub forwarded_for: Text,
    /// `Accept`.
    pub accept: Text,
    /// `X-HTTP-Method-Override` and the like, where sent.
    pub method_override: Option<Text>,
    /// Whether `Accept-Language` was sent.
    pub has_accept_language: bool,
    /// Cookies sent, at most 32.
    pub cookies: Vec<Cookie>,
    /// Credentials carried, also those in query and body, at most 8.
    pub credentials: Vec<Credential>,
}

impl Deref for Request {
    type Target = RequestFields;
    fn deref(&self) -> &RequestFields {
        &self.head
    }
}

impl DerefMut for Request {
    fn deref_mut(&mut self) -> &mut RequestFields {
        Arc::make_mut(&mut self.head)
    }
}

/// A response. What its header fields say is shared as that of a [`Request`] is.
#[derive(Clone, PartialEq, Debug)]
pub struct Response {
    /// First byte.
    pub time: Timestamp,
    /// Status code.
    pub status: u16,
    /// What its fields say.
    pub head: Arc<ResponseFields>,
    /// Top-level and record field names of the body, at most 64 paths, sorted: its schema as far as it was parsed.
    pub fields: SharedList<Text>,
    /// Bit i: the first value of `fields[i]` was empty or `null`.
    pub blank: u64,
    /// How a gRPC call went (`grpc-status`; 0 is success), where it was told.
    pub grpc_status: Option<u8>,
    /// The body.
    pub body: Body,
}

impl Response {
    /// The status code, or that which a `grpc-status` stands for (`google.rpc.Code` has them).
    pub fn outcome(&self) -> u16 {
        match self.grpc_status {
            None | Some(0) => self.status,
            Some(1) => 499,
            Some(3 | 9 | 11) => 400,
            Some(4) => 504,
            Some(5) => 404,
            Some(6 | 10) => 409,
            Some(7) => 403,
            Some(8) => 429,
            Some(12) => 501,
            Some(14) => 503,
            Some(16) => 401,
            Some(_) => 500,
        }
    }
}

/// What the header fields of a response say, and the credentials it issues.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct ResponseFields {
    /// `Location`.
    pub location: Text,
    /// `Server`.
    pub server: Text,
    /// `WWW-Authenticate`.
    pub authenticate: Text,
    /// `Cache-Control`.
    pub cache_control: Text,
    /// Credentials issued: session cookies set, tokens in the body, at most 8.
    pub issued: Vec<Credential>,
    /// Cookies set, at most 32.
    pub cookies: Vec<Cookie>,
}

impl Deref for Response {
    type Target = ResponseFields;
    fn deref(&self) -> &ResponseFields {
        &self.head
    }
}

impl DerefMut for Response {
    fn deref_mut(&mut self) -> &mut ResponseFields {
        Arc::make_mut(&mut self.head)
    }
}

/// A cookie, sent or set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cookie {
    /// Name, bounded to 64 bytes.
    pub name: Text,
    /// Keyed fingerprint of the value.
    pub fingerprint: Fingerprint,
    /// `Secure` (only of cookies set).
    pub secure: bool,
    /// `HttpOnly` (only of cookies set).
    pub http_only: bool,
}
