//! What the rest of the process may say to a lane that runs, and hear of it.

use crate::gauges::Gauges;
use crossbeam::queue::ArrayQueue;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use weir_capture::Notice;
use weir_inspect::Prepared;

/// Shared by a lane and whoever looks after it. The lane looks at it between two polls of its source, at the cost of two loads.
#[derive(Debug)]
pub struct Control {
    stop: AtomicBool,
    mail: ArrayQueue<Box<Prepared>>,
    used: ArrayQueue<Box<Prepared>>,
    notices: Mutex<Vec<Notice>>,
    gauges: Gauges,
}

impl Default for Control {
    fn default() -> Self {
        Control {
            stop: AtomicBool::new(false),
            mail: ArrayQueue::new(1),
            used: ArrayQueue::new(2),
            notices: Mutex::default(),
            gauges: Gauges::default(),
        }
    }
}

impl Control {
    /// Tells the lane to read what its source holds, to finish, and to hand everything over.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// Whether it was told.
    pub fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Gives the lane new rules, to be used from its next poll on; rules that it has not fetched yet are replaced. Frees what the lane
    /// used before (call [`Control::tidy`] later to free these).
    pub fn replace_rules(&self, rules: Prepared) {
        self.tidy();
        drop(self.mail.force_push(Box::new(rules)));
    }

    /// Frees the rules that the lane has put aside; it does not do so itself, as that takes long.
    pub fn tidy(&self) {
        while let Some(old) = self.used.pop() {
            drop(old);
        }
    }

    /// What the lane shows of itself.
    pub fn gauges(&self) -> &Gauges {
        &self.gauges
    }

    /// What the source had to say since the last call.
    pub fn notices(&self) -> Vec<Notice> {
        std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn note(&self, more: &[Notice]) {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(more);
    }

    pub(crate) fn fetch(&self) -> Option<Box<Prepared>> {
        self.mail.pop()
    }

    pub(crate) fn put_aside(&self, old: Box<Prepared>) {
        drop(self.used.push(old));
    }
}
