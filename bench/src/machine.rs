//! The machine's fingerprint: figures are only comparable with those of the same machine.

use serde::{Deserialize, Serialize};
use std::fs;
use std::process::Command;

/// What a figure depends on besides the code.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Machine {
    /// Model of the processor.
    pub cpu: String,
    /// Cores.
    pub cores: usize,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Kernel release.
    pub kernel: String,
    /// Distribution.
    pub system: String,
    /// Transparent huge pages: the mode in use.
    pub huge_pages: String,
    /// Compiler.
    pub rustc: String,
    /// Revision of the source, with `+` where it has uncommitted changes.
    pub revision: String,
}

impl Machine {
    /// This one.
    pub fn here() -> Machine {
        let cpu = first("/proc/cpuinfo", "model name").unwrap_or_default();
        let memory = first("/proc/meminfo", "MemTotal").unwrap_or_default();
        let modes = read("/sys/kernel/mm/transparent_hugepage/enabled");
        let mode = modes.split(['[', ']']).nth(1).unwrap_or("unknown").to_owned();
        let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
        let system = system.lines().find_map(|l| l.strip_prefix("PRETTY_NAME=")).unwrap_or_default();
        let dirty = !said("git", &["status", "--porcelain", "-uno"]).is_empty();
        Machine {
            cpu,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: memory.trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024,
            kernel: read("/proc/sys/kernel/osrelease"),
            system: system.trim_matches('"').to_owned(),
            huge_pages: mode,
            rustc: said("rustc", &["--version"]),
            revision: said("git", &["rev-parse", "--short", "HEAD"]) + if dirty { "+" } else { "" },
        }
    }
    /// Whether figures of the two may be compared.
    pub fn like(&self, other: &Machine) -> bool {
        self.cpu == other.cpu && self.cores == other.cores && self.huge_pages == other.huge_pages
    }
}

/// Bytes of this process that are in memory.
pub fn resident() -> u64 {
    let pages = read("/proc/self/statm").split(' ').nth(1).and_then(|n| n.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// The value of a key in a file of `key : value` lines.
fn first(path: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|l| l.starts_with(key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// What a command prints; nothing where it cannot be run.
fn said(command: &str, args: &[&str]) -> String {
    let output = Command::new(command).args(args).output().ok().filter(|o| o.status.success());
    output.map_or_else(String::new, |o| String::from_utf8_lossy(&o.stdout).trim().to_owned())
}
