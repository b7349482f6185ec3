//! Captures to send, and what arrived.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use weir_capture::{Files, Input, Polled, Source};
use weir_dpdk::{Device, DpdkConfig, Hugepages, Runtime};
use weir_wire::Timestamp;

/// A frame that was kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Kept {
    pub time: Timestamp,
    pub data: Vec<u8>,
}

/// Frames of a case of the repository, by the file reader.
pub fn case(name: &str) -> Vec<Kept> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases").join(name).join("capture.pcap.zst");
    let mut files = Files::new(vec![Input::from_arg(path.to_str().unwrap())]);
    let mut frames = Vec::new();
    while files.poll(&mut |burst| frames.extend(burst.iter().map(keep))).unwrap() != Polled::End {}
    assert!(frames.len() > 100);
    frames
}

pub fn keep(frame: &weir_wire::Frame<'_>) -> Kept {
    assert_eq!(frame.wire_len as usize, frame.data.len());
    Kept { time: frame.time, data: frame.data.to_vec() }
}

/// Times as a file in microseconds keeps them.
pub fn in_micros(frames: &[Kept]) -> Vec<Kept> {
    let cut =
        |f: &Kept| Kept { time: Timestamp::from_nanos(f.time.nanos() / 1000 * 1000), data: f.data.clone() };
    frames.iter().map(cut).collect()
}

/// Writes a classic capture file in microseconds.
pub fn write(to: &Path, frames: &[Kept]) -> PathBuf {
    let mut bytes = Vec::new();
    for word in [0xa1b2_c3d4u32, 0x0004_0002, 0, 0, 262_144, 1] {
        bytes.extend(word.to_le_bytes());
    }
    for frame in frames {
        let (secs, len) = (frame.time.secs() as u32, frame.data.len() as u32);
        for word in [secs, (frame.time.nanos() % 1_000_000_000 / 1000) as u32, len, len] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(&frame.data);
    }
    fs::write(to, bytes).unwrap();
    to.to_owned()
}

/// A runtime of these devices that takes what memory it needs from wherever it is; small, for many tests at once.
pub fn config(devices: &[&str]) -> DpdkConfig {
    let devices = devices.iter().map(|d| Device::parse(d).unwrap()).collect();
    DpdkConfig { devices, descriptors: 512, hugepages: Hugepages::No, ..DpdkConfig::default() }
}

pub fn start(config: &DpdkConfig) -> Runtime {
    Runtime::start(config).unwrap_or_else(|e| panic!("{e}"))
}

/// Polls until `count` frames came, or for ten seconds.
pub fn take(source: &mut dyn Source, count: usize) -> Vec<Kept> {
    let (mut frames, from) = (Vec::new(), Instant::now());
    while frames.len() < count && from.elapsed() < Duration::from_secs(10) {
        if source.poll(&mut |burst| frames.extend(burst.iter().map(keep))).unwrap() == Polled::Idle {
            source.wait(Duration::from_millis(1));
        }
    }
    frames
}

/// Polls until nothing came for a fifth of a second.
pub fn drain(source: &mut dyn Source) -> Vec<Kept> {
    let (mut frames, mut last) = (Vec::new(), Instant::now());
    while last.elapsed() < Duration::from_millis(200) {
        match source.poll(&mut |burst| frames.extend(burst.iter().map(keep))).unwrap() {
            Polled::Frames(_) => last = Instant::now(),
            _ => source.wait(Duration::from_millis(1)),
        }
    }
    frames
}

/// Waits until something holds, at most five seconds.
pub fn wait_for(mut holds: impl FnMut() -> bool) -> bool {
    let from = Instant::now();
    while from.elapsed() < Duration::from_secs(5) {
        if holds() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Notices a source told of, in English.
pub fn told(source: &mut dyn Source) -> Vec<String> {
    source.poll(&mut |_| ()).unwrap();
    source.notices().iter().map(ToString::to_string).collect()
}

/// An Ethernet frame of TCP over IPv4 between two hosts and ports, with a payload.
pub fn tcp(from: ([u8; 4], u16), to: ([u8; 4], u16), payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    let length = (40 + payload.len()) as u16;
    frame.extend([0x45, 0]);
    frame.extend(length.to_be_bytes());
    frame.extend([0, 0, 0, 0, 64, 6, 0, 0]);
    frame.extend(from.0);
    frame.extend(to.0);
    frame.extend(from.1.to_be_bytes());
    frame.extend(to.1.to_be_bytes());
    frame.extend([0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 255, 255, 0, 0, 0, 0]);
    frame.extend(payload);
    frame
}
