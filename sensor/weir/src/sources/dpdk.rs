//! `dpdk:` sources: cards and virtual devices through DPDK.

use super::{LaneSource, wrong};
use crate::config::dpdk::Dpdk;
use crate::failure::Failure;
use weir_capture::SourceError;
use weir_dpdk::{Device, DpdkError, Runtime};

/// What `dpdk:` names.
pub(super) fn read(spec: &str) -> Result<Device, Failure> {
    Device::parse(spec).map_err(failed)
}

/// DPDK with all its devices started, and every queue with its number within its port.
pub(super) fn open(
    devices: Vec<Device>,
    lanes: usize,
    config: &Dpdk,
) -> Result<(Runtime, Vec<(usize, LaneSource)>), Failure> {
    let runtime = Runtime::start(&config.config(devices, lanes)).map_err(failed)?;
    let queues = runtime.queues().into_iter().map(|q| (usize::from(q.index()), Box::new(q) as LaneSource));
    let queues = queues.collect();
    Ok((runtime, queues))
}

fn failed(e: DpdkError) -> Failure {
    wrong(&SourceError::from(e))
}
