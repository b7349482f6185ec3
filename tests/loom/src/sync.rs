//! Loom's stand-ins for what the ring is made of.
//!
//! The queue promises what a bounded queue of one producer and one consumer must, and no more: a pop that takes what a push put sees
//! all that went before it, and likewise a push that takes a place that a pop left. A pop that finds nothing, and a push that finds no
//! room, may look at the past and order nothing. (crossbeam's is stronger; the ring must not need it.)

pub(crate) use loom::sync::Arc;
pub(crate) use loom::sync::atomic::{AtomicBool, Ordering};

use loom::sync::atomic::AtomicUsize;
use std::sync::Mutex;

/// A ring of places, each with a flag of its own. The values lie in locks that loom does not see: order comes by the flags alone.
pub(crate) struct ArrayQueue<T> {
    places: Vec<(AtomicBool, Mutex<Option<T>>)>,
    head: AtomicUsize,
    tail: AtomicUsize,
}

impl<T> ArrayQueue<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let places = (0..capacity).map(|_| (AtomicBool::new(false), Mutex::new(None))).collect();
        ArrayQueue { places, head: AtomicUsize::new(0), tail: AtomicUsize::new(0) }
    }

    /// By the one producer: the tail is its own.
    pub(crate) fn push(&self, value: T) -> Result<(), T> {
        let tail = self.tail.load(Ordering::Relaxed);
        let (full, place) = &self.places[tail % self.places.len()];
        if full.load(Ordering::Acquire) {
            return Err(value);
        }
        *place.lock().expect("no thread panics here") = Some(value);
        self.tail.store(tail + 1, Ordering::Relaxed);
        full.store(true, Ordering::Release);
        Ok(())
    }

    /// By the one consumer: the head is its own.
    pub(crate) fn pop(&self) -> Option<T> {
        let head = self.head.load(Ordering::Relaxed);
        let (full, place) = &self.places[head % self.places.len()];
        if !full.load(Ordering::Acquire) {
            return None;
        }
        let value = place.lock().expect("no thread panics here").take();
        self.head.store(head + 1, Ordering::Relaxed);
        full.store(false, Ordering::Release);
        value
    }

    pub(crate) fn len(&self) -> usize {
        self.tail.load(Ordering::Relaxed) - self.head.load(Ordering::Relaxed)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn capacity(&self) -> usize {
        self.places.len()
    }
}

/// Lets the other thread run.
pub(crate) struct Patience;

impl Patience {
    pub(crate) fn new() -> Self {
        Patience
    }
    pub(crate) fn wait(&self) {
        loom::thread::yield_now();
    }
}
