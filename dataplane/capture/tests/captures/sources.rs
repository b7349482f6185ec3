//! Compressed, merged, looped and interrupted captures.

use crate::written::{Ink, drain, read, shot, stream};
use std::{
    fs,
    io::{self, Read, Write},
};
use weir_capture::{Break, Files, Input, Looped, Polled, Source, SourceError};

const MICRO: u32 = 0xa1b2_c3d4;

fn pcap(times: &[u64]) -> Vec<u8> {
    let shots: Vec<_> = times.iter().map(|t| shot(t * 1000, &t.to_be_bytes())).collect();
    Ink { big: false }.pcap(MICRO, &shots)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn compressed_captures_read_like_plain_ones() {
    let plain = pcap(&(0..5000).collect::<Vec<_>>());
    let expect = read(plain.clone());
    assert_eq!(expect.0.len(), 5000);
    assert_eq!(read(gzip(&plain)), expect);
    assert_eq!(read(zstd::encode_all(&plain[..], 1).unwrap()), expect);
}

#[test]
fn a_cut_compressed_capture_is_read_up_to_the_break() {
    // Incompressible frames, so that half the stream is about half the capture.
    let mut x = 1u64;
    let noise: Vec<_> = (0..2000u64)
        .map(|t| {
            let data: Vec<u8> = (0..100)
                .map(|_| {
                    x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (x >> 56) as u8
                })
                .collect();
            shot(t * 1000, &data)
        })
        .collect();
    let plain = Ink { big: true }.pcap(MICRO, &noise);
    for packed in [gzip(&plain), zstd::encode_all(&plain[..], 1).unwrap()] {
        let mut files = Files::new(vec![stream(packed[..packed.len() * 2 / 3].to_vec())]);
        let got = drain(&mut files);
        assert!(got.len() > 500 && got[..] == noise[..got.len()], "{} frames", got.len());
        let [notice] = files.notices() else { panic!("one notice") };
        assert!(matches!(notice.cause, Break::Unreadable(_)), "{notice}");
        assert_eq!(notice.offset, 24 + 116 * got.len() as u64);
    }
}

#[test]
fn files_merge_by_time_then_by_order() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, times: &[u64]| {
        let path = dir.path().join(name);
        fs::write(&path, pcap(times)).unwrap();
        Input::Path(path)
    };
    let late = file("late", &[100, 101]);
    let a = file("a", &[1, 5, 5, 9]);
    let b = file("b", &[2, 5, 50, 100]);
    let empty = file("empty", &[]);
    let mut files = Files::new(vec![late, a, stream(pcap(&[3, 100])), b, empty]);
    let got: Vec<_> = drain(&mut files).iter().map(|s| s.nanos / 1000).collect();
    assert_eq!(got, [1, 2, 3, 5, 5, 5, 9, 50, 100, 100, 100, 101]);
    assert_eq!(files.counters().total, None, "a stream has no known length");

    let mut cut = pcap(&[7]);
    cut.truncate(30);
    let mut files = Files::new(vec![file("a", &[1, 8]), stream(cut), file("c", &[0])]);
    assert_eq!(drain(&mut files).len(), 3);
    let [notice] = files.notices() else { panic!("one notice") };
    assert_eq!(notice.to_string(), "made: ends inside the record at byte 24; read up to there");
}

#[test]
fn one_bad_file_among_good_ones_is_an_error_before_any_frame() {
    let mut files = Files::new(vec![stream(pcap(&[1])), stream(b"not a capture at all".to_vec())]);
    let mut lent = 0;
    assert!(matches!(files.poll(&mut |_| lent += 1), Err(SourceError::NotACapture { .. })));
    assert_eq!(lent, 0);
}

#[test]
fn progress_counts_packed_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.gz");
    let packed = gzip(&pcap(&(0..9999).collect::<Vec<_>>()));
    fs::write(&path, &packed).unwrap();
    let mut files = Files::new(vec![Input::Path(path)]);
    assert_eq!(drain(&mut files).len(), 9999);
    let c = files.counters();
    assert_eq!((c.read, c.total, c.bytes), (packed.len() as u64, Some(packed.len() as u64), 9999 * 8));
}

#[test]
fn loops_go_on_in_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("l.pcap");
    let mut bytes = pcap(&[1_000_000, 1_500_000]);
    bytes.extend([0; 5]);
    fs::write(&path, &bytes).unwrap();
    let mut looped = Looped::new(vec![Input::Path(path.clone())], 3).unwrap();
    let got: Vec<_> = drain(&mut looped).iter().map(|s| s.nanos / 1_000_000).collect();
    assert_eq!(got, [1000, 1500, 2500, 3000, 4000, 4500]);
    assert_eq!(looped.notices().len(), 1, "the same break is said once");
    let c = looped.counters();
    assert_eq!((c.frames, c.read, c.total), (6, 3 * bytes.len() as u64, Some(3 * bytes.len() as u64)));

    let mut once = Looped::new(vec![Input::Path(path.clone())], 1).unwrap();
    assert_eq!((drain(&mut once).len(), once.notices().len()), (2, 1));
    assert_eq!(drain(&mut Looped::new(vec![Input::Path(path)], 0).unwrap()).len(), 0);
    let refused = Looped::new(vec![Input::Stdin], 2).err().unwrap().to_string();
    assert!(refused.starts_with("standard input: can be read only once"), "{refused}");
}

/// Hands out a capture in small pieces, as a pipe does, then fails.
struct Pipe(Vec<u8>, usize);
impl Read for Pipe {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.0.len().min(buf.len()).min(self.1);
        if n == 0 {
            return Err(io::Error::other("the wire was cut"));
        }
        buf[..n].copy_from_slice(&self.0[..n]);
        self.0.drain(..n);
        Ok(n)
    }
}

#[test]
fn a_pipe_is_lent_as_it_comes_and_its_failure_is_a_notice() {
    let pipe = Pipe(pcap(&[1, 2, 3, 4, 5, 6]), 24);
    let mut files = Files::new(vec![Input::Stream("pipe".into(), Box::new(pipe))]);
    let mut bursts = Vec::new();
    while let Polled::Frames(n) = files.poll(&mut |_| {}).unwrap() {
        bursts.push(n);
    }
    assert_eq!(bursts, [1; 6], "no frame waits for the next read");
    assert_eq!(files.notices()[0].cause, Break::Unreadable("the wire was cut".into()));
    let mut files = Files::new(vec![Input::Stream("pipe".into(), Box::new(Pipe(Vec::new(), 1)))]);
    assert!(matches!(files.poll(&mut |_| {}), Err(SourceError::Read { .. })));
}

#[test]
fn merged_files_give_their_key_logs_once() {
    let dir = tempfile::tempdir().unwrap();
    let ink = Ink { big: false };
    let file = |name: &str, ticks| {
        let log = [ink.u32(0x544c_534b), ink.u32(name.len() as u32), name.into()].concat();
        let frame = [ink.interface(1, &[]), ink.enhanced(0, ticks, 1, b"x")].concat();
        let path = dir.path().join(name);
        fs::write(&path, [ink.section(), ink.block(10, &log), frame].concat()).unwrap();
        Input::Path(path)
    };
    let mut files = Files::new(vec![file("later", 9), file("sooner", 1), stream(pcap(&[5]))]);
    assert_eq!(drain(&mut files).len(), 3);
    let texts: Vec<_> = files.key_logs().iter().map(|l| &l.text[..]).collect();
    assert_eq!(texts, [&b"sooner"[..], b"later"]);
    assert!(files.key_logs()[0].file.ends_with("sooner"));
}
