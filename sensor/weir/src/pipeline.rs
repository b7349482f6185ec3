//! The wiring: threads and rings of a replay.
//!
//! ```text
//! 1 lane :  [source, lane] ==> [analyst] ==> [writer]
//! n lanes:  [source, steering] ==> n x [lane] ==> [analyst] ==> [writer]
//! ```

use crate::failure::Failure;
use std::sync::Arc;
use std::thread;
use weir_analyst::{Analyst, Place};
use weir_capture::{Polled, Source};
use weir_exchange::{Exchange, Fingerprinter};
use weir_lane::{
    Batch, Closed, Control, ExchangeBatch, Lane, LaneConfig, LaneReport, Merge, Outbox, PacketBatch,
    Receiver, Released, Sender, Steering, live, live::Running, ring,
};
use weir_rules::RuleSet;

/// Batches under way between a lane and the analyst, and between the analyst and the writer.
pub const RING: usize = 64;
/// Batches under way between the steering thread and a lane.
const STEER_RING: usize = 16;
/// Rows of a batch for the writer.
const ROWS: usize = 64;

/// What a replay runs on.
pub struct Setup {
    /// Lanes, at least 1.
    pub lanes: usize,
    /// Whether each lane gets a core of its own.
    pub pin: bool,
    /// Bounds and switches of each lane.
    pub lane: LaneConfig,
    /// The rules.
    pub rules: Arc<RuleSet>,
    /// The key of fingerprints.
    pub fingerprinter: Fingerprinter,
}

/// An exchange on its way to the writer.
pub struct Row {
    /// The facts.
    pub exchange: Exchange,
    /// Where it belongs.
    pub place: Place,
}

/// Rows on their way to the writer.
#[derive(Default)]
pub struct Rows(Vec<Row>);

impl Batch for Rows {
    fn clear(&mut self) {
        self.0.clear();
    }
}

/// What the dataplane and the analyst come to.
pub struct Done {
    /// Sum over all threads.
    pub report: LaneReport,
    /// What was learned.
    pub analyst: Analyst,
}

/// Runs `source` to its end. `each` is called on the writer's thread with every exchange, `shown` now and then on the source's.
pub fn run(
    setup: &Setup,
    source: &mut dyn Source,
    analyst: Analyst,
    mut each: impl FnMut(&Row) + Send,
    mut shown: impl FnMut(&dyn Source),
) -> Result<Done, Failure> {
    let lanes = (0..setup.lanes).map(|_| lane(setup)).collect::<Result<Vec<_>, _>>()?;
    let (senders, receivers): (Vec<_>, Vec<_>) =
        (0..setup.lanes).map(|_| ring::<ExchangeBatch>(RING)).unzip();
    let (row_sender, row_receiver) = ring::<Rows>(RING);
    thread::scope(|scope| {
        let writer = scope.spawn(move || {
            while let Some(rows) = row_receiver.receive() {
                rows.0.iter().for_each(&mut each);
                row_receiver.recycle(rows);
            }
        });
        let judging = scope.spawn(move || analyse(analyst, &receivers, &row_sender));
        let fed = match setup.lanes {
            1 => one_lane(setup, lanes, senders, source, &mut shown),
            _ => several_lanes(scope, setup, lanes, senders, source, &mut shown),
        };
        let judged = judging.join();
        let written = writer.join();
        let read = fed?;
        let (Ok((mut report, analyst)), Ok(())) = (judged, written) else { return Err(died()) };
        if let Some(steering) = read {
            report.absorb(&steering);
        }
        Ok(Done { report, analyst })
    })
}

fn lane(setup: &Setup) -> Result<Lane, Failure> {
    Lane::new(&setup.lane, setup.rules.clone(), setup.fingerprinter.clone())
        .map_err(|e| Failure::because("无法启动处理通道", "cannot start a lane", &e))
}

/// A thread ended before its time: a defect, as none of them fails by design.
fn died() -> Failure {
    Failure::new("内部错误：工作线程意外终止", "internal error: a worker thread ended unexpectedly")
}

/// Pins the calling thread to the `n`-th core the process may use.
fn pin(setup: &Setup, n: usize) {
    let cores = if setup.pin { core_affinity::get_core_ids() } else { None };
    let cores = cores.unwrap_or_default();
    if let Some(core) = cores.get(n % cores.len().max(1)) {
        core_affinity::set_for_current(*core);
    }
}

/// Polls `source` to its end, calling `burst` with it after each burst.
fn drain(
    source: &mut dyn Source,
    mut burst: impl FnMut(&mut dyn Source) -> Result<Result<Polled, weir_capture::SourceError>, Closed>,
) -> Result<(), Failure> {
    loop {
        let polled = burst(source)
            .map_err(|Closed| died())?
            .map_err(|e| Failure::during("无法读取抓包", "cannot read the capture", &e))?;
        if polled == Polled::End {
            return Ok(());
        }
    }
}

/// Source and lane on this thread: run to completion, nothing is copied.
fn one_lane(
    setup: &Setup,
    lanes: Vec<Lane>,
    senders: Vec<Sender<ExchangeBatch>>,
    source: &mut dyn Source,
    shown: &mut impl FnMut(&dyn Source),
) -> Result<Option<LaneReport>, Failure> {
    pin(setup, 0);
    for (lane, sender) in lanes.into_iter().zip(senders) {
        let control = Control::default();
        let running = Running { clock: None, spill: 0, control: &control, watch: &mut *shown };
        let ended = live::run(source, lane, Outbox::new(sender), running).map_err(|_| died())?;
        if let Some(e) = ended.error {
            return Err(Failure::during("无法读取抓包", "cannot read the capture", &e));
        }
    }
    Ok(None)
}

/// Source and steering on this thread, each lane on one of its own.
fn several_lanes<'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    setup: &'scope Setup,
    lanes: Vec<Lane>,
    senders: Vec<Sender<ExchangeBatch>>,
    source: &mut dyn Source,
    shown: &mut impl FnMut(&dyn Source),
) -> Result<Option<LaneReport>, Failure> {
    let mut feeds = Vec::new();
    for (n, (lane, sender)) in lanes.into_iter().zip(senders).enumerate() {
        let (feed, packets) = ring::<PacketBatch>(STEER_RING);
        feeds.push(feed);
        scope.spawn(move || {
            pin(setup, n);
            // An analyst that is gone has been noticed by joining it.
            let _ = weir_lane::run(lane, &packets, sender);
        });
    }
    let mut steering = Steering::new(setup.lane.decode, feeds);
    drain(source, |source| {
        let mut fate = Ok(());
        let polled = source.poll(&mut |burst| {
            for frame in burst {
                if fate.is_ok() {
                    fate = steering.frame(frame);
                }
            }
        });
        shown(source);
        fate.map(|()| polled)
    })?;
    steering.finish().map(Some).map_err(|Closed| died())
}

/// The analyst's thread.
fn analyse(
    mut analyst: Analyst,
    lanes: &[Receiver<ExchangeBatch>],
    writer: &Sender<Rows>,
) -> (LaneReport, Analyst) {
    let mut merge = Merge::new(lanes.len());
    let mut total = LaneReport::default();
    let mut rows = writer.batch();
    let mut write = |exchange, place| {
        rows.0.push(Row { exchange, place });
        if rows.0.len() >= ROWS {
            let next = writer.batch();
            // A writer that is gone has been noticed by joining it; the findings are still worth having.
            let _ = writer.send(std::mem::replace(&mut rows, next));
        }
    };
    while let Some(n) = merge.slowest() {
        let Some(receiver) = lanes.get(n) else { break };
        match receiver.receive() {
            Some(mut batch) => {
                merge.add(n, &mut batch);
                if let Some(report) = batch.report.take() {
                    total.absorb(&report);
                    merge.end(n);
                }
                receiver.recycle(batch);
            }
            None => merge.end(n),
        }
        while let Some(released) = merge.release() {
            match released {
                Released::Exchange(exchange, _) => {
                    analyst.take(exchange, &mut |exchange, place| write(exchange, place));
                }
                Released::Connection(c) => analyst.connection(&c),
                Released::Resolved(r) => analyst.resolved(&r),
            }
        }
    }
    analyst.let_go(&mut |exchange, place| write(exchange, place));
    let _ = writer.send(rows);
    analyst.finish();
    (total, analyst)
}
