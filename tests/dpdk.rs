//! The live sensor over DPDK, by a virtual device that reads a capture: the records of the file replay, byte for byte.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "a test that waits for a process must know when to give up")]

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};
use weir_support::{Weir, text, unpacked};

const WEIR: Weir = Weir(env!("CARGO_BIN_EXE_weir"));

#[test]
fn a_capture_read_by_dpdk_gives_the_records_of_the_replay() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    fs::write(path("a.pcap"), unpacked("office")).unwrap();
    fs::write(path("weir.toml"), "[run]\nmetrics = \"off\"\nsave_seconds = 1\n[dpdk]\nhugepages = \"no\"\n")
        .unwrap();
    WEIR.replayed(&path("a.pcap"), &path("replay"), &[]);
    let wanted = text(&path("replay"), "exchanges.jsonl");

    let source = format!("dpdk:net_pcap0,rx_pcap={}", path("a.pcap").display());
    let mut command = WEIR.command();
    command
        .args(["run", "--source", &source, "--config"])
        .arg(path("weir.toml"))
        .arg("--data")
        .arg(path("live"));
    let mut sensor = command.stdout(Stdio::null()).spawn().unwrap();
    // It is a wire's: it does not end by itself. All but what waits for the last flows' ends is written soon.
    let begun = Instant::now();
    let written =
        || fs::read_to_string(path("live").join("exchanges.jsonl")).unwrap_or_default().lines().count();
    while written() < wanted.lines().count() / 2 && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let pid = sensor.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(sensor.wait().unwrap().success());
    assert!(
        text(&path("live"), "exchanges.jsonl") == wanted,
        "{} lines of {}",
        written(),
        wanted.lines().count()
    );
}

#[test]
fn a_device_that_is_none_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = WEIR.command();
    command.args(["run", "--source", "dpdk:ffff:ff:1f.7", "--data"]).arg(dir.path().join("data"));
    let refused = command.output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("there is no such PCI device"), "{said}");
}
