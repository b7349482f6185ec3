//! The workloads of the performance targets, by number.

use crate::http::{API_MIX, COMPRESSED, Coding, Pair, SHORT, SMALL, Shape};
use crate::mix::{Mix, ends};
use crate::rng::Rng;
use crate::tcp::Connection;
use crate::traffic::midflow::Cut;
use crate::traffic::{adversarial, disorder, encapsulated, encodings, export, flood, http2, idle, opaque};
use std::str::FromStr;
use weir_wire::Timestamp;

/// One workload. Same number, same size: same bytes, on every machine.
///
/// W15 (rule sweep), W16 (overload curve) and W17 (soak) are ways of running [`W1`](Workload::W1), not traffic of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Workload {
    /// API mix.
    W1,
    /// W1 compressed and chunked.
    W2,
    /// HTTP/2 in clear, half of it gRPC.
    W3,
    /// Small exchanges on connections that stay.
    W4,
    /// Many short connections.
    W5,
    /// Elephants: exports of 20 MB.
    W6,
    /// W1 with reordering, duplication, loss and overlaps.
    W7,
    /// W1 of which the capture missed the beginnings; every eighth connection in one direction only.
    W8,
    /// An idle army (a hundred connections for each of W1's) under W1.
    W9,
    /// W1 under a flood of SYN and UDP, half of the frames each.
    W10,
    /// W1 in VLAN, QinQ, VXLAN, GRE, ERSPAN, IPv6 and fragments.
    W11,
    /// Adversarial bodies and framing.
    W12,
    /// 70 % TLS and video by bytes, the rest W1.
    W13,
    /// Encodings: GBK, UTF-16, `\u`, base64, multipart, XML, form.
    W14,
}

impl Workload {
    /// All of them.
    pub const ALL: [Workload; 14] = [
        Workload::W1,
        Workload::W2,
        Workload::W3,
        Workload::W4,
        Workload::W5,
        Workload::W6,
        Workload::W7,
        Workload::W8,
        Workload::W9,
        Workload::W10,
        Workload::W11,
        Workload::W12,
        Workload::W13,
        Workload::W14,
    ];

    /// What it is, in a few words.
    pub fn about(self) -> &'static str {
        match self {
            Workload::W1 => "API mix",
            Workload::W2 => "API mix, compressed and chunked",
            Workload::W3 => "HTTP/2 and gRPC in clear",
            Workload::W4 => "small exchanges, keep-alive",
            Workload::W5 => "many short connections",
            Workload::W6 => "exports of 20 MB",
            Workload::W7 => "reordering, duplication, loss, overlaps",
            Workload::W8 => "started in the middle; one direction only",
            Workload::W9 => "an idle army under the API mix",
            Workload::W10 => "a SYN and UDP flood under the API mix",
            Workload::W11 => "VLAN, tunnels, IPv6, fragments",
            Workload::W12 => "adversarial",
            Workload::W13 => "70 % TLS and video",
            Workload::W14 => "encodings",
        }
    }

    /// Its frames in order of time; `connections` sets its size.
    pub fn frames(self, connections: usize, mut each: impl FnMut(Timestamp, &[u8])) {
        let mix = Mix::of(connections);
        match self {
            Workload::W1 => api(&mix, &API_MIX, each),
            Workload::W2 => api(&mix, &COMPRESSED, each),
            Workload::W3 => mix.frames(http2::connection, each),
            Workload::W4 => api(&mix, &SMALL, each),
            Workload::W5 => api(&mix, &SHORT, each),
            Workload::W6 => Mix { live: 8, ..mix }.frames(export::connection, each),
            Workload::W7 => disorder::disturb(&mix, disorder::W7, each),
            Workload::W8 => mix.frames(|rng, n| Cut::Early.connection(rng, n).0, each),
            Workload::W9 => {
                let last = idle::handshakes(100 * connections, &mut each);
                api(&mix, &API_MIX, |t, f| {
                    each(last.plus(t.since(Timestamp::from_nanos(crate::mix::START))), f)
                });
            }
            Workload::W10 => flood::under(&mix, each),
            Workload::W11 => encapsulated::wrap(&mix, each),
            Workload::W12 => mix.frames(adversarial::connection, each),
            Workload::W13 => mix.frames(opaque::connection, each),
            Workload::W14 => mix.frames(encodings::connection, each),
        }
    }
}

impl FromStr for Workload {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let named = |w: &Workload| format!("{w:?}").eq_ignore_ascii_case(s);
        Workload::ALL
            .into_iter()
            .find(named)
            .ok_or_else(|| format!("`{s}` is no workload; there are w1 to w14"))
    }
}

/// Connections that carry exchanges of one shape.
pub fn api(mix: &Mix, shape: &Shape, each: impl FnMut(Timestamp, &[u8])) {
    mix.frames(|rng, n| exchanges(rng, n, shape), each);
}

/// The bodies of an API workload in the order of their connections, as they were coded.
pub fn bodies(connections: usize, shape: &Shape) -> Vec<(Coding, Vec<u8>)> {
    let mut all = Vec::new();
    let taken = |rng: &mut Rng, n: usize| {
        let (client, server, host) = ends(rng, n);
        let pairs = pairs(rng, shape, &host);
        let connection = Connection::new(client, server, rng.bits() as u32, &pairs);
        all.extend(pairs.into_iter().flat_map(|p| p.bodies).filter(|(_, body)| !body.is_empty()));
        connection
    };
    Mix::of(connections).frames(taken, |_, _| {});
    all
}

/// The n-th connection with exchanges of `shape`.
pub fn exchanges(rng: &mut Rng, n: usize, shape: &Shape) -> Connection {
    let (client, server, host) = ends(rng, n);
    let pairs = pairs(rng, shape, &host);
    Connection::new(client, server, rng.bits() as u32, &pairs)
}

/// What one connection carries.
pub fn pairs(rng: &mut Rng, shape: &Shape, host: &str) -> Vec<Pair> {
    let token = rng.bits();
    let count = 1 + rng.below((2.0 * shape.exchanges) as u64 - 1);
    (0..count).map(|_| Pair::draw(rng, shape, host, token)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_deterministic() {
        let sum = |w: Workload| {
            let (mut frames, mut bytes, mut sum) = (0u64, 0u64, 0u64);
            w.frames(8, |t, f| {
                frames += 1;
                bytes += f.len() as u64;
                sum = f.iter().fold(sum ^ t.nanos(), |s, b| s.rotate_left(5) ^ u64::from(*b));
            });
            (frames, bytes, sum)
        };
        for w in Workload::ALL {
            assert_eq!(sum(w), sum(w), "{w:?}");
            assert!(sum(w).0 > 8, "{w:?}");
        }
    }

    #[test]
    fn frames_are_as_large_as_the_targets_say() {
        let mean = |w: Workload| {
            let (mut frames, mut bytes) = (0, 0);
            w.frames(200, |_, f| {
                frames += 1;
                bytes += f.len();
            });
            bytes / frames
        };
        assert!((500..1100).contains(&mean(Workload::W1)), "{}", mean(Workload::W1));
        assert!((100..130).contains(&mean(Workload::W4)), "{}", mean(Workload::W4));
    }
}
