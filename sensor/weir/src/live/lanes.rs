//! The lanes' threads: the one place that knows how a lane is run.

use super::cores;
use super::state::{Health, Shared};
use crate::clock;
use crate::failure::{Failure, Told};
use crate::log::Level;
use crate::sources::LaneSource;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use weir_lane::live::{self, End, Fault, LaneClock, Running, SPILL};
use weir_lane::{ExchangeBatch, Lane, Outbox, Sender};
use weir_wire::Timestamp;

/// Lanes whose threads panicked, a bit each (there are at most 64).
static FALLEN: AtomicU64 = AtomicU64::new(0);
/// Beginning of a lane thread's name; its number follows.
const NAME: &str = "lane-";

/// Real time for a lane.
struct RealTime;

impl LaneClock for RealTime {
    fn now(&self) -> Timestamp {
        clock::now()
    }
    fn cpu(&self) -> Duration {
        let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(u64::try_from(t.tv_sec).unwrap_or(0), u32::try_from(t.tv_nsec).unwrap_or(0))
    }
}

/// A lane that panics takes neither the process nor a word of what it read with it: only the place in the code is said, and where the
/// build aborts on panic its thread is kept from returning.
pub fn guard() {
    std::panic::set_hook(Box::new(|panic| {
        let thread = thread::current();
        let name = thread.name().unwrap_or("?");
        let place = panic.location().map_or_else(String::new, |l| format!("{}:{}", l.file(), l.line()));
        drop(std::io::Write::write_all(
            &mut std::io::stderr(),
            format!("weir: internal error in thread {name} at {place}\n").as_bytes(),
        ));
        let Some(n) = name.strip_prefix(NAME).and_then(|n| n.parse::<u32>().ok()) else { return };
        FALLEN.fetch_or(1 << n.min(63), Relaxed);
        while cfg!(panic = "abort") {
            thread::park();
        }
    }));
}

/// Whether the lane's thread panicked.
pub fn has_fallen(lane: usize) -> bool {
    FALLEN.load(Relaxed) & (1 << lane.min(63)) != 0
}

/// Starts a lane on a thread of its own.
pub fn start(
    n: usize,
    shared: &Arc<Shared>,
    lane: Lane,
    source: LaneSource,
    wire: bool,
    sender: Sender<ExchangeBatch>,
    core: Option<usize>,
) -> Result<(), Failure> {
    let shared = shared.clone();
    let work = move || {
        if let Some(core) = core {
            let pinned = cores::pin(core);
            shared.lanes[n].core.store(if pinned { core as u64 + 1 } else { 0 }, Relaxed);
        }
        run(n, &shared, lane, source, wire, sender);
    };
    let started = thread::Builder::new().name(format!("{NAME}{n}")).spawn(work);
    started
        .map(drop)
        .map_err(|e| Failure::because("无法启动处理通道的线程", "cannot start a lane's thread", &e))
}

fn run(
    n: usize,
    shared: &Shared,
    lane: Lane,
    mut source: LaneSource,
    wire: bool,
    sender: Sender<ExchangeBatch>,
) {
    let side = &shared.lanes[n];
    let outbox = if wire { Outbox::live(sender) } else { Outbox::new(sender) };
    let clock: Option<&dyn LaneClock> = if wire { Some(&RealTime) } else { None };
    let running = Running { clock, spill: SPILL, control: &side.control, watch: &mut |_| {} };
    match live::run(&mut *source, lane, outbox, running) {
        Ok(ended) => {
            if let Some(e) = &ended.error {
                shared.log.told(Level::Error, "source.failed", &[("lane", &n)], &e.told());
            }
            let why = match ended.why {
                End::Source => "source",
                End::Stopped => "stopped",
            };
            shared.log.info(
                "lane.ended",
                &[("lane", &n), ("why", &why)],
                "处理通道已结束",
                "the lane has ended",
            );
            side.set_last(ended.report);
            let failed = ended.error.is_some();
            side.set_health(if failed { Health::Dead } else { Health::Ended });
        }
        Err(fault) => {
            // What a panic says may quote what was read: the place alone was said by the hook.
            let why = match fault {
                Fault::AnalystGone => "the analyst is gone",
                Fault::Panicked(_) => "it panicked",
            };
            let (zh, en) = ("处理通道未正常结束", "the lane did not end in order");
            shared.log.error("lane.failed", &[("lane", &n), ("why", &why)], zh, en);
            side.set_health(Health::Dead);
        }
    }
}
