//! The bounds a user may meet, as the crates have them, for `weir explain bounds`.

use crate::pipeline::RING;

/// What a bound counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Seconds of packet time.
    Seconds,
}

/// A bound: its name, value and meaning.
pub struct Bound {
    /// `stage.what`.
    pub name: &'static str,
    /// How much.
    pub value: u64,
    /// Of what.
    pub unit: Unit,
    /// What happens there, in Chinese.
    pub zh: &'static str,
    /// What happens there, in English.
    pub en: &'static str,
}

impl Bound {
    /// The value with its unit.
    pub fn amount(&self) -> String {
        match self.unit {
            Unit::Count => self.value.to_string(),
            Unit::Seconds => format!("{} s", self.value),
            Unit::Bytes => {
                let units = ["B", "KiB", "MiB", "GiB"];
                let mut shown = (self.value, 0);
                while shown.0 >= 1024 && shown.0 % 1024 == 0 && shown.1 + 1 < units.len() {
                    shown = (shown.0 / 1024, shown.1 + 1);
                }
                format!("{} {}", shown.0, units.get(shown.1).unwrap_or(&"B"))
            }
        }
    }
}

/// Every bound, in the order of the pipeline. Those of decoding, streams and bodies hold for each lane.
pub fn all() -> Vec<Bound> {
    let mut all = Vec::new();
    decode(&mut all);
    stream(&mut all);
    inspect(&mut all);
    lane(&mut all);
    learned(&mut all);
    all
}

/// Adds bounds: name, value, unit, Chinese, English.
macro_rules! add {
    ($all:ident: $($name:literal = $value:expr, $unit:ident, $zh:literal, $en:literal;)+) => {
        $($all.push(Bound { name: $name, value: $value, unit: Unit::$unit, zh: $zh, en: $en });)+
    };
}

fn decode(all: &mut Vec<Bound>) {
    let c = weir_decode::Config::default();
    let f = c.fragments;
    add! { all:
        "decode.headers" = c.headers.into(), Count,
            "一帧的头部、标签与标记层数上限；超出者记为过深", "headers, tags and labels of a frame; deeper ones are booked as too deep";
        "decode.fragments.datagrams" = f.datagrams as u64, Count,
            "同时重组的分片数据报上限；最旧者让位", "datagrams put together from fragments at a time; the oldest makes room";
        "decode.fragments.bytes" = f.bytes as u64, Bytes,
            "分片重组占用的字节上限；最旧者让位", "bytes held for them; the oldest make room";
        "decode.fragments.timeout" = f.timeout.as_nanos() / 1_000_000_000, Seconds,
            "未集齐的数据报保留时间", "how long an unfinished datagram is kept";
    }
}

fn stream(all: &mut Vec<Bound>) {
    let c = weir_stream::Config::default();
    let seconds = |d: weir_wire::Duration| d.as_nanos() / 1_000_000_000;
    add! { all:
        "stream.flows" = c.flows.into(), Count,
            "同时跟踪的 TCP 流上限；满则淘汰空闲者，无空闲者则新流记为无流可用", "TCP flows at a time; idle ones make room, and where none is idle a new flow is booked as without a place";
        "stream.side_bytes" = c.side_bytes.into(), Bytes,
            "一个流每个方向的乱序缓存上限；超出部分记为缺失", "out-of-order bytes of one direction of a flow; what passes it is lost and counted";
        "stream.total_bytes" = c.total_bytes, Bytes,
            "全部流的乱序缓存上限", "out-of-order bytes of all flows together";
        "stream.established" = seconds(c.established), Seconds,
            "空闲流的保留时间；之后再有数据则从中途接续", "how long an idle flow is kept; one that speaks again is picked up mid-stream";
        "stream.hole_patience" = seconds(c.hole_patience), Seconds,
            "等待无人确认的缺失数据的时间，之后记为缺失", "how long missing bytes that nobody acknowledges are waited for; then they are a gap";
    }
}

fn inspect(all: &mut Vec<Bound>) {
    let c = weir_inspect::Config::default();
    add! { all:
        "inspect.window" = c.window as u64, Bytes,
            "正文逐窗扫描的窗口；更长的正文分窗读完", "body bytes gathered and scanned at a time; longer bodies are read window by window";
        "inspect.max_expansion" = c.max_expansion, Count,
            "压缩正文的膨胀倍数上限（解出 1 MiB 之后）；超出则停止解码", "bytes that one byte of a coded body may become, once 1 MiB has come out; decoding stops there";
        "inspect.max_decoded" = c.max_decoded, Bytes,
            "一个压缩正文解码后的字节上限", "bytes that a coded body may become";
        "inspect.max_codings" = c.max_codings as u64, Count,
            "叠加的内容编码层数上限", "content codings stacked on a body";
        "inspect.max_open" = c.max_open as u64, Count,
            "一个流中同时未完成的调用上限；最旧者放弃", "open exchanges of a flow; the oldest is given up";
        "inspect.max_items" = c.max_items as u64, Count,
            "一次调用列出的数据项上限；其余不列出", "data items listed of an exchange; further ones are not listed";
    }
}

fn lane(all: &mut Vec<Bound>) {
    add! { all:
        "lane.spill" = weir_lane::live::SPILL as u64, Count,
            "实时采集时暂存突发流量的帧数上限；更多者由采集环丢弃并计数", "frames of a burst held on a wire; further ones are lost in the source and counted";
        "lane.body-under-overload" = weir_lane::BODY_BOUND, Bytes,
            "过载时（自第二级起）每个正文的扫描上限；其余只计量", "bytes of a body scanned under overload, from its second step on; the rest is counted";
    }
}

fn learned(all: &mut Vec<Bound>) {
    let i = weir_inventory::Config::default();
    let d = weir_identity::Config::default();
    add! { all:
        "ring.batches" = RING as u64, Count,
            "通道与分析线程之间在途的批次上限；满则等待（回放）", "batches under way between a lane and the analyst; a replay waits when it is full";
        "inventory.sites" = i.sites as u64, Count,
            "站点数上限；超出者合为一项", "sites told apart; later ones share one entry";
        "inventory.interfaces" = i.interfaces as u64, Count,
            "接口数上限；超出者的调用不归入任何接口", "interfaces kept; exchanges of later ones have none";
        "inventory.nodes" = i.nodes as u64, Count,
            "全部站点的路径节点上限；超出者归入 {rest}", "path nodes of all sites; later paths share a {rest}";
        "inventory.nodes_per_site" = i.nodes_per_site as u64, Count,
            "一个站点的路径节点上限", "path nodes of one site";
        "inventory.children" = i.children as u64, Count,
            "一个路径节点的字面子节点上限；超出者归入 {rest}", "literal children of a path node; later ones share a {rest}";
        "inventory.guesses" = i.guesses as u64, Count,
            "由未命中请求（404、405）产生的子节点上限", "of those, ones made by requests that found nothing (404, 405)";
        "identity.callers" = d.callers as u64, Count,
            "调用方数上限；超出者合为一项", "callers told apart; later ones share one entry";
        "identity.accounts" = d.accounts as u64, Count,
            "账号数上限；超出者记为未知", "accounts kept; later ones stay unknown";
        "identity.sessions" = d.sessions as u64, Count,
            "记住的会话数上限；久未使用者让位", "sessions remembered; one that was not used for long makes room";
        "identity.sites" = d.sites as u64, Count,
            "学习登录方式的站点数上限", "sites whose habits at login are learned";
        "identity.legs" = weir_identity::Legs::HELD as u64, Count,
            "等待与代理前的链路段合并的调用数上限；等待最久者单独计数", "exchanges that wait to be told from legs of one call; the one that waits longest goes on by itself";
        "identity.legs.wait" = weir_identity::Legs::WAIT.as_nanos() / 1_000_000_000, Seconds,
            "代理后的链路段等待代理前链路段的时间", "how long a leg behind a proxy waits for the one before it";
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_are_unique_and_amounts_have_units() {
        let names: std::collections::BTreeSet<_> = all().iter().map(|b| b.name).collect();
        assert_eq!(names.len(), all().len());
        let amount = |name: &str| all().iter().find(|b| b.name == name).unwrap().amount();
        let c = weir_stream::Config::default();
        assert_eq!(amount("stream.flows"), c.flows.to_string());
        assert!(amount("stream.total_bytes").ends_with("iB"));
        assert!(amount("stream.established").ends_with(" s"));
    }
}
