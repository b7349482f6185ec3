//! WebSocket (RFC 6455) after the `101` of HTTP/1.1, with compressed messages (RFC 7692).
//!
//! ```text
//! of each direction:  Header --> Payload --unmask--[inflate]--> body of the message's exchange
//!                        ^           |                          control frames: read over
//!                        '-----------'      Lost: a gap beyond a payload, bytes that are no frame
//! ```
//!
//! | file | what |
//! |---|---|
//! | `frame` | frame headers |
//! | `inflate` | the compression of a direction |
//! | `connection` | frames to messages |
//!
//! # Policies
//! - **A message is an exchange.** Nothing on the wire says which message answers which, so none is taken for another's answer. Each has the
//!   head of the upgrade as its request (method, target, fields: so site, interface, account and caller are those of the upgrade) and
//!   `101` as its status; what the client sent is the body of the request, what the server sent that of the response, and the
//!   other half is empty. The upgrade itself stays an exchange of HTTP/1.1.
//! - **Content** has no type: JSON and other formats are known by their first bytes, as everywhere.
//! - **Irregular frames** (masked by the server or not by the client, control frames that are long or in pieces, continuations of nothing)
//!   are noted, `bad-frame`, and read as far as can be. Reserved bits and opcodes end the reading of the connection, as another
//!   extension or none of this protocol is spoken.
//! - **Gaps** inside a payload are part of the body; behind others the direction is not read on.
//!
//! # Bounds
//! Of a connection: 16 KiB of the upgrade's head, and for each direction that compresses 45 KiB of state. A compressed message
//! becomes at most 1 MiB or 200 times its length, whichever is more (`expansion-limit`). Messages are passed on as they come.
//!
//! # Weaknesses
//! - Behind a gap beyond a payload a direction is lost: a header of two bytes cannot be told from others.
//! - Extended CONNECT (RFC 8441) is not read: its bytes are booked as tunnelled.
//! - A connection picked up behind its upgrade is not known to be one.

mod connection;
mod frame;
mod inflate;

pub(crate) use connection::{Asked, Connection};
