//! The nouns of packets, shared by every stage of the dataplane.
//!
//! ```text
//! Frame --> Packet --> StreamEvent          every byte of each ends in one Account of the Ledger
//! ```
//!
//! This crate has no dependencies, does no I/O and reads no clock: [`Timestamp`] always comes from the capture.

mod cursor;
mod event;
mod frame;
mod ledger;
mod packet;
mod time;

pub use cursor::{Cursor, Truncated};
pub use event::{EndReason, FlowMeta, Side, StreamEvent};
pub use frame::{Frame, LinkType};
pub use ledger::{Account, Entry, Layer, Ledger};
pub use packet::{Endpoint, Packet, Segment, TcpFlags, TcpHeader, Transport};
pub use time::{Duration, Timestamp};
