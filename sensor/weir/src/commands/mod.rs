//! One file a command.

mod conclude;
mod doctor;
mod explain;
mod list;
mod replay;
mod rules;
mod run;
mod scan;

pub use doctor::doctor;
pub use explain::explain;
pub use list::{accounts, interfaces, risks};
pub use replay::replay;
pub use rules::rules;
pub use run::run;
pub use scan::scan;

use crate::config::Config;
use crate::failure::Failure;
use crate::lang::Lang;
use std::io::Write;
use std::path::{Path, PathBuf};
use weir_detect::Thresholds;
use weir_place::Places;
use weir_rules::{CacheUse, PackError, RuleSet};

fn wrong_packs(error: &PackError) -> Failure {
    Failure::during("规则包有误", "the rule packs are wrong", error)
}

/// What all commands are given.
pub struct Setting {
    /// Language of messages.
    pub lang: Lang,
    /// Whether JSON was asked for.
    pub json: bool,
    /// The configuration.
    pub config: Config,
    /// Where it came from, where it came from a file.
    pub config_path: Option<PathBuf>,
}

impl Setting {
    /// The rules in force: built-in, configured and named on the command line.
    pub fn rules(&self, more: &[PathBuf]) -> Result<RuleSet, Failure> {
        let paths: Vec<PathBuf> = self.config.rules.packs.iter().chain(more).cloned().collect();
        RuleSet::load(&paths, self.config.rules.builtin).map_err(|e| wrong_packs(&e))
    }

    /// The same, with what is compiled kept in the folder `cache`; says what the cache did.
    pub fn cached_rules(&self, more: &[PathBuf], cache: &Path) -> Result<(RuleSet, CacheUse), Failure> {
        let paths: Vec<PathBuf> = self.config.rules.packs.iter().chain(more).cloned().collect();
        RuleSet::load_cached(&paths, self.config.rules.builtin, cache).map_err(|e| wrong_packs(&e))
    }

    /// What says where addresses are: plan and database of the configuration, and the table that is built in.
    pub fn places(&self) -> Result<Places, Failure> {
        let places = &self.config.places;
        Places::open(places.plan.as_deref(), places.mmdb.as_deref())
            .map_err(|e| Failure::during("配置 [places] 有误", "the configuration's [places] are wrong", &e))
    }

    /// Detectors' thresholds, the configuration's over the defaults.
    pub fn thresholds(&self) -> Result<Thresholds, Failure> {
        let mut thresholds = Thresholds::default();
        for (key, value) in &self.config.thresholds {
            thresholds.set(key, *value).map_err(|e| {
                Failure::new(
                    format!("配置 [thresholds] 有误：{}；weir explain thresholds 列出各项", e.zh()),
                    format!(
                        "the configuration's [thresholds] are wrong: {e}; `weir explain thresholds` lists them"
                    ),
                )
            })?;
        }
        Ok(thresholds)
    }
}

/// Prints to standard output. A reader that went away (`| head`) is not an error.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::because("无法写标准输出", "cannot write to standard output", &e))
        }
        _ => Ok(()),
    }
}
