//! DPDK's environment, once a process.

use crate::{DpdkConfig, DpdkError, device::Device, memory::Memory, raw::eal};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether EAL is up, or was.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The environment; ends when dropped, and cannot be started again.
pub(crate) struct Eal {
    left: bool,
}

impl Eal {
    /// Starts it.
    pub(crate) fn start(config: &DpdkConfig, memory: &Memory) -> Result<Eal, DpdkError> {
        if TAKEN.swap(true, Ordering::AcqRel) {
            return Err(DpdkError::AlreadyStarted);
        }
        eal::start(&arguments(config, memory, &cpus_allowed())).map_err(|errno| {
            // DPDK itself decides whether another start could do better.
            TAKEN.store(false, Ordering::Release);
            DpdkError::Start { cause: eal::describe(errno), log: eal::log_tail() }
        })?;
        Ok(Eal { left: false })
    }

    /// Leaves the environment up for good: a lane hangs in it.
    pub(crate) fn leave(&mut self) {
        self.left = true;
    }

    /// Whether a start would be refused.
    pub(crate) fn is_taken() -> bool {
        TAKEN.load(Ordering::Acquire)
    }
}

impl Drop for Eal {
    fn drop(&mut self) {
        if !self.left {
            eal::end();
        }
    }
}

/// EAL's command line. Its own worker threads are not used: one core is named, and may float over all CPUs this process may.
fn arguments(config: &DpdkConfig, memory: &Memory, cpus: &str) -> Vec<String> {
    let mut all: Vec<String> = vec!["weir".into(), "--no-telemetry".into(), "--file-prefix=weir".into()];
    all.push(format!("--lcores=0@({cpus})"));
    if memory.huge {
        // No files in hugetlbfs: nothing stays behind when the process dies, and no mount is needed.
        all.push("--in-memory".into());
        if config.devices.iter().any(Device::shares_memory) {
            all.push("--single-file-segments".into());
        }
    } else {
        all.extend(["--no-huge".into(), "--no-shconf".into()]);
    }
    if !memory.huge || config.memory_mb > 0 {
        all.push(format!("-m{}", memory.mb));
    }
    let cards = config.devices.iter().filter(|d| matches!(d, Device::Pci { .. }));
    let before = all.len();
    for card in cards {
        all.extend(["-a".into(), card.to_string()]);
    }
    if all.len() == before {
        all.push("--no-pci".into());
    }
    all
}

/// The CPUs this process may run on, as the kernel lists them: `0-3,8`.
fn cpus_allowed() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let list = status.lines().find_map(|l| l.strip_prefix("Cpus_allowed_list:"));
    list.map_or("0", str::trim).to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_command_line_follows_memory_and_devices() {
        let devices =
            vec![Device::parse("net_memif0,role=server").unwrap(), Device::parse("01:00.0").unwrap()];
        let mut config = DpdkConfig { devices, ..DpdkConfig::default() };
        let huge = Memory { huge: true, mb: 100, lacking: None };
        let line = arguments(&config, &huge, "0-3,8").join(" ");
        assert_eq!(
            line,
            "weir --no-telemetry --file-prefix=weir --lcores=0@(0-3,8) --in-memory --single-file-segments -a 0000:01:00.0"
        );
        config.devices.truncate(1);
        let line = arguments(&config, &Memory { huge: false, ..huge }, "0").join(" ");
        assert_eq!(
            line,
            "weir --no-telemetry --file-prefix=weir --lcores=0@(0) --no-huge --no-shconf -m100 --no-pci"
        );
    }
}
