//! What keeps DPDK from starting or a port from running.

use thiserror::Error;
use weir_capture::SourceError;

/// Each message says where, what, and how to fix it; `Display` in English, [`DpdkError::zh`] in Chinese.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum DpdkError {
    /// DPDK's environment can be started once a process, and cannot be started again after it was stopped.
    #[error("DPDK was already started in this process; it can be started only once, so restart weir instead")]
    AlreadyStarted,
    /// No device was given.
    #[error(
        "no device is given; name a card (dpdk:0000:01:00.0) or a virtual device (dpdk:net_af_packet0,iface=eth0)"
    )]
    NoDevice,
    /// A device's text cannot be read.
    #[error(
        "dpdk device {text:?}: {en}; write dpdk:0000:01:00.0 for a card or dpdk:net_pcap0,rx_pcap=FILE for a virtual device"
    )]
    BadDevice {
        /// As it was given.
        text: String,
        /// What is wrong.
        en: &'static str,
        /// The same in Chinese.
        zh: &'static str,
    },
    /// A figure of the configuration cannot be.
    #[error("{what} is {given}; it must be {least} to {most}")]
    OutOfRange {
        /// The field of [`DpdkConfig`](crate::DpdkConfig).
        what: &'static str,
        /// What it was.
        given: u64,
        /// Least that is allowed.
        least: u64,
        /// Most that is allowed.
        most: u64,
    },
    /// The library loaded is not the one this build was made for.
    #[error(
        "the DPDK library does not fit this build ({0}); build weir again on this machine, or install the DPDK release it was built with"
    )]
    Layout(String),
    /// Hugepages are demanded and not there.
    #[error("hugepages: {need} MiB are needed, {free} MiB are free; get them by `sysctl vm.nr_hugepages={}` as root (at boot: hugepages={} on the kernel's command line), or set hugepages to `auto` or `no`", .need.div_ceil(2), .need.div_ceil(2))]
    NoHugepages {
        /// MiB.
        need: u64,
        /// MiB.
        free: u64,
    },
    /// A card under a uio driver cannot do without hugepages.
    #[error(
        "{address}: under {driver} a card can receive only into hugepages; get some (`sysctl vm.nr_hugepages=512` as root), or bind the card to vfio-pci"
    )]
    CardNeedsHugepages {
        /// PCI address.
        address: String,
        /// The kernel driver.
        driver: String,
    },
    /// There is no such card.
    #[error("{address}: there is no such PCI device; `lspci -D | grep -i ethernet` lists the cards")]
    NoSuchCard {
        /// PCI address.
        address: String,
    },
    /// The kernel still has the card.
    #[error("{address}: the card is {}, so DPDK cannot take it; bind it by `dpdk-devbind.py --bind=vfio-pci {address}` as root (it then vanishes from `ip link`)", held(.driver))]
    DriverNotBound {
        /// PCI address.
        address: String,
        /// The kernel driver, where there is one.
        driver: Option<String>,
    },
    /// EAL refused to start.
    #[error("DPDK does not start: {cause}; its log says: {log}")]
    Start {
        /// DPDK's error.
        cause: String,
        /// The end of DPDK's log.
        log: String,
    },
    /// A device was not taken by any driver.
    #[error(
        "{device}: no DPDK driver took it ({cause}); check its name and arguments, and that the driver's package (librte-net-*) is installed; DPDK's log says: {log}"
    )]
    NotTaken {
        /// The device.
        device: String,
        /// DPDK's error.
        cause: String,
        /// The end of DPDK's log.
        log: String,
    },
    /// More queues are asked for than the port has.
    #[error("{port}: {asked} queues are asked for, {driver} offers {most}; ask for fewer{}", more_by(.driver))]
    TooManyQueues {
        /// The port.
        port: String,
        /// Its driver.
        driver: String,
        /// Queues asked for.
        asked: u16,
        /// Queues there are.
        most: u16,
    },
    /// The driver would spread frames to queues that nobody reads.
    #[error(
        "{port}: {driver} spreads frames over {have} queues and only {asked} would be read; ask for {have}, or give the device fewer"
    )]
    QueuesUnread {
        /// The port.
        port: String,
        /// Its driver.
        driver: String,
        /// Queues asked for.
        asked: u16,
        /// Queues frames arrive in.
        have: u16,
    },
    /// Frames of the device would not fit the buffers.
    #[error(
        "{port}: framesz={frame} is more than a buffer of {buffer} bytes holds; give it at most the buffer size, or raise buffer_size"
    )]
    FrameOverBuffer {
        /// The port.
        port: String,
        /// Bytes of a frame.
        frame: u64,
        /// Bytes of a buffer.
        buffer: u16,
    },
    /// There is no memory for the buffers.
    #[error(
        "no memory for {buffers} buffers of {size} bytes on NUMA node {node}: {cause}; ask for fewer buffers or queues, or provide more hugepages on that node"
    )]
    NoBuffers {
        /// How many.
        buffers: u32,
        /// Bytes each.
        size: u16,
        /// `any`, or the node's number.
        node: String,
        /// DPDK's error.
        cause: String,
    },
    /// A lane hangs in a burst of the port, so the port can be neither stopped nor restarted.
    #[error("{port}: a lane does not come back from a burst, so the port stays as it is; restart weir")]
    LaneHangs {
        /// The port.
        port: String,
    },
    /// A step of a port's start or stop failed.
    #[error("{port}: {step} failed: {cause}{}; DPDK's log says: {log}", after(.then))]
    Port {
        /// The port.
        port: String,
        /// What was being done.
        step: Step,
        /// DPDK's error.
        cause: String,
        /// The end of DPDK's log.
        log: String,
        /// What failed when this failure was cleared away.
        then: Option<String>,
    },
}

/// What was being done with a port.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Asking what it is.
    Inspect,
    /// Setting queues, spreading and offloads.
    Configure,
    /// Setting up a queue.
    Queue(u16),
    /// Switching on promiscuous mode.
    Promiscuous,
    /// Starting it.
    Start,
    /// Stopping it.
    Stop,
    /// Resetting it.
    Reset,
    /// Closing it.
    Close,
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::Inspect => f.write_str("asking what it is"),
            Step::Configure => f.write_str("configuring it"),
            Step::Queue(n) => write!(f, "setting up queue {n}"),
            Step::Promiscuous => f.write_str("switching on promiscuous mode"),
            Step::Start => f.write_str("starting it"),
            Step::Stop => f.write_str("stopping it"),
            Step::Reset => f.write_str("resetting it"),
            Step::Close => f.write_str("closing it"),
        }
    }
}

impl Step {
    /// In Chinese.
    pub fn zh(self) -> String {
        match self {
            Step::Inspect => "查询信息".into(),
            Step::Configure => "配置".into(),
            Step::Queue(n) => format!("建立队列 {n}"),
            Step::Promiscuous => "开启混杂模式".into(),
            Step::Start => "启动".into(),
            Step::Stop => "停止".into(),
            Step::Reset => "复位".into(),
            Step::Close => "关闭".into(),
        }
    }
}

fn held(driver: &Option<String>) -> String {
    driver.as_ref().map_or("bound to no driver".into(), |d| format!("held by the kernel driver {d}"))
}

fn after(then: &Option<String>) -> String {
    then.as_ref().map_or(String::new(), |t| format!("; and then {t}"))
}

/// How a virtual device is told to have more queues: argument, and what it is per queue.
fn queues_argument(driver: &str) -> Option<&'static str> {
    match driver {
        "net_af_packet" => Some("qpairs=N"),
        "net_pcap" => Some("rx_pcap=FILE"),
        "net_vhost" | "virtio_user" | "net_virtio_user" => Some("queues=N"),
        _ => None,
    }
}

fn more_by(driver: &str) -> String {
    queues_argument(driver).map_or(String::new(), |a| format!(", or give the device more by {a}"))
}

impl DpdkError {
    /// This failure with what failed when it was cleared away.
    pub(crate) fn followed_by(self, second: &DpdkError) -> DpdkError {
        match self {
            DpdkError::Port { port, step, cause, log, then: None } => {
                DpdkError::Port { port, step, cause, log, then: Some(second.to_string()) }
            }
            other => other,
        }
    }

    /// The message in Chinese. What DPDK said stays as it is.
    pub fn zh(&self) -> String {
        use DpdkError as E;
        match self {
            E::AlreadyStarted => "本进程已启动过 DPDK；每个进程只能启动一次，请重启 weir".into(),
            E::NoDevice => {
                "未指定设备；请指定网卡（dpdk:0000:01:00.0）或虚拟设备（dpdk:net_af_packet0,iface=eth0）"
                    .into()
            }
            E::BadDevice { text, zh, .. } => format!(
                "dpdk 设备 {text:?}：{zh}；网卡请写 dpdk:0000:01:00.0，虚拟设备请写 dpdk:net_pcap0,rx_pcap=文件"
            ),
            E::OutOfRange { what, given, least, most } => {
                format!("{what} 为 {given}；须在 {least} 至 {most} 之间")
            }
            E::Layout(what) => {
                format!(
                    "DPDK 库与本程序不匹配（{what}）；请在本机重新编译 weir，或安装编译时所用的 DPDK 版本"
                )
            }
            E::NoHugepages { need, free } => {
                let pages = need.div_ceil(2);
                format!(
                    "大页内存：需要 {need} MiB，空闲 {free} MiB；请以 root 执行 sysctl vm.nr_hugepages={pages}（或在内核启动参数中加 hugepages={pages}），或将 hugepages 设为 auto 或 no"
                )
            }
            E::CardNeedsHugepages { address, driver } => format!(
                "{address}：在 {driver} 驱动下网卡只能收包到大页内存；请分配大页（以 root 执行 sysctl vm.nr_hugepages=512），或改绑 vfio-pci"
            ),
            E::NoSuchCard { address } => {
                format!("{address}：没有这个 PCI 设备；可用 lspci -D | grep -i ethernet 列出网卡")
            }
            E::DriverNotBound { address, driver } => {
                let held = driver
                    .as_ref()
                    .map_or("未绑定任何驱动".into(), |d| format!("仍由内核驱动 {d} 占用"));
                format!(
                    "{address}：网卡{held}，DPDK 无法接管；请以 root 执行 dpdk-devbind.py --bind=vfio-pci {address}（此后 ip link 中不再显示该网卡）"
                )
            }
            E::Start { cause, log } => format!("DPDK 无法启动：{cause}；其日志：{log}"),
            E::NotTaken { device, cause, log } => format!(
                "{device}：没有 DPDK 驱动接管它（{cause}）；请检查名称与参数，以及驱动软件包（librte-net-*）是否已安装；DPDK 日志：{log}"
            ),
            E::TooManyQueues { port, driver, asked, most } => {
                let more =
                    queues_argument(driver).map_or(String::new(), |a| format!("，或用 {a} 增加设备的队列"));
                format!("{port}：要求 {asked} 个队列，{driver} 只有 {most} 个；请减少{more}")
            }
            E::QueuesUnread { port, driver, asked, have } => format!(
                "{port}：{driver} 将数据分到 {have} 个队列，却只读取 {asked} 个；请设为 {have} 个，或减少设备的队列"
            ),
            E::FrameOverBuffer { port, frame, buffer } => format!(
                "{port}：framesz={frame} 超出缓冲区的 {buffer} 字节；请不超过缓冲区大小，或调大 buffer_size"
            ),
            E::NoBuffers { buffers, size, node, cause } => format!(
                "NUMA 节点 {node} 上没有内存容纳 {buffers} 个 {size} 字节的缓冲区：{cause}；请减少缓冲区或队列，或在该节点分配更多大页"
            ),
            E::LaneHangs { port } => format!("{port}：有处理通道停在一批数据帧中，端口保持原状；请重启 weir"),
            E::Port { port, step, cause, log, then } => {
                let then = then.as_ref().map_or(String::new(), |t| format!("；随后 {t}"));
                format!("{port}：{}失败：{cause}{then}；DPDK 日志：{log}", step.zh())
            }
        }
    }
}

impl From<DpdkError> for SourceError {
    fn from(error: DpdkError) -> SourceError {
        SourceError::Live { source_name: "dpdk".into(), en: error.to_string(), zh: error.zh() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_to_do_in_both_languages() {
        let e = DpdkError::NoHugepages { need: 101, free: 2 };
        assert!(e.to_string().contains("sysctl vm.nr_hugepages=51"), "{e}");
        assert!(e.zh().contains("sysctl vm.nr_hugepages=51"), "{}", e.zh());
        let e = DpdkError::DriverNotBound { address: "0000:01:00.0".into(), driver: Some("ixgbe".into()) };
        assert!(e.to_string().contains("held by the kernel driver ixgbe"), "{e}");
        assert!(e.zh().contains("仍由内核驱动 ixgbe 占用"), "{}", e.zh());
        let e = DpdkError::Port {
            port: "net_null0".into(),
            step: Step::Queue(3),
            cause: "Invalid argument".into(),
            log: "-".into(),
            then: Some("closing it failed: Device busy".into()),
        };
        assert!(
            e.to_string().contains("setting up queue 3 failed: Invalid argument; and then closing it failed"),
            "{e}"
        );
        assert!(
            e.zh().starts_with("net_null0：建立队列 3失败：Invalid argument；随后 closing"),
            "{}",
            e.zh()
        );
        assert!(matches!(SourceError::from(e), SourceError::Live { .. }));
    }
}
