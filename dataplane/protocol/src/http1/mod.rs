//! HTTP/1.0 and HTTP/1.1 (RFC 9110, RFC 9112).
//!
//! ```text
//! of each direction (direction.rs)                                        of both (pairs.rs)
//!
//!  .----> Start --first byte--> Head --empty line--> Body --its end--.    request  --> waits --> answered --> done
//!  |        ^                    |                    |              |    response --> first that waits
//!  |        |                  no start line       broken chunk      |             '-> none: alone, or its request is late
//!  |        '-message found-- Search <-- gap ---------'              |
//!  '-----------------------------------------------------------------'
//!           Peek: a body is due but may not come (HEAD not seen, 100-continue refused): its first bytes decide
//!           Switched: after 101, or 2xx to CONNECT: HTTP again (Start), TLS or else (the flow is shunted);
//!           after 101 to `h2c` or `websocket` the parser of that protocol reads on
//! ```
//!
//! | file | what |
//! |---|---|
//! | `token` | characters, methods, start lines |
//! | `start` | is this a message? where is the next? |
//! | `head_end`, `head`, `facts` | the empty line; fields (`httparse`, else line by line); framing; anomalies |
//! | `chunked` | the chunked coding |
//! | `direction`, `moment`, `connection`, `heads`, `bodies` | state of a direction, and its steps |
//! | `pairs` | requests and responses |
//!
//! # Policies
//! - **Nothing is copied** that lies whole in an event: heads are parsed and bodies passed on in place. Only a head that straddles events is
//!   gathered. The result does not depend on the segmentation.
//! - **Heads** up to 64 KiB and 256 fields; of longer ones the first part is told, the end is found, and framing is
//!   still read from every field within the 64 KiB. Folded values are told with their line ends.
//! - **Start lines** may hold any token as method, spaces in the target (but for CONNECT, which takes the first word), any HTTP/0 or HTTP/1
//!   version, no reason phrase. A known method with a version alone has that as its target; a line without version is
//!   a request of a known method with a path alone. All these are noted. Line ends before a message are passed over.
//! - **Length** of a body: `chunked` wins over `Content-Length`; of different `Content-Length`s the first counts, bad ones do not; a response with
//!   another transfer coding, or with no length, goes on to the end of its direction. It is complete if that is a FIN, or if on a
//!   connection where another request waits a segment begins with a status line (servers that mean "no body").
//!   Transfer codings beneath `chunked` stay in the body: `Transfer-Encoding` in the head tells them.
//! - **A request whose body was refused** (a final response while it waits for `100 Continue`) is complete without its body.
//! - **Gaps** inside a known length or one chunk are part of the body ([`body_gap`](crate::MessageSink::body_gap)). Others end the message;
//!   a head that was cut, by a gap or by the end of what was seen, is told as far as whole lines go. Then the next start line of that direction is searched for: at the front of a segment it
//!   is believed, behind other bytes only with a field line after it.
//! - **Exchanges**: at most 256 requests wait. How pairs are found again after a loss: see `pairs.rs`.
//! - **Bodies that must not come** (to HEAD, with 204, 304) are passed over as garbage is, and noted for the flow.
//!
//! # Weaknesses
//! - A `Content-Length` that is too large swallows what follows; nothing but a FIN or a gap corrects it.
//! - Status lines without a status, with four digits or letters in it, or with a NUL, are garbage, though browsers take some of them.
//!   So is a head whose last line holds blanks alone: it never ends.
//! - A method alone on its line is no request, as it is a command of other protocols (NNTP's POST, before header lines).
//! - A response of HTTP/0.9 has no head to know it by: it is garbage.
//! - After a gap, a body that quotes a whole head (documentation, `TRACE`, mail archives) may be taken for a message.
//! - Trailers are read over and not told.
//! - A flow in which 64 MiB go by without a message is given up.
mod bodies;
mod chunked;
mod connection;
mod direction;
mod facts;
mod head;
mod head_end;
mod heads;
mod moment;
mod pairs;
mod start;
mod token;

use crate::{Found, Parser, Protocol, Verdict, out};
use connection::Connection;
use weir_wire::Side;

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
    fn open(&self, from_start: bool) -> Box<dyn Parser + Send> {
        Box::new(Connection::new(from_start))
    }
}
