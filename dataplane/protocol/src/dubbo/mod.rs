//! Dubbo 2 (the protocol `dubbo://`) with Hessian 2: calls as exchanges.
//!
//! - The method is `INVOKE`; the target is `/service/method`.
//! - Arguments and results are the bodies: what Hessian holds, written as JSON (arguments an array, objects by field name). Attachments are
//!   not told, but for the name of the calling application, which stands for the client's name.
//! - Statuses are those of like meaning in HTTP: 200; 202 of a call without an answer; 400, 404, 500, 503 and 504 by the header, 500 for an
//!   exception of the method.
//!
//! Heartbeats and other events are no exchanges. Picked up midway where a message begins a segment. Weak: other serializations (fastjson, Kryo,
//! Protobuf, ...) are not read: the connection is told of by name and they are booked as not read; of a message 256 KiB are; Dubbo 3 ("triple")
//! is gRPC. There are no logins in Dubbo.

mod hessian;
mod session;

use crate::framed::Framed;
use crate::{Found, Parser, Protocol, Verdict};
use weir_wire::Side;

/// Dubbo connections.
pub struct Dubbo;

impl Protocol for Dubbo {
    fn name(&self) -> &'static str {
        "dubbo"
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
