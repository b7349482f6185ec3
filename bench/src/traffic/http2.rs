//! HTTP/2 in clear by prior knowledge (RFC 9113, 3.3), and gRPC over it.

use crate::body;
use crate::mix::ends;
use crate::rng::Rng;
use crate::tcp::{CLIENT, Connection, SERVER};

const HEADERS: u8 = 1;
const DATA: u8 = 0;
const SETTINGS: u8 = 4;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// A connection of W3: pairs of streams whose frames interleave; every second connection is gRPC.
pub fn connection(rng: &mut Rng, n: usize) -> Connection {
    let (client, server, host) = ends(rng, n);
    let mut c = Connection::open(client, server, rng.bits() as u32);
    let mut hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    hello.extend(frame(SETTINGS, 0, 0, &[]));
    c.send(CLIENT, &hello);
    c.send(SERVER, &[frame(SETTINGS, 0, 0, &[]), frame(SETTINGS, 1, 0, &[])].concat());
    for k in 0..4u32 {
        let streams = [4 * k + 1, 4 * k + 3];
        let asked: Vec<u8> = streams.iter().flat_map(|id| request(rng, *id, &host, n % 2 == 1)).collect();
        c.send(CLIENT, &asked);
        let answers = streams.map(|id| answer(rng, id, n % 2 == 1));
        c.send(SERVER, &interleaved(answers));
    }
    c.close();
    c.done()
}

/// The same exchanges in HTTP/1.1 or HTTP/2, for comparing what they cost: eight requests of a connection, one after the other.
pub fn twin(rng: &mut Rng, n: usize, two: bool) -> Connection {
    let (client, server, host) = ends(rng, n);
    let mut c = Connection::open(client, server, rng.bits() as u32);
    if two {
        c.send(CLIENT, &[&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frame(SETTINGS, 0, 0, &[])].concat());
        c.send(SERVER, &frame(SETTINGS, 0, 0, &[]));
    }
    for id in (1..16).step_by(2) {
        let path = format!("/api/v2/orders/{}", rng.below(100_000));
        let size = (rng.log_normal(1800.0, 1.0) as usize).clamp(64, 65_536);
        let personal = rng.chance(0.03);
        let text = body::json(rng, size, personal);
        let (asks, answers) = if two { in_two(id, &host, &path, &text) } else { in_one(&host, &path, &text) };
        c.send(CLIENT, &asks);
        c.send(SERVER, &answers);
    }
    c.close();
    c.done()
}

fn in_one(host: &str, path: &str, text: &str) -> (Vec<u8>, Vec<u8>) {
    let asks = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: app/1.0\r\nAccept: */*\r\n\r\n");
    let length = text.len();
    let answers = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{text}"
    );
    (asks.into(), answers.into())
}

fn in_two(id: u32, host: &str, path: &str, text: &str) -> (Vec<u8>, Vec<u8>) {
    let mut block = vec![0x82, 0x86];
    literal(&mut block, 4, path);
    literal(&mut block, 1, host);
    literal(&mut block, 58, "app/1.0");
    literal(&mut block, 19, "*/*");
    let asks = frame(HEADERS, END_HEADERS | END_STREAM, id, &block);
    let mut block = vec![0x88];
    literal(&mut block, 31, "application/json");
    literal(&mut block, 28, &text.len().to_string());
    let mut answers = frame(HEADERS, END_HEADERS, id, &block);
    let mut parts = text.as_bytes().chunks(16_384).peekable();
    while let Some(part) = parts.next() {
        answers.extend(frame(DATA, if parts.peek().is_none() { END_STREAM } else { 0 }, id, part));
    }
    (asks, answers)
}

/// Frames of two streams in turn.
fn interleaved([a, b]: [Vec<Vec<u8>>; 2]) -> Vec<u8> {
    let longest = a.len().max(b.len());
    let turn = |i: usize| [a.get(i), b.get(i)].into_iter().flatten().flatten().copied().collect::<Vec<u8>>();
    (0..longest).flat_map(turn).collect()
}

fn request(rng: &mut Rng, id: u32, host: &str, grpc: bool) -> Vec<u8> {
    // Indexed fields of the static table (RFC 7541, appendix A) and literals without indexing.
    let mut block = vec![if grpc { 0x83 } else { 0x82 }, 0x86];
    let path =
        if grpc { "/shop.Orders/Get".into() } else { format!("/api/v2/orders/{}", rng.below(100_000)) };
    literal(&mut block, 4, &path);
    literal(&mut block, 1, host);
    if grpc {
        literal(&mut block, 31, "application/grpc");
        let data = message(&rng.bits().to_le_bytes());
        return [frame(HEADERS, END_HEADERS, id, &block), frame(DATA, END_STREAM, id, &data)].concat();
    }
    frame(HEADERS, END_HEADERS | END_STREAM, id, &block)
}

fn answer(rng: &mut Rng, id: u32, grpc: bool) -> Vec<Vec<u8>> {
    let size = (rng.log_normal(1800.0, 1.0) as usize).clamp(64, 65_536);
    let personal = rng.chance(0.03);
    let text = body::json(rng, size, personal);
    let mut block = vec![0x88];
    literal(&mut block, 31, if grpc { "application/grpc" } else { "application/json" });
    let data = if grpc { message(&field(1, text.as_bytes())) } else { text.into_bytes() };
    let mut frames = vec![frame(HEADERS, END_HEADERS, id, &block)];
    let mut parts = data.chunks(16_384).peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none() && !grpc;
        frames.push(frame(DATA, if last { END_STREAM } else { 0 }, id, part));
    }
    if grpc {
        let mut trailers = vec![0x00];
        string(&mut trailers, "grpc-status");
        string(&mut trailers, "0");
        frames.push(frame(HEADERS, END_HEADERS | END_STREAM, id, &trailers));
    }
    frames
}

/// A length-prefixed message of gRPC, uncompressed.
fn message(body: &[u8]) -> Vec<u8> {
    let mut out = vec![0];
    out.extend((body.len() as u32).to_be_bytes());
    out.extend(body);
    out
}

/// A length-delimited field of Protocol Buffers.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = value.len();
    while length > 0x7f {
        out.push(0x80 | (length & 0x7f) as u8);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend(value);
    out
}

/// A literal field without indexing, name from the static table (RFC 7541, 6.2.2).
fn literal(block: &mut Vec<u8>, name: u8, value: &str) {
    // The index has four bits of prefix.
    if name < 15 {
        block.push(name);
    } else {
        block.extend([0x0f, name - 15]);
    }
    string(block, value);
}

/// A string without Huffman code, shorter than 127 bytes.
fn string(block: &mut Vec<u8>, text: &str) {
    block.push(text.len().min(126) as u8);
    block.extend(text.bytes().take(126));
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let mut out = vec![length[1], length[2], length[3], kind, flags];
    out.extend(stream.to_be_bytes());
    out.extend(payload);
    out
}
