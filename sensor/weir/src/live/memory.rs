//! Going on from what an earlier run remembered.

use super::numbers::Numbers;
use crate::failure::Told;
use crate::log::{Level, Log};
use std::sync::Arc;
use weir_analyst::{Analyst, State};
use weir_exchange::Catalogue;
use weir_store::DataDir;

/// An analyst, and the numbers it counts by.
pub struct Mind {
    pub analyst: Analyst,
    pub numbers: Numbers,
    /// Whether it goes on from what was remembered.
    pub resumed: bool,
}

/// Takes over what an earlier run remembered in `dir`, where there is anything and it can be read; else, and of what cannot be read, all is
/// learned anew, and that is said. `fresh` makes an analyst that knows nothing.
pub fn mind(
    dir: &DataDir,
    rules: &Arc<Catalogue>,
    log: &Log,
    fresh: impl Fn(Arc<Catalogue>) -> Analyst,
) -> Mind {
    if let Some(state) = remembered(dir, log) {
        let mut numbers = Numbers::of(state.catalogue(rules));
        numbers.add(rules);
        match fresh(numbers.catalogue().clone()).resume(&state) {
            Ok((analyst, forgotten)) => {
                for part in &forgotten {
                    log.warn(
                        "memory.part",
                        &[("part", &part.part), ("why", &part.why)],
                        "此风险源的基线由其他版本写入，无法读取，将重新学习",
                        "what was remembered for this risk source was written by another version: it is learned anew",
                    );
                }
                let known = analyst.known();
                let (interfaces, accounts) = (known.interfaces.len(), known.accounts.len());
                log.info(
                    "memory.resumed",
                    &[("until", &state.time().secs()), ("interfaces", &interfaces), ("accounts", &accounts)],
                    "接续此前运行记住的接口、账号与基线",
                    "going on from the interfaces, accounts and baselines that an earlier run remembered",
                );
                return Mind { analyst, numbers, resumed: true };
            }
            Err(why) => unreadable(dir, log, &why),
        }
    }
    Mind { analyst: fresh(rules.clone()), numbers: Numbers::new(rules), resumed: false }
}

fn remembered(dir: &DataDir, log: &Log) -> Option<State> {
    let bytes = match dir.remembered() {
        Ok(bytes) => bytes?,
        Err(e) => {
            log.told(Level::Error, "memory.refused", &[], &e.told());
            set_aside(dir, log);
            return None;
        }
    };
    State::from_bytes(&bytes).map_err(|why| unreadable(dir, log, &why)).ok()
}

fn unreadable(dir: &DataDir, log: &Log, why: &dyn std::fmt::Display) {
    log.error(
        "memory.unreadable",
        &[("why", &why)],
        "记住的接口、账号与基线由其他版本写入，无法读取，将重新学习",
        "the interfaces, accounts and baselines remembered were written by another version: all is learned anew",
    );
    set_aside(dir, log);
}

/// Keeps a file that is not used from being overwritten.
fn set_aside(dir: &DataDir, log: &Log) {
    if let Err(e) = dir.set_memory_aside() {
        log.told(Level::Error, "memory.refused", &[], &e.told());
    }
}
