//! One lane's thread: its source, its work and its hand-off, run to completion.
//!
//! ```text
//!            .--------------------- one thread ---------------------.
//!  wire ===> | Source --frames--> Lane --exchanges--> Outbox        | ==> analyst
//!            |    ^                 |                    |          |
//!            |    '-- poll, wait ---+---- figures -------'          |
//!            '---------------^------------------|-------------------'
//!                 stop, rules|                  v gauges, notices
//!                            '----- Control ----'
//! ```
//! The same loop runs files and wires. What differs is in [`Running::clock`]: with one, the lane waits when nothing comes, tells the time
//! when nothing comes, never waits for the analyst, and sheds by plan where it cannot keep up; without one it is a
//! replay, whose source waits as long as it takes and whose records depend on nothing but the capture.

use crate::control::Control;
use crate::gauges::Figures;
use crate::lane::{Lane, LaneReport};
use crate::outbox::Outbox;
use crate::overload::Overload;
use crate::ring::Closed;
use crate::spill::Spill;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration as Span;
use weir_capture::{Notice, Polled, Source, SourceCounters, SourceError};
use weir_wire::{Account, Duration, Timestamp};

/// Idle polls before the lane sleeps: some microseconds, so that a short pause costs no wake-up.
const SPIN: u32 = 64;
/// Longest sleep: how late timers, the stop and new rules may be seen where nothing comes.
const NAP: Span = Span::from_millis(10);
/// Figures are published after so much packet time ...
const PUBLISH: Duration = Duration::from_millis(100);
/// ... or so many polls, or with every step of the ladder.
const PUBLISH_POLLS: u64 = 1024;
/// How far an idle lane's clock stays behind the clock of the wall: frames may still lie in the kernel's unfinished block.
const LAG: Duration = Duration::from_millis(250);
/// Polls after which a lane that was told to stop stops reading, even if frames keep coming.
const DRAIN_POLLS: u32 = 4096;

/// Frames of a spill queue: a burst of four times what the lane can do, for ten milliseconds and more.
pub const SPILL: usize = 16 * 1024;
/// Share of the source's room in use from which on frames are copied out of it.
const FILLING: f32 = 0.125;
/// Polls in a row that go into the spill queue before the lane works again.
const FILLS: usize = 16;

/// Real time, given by the caller: libraries read no clock.
pub trait LaneClock {
    /// The time of day on the scale of the source's stamps. Asked only when nothing comes, and around a change of rules.
    fn now(&self) -> Timestamp;
    /// CPU time that the calling thread has used. Asked only for publication.
    fn cpu(&self) -> Span;
}

/// How a lane is run.
pub struct Running<'a> {
    /// Real time on a wire; `None` for a replay.
    pub clock: Option<&'a dyn LaneClock>,
    /// Frames that the spill queue may hold: bursts that the source's own room is too small for. Used on a wire only; [`SPILL`] is a good
    /// choice, 0 does without.
    pub spill: usize,
    /// What the rest of the process says and hears.
    pub control: &'a Control,
    /// Called after each poll with the source: progress, pacing.
    pub watch: &'a mut dyn FnMut(&dyn Source),
}

/// Why a lane ended in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// The source has no more frames.
    Source,
    /// It was told to stop.
    Stopped,
}

/// What a lane came to that ended in order. Its report went to the analyst with its last exchanges.
#[derive(Debug)]
pub struct Ended {
    /// Why.
    pub why: End,
    /// What made the source unusable; flows were finished and everything was handed over all the same.
    pub error: Option<SourceError>,
    /// What the source had to say, all of it.
    pub notices: Vec<Notice>,
    /// The lane's last word, as the analyst got it.
    pub report: LaneReport,
}

/// Why a lane ended out of order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The analyst is gone: there is nobody to work for.
    AnalystGone,
    /// The lane panicked: a defect. Its figures are those it published last.
    Panicked(String),
}

/// Runs a lane until its source ends or [`Control::stop`]; returns only then.
///
/// # Errors
/// See [`Fault`]. A panic is caught here where the program unwinds; where it aborts, the thread's name is in the message.
pub fn run(
    source: &mut dyn Source,
    lane: Lane,
    outbox: Outbox,
    running: Running<'_>,
) -> Result<Ended, Fault> {
    let lane = if running.clock.is_some() { lane.following_steps() } else { lane };
    let presses = running.clock.is_some() && source.backlog().is_some();
    let spill = Spill::new(if presses { running.spill } else { 0 });
    let state = Loop {
        spill,
        overload: Overload::default(),
        lane,
        outbox,
        running,
        figures: Figures::default(),
        counters: SourceCounters::default(),
        published: Timestamp::default(),
        polls: 0,
        noted: 0,
    };
    match catch_unwind(AssertUnwindSafe(|| state.run(source))) {
        Ok(Ok(ended)) => Ok(ended),
        Ok(Err(Closed)) => Err(Fault::AnalystGone),
        Err(panic) => Err(Fault::Panicked(message(&*panic))),
    }
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_string());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

struct Loop<'a> {
    lane: Lane,
    spill: Spill,
    overload: Overload,
    outbox: Outbox,
    running: Running<'a>,
    figures: Figures,
    /// The source's totals as booked so far.
    counters: SourceCounters,
    /// The lane's clock at the last publication.
    published: Timestamp,
    /// Polls since then.
    polls: u64,
    /// Notices passed on.
    noted: usize,
}

impl Loop<'_> {
    fn run(mut self, source: &mut dyn Source) -> Result<Ended, Closed> {
        let (why, error) = self.work(source)?;
        self.lane.finish();
        self.publish(source);
        let Loop { mut lane, outbox, running, mut figures, .. } = self;
        outbox.finish(&mut lane)?;
        figures.ledger = lane.report().ledger;
        figures.heartbeat += 1;
        running.control.gauges().publish(&figures);
        Ok(Ended { why, error, notices: source.notices().to_vec(), report: lane.report() })
    }

    /// Polls until the end.
    fn work(&mut self, source: &mut dyn Source) -> Result<(End, Option<SourceError>), Closed> {
        let (mut idle, mut drained) = (0, 0);
        loop {
            let stopping = self.running.control.is_stopping();
            if stopping && self.running.clock.is_none() {
                return Ok((End::Stopped, None));
            }
            if let Some(rules) = self.running.control.fetch() {
                self.change_rules(rules)?;
            }
            let polled = self.poll(source);
            self.polls += 1;
            match polled {
                Err(error) => {
                    self.empty_spill();
                    return Ok((End::Source, Some(error)));
                }
                Ok(Polled::End) => return Ok((End::Source, None)),
                Ok(Polled::Frames(_)) => (idle, self.figures.polls_busy) = (0, self.figures.polls_busy + 1),
                Ok(Polled::Idle) => {
                    self.figures.polls_idle += 1;
                    if stopping {
                        return Ok((End::Stopped, None));
                    }
                    idle += 1;
                    if idle > SPIN {
                        self.rest(source);
                    }
                }
            }
            self.outbox.collect(&mut self.lane)?;
            (self.running.watch)(source);
            let due = self.lane.clock().since(self.published) >= PUBLISH
                || self.polls >= PUBLISH_POLLS
                || self.overload.level() as u64 != self.figures.overload_level;
            if due {
                self.publish(source);
            }
            drained += u32::from(stopping);
            if drained > DRAIN_POLLS {
                self.empty_spill();
                return Ok((End::Stopped, None));
            }
        }
    }

    /// Reads what was copied out of the source.
    fn empty_spill(&mut self) {
        while !self.spill.is_empty() {
            self.spill.feed(&mut self.lane);
        }
    }

    /// Reads what is ready: straight from the source where the lane keeps up, through the spill queue where it does not. What it comes to
    /// tells of both: idle is only who has nothing left.
    fn poll(&mut self, source: &mut dyn Source) -> Result<Polled, SourceError> {
        let Loop { lane, spill, overload, running, .. } = self;
        let backlog = source.backlog().filter(|_| running.clock.is_some());
        let Some(backlog) = backlog else { return source.poll(&mut |burst| lane.burst(burst)) };
        let pressure = if spill.capacity() > 0 { spill.fill() } else { backlog };
        overload.press(pressure, lane.clock());
        lane.shed(overload.level(), overload.admitted());
        if spill.is_empty() && (backlog < FILLING || !spill.takes_a_poll()) {
            return source.poll(&mut |burst| lane.burst(burst));
        }
        for _ in 0..FILLS {
            if !spill.takes_a_poll() {
                break;
            }
            let polled = source.poll(&mut |burst| {
                for frame in burst {
                    while !spill.push(frame) {
                        // A source that lends more than it says: its frames wait for those before them.
                        if spill.is_empty() {
                            lane.burst(std::slice::from_ref(frame));
                            break;
                        }
                        spill.feed(lane);
                    }
                }
            });
            match polled? {
                Polled::Frames(_) => {}
                Polled::Idle => break,
                Polled::End => {
                    self.empty_spill();
                    return Ok(Polled::End);
                }
            }
        }
        let held = spill.len();
        spill.feed(lane);
        Ok(if held == 0 { Polled::Idle } else { Polled::Frames(held - spill.len()) })
    }

    /// Nothing comes: sleeps, and lets time pass all the same.
    fn rest(&mut self, source: &mut dyn Source) {
        let Some(clock) = self.running.clock else { return source.wait(NAP) };
        source.wait(NAP);
        self.figures.waits += 1;
        // A heartbeat every tenth of a second, also where the clock of the frames has stopped.
        self.polls += PUBLISH_POLLS / 10;
        let behind = Timestamp::from_nanos(clock.now().nanos().saturating_sub(LAG.as_nanos()));
        self.lane.advance(behind);
        self.overload.calm(self.lane.clock());
        self.lane.shed(self.overload.level(), self.overload.admitted());
    }

    /// Goes over to new rules; what was found under the old ones leaves first.
    fn change_rules(&mut self, mut rules: Box<weir_inspect::Prepared>) -> Result<(), Closed> {
        let begun = self.running.clock.map(LaneClock::now);
        self.outbox.part(&mut self.lane)?;
        *rules = self.lane.replace_rules(*rules);
        self.running.control.put_aside(rules);
        if let (Some(clock), Some(begun)) = (self.running.clock, begun) {
            self.figures.rules_stall_nanos = clock.now().since(begun).as_nanos();
        }
        self.figures.rules_changed += 1;
        Ok(())
    }

    /// Books what the source lost since the last time, and passes its notices on.
    fn settle(&mut self, source: &dyn Source) {
        let now = source.counters();
        self.lane.lost(Account::FrameDropped, now.dropped.saturating_sub(self.counters.dropped));
        self.lane.lost(Account::FrameDamaged, now.damaged.saturating_sub(self.counters.damaged));
        self.counters = now;
        if let Some(more) = source.notices().get(self.noted..).filter(|more| !more.is_empty()) {
            self.running.control.note(more);
            self.noted += more.len();
        }
    }

    fn publish(&mut self, source: &dyn Source) {
        self.settle(source);
        (self.published, self.polls) = (self.lane.clock(), 0);
        let report = self.lane.report();
        let f = &mut self.figures;
        f.heartbeat += 1;
        f.clock = self.published.nanos();
        f.flows = report.stream.live;
        f.flow_capacity = self.lane.flow_capacity().into();
        (f.flows_opened, f.flows_refused) = (report.stream.opened, report.stream.refused);
        let (stream, decode) = (&report.stream, &report.decode);
        (f.flows_client_only, f.flows_server_only) = (stream.client_only, stream.server_only);
        f.flows_both_ways = stream.both_ways;
        (f.frames_cut, f.packets_tagged) = (decode.cut_frames, decode.tagged);
        (f.packets_tunnelled, f.packets_mirrored) = (decode.tunnelled, decode.mirrored);
        f.held_bytes = report.stream.held_bytes;
        (f.queue, f.queue_capacity) = depth(&self.outbox);
        f.batches_dropped = self.outbox.dropped();
        f.cpu_nanos = self.running.clock.map_or(0, |c| nanos(c.cpu()));
        f.backlog_permille = source.backlog().map_or(0, |share| (share * 1000.0) as u64);
        (f.source_dropped, f.source_damaged) = (self.counters.dropped, self.counters.damaged);
        f.clock_steps = self.lane.clock_steps();
        f.patterns_given_up = self.lane.patterns_given_up();
        (f.spill_frames, f.spill_capacity) = (self.spill.len() as u64, self.spill.capacity() as u64);
        f.spill_peak = self.spill.peak() as u64;
        (f.overload_level, f.overload_raised) = (self.overload.level() as u64, self.overload.raised());
        f.ledger = report.ledger;
        self.running.control.gauges().publish(f);
    }
}

fn depth(outbox: &Outbox) -> (u64, u64) {
    let (queued, capacity) = outbox.depth();
    (queued as u64, capacity as u64)
}

fn nanos(span: Span) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
