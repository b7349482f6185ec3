//! W8: captures that begin in the middle of connections, and what of each exchange they still hold.

use crate::http::{API_MIX, Pair};
use crate::load::Load;
use crate::mix::{Mix, ends};
use crate::rng::Rng;
use crate::tcp::{CLIENT, Connection, SERVER};
use crate::workload::pairs;
use std::net::Ipv4Addr;

/// Where captures of connections begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cut {
    /// Behind the handshake or some frames later, up to a third of a usual connection: W8.
    Early,
    /// Behind any frame but the last ones, as of connections that were under way when the sensor was switched on.
    Anywhere,
}

/// An exchange as it was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// Method and target.
    pub asked: String,
    /// Bytes of the bodies of request and response.
    pub bodies: [u64; 2],
    /// Whether the capture holds request and response from their first byte to the last.
    pub whole: [bool; 2],
}

/// What a connection carried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Truth {
    /// The client's end.
    pub client: (Ipv4Addr, u16),
    /// Whether the capture holds one direction only.
    pub one_way: bool,
    /// Its exchanges in order.
    pub exchanges: Vec<Sent>,
}

impl Cut {
    /// The n-th connection and what was in it. Every eighth is seen in one direction only.
    pub fn connection(self, rng: &mut Rng, n: usize) -> (Connection, Truth) {
        let (client, server, host) = ends(rng, n);
        let pairs = pairs(rng, &API_MIX, &host);
        let mut c = Connection::new(client, server, rng.bits() as u32, &pairs);
        let frames = match self {
            Cut::Early => 3 + rng.below(12) as usize,
            Cut::Anywhere => 3 + rng.below(c.len() as u64 - 6) as usize,
        };
        let forgotten = c.begun_before(frames);
        let only = (n % 8 == 7).then_some(if n % 16 == 7 { CLIENT } else { SERVER });
        if let Some(side) = only {
            c.only(side);
        }
        let seen = |side: usize| only.is_none_or(|o| o == side);
        let mut at = [0; 2];
        let sent = |p: &Pair| {
            let whole = [CLIENT, SERVER].map(|side| seen(side) && at[side] >= forgotten[side]);
            at[CLIENT] += p.request.len() as u64;
            at[SERVER] += p.response.len() as u64;
            Sent { asked: asked(&p.request), bodies: p.bodies.each_ref().map(|(_, b)| b.len() as u64), whole }
        };
        let exchanges = pairs.iter().map(sent).collect();
        (c, Truth { client, one_way: only.is_some(), exchanges })
    }

    /// So many connections, and what was in each.
    pub fn load(self, connections: usize) -> (Load, Vec<Truth>) {
        let (mut load, mut truths) = (Load::default(), Vec::with_capacity(connections));
        let connect = |rng: &mut Rng, n: usize| {
            let (c, truth) = self.connection(rng, n);
            truths.push(truth);
            c
        };
        Mix::of(connections).frames(connect, |time, f| load.push(time, f));
        (load, truths)
    }
}

/// Method and target of a request.
fn asked(request: &[u8]) -> String {
    let line = request.split(|b| *b == b'\r').next().unwrap_or_default();
    String::from_utf8_lossy(line).trim_end_matches(" HTTP/1.1").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_is_known() {
        let (_, truths) = Cut::Early.load(32);
        let all = || truths.iter().filter(|t| !t.one_way).flat_map(|t| &t.exchanges);
        assert!(all().any(|x| x.whole == [false, true]), "a request that was missed");
        assert!(all().filter(|x| x.whole == [true, true]).count() > 50);
        assert!(all().all(|x| x.asked.starts_with("GET /api/") || x.asked.starts_with("POST /api/")));
        let one_way: Vec<&Truth> = truths.iter().filter(|t| t.one_way).collect();
        assert_eq!(one_way.len(), 4);
        assert!(one_way.iter().flat_map(|t| &t.exchanges).all(|x| x.whole != [true, true]));
    }
}
