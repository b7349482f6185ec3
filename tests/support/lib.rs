//! What tests share: running the binary, files to try it on, and reading what it leaves.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what goes wrong here fails a test")]

pub mod mmdb;
pub mod pack;
mod traffic;

pub use traffic::Traffic;

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
pub const RECORDS: [&str; 7] = [
    "exchanges.jsonl",
    "interfaces.jsonl",
    "accounts.jsonl",
    "encrypted.jsonl",
    "risk-sources.jsonl",
    "risks.jsonl",
    "ledger.json",
];

/// Standard error as text.
pub fn stderr(o: &Output) -> String {
    String::from_utf8_lossy(&o.stderr).into_owned()
}

/// A capture of web traffic: one connection a call, each with the request and the response given whole, one second apart.
pub fn web(calls: &[(String, String)]) -> Vec<u8> {
    let mut out = Vec::new();
    for word in [0xa1b2_c3d4u32, 0x0004_0002, 0, 0, 65_535, 1] {
        out.extend(word.to_le_bytes());
    }
    for (n, (request, response)) in calls.iter().enumerate() {
        let port = 20_000 + (n % 40_000) as u16;
        let (mut client, mut server) = (1u32, 1u32);
        let mut tick = 0;
        let mut frame = |from_client: bool, flags: u8, body: &[u8], seq: u32, ack: u32| {
            let segment = tcp(port, from_client, flags, seq, ack, body);
            let time = [1_760_000_000 + n as u32, tick, segment.len() as u32, segment.len() as u32];
            time.iter().for_each(|w| out.extend(w.to_le_bytes()));
            out.extend(segment);
            tick += 100;
        };
        frame(true, 0x02, b"", 0, 0);
        frame(false, 0x12, b"", 0, 1);
        frame(true, 0x10, b"", client, server);
        for piece in request.as_bytes().chunks(1_400) {
            frame(true, 0x18, piece, client, server);
            client += piece.len() as u32;
        }
        for piece in response.as_bytes().chunks(1_400) {
            frame(false, 0x18, piece, server, client);
            server += piece.len() as u32;
        }
        frame(true, 0x11, b"", client, server);
        frame(false, 0x11, b"", server, client + 1);
        frame(true, 0x10, b"", client + 1, server + 1);
    }
    out
}

/// A TCP segment of 10.0.0.9 to 10.0.0.1, port 80, or back, in an Ethernet frame; checksums unset, as offloading leaves them.
fn tcp(port: u16, from_client: bool, flags: u8, seq: u32, ack: u32, body: &[u8]) -> Vec<u8> {
    let (client, server) = ([10, 0, 0, 9], [10, 0, 0, 1]);
    let (source, target) = if from_client { (client, server) } else { (server, client) };
    let (from, to) = if from_client { (port, 80) } else { (80, port) };
    let mut f = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
    f.extend(((40 + body.len()) as u16).to_be_bytes());
    f.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
    f.extend(source);
    f.extend(target);
    f.extend(u16::to_be_bytes(from));
    f.extend(u16::to_be_bytes(to));
    f.extend(seq.to_be_bytes());
    f.extend(ack.to_be_bytes());
    f.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    f.extend(body);
    f
}

/// A call of `GET path` at `shop.example` that a JSON body answers.
pub fn json_call(path: &str, body: &str) -> (String, String) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: shop.example\r\nAccept: application/json\r\n\r\n");
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:";
    (request, format!("{head} {}\r\n\r\n{body}", body.len()))
}
