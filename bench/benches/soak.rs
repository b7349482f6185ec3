//! W17: W1 without end through a lane as it runs on a wire; exit code 1 where its memory is not flat or its books are wrong.
//!
//! `cargo bench -p weir-bench --bench soak -- [--minutes N] [--gigabytes N] [--army FLOWS] [--every SECONDS]`
//!
//! A process of its own makes the traffic, so that only the lane's memory is measured. The army of idle flows says a word every 200
//! seconds of packet time (some 45 GB), as keep-alives do; marks begin when each has spoken once. Flat is told by [`weir_bench::soak::Growth::is_flat`]. Without arguments: two minutes, no army.

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]
#![allow(clippy::disallowed_methods, reason = "a soak lasts for a stated time")]

use cap::Cap;
use mimalloc::MiMalloc;
use std::io::BufWriter;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use weir_bench::machine::resident;
use weir_bench::measure::cpu;
use weir_bench::mix::START;
use weir_bench::soak::{Growth, Marks, ROUND, endless};
use weir_capture::{Files, Input, Source};
use weir_exchange::Fingerprinter;
use weir_lane::live::{LaneClock, Running, SPILL, run};
use weir_lane::{Control, ExchangeBatch, Figures, Lane, LaneConfig, Outbox, Receiver, ring};
use weir_rules::RuleSet;
use weir_wire::Timestamp;

#[global_allocator]
static ALLOCATOR: Cap<MiMalloc> = Cap::new(MiMalloc, usize::MAX);

const MIB: f64 = 1024.0 * 1024.0;
/// Flows that the table may hold besides the army.
const ROOM: u32 = 1 << 20;
/// The first word of the process that makes the traffic.
const GENERATE: &str = "generate";

/// Memory at the marks: what the process holds, and what of it was asked for and is not given back. Only the latter tells a leak from
/// what the allocator keeps, and from pages that are touched for the first time.
#[derive(Default)]
struct Memory {
    resident: Marks,
    asked: Marks,
}

/// How long, and over what.
struct Plan {
    time: Duration,
    bytes: f64,
    army: u32,
    every: Duration,
}

impl Plan {
    fn from_args() -> Plan {
        let seconds = |name: &str, default: f64| argument(name).unwrap_or(default);
        let bytes = argument("--gigabytes").map_or(f64::MAX, |gb| gb * 1e9);
        let default = if bytes == f64::MAX { 2.0 } else { 24.0 * 60.0 };
        Plan {
            time: Duration::from_secs_f64(60.0 * seconds("--minutes", default)),
            bytes,
            army: seconds("--army", 0.0) as u32,
            every: Duration::from_secs_f64(seconds("--every", 10.0)),
        }
    }
}

/// The number behind a word on the command line.
fn argument(name: &str) -> Option<f64> {
    let mut args = std::env::args().skip_while(|a| a != name);
    args.next();
    args.next().map(|a| a.parse().expect(name))
}

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(GENERATE) {
        // Ends when the lane is gone.
        let army = std::env::args().nth(2).and_then(|a| a.parse().ok()).unwrap_or(0);
        drop(endless(army, &mut BufWriter::with_capacity(1 << 20, std::io::stdout().lock())));
        return ExitCode::SUCCESS;
    }
    soak(&Plan::from_args())
}

/// A clock that never gets ahead of the frames: where the generator is slow, no time passes.
struct FramesOnly;

impl LaneClock for FramesOnly {
    fn now(&self) -> Timestamp {
        Timestamp::default()
    }
    fn cpu(&self) -> Duration {
        Duration::from_secs_f64(cpu())
    }
}

fn soak(plan: &Plan) -> ExitCode {
    let mut config = LaneConfig::default();
    config.stream.flows = plan.army + ROOM;
    let rules = Arc::new(RuleSet::builtin().expect("the built-in packs"));
    let lane = Lane::new(&config, rules, Fingerprinter::new([1; 16])).expect("a lane");
    let mut generator = generator(plan.army);
    let traffic = Box::new(generator.stdout.take().expect("its output"));
    let mut source = Files::new(vec![Input::Stream("traffic".into(), traffic)]);
    let (tx, rx) = ring::<ExchangeBatch>(4096);
    let control = Control::default();
    let (marks, held) = thread::scope(|scope| {
        let watch = scope.spawn(|| watch(plan, &control, &rx));
        let running = Running {
            clock: Some(&FramesOnly),
            spill: SPILL,
            control: &control,
            watch: &mut |_: &dyn Source| {},
        };
        run(&mut source, lane, Outbox::live(tx), running).expect("a lane that ends in order");
        watch.join().expect("the watch")
    });
    drop(source);
    generator.wait().expect("the generator");
    verdict(plan, &marks, held, &control.gauges().read())
}

fn generator(army: u32) -> Child {
    let me = std::env::current_exe().expect("this program");
    let mut command = Command::new(me);
    command
        .args([GENERATE, &army.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program")
}

/// Takes exchanges as an analyst does, and marks the memory, until it is time to stop. Returns the marks and the flows at the last.
fn watch(plan: &Plan, control: &Control, exchanges: &Receiver<ExchangeBatch>) -> (Memory, u64) {
    let (begun, mut marks, mut taken, mut held) = (Instant::now(), Memory::default(), 0, 0);
    println!(
        "{:>8} {:>10} {:>12} {:>10} {:>10} {:>10}",
        "seconds", "GB", "exchanges", "flows", "MiB held", "MiB asked"
    );
    let mut due = plan.every;
    while !exchanges.is_closed() {
        while let Some(batch) = exchanges.try_receive() {
            taken += batch.exchanges.len();
            exchanges.recycle(batch);
        }
        thread::sleep(Duration::from_millis(1));
        let elapsed = begun.elapsed();
        let figures = control.gauges().read();
        if elapsed >= plan.time || figures.ledger.received.bytes as f64 >= plan.bytes {
            control.stop();
        }
        // An army is warm when every one of it has spoken once.
        let warm = plan.army == 0 || figures.clock >= START + ROUND;
        if elapsed >= due && warm && !control.is_stopping() {
            due = elapsed + plan.every;
            let (now, asked) = (resident(), ALLOCATOR.allocated() as u64);
            marks.resident.push(now);
            marks.asked.push(asked);
            held = figures.flows;
            let gigabytes = figures.ledger.received.bytes as f64 / 1e9;
            println!(
                "{:8.0} {gigabytes:10.1} {taken:12} {:10} {:10.1} {:10.1}",
                elapsed.as_secs_f64(),
                figures.flows,
                now as f64 / MIB,
                asked as f64 / MIB
            );
        }
    }
    (marks, held)
}

/// Prints what it came to, and whether that is right.
fn verdict(plan: &Plan, memory: &Memory, held: u64, figures: &Figures) -> ExitCode {
    let (Some(resident), Some(asked)) = (memory.resident.growth(), memory.asked.growth()) else {
        eprintln!(
            "soak: {} marks are too few to tell: run it longer, or mark more often (--every)",
            memory.resident.len()
        );
        return ExitCode::FAILURE;
    };
    for (what, Growth { mean, rise, error, peak }) in [("resident", resident), ("asked for", asked)] {
        println!(
            "{what} behind the warm-up: {:.1} MiB on average, {:.1} at most; it rose by {:.1} MiB, of which {:.1} may be scatter",
            mean / MIB,
            peak / MIB,
            rise / MIB,
            2.0 * error / MIB
        );
    }
    println!(
        "flows: {held} held, {} opened, {} refused; batches of exchanges given up: {}; lane: {:.0} CPU seconds",
        figures.flows_opened,
        figures.flows_refused,
        figures.batches_dropped,
        figures.cpu_nanos as f64 / 1e9
    );
    let wrong = [
        (!resident.is_flat(), "resident memory is not flat"),
        (!asked.is_flat(), "what is asked for is not flat"),
        (!figures.ledger.balanced(), "the ledger is out of balance"),
        (figures.flows_refused > 0, "flows were refused"),
        (held < u64::from(plan.army), "the army was forgotten"),
    ];
    for (_, what) in wrong.iter().filter(|(is, _)| *is) {
        println!("FAILED: {what}");
    }
    if wrong.iter().any(|(is, _)| *is) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
