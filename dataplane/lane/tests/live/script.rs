//! A source that does as it is told, and a lane over it.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;
use weir_bench::{load::Load, workload::Workload};
use weir_capture::{Polled, Source, SourceCounters, SourceError};
use weir_exchange::{Exchange, Fingerprinter};
use weir_lane::live::{Ended, Fault, LaneClock, Running, run};
use weir_lane::{Control, ExchangeBatch, Lane, LaneConfig, Outbox, Receiver, Sender};
use weir_rules::RuleSet;
use weir_wire::{Frame, Timestamp};

/// What a poll does.
pub enum Step {
    /// Lends so many frames, 32 at a time.
    Frames(usize),
    /// Brings nothing.
    Idle,
    /// The interface lost so many frames.
    Drops(u64),
    /// Tells the lane to stop.
    Stop(Arc<Control>),
    /// Breaks.
    Panic,
    /// Fails.
    Fail,
}

/// Runs its steps, then ends.
pub struct Script {
    pub load: Load,
    steps: std::vec::IntoIter<Step>,
    next: usize,
    /// Added to the time of frames from now on.
    pub shift: fn(usize, Timestamp) -> Timestamp,
    counters: SourceCounters,
}

impl Script {
    pub fn new(load: Load, steps: Vec<Step>) -> Self {
        let shift = |_, t| t;
        Script { load, steps: steps.into_iter(), next: 0, shift, counters: SourceCounters::default() }
    }
}

impl Source for Script {
    fn poll(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError> {
        match self.steps.next() {
            Some(Step::Frames(n)) => {
                let shift = self.shift;
                let of = self.load.frames().enumerate().skip(self.next).take(n);
                let frames: Vec<_> = of.map(|(n, f)| Frame { time: shift(n, f.time), ..f }).collect();
                self.next += frames.len();
                frames.chunks(32).for_each(lend);
                Ok(if frames.is_empty() { Polled::Idle } else { Polled::Frames(frames.len()) })
            }
            Some(Step::Idle) => Ok(Polled::Idle),
            Some(Step::Drops(n)) => {
                self.counters.dropped += n;
                Ok(Polled::Idle)
            }
            Some(Step::Stop(control)) => {
                control.stop();
                Ok(Polled::Idle)
            }
            Some(Step::Panic) => panic!("a made-up defect"),
            Some(Step::Fail) => Err(SourceError::OnlyOnce { file: "lost".into() }),
            None => Ok(Polled::End),
        }
    }
    fn wait(&mut self, _: Duration) {}
    fn counters(&self) -> SourceCounters {
        self.counters
    }
}

/// A clock that goes on by a millisecond each time it is asked.
pub struct Ticking(pub Cell<u64>);

impl LaneClock for Ticking {
    fn now(&self) -> Timestamp {
        self.0.set(self.0.get() + 1_000_000);
        Timestamp::from_nanos(self.0.get())
    }
    fn cpu(&self) -> Duration {
        Duration::from_nanos(1)
    }
}

pub fn load() -> Load {
    Load::of(Workload::W1, 40)
}

pub fn rules() -> Arc<RuleSet> {
    Arc::new(RuleSet::builtin().unwrap())
}

pub fn lane(rules: &Arc<RuleSet>) -> Lane {
    Lane::new(&LaneConfig::default(), Arc::clone(rules), Fingerprinter::new([1; 16])).unwrap()
}

/// Runs a lane on this thread, on a wire if `clock`.
pub fn drive(
    source: &mut dyn Source,
    rules: &Arc<RuleSet>,
    outbox: Outbox,
    control: &Control,
    clock: Option<&dyn LaneClock>,
) -> Result<Ended, Fault> {
    run(source, lane(rules), outbox, Running { clock, spill: 512, control, watch: &mut |_| {} })
}

/// A ring that holds whatever a test makes.
pub fn wide() -> (Sender<ExchangeBatch>, Receiver<ExchangeBatch>) {
    weir_lane::ring(4096)
}

/// Everything that arrived.
pub fn arrived(from: &Receiver<ExchangeBatch>) -> Vec<Exchange> {
    let mut all = Vec::new();
    while let Some(mut batch) = from.try_receive() {
        all.append(&mut batch.exchanges);
    }
    all
}
