//! Files that grow, are replaced or become shorter while they are read.

use crate::written::{Ink, shot};
use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use weir_capture::{Break, Follow, Polled, Source, SourceError};

fn pcap(first: u8, count: u8) -> Vec<u8> {
    let shots: Vec<_> = (first..first + count).map(|n| shot(u64::from(n) * 1_000_000, &[n; 50])).collect();
    Ink { big: false }.pcap(0xa1b2_c3d4, &shots)
}

fn follow(path: &Path) -> (Follow, Arc<AtomicBool>) {
    let stop = Arc::new(AtomicBool::new(false));
    (Follow::new(path, stop.clone()), stop)
}

/// First bytes of the frames that are there now.
fn now(source: &mut Follow) -> Vec<u8> {
    let mut out = Vec::new();
    let mut idle = 0;
    while idle < 3 {
        match source.poll(&mut |burst| out.extend(burst.iter().map(|f| f.data[0]))).unwrap() {
            Polled::Frames(_) => {}
            Polled::Idle => idle += 1,
            Polled::End => break,
        }
    }
    out
}

fn told(source: &Follow) -> Vec<Break> {
    source.notices().iter().map(|n| n.cause.clone()).collect()
}

#[test]
fn a_file_is_read_as_it_grows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("growing.pcap");
    let mut file = File::create(&path).unwrap();
    let (mut source, stop) = follow(&path);
    let whole = pcap(0, 20);
    let mut got = Vec::new();
    // 7 bytes at a time: every header and record is met half-written.
    for piece in whole.chunks(7) {
        file.write_all(piece).unwrap();
        got.extend(now(&mut source));
        let written = fs::metadata(&path).unwrap().len();
        assert_eq!(got.len() as u64, written.saturating_sub(24) / 66);
        assert!(source.notices().is_empty());
    }
    assert_eq!(got, (0..20).collect::<Vec<_>>());
    source.wait(Duration::from_millis(1));
    file.write_all(&whole[24..24 + 66 + 10]).unwrap();
    stop.store(true, Ordering::Release);
    assert_eq!(now(&mut source), [0], "what stands there when it is told to stop is read");
    assert_eq!(source.poll(&mut |_| ()).unwrap(), Polled::End);
    assert_eq!(told(&source), [Break::Truncated]);
    assert_eq!((source.counters().frames, source.counters().read), (21, fs::metadata(&path).unwrap().len()));
}

#[test]
fn pcapng_grows_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("growing.pcapng");
    let ink = Ink { big: false };
    let blocks =
        [ink.section(), ink.interface(1, &[]), ink.enhanced(0, 1, 60, &[1; 60]), ink.block(0xbad, &[0; 99])];
    let whole = [blocks.concat(), ink.enhanced(0, 2, 60, &[2; 60])].concat();
    let mut file = File::create(&path).unwrap();
    let (mut source, stop) = follow(&path);
    let mut got = Vec::new();
    for piece in whole.chunks(5) {
        file.write_all(piece).unwrap();
        got.extend(now(&mut source));
    }
    assert_eq!(got, [1, 2]);
    stop.store(true, Ordering::Release);
    assert_eq!(now(&mut source), []);
    assert_eq!((source.poll(&mut |_| ()).unwrap(), told(&source)), (Polled::End, vec![]));
}

#[test]
fn a_rotated_file_is_read_out_and_then_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rotated.pcap");
    fs::write(&path, pcap(0, 3)).unwrap();
    let (mut source, stop) = follow(&path);
    assert_eq!(now(&mut source), [0, 1, 2]);
    fs::rename(&path, dir.path().join("old")).unwrap();
    let mut old = File::options().append(true).open(dir.path().join("old")).unwrap();
    old.write_all(&pcap(3, 1)[24..]).unwrap();
    assert_eq!(now(&mut source), [3], "no file has the name now");
    fs::write(&path, pcap(50, 2)).unwrap();
    assert_eq!(now(&mut source), [50, 51]);
    assert_eq!(told(&source), [Break::Replaced]);
    assert!(source.notices()[0].to_string().contains("was replaced after byte"), "{}", source.notices()[0]);

    fs::write(&path, pcap(90, 1)).unwrap();
    assert_eq!(now(&mut source), [90]);
    assert_eq!(told(&source), [Break::Replaced, Break::Shortened]);
    stop.store(true, Ordering::Release);
    assert_eq!(now(&mut source), []);
    assert_eq!(source.counters().frames, 7);
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing.pcap");
    let (mut source, _) = follow(&missing);
    assert!(matches!(source.poll(&mut |_| ()), Err(SourceError::Open { .. })));
    assert_eq!(source.poll(&mut |_| ()).unwrap(), Polled::End);
    let packed = dir.path().join("packed.gz");
    let mut gz = flate2::write::GzEncoder::new(File::create(&packed).unwrap(), flate2::Compression::fast());
    gz.write_all(&pcap(0, 9)).unwrap();
    gz.finish().unwrap();
    let e = follow(&packed).0.poll(&mut |_| ()).unwrap_err();
    assert!(matches!(e, SourceError::Packed { .. }) && e.zh().contains("压缩"), "{e}");
    let text = dir.path().join("text");
    fs::write(&text, "this is text, no capture at all").unwrap();
    assert!(matches!(follow(&text).0.poll(&mut |_| ()), Err(SourceError::NotACapture { .. })));
}
