//! Housekeeping, on the main thread: signals, the watchdog, the service manager.
//!
//! | signal | what happens |
//! |---|---|
//! | SIGHUP | rules and configuration are read again |
//! | SIGTERM, SIGINT | sources and rings are drained, flows finished, everything saved; the second one ends the process at once |
//!
//! A lane that is stuck is said and the service manager's watchdog is left to bite; a lane that died is said, its share of the source
//! is lost, the others go on, and the process ends with 1 when it ends. Where every lane died the sensor ends by itself.

use super::lanes::has_fallen;
use super::notify::Notify;
use super::reload::Reload;
use super::state::{Health, Shared};
use crate::failure::{Failure, Told};
use crate::log::Level;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

/// How often signals are asked for.
const TICK: Duration = Duration::from_millis(20);
/// How long lanes may take to drain before they are given up.
const DRAIN: Duration = Duration::from_secs(30);
/// Exit code of a process that was told twice.
const TOLD_TWICE: i32 = 130;

/// How the sensor's work ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ending {
    /// Lanes that died, were stuck at the end, or whose source failed.
    pub lost_lanes: usize,
}

/// What housekeeping looks after.
pub struct House {
    shared: Arc<Shared>,
    signals: Signals,
    notify: Notify,
    reloads: Sender<()>,
    watchdog: Duration,
    /// Whether lanes are watched: files may come as slowly as they like.
    wire: bool,
    pulses: Vec<(u64, Duration)>,
    looked: Duration,
    stopping: Option<Duration>,
    /// Reloads that had ended when the one under way began.
    reloading: Option<u64>,
}

impl House {
    /// Takes the signals and starts the thread that reloads.
    pub fn new(
        shared: Arc<Shared>,
        reload: Reload,
        watchdog: Duration,
        wire: bool,
    ) -> Result<House, Failure> {
        let signals = Signals::new([SIGHUP, SIGTERM, SIGINT])
            .map_err(|e| Failure::because("无法接收信号", "cannot take signals", &e))?;
        let (reloads, asked) = mpsc::channel::<()>();
        let started = thread::Builder::new().name("reload".into()).spawn(move || {
            let mut reload = reload;
            while asked.recv().is_ok() {
                // Signals that came meanwhile ask for what is about to be done.
                while asked.try_recv().is_ok() {}
                reload.run();
            }
        });
        started.map_err(|e| Failure::because("无法启动线程", "cannot start a thread", &e))?;
        let pulses = vec![(0, Duration::ZERO); shared.lanes.len()];
        let (looked, stopping, reloading) = (Duration::ZERO, None, None);
        let notify = Notify::from_env();
        Ok(House { shared, signals, notify, reloads, watchdog, wire, pulses, looked, stopping, reloading })
    }

    /// Looks after the sensor until every lane is over.
    pub fn keep(mut self) -> Ending {
        self.notify.ready(&self.status());
        while !self.over() {
            self.take_signals();
            if self.reloading.is_some_and(|before| self.reloaded() > before) {
                self.reloading = None;
                self.notify.ready(&self.status());
            }
            self.look_after_lanes();
            thread::sleep(TICK);
        }
        self.notify.stopping();
        let lost = self.shared.lanes.iter().filter(|l| l.health() != Health::Ended).count();
        Ending { lost_lanes: lost }
    }

    fn over(&self) -> bool {
        let over = self.shared.lanes.iter().all(|l| l.is_over());
        let late =
            self.stopping.is_some_and(|since| self.shared.clock.elapsed().saturating_sub(since) > DRAIN);
        if late && !over {
            self.shared.house.gave_up.store(true, Relaxed);
            self.shared.log.error(
                "stop.late",
                &[],
                "有通道未能按时结束，放弃等待；其未完成的流已丢失",
                "a lane does not end in time and is given up; its unfinished flows are lost",
            );
        }
        over || late
    }

    fn take_signals(&mut self) {
        let pending: Vec<i32> = self.signals.pending().collect();
        for signal in pending {
            match signal {
                SIGHUP if self.stopping.is_none() => {
                    self.notify.reloading(monotonic());
                    self.shared.log.info(
                        "reload.begun",
                        &[],
                        "正在重新读取规则与配置",
                        "reading rules and configuration again",
                    );
                    self.reloading = Some(self.reloaded());
                    // The reloading thread lives as long as this sender.
                    let _ = self.reloads.send(());
                }
                SIGHUP => {}
                _ if self.stopping.is_some() => {
                    self.shared.log.error(
                        "stop.forced",
                        &[],
                        "再次收到停止信号，立即退出",
                        "told to stop twice: leaving at once",
                    );
                    std::process::exit(TOLD_TWICE);
                }
                _ => self.stop(),
            }
        }
    }

    /// Reloads that came to an end, either way.
    fn reloaded(&self) -> u64 {
        self.shared.house.reloads.load(Relaxed) + self.shared.house.refused.load(Relaxed)
    }

    fn stop(&mut self) {
        self.stopping = Some(self.shared.clock.elapsed());
        self.notify.stopping();
        self.shared.log.info(
            "stop.begun",
            &[],
            "正在收尾：读完来源、结束各流、保存",
            "stopping: draining sources, finishing flows, saving",
        );
        self.shared.lanes.iter().for_each(|l| l.control.stop());
    }

    /// Once a second: who moves, who does not, what sources had to say.
    fn look_after_lanes(&mut self) {
        let now = self.shared.clock.elapsed();
        let every =
            self.notify.watchdog().map_or(Duration::from_secs(1), |w| (w / 3).min(Duration::from_secs(1)));
        for n in 0..self.shared.lanes.len() {
            if has_fallen(n) && self.shared.lanes[n].health() != Health::Dead {
                self.shared.lanes[n].set_health(Health::Dead);
            }
        }
        if now.saturating_sub(self.looked) < every {
            return;
        }
        self.looked = now;
        let mut moving = true;
        for n in 0..self.pulses.len() {
            moving &= self.feel_pulse(n, now);
        }
        if moving {
            self.notify.alive();
        }
        self.notify.status(&self.status());
    }

    /// Whether lane `n` moves, or is over in order.
    fn feel_pulse(&mut self, n: usize, now: Duration) -> bool {
        let side = &self.shared.lanes[n];
        for notice in side.control.notices() {
            self.shared.log.told(Level::Warn, "source.notice", &[("lane", &n)], &notice.told());
        }
        let beats = side.control.gauges().read().heartbeat;
        let (last, at) = &mut self.pulses[n];
        if beats != *last || !self.wire {
            (*last, *at) = (beats, now);
        }
        let silent = now.saturating_sub(*at);
        match side.health() {
            Health::Dead if *last != u64::MAX => {
                *last = u64::MAX;
                self.shared.log.error(
                    "lane.dead",
                    &[("lane", &n)],
                    "处理通道已终止；它所分担的来源流量不再被读取，其余通道继续工作。请尽快重启",
                    "a lane has died: its share of the source is no longer read, the other lanes go on. Restart soon",
                );
                true
            }
            Health::Running
                if silent >= self.watchdog && side.change_health(Health::Running, Health::Stuck) =>
            {
                let seconds = silent.as_secs();
                self.shared.log.error(
                    "lane.stuck",
                    &[("lane", &n), ("seconds", &seconds)],
                    "处理通道停滞：没有动静",
                    "a lane is stuck: it does not move",
                );
                false
            }
            Health::Stuck if silent < self.watchdog && side.change_health(Health::Stuck, Health::Running) => {
                self.shared.log.info(
                    "lane.moves",
                    &[("lane", &n)],
                    "处理通道恢复工作",
                    "the lane moves again",
                );
                true
            }
            Health::Stuck => false,
            Health::Running | Health::Ended | Health::Dead => true,
        }
    }

    fn status(&self) -> String {
        let count = |health| self.shared.lanes.iter().filter(|l| l.health() == health).count();
        let ledger = self.shared.ledger();
        format!(
            "{} lanes ({} stuck, {} dead), {} frames, {} exchanges",
            self.shared.lanes.len(),
            count(Health::Stuck),
            count(Health::Dead),
            ledger.received.count,
            self.shared.analyst.exchanges.load(Relaxed)
        )
    }
}

/// The clock that `RELOADING=1` is told with.
fn monotonic() -> Duration {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    Duration::new(u64::try_from(t.tv_sec).unwrap_or(0), u32::try_from(t.tv_nsec).unwrap_or(0))
}
