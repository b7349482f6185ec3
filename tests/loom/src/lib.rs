//! The ring of `dataplane/lane`, its very source, on loom's threads and atomics instead of the machine's.
//!
//! What is modelled is the ring's own protocol: the flag that says an end is gone, and the batches' way back. The queue below it is
//! crossbeam's and has its own tests; here stands the weakest queue that keeps crossbeam's promises (see [`sync`]).

#[path = "../../../dataplane/lane/src/ring.rs"]
mod ring;
mod sync;

pub use ring::{Batch, Closed, Receiver, Sender, ring};
