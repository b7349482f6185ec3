//! The part of the configuration that `weir run` reads.

use crate::failure::Failure;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;

/// `[run]`
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Run {
    /// Where frames come from; `--source` replaces them.
    pub sources: Vec<String>,
    /// Lanes; all cores but one where absent.
    pub lanes: Option<usize>,
    /// Cores of the lanes, in order. Not pinned where there are none.
    pub cores: Vec<usize>,
    /// NUMA node whose cores the lanes are pinned to where `cores` names none.
    pub numa: Option<u32>,
    /// Data directory.
    pub data: Option<PathBuf>,
    /// A lane whose heart did not beat for so long is stuck.
    pub watchdog_seconds: u64,
    /// How often what was learned is written down.
    pub save_seconds: u64,
    /// How often what the next run goes on from is written down.
    pub remember_seconds: u64,
    /// Address of the metrics endpoint, or `off`.
    pub metrics: Option<String>,
}

impl Default for Run {
    fn default() -> Self {
        Run {
            sources: Vec::new(),
            lanes: None,
            cores: Vec::new(),
            numa: None,
            data: None,
            watchdog_seconds: 10,
            save_seconds: 5,
            remember_seconds: 600,
            metrics: None,
        }
    }
}

/// Where metrics are served where nothing else is said: this machine alone can read them.
pub const METRICS: &str = "127.0.0.1:9464";

impl Run {
    /// Address of the metrics endpoint; `None` where it is off.
    pub fn metrics_address(&self) -> Result<Option<SocketAddr>, Failure> {
        let said = self.metrics.as_deref().unwrap_or(METRICS);
        if said == "off" {
            return Ok(None);
        }
        said.parse().map(Some).map_err(|_| {
            wrong(
                "run.metrics",
                &format!("“{said}”不是地址；请写成 127.0.0.1:9464 或 off"),
                &format!("`{said}` is no address; write 127.0.0.1:9464, or off"),
            )
        })
    }
}

/// `[file]`: how `file:` sources are read.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileSource {
    /// A factor of real time (`1x`), or `max`.
    pub pace: String,
}

impl Default for FileSource {
    fn default() -> Self {
        FileSource { pace: "1x".into() }
    }
}

impl FileSource {
    /// The pace; `None` for as fast as can be.
    pub fn factor(&self) -> Result<Option<weir_capture::Pace>, Failure> {
        if self.pace == "max" {
            return Ok(None);
        }
        self.pace.parse().map(Some).map_err(|e: weir_capture::PaceError| {
            wrong("file.pace", &format!("{}，或 max", e.zh()), &format!("{e}, or max"))
        })
    }
}

/// `[bounds]`: capacities of each lane; the crates' own where absent.
#[derive(Clone, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bounds {
    /// TCP flows at a time.
    pub flows: Option<u32>,
    /// Out-of-order bytes of all flows together, in MiB.
    pub out_of_order_mib: Option<u64>,
    /// Out-of-order bytes of one direction of a flow, in KiB.
    pub flow_out_of_order_kib: Option<u32>,
}

/// `[store]`: what is kept of exchanges, and how much.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// Exchanges a second of which each is written; beyond, only notable ones are and the rest is summed up.
    pub rows_per_second: u32,
    /// Size of `weir.db` from which the oldest exchanges are removed, in MiB.
    pub database_mib: u64,
    /// Size of `exchanges.jsonl` from which a new one is begun, in MiB; 0 writes none.
    pub lines_mib: u64,
    /// Full files of it that are kept.
    pub lines_files: u32,
}

impl Default for Store {
    fn default() -> Self {
        let defaults = weir_store::LiveOptions::default();
        Store {
            rows_per_second: defaults.rows_per_second,
            database_mib: defaults.database_bytes >> 20,
            lines_mib: defaults.lines_bytes >> 20,
            lines_files: defaults.lines_files,
        }
    }
}

impl Store {
    /// As the store takes it.
    pub fn options(&self) -> weir_store::LiveOptions {
        weir_store::LiveOptions {
            rows_per_second: self.rows_per_second,
            database_bytes: self.database_mib << 20,
            lines_bytes: self.lines_mib << 20,
            lines_files: self.lines_files,
        }
    }
}

/// Keys with what they mean, as in [`super::KEYS`].
pub const KEYS: &[super::Key] = &[
    (
        "run.sources",
        "数据来源：af_packet:接口、file:抓包文件；--source 取而代之",
        "where frames come from: af_packet:INTERFACE, file:CAPTURE; --source replaces them",
    ),
    ("run.lanes", "处理通道数；缺省为核数减一，至少 1", "lanes; where absent all cores but one, at least 1"),
    (
        "run.cores",
        "各通道依次绑定的核；缺省不绑定",
        "cores that the lanes are pinned to, in order; not pinned where absent",
    ),
    (
        "run.numa",
        "未给出 run.cores 时，将通道绑定到该 NUMA 节点的核",
        "NUMA node to whose cores lanes are pinned where run.cores is absent",
    ),
    (
        "run.data",
        "数据目录；缺省为 $STATE_DIRECTORY，其次 root 用 /var/lib/weir，其他用户用 ~/.local/state/weir",
        "data directory; where absent $STATE_DIRECTORY, else /var/lib/weir for root, ~/.local/state/weir for others",
    ),
    (
        "run.watchdog_seconds",
        "通道多少秒没有动静即视为停滞；缺省 10",
        "seconds without a heartbeat after which a lane is stuck; 10 where absent",
    ),
    (
        "run.save_seconds",
        "每隔多少秒将已知内容落盘；缺省 5",
        "seconds between two commits of what was learned; 5 where absent",
    ),
    (
        "run.remember_seconds",
        "每隔多少秒将接口、账号与基线的全部状态写入 state.weir，供重启后接续；停止时总会写入；缺省 600",
        "seconds between two copies of everything learned (interfaces, accounts, baselines) in state.weir, from which a restart goes on; one is always written at the end; 600 where absent",
    ),
    (
        "run.metrics",
        "Prometheus 指标地址，或 off；缺省 127.0.0.1:9464",
        "address of the Prometheus metrics, or off; 127.0.0.1:9464 where absent",
    ),
    (
        "file.pace",
        "file: 来源的回放速度：1x、10x 或 max；缺省 1x",
        "pace of file: sources: 1x, 10x or max; 1x where absent",
    ),
    ("bounds.flows", "每个通道同时跟踪的 TCP 流上限", "TCP flows a lane holds at a time"),
    (
        "bounds.out_of_order_mib",
        "每个通道全部流的乱序缓存上限（MiB）",
        "out-of-order bytes of all flows of a lane, in MiB",
    ),
    (
        "bounds.flow_out_of_order_kib",
        "一个流每个方向的乱序缓存上限（KiB）",
        "out-of-order bytes of one direction of a flow, in KiB",
    ),
    (
        "store.rows_per_second",
        "每秒逐条保存的接口调用上限；超出时只逐条保存值得注意的，其余按分钟汇总；缺省 3000",
        "exchanges a second that are each written; beyond, only notable ones are and the rest is summed up by the minute; 3000 where absent",
    ),
    (
        "store.database_mib",
        "weir.db 的大小上限（MiB），超出则删除最早的接口调用；缺省 8192",
        "size of weir.db in MiB from which the oldest exchanges are removed; 8192 where absent",
    ),
    (
        "store.lines_mib",
        "exchanges.jsonl 满多少 MiB 换新文件；0 表示不写；缺省 1024",
        "size in MiB from which a new exchanges.jsonl is begun; 0 writes none; 1024 where absent",
    ),
    (
        "store.lines_files",
        "保留几个写满的 exchanges.jsonl；缺省 8",
        "full exchanges.jsonl files that are kept; 8 where absent",
    ),
];

/// What is wrong with a value: where, what, how.
fn wrong(key: &str, zh: &str, en: &str) -> Failure {
    Failure::new(
        format!("配置 {key} 有误：{zh}；见 weir explain {key}"),
        format!("the configuration's {key} is wrong: {en}; see `weir explain {key}`"),
    )
}

/// A whole number outside its range.
fn out_of(key: &str, value: u64, least: u64, most: u64) -> Result<(), Failure> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(wrong(
        key,
        &format!("{value} 须在 {least} 到 {most} 之间"),
        &format!("{value} must be from {least} to {most}"),
    ))
}

/// Refuses what no value can mean, before anything is opened.
pub fn check(run: &Run, file: &FileSource, bounds: &Bounds, store: &Store) -> Result<(), Failure> {
    out_of("run.lanes", run.lanes.unwrap_or(1) as u64, 1, 64)?;
    out_of("run.watchdog_seconds", run.watchdog_seconds, 1, 3_600)?;
    out_of("run.save_seconds", run.save_seconds, 1, 3_600)?;
    out_of("run.remember_seconds", run.remember_seconds, 1, 86_400)?;
    run.metrics_address()?;
    file.factor()?;
    out_of("bounds.flows", bounds.flows.unwrap_or(1 << 20).into(), 1_024, 1 << 28)?;
    out_of("bounds.out_of_order_mib", bounds.out_of_order_mib.unwrap_or(64), 1, 1 << 20)?;
    out_of(
        "bounds.flow_out_of_order_kib",
        bounds.flow_out_of_order_kib.unwrap_or(4_096).into(),
        64,
        1 << 20,
    )?;
    out_of("store.database_mib", store.database_mib, 16, 1 << 30)?;
    out_of("store.lines_mib", store.lines_mib, 0, 1 << 30)?;
    out_of("store.lines_files", store.lines_files.into(), 1, 10_000)
}
