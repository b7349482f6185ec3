//! Header fields by name: which are kept, which may hold data, which say nothing here.

/// What a header field is to the inspection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    /// Says nothing that is kept, and holds no data.
    Plain,
    Host,
    UserAgent,
    /// Text that may hold data, percent-encoded.
    Referer,
    Location,
    Origin,
    /// `X-Forwarded-For`, `X-Real-IP`, `Forwarded`: the rank in which they are believed.
    Forwarded(u8),
    Accept,
    AcceptLanguage,
    /// `X-HTTP-Method-Override` and the like, in order of preference. Holds data like any unknown field.
    Override(u8),
    SoapAction,
    Cookie,
    SetCookie,
    Authorization,
    ProxyAuthorization,
    Server,
    Authenticate,
    CacheControl,
    /// Describe the body.
    ContentType,
    ContentEncoding,
    ContentDisposition,
    ContentLength,
    /// How messages of gRPC are compressed, and how its call went.
    GrpcEncoding,
    GrpcStatus,
    /// Any other: its value may hold data or be a credential.
    Data,
}

impl Class {
    /// Whether a value may hold data, or be a credential by its name.
    pub(crate) fn may_hold_data(self) -> bool {
        matches!(self, Class::Data | Class::Referer | Class::Location | Class::Override(_))
    }
    /// Whether a field only says what follows it, or nothing.
    pub(crate) fn is_of_body(self) -> bool {
        use Class::{
            ContentDisposition, ContentEncoding, ContentLength, ContentType, GrpcEncoding, GrpcStatus, Plain,
        };
        matches!(
            self,
            Plain
                | ContentType
                | ContentEncoding
                | ContentDisposition
                | ContentLength
                | GrpcEncoding
                | GrpcStatus
        )
    }
}

/// Names in lower case that mean something here.
const KEPT: &[(&str, Class)] = &[
    ("host", Class::Host),
    ("user-agent", Class::UserAgent),
    ("referer", Class::Referer),
    ("location", Class::Location),
    ("origin", Class::Origin),
    ("x-forwarded-for", Class::Forwarded(0)),
    ("x-real-ip", Class::Forwarded(1)),
    ("forwarded", Class::Forwarded(2)),
    ("accept", Class::Accept),
    ("accept-language", Class::AcceptLanguage),
    ("x-http-method-override", Class::Override(0)),
    ("x-http-method", Class::Override(1)),
    ("x-method-override", Class::Override(2)),
    ("soapaction", Class::SoapAction),
    ("cookie", Class::Cookie),
    ("set-cookie", Class::SetCookie),
    ("authorization", Class::Authorization),
    ("proxy-authorization", Class::ProxyAuthorization),
    ("server", Class::Server),
    ("www-authenticate", Class::Authenticate),
    ("cache-control", Class::CacheControl),
    ("content-type", Class::ContentType),
    ("content-encoding", Class::ContentEncoding),
    ("content-disposition", Class::ContentDisposition),
    ("content-length", Class::ContentLength),
    ("grpc-encoding", Class::GrpcEncoding),
    ("grpc-status", Class::GrpcStatus),
];

/// Fields that hold no data: of the protocol, of browsers, addresses of proxies.
const PLAIN: &[&str] = &[
    "date",
    "accept-encoding",
    "accept-charset",
    "accept-ranges",
    "connection",
    "keep-alive",
    "content-language",
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
    "via",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "remote-addr",
    "dnt",
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
    "grpc-accept-encoding",
    "grpc-timeout",
];

/// By its name alone.
fn class_of(name: &[u8]) -> Class {
    if name.len() > 4 && name[..4].eq_ignore_ascii_case(b"sec-") {
        return Class::Plain;
    }
    if let Some((_, class)) = KEPT.iter().find(|(n, _)| name.eq_ignore_ascii_case(n.as_bytes())) {
        return *class;
    }
    let plain = PLAIN.iter().any(|p| name.eq_ignore_ascii_case(p.as_bytes()));
    if plain { Class::Plain } else { Class::Data }
}

/// Names remembered; a power of two.
const SLOTS: usize = 512;
/// Slots in which a name may stand.
const WAYS: usize = 2;
/// Longest name remembered, in bytes.
const MAX_NAME: usize = 40;

/// Names met, as sent: the same few come again and again. A name that finds its slots taken takes one of them.
pub(crate) struct Classes(Vec<Option<(Box<[u8]>, Class)>>);

impl Default for Classes {
    fn default() -> Self {
        Classes((0..SLOTS).map(|_| None).collect())
    }
}

/// The first and last bytes of a name, multiplied and folded: only speed counts.
fn slot(name: &[u8]) -> usize {
    let mut ends = [0; 16];
    let n = name.len().min(8);
    ends[..n].copy_from_slice(&name[..n]);
    ends[16 - n..].copy_from_slice(&name[name.len() - n..]);
    let mixed = (u128::from_le_bytes(ends) as u64 ^ name.len() as u64)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .rotate_left(29)
        ^ (u128::from_le_bytes(ends) >> 64) as u64;
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % (SLOTS / WAYS) * WAYS
}

impl Classes {
    /// The class of a name.
    pub(crate) fn of(&mut self, name: &[u8]) -> Class {
        let start = slot(name);
        let ways = &mut self.0[start..start + WAYS];
        if let Some((_, class)) = ways.iter().flatten().find(|(known, _)| **known == *name) {
            return *class;
        }
        let class = class_of(name);
        if name.len() <= MAX_NAME {
            ways.rotate_right(1);
            ways[0] = Some((name.into(), class));
        }
        class
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_names() {
        let mut classes = Classes::default();
        for _ in 0..2 {
            assert_eq!(classes.of(b"COOKIE"), Class::Cookie);
            assert_eq!(classes.of(b"Sec-Fetch-Mode"), Class::Plain);
            assert_eq!(classes.of(b"x-request-ID"), Class::Plain);
            assert!(classes.of(b"X-Token").may_hold_data() && classes.of(b"").may_hold_data());
        }
    }

    #[test]
    fn a_name_stands_in_one_list() {
        for (name, class) in KEPT {
            assert!(!PLAIN.contains(name), "{name}");
            assert_eq!(class_of(name.to_uppercase().as_bytes()), *class);
        }
    }

    #[test]
    fn names_that_share_slots_take_turns() {
        let mut classes = Classes::default();
        let names: Vec<String> = (0..2_000).map(|i| format!("x-{i}")).collect();
        for name in names.iter().chain(&names) {
            assert_eq!(classes.of(name.as_bytes()), Class::Data);
            assert_eq!(classes.of(b"host"), Class::Host);
        }
    }
}
