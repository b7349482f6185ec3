//! What to start DPDK with.

use crate::Device;

/// Ports, queues and memory. `Default` has no device and is otherwise fit for a 10 Gbit/s port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DpdkConfig {
    /// Cards and virtual devices, in the order in which their ports are reported.
    pub devices: Vec<Device>,
    /// Receive queues a port. 0: as many as a virtual device was told to have, and one of a card.
    pub queues: u16,
    /// Descriptors a queue: how many frames the card may hold ready. Rounded to what the driver takes.
    pub descriptors: u16,
    /// Buffers a queue. 0: twice the descriptors and a reserve for what the lanes hold. (`net_pcap` with `infinite_rx` keeps
    /// its whole file in buffers.)
    pub buffers: u32,
    /// Bytes of a frame that one buffer takes (at least 1,024). Longer frames come in several and are copied together.
    pub buffer_size: u16,
    /// Largest payload of a frame that the card shall accept; brought into the driver's range. The default leaves room for
    /// the outer headers of a mirror's tunnel and still fits one buffer. More than a buffer holds makes many drivers slow.
    pub mtu: u16,
    /// Whether to use hugepages.
    pub hugepages: Hugepages,
    /// Memory to set aside at the start in MiB. 0: what the buffers need.
    pub memory_mb: u32,
    /// Receive frames whatever address they are for. A mirror port needs it.
    pub promiscuous: bool,
}

impl Default for DpdkConfig {
    fn default() -> Self {
        DpdkConfig {
            devices: Vec::new(),
            queues: 0,
            descriptors: 1024,
            buffers: 0,
            buffer_size: 2048,
            mtu: 1600,
            hugepages: Hugepages::Auto,
            memory_mb: 0,
            promiscuous: true,
        }
    }
}

/// Whether to use hugepages.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Hugepages {
    /// Refuse to start without.
    Yes,
    /// Do without; slower by about a quarter, and impossible for a card under a uio driver.
    No,
    /// Use them where enough are free; otherwise do without and say so.
    #[default]
    Auto,
}

/// Buffers one lane's cache and its lent burst may keep from the others, and what a driver sets aside.
const RESERVE: u32 = 1024;

impl DpdkConfig {
    /// Buffers a queue gets.
    pub(crate) fn buffers_per_queue(&self) -> u32 {
        let rings = self.devices.iter().map(Device::ring).max().unwrap_or(0);
        match self.buffers {
            0 => rings.max(self.descriptors.into()) * 2 + RESERVE,
            n => n,
        }
    }
}
