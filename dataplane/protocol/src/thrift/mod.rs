//! Thrift (thrift-binary-protocol, thrift-compact-protocol, in frames): calls as exchanges.
//!
//! - The method is `CALL`, or `ONEWAY` where no answer is asked for; the target is `/method`, of a multiplexed service `/service/method`.
//! - Arguments and results are the bodies, as JSON by field number (`{"1":..,"2":{..}}`): the wire has no names. Bytes that are no text are
//!   told as null.
//! - Statuses are those of like meaning in HTTP: 200; 202 of a call without an answer; 500 for an exception that the method declares, and for
//!   one of the framework 404 (unknown method), 400 (bad message) or 500.
//!
//! Picked up midway where a message begins a segment. Weak: messages without frames, and in the header transport, are not read (the first are
//! known by name); of a message 256 KiB are. There are no logins in Thrift.

mod session;
mod value;

use crate::framed::Framed;
use crate::{Found, Parser, Protocol, Verdict};
use weir_wire::Side;

/// Thrift connections.
pub struct Thrift;

impl Protocol for Thrift {
    fn name(&self) -> &'static str {
        "thrift"
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
