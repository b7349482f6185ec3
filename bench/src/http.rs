//! HTTP/1.1 messages of the API mix.

use crate::body;
use crate::rng::Rng;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

/// One request and its response, as bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// Request with its body.
    pub request: Vec<u8>,
    /// Response with its body.
    pub response: Vec<u8>,
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
    /// Share of response bodies in gzip.
    pub gzip: f64,
    /// Share of responses in chunks.
    pub chunked: f64,
}

/// W1: the API mix of the performance targets.
pub const API_MIX: Shape =
    Shape { post: 0.45, median: 1800.0, max: 256 * 1024, personal: 0.03, gzip: 0.0, chunked: 0.0 };

/// W2: W1 with compressed and chunked bodies.
pub const COMPRESSED: Shape = Shape { gzip: 0.6, chunked: 0.5, ..API_MIX };

const RESOURCES: &[&str] = &["orders", "customers", "products", "tickets", "invoices", "branches"];

impl Pair {
    /// The next pair to `host` under the session `token`.
    pub fn draw(rng: &mut Rng, shape: &Shape, host: &str, token: u64) -> Pair {
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
        let sent = if post {
            {
                let n = size(rng);
                body::json(rng, n, false)
            }
        } else {
            String::new()
        };
        let wanted = size(rng);
        let personal = rng.chance(shape.personal);
        let text = body::json(rng, wanted, personal);
        Pair {
            request: request(if post { "POST" } else { "GET" }, &target, host, token, sent.as_bytes()),
            response: response(text.as_bytes(), rng.chance(shape.gzip), rng.chance(shape.chunked)),
        }
    }
}

/// A request with ten header fields.
fn request(method: &str, target: &str, host: &str, token: u64, body: &[u8]) -> Vec<u8> {
    let mut out = format!(
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36\r\n\
         Accept: application/json, text/plain, */*\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: zh-CN,zh;q=0.9\r\n\
         Authorization: Bearer {token:016x}{token:016x}\r\nReferer: http://{host}/app/index.html\r\nX-Requested-With: XMLHttpRequest\r\nConnection: keep-alive\r\n"
    )
    .into_bytes();
    if !body.is_empty() {
        out.extend(format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()).bytes());
    }
    out.extend(b"\r\n");
    out.extend(body);
    out
}

fn response(text: &[u8], gzip: bool, chunked: bool) -> Vec<u8> {
    let mut out = b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Mon, 05 Jan 2026 08:00:00 GMT\r\nContent-Type: application/json; charset=utf-8\r\n\
        Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nVary: Accept-Encoding\r\nX-Frame-Options: DENY\r\nConnection: keep-alive\r\n"
        .to_vec();
    let body = if gzip { compressed(text) } else { text.to_vec() };
    if gzip {
        out.extend(b"Content-Encoding: gzip\r\n");
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

/// Gzip; writing to memory does not fail, and an empty body would show at once in every benchmark's check.
fn compressed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(text).and_then(|()| encoder.finish()).unwrap_or_default()
}
