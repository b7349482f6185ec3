//! HTTP/1.0 and HTTP/1.1 (RFC 9110, RFC 9112).
mod bodies;
mod chunked;
mod connection;
mod direction;
mod facts;
mod head;
mod head_end;
mod heads;
mod noted;
mod out;
mod pairs;
mod start;
mod token;

use crate::{Found, Parser, Protocol, Verdict};
use connection::Connection;
use weir_wire::{FlowMeta, Side};

/// HTTP/1.0 and HTTP/1.1.
#[derive(Clone, Copy, Default, Debug)]
pub struct Http1;

impl Protocol for Http1 {
    fn name(&self) -> &'static str {
        "http/1.1"
    }
    fn recognise(&self, _side: Side, first: &[u8]) -> Verdict {
        let blank = first.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        match &first[blank..] {
            [] if blank < 8 => Verdict::More,
            [] => Verdict::No,
            bytes => start::begins(bytes, None),
        }
    }
    fn find(&self, bytes: &[u8]) -> Found {
        start::find(bytes, None)
    }
    fn open(&self, flow: &FlowMeta) -> Box<dyn Parser + Send> {
        Box::new(Connection::new(flow.from_start))
    }
}
