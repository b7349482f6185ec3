//! How much memory DPDK needs, and whether there are hugepages for it.

use crate::{DpdkConfig, DpdkError, Hugepages};
use std::{fs, path::Path};

/// Bytes a buffer takes besides a frame's: its header, the room DPDK leaves before the frame, the pool's header and padding.
const BUFFER_OVERHEAD: u64 = 128 + 128 + 64 + 64;
/// Without hugepages no buffer crosses a border of these.
const PAGE: u64 = 4096;
/// What rings, drivers and EAL take.
const BASE_MB: u64 = 48;

/// What memory DPDK is started with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Memory {
    /// By hugepages.
    pub huge: bool,
    /// MiB set aside at the start.
    pub mb: u64,
    /// MiB of hugepages that are needed and that are free, where `Auto` had to do without.
    pub lacking: Option<(u64, u64)>,
}

/// MiB that so many queues need, in hugepages or without.
pub(crate) fn needed_mb(config: &DpdkConfig, queues: u64, huge: bool) -> u64 {
    let buffer = u64::from(config.buffer_size) + BUFFER_OVERHEAD;
    let each = match huge {
        true => buffer,
        false if buffer <= PAGE => PAGE / (PAGE / buffer),
        false => buffer.next_multiple_of(PAGE),
    };
    // An eighth for what page borders cut off.
    BASE_MB + (u64::from(config.buffers_per_queue()) * queues * each * 9 / 8).div_ceil(1 << 20)
}

/// Decides between hugepages, of which so many MiB are free, and none.
pub(crate) fn choose(config: &DpdkConfig, queues: u64, free: u64) -> Result<Memory, DpdkError> {
    let mb = |huge| match config.memory_mb {
        0 => needed_mb(config, queues, huge),
        n => n.into(),
    };
    let need = mb(true);
    match config.hugepages {
        Hugepages::No => Ok(Memory { huge: false, mb: mb(false), lacking: None }),
        _ if free >= need => Ok(Memory { huge: true, mb: need, lacking: None }),
        Hugepages::Yes => Err(DpdkError::NoHugepages { need, free }),
        Hugepages::Auto => Ok(Memory { huge: false, mb: mb(false), lacking: Some((need, free)) }),
    }
}

/// MiB of free hugepages of all sizes, from a folder as `/sys/kernel/mm/hugepages` is.
pub(crate) fn free_hugepages_mb(folder: &Path) -> u64 {
    let Ok(sizes) = fs::read_dir(folder) else { return 0 };
    let free = sizes.flatten().filter_map(|size| {
        let name = size.file_name();
        let kb: u64 = name.to_str()?.strip_prefix("hugepages-")?.strip_suffix("kB")?.parse().ok()?;
        let free = fs::read_to_string(size.path().join("free_hugepages")).ok()?;
        Some(kb.saturating_mul(free.trim().parse().ok()?))
    });
    free.fold(0u64, u64::saturating_add) / 1024
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hugepages_are_used_where_enough_are_free() {
        let mut config = DpdkConfig::default();
        let need = needed_mb(&config, 2, true);
        let plain = needed_mb(&config, 2, false);
        assert_eq!(need, 48 + (3072u64 * 2 * 2432 * 9 / 8).div_ceil(1 << 20));
        assert_eq!(plain, 48 + (3072u64 * 2 * 4096 * 9 / 8).div_ceil(1 << 20));
        assert!(choose(&config, 2, need).unwrap().huge);
        assert_eq!(
            choose(&config, 2, 3).unwrap(),
            Memory { huge: false, mb: plain, lacking: Some((need, 3)) }
        );
        config.hugepages = Hugepages::Yes;
        assert!(matches!(choose(&config, 2, 3), Err(DpdkError::NoHugepages { free: 3, .. })));
        config.hugepages = Hugepages::No;
        assert!(!choose(&config, 2, 9999).unwrap().huge);
        config.memory_mb = 300;
        assert_eq!(choose(&config, 2, 9999).unwrap().mb, 300);
        config = DpdkConfig { buffer_size: 9000, buffers: 100, ..DpdkConfig::default() };
        assert_eq!(needed_mb(&config, 1, false), 48 + (100u64 * 12_288 * 9 / 8).div_ceil(1 << 20));
        config.buffer_size = 1024;
        assert_eq!(needed_mb(&config, 10, false), 48 + (1000u64 * 2048 * 9 / 8).div_ceil(1 << 20));
    }

    #[test]
    fn hugepages_of_all_sizes_are_counted() {
        let dir = tempfile::tempdir().unwrap();
        for (name, free) in [("hugepages-2048kB", "12\n"), ("hugepages-1048576kB", "2\n"), ("other", "9\n")] {
            fs::create_dir(dir.path().join(name)).unwrap();
            fs::write(dir.path().join(name).join("free_hugepages"), free).unwrap();
        }
        assert_eq!(free_hugepages_mb(dir.path()), 24 + 2048);
        assert_eq!(free_hugepages_mb(&dir.path().join("none")), 0);
    }
}
