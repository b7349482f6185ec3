//! Interfaces and their cards.

use super::{Check, State, say};
use serde_json::Value;
use std::fs;
use weir_capture::{InterfaceReport, OffloadState, interface_report};

/// Descriptors that a burst of 2 ms at 10 Gbit/s wants.
const RING: u32 = 4_096;

/// Interfaces other than the loopback, in order of names.
pub fn names() -> Vec<String> {
    let entries = fs::read_dir("/sys/class/net").into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|e| e.file_name().into_string().ok()).filter(|n| n != "lo").collect();
    names.sort();
    names
}

/// The checks of one interface that `lanes` lanes are to read.
pub fn checks(name: &str, lanes: usize) -> Vec<Check> {
    match interface_report(name) {
        Ok(report) => of(&report, lanes),
        Err(e) => {
            let change = say("现有接口见 ip link show", "`ip link show` lists the interfaces there are");
            vec![
                Check::new("interface.link", name, Value::Null, say(e.zh(), e.to_string()))
                    .stands(State::Bad, change),
            ]
        }
    }
}

fn of(r: &InterfaceReport, lanes: usize) -> Vec<Check> {
    let mut all = vec![link(r), driver(r), merging(r)];
    all.extend(queues(r, lanes));
    all.extend(ring(r));
    all.extend(hash(r));
    all.extend(r.numa_node.map(|node| {
        let found = say(format!("网卡位于 NUMA 节点 {node}"), format!("the card is at NUMA node {node}"));
        Check::new("interface.numa", &r.name, node, found).noted()
    }));
    all.extend(missed(r));
    all
}

fn link(r: &InterfaceReport) -> Check {
    let speed = r.speed.map_or_else(String::new, |s| format!(", {s} Mbit/s"));
    let found = if r.link {
        say(format!("已连接{speed}"), format!("up{speed}"))
    } else {
        say("未启用或无载波", "down, or without carrier")
    };
    let change = (
        format!("ip link set {0} up；检查线缆与镜像口", r.name),
        format!("ip link set {0} up; check cable and mirror port", r.name),
    );
    Check::new("interface.link", &r.name, r.link, found).stands_if(!r.link, State::Warn, &change.0, &change.1)
}

fn driver(r: &InterfaceReport) -> Check {
    let name = r.driver.clone().unwrap_or_else(|| "?".into());
    let stamps = match r.hardware_time {
        Some(true) => (
            "，可用硬件时间戳（af_packet:…,hardware-time=yes）",
            ", can stamp frames itself (af_packet:...,hardware-time=yes)",
        ),
        _ => ("", ""),
    };
    let found = say(format!("驱动 {name}{}", stamps.0), format!("driver {name}{}", stamps.1));
    Check::new("interface.driver", &r.name, name, found).noted()
}

/// Whether frames are merged before they are seen.
fn merging(r: &InterfaceReport) -> Check {
    let on: Vec<&str> = [("gro", r.generic_receive), ("lro", r.large_receive)]
        .iter()
        .filter(|(_, s)| *s == OffloadState::On)
        .map(|(n, _)| *n)
        .collect();
    let found = if on.is_empty() {
        say("没有合并报文的卸载", "no offload merges packets")
    } else {
        say(
            format!("{} 会把多个报文合并为一帧", on.join("、")),
            format!("{} merges packets into one frame", on.join(" and ")),
        )
    };
    let off: Vec<String> = on.iter().map(|n| format!("{n} off")).collect();
    let command = format!("ethtool -K {} {}", r.name, off.join(" "));
    Check::new("interface.merging", &r.name, on.join(","), found).stands_if(
        !on.is_empty(),
        State::Warn,
        &format!("帧数与时间将与线路不符；执行 {command}"),
        &format!("frames and their times are not those of the wire; run `{command}`"),
    )
}

fn queues(r: &InterfaceReport, lanes: usize) -> Option<Check> {
    let now = r.queues?;
    let most = r.most_queues.unwrap_or(now);
    let found = say(format!("{now} 个接收队列，最多 {most}"), format!("{now} receive queues of {most}"));
    let few = (now as usize) < lanes && now < most;
    let wanted = (lanes as u32).min(most);
    Some(Check::new("interface.queues", &r.name, now, found).stands_if(
        few,
        State::Warn,
        &format!("队列少于通道，内核只在少数核上收包；执行 ethtool -L {} combined {wanted}", r.name),
        &format!("fewer queues than lanes: the kernel receives on few cores; run `ethtool -L {} combined {wanted}`", r.name),
    ))
}

fn ring(r: &InterfaceReport) -> Option<Check> {
    let (now, most) = (r.ring?, r.most_ring?);
    let found = say(
        format!("接收环 {now} 个描述符，最多 {most}"),
        format!("receive ring of {now} descriptors, at most {most}"),
    );
    Some(Check::new("interface.ring", &r.name, now, found).stands_if(
        now < most.min(RING),
        State::Warn,
        &format!("突发时网卡会丢帧；执行 ethtool -G {} rx {}", r.name, most.min(RING)),
        &format!("the card drops frames in bursts; run `ethtool -G {} rx {}`", r.name, most.min(RING)),
    ))
}

fn hash(r: &InterfaceReport) -> Option<Check> {
    let symmetric = r.symmetric_hash()?;
    let found = if symmetric {
        say("接收散列对两个方向相同", "the receive hash is the same in both directions")
    } else {
        say(
            "接收散列两个方向不同；AF_PACKET 自行分流，不受影响",
            "the receive hash differs by direction; AF_PACKET shares by its own",
        )
    };
    let check = Check::new("interface.hash", &r.name, symmetric, found);
    Some(if symmetric { check } else { check.noted() })
}

fn missed(r: &InterfaceReport) -> Option<Check> {
    let missed = r.missed?;
    let found = say(
        format!("网卡启动以来因无空位丢弃 {missed} 帧"),
        format!("{missed} frames lost by the card for want of room since it is up"),
    );
    Some(Check::new("interface.missed", &r.name, missed, found).stands_if(
        missed > 0,
        State::Warn,
        "加大接收环，并为通道留出独立的核",
        "enlarge the receive ring, and give the lanes cores of their own",
    ))
}
