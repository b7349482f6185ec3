//! Where a live sensor's frames come from: `--source SPEC`, one source a lane.
//!
//! ```text
//! af_packet:eth0 --> socket 0, 1, .. n-1 --+--> lane 0: socket 0 of every interface
//! af_packet:eth1 --> socket 0, 1, .. n-1 --'    lane 1: socket 1 of every interface ...
//! dpdk:0000:01:00.0 --> queue 0, 1, .. n-1 ----> likewise (where weir was built with the feature `dpdk`)
//! file:a file:b  --> merged by time -----------> lane 0
//! follow:a ------> as another program writes it -> lane 0
//! ```
//! A tap gives each direction of a link an interface of its own; the kernel shares frames among sockets by a hash that is the same in
//! both directions, so the n-th sockets of all interfaces belong to one lane. Files and interfaces do not mix: their clocks differ.

#[cfg(feature = "dpdk")]
mod dpdk;
#[cfg(debug_assertions)]
mod fault;

use crate::clock::WallClock;
use crate::config::Config;
use crate::config::live::FileSource;
use crate::failure::Failure;
use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use weir_capture::{
    AfPacket, AfPacketConfig, Files, Follow, Input, KeyLog, Notice, Paced, Polled, Source, SourceCounters,
    SourceError,
};
use weir_wire::Frame;

/// A lane's source.
pub type LaneSource = Box<dyn Source + Send>;

/// Sources, opened.
pub struct Opened {
    /// One a lane.
    pub lanes: Vec<LaneSource>,
    /// Whether frames come in by the clock on the wall; else from files, which can wait.
    pub live: bool,
    /// What must live as long as the lanes do: DPDK.
    pub held: Option<Box<dyn Any + Send>>,
}

/// What one `--source` names.
enum Spec {
    AfPacket(Box<AfPacketConfig>),
    File(String),
    #[cfg(feature = "dpdk")]
    Dpdk(weir_dpdk::Device),
    /// A capture that grows.
    Follow(PathBuf),
}

/// Opens what `specs` name for at most `lanes` lanes.
pub fn open(specs: &[String], lanes: usize, config: &Config) -> Result<Opened, Failure> {
    #[cfg(debug_assertions)]
    if let [spec] = specs
        && let Some(opened) = fault::open(spec)
    {
        return Ok(opened);
    }
    let specs = specs.iter().map(|s| read(s)).collect::<Result<Vec<_>, _>>()?;
    if let [Spec::Follow(path)] = &specs[..] {
        // Nothing ends it but the sensor, which then polls no more.
        let lanes: Vec<LaneSource> = vec![Box::new(Follow::new(path, Arc::default()))];
        return Ok(Opened { lanes, live: false, held: None });
    }
    if specs.iter().any(|s| matches!(s, Spec::Follow(_))) {
        return Err(Failure::new(
            "follow: 来源只能单独使用；请另行运行 weir 读取其他来源。",
            "a follow: source stands alone; run weir once more for the others.",
        ));
    }
    let files: Vec<Input> = specs.iter().filter_map(Spec::input).collect();
    match files.len() {
        0 => interfaces(specs, lanes, config),
        n if n == specs.len() => {
            Ok(Opened { lanes: vec![replayed(files, &config.file)?], live: false, held: None })
        }
        _ => Err(Failure::new(
            "来源不能同时包含文件与接口：两者的时间不同。请分两次运行。",
            "files and interfaces cannot be sources together, as their times differ. Run weir twice.",
        )),
    }
}

impl Spec {
    fn input(&self) -> Option<Input> {
        match self {
            Spec::File(path) => Some(Input::from_arg(path)),
            Spec::AfPacket(_) | Spec::Follow(_) => None,
            #[cfg(feature = "dpdk")]
            Spec::Dpdk(_) => None,
        }
    }
}

fn read(spec: &str) -> Result<Spec, Failure> {
    match spec.split_once(':') {
        Some(("af_packet", _)) => {
            let config = spec.parse::<AfPacketConfig>();
            config.map(Box::new).map(Spec::AfPacket).map_err(|e| wrong(&e))
        }
        #[cfg(feature = "dpdk")]
        Some(("dpdk", _)) => dpdk::read(spec).map(Spec::Dpdk),
        #[cfg(not(feature = "dpdk"))]
        Some(("dpdk", _)) => Err(Failure::new(
            format!(
                "来源 {spec}：此 weir 编译时未含 DPDK；请用 cargo build --release -p weir --features dpdk 重新编译，或改用 af_packet:接口"
            ),
            format!(
                "the source {spec}: this weir was built without DPDK; build it by `cargo build --release -p weir --features dpdk`, or use af_packet:INTERFACE"
            ),
        )),
        Some(("follow", path)) if !path.is_empty() => Ok(Spec::Follow(path.into())),
        Some(("file", path)) if !path.is_empty() => Ok(Spec::File(path.into())),
        _ => Err(Failure::new(
            format!(
                "来源 {spec} 无法识别；请写成 af_packet:接口、dpdk:设备、file:抓包文件 或 follow:增长中的抓包文件"
            ),
            format!(
                "the source {spec} is not known; write af_packet:INTERFACE, dpdk:DEVICE, file:CAPTURE or follow:GROWING-CAPTURE"
            ),
        )),
    }
}

fn wrong(e: &SourceError) -> Failure {
    Failure::during("无法打开来源", "cannot open the source", e)
}

/// Files merged by time, at their pace.
fn replayed(files: Vec<Input>, config: &FileSource) -> Result<LaneSource, Failure> {
    let files = Files::new(files);
    Ok(match config.factor()? {
        Some(pace) => Box::new(Paced::new(files, pace, WallClock::start())),
        None => Box::new(files),
    })
}

/// The n-th socket or queue of every interface for the n-th lane. Interfaces that ask for a number of sockets get it.
fn interfaces(specs: Vec<Spec>, lanes: usize, config: &Config) -> Result<Opened, Failure> {
    let mut shares: Vec<Vec<LaneSource>> = Vec::new();
    let mut share = |lane: usize, source| {
        if shares.len() <= lane {
            shares.resize_with(lane + 1, Vec::new);
        }
        shares[lane].push(source);
    };
    #[cfg(feature = "dpdk")]
    let mut devices = Vec::new();
    for spec in specs {
        match spec {
            Spec::AfPacket(mut config) => {
                if config.queues == 1 {
                    config.queues = lanes;
                }
                let sockets = AfPacket::open(&config).map_err(|e| wrong(&e))?;
                sockets.into_iter().enumerate().for_each(|(lane, socket)| share(lane, Box::new(socket)));
            }
            #[cfg(feature = "dpdk")]
            Spec::Dpdk(device) => devices.push(device),
            Spec::File(_) | Spec::Follow(_) => {}
        }
    }
    let held: Option<Box<dyn Any + Send>> = None;
    #[cfg(feature = "dpdk")]
    let held = match devices.is_empty() {
        true => held,
        false => {
            let (runtime, queues) = dpdk::open(devices, lanes, &config.dpdk)?;
            queues.into_iter().for_each(|(lane, queue)| share(lane, queue));
            Some(Box::new(runtime) as Box<dyn Any + Send>)
        }
    };
    #[cfg(not(feature = "dpdk"))]
    let _ = config;
    Ok(Opened { lanes: shares.into_iter().map(together).collect(), live: true, held })
}

/// Several sources as one.
fn together(mut sources: Vec<LaneSource>) -> LaneSource {
    match sources.len() {
        1 => sources.remove(0),
        _ => Box::new(Together {
            notices: Vec::new(),
            told: vec![0; sources.len()],
            ended: vec![false; sources.len()],
            sources,
        }),
    }
}

/// Polls its sources in turn; ends when all have. One that fails ends alone, unless it was the last.
struct Together {
    sources: Vec<LaneSource>,
    ended: Vec<bool>,
    notices: Vec<Notice>,
    /// Notices taken over from each.
    told: Vec<usize>,
}

impl Source for Together {
    fn poll(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError> {
        let (mut frames, mut failed) = (0, None);
        for (n, source) in self.sources.iter_mut().enumerate() {
            if self.ended[n] {
                continue;
            }
            match source.poll(lend) {
                Ok(Polled::Frames(more)) => frames += more,
                Ok(Polled::Idle) => {}
                Ok(Polled::End) => self.ended[n] = true,
                Err(e) => (self.ended[n], failed) = (true, Some(e)),
            }
            let news = source.notices().get(self.told[n]..).unwrap_or_default();
            self.notices.extend_from_slice(news);
            self.told[n] += news.len();
        }
        match (frames, self.ended.iter().all(|e| *e), failed) {
            (0, true, Some(e)) => Err(e),
            (0, true, None) => Ok(Polled::End),
            (0, false, _) => Ok(Polled::Idle),
            _ => Ok(Polled::Frames(frames)),
        }
    }

    /// Each gets its part of the time: no one of them can be waited for alone.
    fn wait(&mut self, at_most: Duration) {
        let share = at_most / u32::try_from(self.sources.len()).unwrap_or(1).max(1);
        self.sources.iter_mut().for_each(|s| s.wait(share));
    }

    fn backlog(&self) -> Option<f32> {
        self.sources.iter().filter_map(|s| s.backlog()).reduce(f32::max)
    }

    fn counters(&self) -> SourceCounters {
        self.sources.iter().map(|s| s.counters()).fold(SourceCounters::default(), |a, b| SourceCounters {
            frames: a.frames + b.frames,
            bytes: a.bytes + b.bytes,
            dropped: a.dropped + b.dropped,
            damaged: a.damaged + b.damaged,
            read: a.read + b.read,
            total: a.total.zip(b.total).map(|(a, b)| a + b),
        })
    }

    fn notices(&self) -> &[Notice] {
        &self.notices
    }

    fn key_logs(&self) -> &[KeyLog] {
        &[]
    }
}
