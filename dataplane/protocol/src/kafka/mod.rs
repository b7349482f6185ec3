//! Kafka (its protocol guide; record batches of version 2): messages written and read as exchanges.
//!
//! - `PRODUCE`, `FETCH` and `METADATA` have the topics as target (`/orders,customers`). A fetch that brings nothing and went well is no exchange,
//!   as consumers poll; nor are the requests of groups, offsets and versions.
//! - Records are the body, of the request or of the response, as a JSON array of `{"key":..,"value":..,"headers":{..}}`; a value that is a
//!   JSON document stands there as that.
//! - SASL PLAIN is a login (`LOGIN`); of other mechanisms the outcome alone would be known, and is not told. The client's identifier stands for the
//!   client's name.
//! - Statuses are those of like meaning in HTTP: 200; 202 where no acknowledgement is asked for; 401 (58), 403 (29, 30, 31), 404 (3, 100), else 500.
//!
//! Recognised by its first request, for versions or for metadata, in which the client names itself. Weak: compressed batches are not read: the connection
//! is told of by name, and the exchange has no body; nor are message sets of before 0.11; of a message 256 KiB are; a connection picked up midway
//! is known by name at best; topics told by identifier alone (from version 13 on) are named where a METADATA of the same connection named them.

mod api;
mod records;
mod session;

use crate::framed::Framed;
use crate::{Parser, Protocol, Verdict};
use weir_wire::Side;

/// Kafka connections.
pub struct Kafka;

impl Protocol for Kafka {
    fn name(&self) -> &'static str {
        "kafka"
    }
    fn recognise(&self, side: Side, first: &[u8]) -> Verdict {
        if side == Side::Server { Verdict::No } else { api::recognise(first) }
    }
    fn open(&self, _from_start: bool) -> Box<dyn Parser + Send> {
        Box::new(Framed::new(session::Session::default()))
    }
}
