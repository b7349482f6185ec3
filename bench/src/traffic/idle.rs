//! Connections that were opened and say nothing.

use crate::mix::{START, STEP};
use crate::tcp::{CLIENT, Connection};
use std::net::Ipv4Addr;
use weir_wire::Timestamp;

/// The handshakes of `n` connections, one after the other, made one at a time: any number fits in memory. Returns when the last
/// frame was sent.
pub fn handshakes(n: usize, each: &mut impl FnMut(Timestamp, &[u8])) -> Timestamp {
    let mut now = START;
    for i in 0..n {
        let mut c = handshake(i);
        while let Some(f) = c.next_frame() {
            // A tenth of the usual distance: the army must stand before idle flows time out.
            now += STEP / 10;
            each(Timestamp::from_nanos(now), &f);
        }
    }
    Timestamp::from_nanos(now)
}

/// What the n-th says to be remembered: an acknowledgement of nothing new.
pub fn keep_alive(n: usize) -> Vec<u8> {
    let mut c = open(n);
    c.acknowledge(CLIENT);
    let mut c = c.done();
    c.begun_before(3);
    c.next_frame().unwrap_or_default()
}

fn handshake(n: usize) -> Connection {
    open(n).done()
}

/// The n-th: 50,000 ports an address.
fn open(n: usize) -> Connection {
    let (host, port) = ((n / 50_000) as u32, (n % 50_000) as u16);
    let client = Ipv4Addr::from(0x0b00_0000 + host);
    Connection::open((client, 10_000 + port), (Ipv4Addr::new(10, 3, 0, 1), 8080), n as u32)
}
