//! MongoDB (OP_MSG, OP_QUERY, OP_REPLY of the wire protocol): commands as exchanges.
//!
//! - The method is the command in capitals (`FIND`, `INSERT`, `GETMORE`); the target is `/database/collection`. Commands that say nothing of
//!   data (`hello`, `ping`, ...) are no exchanges.
//! - Logins: SASL PLAIN by `saslStart`; SCRAM by the `saslContinue` that holds the proof, which stands for the password (told as digested).
//! - What the command holds is the body of the request, as JSON made of BSON; that of a reply is the batch of its cursor, else all of it.
//! - Statuses are those of like meaning in HTTP: 200, 202 (no answer asked for), 401 (18), 403 (13), 404 (26), 409 (11000), 400, else 500.
//!
//! Picked up midway where a message begins a segment. Weak: compressed messages (OP_COMPRESSED) are not read: the connection is told of by name
//! and they are booked as not read; of a message 256 KiB are; the operations before OP_MSG that change data (OP_INSERT, ...) are passed over;
//! binary values and decimals of 128 bits are told as null.

mod bson;
mod session;

use crate::framed::Framed;
use crate::{Found, Parser, Protocol, Verdict};
use weir_wire::Side;

/// MongoDB connections.
pub struct Mongodb;

impl Protocol for Mongodb {
    fn name(&self) -> &'static str {
        "mongodb"
    }
    fn recognise(&self, _side: Side, first: &[u8]) -> Verdict {
        session::recognise(first)
    }
    fn find(&self, bytes: &[u8]) -> Found {
        match session::recognise(bytes) {
            Verdict::Yes => Found::At(0),
            _ => Found::Nothing,
        }
    }
    fn open(&self, _from_start: bool) -> Box<dyn Parser + Send> {
        Box::new(Framed::new(session::Session::default()))
    }
}
