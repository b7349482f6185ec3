//! Exchanges in whose bodies nothing is a candidate for data of any sort, as in most of what passes.

use crate::body;
use crate::http::{API_MIX, request, response};
use crate::mix::{Mix, ends};
use crate::rng::Rng;
use crate::tcp::{CLIENT, Connection, SERVER};
use weir_wire::Timestamp;

/// Exchanges of a connection.
const EXCHANGES: usize = 8;

/// Passes on the frames of so many connections; returns their bodies.
pub fn frames(connections: usize, each: impl FnMut(Timestamp, &[u8])) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    let connection = |rng: &mut Rng, n: usize| {
        let (client, server, host) = ends(rng, n);
        let mut c = Connection::open(client, server, rng.bits() as u32);
        let token = rng.bits();
        for _ in 0..EXCHANGES {
            let size = (rng.log_normal(API_MIX.median, 1.0) as usize).clamp(64, API_MIX.max);
            let body = body::quiet(rng, size).into_bytes();
            c.send(CLIENT, &request("GET", "/api/v2/articles", &host, token, "", &[]));
            c.send(SERVER, &response("application/json", None, &body, false));
            bodies.push(body);
        }
        c.close();
        c.done()
    };
    Mix::of(connections).frames(connection, each);
    bodies
}
