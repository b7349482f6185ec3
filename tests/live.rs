//! The live sensor over a pair of virtual interfaces: the exchanges of the capture's replay, by one, two and four lanes.
//!
//! Each test runs itself again in a network namespace of its own; without root or namespaces it says so and passes.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "a test that waits for a process must know when to give up")]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use weir_capture::{Files, Injector, Input, Polled, Source, interface_report};
use weir_support::{Weir, capture, records, text};

const WEIR: Weir = Weir(env!("CARGO_BIN_EXE_weir"));

const WITHIN: &str = "WEIR_TEST_NAMESPACE";
/// Longest wait for anything; only a sensor that is broken takes it.
const PATIENCE: Duration = Duration::from_secs(60);

fn ip(words: &str) -> bool {
    Command::new("ip").args(words.split(' ')).output().is_ok_and(|o| o.status.success())
}

/// Runs `body` in a namespace with two joined interfaces, by running the test `name` again inside one.
fn within(name: &str, body: impl FnOnce()) {
    if std::env::var_os(WITHIN).is_some() {
        fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1").unwrap_or_default();
        assert!(ip("link add in0 mtu 9000 type veth peer name out0 mtu 9000"));
        assert!(ip("link set in0 up") && ip("link set out0 up"));
        until("both ends", || ["in0", "out0"].iter().all(|i| interface_report(i).is_ok_and(|r| r.link)));
        return body();
    }
    let space = format!("weirlive{}", std::process::id());
    if !ip(&format!("netns add {space}")) {
        println!("{name}: skipped, as making a network namespace takes root and iproute2");
        return;
    }
    let ran = Command::new("ip")
        .args(["netns", "exec", &space])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(WITHIN, "1")
        .output();
    ip(&format!("netns delete {space}"));
    let ran = ran.unwrap();
    let said = String::from_utf8_lossy(&ran.stdout) + String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// No sensor outlives its test.
struct Sensor(Child);

impl Drop for Sensor {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Puts the frames of the capture on the wire, slowly enough for a busy machine; how many.
fn inject(case: &str) -> u64 {
    let wire = Injector::open("out0").unwrap();
    let mut files = Files::new(vec![Input::Path(capture(case))]);
    let mut sent = 0;
    let mut burst = |frames: &[weir_wire::Frame<'_>]| {
        for frame in frames {
            wire.send(frame.data).unwrap();
            sent += 1;
        }
        thread::sleep(Duration::from_millis(1));
    };
    while files.poll(&mut burst).unwrap() != Polled::End {}
    sent
}

/// What of each exchange does not depend on when it was, sorted.
fn timeless(dir: &Path) -> Vec<String> {
    const SAME: [&str; 12] = [
        "flow", "number", "client", "server", "vlan", "protocol", "method", "host", "target", "status",
        "request", "data",
    ];
    let one = |x: &Value| Value::Array(SAME.iter().map(|key| x[*key].clone()).collect()).to_string();
    let mut all: Vec<String> = records(dir, "exchanges.jsonl").iter().map(one).collect();
    all.sort();
    all
}

fn as_the_replay(lanes: usize) {
    let dir = tempfile::tempdir().unwrap();
    let (out, live) = (dir.path().join("replayed"), dir.path().join("live"));
    WEIR.replayed(&capture("office"), &out, &[]);
    let config = dir.path().join("weir.toml");
    fs::write(&config, "[run]\nsave_seconds = 1\n").unwrap();
    let mut command = WEIR.command();
    command.args(["run", "--source", &format!("af_packet:in0,queues={lanes}")]);
    command.args(["--lanes", &lanes.to_string(), "--config"]).arg(&config).arg("--data").arg(&live);
    let said = fs::File::create(dir.path().join("said")).unwrap();
    let mut sensor = Sensor(command.stdout(Stdio::null()).stderr(said).spawn().unwrap());
    // The ring is there once the interface takes frames for everybody.
    let links =
        || String::from_utf8(Command::new("ip").args(["-d", "link", "show", "in0"]).output().unwrap().stdout);
    until("the sockets", || links().unwrap().contains(&format!("promiscuity {lanes}")));
    thread::sleep(Duration::from_millis(1500));
    let sent = inject("office");
    let wanted = timeless(&out);
    thread::sleep(Duration::from_millis(1500));
    let pid = sensor.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let mut status = None;
    until("the end", || {
        status = sensor.0.try_wait().unwrap();
        status.is_some()
    });
    let said = fs::read_to_string(dir.path().join("said")).unwrap();
    assert_eq!(status.unwrap().code(), Some(0), "{said}");

    let ledger: Value = serde_json::from_str(&text(&live, "ledger.json")).unwrap();
    assert_eq!((&ledger["balanced"], &ledger["received"]["frames"]), (&true.into(), &sent.into()), "{said}");
    assert_eq!(ledger["accounts"]["lost:no-room"]["frames"], 0);
    let got = timeless(&live);
    for (got, wanted) in got.iter().zip(&wanted) {
        assert_eq!(got, wanted, "{lanes} lanes");
    }
    assert_eq!(got.len(), wanted.len());
}

#[test]
fn an_interface_gives_the_exchanges_of_the_replay() {
    within("an_interface_gives_the_exchanges_of_the_replay", || {
        [1, 2, 4].into_iter().for_each(as_the_replay)
    });
}
