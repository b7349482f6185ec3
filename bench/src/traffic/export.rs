//! Elephants: whole tables in one answer.

use crate::body;
use crate::http::{request, response};
use crate::mix::ends;
use crate::rng::Rng;
use crate::tcp::{CLIENT, Connection, SERVER};

/// Bytes of an export.
pub const SIZE: usize = 20 << 20;

/// A connection that fetches one export: three in four hold business data, one personal data throughout.
pub fn connection(rng: &mut Rng, n: usize) -> Connection {
    let (client, server, host) = ends(rng, n);
    let token = rng.bits();
    let text = body::json(rng, SIZE, n % 4 == 3);
    let mut c = Connection::open(client, server, rng.bits() as u32);
    c.send(CLIENT, &request("GET", "/api/v2/export?format=json", &host, token, "", &[]));
    c.send(SERVER, &response("application/json; charset=utf-8", None, text.as_bytes(), n % 2 == 1));
    c.close();
    c.done()
}
