//! Captures made of messages: HTTP over TCP over IPv4 over Ethernet, as a pcap file.

/// Bytes of a segment.
const SEGMENT: usize = 1400;
/// 2026-01-05, seconds since 1970.
const START: u32 = 1_767_600_000;

/// A capture in the making: one connection an exchange.
#[derive(Debug)]
pub struct Traffic {
    out: Vec<u8>,
    flows: u16,
    time: u64,
    client: [u8; 4],
    server: [u8; 4],
}

impl Default for Traffic {
    fn default() -> Self {
        let mut out = Vec::new();
        for word in [0xa1b2_c3d4u32, 0x0004_0002, 0, 0, 65_535, 1] {
            out.extend(word.to_le_bytes());
        }
        Traffic { out, flows: 0, time: 0, client: [10, 0, 0, 9], server: [10, 0, 0, 2] }
    }
}

impl Traffic {
    /// What follows goes from this address to that one.
    pub fn between(&mut self, client: [u8; 4], server: [u8; 4]) {
        (self.client, self.server) = (client, server);
    }

    /// What follows comes so many seconds later.
    pub fn wait(&mut self, seconds: u64) {
        self.time += seconds * 1_000_000;
    }

    /// Adds a request and its response, as bytes on the wire.
    pub fn exchange(&mut self, request: &[u8], response: &[u8]) {
        self.conversation(&[(true, request), (false, response)]);
    }

    /// Adds a connection: what was said in turn, and whether by the client.
    pub fn conversation(&mut self, turns: &[(bool, &[u8])]) {
        self.flows += 1;
        let port = 40_000 + self.flows;
        let (mut asked, mut answered) = (1u32, 1u32);
        self.frame(true, port, asked, 0, 0x02, &[]);
        self.frame(false, port, answered, asked + 1, 0x12, &[]);
        (asked, answered) = (asked + 1, answered + 1);
        for (client, bytes) in turns {
            for piece in bytes.chunks(SEGMENT) {
                if *client {
                    self.frame(true, port, asked, answered, 0x18, piece);
                    asked += piece.len() as u32;
                } else {
                    self.frame(false, port, answered, asked, 0x18, piece);
                    answered += piece.len() as u32;
                }
            }
        }
        self.frame(true, port, asked, answered, 0x11, &[]);
        self.frame(false, port, answered, asked + 1, 0x11, &[]);
    }

    /// Adds a request with a body, answered with a body of that media type.
    pub fn call(&mut self, head: &str, body: &[u8], media: &str, reply: &[u8]) {
        let length = match body.len() {
            0 => String::new(),
            n => format!("Content-Length: {n}\r\n"),
        };
        let request = [format!("{head}Host: api.example.cn\r\n{length}\r\n").as_bytes(), body].concat();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n", reply.len());
        self.exchange(&request, &[head.as_bytes(), reply].concat());
    }

    fn frame(&mut self, from_client: bool, port: u16, seq: u32, ack: u32, flags: u8, data: &[u8]) {
        let (client, server) = (self.client, self.server);
        let (from, to) = if from_client { (client, server) } else { (server, client) };
        let (sport, dport) = if from_client { (port, 80) } else { (80, port) };
        let mut f = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
        f.extend(((40 + data.len()) as u16).to_be_bytes());
        f.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        f.extend(from);
        f.extend(to);
        f.extend(sport.to_be_bytes());
        f.extend(dport.to_be_bytes());
        f.extend(seq.to_be_bytes());
        f.extend(ack.to_be_bytes());
        f.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        f.extend(data);
        self.time += 100;
        let length = f.len() as u32;
        let (seconds, micros) = (START + (self.time / 1_000_000) as u32, (self.time % 1_000_000) as u32);
        for word in [seconds, micros, length, length] {
            self.out.extend(word.to_le_bytes());
        }
        self.out.extend(f);
    }

    /// The file.
    pub fn pcap(&self) -> &[u8] {
        &self.out
    }
}
