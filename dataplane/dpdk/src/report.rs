//! What a port is and how it does, for people; and what happened to it.

use crate::{DpdkError, Link, Redirection, Symmetry};
use std::fmt;

/// A port as it was set up and as it does now.
#[derive(Clone, PartialEq, Debug)]
pub struct PortReport {
    /// Its name: a PCI address, or the virtual device's.
    pub name: String,
    /// The DPDK driver.
    pub driver: String,
    /// The NUMA node it is on, where there is one.
    pub numa: Option<u32>,
    /// Its link; none where the driver cannot tell.
    pub link: Option<Link>,
    /// Whether it receives: started, and neither removed nor failed.
    pub running: bool,
    /// Receive queues.
    pub queues: u16,
    /// Queues the driver could offer.
    pub queues_offered: u16,
    /// Descriptors a queue.
    pub descriptors: u16,
    /// Largest payload accepted.
    pub mtu: u16,
    /// Whether frames for others are received.
    pub promiscuous: bool,
    /// How both directions of a flow come to one queue.
    pub symmetry: Symmetry,
    /// The hash key, as it was read back.
    pub key: Option<Vec<u8>>,
    /// The table from hash to queue, as it was read back.
    pub redirection: Option<Redirection>,
    /// Offloads in use: `checksum`, `vlan-strip`, `scatter`, `timestamp`.
    pub offloads: Vec<&'static str>,
    /// Where frames' times come from: `host`, `file` or `card`.
    pub times: &'static str,
    /// Buffers of its pool, which ports of one NUMA node share.
    pub buffers: u32,
    /// Of those, free now.
    pub buffers_free: u32,
    /// Frames lent.
    pub frames: u64,
    /// Frames lost for want of descriptors or buffers.
    pub dropped: u64,
    /// Frames the card refused.
    pub damaged: u64,
    /// Frames whose checksum the card found wrong; they were lent.
    pub bad_checksums: u64,
    /// Frames that came in several segments and were copied together.
    pub copied: u64,
    /// Times it was restarted.
    pub restarts: u64,
    /// The driver's own counters that are not zero.
    pub counters: Vec<(String, u64)>,
}

/// What happened to a port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Told {
    LinkDown,
    LinkUp { mbps: u32 },
    NoBuffers { loses: bool },
    Restarting,
    Restarted,
    RestartFailed(DpdkError),
    Removed,
    WithoutHugepages { need: u64, free: u64 },
    Asymmetric,
    KeyUnread,
    Uneven { shares: Vec<u32> },
    NotPromiscuous { why: String },
    ClockJumped,
    TimesDisbelieved,
    NoCache,
    CutFrames,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Told::LinkDown => f.write_str("the link went down; check the cable, the far end and the mirror session"),
            Told::LinkUp { mbps: 0 } => f.write_str("the link came up"),
            Told::LinkUp { mbps } => write!(f, "the link came up at {mbps} Mbit/s"),
            Told::NoBuffers { loses: true } => {
                f.write_str("frames were lost because no buffer was free; raise `buffers`")
            }
            Told::NoBuffers { loses: false } => {
                f.write_str("frames had to wait because no buffer was free; raise `buffers`")
            }
            Told::Restarting => f.write_str("the port is being restarted: its card or the operator asked for it"),
            Told::Restarted => f.write_str("the port was restarted and receives again"),
            Told::RestartFailed(why) => write!(f, "the port could not be restarted and is tried again: {why}"),
            Told::Removed => f.write_str("the card was removed; nothing more can be received from it"),
            Told::WithoutHugepages { need, free } => write!(
                f,
                "running without hugepages ({need} MiB are needed, {free} MiB are free), slower by about a quarter; get them by \
                 `sysctl vm.nr_hugepages={}` as root and start again",
                need.div_ceil(2)
            ),
            Told::Asymmetric => f.write_str(
                "the card did not take the symmetric hash key: the two directions of a flow may reach different queues; use one queue",
            ),
            Told::KeyUnread => {
                f.write_str("the hash key was set and cannot be read back; whether both directions of a flow meet is unconfirmed")
            }
            Told::Uneven { shares } => write!(f, "the card spreads unevenly over the queues (table entries: {shares:?})"),
            Told::NotPromiscuous { why } => {
                write!(f, "promiscuous mode cannot be had ({why}): only frames for this port are seen")
            }
            Told::ClockJumped => f.write_str("the system's clock jumped by half a second or more; times of frames jumped with it"),
            Told::TimesDisbelieved => {
                f.write_str("the card's times are more than two seconds off; the host's are used where they are")
            }
            Told::NoCache => f.write_str("no place left in DPDK for this thread; its buffers come from the shared ring, more slowly"),
            Told::CutFrames => f.write_str("a frame longer than 64 KiB was cut"),
        }
    }
}

impl Told {
    /// In Chinese.
    pub(crate) fn zh(&self) -> String {
        match self {
            Told::LinkDown => "链路断开；请检查线缆、对端与镜像会话".into(),
            Told::LinkUp { mbps: 0 } => "链路已连通".into(),
            Told::LinkUp { mbps } => format!("链路已连通，{mbps} Mbit/s"),
            Told::NoBuffers { loses: true } => "没有空闲缓冲区，丢失了数据帧；请调大 buffers".into(),
            Told::NoBuffers { loses: false } => "没有空闲缓冲区，数据帧需等待；请调大 buffers".into(),
            Told::Restarting => "正在重启端口：网卡要求复位，或由人工触发".into(),
            Told::Restarted => "端口已重启，恢复收包".into(),
            Told::RestartFailed(why) => format!("端口无法重启，将继续尝试：{}", why.zh()),
            Told::Removed => "网卡已被移除，无法再收包".into(),
            Told::WithoutHugepages { need, free } => format!(
                "未使用大页内存（需要 {need} MiB，空闲 {free} MiB），约慢四分之一；请以 root 执行 sysctl vm.nr_hugepages={} 后重新启动",
                need.div_ceil(2)
            ),
            Told::Asymmetric => {
                "网卡未接受对称散列密钥：同一流的两个方向可能进入不同队列；请只用一个队列".into()
            }
            Told::KeyUnread => "散列密钥已设置但无法读回；同一流的两个方向是否进入同一队列未经证实".into(),
            Told::Uneven { shares } => format!("网卡在各队列间分配不均（表项数：{shares:?}）"),
            Told::NotPromiscuous { why } => format!("无法开启混杂模式（{why}）：只能看到发往本端口的数据帧"),
            Told::ClockJumped => "系统时钟跳变达半秒以上；数据帧的时间随之跳变".into(),
            Told::TimesDisbelieved => "网卡时间偏差超过两秒，对这些帧改用主机时间".into(),
            Told::NoCache => "DPDK 已无位置登记本线程；其缓冲区取自共享环，速度较慢".into(),
            Told::CutFrames => "有超过 64 KiB 的数据帧被截短".into(),
        }
    }
}
