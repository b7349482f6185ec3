//! Running the binary and reading what it leaves.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong here fails a test")]

pub mod mmdb;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The binary, by where cargo put it: `Weir(env!("CARGO_BIN_EXE_weir"))`.
#[derive(Clone, Copy, Debug)]
pub struct Weir(pub &'static str);

impl Weir {
    /// It with an English locale; another one if `WEIR_BIN` names it.
    pub fn command(self) -> Command {
        let mut c = Command::new(std::env::var_os("WEIR_BIN").unwrap_or_else(|| self.0.into()));
        c.env("LC_ALL", "C").env_remove("RUST_BACKTRACE");
        c
    }

    /// Replays and returns the process's result.
    pub fn replay(self, capture: &Path, out: &Path, more: &[&str]) -> Output {
        self.command().arg("replay").arg(capture).arg("--out").arg(out).args(more).output().unwrap()
    }

    /// Replays, expecting success.
    pub fn replayed(self, capture: &Path, out: &Path, more: &[&str]) {
        let o = self.replay(capture, out, more);
        assert!(o.status.success(), "{:?}: {}", o.status, stderr(&o));
    }
}

/// Where the top-level `tests` folder is.
pub fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The capture of a golden case.
pub fn capture(case: &str) -> PathBuf {
    tests_folder().join("cases").join(case).join("capture.pcap.zst")
}

/// The capture of a golden case, unpacked.
pub fn unpacked(case: &str) -> Vec<u8> {
    zstd::decode_all(fs::File::open(capture(case)).unwrap()).unwrap()
}

/// A file of the data directory as text.
pub fn text(dir: &Path, file: &str) -> String {
    fs::read_to_string(dir.join(file)).unwrap_or_else(|e| panic!("{}: {e}", dir.join(file).display()))
}

/// The records of a JSON Lines file.
pub fn records(dir: &Path, file: &str) -> Vec<serde_json::Value> {
    text(dir, file).lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// The JSON Lines that must be the same for the same capture.
pub const RECORDS: [&str; 6] = [
    "exchanges.jsonl",
    "interfaces.jsonl",
    "accounts.jsonl",
    "risk-sources.jsonl",
    "risks.jsonl",
    "ledger.json",
];

/// Standard error as text.
pub fn stderr(o: &Output) -> String {
    String::from_utf8_lossy(&o.stderr).into_owned()
}
