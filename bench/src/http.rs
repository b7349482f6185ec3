//! HTTP/1.1 messages of the API mix.

use crate::body;
use crate::rng::Rng;
use flate2::{Compression, write::GzEncoder};
use std::io::{Read, Write};

/// One request and its response, as bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// Request with its body.
    pub request: Vec<u8>,
    /// Response with its body.
    pub response: Vec<u8>,
    /// Their bodies by themselves, as coded but in one piece: what kernels that only scan or inflate are given.
    pub bodies: [(Coding, Vec<u8>); 2],
}

/// What varies between workloads.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Share of POST.
    pub post: f64,
    /// Median body bytes.
    pub median: f64,
    /// Greatest body bytes.
    pub max: usize,
    /// Share of response bodies with personal data.
    pub personal: f64,
    /// Shares of response bodies in gzip, brotli and zstd.
    pub coded: [f64; 3],
    /// Share of responses in chunks.
    pub chunked: f64,
    /// Exchanges of a connection, on average.
    pub exchanges: f64,
    /// Header fields besides the necessary ones.
    pub fields: bool,
}

/// W1: the API mix of the performance targets.
pub const API_MIX: Shape = Shape {
    post: 0.45,
    median: 1800.0,
    max: 256 * 1024,
    personal: 0.03,
    coded: [0.0; 3],
    chunked: 0.0,
    exchanges: 7.5,
    fields: true,
};

/// W2: W1 with compressed and chunked bodies.
pub const COMPRESSED: Shape = Shape { coded: [0.6, 0.15, 0.05], chunked: 0.5, ..API_MIX };

/// W4: many tiny exchanges on connections that stay.
pub const SMALL: Shape =
    Shape { post: 0.0, median: 40.0, max: 48, exchanges: 60.0, fields: false, personal: 0.0, ..API_MIX };

/// W5: a connection an exchange.
pub const SHORT: Shape = Shape { median: 600.0, max: 8 * 1024, exchanges: 1.0, ..API_MIX };

const RESOURCES: &[&str] = &["orders", "customers", "products", "tickets", "invoices", "branches"];

impl Pair {
    /// The next pair to `host` under the session `token`.
    pub fn draw(rng: &mut Rng, shape: &Shape, host: &str, token: u64) -> Pair {
        if !shape.fields {
            return Pair::tiny(rng, host);
        }
        let size = |rng: &mut Rng| (rng.log_normal(shape.median, 1.0) as usize).clamp(64, shape.max);
        let resource: &str = rng.pick::<&str>(RESOURCES);
        let post = rng.chance(shape.post);
        let target = if post {
            format!("/api/v2/{resource}")
        } else if rng.chance(0.5) {
            format!("/api/v2/{resource}/{}", rng.below(100_000))
        } else {
            format!("/api/v2/{resource}?page={}&pageSize=20&sort=createdAt", 1 + rng.below(50))
        };
        let sent = match post {
            true => {
                let n = size(rng);
                body::json(rng, n, false)
            }
            false => String::new(),
        };
        let wanted = size(rng);
        let personal = rng.chance(shape.personal);
        let text = body::json(rng, wanted, personal);
        let (method, coding) = (if post { "POST" } else { "GET" }, Coding::draw(rng, &shape.coded));
        let (body, chunked) = (coding.code(text.as_bytes()), rng.chance(shape.chunked));
        Pair {
            request: request(method, &target, host, token, "application/json", sent.as_bytes()),
            response: response("application/json; charset=utf-8", coding.name(), &body, chunked),
            bodies: [(Coding::Plain, sent.into_bytes()), (coding, body)],
        }
    }

    /// A poll and its answer, as small as they come.
    fn tiny(rng: &mut Rng, host: &str) -> Pair {
        let request = format!("GET /s?id={} HTTP/1.1\r\nHost: {host}\r\n\r\n", rng.below(100_000));
        let body = format!("{{\"ok\":true,\"n\":{}}}", rng.below(1000));
        let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let bodies = [(Coding::Plain, Vec::new()), (Coding::Plain, body.into_bytes())];
        Pair { request: request.into_bytes(), response: response.into_bytes(), bodies }
    }
}

/// How a body is compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coding {
    /// Not at all.
    Plain,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

impl Coding {
    fn draw(rng: &mut Rng, shares: &[f64; 3]) -> Coding {
        let at = rng.unit();
        let [gzip, brotli, zstd] = *shares;
        match at {
            _ if at < gzip => Coding::Gzip,
            _ if at < gzip + brotli => Coding::Brotli,
            _ if at < gzip + brotli + zstd => Coding::Zstd,
            _ => Coding::Plain,
        }
    }
    /// Its name in `Content-Encoding`.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Coding::Plain => None,
            Coding::Gzip => Some("gzip"),
            Coding::Brotli => Some("br"),
            Coding::Zstd => Some("zstd"),
        }
    }
    /// Decompresses in one piece into `out`; returns how many bytes it came to, 0 where they are broken.
    pub fn decode(self, coded: &[u8], out: &mut Vec<u8>) -> usize {
        out.clear();
        let done = match self {
            Coding::Plain => Ok(coded.len()),
            Coding::Gzip => flate2::read::GzDecoder::new(coded).read_to_end(out),
            Coding::Brotli => brotli::Decompressor::new(coded, 1 << 16).read_to_end(out),
            Coding::Zstd => zstd::stream::copy_decode(coded, &mut *out).map(|()| out.len()),
        };
        done.unwrap_or(0)
    }
    /// Compresses; writing to memory does not fail, and an empty body would show at once in every benchmark's check.
    pub fn code(self, text: &[u8]) -> Vec<u8> {
        match self {
            Coding::Plain => text.to_vec(),
            Coding::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
                encoder.write_all(text).and_then(|()| encoder.finish()).unwrap_or_default()
            }
            Coding::Brotli => {
                let mut out = Vec::new();
                let mut encoder = brotli::CompressorWriter::new(&mut out, 4096, 4, 20);
                let written = encoder.write_all(text).and_then(|()| encoder.flush());
                drop(encoder);
                written.map(|()| out).unwrap_or_default()
            }
            Coding::Zstd => zstd::bulk::compress(text, 3).unwrap_or_default(),
        }
    }
}

/// A request with ten header fields.
pub fn request(method: &str, target: &str, host: &str, token: u64, media: &str, body: &[u8]) -> Vec<u8> {
    let mut out = format!(
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36\r\n\
         Accept: application/json, text/plain, */*\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: zh-CN,zh;q=0.9\r\n\
         Authorization: Bearer {token:016x}{token:016x}\r\nReferer: http://{host}/app/index.html\r\nX-Requested-With: XMLHttpRequest\r\nConnection: keep-alive\r\n"
    )
    .into_bytes();
    if !body.is_empty() {
        out.extend(format!("Content-Type: {media}\r\nContent-Length: {}\r\n", body.len()).bytes());
    }
    out.extend(b"\r\n");
    out.extend(body);
    out
}

/// An answer with eight header fields or more; `body` is already coded.
pub fn response(media: &str, coding: Option<&str>, body: &[u8], chunked: bool) -> Vec<u8> {
    let mut out = format!(
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Mon, 05 Jan 2026 08:00:00 GMT\r\nContent-Type: {media}\r\n\
        Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nVary: Accept-Encoding\r\nX-Frame-Options: DENY\r\nConnection: keep-alive\r\n"
    )
    .into_bytes();
    if let Some(coding) = coding {
        out.extend(format!("Content-Encoding: {coding}\r\n").bytes());
    }
    if !chunked {
        out.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
        out.extend(body);
        return out;
    }
    out.extend(b"Transfer-Encoding: chunked\r\n\r\n");
    for chunk in body.chunks(4096) {
        out.extend(format!("{:x}\r\n", chunk.len()).bytes());
        out.extend(chunk);
        out.extend(b"\r\n");
    }
    out.extend(b"0\r\n\r\n");
    out
}
