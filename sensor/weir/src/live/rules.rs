//! Rules by way of the data directory's cache, so that a start and a reload compile only what is new.

use crate::commands::Setting;
use crate::failure::Failure;
use crate::log::Log;
use std::path::{Path, PathBuf};
use weir_rules::{CacheUse, RuleSet};

/// Name of the cache's folder in the data directory.
const CACHE: &str = "rules";

/// The rules in force, those of `packs` among them; what the cache of the data directory did is said.
///
/// # Errors
/// Where a pack is wrong. A cache that is damaged or cannot be written is none: the rules are compiled.
pub fn load(
    setting: &Setting,
    packs: &[PathBuf],
    profile: Option<&str>,
    directory: &Path,
    log: &Log,
) -> Result<RuleSet, Failure> {
    let (rules, used) = setting.cached_rules(packs, profile, &directory.join(CACHE))?;
    let (zh, en) = (used.zh(), used.to_string());
    match used {
        CacheUse::None | CacheUse::Read | CacheUse::Written => log.info("rules.loaded", &[], &zh, &en),
        CacheUse::Replaced | CacheUse::Unwritten(_) => log.warn("rules.uncached", &[], &zh, &en),
    }
    Ok(rules)
}
