//! What the mirror looks like: a sample of traffic, read as the sensor would read it.

use super::{Check, State, percent, say};
use crate::clock::WallClock;
use crate::failure::{Failure, Told};
use crate::sources::LaneSource;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use weir_capture::Polled;
use weir_decode::Decoder;
use weir_exchange::Fingerprinter;
use weir_lane::{Lane, LaneConfig, LaneReport};
use weir_rules::RuleSet;
use weir_wire::{Account, Frame, Ledger, Timestamp};

/// Addresses counted; later ones are not told apart.
const TALKERS: usize = 1 << 16;
/// Networks listed.
const NETWORKS: usize = 4_096;
/// Longest frame of an Ethernet of 1,500 bytes, with two tags.
const FRAME: u32 = 1_522;
/// Captured bytes after which a sample of files is large enough.
const SAMPLE: u64 = 1 << 30;

/// A sample of one lane's share.
struct Sample {
    lane: Lane,
    decoder: Decoder,
    scratch: Ledger,
    vlans: BTreeSet<u16>,
    vnis: BTreeSet<u32>,
    talkers: BTreeMap<IpAddr, u64>,
    longest: u32,
    long: u64,
    first: Timestamp,
    last: Timestamp,
    exchanges: u64,
    complete: u64,
}

impl Sample {
    fn take(&mut self, frames: &[Frame<'_>]) {
        for f in frames {
            if self.first == Timestamp::default() {
                self.first = f.time;
            }
            self.last = self.last.max(f.time);
            self.longest = self.longest.max(f.wire_len);
            self.long += u64::from(f.wire_len > FRAME);
            let Some(p) = self.decoder.decode(f, &mut self.scratch) else { continue };
            if self.vlans.len() < NETWORKS {
                self.vlans.extend(p.vlan);
            }
            if self.vnis.len() < NETWORKS {
                self.vnis.extend(p.vni);
            }
            if self.talkers.len() < TALKERS || self.talkers.contains_key(&p.src.ip) {
                *self.talkers.entry(p.src.ip).or_default() += u64::from(f.wire_len);
            }
        }
        self.lane.burst(frames);
        for x in self.lane.exchanges() {
            self.exchanges += 1;
            self.complete += u64::from(x.complete);
        }
    }
}

/// Reads `sources` for `time` where they are live, else to their end or a GiB, and tells what they held.
pub fn checks(
    sources: Vec<LaneSource>,
    live: bool,
    time: Duration,
    rules: &Arc<RuleSet>,
) -> Result<Vec<Check>, Failure> {
    let clock = WallClock::start();
    let mut samples = Vec::new();
    let mut sources: Vec<(LaneSource, bool)> = sources.into_iter().map(|s| (s, false)).collect();
    for _ in &sources {
        let mut config = LaneConfig::default();
        // A sample of seconds needs no table for an hour.
        config.stream.flows = 1 << 17;
        let lane = Lane::new(&config, rules.clone(), Fingerprinter::new([0; 16]))
            .map_err(|e| Failure::because("无法启动处理通道", "cannot start a lane", &e))?;
        samples.push(Sample {
            lane,
            decoder: Decoder::new(config.decode),
            scratch: Ledger::default(),
            vlans: BTreeSet::new(),
            vnis: BTreeSet::new(),
            talkers: BTreeMap::new(),
            longest: 0,
            long: 0,
            first: Timestamp::default(),
            last: Timestamp::default(),
            exchanges: 0,
            complete: 0,
        });
    }
    let mut bytes = 0;
    while sources.iter().any(|(_, ended)| !ended) && bytes < SAMPLE && !(live && clock.elapsed() >= time) {
        for ((source, ended), sample) in sources.iter_mut().zip(&mut samples).filter(|((_, e), _)| !*e) {
            let polled = source.poll(&mut |frames| {
                bytes += frames.iter().map(|f| f.data.len() as u64).sum::<u64>();
                sample.take(frames);
            });
            match polled {
                Ok(Polled::Frames(_)) => {}
                Ok(Polled::Idle) => source.wait(Duration::from_millis(1)),
                Ok(Polled::End) => *ended = true,
                Err(e) => return Err(Failure::during("无法读取来源", "cannot read the source", &e)),
            }
        }
    }
    let mut notices = Vec::new();
    for ((source, _), sample) in sources.iter().zip(&mut samples) {
        let counters = source.counters();
        sample.lane.lost(Account::FrameDropped, counters.dropped);
        sample.lane.lost(Account::FrameDamaged, counters.damaged);
        sample.lane.finish();
        for x in sample.lane.exchanges() {
            sample.exchanges += 1;
            sample.complete += u64::from(x.complete);
        }
        notices.extend(source.notices().iter().map(Told::told));
    }
    let mut all = told(&samples);
    all.extend(notices.into_iter().map(|n| Check::new("mirror.notice", "", Value::Null, n).noted()));
    Ok(all)
}

fn told(samples: &[Sample]) -> Vec<Check> {
    let mut total = LaneReport::default();
    samples.iter().for_each(|s| total.absorb(&s.lane.report()));
    let frames = total.ledger.received.count;
    if frames == 0 {
        let found = say("没有收到任何帧", "not one frame came");
        let change = say(
            "请检查镜像口配置、线缆与接口名",
            "check the mirror's configuration, the cable and the interface's name",
        );
        return vec![Check::new("mirror.traffic", "", 0, found).stands(State::Bad, change)];
    }
    let mut all = vec![traffic(samples, &total), balance(samples), merged(samples), cut(&total)];
    all.extend([networks(samples, &total), one_way(&total), repeats(&total), losses(&total), gaps(&total)]);
    all.extend([undecodable(&total), encrypted(&total), exchanges(samples), talkers(samples)]);
    all.into_iter().flatten().collect()
}

fn traffic(samples: &[Sample], total: &LaneReport) -> Option<Check> {
    let first = samples.iter().map(|s| s.first).filter(|t| *t != Timestamp::default()).min()?;
    let seconds = samples.iter().map(|s| s.last).max()?.since(first).as_secs_f64();
    let r = total.ledger.received;
    let rate = r.bytes as f64 * 8.0 / seconds.max(1e-3) / 1e6;
    let found = say(
        format!("{} 帧，{} 字节，{seconds:.1} 秒，约 {rate:.1} Mbit/s", r.count, r.bytes),
        format!("{} frames, {} bytes in {seconds:.1} s, about {rate:.1} Mbit/s", r.count, r.bytes),
    );
    Some(Check::new("mirror.traffic", "", r.count, found))
}

/// How evenly lanes share.
fn balance(samples: &[Sample]) -> Option<Check> {
    let frames: Vec<u64> = samples.iter().map(|s| s.lane.report().ledger.received.count).collect();
    if frames.len() < 2 {
        return None;
    }
    let (most, all) = (*frames.iter().max()?, frames.iter().sum::<u64>());
    let share = percent(most, all);
    let fair = 100.0 / frames.len() as f64;
    let found = say(
        format!("最忙的通道承担 {share}% 的帧（均分为 {fair:.1}%）"),
        format!("the busiest lane has {share}% of the frames ({fair:.1}% would be its share)"),
    );
    Some(Check::new("mirror.balance", "", share, found).stands_if(
        share > fair * 1.5,
        State::Warn,
        "流量集中于少数流或隧道；隧道请在镜像处解封装，或用散列内层的网卡",
        "a few flows or a tunnel carry it; strip the tunnel at the mirror, or use a card that hashes what is inside",
    ))
}

fn merged(samples: &[Sample]) -> Option<Check> {
    let longest = samples.iter().map(|s| s.longest).max()?;
    let long: u64 = samples.iter().map(|s| s.long).sum();
    let found = say(
        format!("最长一帧 {longest} 字节，{long} 帧超过 {FRAME}"),
        format!("longest frame {longest} bytes, {long} above {FRAME}"),
    );
    Some(Check::new("mirror.longest", "", longest, found).stands_if(
        longest > 9_216,
        State::Warn,
        "帧比任何以太网都长：接口在合并报文；见 interface.merging",
        "longer than any Ethernet: the interface merges packets; see interface.merging",
    ))
}

fn cut(total: &LaneReport) -> Option<Check> {
    let (cut, share) =
        (total.decode.cut_frames, percent(total.decode.cut_frames, total.ledger.received.count));
    let found = say(format!("{share}% 的帧被截短"), format!("{share}% of the frames are cut short"));
    Some(Check::new("mirror.cut", "", share, found).stands_if(
        cut > 0,
        State::Bad,
        "正文不完整；请去掉抓包或镜像处的截断长度（tcpdump -s 0）",
        "bodies are not whole; lift the snap length of the capture or the mirror (tcpdump -s 0)",
    ))
}

fn networks(samples: &[Sample], total: &LaneReport) -> Option<Check> {
    let vlans: BTreeSet<u16> = samples.iter().flat_map(|s| &s.vlans).copied().collect();
    let vnis: BTreeSet<u32> = samples.iter().flat_map(|s| &s.vnis).copied().collect();
    let d = total.decode;
    let found = say(
        format!(
            "{} 个 VLAN，{} 个隧道网络；带标签 {}，在隧道中 {}，镜像隧道 {}（报文段）",
            vlans.len(),
            vnis.len(),
            d.tagged,
            d.tunnelled,
            d.mirrored
        ),
        format!(
            "{} VLANs, {} tunnel networks; {} segments tagged, {} tunnelled, {} in a mirror's tunnel",
            vlans.len(),
            vnis.len(),
            d.tagged,
            d.tunnelled,
            d.mirrored
        ),
    );
    let value = serde_json::json!({ "vlans": vlans.iter().take(64).collect::<Vec<_>>(), "vnis": vnis.iter().take(64).collect::<Vec<_>>(), "tagged": d.tagged, "tunnelled": d.tunnelled, "mirrored": d.mirrored });
    Some(Check::new("mirror.networks", "", value, found))
}

fn one_way(total: &LaneReport) -> Option<Check> {
    let s = &total.stream;
    let one = s.client_only + s.server_only;
    let all = one + s.both_ways;
    let share = percent(one, all);
    let found = say(
        format!(
            "{share}% 的连接只见一个方向（仅客户端 {}，仅服务端 {}，双向 {}）",
            s.client_only, s.server_only, s.both_ways
        ),
        format!(
            "{share}% of the connections are seen one way (client only {}, server only {}, both {})",
            s.client_only, s.server_only, s.both_ways
        ),
    );
    let state = if share >= 50.0 { State::Bad } else { State::Warn };
    Some(Check::new("mirror.one_way", "", share, found).stands_if(
        all > 0 && share >= 5.0,
        state,
        "请让镜像包含收发两个方向（rx 与 tx），路由不对称时镜像两条路径",
        "let the mirror have both directions (rx and tx), and both paths where routes differ by direction",
    ))
}

fn repeats(total: &LaneReport) -> Option<Check> {
    let repeated = total.ledger.entry(Account::FrameRepeated).count;
    let share = percent(repeated, total.ledger.received.count);
    let found = say(
        format!("{share}% 的帧是同一报文段的重复"),
        format!("{share}% of the frames repeat a segment of a moment ago"),
    );
    Some(Check::new("mirror.repeated", "", share, found).stands_if(
        share >= 5.0,
        State::Warn,
        "镜像在多个端口看到同一报文；只镜像一侧（例如只 rx）可减半负载",
        "the mirror shows packets at several ports; mirroring one side (rx alone, say) halves the load",
    ))
}

fn losses(total: &LaneReport) -> Option<Check> {
    let lost =
        total.ledger.entry(Account::FrameDropped).count + total.ledger.entry(Account::FrameDamaged).count;
    let share = percent(lost, total.ledger.received.count);
    let found = say(
        format!("本机丢弃 {lost} 帧（{share}%）"),
        format!("{lost} frames lost at this machine ({share}%)"),
    );
    Some(Check::new("mirror.lost", "", lost, found).stands_if(
        lost > 0,
        State::Warn,
        "增加通道（--lanes）或加大环（af_packet:…,blocks=256）；见 interface.ring",
        "use more --lanes or a larger ring (af_packet:...,blocks=256); see interface.ring",
    ))
}

fn gaps(total: &LaneReport) -> Option<Check> {
    let (gap, payload) = (total.stream.gap_bytes, total.ledger.payload.bytes);
    let share = percent(gap, gap + payload);
    let found = say(format!("{share}% 的载荷字节缺失"), format!("{share}% of the payload bytes are missing"));
    Some(Check::new("mirror.gaps", "", share, found).stands_if(
        share >= 0.1,
        State::Warn,
        "本机未丢帧时，是镜像口过载：镜像的总流量不要超过端口速率",
        "where this machine lost none, the mirror port is overloaded: mirror no more than its rate",
    ))
}

fn undecodable(total: &LaneReport) -> Option<Check> {
    let of = |a| total.ledger.entry(a).count;
    let bad = of(Account::FrameUnknownLink) + of(Account::FrameMalformed) + of(Account::FrameTooDeep);
    let share = percent(bad, total.ledger.received.count);
    let found = say(format!("{share}% 的帧无法解码"), format!("{share}% of the frames cannot be decoded"));
    Some(Check::new("mirror.undecodable", "", share, found).stands_if(
        share >= 1.0,
        State::Warn,
        "镜像可能附加了未知的头部；weir replay 的 ledger.json 说明原因",
        "the mirror may add a header that is not known; the ledger.json of `weir replay` tells the reasons",
    ))
}

fn encrypted(total: &LaneReport) -> Option<Check> {
    let l = &total.ledger;
    let share = percent(l.entry(Account::MessageEncrypted).bytes, l.entry(Account::StreamDelivered).bytes);
    let found = say(format!("{share}% 的字节已加密"), format!("{share}% of the bytes are encrypted"));
    Some(Check::new("mirror.encrypted", "", share, found).stands_if(
        share >= 50.0,
        State::Note,
        "请在解密之后的位置镜像（负载均衡或网关之后）",
        "mirror behind the point where TLS ends (load balancer or gateway)",
    ))
}

fn exchanges(samples: &[Sample]) -> Option<Check> {
    let (all, whole) = samples.iter().fold((0, 0), |(a, w), s| (a + s.exchanges, w + s.complete));
    let found = say(
        format!("{all} 次接口调用，其中 {whole} 次完整"),
        format!("{all} exchanges, {whole} of them complete"),
    );
    Some(Check::new("mirror.exchanges", "", all, found).stands_if(
        all == 0,
        State::Warn,
        "未见明文 HTTP：镜像位置可能不对，或样本太短（--seconds）",
        "no HTTP in clear: the mirror may be at the wrong place, or the sample too short (--seconds)",
    ))
}

fn talkers(samples: &[Sample]) -> Option<Check> {
    let mut all: BTreeMap<IpAddr, u64> = BTreeMap::new();
    for (ip, bytes) in samples.iter().flat_map(|s| &s.talkers) {
        *all.entry(*ip).or_default() += bytes;
    }
    let sum: u64 = all.values().sum();
    let top = percent(all.values().copied().max().unwrap_or(0), sum);
    let found = say(
        format!("{} 个地址，最大的一个占 {top}%", all.len()),
        format!("{} addresses, the largest sends {top}%", all.len()),
    );
    Some(Check::new("mirror.talkers", "", all.len(), found))
}
