//! Bodies of gRPC and gRPC-Web: messages behind prefixes of five bytes, each compressed or not, told as JSON documents in a row.
//!
//! ```text
//! body --[base64, where gRPC-Web says so]--> flag, length, message --[gzip, deflate]--> proto --> {"1":..,"3":[{..}]} --> the JSON reader
//! ```
//! Field paths are the numbers of the fields (`1.3[].2`), as the wire has no names. A message that is a JSON text is read as it is.
//!
//! Bounds: a message is gathered within the quota of the lane's files; what comes out of a compressed one is at most 200 times as
//! long, and 16 MiB.

mod proto;

use crate::file::{Budget, Gathered, Quota, Unread};
use flate2::read::{GzDecoder, ZlibDecoder};
use std::io::Read;

/// Bytes before a message: a flag and its length.
const PREFIX: usize = 5;
/// Most that one byte of a compressed message may become, once [`FREE`] has come out.
const RATIO: u64 = 200;
const FREE: u64 = 1 << 20;
/// Most that a compressed message may become.
const MAX_MESSAGE: u64 = 16 << 20;
/// The flag of a message that is compressed.
const COMPRESSED: u8 = 0x01;
/// The flag of the trailers of gRPC-Web.
const TRAILERS: u8 = 0x80;

/// Whether a media type says gRPC or gRPC-Web, and whether in base64.
pub(crate) fn announced(media: &[u8]) -> Option<bool> {
    const TYPE: &[u8] = b"application/grpc";
    let rest =
        media.get(..TYPE.len()).filter(|m| m.eq_ignore_ascii_case(TYPE)).map(|_| &media[TYPE.len()..])?;
    match rest {
        [] | [b'+' | b';' | b' ', ..] => Some(false),
        _ => {
            let web = rest.get(..4).is_some_and(|w| w.eq_ignore_ascii_case(b"-web"));
            web.then(|| rest.get(4..9).is_some_and(|t| t.eq_ignore_ascii_case(b"-text")))
        }
    }
}

/// How the messages of a body may be compressed (`grpc-encoding`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
    Deflate,
    Unknown,
}

impl Encoding {
    /// Of the value of the field.
    pub(crate) fn of(value: Option<&[u8]>) -> Self {
        match value.map(<[u8]>::trim_ascii) {
            None | Some(b"" | b"identity") => Encoding::Identity,
            Some(b"gzip") => Encoding::Gzip,
            Some(b"deflate") => Encoding::Deflate,
            Some(_) => Encoding::Unknown,
        }
    }
}

/// A body being read.
pub(crate) struct Grpc {
    encoding: Encoding,
    /// Characters of base64 that are not four yet.
    quad: Option<Vec<u8>>,
    prefix: Vec<u8>,
    left: usize,
    message: Gathered,
    /// From the trailers of gRPC-Web.
    pub(crate) status: Option<u8>,
    /// The framing, a compression or a message is broken.
    pub(crate) broken: bool,
    /// Messages were compressed in a way that is not read.
    pub(crate) unknown: bool,
    lost: bool,
}

impl Grpc {
    /// Of a body in base64 or not.
    pub(crate) fn new(base64: bool, encoding: Encoding) -> Self {
        Grpc {
            encoding,
            quad: base64.then(Vec::new),
            prefix: Vec::new(),
            left: 0,
            message: Gathered::default(),
            status: None,
            broken: false,
            unknown: false,
            lost: false,
        }
    }

    /// Takes the next bytes; whole messages go to `out` as JSON documents.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        quota: &Quota,
        budget: &mut Budget,
        out: &mut dyn FnMut(&[u8], &mut Budget),
    ) {
        let Some(mut quad) = self.quad.take() else { return self.framed(bytes, quota, budget, out) };
        let mut decoded = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
        for b in bytes.iter().filter(|b| !b.is_ascii_whitespace()) {
            quad.push(*b);
            if quad.len() == 4 {
                self.broken |= !unquad(&quad, &mut decoded);
                quad.clear();
            }
        }
        self.quad = Some(quad);
        self.framed(&decoded, quota, budget, out);
    }

    /// Bytes are missing: where the next message begins is not known.
    pub(crate) fn gap(&mut self) {
        self.lost = true;
        self.message = Gathered::default();
    }

    /// At the end; `whole` where the body was not cut.
    pub(crate) fn finish(&mut self, whole: bool) {
        self.broken |= whole && (!self.prefix.is_empty() || self.left > 0);
    }

    fn framed(
        &mut self,
        mut bytes: &[u8],
        quota: &Quota,
        budget: &mut Budget,
        out: &mut dyn FnMut(&[u8], &mut Budget),
    ) {
        while !bytes.is_empty() && !self.lost {
            if self.prefix.len() < PREFIX {
                let n = (PREFIX - self.prefix.len()).min(bytes.len());
                self.prefix.extend_from_slice(&bytes[..n]);
                bytes = &bytes[n..];
                let [flag, length @ ..] = &self.prefix[..] else { return };
                let Some(length) = length.first_chunk() else { return };
                if flag & !(COMPRESSED | TRAILERS) != 0 {
                    // No message: what follows cannot be told.
                    (self.broken, self.lost) = (true, true);
                    return;
                }
                self.left = u32::from_be_bytes(*length) as usize;
            }
            let n = self.left.min(bytes.len());
            let (piece, rest) = bytes.split_at(n);
            (bytes, self.left) = (rest, self.left - n);
            let held = !self.message.bytes().is_empty();
            if self.left > 0 {
                self.message.add(piece, quota);
            } else if held {
                self.message.add(piece, quota);
                let message = std::mem::take(&mut self.message);
                if message.cut {
                    budget.note(Unread::Beyond);
                }
                self.message(message.bytes(), message.cut, budget, out);
            } else {
                self.message(piece, false, budget, out);
            }
        }
    }

    /// A whole message, or what was kept of one.
    fn message(
        &mut self,
        bytes: &[u8],
        cut: bool,
        budget: &mut Budget,
        out: &mut dyn FnMut(&[u8], &mut Budget),
    ) {
        let flag = self.prefix.first().copied().unwrap_or_default();
        self.prefix.clear();
        if flag & TRAILERS != 0 {
            self.status = status_line(bytes);
            return;
        }
        if flag & COMPRESSED == 0 {
            return self.tell(bytes, cut, budget, out);
        }
        let limit = MAX_MESSAGE.min(FREE.max(bytes.len() as u64 * RATIO));
        let mut plain = Vec::new();
        let read = match self.encoding {
            Encoding::Gzip => GzDecoder::new(bytes).take(limit).read_to_end(&mut plain),
            Encoding::Deflate => ZlibDecoder::new(bytes).take(limit).read_to_end(&mut plain),
            // The flag says compressed and the head not how.
            Encoding::Identity | Encoding::Unknown => {
                self.unknown = true;
                budget.note(Unread::Unknown);
                return;
            }
        };
        self.broken |= read.is_err() && !cut;
        let bomb = plain.len() as u64 == limit;
        if bomb {
            budget.note(Unread::Bomb);
        }
        self.tell(&plain, cut || bomb || read.is_err(), budget, out);
        // It may have held passwords.
        plain.fill(0);
    }

    fn tell(
        &mut self,
        message: &[u8],
        cut: bool,
        budget: &mut Budget,
        out: &mut dyn FnMut(&[u8], &mut Budget),
    ) {
        // A JSON text is no message: its first byte would begin a group.
        if message.first() == Some(&b'{') {
            out(message, budget);
            return out(b"\n", budget);
        }
        let mut json = Vec::with_capacity(message.len() + message.len() / 4 + 16);
        self.broken |= !proto::to_json(message, &mut json) && !cut;
        json.push(b'\n');
        out(&json, budget);
        json.fill(0);
    }
}

/// Four characters of base64 (RFC 4648, 4); `false` where they are none.
fn unquad(quad: &[u8], out: &mut Vec<u8>) -> bool {
    let pad = quad.iter().rev().take_while(|b| **b == b'=').count();
    let mut bits = 0u32;
    for b in quad {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => 0,
            _ => return false,
        };
        bits = bits << 6 | u32::from(six);
    }
    out.extend_from_slice(&bits.to_be_bytes()[1..4 - pad.min(2)]);
    pad <= 2
}

/// `grpc-status` of the trailers of gRPC-Web, which stand as lines of HTTP/1.
fn status_line(bytes: &[u8]) -> Option<u8> {
    bytes.split(|b| *b == b'\n').find_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        line[..colon].trim_ascii().eq_ignore_ascii_case(b"grpc-status").then(|| status(&line[colon + 1..]))?
    })
}

/// The value of `grpc-status`.
pub(crate) fn status(value: &[u8]) -> Option<u8> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn framed(flag: u8, message: &[u8]) -> Vec<u8> {
        [&[flag][..], &(message.len() as u32).to_be_bytes(), message].concat()
    }

    fn read(mut grpc: Grpc, body: &[u8], piece: usize) -> (String, Grpc) {
        let (quota, mut budget, mut got) = (Quota::default(), Budget::default(), Vec::new());
        for part in body.chunks(piece) {
            grpc.push(part, &quota, &mut budget, &mut |json, _| got.extend_from_slice(json));
        }
        grpc.finish(true);
        (String::from_utf8_lossy(&got).into_owned(), grpc)
    }

    #[test]
    fn messages_in_any_pieces() {
        let mut gz = GzEncoder::new(Vec::new(), Compression::default());
        gz.write_all(b"\x12\x03two").unwrap();
        let zipped = gz.finish().unwrap();
        let body = [
            framed(0, b"\x0a\x03one"),
            framed(1, &zipped),
            framed(0, b""),
            framed(0, b"{\"a\":1}"),
            framed(0x80, b"grpc-status: 7\r\n"),
        ]
        .concat();
        for piece in [1, 2, 7, 1000] {
            let (got, grpc) = read(Grpc::new(false, Encoding::Gzip), &body, piece);
            assert_eq!(got, "{\"1\":\"one\"}\n{\"2\":\"two\"}\n{}\n{\"a\":1}\n");
            assert_eq!((grpc.status, grpc.broken, grpc.unknown), (Some(7), false, false));
        }
    }

    #[test]
    fn base64_of_grpc_web() {
        // Two parts, each with its own padding: a message, and the trailers.
        let body = b"AAAAAAUKA29uZQ==gAAAAA9ncnBjLXN0YXR1czogMA0=";
        let (got, grpc) = read(Grpc::new(true, Encoding::Identity), body, 3);
        assert_eq!((got.as_str(), grpc.status), ("{\"1\":\"one\"}\n", Some(0)));
    }

    #[test]
    fn broken_framing_and_unknown_compression() {
        let (got, grpc) = read(Grpc::new(false, Encoding::Identity), b"\x42what is this", 5);
        assert_eq!((got.as_str(), grpc.broken), ("", true));
        let (_, grpc) = read(Grpc::new(false, Encoding::Unknown), &framed(1, b"abc"), 5);
        assert!(grpc.unknown);
        let (_, grpc) = read(Grpc::new(false, Encoding::Identity), &framed(0, b"\x0a\x03one")[..8], 5);
        assert!(grpc.broken);
    }

    #[test]
    fn media_types() {
        for (media, want) in [
            ("application/grpc", Some(false)),
            ("Application/gRPC+proto; x=1", Some(false)),
            ("application/grpc-web", Some(false)),
            ("application/grpc-web+proto", Some(false)),
            ("application/grpc-web-text+proto", Some(true)),
            ("application/grpcx", None),
            ("application/json", None),
        ] {
            assert_eq!(announced(media.as_bytes()), want, "{media}");
        }
    }
}
