//! Cores, memory, clock and rights.

use super::{Check, State, say};
use crate::live;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Bit of CAP_NET_RAW and CAP_IPC_LOCK in the kernel's masks (`linux/capability.h`).
const NET_RAW: u32 = 13;
const IPC_LOCK: u32 = 14;
/// Memory of one lane with its default bounds and full tables, roughly.
const LANE_BYTES: u64 = 1 << 30;

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok().map(|t| t.trim().to_string())
}

/// A field of a file like `/proc/meminfo`: the first word behind `name:`.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let rest = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'))?;
    rest.split_whitespace().next().map(str::to_string)
}

/// Every check of the machine as a whole.
pub fn checks(lanes: usize) -> Vec<Check> {
    let mut all = vec![cores(lanes), isolation(), governor(), numa()];
    all.extend([huge_pages(), transparent_pages(), memory(lanes), clock(), synchronised()]);
    all.extend([capabilities(), dpdk()]);
    all
}

fn cores(lanes: usize) -> Check {
    let usable = live::usable().len();
    let found =
        say(format!("可用 {usable} 核，{lanes} 个处理通道"), format!("{usable} cores usable, {lanes} lanes"));
    Check::new("machine.cores", "", usable, found).stands_if(
        usable <= lanes,
        State::Warn,
        "通道、分析与写入线程将争用核；请减少 --lanes 或增加核",
        "lanes, analyst and writer share cores; use fewer --lanes, or more cores",
    )
}

fn isolation() -> Check {
    let isolated = live::listed("/sys/devices/system/cpu/isolated");
    let tickless = live::listed("/sys/devices/system/cpu/nohz_full");
    let found = say(
        format!("隔离 {} 核，免定时中断 {} 核", isolated.len(), tickless.len()),
        format!("{} cores isolated, {} without timer tick", isolated.len(), tickless.len()),
    );
    let check = Check::new("machine.isolation", "", isolated.len(), found);
    if isolated.is_empty() {
        return check.stands(
            State::Note,
            say(
                "10 Gbit/s 以上时建议内核参数 isolcpus= 与 nohz_full= 隔离通道所用的核，并在 run.cores 中列出",
                "above 10 Gbit/s, isolate the lanes' cores by the kernel's isolcpus= and nohz_full=, and list them in run.cores",
            ),
        );
    }
    check
}

fn governor() -> Check {
    match read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") {
        Some(g) => {
            let found = say(format!("频率策略 {g}"), format!("frequency governor {g}"));
            let slow = g != "performance";
            Check::new("machine.governor", "", g, found).stands_if(
                slow,
                State::Warn,
                "突发到来时核可能仍在低频；执行 cpupower frequency-set -g performance",
                "cores may still be slow when a burst comes; run `cpupower frequency-set -g performance`",
            )
        }
        None => {
            let found = say("频率由虚拟机监控器或固件决定", "frequency is set by the hypervisor or firmware");
            Check::new("machine.governor", "", Value::Null, found).noted()
        }
    }
}

fn numa() -> Check {
    let nodes = live::listed("/sys/devices/system/node/online").len().max(1);
    let found = say(format!("{nodes} 个 NUMA 节点"), format!("{nodes} NUMA nodes"));
    Check::new("machine.numa", "", nodes, found).stands_if(
        nodes > 1,
        State::Note,
        "请用 run.numa 将通道放在网卡所在的节点（见 interface.numa）",
        "put the lanes on the card's node by run.numa (see interface.numa)",
    )
}

fn huge_pages() -> Check {
    let number = |name| field("/proc/meminfo", name).and_then(|t| t.parse::<u64>().ok()).unwrap_or(0);
    let (total, free, kib) = (number("HugePages_Total"), number("HugePages_Free"), number("Hugepagesize"));
    let found = say(
        format!("大页 {total} 个（空闲 {free}），每个 {kib} KiB"),
        format!("{total} huge pages ({free} free) of {kib} KiB"),
    );
    Check::new("machine.hugepages", "", free, found).stands_if(
        free == 0,
        State::Note,
        "使用 DPDK 时：echo 1024 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
        "for DPDK: echo 1024 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
    )
}

fn transparent_pages() -> Check {
    let text = read("/sys/kernel/mm/transparent_hugepage/enabled").unwrap_or_default();
    let set = text
        .split_whitespace()
        .find_map(|w| w.strip_prefix('[')?.strip_suffix(']'))
        .unwrap_or("?")
        .to_string();
    let found = say(format!("透明大页 {set}"), format!("transparent huge pages: {set}"));
    let never = set == "never";
    Check::new("machine.thp", "", set, found).stands_if(
        never,
        State::Warn,
        "流表将用 4 KiB 页，流多时变慢；echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
        "flow tables get 4 KiB pages and slow down with many flows; echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
    )
}

fn memory(lanes: usize) -> Check {
    let kib = field("/proc/meminfo", "MemAvailable").and_then(|t| t.parse::<u64>().ok()).unwrap_or(0);
    let (free, wanted) = (kib << 10, LANE_BYTES * lanes as u64 + (1 << 30));
    let found = say(
        format!("可用内存 {:.1} GiB", free as f64 / f64::from(1 << 30)),
        format!("{:.1} GiB of memory available", free as f64 / f64::from(1 << 30)),
    );
    Check::new("machine.memory", "", free, found).stands_if(
        free < wanted,
        State::Warn,
        "表满时每个通道约需 1 GiB，其余约 1 GiB；请减少 --lanes 或 bounds.flows",
        "with full tables each lane takes about 1 GiB, the rest about 1 GiB; use fewer --lanes or a smaller bounds.flows",
    )
}

fn clock() -> Check {
    let source = read("/sys/devices/system/clocksource/clocksource0/current_clocksource")
        .unwrap_or_else(|| "?".into());
    let found = say(format!("时钟源 {source}"), format!("clock source {source}"));
    let slow =
        !["tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page"].contains(&source.as_str());
    Check::new("machine.clocksource", "", source, found).stands_if(
        slow,
        State::Warn,
        "读时钟较慢；若处理器的 TSC 稳定，用内核参数 clocksource=tsc",
        "reading this clock is slow; where the processor's TSC is stable use the kernel's clocksource=tsc",
    )
}

fn synchronised() -> Check {
    let timesync = Path::new("/run/systemd/timesync/synchronized").exists();
    let daemon = ["chronyd", "ntpd", "ptp4l", "phc2sys"].into_iter().find(|name| runs(name));
    match (timesync, daemon) {
        (true, _) => Check::new("machine.time", "", true, say("时间已同步", "the time is synchronised")),
        (false, Some(name)) => {
            let found = say(format!("{name} 在运行"), format!("{name} is running"));
            Check::new("machine.time", "", true, found)
        }
        (false, None) => {
            let found = say("未见时间同步", "nothing seen that keeps the time");
            let change = say(
                "记录的时间取自本机时钟；请启用 chrony 或 systemd-timesyncd",
                "records carry this machine's time; enable chrony or systemd-timesyncd",
            );
            Check::new("machine.time", "", false, found).stands(State::Warn, change)
        }
    }
}

/// Whether a process of that name runs.
fn runs(name: &str) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.take(65_536).any(|p| fs::read_to_string(p.path().join("comm")).is_ok_and(|c| c.trim() == name))
}

fn capabilities() -> Check {
    let mask =
        field("/proc/self/status", "CapEff").and_then(|t| u64::from_str_radix(&t, 16).ok()).unwrap_or(0);
    let has = |bit: u32| mask & (1 << bit) != 0;
    let yes = |b: bool| if b { ("有", "yes") } else { ("无", "no") };
    let (raw, lock) = (yes(has(NET_RAW)), yes(has(IPC_LOCK)));
    let found = say(
        format!("CAP_NET_RAW {}，CAP_IPC_LOCK {}", raw.0, lock.0),
        format!("CAP_NET_RAW {}, CAP_IPC_LOCK {}", raw.1, lock.1),
    );
    Check::new("machine.capabilities", "", has(NET_RAW), found).stands_if(
        !has(NET_RAW),
        State::Warn,
        "读取接口需要该权限：以 root 运行，或 setcap cap_net_raw,cap_net_admin,cap_ipc_lock+ep $(command -v weir)",
        "reading interfaces takes it: run as root, or setcap cap_net_raw,cap_net_admin,cap_ipc_lock+ep $(command -v weir)",
    )
}

fn dpdk() -> Check {
    let folders = [
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib64",
        "/usr/local/lib",
        "/usr/lib",
    ];
    let is = |name: &str| name.starts_with("librte_eal.so.");
    let library = folders.iter().flat_map(|f| fs::read_dir(f).into_iter().flatten().flatten());
    let mut names: Vec<String> =
        library.filter_map(|e| e.file_name().into_string().ok()).filter(|n| is(n)).collect();
    names.sort();
    let found = match names.first() {
        Some(name) => say(format!("本机有 DPDK（{name}）"), format!("DPDK is on this machine ({name})")),
        None => say("本机没有 DPDK", "no DPDK on this machine"),
    };
    Check::new("machine.dpdk", "", names.first().cloned().map_or(Value::Null, Value::from), found).stands_if(
        names.is_empty(),
        State::Note,
        "10 Gbit/s 以内 AF_PACKET 足够；以上请安装 DPDK（apt install dpdk）",
        "AF_PACKET does up to about 10 Gbit/s; above, install DPDK (apt install dpdk)",
    )
}
