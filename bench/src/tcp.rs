//! TCP connections as Ethernet frames.

use crate::http::Pair;
use std::net::Ipv4Addr;

/// Bytes of payload a segment carries at most.
pub const MSS: usize = 1460;

/// One connection between two IPv4 endpoints; yields its frames one by one.
#[derive(Debug)]
pub struct Connection {
    client: (Ipv4Addr, u16),
    server: (Ipv4Addr, u16),
    seq: [u32; 2],
    mss: usize,
    /// Frames in order while it is made, last first once it is [`done`](Connection::done).
    frames: Vec<Vec<u8>>,
}

/// Index of the client in what has two sides.
pub const CLIENT: usize = 0;
/// Index of the server.
pub const SERVER: usize = 1;

/// Bytes of a frame before its payload: Ethernet, IPv4 and TCP without options.
const HEADERS: usize = 54;

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const PSH: u8 = 0x08;
const FIN: u8 = 0x01;

impl Connection {
    /// A connection that carries `pairs`, from handshake to FIN.
    pub fn new(client: (Ipv4Addr, u16), server: (Ipv4Addr, u16), isn: u32, pairs: &[Pair]) -> Self {
        let mut c = Connection::open(client, server, isn);
        for p in pairs {
            c.send(CLIENT, &p.request);
            c.send(SERVER, &p.response);
        }
        c.close();
        c.done()
    }

    /// The handshake.
    pub fn open(client: (Ipv4Addr, u16), server: (Ipv4Addr, u16), isn: u32) -> Self {
        let seq = [isn, isn.wrapping_mul(31)];
        let mut c = Connection { client, server, seq, mss: MSS, frames: Vec::new() };
        c.push(CLIENT, SYN, &[]);
        c.push(SERVER, SYN | ACK, &[]);
        c.push(CLIENT, ACK, &[]);
        c
    }

    /// Sends at most `mss` bytes a segment from here on.
    pub fn in_segments_of(mut self, mss: usize) -> Self {
        self.mss = mss.clamp(1, MSS);
        self
    }

    /// Sends `bytes` from one side; the peer acknowledges every second segment, as stacks do.
    pub fn send(&mut self, side: usize, bytes: &[u8]) {
        let mut unacknowledged = 0;
        let mut segments = bytes.chunks(self.mss).peekable();
        while let Some(s) = segments.next() {
            let last = segments.peek().is_none();
            self.push(side, if last { ACK | PSH } else { ACK }, s);
            unacknowledged += 1;
            if unacknowledged == 2 && !last {
                unacknowledged = 0;
                self.push(1 - side, ACK, &[]);
            }
        }
    }

    /// A segment without payload: what a stack sends to find out whether its peer still lives.
    pub fn acknowledge(&mut self, side: usize) {
        self.push(side, ACK, &[]);
    }

    /// Both sides end.
    pub fn close(&mut self) {
        self.push(CLIENT, FIN | ACK, &[]);
        self.push(SERVER, FIN | ACK, &[]);
        self.push(CLIENT, ACK, &[]);
    }

    /// Ready to be sent. Frames added later would be lost, so nothing can be.
    pub fn done(mut self) -> Self {
        self.frames.reverse();
        self
    }

    /// The next frame.
    pub fn next_frame(&mut self) -> Option<Vec<u8>> {
        self.frames.pop()
    }

    /// Frames that are still to come.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Forgets the first `n` frames, as a capture does that starts in the middle. Returns the payload bytes of each side in them.
    pub fn begun_before(&mut self, n: usize) -> [u64; 2] {
        let mut forgotten = [0; 2];
        for f in self.frames.split_off(self.frames.len().saturating_sub(n)) {
            forgotten[self.sender(&f)] += (f.len() - HEADERS) as u64;
        }
        forgotten
    }

    /// Keeps what one side sent, as a one-way mirror does.
    pub fn only(&mut self, side: usize) {
        let mut frames = std::mem::take(&mut self.frames);
        frames.retain(|f| self.sender(f) == side);
        self.frames = frames;
    }

    /// Whose frame it is.
    fn sender(&self, f: &[u8]) -> usize {
        let (ip, port) = self.client;
        if f[26..30] == ip.octets() && f[34..36] == port.to_be_bytes() { CLIENT } else { SERVER }
    }

    fn push(&mut self, side: usize, flags: u8, payload: &[u8]) {
        let (src, dst) = if side == CLIENT { (self.client, self.server) } else { (self.server, self.client) };
        let mut f = Vec::with_capacity(HEADERS + payload.len());
        f.extend([2, 0, 0, 0, 0, 1 + (side == 0) as u8, 2, 0, 0, 0, 0, 1 + (side == 1) as u8, 8, 0]);
        f.extend([0x45, 0]);
        f.extend((40 + payload.len() as u16).to_be_bytes());
        f.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        f.extend(src.0.octets());
        f.extend(dst.0.octets());
        f.extend(src.1.to_be_bytes());
        f.extend(dst.1.to_be_bytes());
        f.extend(self.seq[side].to_be_bytes());
        let acked = if flags & ACK == 0 { 0 } else { self.seq[1 - side] };
        f.extend(acked.to_be_bytes());
        f.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        f.extend(payload);
        let checksum = checksum(&f);
        f[50..52].copy_from_slice(&checksum.to_be_bytes());
        self.frames.push(f);
        let counted = payload.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
        self.seq[side] = self.seq[side].wrapping_add(counted);
    }
}

/// The checksum of the TCP segment in a frame made here, whose own field is zero (RFC 9293, 3.1).
fn checksum(frame: &[u8]) -> u16 {
    let (addresses, segment) = (&frame[26..34], &frame[34..]);
    let words = addresses.chunks(2).chain(segment.chunks(2));
    let sum: u32 = words.map(|w| u32::from(w[0]) << 8 | w.get(1).map_or(0, |b| u32::from(*b))).sum();
    let sum = sum + 6 + segment.len() as u32;
    let folded = (sum & 0xffff) + (sum >> 16);
    !((folded & 0xffff) + (folded >> 16)) as u16
}
