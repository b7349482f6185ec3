//! The live sensor over files: same records as a replay, told to stop, killed, on a full disk, with new rules, with a lane that fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "a test that waits for a process must know when to give up")]

use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use weir_support::{Weir, capture, records, text};

const WEIR: Weir = Weir(env!("CARGO_BIN_EXE_weir"));

/// Longest wait for anything; only a sensor that is broken takes it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A sensor that runs, and what it said so far.
struct Sensor {
    child: Child,
    said: Arc<Mutex<String>>,
    metrics: Option<String>,
}

/// A configuration with metrics on any free port.
fn config(dir: &Path, more: &str) -> PathBuf {
    let path = dir.join("weir.toml");
    fs::write(&path, more).unwrap();
    path
}

const FAST: &str = "[run]\nmetrics = \"127.0.0.1:0\"\nsave_seconds = 1\n[file]\npace = \"max\"\n";
/// 28 seconds of traffic in 14: time enough to do something meanwhile, also on a machine that is busy.
const SLOW: &str = "[run]\nmetrics = \"127.0.0.1:0\"\nsave_seconds = 1\n[file]\npace = \"2x\"\n";

impl Sensor {
    fn start(mut command: Command) -> Sensor {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (heard, stderr) = (said.clone(), child.stderr.take().unwrap());
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                *heard.lock().unwrap() += &format!("{line}\n");
            }
        });
        Sensor { child, said, metrics: None }
    }

    fn over(source: &str, config: &Path, data: &Path) -> Sensor {
        let mut command = WEIR.command();
        command.args(["run", "--source", source, "--config"]).arg(config).arg("--data").arg(data);
        Sensor::start(command)
    }

    fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until it said `what`, so many times.
    fn says(&self, what: &str, times: usize) -> String {
        self.until(what, || self.said().matches(what).count() >= times);
        self.said()
    }

    fn until(&self, what: &str, mut done: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !done() {
            assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}: {}", self.said());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    /// What the metrics endpoint answers.
    fn get(&mut self, path: &str) -> String {
        if self.metrics.is_none() {
            let said = self.says("metrics.on", 1);
            let at = said.split("address=").nth(1).unwrap().split_whitespace().next().unwrap();
            self.metrics = Some(at.to_string());
        }
        let mut stream = TcpStream::connect(self.metrics.as_ref().unwrap()).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    /// A figure of the metrics, summed over its labels.
    fn figure(&mut self, name: &str) -> f64 {
        let text = self.get("/metrics");
        let of = |l: &str| l.strip_prefix(name).filter(|r| r.starts_with([' ', '{'])).map(str::to_string);
        text.lines().filter_map(of).map(|r| r.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
    }

    fn ended(mut self) -> (ExitStatus, String) {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // The reader of its words ends with it.
                thread::sleep(Duration::from_millis(50));
                return (status, self.said());
            }
            assert!(begun.elapsed() < PATIENCE, "does not end: {}", self.said());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// No sensor outlives its test.
impl Drop for Sensor {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn file(case: &str) -> String {
    format!("file:{}", capture(case).display())
}

fn sorted(dir: &Path, name: &str) -> Vec<String> {
    let mut lines: Vec<String> = text(dir, name).lines().map(str::to_string).collect();
    lines.sort();
    lines
}

fn database(dir: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open_with_flags(dir.join("weir.db"), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
        .unwrap()
}

fn number(dir: &Path, query: &str) -> i64 {
    database(dir).query_row(query, [], |r| r.get(0)).unwrap()
}

/// Records of a replay of the same capture.
fn reference(dir: &Path, case: &str) -> PathBuf {
    let out = dir.join("replayed");
    WEIR.replayed(&capture(case), &out, &[]);
    out
}

/// Tells the first lines that differ, not all of them.
fn same_lines(a: &[String], b: &[String], name: &str) {
    for (a, b) in a.iter().zip(b) {
        assert_eq!(a, b, "{name}");
    }
    assert_eq!(a.len(), b.len(), "{name}");
}

fn same_records(live: &Path, replayed: &Path) {
    for name in ["interfaces.jsonl", "accounts.jsonl", "risk-sources.jsonl", "risks.jsonl", "ledger.json"] {
        same_lines(&sorted(live, name), &sorted(replayed, name), name);
    }
    // Lines are in the order in which exchanges ended, under the name their interface then had.
    let bare = |dir: &Path| -> Vec<String> {
        let mut all = records(dir, "exchanges.jsonl");
        all.iter_mut().for_each(|x| drop(x.as_object_mut().unwrap().remove("interface")));
        let mut all: Vec<String> = all.iter().map(Value::to_string).collect();
        all.sort();
        all
    };
    same_lines(&bare(live), &bare(replayed), "exchanges.jsonl");
    // The database has the names of the end.
    let by_interface = |dir: &Path| -> Vec<(String, i64)> {
        let db = database(dir);
        let query = "SELECT coalesce(interface, ''), count(*) FROM exchanges GROUP BY 1 ORDER BY 1";
        let mut query = db.prepare(query).unwrap();
        query.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(by_interface(live), by_interface(replayed));
}

#[test]
fn a_file_gives_the_records_of_its_replay() {
    let dir = tempfile::tempdir().unwrap();
    let replayed = reference(dir.path(), "office");
    let live = dir.path().join("live");
    let (status, said) = Sensor::over(&file("office"), &config(dir.path(), FAST), &live).ended();
    assert_eq!(status.code(), Some(0), "{said}");
    same_records(&live, &replayed);
    assert!(live.join("report.html").exists());
    assert_eq!(
        number(&live, "SELECT sum(count) FROM calls"),
        number(&live, "SELECT count(*) FROM exchanges")
    );
    assert!(!said.contains("13812345678"));
}

#[test]
fn told_to_stop_it_saves_everything() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live");
    let mut sensor = Sensor::over(&file("office"), &config(dir.path(), SLOW), &live);
    sensor.until("exchanges", || sensor_has(&live));
    let seen = sensor.figure("weir_analyst_exchanges_total");
    // A second sensor must not touch the directory.
    let (second, why) = Sensor::over(&file("office"), &config(dir.path(), SLOW), &live).ended();
    assert!(second.code() == Some(2) && why.contains("in use"), "{why}");
    sensor.signal("TERM");
    let (status, said) = sensor.ended();
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(said.contains("stop.begun") && said.contains("run.ended"), "{said}");
    let rows = records(&live, "exchanges.jsonl").len();
    assert!(rows as f64 >= seen && rows < 169, "{rows} of those {seen}: stopped before the end");
    assert_eq!(number(&live, "SELECT count(*) FROM exchanges") as usize, rows);
    let ledger: Value = serde_json::from_str(&text(&live, "ledger.json")).unwrap();
    assert_eq!(ledger["balanced"], true);
    assert!(live.join("report.html").exists());
}

/// Whether the first commit with exchanges is there.
fn sensor_has(live: &Path) -> bool {
    live.join("weir.db").exists()
        && rusqlite::Connection::open_with_flags(
            live.join("weir.db"),
            rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY,
        )
        .and_then(|db| db.query_row("SELECT count(*) FROM exchanges", [], |r| r.get::<_, i64>(0)))
        .is_ok_and(|n| n > 0)
}

#[test]
fn killed_it_leaves_everything_up_to_its_last_commit() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live");
    let sensor = Sensor::over(&file("office"), &config(dir.path(), SLOW), &live);
    sensor.until("exchanges", || sensor_has(&live));
    sensor.signal("KILL");
    assert_eq!(sensor.ended().0.code(), None);
    let first = number(&live, "SELECT count(*) FROM exchanges");
    assert!(first > 0 && records(&live, "exchanges.jsonl").len() as i64 >= first, "every line reads");
    let o = WEIR.command().args(["interfaces", "--json", "--data"]).arg(&live).output().unwrap();
    let calls = |out: &[u8]| -> u64 {
        let lines = String::from_utf8(out.to_vec()).unwrap();
        lines.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()["exchanges"].as_u64().unwrap()).sum()
    };
    assert!(o.status.success() && calls(&o.stdout) > 0);
    let before = calls(&o.stdout);

    // The next run goes on where that one was killed, and what was known before is still known.
    let lines = records(&live, "exchanges.jsonl").len();
    fs::OpenOptions::new()
        .append(true)
        .open(live.join("exchanges.jsonl"))
        .unwrap()
        .write_all(b"{\"v\":1,\"ti")
        .unwrap();
    let (status, said) = Sensor::over(&file("office"), &config(dir.path(), FAST), &live).ended();
    assert_eq!(status.code(), Some(0), "{said}");
    assert_eq!(records(&live, "exchanges.jsonl").len(), lines + 169);
    assert_eq!(number(&live, "SELECT count(*) FROM exchanges"), first + 169);
    assert_eq!(number(&live, "SELECT count(*) FROM runs WHERE state = 'killed'"), 1);
    assert_eq!(number(&live, "SELECT count(*) FROM runs WHERE state = 'ended' AND ledger IS NOT NULL"), 1);
    let o = WEIR.command().args(["interfaces", "--json", "--data"]).arg(&live).output().unwrap();
    let whole: u64 =
        records(&live, "interfaces.jsonl").iter().map(|i| i["exchanges"].as_u64().unwrap()).sum();
    assert_eq!(calls(&o.stdout), whole);
    assert!(whole >= before + 160, "{whole} after {before}");
}

/// Calls in the records of a directory, all interfaces together.
fn calls(dir: &Path) -> u64 {
    records(dir, "interfaces.jsonl").iter().map(|i| i["exchanges"].as_u64().unwrap()).sum()
}

#[test]
fn a_restart_goes_on_from_what_was_learned() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live");
    let over = |config: &Path| Sensor::over(&file("brute-force"), config, &live).ended();
    let fast = config(dir.path(), FAST);
    let (status, said) = over(&fast);
    assert!(status.success() && !said.contains("memory."), "{said}");
    let (once, state) = (calls(&live), live.join("state.weir"));
    assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o600);
    let first = records(&live, "risk-sources.jsonl");
    let found = first.len();
    assert!(found > 0 && first.iter().all(|s| s["id"] != "C01"));

    let (status, said) = over(&fast);
    assert!(status.success() && said.contains("memory.resumed"), "{said}");
    assert_eq!(calls(&live), 2 * once, "each call counts once, whether remembered or recorded");
    // The same minutes come again on top of what is remembered of them, so that the rate of calls shows as well.
    let again = records(&live, "risk-sources.jsonl");
    assert!(again.len() > found && again.iter().any(|s| s["id"] == "C01"), "{} of {found}", again.len());

    // What is not as it was written is put aside, and everything learned anew; records are added to.
    let mut bytes = fs::read(&state).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&state, bytes).unwrap();
    let (status, said) = over(&fast);
    assert!(
        status.success() && said.contains("memory.refused") && said.contains("another directory"),
        "{said}"
    );
    assert!(live.join("state.weir.refused").exists() && state.exists());
    assert_eq!(calls(&live), 3 * once);
}

#[test]
fn a_full_disk_costs_rows_and_is_outlived() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live");
    let config = config(dir.path(), SLOW);
    // A limit on file sizes fails like a full disk; being soft, it can be lifted from outside.
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "trap '' XFSZ; ulimit -S -f 500; exec \"$0\" run --source \"$1\" --config \"$2\" --data \"$3\"",
    ]);
    command.arg(env!("CARGO_BIN_EXE_weir")).arg(file("office")).arg(&config).arg(&live).env("LC_ALL", "C");
    let mut sensor = Sensor::start(command);
    let said = sensor.says("store.failed", 1);
    assert!(said.contains("no space left") || said.contains("disk I/O error"), "{said}");
    sensor.until("the loss", || true);
    let pid = sensor.child.id().to_string();
    let lifted = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited:unlimited"]).status();
    if !lifted.is_ok_and(|s| s.success()) {
        eprintln!("skipped: no prlimit here");
        return;
    }
    sensor.says("store.recovered", 1);
    let lost = sensor.figure("weir_store_rows_lost_total") + sensor.figure("weir_store_lines_lost_total");
    assert!(lost > 0.0);
    let (status, said) = sensor.ended();
    assert_eq!(status.code(), Some(1), "partial, and said so: {said}");
    assert!(said.contains("exchanges are missing"), "{said}");
    records(&live, "exchanges.jsonl");
    assert!(number(&live, "SELECT count(*) FROM exchanges") > 0);
    assert_eq!(number(&live, "SELECT count(*) FROM meta WHERE key = 'state' AND value = 'partial'"), 1);
    // What was learned is whole: only rows are lost.
    let replayed = reference(dir.path(), "office");
    for name in ["interfaces.jsonl", "risk-sources.jsonl", "risks.jsonl"] {
        same_lines(&sorted(&live, name), &sorted(&replayed, name), name);
    }
}

#[test]
fn new_rules_come_in_without_a_loss_and_wrong_ones_do_not() {
    let dir = tempfile::tempdir().unwrap();
    let replayed = reference(dir.path(), "office");
    let live = dir.path().join("live");
    let path = config(dir.path(), SLOW);
    let mut sensor = Sensor::over(&file("office"), &path, &live);
    sensor.until("exchanges", || sensor_has(&live));
    assert!(sensor.says("rules.loaded", 1).contains("written to the cache"));
    sensor.signal("HUP");
    assert!(sensor.says("reload.done", 1).contains("rules read from the cache"));
    // A damaged cache costs time and is told, nothing else.
    for file in fs::read_dir(live.join("rules")).unwrap() {
        fs::write(file.unwrap().path(), "damage").unwrap();
    }
    config(dir.path(), &format!("{SLOW}[replay]\nlane = 2\n"));
    sensor.signal("HUP");
    let said = sensor.says("reload.refused", 1);
    assert!(said.contains("weir.toml") && said.contains("lane") && said.contains("stay in force"), "{said}");
    let pack = dir.path().join("mine.toml");
    fs::write(&pack, "[pack]\nname = \"mine\"\nversion = 1\n\n[[data_type]]\nid = \n").unwrap();
    config(dir.path(), &format!("{SLOW}[rules]\npacks = [{:?}]\n", pack.display().to_string()));
    sensor.signal("HUP");
    assert!(sensor.says("reload.refused", 2).contains("mine.toml"));
    config(dir.path(), SLOW);
    sensor.signal("HUP");
    assert!(sensor.says("reload.done", 2).contains("the cached rules were damaged"));
    assert_eq!(sensor.figure("weir_lane_rules_changes_total"), 2.0);
    let (status, said) = sensor.ended();
    assert_eq!(status.code(), Some(0), "{said}");
    same_records(&live, &replayed);
}

#[test]
fn decisions_and_the_registered_list_come_in_while_it_runs() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live");
    let data = live.to_str().unwrap();
    let path = config(dir.path(), SLOW);
    let mut sensor = Sensor::over(&file("office"), &path, &live);
    sensor.until("exchanges", || sensor_has(&live));
    let weir = |args: &[&str]| {
        let o = WEIR.command().args(args).args(["--data", data]).output().unwrap();
        assert!(o.status.success(), "{args:?}: {}", weir_support::stderr(&o));
        String::from_utf8(o.stdout).unwrap()
    };
    let first: Value = {
        let listed = || weir(&["interfaces", "--json"]).lines().next().map(str::to_string);
        sensor.until("an interface", || listed().is_some());
        serde_json::from_str(&listed().unwrap()).unwrap()
    };
    let id = first["id"].as_str().unwrap();
    weir(&["decide", "classify", id, "--exposure", "partner", "--business", "shared"]);
    weir(&["decide", "rename", id, "Named while it ran"]);
    let list = dir.path().join("list.csv");
    fs::write(
        &list,
        format!(
            "method,path\n{},{}\n*,/never\n",
            first["method"].as_str().unwrap(),
            first["template"].as_str().unwrap()
        ),
    )
    .unwrap();
    weir(&["import", "registered", list.to_str().unwrap()]);
    sensor.signal("HUP");
    sensor.says("reload.done", 1);
    // What cannot be understood changes nothing.
    let decisions = fs::read_to_string(live.join("decisions.jsonl")).unwrap();
    fs::write(live.join("decisions.jsonl"), format!("{decisions}{{\"v\":1}}\n")).unwrap();
    sensor.signal("HUP");
    assert!(sensor.says("reload.refused", 1).contains("line 3"));
    fs::write(live.join("decisions.jsonl"), decisions).unwrap();
    assert_eq!(sensor.figure("weir_lane_rules_changes_total"), 1.0);
    let (status, said) = sensor.ended();
    assert_eq!(status.code(), Some(0), "{said}");
    let all = records(&live, "interfaces.jsonl");
    let one = all.iter().find(|i| i["id"] == id).unwrap();
    assert_eq!((&one["exposure"]["is"], &one["business"]["is"]), (&"partner".into(), &"shared".into()));
    assert_eq!(one["name"], "Named while it ran");
    let standing = |i: &Value| i["registration"]["state"].as_str().map(str::to_string);
    assert_eq!(standing(one).as_deref(), Some("registered"));
    assert!(all.iter().any(|i| standing(i).as_deref() == Some("unregistered")));
}

#[test]
fn a_lane_that_dies_is_named_and_the_others_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live");
    let source = format!("fault:panic:{}", capture("office").display());
    let mut sensor = Sensor::over(&source, &config(dir.path(), FAST), &live);
    let said = sensor.says("lane.dead", 1);
    assert!(
        said.contains("lane=0") && said.contains("share of the source") && said.contains("thread lane-0"),
        "{said}"
    );
    assert!(!said.contains("13812345678"), "what a panic quotes is not said");
    assert!(sensor.get("/healthz").starts_with("HTTP/1.1 503"));
    assert!(sensor.get("/metrics").contains("weir_lane_state{lane=\"0\",state=\"dead\"} 1"));
    assert!(sensor.get("/metrics").contains("weir_lane_state{lane=\"1\",state=\"running\"} 1"));
    sensor.signal("TERM");
    let (status, said) = sensor.ended();
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("1 lanes did not end in order"), "{said}");
    assert!(records(&live, "exchanges.jsonl").len() >= 169);
}

#[test]
fn a_lane_that_hangs_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live");
    let source = format!("fault:hang:{}", capture("office").display());
    let path = config(dir.path(), "[run]\nmetrics = \"off\"\nwatchdog_seconds = 1\nsave_seconds = 1\n");
    let sensor = Sensor::over(&source, &path, &live);
    sensor.says("lane.stuck lane=0", 1);
    sensor.says("lane.moves lane=0", 1);
    sensor.signal("TERM");
    let (status, said) = sensor.ended();
    assert_eq!(status.code(), Some(0), "{said}");
}

#[test]
fn wrong_usage_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let live = dir.path().join("live");
    for (source, wanted) in [
        ("eth0", "af_packet:INTERFACE"),
        ("af_packet:no-such-interface-0", "no-such-interface-0"),
        ("file:no-such.pcap", "no-such.pcap"),
    ] {
        let (status, said) = Sensor::over(source, &config(dir.path(), FAST), &live).ended();
        assert!(matches!(status.code(), Some(1 | 2)), "{said}");
        assert!(said.contains(wanted), "{said}");
    }
    let (status, said) =
        Sensor::over(&file("office"), &config(dir.path(), "[run]\nmetrics = \"x\"\n"), &live).ended();
    assert!(status.code() == Some(2) && said.contains("run.metrics"), "{said}");
}
