//! From field lists to heads (RFC 9113, 8.3).

use super::hpack::List;
use crate::Header;
use memchr::memchr3;
use smallvec::SmallVec;
use weir_exchange::{Anomalies, Anomaly};

/// The fields of a head, `:authority` in front as `Host`.
pub(super) type Headers<'a> = SmallVec<[Header<'a>; 32]>;

/// A field list by its parts.
#[derive(Default)]
pub(super) struct Head<'a> {
    pub method: Option<&'a [u8]>,
    pub path: Option<&'a [u8]>,
    pub authority: Option<&'a [u8]>,
    /// Of an extended CONNECT (RFC 8441).
    pub protocol: Option<&'a [u8]>,
    pub status: Option<u16>,
    pub headers: Headers<'a>,
    pub length: Option<u64>,
    /// Media type of gRPC over HTTP/2, not of gRPC-Web.
    pub grpc: bool,
    pub noted: Anomalies,
}

impl<'a> Head<'a> {
    /// Sorts a list.
    pub fn of(list: &'a List) -> Self {
        let mut head = Head::default();
        if list.long {
            head.noted.insert(Anomaly::HeadTooLong);
        }
        if list.unknown {
            head.noted.insert(Anomaly::UnknownField);
        }
        let fields = list.fields();
        if let Some(h) = fields.iter().find(|h| h.name == b":authority") {
            head.headers.push(Header { name: b"Host", value: h.value });
        }
        for h in &fields {
            // A line end or NUL becomes a field of its own where the head is written in HTTP/1.
            if memchr3(b'\r', b'\n', 0, h.value).is_some() {
                head.noted.insert(Anomaly::ControlInHead);
            }
            match h.name {
                [b':', name @ ..] => head.pseudo(name, h.value),
                _ => head.field(*h),
            }
        }
        head
    }

    fn pseudo(&mut self, name: &[u8], value: &'a [u8]) {
        // They come before the others (RFC 9113, 8.3); the Host made of one counts for none.
        let late = self.headers.len() > 1 || (self.headers.len() == 1 && self.headers[0].name != b"Host");
        let twice = match name {
            b"method" => self.method.replace(value).is_some(),
            b"path" => self.path.replace(value).is_some(),
            b"authority" => self.authority.replace(value).is_some(),
            b"protocol" => self.protocol.replace(value).is_some(),
            b"status" => {
                std::mem::replace(&mut self.status, status(value)).is_some() || self.status.is_none()
            }
            b"scheme" => false,
            _ => true,
        };
        if late || twice {
            self.noted.insert(Anomaly::BadHeader);
        }
    }

    fn field(&mut self, h: Header<'a>) {
        match h.name {
            b"host" => match self.headers.first().filter(|first| first.name == b"Host") {
                Some(first) if first.value.eq_ignore_ascii_case(h.value) => return,
                Some(_) => self.noted.insert(Anomaly::BadHost),
                None => {}
            },
            b"content-type" => self.grpc = is_grpc(h.value),
            b"content-length" => match std::str::from_utf8(h.value).ok().and_then(|v| v.parse().ok()) {
                Some(n) if self.length.is_none_or(|known| known == n) => self.length = Some(n),
                Some(_) => self.noted.insert(Anomaly::ConflictingLengths),
                None => self.noted.insert(Anomaly::BadLength),
            },
            // Means nothing here, and much to a server of HTTP/1 behind a gateway (RFC 9113, 8.2.2).
            b"transfer-encoding" => self.noted.insert(Anomaly::BadTransferEncoding),
            name if name.iter().any(|b| b.is_ascii_uppercase() || matches!(b, 0..=0x20 | b':' | 0x7f..)) => {
                self.noted.insert(Anomaly::BadHeader);
            }
            _ => {}
        }
        self.headers.push(h);
    }
}

fn status(value: &[u8]) -> Option<u16> {
    match value {
        [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] => {
            Some([a, b, c].iter().fold(0, |n, d| n * 10 + u16::from(**d - b'0')))
        }
        _ => None,
    }
}

/// `application/grpc` and its subtypes, but not those of gRPC-Web.
fn is_grpc(media: &[u8]) -> bool {
    const TYPE: &[u8] = b"application/grpc";
    media.get(..TYPE.len()).is_some_and(|m| m.eq_ignore_ascii_case(TYPE))
        && matches!(media.get(TYPE.len()), None | Some(b'+' | b';' | b' '))
}
