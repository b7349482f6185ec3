//! What a port's queues and its keeper share: a gate, totals, and what is to be told.

use crate::{report::Told, stamp::Stamps};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use weir_capture::{Break, Notice};

/// Notices kept of a port; later ones only count.
const NOTICES: usize = 64;

/// How long a lane may take to come back from one burst. (Most take a millisecond; one that fell may never.)
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether queues may receive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    /// Yes.
    Open,
    /// Not now: the port is being restarted, or cannot be yet.
    Shut,
    /// Never again: the runtime was stopped.
    Ended,
    /// Never again: the card was removed.
    Removed,
}

/// One queue's mark that it is inside the gate, alone in its cache line.
#[derive(Default)]
#[repr(align(128))]
struct Inside(AtomicBool);

/// One port's.
pub(crate) struct Shared {
    /// The port's name.
    pub name: Arc<str>,
    /// DPDK's number of it.
    pub id: u16,
    state: AtomicU32,
    inside: Vec<Inside>,
    held: Vec<AtomicBool>,
    /// Frames lost for want of descriptors or buffers.
    pub dropped: AtomicU64,
    /// Frames the card refused.
    pub damaged: AtomicU64,
    /// Frames lent.
    pub frames: AtomicU64,
    /// Frames whose checksum the card found wrong. They were lent.
    pub bad_checksums: AtomicU64,
    /// Frames that came in several segments and were copied together.
    pub copied: AtomicU64,
    /// Mbit/s of the link; 0 unknown.
    pub mbps: AtomicU32,
    /// Bumped with every change of `stamps`.
    pub stamps_changed: AtomicU32,
    stamps: Mutex<Stamps>,
    told: AtomicUsize,
    notices: Mutex<Vec<Notice>>,
}

/// A lock whose holder panicked holds nothing half-done here: all are replaced whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn new(name: &str, id: u16, queues: u16) -> Shared {
        Shared {
            name: format!("dpdk:{name}").into(),
            id,
            state: AtomicU32::new(State::Shut as u32),
            inside: (0..queues).map(|_| Inside::default()).collect(),
            held: (0..queues).map(|_| AtomicBool::new(false)).collect(),
            dropped: AtomicU64::new(0),
            damaged: AtomicU64::new(0),
            frames: AtomicU64::new(0),
            bad_checksums: AtomicU64::new(0),
            copied: AtomicU64::new(0),
            mbps: AtomicU32::new(0),
            stamps_changed: AtomicU32::new(0),
            stamps: Mutex::new(Stamps::Host),
            told: AtomicUsize::new(0),
            notices: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn queues(&self) -> u16 {
        self.inside.len() as u16
    }

    pub(crate) fn state(&self) -> State {
        match self.state.load(Ordering::SeqCst) {
            s if s == State::Open as u32 => State::Open,
            s if s == State::Shut as u32 => State::Shut,
            s if s == State::Removed as u32 => State::Removed,
            _ => State::Ended,
        }
    }

    /// Lets queues in.
    pub(crate) fn open(&self) {
        self.state.store(State::Open as u32, Ordering::SeqCst);
    }

    /// Lets no queue in any more, and waits until the last is out: from here on nobody receives from the port. False where a
    /// lane did not come back within [`PATIENCE`]: it may be receiving, and what it holds must stay.
    #[must_use]
    pub(crate) fn shut(&self, state: State) -> bool {
        self.state.store(state as u32, Ordering::SeqCst);
        for _ in 0..PATIENCE.as_millis() {
            if !self.inside.iter().any(|q| q.0.load(Ordering::SeqCst)) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        false
    }

    /// Enters the gate for one poll. The mark is set before the state is read, and `shut` writes the state before it reads the
    /// marks: one of the two sees the other.
    pub(crate) fn enter(&self, queue: u16) -> Result<Pass<'_>, State> {
        let Some(inside) = self.inside.get(usize::from(queue)) else { return Err(State::Ended) };
        inside.0.store(true, Ordering::SeqCst);
        let pass = Pass(&inside.0);
        match self.state() {
            State::Open => Ok(pass),
            state => Err(state),
        }
    }

    /// Takes a queue for one holder; whether it was free.
    pub(crate) fn hold(&self, queue: u16) -> bool {
        self.held.get(usize::from(queue)).is_some_and(|h| !h.swap(true, Ordering::AcqRel))
    }

    /// Gives a queue back.
    pub(crate) fn let_go(&self, queue: u16) {
        if let Some(held) = self.held.get(usize::from(queue)) {
            held.store(false, Ordering::Release);
        }
    }

    /// Tells what happened.
    pub(crate) fn tell(&self, told: &Told) {
        let mut notices = lock(&self.notices);
        if notices.len() < NOTICES {
            let cause = Break::Told { en: told.to_string(), zh: told.zh() };
            notices.push(Notice {
                file: self.name.clone(),
                offset: self.frames.load(Ordering::Relaxed),
                cause,
            });
            self.told.store(notices.len(), Ordering::Release);
        }
    }

    /// Copies notices that `to` does not hold yet.
    pub(crate) fn hear(&self, to: &mut Vec<Notice>) {
        if self.told.load(Ordering::Acquire) > to.len() {
            let notices = lock(&self.notices);
            to.extend(notices.iter().skip(to.len()).cloned());
        }
    }

    pub(crate) fn stamps(&self) -> Stamps {
        *lock(&self.stamps)
    }

    pub(crate) fn set_stamps(&self, stamps: Stamps) {
        *lock(&self.stamps) = stamps;
        self.stamps_changed.fetch_add(1, Ordering::Release);
    }
}

/// A queue inside the gate; dropping it is going out.
pub(crate) struct Pass<'a>(&'a AtomicBool);

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::thread;

    #[test]
    fn shutting_waits_for_whoever_is_inside() {
        let shared = Shared::new("x", 0, 2);
        assert!(matches!(shared.enter(0), Err(State::Shut)));
        shared.open();
        let receiving = AtomicBool::new(false);
        let stop = AtomicBool::new(false);
        thread::scope(|s| {
            for queue in 0..2 {
                let (shared, receiving, stop) = (&shared, &receiving, &stop);
                s.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let pass = shared.enter(queue);
                        if pass.is_ok() && queue == 0 {
                            receiving.store(true, Ordering::SeqCst);
                            thread::yield_now();
                            receiving.store(false, Ordering::SeqCst);
                        }
                    }
                });
            }
            for _ in 0..1000 {
                assert!(shared.shut(State::Shut));
                assert!(!receiving.load(Ordering::SeqCst));
                shared.open();
            }
            assert!(shared.shut(State::Ended));
            stop.store(true, Ordering::Relaxed);
        });
        assert!(matches!(shared.enter(0), Err(State::Ended)));
    }

    #[test]
    fn a_lane_that_does_not_come_back_is_not_waited_for_forever() {
        let shared = Shared::new("x", 0, 1);
        shared.open();
        let held = shared.enter(0);
        assert!(held.is_ok() && !shared.shut(State::Shut));
        drop(held);
        assert!(shared.shut(State::Ended));
    }

    #[test]
    fn a_queue_has_one_holder() {
        let shared = Shared::new("x", 0, 1);
        assert!(shared.hold(0) && !shared.hold(0) && !shared.hold(7));
        shared.let_go(0);
        assert!(shared.hold(0));
    }

    #[test]
    fn notices_are_bounded_and_heard_once() {
        let shared = Shared::new("x", 0, 1);
        for _ in 0..100 {
            shared.tell(&Told::LinkDown);
        }
        let mut heard = Vec::new();
        shared.hear(&mut heard);
        shared.hear(&mut heard);
        assert_eq!(heard.len(), NOTICES);
        assert_eq!(
            heard[0].to_string(),
            "dpdk:x: the link went down; check the cable, the far end and the mirror session"
        );
    }
}
