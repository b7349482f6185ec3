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
    /// Frames not yet taken, last first.
    frames: Vec<Vec<u8>>,
}

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const PSH: u8 = 0x08;
const FIN: u8 = 0x01;

impl Connection {
    /// A connection that carries `pairs`, from handshake to FIN.
    pub fn new(client: (Ipv4Addr, u16), server: (Ipv4Addr, u16), isn: u32, pairs: &[Pair]) -> Self {
        let mut c = Connection { client, server, seq: [isn, isn.wrapping_mul(31)], frames: Vec::new() };
        c.push(0, SYN, &[]);
        c.push(1, SYN | ACK, &[]);
        c.push(0, ACK, &[]);
        for p in pairs {
            c.stream(0, &p.request);
            c.stream(1, &p.response);
        }
        c.push(0, FIN | ACK, &[]);
        c.push(1, FIN | ACK, &[]);
        c.push(0, ACK, &[]);
        c.frames.reverse();
        c
    }

    /// The next frame.
    pub fn next_frame(&mut self) -> Option<Vec<u8>> {
        self.frames.pop()
    }

    /// Sends `bytes` from one side; the peer acknowledges every second segment, as stacks do.
    fn stream(&mut self, side: usize, bytes: &[u8]) {
        let mut unacknowledged = 0;
        let mut segments = bytes.chunks(MSS).peekable();
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

    fn push(&mut self, side: usize, flags: u8, payload: &[u8]) {
        let (src, dst) = if side == 0 { (self.client, self.server) } else { (self.server, self.client) };
        let mut f = Vec::with_capacity(54 + payload.len());
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
        self.frames.push(f);
        let counted = payload.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
        self.seq[side] = self.seq[side].wrapping_add(counted);
    }
}
