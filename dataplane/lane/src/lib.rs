//! One core's loop from frames to exchanges, and the hand-off ring.
//!
//! ```text
//! one lane:      Source --frame--> Lane ==ExchangeBatch==> Merge --> analyst
//! several lanes: Source --frame--> Steering ==PacketBatch==> Lane ==ExchangeBatch==> Merge --> analyst
//! ```
//! `==>` is a thread boundary: a lock-free ring of recycled batches. A lane shares nothing but the immutable rules. [`Merge`] gives
//! the analyst one order of exchanges that does not depend on how many lanes there were.
//!
//! [`live`] runs a lane on its own thread, over a file or a wire. On a wire it sheds by plan where more comes than it can read:
//! bursts go to a spill queue first ([`live::SPILL`]), then the steps of [`Level`] are taken one by one and back, each counted
//! by reason in the ledger. A replay never sheds: its source waits.
//!
//! Weaknesses: bounds (flows, out-of-order bytes) are a lane's own, so captures that exceed them give other results with another number of
//! lanes. The spill queue shares the lane's core: what does not fit there while one long body is scanned is lost in the source, and
//! counted. What an interface was found to send is a lane's own knowledge, forgotten when 4,096 others came between. A panic is caught
//! only where the program unwinds; a release that aborts names the thread and ends.

mod batch;
mod control;
mod expected;
mod gauges;
mod known;
mod lane;
pub mod live;
mod merge;
mod outbox;
mod overload;
mod ring;
mod shed;
mod spill;
mod steer;
mod sync;

pub use batch::{ExchangeBatch, PacketBatch};
pub use control::Control;
pub use gauges::{Figures, Gauges};
pub use lane::{Lane, LaneConfig, LaneReport, run};
pub use merge::{Merge, Released};
pub use outbox::Outbox;
pub use overload::{Level, Overload};
pub use ring::{Batch, Closed, Receiver, Sender, ring};
pub use shed::BODY_BOUND;
pub use steer::Steering;
pub use weir_inspect::Prepared;
pub use weir_tls::{KeyError, KeyStore, ServerKeys};
