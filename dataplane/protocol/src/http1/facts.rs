//! What the fields of a head say about framing.

use super::token::trim;
use weir_exchange::{Anomalies, Anomaly};

/// Framing facts of one head, gathered field by field.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Facts<'a> {
    /// `Content-Length`, the first valid one.
    pub length: Option<u64>,
    /// Whether the last transfer coding is `chunked`.
    pub chunked: bool,
    /// Whether there is a transfer coding that is neither `chunked` nor `identity`.
    pub coded: bool,
    /// Whether `Expect: 100-continue` was sent.
    pub expects_continue: bool,
    /// First `Host`.
    pub host: Option<&'a [u8]>,
    /// First `Upgrade`.
    pub upgrade: Option<&'a [u8]>,
}

impl<'a> Facts<'a> {
    /// Takes one field into account.
    pub fn field(&mut self, name: &[u8], value: &'a [u8], noted: &mut Anomalies) {
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => self.host(value, noted),
            6 if name.eq_ignore_ascii_case(b"expect") => {
                self.expects_continue |= value.eq_ignore_ascii_case(b"100-continue");
            }
            7 if name.eq_ignore_ascii_case(b"upgrade") => {
                self.upgrade.get_or_insert(value);
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => self.content_length(value, noted),
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => self.transfer_encoding(value, noted),
            _ => {}
        }
    }

    fn host(&mut self, value: &'a [u8], noted: &mut Anomalies) {
        match self.host {
            None => self.host = Some(value),
            Some(first) if first.eq_ignore_ascii_case(value) => {}
            Some(_) => noted.insert(Anomaly::BadHost),
        }
    }

    /// A list of equal numbers is one number (RFC 9112, 6.3); of different ones the first counts.
    fn content_length(&mut self, value: &[u8], noted: &mut Anomalies) {
        for part in value.split(|b| *b == b',') {
            match (decimal(trim(part)), self.length) {
                (None, _) => noted.insert(Anomaly::BadLength),
                (Some(n), None) => self.length = Some(n),
                (Some(n), Some(first)) if n == first => {}
                (Some(_), Some(_)) => noted.insert(Anomaly::ConflictingLengths),
            }
        }
    }

    fn transfer_encoding(&mut self, value: &[u8], noted: &mut Anomalies) {
        for part in value.split(|b| *b == b',') {
            let coding = trim(part.split(|b| *b == b';').next().unwrap_or_default());
            if coding.is_empty() {
                continue;
            }
            if coding.eq_ignore_ascii_case(b"chunked") {
                self.chunked = true;
                continue;
            }
            noted.insert(Anomaly::BadTransferEncoding);
            if !coding.eq_ignore_ascii_case(b"identity") {
                self.coded = true;
                self.chunked = false;
            }
        }
    }

    /// Notes what only the whole head shows.
    pub fn finish(&self, noted: &mut Anomalies) {
        if self.length.is_some() && self.chunked {
            noted.insert(Anomaly::LengthAndChunked);
        }
    }
}

/// A decimal number without sign; `None` where it is none or passes 2^60.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let add = |n: u64, d: &u8| n.checked_mul(10)?.checked_add(u64::from(d - b'0'));
    digits.iter().try_fold(0, add).filter(|n| *n < 1 << 60)
}

/// What a request's method means for the framing of its response.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Method {
    /// HEAD: the response has no body.
    Head,
    /// CONNECT: a 2xx response ends HTTP.
    Connect,
    /// Any other.
    Other,
    /// The request was not seen.
    Unknown,
}

impl Method {
    /// By its name.
    pub fn of(name: &[u8]) -> Self {
        match name {
            b"HEAD" => Method::Head,
            b"CONNECT" => Method::Connect,
            _ => Method::Other,
        }
    }
}

/// How the body of a message is delimited (RFC 9112, 6.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Framing {
    /// No body.
    None,
    /// So many bytes, at least one.
    Length(u64),
    /// Chunks.
    Chunked,
    /// Everything until the direction ends.
    UntilClose,
    /// No body, and HTTP ends here.
    Switch,
}

impl Framing {
    /// Of a request.
    pub fn of_request(facts: &Facts<'_>) -> Self {
        match facts.length {
            _ if facts.chunked => Framing::Chunked,
            Some(n) if n > 0 => Framing::Length(n),
            _ => Framing::None,
        }
    }
    /// Of a final response.
    pub fn of_response(facts: &Facts<'_>, status: u16, method: Method) -> Self {
        match (status, method) {
            (101, _) | (200..=299, Method::Connect) => return Framing::Switch,
            (204 | 304, _) | (_, Method::Head) => return Framing::None,
            _ => {}
        }
        match facts.length {
            _ if facts.chunked => Framing::Chunked,
            _ if facts.coded => Framing::UntilClose,
            Some(0) => Framing::None,
            Some(n) => Framing::Length(n),
            None => Framing::UntilClose,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn of(fields: &[(&str, &'static str)]) -> (Facts<'static>, Vec<Anomaly>) {
        let (mut facts, mut noted) = (Facts::default(), Anomalies::new());
        for (name, value) in fields {
            facts.field(name.as_bytes(), value.as_bytes(), &mut noted);
        }
        facts.finish(&mut noted);
        (facts, noted.iter().collect())
    }

    #[test]
    fn lengths() {
        assert_eq!(of(&[("Content-Length", "5")]).0.length, Some(5));
        assert_eq!(
            of(&[("content-length", "5, 5")]),
            (Facts { length: Some(5), ..Facts::default() }, vec![])
        );
        assert_eq!(of(&[("Content-Length", "5"), ("Content-Length", "6")]).1, [Anomaly::ConflictingLengths]);
        for bad in ["+5", "-1", "0x5", "5 5", "", "99999999999999999999"] {
            assert_eq!(of(&[("Content-Length", bad)]), (Facts::default(), vec![Anomaly::BadLength]), "{bad}");
        }
    }

    #[test]
    fn codings() {
        let (f, a) = of(&[("Transfer-Encoding", "gzip, chunked"), ("Content-Length", "3")]);
        assert!(f.chunked && f.coded);
        assert_eq!(a, [Anomaly::LengthAndChunked, Anomaly::BadTransferEncoding]);
        let (f, a) = of(&[("Transfer-Encoding", "identity"), ("Content-Length", "3")]);
        assert_eq!(Framing::of_response(&f, 200, Method::Other), Framing::Length(3));
        assert_eq!(a, [Anomaly::BadTransferEncoding]);
        let (f, _) = of(&[("Transfer-Encoding", "chunked, gzip")]);
        assert_eq!(Framing::of_response(&f, 200, Method::Other), Framing::UntilClose);
        assert_eq!(Framing::of_request(&f), Framing::None);
    }
}
