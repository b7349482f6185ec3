//! The analyst's thread of a live sensor: merges lanes, learns, judges, and hands rows and snapshots to the writer.

use super::lanes::has_fallen;
use super::numbers::Numbers;
use super::state::{Health, Shared};
use super::writer::{Message, OwnedRow, ROWS};
use crate::clock::WallClock;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::time::Duration;
use weir_analyst::{Analyst, Place};
use weir_exchange::{Catalogue, Exchange};
use weir_inventory::Decided;
use weir_judge::{Matrix, incidents, judge};
use weir_lane::{ExchangeBatch, Merge, Receiver, Released};
use weir_model::state::StateError;
use weir_model::{InterfaceId, Operator, People};
use weir_registry::{List, compare};
use weir_store::{Results, Sent, Snapshot, Stages};

/// Batches taken of one lane before the next has its turn.
const TURN: usize = 64;
/// A lane that is silent for so long no longer holds the others' exchanges up; its own then come as they come.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the lanes' pulses are felt.
const LOOK: Duration = Duration::from_millis(50);
/// Longest pause where nothing comes.
const NAP: Duration = Duration::from_millis(2);
/// Snapshots take at most one part of so many of the analyst's time.
const SPARING: u32 = 20;

/// What the analyst is told while it works.
pub enum Order {
    /// Rules of this catalogue will be in force.
    Rules(Arc<Catalogue>),
    /// People said this of interfaces and accounts.
    Told(Box<Told>),
}

/// What people say, all of it anew.
pub struct Told {
    /// What they decided of interfaces.
    pub decided: Decided,
    /// The registered list, where there is one.
    pub list: Option<List>,
    /// Who has which account.
    pub people: Arc<People>,
}

/// The analyst's half of the sensor.
pub struct AnalystThread {
    pub shared: Arc<Shared>,
    pub analyst: Analyst,
    pub numbers: Numbers,
    pub lanes: Vec<Receiver<ExchangeBatch>>,
    pub orders: mpsc::Receiver<Order>,
    /// The registered list, where there is one.
    pub list: Option<List>,
    /// Whose duties incidents bring.
    pub operator: Operator,
    pub writer: SyncSender<Message>,
    /// Whether frames come off a wire: then nothing here waits for the writer.
    pub wire: bool,
    pub save_every: Duration,
    pub remember_every: Duration,
}

/// What a lane was last heard to do.
#[derive(Clone, Copy, Default)]
struct Pulse {
    beats: u64,
    at: Duration,
    over: bool,
}

/// What the analyst knows in the end.
pub struct Learned {
    pub analyst: Analyst,
    /// The registered list in force at the end.
    pub list: Option<List>,
    /// Everything that was not yet handed to the writer.
    pub last: Snapshot,
    /// What the next run may go on from.
    pub state: Result<Vec<u8>, StateError>,
}

/// The loop's own state.
struct Work {
    t: AnalystThread,
    merge: Merge,
    pulses: Vec<Pulse>,
    rows: Vec<OwnedRow>,
    /// What the analyst passes on at the moment.
    placed: Vec<(Exchange, Place)>,
    /// Whether an exchange came since the last save.
    came: bool,
    sent: Sent,
    clock: WallClock,
    saved: Duration,
    looked: Duration,
    wait: Duration,
    remembered: Duration,
    rest: Duration,
}

impl AnalystThread {
    /// Runs until every lane is over.
    pub fn run(self) -> Learned {
        let lanes = self.lanes.len();
        let (wait, rest) = (self.save_every, self.remember_every);
        let mut work = Work {
            t: self,
            merge: Merge::new(lanes),
            pulses: vec![Pulse::default(); lanes],
            rows: Vec::with_capacity(ROWS),
            placed: Vec::new(),
            came: false,
            sent: Sent::default(),
            clock: WallClock::start(),
            saved: Duration::ZERO,
            looked: Duration::ZERO,
            wait,
            remembered: Duration::ZERO,
            rest,
        };
        work.run();
        // Before what is judged over the whole run: for the next one it goes on.
        let state = work.state();
        work.t.analyst.finish();
        // Finishing settles what counters do not show, such as the evidence of templates.
        work.sent.forget();
        let last = work.snapshot();
        work.t.shared.analyst.ended.store(true, Relaxed);
        Learned { analyst: work.t.analyst, list: work.t.list, last, state }
    }
}

impl Work {
    fn run(&mut self) {
        let mut nap = Duration::from_micros(20);
        loop {
            self.take_orders();
            let taken = self.take_batches();
            self.observe_released();
            if self.is_done() {
                break;
            }
            if self.clock.elapsed().saturating_sub(self.saved) >= self.wait {
                self.save();
            }
            if self.clock.elapsed().saturating_sub(self.remembered) >= self.rest {
                self.remember();
            }
            if taken > 0 {
                nap = Duration::from_micros(20);
                continue;
            }
            self.send_rows();
            std::thread::sleep(nap);
            nap = (nap * 2).min(NAP);
        }
        // Where lanes were given up, what the others emitted after them is still held.
        (0..self.pulses.len()).for_each(|n| self.merge.end(n));
        self.observe_released();
        self.let_go();
        self.send_rows();
    }

    fn observe_released(&mut self) {
        while let Some(released) = self.merge.release() {
            match released {
                Released::Exchange(exchange, generation) => self.observe(exchange, generation),
                Released::Connection(c) => self.t.analyst.connection(&c),
                Released::Resolved(r) => self.t.analyst.resolved(&r),
            }
        }
    }

    fn take_orders(&mut self) {
        while let Ok(order) = self.t.orders.try_recv() {
            match order {
                Order::Rules(catalogue) => {
                    self.t.numbers.add(&catalogue);
                    self.t.analyst.set_catalogue(self.t.numbers.catalogue().clone());
                }
                Order::Told(told) => {
                    self.t.analyst.decide(told.decided);
                    self.t.analyst.know(told.people);
                    self.t.analyst.register(told.list.as_ref());
                    self.t.list = told.list;
                    // Counters do not show what became of interfaces by this.
                    self.sent.forget();
                }
            }
        }
    }

    /// Takes what the lanes handed over; how many batches.
    fn take_batches(&mut self) -> usize {
        let mut taken = 0;
        for (n, (lane, pulse)) in self.t.lanes.iter().zip(&mut self.pulses).enumerate() {
            if pulse.over {
                continue;
            }
            for _ in 0..TURN {
                // Closed is read first: what was sent before is then seen by the attempt.
                let closed = lane.is_closed();
                let Some(mut batch) = lane.try_receive() else {
                    if closed || has_fallen(n) {
                        pulse.over = true;
                        self.merge.end(n);
                    }
                    break;
                };
                taken += 1;
                self.merge.add(n, &mut batch);
                if batch.report.is_some() {
                    pulse.over = true;
                    self.merge.end(n);
                }
                lane.recycle(batch);
            }
        }
        if self.t.wire && self.clock.elapsed().saturating_sub(self.looked) >= LOOK {
            self.pass_over_silent();
        }
        taken
    }

    /// Whether nothing more comes. A lane that was passed over may come back with what it still has, so only one that is over counts, or
    /// the end of all patience.
    fn is_done(&self) -> bool {
        self.pulses.iter().all(|p| p.over) || self.t.shared.house.gave_up.load(Relaxed)
    }

    /// A lane that does not move must not hold everybody's exchanges.
    fn pass_over_silent(&mut self) {
        let now = self.clock.elapsed();
        self.looked = now;
        for (n, pulse) in self.pulses.iter_mut().enumerate().filter(|(_, p)| !p.over) {
            let side = &self.t.shared.lanes[n];
            let beats = side.control.gauges().read().heartbeat;
            if beats != pulse.beats {
                (pulse.beats, pulse.at) = (beats, now);
            } else if now.saturating_sub(pulse.at) >= PATIENCE && side.health() != Health::Ended {
                self.merge.end(n);
            }
        }
    }

    fn observe(&mut self, mut x: Box<Exchange>, generation: u32) {
        if !self.t.numbers.knows(generation) {
            // The order was given before the lane got its rules, so it is there by now.
            self.take_orders();
        }
        self.t.numbers.translate(&mut x, generation);
        self.came = true;
        let mut placed = std::mem::take(&mut self.placed);
        self.t.analyst.take(x, &mut |x, place| placed.push((x, place)));
        self.queue_rows(&mut placed);
        self.placed = placed;
    }

    /// Exchanges that wait for another leg go on once nothing came for a whole turn of saving.
    fn let_go(&mut self) {
        let mut placed = std::mem::take(&mut self.placed);
        self.t.analyst.let_go(&mut |x, place| placed.push((x, place)));
        self.queue_rows(&mut placed);
        self.placed = placed;
    }

    fn queue_rows(&mut self, placed: &mut Vec<(Exchange, Place)>) {
        for (x, place) in placed.drain(..) {
            let interface = place.interface.map(|id| self.t.analyst.resolve(id));
            let key = interface.and_then(|id| self.t.analyst.known().interface(id)).map(|i| i.key.clone());
            if let (Some(id), Some(key)) = (place.interface, &key) {
                self.sent.name(id, key);
            }
            self.rows.push(OwnedRow {
                exchange: x,
                interface: key,
                account: place.account,
                origin: place.origin,
                leg: place.leg,
            });
            self.t.shared.analyst.exchanges.fetch_add(1, Relaxed);
            if self.rows.len() >= ROWS {
                self.send_rows();
            }
        }
    }

    fn send_rows(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(ROWS));
        let count = rows.len() as u64;
        if !self.send(Message::Rows(rows, self.t.numbers.catalogue().clone())) {
            self.t.shared.analyst.rows_dropped.fetch_add(count, Relaxed);
            self.t.shared.log.warn(
                "writer.behind",
                &[("rows", &count)],
                "写入线程滞后：这些接口调用未逐条保存",
                "the writer is behind: these exchanges were not written",
            );
        }
    }

    /// Hands a message to the writer, off a wire only where there is room.
    fn send(&self, message: Message) -> bool {
        let queue = &self.t.shared.writer.queue;
        let sent = if self.t.wire {
            match self.t.writer.try_send(message) {
                Ok(()) => true,
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
            }
        } else {
            self.t.writer.send(message).is_ok()
        };
        queue.fetch_add(u64::from(sent), Relaxed);
        sent
    }

    fn save(&mut self) {
        if !std::mem::take(&mut self.came) {
            self.let_go();
        }
        self.send_rows();
        let begun = self.clock.elapsed();
        let snapshot = self.snapshot();
        let took = self.clock.elapsed().saturating_sub(begun);
        self.t.shared.analyst.snapshot_nanos.store(took.as_nanos() as u64, Relaxed);
        self.wait = self.t.save_every.max(took * SPARING);
        if !self.send(Message::Save(Box::new(snapshot))) {
            self.sent.forget();
        }
        self.saved = self.clock.elapsed();
    }

    fn state(&self) -> Result<Vec<u8>, StateError> {
        self.t.analyst.save()?.to_bytes()
    }

    /// Hands the writer what the next run may go on from, should this one end without a word.
    fn remember(&mut self) {
        let begun = self.clock.elapsed();
        let state = self.state();
        self.remembered = self.clock.elapsed();
        self.rest = self.t.remember_every.max(self.remembered.saturating_sub(begun) * SPARING);
        match state {
            // Where the writer has no room the next one does.
            Ok(state) => drop(self.send(Message::Remember(state))),
            Err(e) => unsaid(&self.t.shared, &e),
        }
    }

    fn snapshot(&mut self) -> Snapshot {
        if self.t.shared.writer.snapshot_lost.swap(false, Relaxed) {
            self.sent.forget();
        }
        let analyst = &self.t.analyst;
        let sources = analyst.risk_sources();
        let risks = judge(&sources, &analyst.known(), analyst.catalogue(), &Matrix::gbt45577_2025());
        let known = analyst.known();
        let incidents = incidents(&sources, &risks, &known, analyst.catalogue(), self.t.operator);
        let side = &self.t.shared.analyst;
        side.interfaces.store(known.interfaces.len() as u64, Relaxed);
        side.accounts.store(known.accounts.len() as u64, Relaxed);
        side.callers.store(known.callers.len() as u64, Relaxed);
        side.sources.store(sources.len() as u64, Relaxed);
        side.risks.store(risks.len() as u64, Relaxed);
        side.incidents.store(incidents.len() as u64, Relaxed);
        let resolve = |id: InterfaceId| analyst.resolve(id);
        let list = self.t.list.as_ref();
        let registrations = list.map(|list| compare(list, &known, &resolve, analyst.catalogue()));
        let results = Results {
            known,
            places: analyst.places(),
            resolve: &resolve,
            sources: &sources,
            risks: &risks,
            incidents: &incidents,
            cards: weir_detect::catalogue(),
            catalogue: analyst.catalogue(),
            grading: analyst.grading(),
            registrations: registrations.as_ref(),
            ledger: &self.t.shared.ledger(),
            stages: &Stages::default(),
        };
        Snapshot::new(&results, &mut self.sent)
    }
}

/// What is known cannot be put down.
pub fn unsaid(shared: &Shared, why: &StateError) {
    shared.log.error(
        "memory.unsaid",
        &[("why", why)],
        "已知的接口、账号与基线无法记住；下次启动将重新学习",
        "what is known of interfaces, accounts and baselines cannot be kept: the next start learns anew",
    );
}
