//! What the ring is made of. `tests/loom` puts a model in its place and looks at every order in which two threads may run.

pub(crate) use crossbeam::queue::ArrayQueue;
pub(crate) use std::sync::Arc;
pub(crate) use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam::utils::Backoff;
use std::time::Duration;

/// Spins, then yields, then sleeps: neither end burns a core while the other one works.
pub(crate) struct Patience(Backoff);

impl Patience {
    pub(crate) fn new() -> Self {
        Patience(Backoff::new())
    }
    pub(crate) fn wait(&self) {
        if self.0.is_completed() {
            std::thread::sleep(Duration::from_micros(50));
        } else {
            self.0.snooze();
        }
    }
}
