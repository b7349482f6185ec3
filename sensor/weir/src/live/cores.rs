//! Which cores lanes run on, and whether those are theirs alone.

use crate::config::live::Run;
use crate::failure::Failure;
use std::fs;

/// A list of cores as the kernel writes it (`0-3,8`); entries that are none are passed over, 4,096 are read at most.
pub fn list(text: &str) -> Vec<usize> {
    let mut all = Vec::new();
    for part in text.trim().split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        // A stride (`0-10:2/4`) is not used in the files read here.
        let (Ok(from), Ok(to)) = (from.trim().parse::<usize>(), to.trim().parse::<usize>()) else { continue };
        all.extend((from..=to).take(4_096_usize.saturating_sub(all.len())));
    }
    all
}

/// Cores of a file under `/sys`; none where there is no such file.
pub fn listed(path: &str) -> Vec<usize> {
    fs::read_to_string(path).map(|t| list(&t)).unwrap_or_default()
}

/// Cores that this process may use, in order.
pub fn usable() -> Vec<usize> {
    core_affinity::get_core_ids().unwrap_or_default().into_iter().map(|c| c.id).collect()
}

/// Lanes where nothing is said: all cores but one, which is for the analyst, the writer and the kernel.
pub fn default_lanes() -> usize {
    usable().len().saturating_sub(1).clamp(1, 64)
}

/// Cores of the lanes, in order; empty where they are not pinned.
pub fn chosen(run: &Run, lanes: usize) -> Result<Vec<usize>, Failure> {
    let usable = usable();
    if !run.cores.is_empty() {
        if let Some(bad) = run.cores.iter().find(|c| !usable.contains(c)) {
            return Err(Failure::new(
                format!("配置 run.cores 有误：本进程不能使用核 {bad}；可用的有 {usable:?}"),
                format!(
                    "the configuration's run.cores are wrong: core {bad} is not among those this process may use, {usable:?}"
                ),
            ));
        }
        return Ok(run.cores.iter().copied().take(lanes).collect());
    }
    let Some(node) = run.numa else { return Ok(Vec::new()) };
    let mut cores = listed(&format!("/sys/devices/system/node/node{node}/cpulist"));
    cores.retain(|c| usable.contains(c));
    if cores.is_empty() {
        return Err(Failure::new(
            format!("配置 run.numa 有误：节点 {node} 没有本进程可用的核；见 weir doctor"),
            format!(
                "the configuration's run.numa is wrong: node {node} has no core that this process may use; see `weir doctor`"
            ),
        ));
    }
    // The node's first core is left to interrupts and the rest of the sensor where there are enough.
    if cores.len() > lanes {
        cores.remove(0);
    }
    cores.truncate(lanes);
    Ok(cores)
}

/// Of `cores`, those that the kernel schedules other work on.
pub fn shared(cores: &[usize]) -> Vec<usize> {
    let isolated = listed("/sys/devices/system/cpu/isolated");
    cores.iter().copied().filter(|c| !isolated.contains(c)).collect()
}

/// Of `cores`, those on which the timer tick goes on.
pub fn ticking(cores: &[usize]) -> Vec<usize> {
    let tickless = listed("/sys/devices/system/cpu/nohz_full");
    cores.iter().copied().filter(|c| !tickless.contains(c)).collect()
}

/// Pins the calling thread; whether that worked.
pub fn pin(core: usize) -> bool {
    core_affinity::set_for_current(core_affinity::CoreId { id: core })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read() {
        assert_eq!(list("0-3,8\n"), [0, 1, 2, 3, 8]);
        assert!(list("\n").is_empty());
        assert_eq!(list("x,5,9-7"), [5]);
        assert_eq!(list("0-999999999999").len(), 4_096);
        assert!(default_lanes() >= 1);
    }

    #[test]
    fn cores_that_are_not_there_are_refused() {
        let run = Run { cores: vec![100_000], ..Run::default() };
        assert!(chosen(&run, 1).is_err());
        let run = Run { numa: Some(4_000), ..Run::default() };
        assert!(chosen(&run, 1).is_err());
        assert_eq!(chosen(&Run::default(), 4).ok(), Some(vec![]));
    }
}
