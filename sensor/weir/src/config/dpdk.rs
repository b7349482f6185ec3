//! `[dpdk]`: how `dpdk:` sources are received; only where weir was built with the feature `dpdk`.

use serde::Deserialize;
use weir_dpdk::{Device, DpdkConfig, Hugepages};

/// `[dpdk]`
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dpdk {
    /// Descriptors a queue.
    pub descriptors: u16,
    /// Buffers a queue; 0 for what its descriptors and lanes need.
    pub buffers: u32,
    /// Bytes of a frame that one buffer takes.
    pub buffer_size: u16,
    /// Largest payload of a frame accepted.
    pub mtu: u16,
    /// Whether to use hugepages.
    pub hugepages: Pages,
}

/// `dpdk.hugepages`
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pages {
    /// Refuse to start without.
    Yes,
    /// Do without.
    No,
    /// Use them where there are enough.
    Auto,
}

impl Default for Dpdk {
    fn default() -> Self {
        let d = DpdkConfig::default();
        let (descriptors, buffers, buffer_size, mtu) = (d.descriptors, d.buffers, d.buffer_size, d.mtu);
        Dpdk { descriptors, buffers, buffer_size, mtu, hugepages: Pages::Auto }
    }
}

impl Dpdk {
    /// As the crate takes it. Cards get a queue a lane; virtual devices have as many as they were told to.
    pub fn config(&self, devices: Vec<Device>, lanes: usize) -> DpdkConfig {
        let cards = devices.iter().any(|d| matches!(d, Device::Pci { .. }));
        DpdkConfig {
            devices,
            queues: if cards { u16::try_from(lanes).unwrap_or(u16::MAX) } else { 0 },
            descriptors: self.descriptors,
            buffers: self.buffers,
            buffer_size: self.buffer_size,
            mtu: self.mtu,
            hugepages: match self.hugepages {
                Pages::Yes => Hugepages::Yes,
                Pages::No => Hugepages::No,
                Pages::Auto => Hugepages::Auto,
            },
            ..DpdkConfig::default()
        }
    }
}

/// Keys with what they mean, as in [`super::KEYS`].
pub const KEYS: &[super::Key] = &[
    (
        "dpdk.descriptors",
        "网卡每个队列的描述符数；缺省 1024",
        "descriptors of each of a card's queues; 1024 where absent",
    ),
    (
        "dpdk.buffers",
        "每个队列的缓冲区数；缺省按描述符数推算",
        "buffers of each queue; reckoned from the descriptors where absent",
    ),
    (
        "dpdk.buffer_size",
        "每个缓冲区容纳的帧字节数；缺省 2048",
        "bytes of a frame that a buffer takes; 2048 where absent",
    ),
    (
        "dpdk.mtu",
        "网卡接收的最大载荷；缺省 1600",
        "largest payload of a frame that a card accepts; 1600 where absent",
    ),
    (
        "dpdk.hugepages",
        "大页内存：yes（没有则不启动）、no、auto（足够则用）；缺省 auto",
        "hugepages: yes (refuse to start without), no, auto (where there are enough); auto where absent",
    ),
];
