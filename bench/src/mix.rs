//! Many connections, interleaved in time.

use crate::rng::Rng;
use crate::tcp::Connection;
use std::net::Ipv4Addr;
use weir_wire::Timestamp;

/// How connections are interleaved.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    /// Seed.
    pub seed: u64,
    /// Connections in all.
    pub connections: usize,
    /// Connections alive at a time.
    pub live: usize,
}

/// 2026-01-05 08:00 in Shanghai.
pub const START: u64 = 1_767_571_200_000_000_000;
/// Between frames: about 1.3 Gbit/s of average frames.
pub const STEP: u64 = 4_000;

impl Mix {
    /// So many connections, 2,000 at a time.
    pub const fn of(connections: usize) -> Mix {
        Mix { seed: 46_796, connections, live: 2_000 }
    }

    /// Every frame in order of time; `connect` makes the n-th connection.
    pub fn frames(
        &self,
        mut connect: impl FnMut(&mut Rng, usize) -> Connection,
        mut each: impl FnMut(Timestamp, &[u8]),
    ) {
        let mut rng = Rng::new(self.seed);
        let mut live: Vec<Connection> = Vec::with_capacity(self.live);
        let mut begun = 0;
        let mut now = START;
        loop {
            while begun < self.connections && live.len() < self.live.max(1) {
                live.push(connect(&mut rng, begun));
                begun += 1;
            }
            if live.is_empty() {
                return;
            }
            let i = rng.below(live.len() as u64) as usize;
            // A card delivers a sender's segments in small trains.
            for _ in 0..1 + rng.below(4) {
                match live[i].next_frame() {
                    Some(f) => {
                        now += STEP;
                        each(Timestamp::from_nanos(now), &f);
                    }
                    None => {
                        live.swap_remove(i);
                        break;
                    }
                }
            }
        }
    }
}

/// The ends of the n-th connection, and the provider's name.
pub fn ends(rng: &mut Rng, n: usize) -> ((Ipv4Addr, u16), (Ipv4Addr, u16), String) {
    let client = Ipv4Addr::from(0x0a10_0000 + (n as u32).wrapping_mul(7919) % 60_000);
    let server = Ipv4Addr::new(10, 2, 0, 1 + rng.below(20) as u8);
    let port = 1024 + (n % 60_000) as u16;
    let host = format!("api{}.example.cn", server.octets()[3]);
    ((client, port), (server, 8080), host)
}
