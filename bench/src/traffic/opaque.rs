//! What a content sensor cannot or need not read: TLS and video.

use crate::http::{API_MIX, request, response};
use crate::mix::ends;
use crate::rng::Rng;
use crate::tcp::{CLIENT, Connection, SERVER};
use crate::workload::exchanges;

/// A connection of W13: one TLS, one with a video, and as many with API calls as make 30 % of the bytes.
pub fn connection(rng: &mut Rng, n: usize) -> Connection {
    match n % 10 {
        0 => video(rng, n),
        1 | 2 => tls(rng, n),
        _ => exchanges(rng, n, &API_MIX),
    }
}

/// A TLS 1.3 connection: a client hello, a server hello, then application data.
pub fn tls(rng: &mut Rng, n: usize) -> Connection {
    let (client, server, host) = ends(rng, n);
    let mut c = Connection::open(client, (server.0, 443), rng.bits() as u32);
    c.send(CLIENT, &client_hello(rng, &host));
    c.send(SERVER, &record(22, &hello_body(rng, 2, &[])));
    for _ in 0..6 {
        let (asked, answered) = (200 + rng.below(800) as usize, 4_000 + rng.below(24_000) as usize);
        c.send(CLIENT, &record(23, &noise(rng, asked)));
        let noise = noise(rng, answered);
        noise.chunks(16_384).for_each(|part| c.send(SERVER, &record(23, part)));
    }
    c.close();
    c.done()
}

fn video(rng: &mut Rng, n: usize) -> Connection {
    let (client, server, host) = ends(rng, n);
    let (token, size) = (rng.bits(), 200_000 + rng.below(600_000) as usize);
    let mut c = Connection::open(client, server, rng.bits() as u32);
    c.send(CLIENT, &request("GET", "/media/clip.mp4", &host, token, "", &[]));
    c.send(SERVER, &response("video/mp4", None, &noise(rng, size), false));
    c.close();
    c.done()
}

/// RFC 8446, 4.1.2, with a server name.
fn client_hello(rng: &mut Rng, host: &str) -> Vec<u8> {
    let name = host.as_bytes();
    let n = name.len() as u16;
    let mut extension = vec![0, 0];
    extension.extend((n + 5).to_be_bytes());
    extension.extend((n + 3).to_be_bytes());
    extension.push(0);
    extension.extend(n.to_be_bytes());
    extension.extend(name);
    record(22, &hello_body(rng, 1, &extension))
}

/// A handshake message of a hello.
fn hello_body(rng: &mut Rng, kind: u8, extension: &[u8]) -> Vec<u8> {
    let mut hello = vec![3, 3];
    hello.extend(noise(rng, 32));
    hello.push(0);
    hello.extend(if kind == 1 { &[0, 2, 0x13, 1, 1, 0][..] } else { &[0x13, 1, 0] });
    hello.extend((extension.len() as u16).to_be_bytes());
    hello.extend(extension);
    let length = (hello.len() as u32).to_be_bytes();
    let mut out = vec![kind, length[1], length[2], length[3]];
    out.extend(hello);
    out
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind, 3, 3];
    out.extend((body.len() as u16).to_be_bytes());
    out.extend(body);
    out
}

/// Bytes that do not compress.
fn noise(rng: &mut Rng, n: usize) -> Vec<u8> {
    let mut out: Vec<u8> = (0..n.div_ceil(8)).flat_map(|_| rng.bits().to_le_bytes()).collect();
    out.truncate(n);
    out
}
