//! `weir doctor`.

use super::run::data_directory;
use super::{Setting, print};
use crate::args;
use crate::config::Config;
use crate::config::live::FileSource;
use crate::doctor::{Check, disk, interface, machine, mirror, places};
use crate::failure::{Outcome, Run};
use crate::live;
use crate::sources;
use crate::table::table;
use std::sync::Arc;
use std::time::Duration;

/// Tells what the machine offers, what the mirror looks like, and what to change.
pub fn doctor(args: &args::Doctor, setting: &Setting) -> Run {
    let lanes = args.lanes.map(usize::from).or(setting.config.run.lanes).unwrap_or_else(live::default_lanes);
    let mut all = Vec::new();
    if args.captures.is_empty() {
        all.extend(machine::checks(lanes));
        all.extend(interfaces(args).iter().flat_map(|name| interface::checks(name, lanes)));
        all.extend(disk::checks(&data_directory(args.data.as_deref(), setting)?));
        all.extend(places::checks(&setting.places()?));
    }
    let specs: Vec<String> = match args.captures.as_slice() {
        [] => args.source.iter().cloned().collect(),
        captures => captures.iter().map(|c| format!("file:{c}")).collect(),
    };
    if !specs.is_empty() {
        let rules = Arc::new(setting.rules(&[], None)?);
        let config = Config { file: FileSource { pace: "max".into() }, ..setting.config.clone() };
        let opened = sources::open(&specs, lanes, &config)?;
        let time = Duration::from_secs(args.seconds);
        all.extend(mirror::checks(opened.lanes, opened.live, time, &rules)?);
        #[cfg(feature = "dpdk")]
        if let Some(dpdk) = opened.held.as_deref().and_then(|h| h.downcast_ref::<weir_dpdk::Runtime>()) {
            all.extend(crate::doctor::ports::checks(&dpdk.port_report()));
        }
    }
    print(&if setting.json {
        all.iter().map(|c| format!("{}\n", c.json())).collect()
    } else {
        let l = setting.lang;
        let header = [
            l.pick("检查", "check"),
            l.pick("状态", "state"),
            l.pick("情况", "found"),
            l.pick("建议", "change"),
        ];
        table(&header, all.iter().map(|c| c.row(l)))
    })?;
    let failing = args.fail_on.is_some_and(|least| worst(&all) >= Some(least.into()));
    Ok(if failing { Outcome::Found } else { Outcome::Success })
}

fn worst(all: &[Check]) -> Option<crate::doctor::State> {
    all.iter().map(|c| c.state).max()
}

/// The source's interface, else all there are.
fn interfaces(args: &args::Doctor) -> Vec<String> {
    match args.source.as_deref().and_then(|s| s.strip_prefix("af_packet:")) {
        Some(named) => vec![named.split(',').next().unwrap_or_default().to_string()],
        None => interface::names(),
    }
}
