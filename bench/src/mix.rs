//! Workloads: many connections, interleaved in time.

use crate::http::{Pair, Shape};
use crate::rng::Rng;
use crate::tcp::Connection;
use std::net::Ipv4Addr;
use weir_wire::Timestamp;

/// How a workload is made.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    /// Seed.
    pub seed: u64,
    /// Messages.
    pub shape: Shape,
    /// Connections in all.
    pub connections: usize,
    /// Connections alive at a time.
    pub live: usize,
    /// Mean exchanges of a connection.
    pub exchanges: f64,
}

/// 2026-01-05 08:00 in Shanghai.
const START: u64 = 1_767_571_200_000_000_000;
/// Between frames: about 1.3 Gbit/s of average frames.
const STEP: u64 = 4_000;

impl Mix {
    /// W1 with so many connections.
    pub const fn api(connections: usize) -> Mix {
        Mix { seed: 46_796, shape: crate::http::API_MIX, connections, live: 2_000, exchanges: 7.5 }
    }
    /// W2 with so many connections.
    pub const fn compressed(connections: usize) -> Mix {
        Mix { shape: crate::http::COMPRESSED, ..Mix::api(connections) }
    }

    /// Every frame in order of time.
    pub fn frames(&self, mut each: impl FnMut(Timestamp, &[u8])) {
        let mut rng = Rng::new(self.seed);
        let mut live: Vec<Connection> = Vec::with_capacity(self.live);
        let mut begun = 0;
        let mut now = START;
        loop {
            while begun < self.connections && live.len() < self.live.max(1) {
                live.push(self.connection(&mut rng, begun));
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

    fn connection(&self, rng: &mut Rng, n: usize) -> Connection {
        let client = Ipv4Addr::from(0x0a10_0000 + (n as u32 * 7919) % 60_000);
        let server = Ipv4Addr::new(10, 2, 0, 1 + rng.below(20) as u8);
        let port = 1024 + (n % 60_000) as u16;
        let host = format!("api{}.example.cn", server.octets()[3]);
        let token = rng.bits();
        let exchanges = 1 + rng.below((2.0 * self.exchanges) as u64 - 1);
        let pairs: Vec<Pair> = (0..exchanges).map(|_| Pair::draw(rng, &self.shape, &host, token)).collect();
        Connection::new((client, port), (server, 8080), rng.bits() as u32, &pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_deterministic_and_like_the_target() {
        let run = || {
            let (mut frames, mut bytes, mut sum) = (0u64, 0u64, 0u64);
            Mix::api(200).frames(|t, f| {
                frames += 1;
                bytes += f.len() as u64;
                sum = f.iter().fold(sum ^ t.nanos(), |s, b| s.rotate_left(5) ^ u64::from(*b));
            });
            (frames, bytes, sum)
        };
        let (frames, bytes, sum) = run();
        assert_eq!(run(), (frames, bytes, sum));
        let mean = bytes / frames;
        assert!((500..1100).contains(&mean), "average frame of {mean} bytes");
    }
}
