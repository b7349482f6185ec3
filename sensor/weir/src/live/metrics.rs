//! What the metrics endpoint says: Prometheus' text format, version 0.0.4.

use super::state::{Health, Shared};
use std::fmt::{Display, Write};
use std::sync::atomic::Ordering::Relaxed;
use weir_lane::Figures;
use weir_wire::{Account, Layer};

/// One family of samples after another.
#[derive(Default)]
struct Text(String);

/// A label's name and value.
type Label<'a> = (&'static str, &'a dyn Display);

impl Text {
    /// Begins a family.
    fn family(&mut self, name: &'static str, kind: &'static str, help: &str) {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "# HELP weir_{name} {help}\n# TYPE weir_{name} {kind}\n");
    }
    /// A sample of the family.
    fn sample(&mut self, name: &'static str, labels: &[Label<'_>], value: f64) {
        let _ = write!(self.0, "weir_{name}");
        for (n, (key, v)) in labels.iter().enumerate() {
            let escaped = v.to_string().replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{}{key}=\"{escaped}\"", if n == 0 { '{' } else { ',' });
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
    /// A family of one sample.
    fn one(&mut self, name: &'static str, kind: &'static str, help: &str, value: f64) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }
}

/// A figure of a lane: name, kind, help, and where it stands.
type LaneFigure = (&'static str, &'static str, &'static str, fn(&Figures) -> f64);

const SECONDS: f64 = 1e-9;

/// What each lane shows, one family a line.
const LANE: &[LaneFigure] = &[
    (
        "lane_frames_total",
        "counter",
        "Frames received, those lost before Weir could read them included.",
        |f| f.ledger.received.count as f64,
    ),
    ("lane_bytes_total", "counter", "Captured bytes of frames received.", |f| f.ledger.received.bytes as f64),
    (
        "lane_heartbeats_total",
        "counter",
        "Times the lane published its figures; one that stands still is stuck.",
        |f| f.heartbeat as f64,
    ),
    ("lane_clock_seconds", "gauge", "The lane's clock: packet time in seconds since 1970.", |f| {
        f.clock as f64 * SECONDS
    }),
    (
        "lane_clock_steps_total",
        "counter",
        "Times the source's clock went back and the lane's was kept going.",
        |f| f.clock_steps as f64,
    ),
    (
        "lane_patterns_given_up_total",
        "counter",
        "Times a text made a pattern be given up for it; what that would have found behind is missing.",
        |f| f.patterns_given_up as f64,
    ),
    ("lane_flows", "gauge", "Flows in the table.", |f| f.flows as f64),
    ("lane_flow_capacity", "gauge", "Flows the table may hold.", |f| f.flow_capacity as f64),
    ("lane_flows_opened_total", "counter", "Flows opened.", |f| f.flows_opened as f64),
    ("lane_flows_refused_total", "counter", "Flows refused because the table was full.", |f| {
        f.flows_refused as f64
    }),
    ("lane_held_bytes", "gauge", "Out-of-order bytes held.", |f| f.held_bytes as f64),
    ("lane_queue_batches", "gauge", "Batches of exchanges on their way to the analyst.", |f| f.queue as f64),
    ("lane_queue_capacity_batches", "gauge", "Batches that may be on their way.", |f| {
        f.queue_capacity as f64
    }),
    (
        "lane_batches_dropped_total",
        "counter",
        "Batches of exchanges given up because the analyst was behind.",
        |f| f.batches_dropped as f64,
    ),
    ("lane_busy_polls_total", "counter", "Polls of the source that brought frames.", |f| f.polls_busy as f64),
    ("lane_idle_polls_total", "counter", "Polls that brought none.", |f| f.polls_idle as f64),
    ("lane_waits_total", "counter", "Times the lane slept because nothing came.", |f| f.waits as f64),
    ("lane_cpu_seconds_total", "counter", "CPU time of the lane's thread.", |f| f.cpu_nanos as f64 * SECONDS),
    ("lane_backlog_ratio", "gauge", "Share of the source's ring in use.", |f| {
        f.backlog_permille as f64 / 1000.0
    }),
    ("lane_spill_frames", "gauge", "Frames in the spill queue.", |f| f.spill_frames as f64),
    ("lane_spill_peak_frames", "gauge", "Most frames there ever were in the spill queue.", |f| {
        f.spill_peak as f64
    }),
    ("lane_spill_capacity_frames", "gauge", "Frames the spill queue may hold.", |f| f.spill_capacity as f64),
    ("lane_overload_level", "gauge", "Step of the shedding ladder; 0 sheds nothing.", |f| {
        f.overload_level as f64
    }),
    ("lane_overload_raised_total", "counter", "Times a step up the shedding ladder was taken.", |f| {
        f.overload_raised as f64
    }),
    ("lane_source_dropped_frames_total", "counter", "Frames the source lost for want of room.", |f| {
        f.source_dropped as f64
    }),
    ("lane_source_damaged_frames_total", "counter", "Frames the source refused as damaged.", |f| {
        f.source_damaged as f64
    }),
    ("lane_rules_changes_total", "counter", "Changes of rules.", |f| f.rules_changed as f64),
    ("lane_rules_stall_seconds", "gauge", "How long the last change of rules held the lane up.", |f| {
        f.rules_stall_nanos as f64 * SECONDS
    }),
];

/// Everything, as text.
pub fn render(shared: &Shared) -> String {
    let mut text = Text::default();
    process(shared, &mut text);
    lanes(shared, &mut text);
    ledger(shared, &mut text);
    analyst(shared, &mut text);
    store(shared, &mut text);
    text.0
}

fn process(shared: &Shared, text: &mut Text) {
    text.family("build_info", "gauge", "Version of weir; always 1.");
    text.sample("build_info", &[("version", &env!("CARGO_PKG_VERSION"))], 1.0);
    text.one(
        "uptime_seconds",
        "gauge",
        "Seconds since the sensor started.",
        shared.clock.elapsed().as_secs_f64(),
    );
    text.one("resident_bytes", "gauge", "Memory of the process that is in RAM.", resident() as f64);
    text.family("thread_cpu_seconds_total", "counter", "CPU time by thread.");
    for (name, seconds) in threads() {
        text.sample("thread_cpu_seconds_total", &[("thread", &name)], seconds);
    }
    let house = &shared.house;
    text.family("reloads_total", "counter", "Reloads of rules and configuration.");
    text.sample("reloads_total", &[("result", &"done")], house.reloads.load(Relaxed) as f64);
    text.sample("reloads_total", &[("result", &"refused")], house.refused.load(Relaxed) as f64);
    text.one(
        "rules_data_types",
        "gauge",
        "Data types of the rules in force.",
        house.rules.load(Relaxed) as f64,
    );
}

fn lanes(shared: &Shared, text: &mut Text) {
    text.family("lane_state", "gauge", "1 for the state the lane is in.");
    let states = [
        ("running", Health::Running),
        ("stuck", Health::Stuck),
        ("ended", Health::Ended),
        ("dead", Health::Dead),
    ];
    for (n, lane) in shared.lanes.iter().enumerate() {
        for (name, health) in states {
            let is = f64::from(u8::from(lane.health() == health));
            text.sample("lane_state", &[("lane", &n), ("state", &name)], is);
        }
    }
    text.family("lane_core", "gauge", "Core the lane is pinned to; absent where it is not.");
    for (n, lane) in shared.lanes.iter().enumerate() {
        if let Some(core) = lane.core.load(Relaxed).checked_sub(1) {
            text.sample("lane_core", &[("lane", &n)], core as f64);
        }
    }
    let figures: Vec<Figures> = shared.lanes.iter().map(|l| l.control.gauges().read()).collect();
    for (name, kind, help, of) in LANE {
        text.family(name, kind, help);
        for (n, f) in figures.iter().enumerate() {
            text.sample(name, &[("lane", &n)], of(f));
        }
    }
}

fn ledger(shared: &Shared, text: &mut Text) {
    let ledgers: Vec<_> = shared.lanes.iter().map(|l| l.report().ledger).collect();
    let mut all = |name: &'static str, help: &str, of: fn(weir_wire::Entry) -> u64| {
        text.family(name, "counter", help);
        for (n, ledger) in ledgers.iter().enumerate() {
            for account in Account::ALL {
                let labels: [Label<'_>; 3] =
                    [("lane", &n), ("layer", &layer(account.layer())), ("account", &account.key())];
                text.sample(name, &labels, of(ledger.entry(*account)) as f64);
            }
        }
    };
    all(
        "ledger_units_total",
        "What ended in each account: frames, datagrams, segments, messages, bodies or exchanges.",
        |e| e.count,
    );
    all("ledger_bytes_total", "Bytes of what ended in each account.", |e| e.bytes);
}

const fn layer(layer: Layer) -> &'static str {
    match layer {
        Layer::Frame => "frame",
        Layer::Datagram => "datagram",
        Layer::Stream => "stream",
        Layer::Message => "message",
        Layer::Body => "body",
        Layer::Exchange => "exchange",
    }
}

fn analyst(shared: &Shared, text: &mut Text) {
    let a = &shared.analyst;
    text.one(
        "analyst_exchanges_total",
        "counter",
        "Exchanges the analyst learned from.",
        a.exchanges.load(Relaxed) as f64,
    );
    text.one(
        "analyst_rows_dropped_total",
        "counter",
        "Exchanges not written because the writer was behind.",
        a.rows_dropped.load(Relaxed) as f64,
    );
    text.one(
        "analyst_snapshot_seconds",
        "gauge",
        "How long the last snapshot of what was learned took.",
        a.snapshot_nanos.load(Relaxed) as f64 * SECONDS,
    );
    text.family("known", "gauge", "What the sensor knows since its start, as of the last snapshot.");
    for (name, value) in [
        ("interfaces", &a.interfaces),
        ("accounts", &a.accounts),
        ("callers", &a.callers),
        ("risk_sources", &a.sources),
        ("risks", &a.risks),
        ("incidents", &a.incidents),
    ] {
        text.sample("known", &[("what", &name)], value.load(Relaxed) as f64);
    }
}

fn store(shared: &Shared, text: &mut Text) {
    let c = shared.writer.counters();
    text.one(
        "store_queue_messages",
        "gauge",
        "Messages on their way to the writer.",
        shared.writer.queue.load(Relaxed) as f64,
    );
    text.one(
        "store_failing",
        "gauge",
        "1 while records cannot be written.",
        f64::from(u8::from(shared.writer.failing.load(Relaxed))),
    );
    text.one("store_exchanges_total", "counter", "Exchanges the writer took.", c.exchanges as f64);
    text.one("store_rows_total", "counter", "Rows written and committed.", c.rows as f64);
    text.one(
        "store_summed_total",
        "counter",
        "Exchanges kept in sums alone: more a second than are written.",
        c.summed as f64,
    );
    text.one(
        "store_rows_lost_total",
        "counter",
        "Rows lost because they could not be written.",
        c.rows_lost as f64,
    );
    text.one(
        "store_lines_lost_total",
        "counter",
        "Lines lost because they could not be written.",
        c.lines_lost as f64,
    );
    text.one(
        "store_rows_removed_total",
        "counter",
        "Rows removed to keep the database within its bound.",
        c.removed as f64,
    );
    text.one("store_commits_total", "counter", "Commits.", c.commits as f64);
    text.one("store_database_bytes", "gauge", "Bytes of the database in use.", c.database_bytes as f64);
}

/// Bytes of this process in RAM.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split_ascii_whitespace().nth(1).and_then(|p| p.parse::<u64>().ok()).unwrap_or(0);
    pages * rustix::param::page_size() as u64
}

/// CPU seconds by thread name, in order of names; threads of one name are added up.
fn threads() -> std::collections::BTreeMap<String, f64> {
    let mut all = std::collections::BTreeMap::new();
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    for task in tasks.map(|t| t.path()) {
        let read = |file: &str| std::fs::read_to_string(task.join(file)).unwrap_or_default();
        let nanos = read("schedstat").split_ascii_whitespace().next().and_then(|n| n.parse::<u64>().ok());
        *all.entry(read("comm").trim().to_string()).or_insert(0.0) += nanos.unwrap_or(0) as f64 * SECONDS;
    }
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::lang::Lang;
    use crate::log::Log;
    use std::collections::BTreeSet;

    /// A reader of the format, strict where Prometheus is: every sample belongs to the family above it, labels are quoted.
    fn families(text: &str) -> BTreeSet<String> {
        let (mut names, mut current) = (BTreeSet::new(), String::new());
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                current = help.split(' ').next().unwrap().into();
                assert!(names.insert(current.clone()), "twice: {line}");
                assert!(help.len() > current.len() + 1 && help.is_ascii(), "{line}");
                continue;
            }
            if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert!(name == current && ["counter", "gauge"].contains(&kind), "{line}");
                assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
                continue;
            }
            let (series, value) = line.rsplit_once(' ').unwrap();
            value.parse::<f64>().unwrap();
            let (name, labels) = series.split_once('{').map_or((series, None), |(n, l)| (n, Some(l)));
            assert_eq!(name, current, "{line}");
            if let Some(labels) = labels {
                for label in labels.strip_suffix('}').unwrap().split("\",") {
                    let (key, value) = label.split_once("=\"").unwrap();
                    assert!(
                        key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !value.is_empty(),
                        "{line}"
                    );
                }
            }
        }
        names
    }

    #[test]
    fn the_text_reads() {
        let shared = Shared::new(Log::new(Lang::En, false), 2);
        let text = render(&shared);
        let names = families(&text);
        for wanted in
            ["weir_ledger_bytes_total", "weir_lane_flows", "weir_store_rows_total", "weir_resident_bytes"]
        {
            assert!(names.contains(wanted), "{wanted}");
        }
        assert!(text.contains("weir_lane_state{lane=\"1\",state=\"running\"} 1\n"));
        for account in Account::ALL {
            assert!(text.contains(&format!("account=\"{}\"", account.key())), "{}", account.key());
        }
        let resident = text.lines().find_map(|l| l.strip_prefix("weir_resident_bytes ")).unwrap();
        assert!(resident.parse::<f64>().unwrap() > 1e5);
    }
}
