//! One file a command.

mod accounts;
mod cases;
mod conclude;
mod decide;
mod doctor;
mod explain;
mod explain_interface;
mod fingerprint;
mod incidents;
mod interchange;
mod keys;
mod list;
mod registered;
mod replay;
mod rules;
mod rules_try;
mod run;
mod scan;
mod scan_explain;
mod why_not;

pub(crate) use accounts::people;
pub use cases::cases;
pub use decide::decide;
pub(crate) use decide::in_force;
pub use doctor::doctor;
pub use explain::explain;
pub use incidents::incidents;
pub use interchange::{export, import};
pub use list::{accounts, interfaces, risks};
pub(crate) use registered::registered;
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
use weir_identity::{Network, Trust};
use weir_place::Places;
use weir_rules::{CacheUse, PackError, RuleSet};

/// The profile that is none.
const NO_PROFILE: &str = "none";

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
    /// The rules in force: built-in, configured and named on the command line; graded by the profile named there or configured.
    pub fn rules(&self, more: &[PathBuf], profile: Option<&str>) -> Result<RuleSet, Failure> {
        let paths: Vec<PathBuf> = self.config.rules.packs.iter().chain(more).cloned().collect();
        let rules = RuleSet::load(&paths, self.config.rules.builtin).map_err(|e| wrong_packs(&e))?;
        self.graded(rules, profile)
    }

    /// Puts the grading profile in force.
    fn graded(&self, rules: RuleSet, profile: Option<&str>) -> Result<RuleSet, Failure> {
        let chosen = profile.unwrap_or(&self.config.rules.profile);
        // Without the built-in packs there is no profile unless a pack brings one; only who asks for one is told so.
        let unasked = profile.is_none() && rules.profiles().is_empty();
        if chosen == NO_PROFILE || unasked {
            return Ok(rules);
        }
        let known: Vec<&str> = rules.profiles().iter().map(|p| &*p.id).chain([NO_PROFILE]).collect();
        let known = known.join(", ");
        rules.graded(chosen).ok_or_else(|| {
            Failure::new(
                format!("没有分级方案 {chosen}（--profile 或配置 rules.profile）；可用：{known}"),
                format!("there is no grading profile {chosen} (--profile or rules.profile of the configuration); use one of {known}"),
            )
        })
    }

    /// The same, with what is compiled kept in the folder `cache`; says what the cache did.
    pub fn cached_rules(
        &self,
        more: &[PathBuf],
        profile: Option<&str>,
        cache: &Path,
    ) -> Result<(RuleSet, CacheUse), Failure> {
        let paths: Vec<PathBuf> = self.config.rules.packs.iter().chain(more).cloned().collect();
        let (rules, used) =
            RuleSet::load_cached(&paths, self.config.rules.builtin, cache).map_err(|e| wrong_packs(&e))?;
        Ok((self.graded(rules, profile)?, used))
    }

    /// What says where addresses are: plan and database of the configuration, and the table that is built in.
    pub fn places(&self) -> Result<Places, Failure> {
        let places = &self.config.places;
        Places::open(places.plan.as_deref(), places.mmdb.as_deref())
            .map_err(|e| Failure::during("配置 [places] 有误", "the configuration's [places] are wrong", &e))
    }

    /// Which peers are believed when they name clients.
    pub fn trust(&self) -> Result<Trust, Failure> {
        let proxies = &self.config.proxies;
        let network = |text: &String| {
            text.parse().map_err(|e| {
                Failure::new(
                    format!(
                        "配置 proxies.trusted 有误：{text} 不是地址或网段（如 10.0.0.0/8、2001:db8::/32）"
                    ),
                    format!("the configuration's proxies.trusted are wrong: {text:?} is {e}"),
                )
            })
        };
        let trusted = proxies.trusted.iter().map(network).collect::<Result<Vec<Network>, Failure>>()?;
        Ok(Trust { proxies: trusted, learn: proxies.learn })
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
