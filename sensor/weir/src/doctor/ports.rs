//! Ports under DPDK: link, spreading over queues, losses.

use super::{Check, State, percent, say};
use serde_json::{Value, json};
use weir_dpdk::{PortReport, Symmetry};

/// What each port is like, after it was watched.
pub fn checks(ports: &[PortReport]) -> Vec<Check> {
    ports.iter().flat_map(|p| [link(p), spreading(p), loss(p)]).collect()
}

fn link(port: &PortReport) -> Check {
    let driver = &port.driver;
    let (value, found) = match port.link {
        Some(l) if l.up => (
            json!(l.mbps),
            say(
                format!("{driver}，链路已连通，{} Mbit/s", l.mbps),
                format!("{driver}, the link is up at {} Mbit/s", l.mbps),
            ),
        ),
        Some(_) => (json!(0), say(format!("{driver}，链路断开"), format!("{driver}, the link is down"))),
        None => (
            Value::Null,
            say(format!("{driver}，链路状态未知"), format!("{driver}, the link's state is not known")),
        ),
    };
    Check::new("port.link", &port.name, value, found).stands_if(
        port.link.is_some_and(|l| !l.up),
        State::Bad,
        "检查线缆、对端与镜像会话",
        "check the cable, the far end and the mirror session",
    )
}

fn spreading(port: &PortReport) -> Check {
    let (zh, en, bad) = match port.symmetry {
        Symmetry::OneQueue => ("单队列", "one queue", false),
        Symmetry::Key => ("对称密钥，已读回", "a symmetric key, read back", false),
        Symmetry::Card => ("网卡对称散列", "the card's symmetric hash", false),
        Symmetry::Driver => ("由驱动自行分配", "the driver's own way", false),
        Symmetry::Unconfirmed => ("对称密钥无法读回", "a symmetric key that cannot be read back", true),
        Symmetry::No => ("不对称", "not symmetric", true),
    };
    let shares = port.redirection.as_ref().map(|t| t.shares(port.queues));
    let uneven = port.redirection.as_ref().is_some_and(|t| !t.is_even(port.queues));
    let table = shares.as_ref().map_or(String::new(), |s| format!(" {s:?}"));
    let found = say(
        format!("{} 个队列（可有 {}）：{zh}{table}", port.queues, port.queues_offered),
        format!("{} of {} queues: {en}{table}", port.queues, port.queues_offered),
    );
    let check =
        Check::new("port.spreading", &port.name, json!({ "queues": port.queues, "entries": shares }), found);
    check.stands_if(
        bad || uneven,
        State::Warn,
        "同一流的两个方向可能分离，或各队列不均：改用单通道（--lanes 1）",
        "directions of a flow may part, or queues are uneven: use one lane (--lanes 1)",
    )
}

fn loss(port: &PortReport) -> Check {
    let (lost, all) = (port.dropped, port.frames + port.dropped);
    let found = say(
        format!(
            "丢失 {lost} 帧（{}%），损坏 {} 帧，校验和有误 {} 帧",
            percent(lost, all),
            port.damaged,
            port.bad_checksums
        ),
        format!(
            "{lost} frames lost ({} %), {} damaged, {} with a wrong checksum",
            percent(lost, all),
            port.damaged,
            port.bad_checksums
        ),
    );
    Check::new("port.loss", &port.name, json!({ "dropped": lost, "damaged": port.damaged }), found).stands_if(
        lost > 0,
        State::Warn,
        "增加通道，或调大 dpdk.descriptors 与 dpdk.buffers",
        "add lanes, or raise dpdk.descriptors and dpdk.buffers",
    )
}
