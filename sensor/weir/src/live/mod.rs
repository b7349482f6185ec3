//! The live sensor: threads and how they are joined.
//!
//! ```text
//!              .--- pinned ---.
//! source 0 --> | lane 0       | ==> .---------.      .--------.
//! source 1 --> | lane 1       | ==> | analyst | ===> | writer | --> data directory
//!   ...        |  ...         | ==> '---------'      '--------'
//!              '--------------'
//!                 ^  figures: relaxed atomics, read by housekeeping (signals, watchdog) and the metrics endpoint
//!                 '-- stop, new rules
//! ```
//! `==>` never blocks a lane that reads a wire: where the analyst is behind, the lane counts. Where the writer is behind, the analyst
//! counts. Threads are not joined by scope: a lane that hangs must not keep the others from being saved.

mod analyst;
mod cores;
mod house;
mod http;
mod keys;
mod lanes;
mod memory;
mod metrics;
mod notify;
mod numbers;
mod reload;
mod rules;
mod state;
mod writer;

pub use analyst::Learned;
pub use analyst::Order;
pub use analyst::unsaid;
pub use cores::{chosen, default_lanes, listed, shared as shared_cores, ticking, usable};
pub use house::Ending;
pub use keys::open as open_keys;
pub use lanes::guard;
pub use memory::{Mind, mind};
pub use reload::Reload;
pub use rules::load as load_rules;
pub use state::Shared;

use crate::failure::Failure;
use crate::sources::Opened;
use analyst::AnalystThread;
use house::House;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use weir_exchange::Fingerprinter;
use weir_lane::{ExchangeBatch, Lane, LaneConfig, ring};
use weir_registry::List;
use weir_rules::RuleSet;
use weir_store::LiveWriter;

/// What a sensor runs on.
pub struct Plan {
    pub shared: Arc<Shared>,
    pub sources: Opened,
    /// Cores of the lanes, in order; may be fewer than lanes.
    pub cores: Vec<usize>,
    pub lane: LaneConfig,
    pub rules: Arc<RuleSet>,
    pub fingerprinter: Fingerprinter,
    pub mind: Mind,
    /// The registered list, where there is one.
    pub list: Option<List>,
    /// Whose duties incidents bring.
    pub operator: weir_model::Operator,
    pub writer: LiveWriter,
    pub save_every: Duration,
    pub remember_every: Duration,
    pub watchdog: Duration,
    /// Where metrics are served, and whether that address was asked for.
    pub metrics: Option<(SocketAddr, bool)>,
}

/// What a sensor came to.
pub struct Finished {
    pub learned: Learned,
    pub writer: LiveWriter,
    pub ending: Ending,
}

/// Starts every thread, and looks after them until the sensor is told to stop or its sources end.
///
/// # Errors
/// Where it cannot start. Once it runs, everything that happens is told in the log and in the ending.
pub fn run(plan: Plan, orders: mpsc::Receiver<Order>, reload: Reload) -> Result<Finished, Failure> {
    let shared = plan.shared.clone();
    let wire = plan.sources.live;
    let house = House::new(shared.clone(), reload, plan.watchdog, wire)?;
    if let Some((address, asked)) = plan.metrics {
        http::serve(address, asked, shared.clone())?;
    }
    let mut receivers = Vec::new();
    // Ends with this function, after the lanes.
    let _held = plan.sources.held;
    for (n, source) in plan.sources.lanes.into_iter().enumerate() {
        let (sender, receiver) = ring::<ExchangeBatch>(crate::pipeline::RING);
        receivers.push(receiver);
        let lane = Lane::new(&plan.lane, plan.rules.clone(), plan.fingerprinter.clone())
            .map_err(|e| Failure::because("无法启动处理通道", "cannot start a lane", &e))?;
        lanes::start(n, &shared, lane, source, wire, sender, plan.cores.get(n).copied())?;
    }
    let (to_writer, messages) = mpsc::sync_channel(writer::QUEUE);
    let analyst = AnalystThread {
        shared: shared.clone(),
        analyst: plan.mind.analyst,
        numbers: plan.mind.numbers,
        lanes: receivers,
        orders,
        list: plan.list,
        operator: plan.operator,
        writer: to_writer,
        wire,
        save_every: plan.save_every,
        remember_every: plan.remember_every,
    };
    let analyst = spawn("analyst", move || analyst.run())?;
    let (side, writer) = (shared.clone(), plan.writer);
    let writer = spawn("writer", move || writer::run(&side, writer, &messages))?;
    let ending = house.keep();
    Ok(Finished { learned: join(analyst)?, writer: join(writer)?, ending })
}

fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, Failure> {
    let started = thread::Builder::new().name(name.into()).spawn(work);
    started.map_err(|e| Failure::because("无法启动线程", "cannot start a thread", &e))
}

fn join<T>(thread: JoinHandle<T>) -> Result<T, Failure> {
    thread.join().map_err(|_| {
        Failure::new("内部错误：工作线程意外终止", "internal error: a worker thread ended unexpectedly")
    })
}
