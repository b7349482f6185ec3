//! SIGHUP: new rules, configuration, decisions, registered list and accounts, read and compiled beside the work, put in force between two bursts or not at all.

use super::analyst::{Order, Told};
use super::rules;
use super::state::{Health, Shared};
use crate::commands::{Setting, in_force, people, registered};
use crate::config::Config;
use crate::failure::Failure;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::Sender;
use std::time::Duration;
use weir_lane::Prepared;
use weir_rules::RuleSet;

/// How long lanes may take to fetch rules before that is said.
const FETCH: Duration = Duration::from_secs(5);

/// What is needed to read everything again.
pub struct Reload {
    pub shared: Arc<Shared>,
    /// The configuration file, where there is one.
    pub path: Option<PathBuf>,
    /// Rule packs named on the command line.
    pub packs: Vec<PathBuf>,
    /// Grading profile named on the command line.
    pub profile: Option<String>,
    /// The data directory.
    pub directory: PathBuf,
    pub orders: Sender<Order>,
    /// In force now.
    pub rules: Arc<RuleSet>,
    pub config: Config,
}

impl Reload {
    /// Reads, compiles and hands out. Where anything is wrong, all stays as it was, and that is said.
    pub fn run(&mut self) {
        let tried = self.try_run();
        let log = &self.shared.log;
        match tried {
            Ok(stall) => {
                self.shared.house.reloads.fetch_add(1, Relaxed);
                let micros = stall / 1_000;
                log.info(
                    "reload.done",
                    &[("data_types", &self.rules.catalogue().data_types.len()), ("stall_us", &micros)],
                    "新的规则、配置、决定、登记清单与账号目录已生效",
                    "the new rules, configuration, decisions, registered list and accounts are in force",
                );
            }
            Err(failure) => {
                self.shared.house.refused.fetch_add(1, Relaxed);
                log.error(
                    "reload.refused",
                    &[],
                    &format!(
                        "新的规则、配置、决定、登记清单或账号目录未被采用，原有的继续生效：{}",
                        failure.message(crate::lang::Lang::Zh)
                    ),
                    &format!(
                        "the new rules, configuration, decisions, registered list or accounts are refused, the old ones stay in force: {}",
                        failure.message(crate::lang::Lang::En)
                    ),
                );
            }
        }
    }

    /// Returns how long the slowest lane was held up, in nanoseconds.
    fn try_run(&mut self) -> Result<u64, Failure> {
        let config = Config::load(self.path.as_deref())?;
        let (lang, config_path) = (crate::lang::Lang::En, self.path.clone());
        let setting = Setting { lang, json: false, config, config_path };
        setting.thresholds()?;
        setting.places()?;
        let decided = in_force(&self.directory)
            .map_err(|e| Failure::during("无法使用已作的决定", "the decisions cannot be used", &e))?;
        let (list, people) = (registered(&setting, &self.directory)?, people(&self.directory)?);
        let rules = Arc::new(rules::load(
            &setting,
            &self.packs,
            self.profile.as_deref(),
            &self.directory,
            &self.shared.log,
        )?);
        self.say_what_waits(&setting.config);
        // Nothing is handed out before everything is made: no lane goes ahead of another where one fails.
        let lanes: Vec<_> = self.shared.lanes.iter().filter(|l| !l.is_over()).collect();
        let prepared =
            lanes.iter().map(|_| Prepared::new(rules.clone(), &self.rules)).collect::<Result<Vec<_>, _>>();
        let prepared = prepared
            .map_err(|e| Failure::because("无法准备新规则", "the new rules cannot be made ready", &e))?;
        let before: Vec<u64> = lanes.iter().map(|l| l.control.gauges().read().rules_changed).collect();
        // The analyst first: what the lanes find under the new rules must mean something there. One that is gone needs no names.
        let _ = self.orders.send(Order::Rules(rules.catalogue().clone()));
        let _ = self.orders.send(Order::Told(Box::new(Told { decided, list, people })));
        for (lane, rules) in lanes.iter().zip(prepared) {
            lane.control.replace_rules(rules);
        }
        let stall = self.await_lanes(&lanes, &before);
        (self.rules, self.config) = (rules, setting.config);
        self.shared.house.rules.store(self.rules.catalogue().data_types.len() as u64, Relaxed);
        Ok(stall)
    }

    /// Waits until every lane uses the new rules: the next change must not overtake this one.
    fn await_lanes(&self, lanes: &[&super::state::LaneSide], before: &[u64]) -> u64 {
        let begun = self.shared.clock.elapsed();
        let mut told = false;
        let mut stall = 0;
        for (lane, before) in lanes.iter().zip(before) {
            loop {
                let figures = lane.control.gauges().read();
                stall = stall.max(figures.rules_stall_nanos);
                if figures.rules_changed > *before || lane.is_over() {
                    break;
                }
                if !told && self.shared.clock.elapsed().saturating_sub(begun) > FETCH {
                    told = true;
                    let stuck = self.shared.lanes.iter().filter(|l| l.health() == Health::Stuck).count();
                    self.shared.log.warn(
                        "reload.slow",
                        &[("stuck_lanes", &stuck)],
                        "有通道尚未换用新规则",
                        "a lane has not taken the new rules yet",
                    );
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            lane.control.tidy();
        }
        stall
    }

    /// What changed in the configuration and cannot be changed while the sensor runs.
    fn say_what_waits(&self, new: &Config) {
        let old = &self.config;
        let sections = [
            ("[run]", old.run != new.run),
            ("[file]", old.file != new.file),
            ("[bounds]", old.bounds != new.bounds),
            ("[store]", old.store != new.store),
            ("[places]", old.places != new.places),
            ("[tls]", old.tls != new.tls),
            ("[thresholds]", old.thresholds != new.thresholds),
        ];
        let waiting: Vec<&str> =
            sections.iter().filter(|(_, changed)| *changed).map(|(name, _)| *name).collect();
        if !waiting.is_empty() {
            self.shared.log.warn(
                "reload.restart-needed",
                &[("sections", &waiting.join(","))],
                "这些配置的改动在重启后生效",
                "changes in these sections of the configuration take a restart",
            );
        }
    }
}
