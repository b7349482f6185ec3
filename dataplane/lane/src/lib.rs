//! One core's loop from frames to exchanges, and the hand-off ring.
//!
//! ```text
//! one lane:      Source --frame--> Lane ==ExchangeBatch==> Merge --> analyst
//! several lanes: Source --frame--> Steering ==PacketBatch==> Lane ==ExchangeBatch==> Merge --> analyst
//! ```
//! `==>` is a thread boundary: a lock-free ring of recycled batches. A lane shares nothing but the immutable rules. [`Merge`] gives
//! the analyst one order of exchanges that does not depend on how many lanes there were.
//!
//! Weaknesses: a replay's sender waits when its ring is full, which is right for files and would be wrong on a wire; bounds (flows,
//! out-of-order bytes) are a lane's own, so captures that exceed them give other results with another number of lanes.

mod batch;
mod control;
mod gauges;
mod lane;
pub mod live;
mod merge;
mod outbox;
mod ring;
mod steer;

pub use batch::{ExchangeBatch, PacketBatch};
pub use control::Control;
pub use gauges::{Figures, Gauges};
pub use lane::{Lane, LaneConfig, LaneReport, run};
pub use merge::Merge;
pub use outbox::Outbox;
pub use ring::{Batch, Closed, Receiver, Sender, ring};
pub use steer::Steering;
pub use weir_inspect::Prepared;
