//! What the threads of a live sensor show one another: relaxed atomics, written now and then, read by whoever looks.

use crate::clock::WallClock;
use crate::log::Log;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use weir_lane::{Control, LaneReport};
use weir_store::LiveCounters;
use weir_wire::Ledger;

/// How a lane fares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Health {
    /// It works.
    Running = 0,
    /// Its heart has not beaten for the watchdog's time.
    Stuck = 1,
    /// Its source ended, or it was told to stop.
    Ended = 2,
    /// It died, and its share of the source is lost.
    Dead = 3,
}

/// A lane as the others see it.
pub struct LaneSide {
    /// The way to it.
    pub control: Control,
    health: AtomicU8,
    /// Core it is pinned to, plus one; 0 where it is not.
    pub core: AtomicU64,
    last: Mutex<Option<LaneReport>>,
}

impl Default for LaneSide {
    fn default() -> Self {
        LaneSide {
            control: Control::default(),
            health: AtomicU8::new(Health::Running as u8),
            core: AtomicU64::new(0),
            last: Mutex::new(None),
        }
    }
}

impl LaneSide {
    /// How it fares.
    pub fn health(&self) -> Health {
        match self.health.load(Relaxed) {
            0 => Health::Running,
            1 => Health::Stuck,
            2 => Health::Ended,
            _ => Health::Dead,
        }
    }
    /// Notes how it fares.
    pub fn set_health(&self, health: Health) {
        self.health.store(health as u8, Relaxed);
    }
    /// Notes that it went from one state to another, unless it has gone on since; whether it had not.
    pub fn change_health(&self, from: Health, to: Health) -> bool {
        self.health.compare_exchange(from as u8, to as u8, Relaxed, Relaxed).is_ok()
    }
    /// Whether nothing more will come of it.
    pub fn is_over(&self) -> bool {
        matches!(self.health(), Health::Ended | Health::Dead)
    }
    /// Notes its last word.
    pub fn set_last(&self, report: LaneReport) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
    }
    /// Its last word; until then, or where it died, what it published last.
    pub fn report(&self) -> LaneReport {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        last.unwrap_or_else(|| LaneReport {
            ledger: self.control.gauges().read().ledger,
            ..LaneReport::default()
        })
    }
}

/// Figures of the analyst.
#[derive(Default)]
pub struct AnalystSide {
    /// Exchanges observed.
    pub exchanges: AtomicU64,
    /// Interfaces, accounts, callers, risk sources, risks and incidents known, at the last snapshot.
    pub interfaces: AtomicU64,
    /// See above.
    pub accounts: AtomicU64,
    /// See above.
    pub callers: AtomicU64,
    /// See above.
    pub sources: AtomicU64,
    /// See above.
    pub risks: AtomicU64,
    /// See above.
    pub incidents: AtomicU64,
    /// Exchanges waiting for slower lanes are not counted; rows given up because the writer was behind are.
    pub rows_dropped: AtomicU64,
    /// Nanoseconds that the last snapshot took.
    pub snapshot_nanos: AtomicU64,
    /// It is over.
    pub ended: AtomicBool,
}

/// Figures of the writer.
#[derive(Default)]
pub struct WriterSide {
    counters: Mutex<LiveCounters>,
    /// Whether the last commit failed.
    pub failing: AtomicBool,
    /// Snapshots that were lost: the next one must hold everything.
    pub snapshot_lost: AtomicBool,
    /// Batches on their way.
    pub queue: AtomicU64,
}

impl WriterSide {
    /// What was written.
    pub fn counters(&self) -> LiveCounters {
        *self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Notes what was written.
    pub fn set_counters(&self, counters: LiveCounters) {
        *self.counters.lock().unwrap_or_else(PoisonError::into_inner) = counters;
    }
}

/// Figures of reloads and of the process.
#[derive(Default)]
pub struct HouseSide {
    /// Rules put in force since the start.
    pub reloads: AtomicU64,
    /// Reloads refused, the old rules staying in force.
    pub refused: AtomicU64,
    /// Rules in force.
    pub rules: AtomicU64,
    /// Lanes that did not end in time are waited for no longer.
    pub gave_up: AtomicBool,
}

/// Everything shared.
pub struct Shared {
    /// Where events are said.
    pub log: Log,
    /// The sensor's clock, from its start.
    pub clock: WallClock,
    /// The lanes.
    pub lanes: Vec<LaneSide>,
    /// The analyst.
    pub analyst: AnalystSide,
    /// The writer.
    pub writer: WriterSide,
    /// Housekeeping.
    pub house: HouseSide,
}

impl Shared {
    /// Of so many lanes.
    pub fn new(log: Log, lanes: usize) -> Self {
        Shared {
            log,
            clock: WallClock::start(),
            lanes: (0..lanes).map(|_| LaneSide::default()).collect(),
            analyst: AnalystSide::default(),
            writer: WriterSide::default(),
            house: HouseSide::default(),
        }
    }
    /// Sum over all lanes.
    pub fn ledger(&self) -> Ledger {
        self.lanes.iter().fold(Ledger::default(), |mut sum, lane| {
            sum.absorb(&lane.report().ledger);
            sum
        })
    }
}
