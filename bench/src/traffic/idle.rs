//! Connections that were opened and say nothing.

use crate::mix::{START, STEP};
use crate::tcp::Connection;
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

/// The n-th: 50,000 ports an address.
fn handshake(n: usize) -> Connection {
    let (host, port) = ((n / 50_000) as u32, (n % 50_000) as u16);
    let client = Ipv4Addr::from(0x0b00_0000 + host);
    Connection::open((client, 10_000 + port), (Ipv4Addr::new(10, 3, 0, 1), 8080), n as u32).done()
}
