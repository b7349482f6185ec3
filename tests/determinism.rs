//! Same capture, same records: twice, with one lane and with two, compressed or not, whole or in pieces.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use weir_support::{RECORDS, Weir, capture, text, unpacked};

const WEIR: Weir = Weir(env!("CARGO_BIN_EXE_weir"));

/// All records of a run with these options.
fn run(path: &std::path::Path, more: &[&str]) -> Vec<(&'static str, String)> {
    let dir = tempfile::tempdir().unwrap();
    WEIR.replayed(path, dir.path(), more);
    RECORDS.iter().map(|f| (*f, text(dir.path(), f))).collect()
}

#[test]
fn twice_and_with_two_lanes() {
    let keys = weir_support::tests_folder().join("cases/tls/keys.log");
    let keys = keys.to_str().unwrap();
    let cases = [
        ("office", None),
        ("brute-force", None),
        ("soap", None),
        ("tls", Some(keys)),
        ("services", None),
        ("datagrams", None),
    ];
    for (case, given) in cases {
        let given = given.map(|keys| ["--keylog", keys]);
        let options: Vec<&str> = ["--digest"].into_iter().chain(given.into_iter().flatten()).collect();
        let first = run(&capture(case), &options);
        for more in [&[][..], &["--lanes", "2"], &["--lanes", "3"]] {
            for ((file, a), (_, b)) in first.iter().zip(run(&capture(case), &[&options, more].concat())) {
                assert!(*a == b, "{case}: {file} differs with {more:?}");
            }
        }
    }
}

#[test]
fn from_standard_input_and_in_two_files() {
    use std::io::Write;
    use std::process::Stdio;
    let whole = run(&capture("office"), &[]);
    let dir = tempfile::tempdir().unwrap();
    let mut child = WEIR
        .command()
        .args(["replay", "-", "--out"])
        .arg(dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&fs::read(capture("office")).unwrap()).unwrap();
    assert!(child.wait().unwrap().success());
    for (file, text_of_whole) in &whole {
        assert_eq!(*text_of_whole, text(dir.path(), file), "{file}");
    }

    let (a, b) = split(&unpacked("office"));
    let folder = tempfile::tempdir().unwrap();
    let (pa, pb) = (folder.path().join("a.pcap"), folder.path().join("b.pcap"));
    fs::write(&pa, a).unwrap();
    fs::write(&pb, b).unwrap();
    let out = folder.path().join("out");
    // Given in the wrong order: they are merged by time.
    let o = WEIR.command().arg("replay").args([&pb, &pa]).arg("--out").arg(&out).output().unwrap();
    assert!(o.status.success(), "{}", weir_support::stderr(&o));
    for (file, text_of_whole) in &whole {
        assert_eq!(*text_of_whole, text(&out, file), "{file}");
    }
}

/// Cuts a classic little-endian pcap in two at a record boundary.
fn split(capture: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut at = 24;
    while at < capture.len() / 2 {
        let caplen = u32::from_le_bytes(capture[at + 8..at + 12].try_into().unwrap()) as usize;
        at += 16 + caplen;
    }
    (capture[..at].to_vec(), [&capture[..24], &capture[at..]].concat())
}

/// Each round of a looped replay gives the exchanges of the first again.
#[test]
fn every_round_counts() {
    let dir = tempfile::tempdir().unwrap();
    WEIR.replayed(&capture("brute-force"), dir.path(), &["--no-store"]);
    let once = text(dir.path(), "exchanges.jsonl").lines().count();
    WEIR.replayed(&capture("brute-force"), dir.path(), &["--no-store", "--loop", "3"]);
    assert_eq!(text(dir.path(), "exchanges.jsonl").lines().count(), 3 * once);
}
