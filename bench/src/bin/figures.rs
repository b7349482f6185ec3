//! Collects the figures of all benchmarks into one report and the README's table, and compares two reports.
//!
//! ```text
//! weir-figures measure [--out FILE] [--readme FILE] [BENCH...]
//! weir-figures compare OLD NEW
//! ```

use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use weir_bench::machine::Machine;
use weir_bench::measure::Controls;
use weir_bench::row::{Row, number};

/// Package and name of every program that prints rows: benchmarks, an example of a crate that benchmarks do not use, and the peers.
const BENCHES: &[(&str, &str)] = &[
    ("weir-bench", "pipeline"),
    ("weir-bench", "data"),
    ("weir-bench", "flows"),
    ("weir-bench", "recovery"),
    ("weir-bench", "depth"),
    ("weir-bench", "overload"),
    ("weir-bench", "handoff"),
    ("weir-bench", "decryption"),
    ("weir-bench", "replay"),
    ("weir-rules", "sweep"),
    ("weir-store", EXAMPLE),
    ("weir-bench", PEERS),
];
/// The one that is an example.
const EXAMPLE: &str = "rate";
/// The one that is a script: it runs other programs beside this one.
const PEERS: &str = "peers";

/// The table in the README stands between these.
const BEGIN: &str = "<!-- figures -->";
const END: &str = "<!-- /figures -->";

/// What one run of the benchmarks found.
#[derive(Serialize, Deserialize)]
struct Report {
    v: u32,
    machine: Machine,
    /// Worst over best of each control kernel; above 1.3 the report should be thrown away.
    controls: Vec<(String, f64)>,
    rows: Vec<Row>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done =
        match args.split_first() {
            Some((command, rest)) if command == "measure" => measure(rest),
            Some((command, [old, new])) if command == "compare" => compare(old, new),
            _ => Err("usage: weir-figures measure [--out FILE] [--readme FILE] [BENCH...] | compare OLD NEW"
                .into()),
        };
    done.unwrap_or_else(|why| {
        eprintln!("weir-figures: {why}");
        ExitCode::from(2)
    })
}

fn measure(args: &[String]) -> Result<ExitCode, String> {
    let (mut out, mut readme, mut only) = (None, None, Vec::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--out" => out = args.next(),
            "--readme" => readme = args.next(),
            name => only.push(name),
        }
    }
    if let Some(unknown) = only.iter().find(|name| !BENCHES.iter().any(|(_, b)| b == *name)) {
        let names: Vec<&str> = BENCHES.iter().map(|(_, b)| *b).collect();
        return Err(format!("there is no benchmark `{unknown}`; there are {}", names.join(", ")));
    }
    let (report, failed) = collect(&only);
    if let Some(path) = out {
        let text = serde_json::to_string_pretty(&report).map_err(|e| e.to_string())?;
        fs::write(path, text + "\n").map_err(|e| format!("cannot write {path}: {e}"))?;
    }
    if let Some(path) = readme {
        fill(path, &report)?;
    }
    let missed = report.rows.iter().filter(|r| r.missed()).count();
    eprintln!("{} figures, {missed} of them below their gate", report.rows.len());
    failed.iter().for_each(|why| eprintln!("weir-figures: {why}"));
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the benchmarks one after the other with control kernels between them. One that fails is told, and takes nothing from the others.
fn collect(only: &[&str]) -> (Report, Vec<String>) {
    let (mut rows, mut controls, mut failed) = (Vec::new(), Controls::default(), Vec::new());
    controls.run();
    for (package, bench) in BENCHES.iter().filter(|(_, b)| only.is_empty() || only.contains(b)) {
        eprintln!("{package}: {bench}");
        match rows_of(package, bench) {
            Ok(found) if found.is_empty() => failed.push(format!("{bench} printed no figures")),
            Ok(found) => rows.extend(found),
            Err(why) => failed.push(why),
        }
        controls.run();
    }
    let controls = controls.spread().map(|(name, spread)| (name.to_owned(), spread)).to_vec();
    for (name, spread) in controls.iter().filter(|(_, s)| *s > 1.3) {
        eprintln!("the control kernel `{name}` varied by {spread:.2}: too busy a machine, measure again");
    }
    rows.sort_by_key(|r: &Row| r.gate.trim_start_matches('G').parse().unwrap_or(u32::MAX));
    (Report { v: 1, machine: Machine::here(), controls, rows }, failed)
}

/// How a program is run.
fn command(package: &str, bench: &str) -> Command {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/compare.py");
    let mut command = match bench {
        PEERS => Command::new(script),
        _ => Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into())),
    };
    match bench {
        PEERS => &mut command,
        EXAMPLE => command.args(["run", "-q", "--release", "--example", bench, "-p", package, "--"]),
        _ => command.args(["bench", "-q", "--bench", bench, "-p", package, "--"]),
    };
    command.arg("--json");
    command
}

fn rows_of(package: &str, bench: &str) -> Result<Vec<Row>, String> {
    let spawned = command(package, bench).stdout(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|e| format!("cannot run {bench}: {e}"))?;
    let lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    let rows = lines.map_while(Result::ok).filter_map(|l| serde_json::from_str::<Row>(&l).ok()).collect();
    match child.wait() {
        Ok(status) if status.success() => Ok(rows),
        Ok(status) => Err(format!("the benchmark {bench} failed ({status})")),
        Err(e) => Err(format!("the benchmark {bench} was lost: {e}")),
    }
}

/// Puts the table into a README between its marks.
fn fill(path: &str, report: &Report) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|e| format!("cannot read {path}: {e}"))?;
    let marks = text.split_once(BEGIN).and_then(|(a, rest)| Some((a, rest.split_once(END)?.1)));
    let (before, after) = marks.ok_or_else(|| format!("{path} has no {BEGIN} ... {END}"))?;
    let filled = format!("{before}{BEGIN}\n{}{END}{after}", table(report));
    fs::write(path, filled).map_err(|e| format!("cannot write {path}: {e}"))
}

fn table(report: &Report) -> String {
    let m = &report.machine;
    let spread: Vec<String> = report.controls.iter().map(|(n, s)| format!("{n} {s:.2}")).collect();
    let mut out = format!(
        "{}, {} cores, {} GiB, kernel {}, {}, {}; revision {}; control kernels worst/best: {}.\n\n\
         | # | what | measured | gate | target | reached |\n|---|---|---|---|---|---|\n",
        m.cpu,
        m.cores,
        m.memory_mib / 1024,
        m.kernel,
        m.system,
        m.rustc,
        m.revision,
        spread.join(", ")
    );
    let bound = |v: Option<f64>| v.map_or_else(String::new, number);
    for r in &report.rows {
        let (gate, target) = (bound(r.gate_value), bound(r.target));
        out +=
            &format!("| {} | {} | {} | {gate} | {target} | {} |\n", r.gate, r.name, r.shown(), r.verdict());
    }
    out
}

/// Prints old and new beside each other; fails where a figure got worse by more than 10 %.
fn compare(old: &str, new: &str) -> Result<ExitCode, String> {
    let read = |path: &str| -> Result<Report, String> {
        let text = fs::read_to_string(path).map_err(|e| format!("cannot read {path}: {e}"))?;
        serde_json::from_str(&text).map_err(|e| format!("{path} is no report: {e}"))
    };
    let (old, new) = (read(old)?, read(new)?);
    if !old.machine.like(&new.machine) {
        println!("measured on different machines: only ratios within one report mean anything");
    }
    let mut worse = 0;
    for row in &new.rows {
        let Some(before) = old.rows.iter().find(|r| r.gate == row.gate && r.name == row.name) else {
            println!("{:4} {:62} {:>14} (new)", row.gate, row.name, row.shown());
            continue;
        };
        let ratio = if before.value == 0.0 { 1.0 } else { row.value / before.value };
        let lost = if row.is_less() { ratio > 1.1 } else { ratio < 0.9 };
        worse += u32::from(lost);
        let mark = if lost { "worse" } else { "" };
        println!(
            "{:4} {:62} {:>14} {:>14} {ratio:6.2} {mark}",
            row.gate,
            row.name,
            before.shown(),
            row.shown()
        );
    }
    Ok(ExitCode::from(u8::from(worse > 0)))
}
