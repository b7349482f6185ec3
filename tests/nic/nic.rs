//! The sensor on an emulated card under its own DPDK driver, in a guest: the same exchanges as the file replay gives.
//!
//! Run by `tests/nic/run.sh`, which sees to QEMU and busybox; too slow for `make test`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "a test that waits for a guest must know when to give up")]

use serde_json::Value;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use weir_capture::{Files, Input, Polled, Source};
use weir_support::{Weir, capture, records, tests_folder, text};

const WEIR: Weir = Weir(env!("CARGO_BIN_EXE_weir"));

/// Longest wait for the guest; only one that is broken takes it.
const PATIENCE: Duration = Duration::from_secs(600);
/// Between two frames: what an emulated processor keeps up with.
const GAP: Duration = Duration::from_millis(2);

/// A guest that runs, its console and the socket its card is plugged into.
struct Guest {
    qemu: Child,
    keyboard: ChildStdin,
    console: Receiver<String>,
    wire: UdpSocket,
    records: PathBuf,
}

/// Two free ports of this machine, one of them held.
fn ports() -> (UdpSocket, u16) {
    let ours = UdpSocket::bind("127.0.0.1:0").unwrap();
    let theirs = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    ours.connect(("127.0.0.1", theirs)).unwrap();
    (ours, theirs)
}

impl Guest {
    fn boot(folder: &Path, card: &str, queues: &str) -> Guest {
        let (wire, theirs) = ports();
        let ours = wire.local_addr().unwrap().port();
        let records = folder.join("records.tar.gz");
        let netdev = format!(
            "dgram,id=wire,local.type=inet,local.host=127.0.0.1,local.port={theirs},remote.type=inet,remote.host=127.0.0.1,remote.port={ours}"
        );
        let mut qemu = Command::new("qemu-system-x86_64")
            .args(["-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1536"])
            .args(["-nodefaults", "-display", "none", "-no-reboot"])
            .arg("-kernel")
            .arg(folder.join("vmlinuz"))
            .arg("-initrd")
            .arg(folder.join("initrd"))
            .args(["-append", &format!("console=ttyS0 quiet panic=-1 hugepages=160 weir.lanes={queues}")])
            .args(["-serial", "stdio", "-serial", &format!("file:{}", records.display())])
            .args(["-netdev", &netdev, "-device", &format!("{card},netdev=wire")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("qemu-system-x86_64");
        let (said, console) = channel();
        let stdout = BufReader::new(qemu.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in stdout.split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).trim().to_owned();
                if said.send(line).is_err() {
                    break;
                }
            }
        });
        let keyboard = qemu.stdin.take().unwrap();
        Guest { qemu, keyboard, console, wire, records }
    }

    /// Waits for a line of the guest's own that begins so; what follows.
    fn says(&self, what: &str) -> String {
        let begun = Instant::now();
        let mut heard = Vec::new();
        while let Ok(line) = self.console.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())) {
            if let Some(found) = line.strip_prefix("WEIR-NIC ").and_then(|l| l.strip_prefix(what)) {
                return found.trim().to_owned();
            }
            assert!(!line.starts_with("WEIR-NIC failed"), "{}", heard.join("\n"));
            heard.push(line);
        }
        panic!("waited in vain for {what}: {}", heard.join("\n"));
    }

    fn told(&mut self, word: &str) {
        writeln!(self.keyboard, "{word}").unwrap();
    }

    /// Sends every frame of a capture onto the wire, one a datagram; how many.
    fn send(&self, capture: &Path) -> u64 {
        let mut files = Files::new(vec![Input::from_arg(capture.to_str().unwrap())]);
        let mut sent = 0;
        loop {
            let polled = files.poll(&mut |burst| {
                for frame in burst {
                    self.wire.send(frame.data).unwrap();
                    sent += 1;
                    std::thread::sleep(GAP);
                }
            });
            if polled.unwrap() == Polled::End {
                return sent;
            }
        }
    }

    /// The records the guest handed over, unpacked; waits for its end.
    fn unpack(mut self, to: &Path) {
        self.says("done");
        assert!(self.qemu.wait().unwrap().success());
        fs::create_dir_all(to).unwrap();
        let done = Command::new("tar").arg("-C").arg(to).arg("-xzf").arg(&self.records).status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // One that ended by itself is none to kill.
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

/// Exchanges but for their times: frames of a wire have those of their arrival.
fn timeless(dir: &Path) -> Vec<String> {
    let mut all: Vec<String> = records(dir, "exchanges.jsonl")
        .into_iter()
        .map(|mut record| {
            let fields: &mut serde_json::Map<String, Value> = record.as_object_mut().unwrap();
            assert!(fields.remove("time").is_some() && fields.remove("duration_ns").is_some());
            record.to_string()
        })
        .collect();
    all.sort();
    all
}

/// A figure of every lane.
fn figure(metrics: &str, name: &str) -> Vec<u64> {
    let of =
        |line: &str| line.strip_prefix(name)?.strip_prefix("{lane=")?.rsplit_once(' ')?.1.parse::<f64>().ok();
    metrics.lines().filter_map(of).map(|n| n as u64).collect()
}

#[test]
#[ignore = "boots a guest; run by tests/nic/run.sh"]
fn a_card_with_several_queues_gives_the_exchanges_of_the_file() {
    let card = env::var("WEIR_NIC_CARD").unwrap_or_else(|_| "igb".into());
    let queues = env::var("WEIR_NIC_QUEUES").unwrap_or_else(|_| "2".into());
    let dir = tempfile::tempdir().unwrap();
    // The kernel's package is kept from run to run.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nic");
    let weir = dir.path().join("weir");
    fs::copy(env!("CARGO_BIN_EXE_weir"), &weir).unwrap();
    // Only smaller: a guest that lacks `strip` is slower to boot, not wrong.
    let _ = Command::new("strip").arg(&weir).status();
    let built = Command::new(tests_folder().join("nic/guest.sh")).arg(&weir).arg(&folder).status();
    assert!(built.unwrap().success());

    let begun = Instant::now();
    let mut guest = Guest::boot(&folder, &card, &queues);
    let ready = guest.says("ready");
    let wire = Instant::now();
    let sent = guest.send(&capture("office"));
    let rate = sent as f64 / wire.elapsed().as_secs_f64();
    // What is on its way arrives.
    std::thread::sleep(Duration::from_secs(2));
    guest.told("stop");
    let ended = guest.says("ended");
    let live = dir.path().join("live");
    guest.unpack(&live);

    let metrics = text(&live, "metrics.txt");
    let frames = figure(&metrics, "weir_lane_frames_total");
    println!(
        "{card}: ready after {ready} s of guest time, ended (code, time) {ended}, {:.0} s in all; {sent} frames at {rate:.0}/s, by queue {frames:?}",
        begun.elapsed().as_secs_f64()
    );
    assert_eq!(frames.iter().sum::<u64>(), sent, "frames were lost on the way");
    assert_eq!(frames.len().to_string(), queues);
    assert!(frames.iter().filter(|n| **n > 0).count() >= 2, "the card did not spread: {frames:?}");
    assert_eq!(figure(&metrics, "weir_lane_source_dropped_frames_total").iter().sum::<u64>(), 0);

    let replay = dir.path().join("replay");
    WEIR.replayed(&capture("office"), &replay, &[]);
    let (found, wanted) = (timeless(&live), timeless(&replay));
    assert!(wanted.len() > 100);
    assert_eq!(found, wanted);
    for file in ["interfaces.jsonl", "risk-sources.jsonl", "risks.jsonl", "accounts.jsonl"] {
        assert_eq!(records(&live, file).len(), records(&replay, file).len(), "{file}");
    }
    println!("{} exchanges, equal to those of the file replay", found.len());
}
