//! Bad input and bad machines: a clear error or a partial result said so, the right exit code, no panic.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::process::Output;
use weir_support::{Weir, capture, records, stderr, text, unpacked};

const WEIR: Weir = Weir(env!("CARGO_BIN_EXE_weir"));

/// Exit code 2, a message, no panic.
fn refused(o: &Output, wanted: &[&str]) {
    let said = stderr(o);
    assert_eq!(o.status.code(), Some(2), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    for w in wanted {
        assert!(said.contains(w), "{w:?} is missing in: {said}");
    }
}

#[test]
fn a_truncated_capture_is_read_to_the_break() {
    let dir = tempfile::tempdir().unwrap();
    let whole = unpacked("office");
    let cut = dir.path().join("cut.pcap");
    fs::write(&cut, &whole[..whole.len() * 2 / 3 + 5]).unwrap();
    let out = dir.path().join("out");
    let o = WEIR.replay(&cut, &out, &[]);
    assert_eq!(o.status.code(), Some(0), "{}", stderr(&o));
    assert!(stderr(&o).contains("cut.pcap") && stderr(&o).contains("byte"), "{}", stderr(&o));
    assert!(records(&out, "exchanges.jsonl").len() > 50);
    let ledger: serde_json::Value = serde_json::from_str(&text(&out, "ledger.json")).unwrap();
    assert_eq!(ledger["balanced"], true);
}

#[test]
fn random_bytes_are_no_capture() {
    let dir = tempfile::tempdir().unwrap();
    let junk = dir.path().join("junk.bin");
    let mut state = 1u64;
    let bytes: Vec<u8> = (0..100_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .collect();
    fs::write(&junk, &bytes).unwrap();
    refused(&WEIR.replay(&junk, &dir.path().join("out"), &[]), &["junk.bin", "capture"]);

    // Behind a good header they are a corrupt record: nothing to read, said so.
    let headed = dir.path().join("headed.pcap");
    fs::write(&headed, [&unpacked("office")[..24], &bytes].concat()).unwrap();
    let o = WEIR.replay(&headed, &dir.path().join("out2"), &[]);
    assert_eq!(o.status.code(), Some(0), "{}", stderr(&o));
    assert!(stderr(&o).contains("headed.pcap"), "{}", stderr(&o));
}

#[test]
fn a_missing_capture_is_named() {
    let dir = tempfile::tempdir().unwrap();
    refused(&WEIR.replay(&dir.path().join("no.pcap"), &dir.path().join("out"), &[]), &["no.pcap"]);
}

#[test]
fn a_wrong_pack_is_told_by_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    let pack = dir.path().join("mine.toml");
    fs::write(&pack, "[pack]\nname = \"mine\"\nversion = 1\n\n[[data_type]]\nid = \n").unwrap();
    let o = WEIR.command().args(["rules", "check"]).arg(&pack).output().unwrap();
    refused(&o, &["mine.toml", "6"]);
    let rules = pack.to_str().unwrap();
    refused(&WEIR.replay(&capture("office"), &dir.path().join("out"), &["--rules", rules]), &["mine.toml"]);
}

#[test]
fn an_unwritable_folder_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    refused(&WEIR.replay(&capture("office"), &file.join("out"), &[]), &["file"]);
}

#[test]
fn wrong_options_and_configurations_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let o = WEIR.replay(&capture("office"), &out, &["--lanes", "0"]);
    assert_eq!(o.status.code(), Some(2));
    let config = dir.path().join("weir.toml");
    fs::write(&config, "[replay]\nlane = 2\n").unwrap();
    refused(
        &WEIR.replay(&capture("office"), &out, &["--config", config.to_str().unwrap()]),
        &["weir.toml", "lane"],
    );
    fs::write(&config, "[thresholds]\n\"c10.nothing\" = 2\n").unwrap();
    refused(
        &WEIR.replay(&capture("office"), &out, &["--config", config.to_str().unwrap()]),
        &["c10.nothing"],
    );
}

/// A full disk, as a limit on the size of files: what fits is kept, what does not is said, exit code 1.
#[test]
fn a_full_disk_gives_a_partial_result_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    // 200 KiB a file: the empty database with its log fits, neither exchanges nor report nor a full one do; SIGXFSZ is ignored so that writes fail instead.
    let script = format!(
        "trap '' XFSZ; ulimit -f 200; exec {} replay {} --out {}",
        env!("CARGO_BIN_EXE_weir"),
        capture("office").display(),
        out.display()
    );
    let o = std::process::Command::new("bash").args(["-c", &script]).env("LC_ALL", "C").output().unwrap();
    let said = stderr(&o);
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(o.status.code(), Some(1), "{said}");
    assert!(said.contains("space"), "{said}");
    assert!(!out.join("exchanges.jsonl").exists(), "half a list of exchanges is left");
    assert!(!records(&out, "risk-sources.jsonl").is_empty(), "what fits is kept");
}

#[test]
fn fail_on_sets_the_exit_code() {
    let dir = tempfile::tempdir().unwrap();
    let o = WEIR.replay(&capture("office"), dir.path(), &["--fail-on", "high"]);
    assert_eq!(o.status.code(), Some(1), "{}", stderr(&o));
    let o = WEIR.command().args(["risks", "--fail-on", "high", "--data"]).arg(dir.path()).output().unwrap();
    assert_eq!(o.status.code(), Some(1));
    let o = WEIR.command().args(["risks", "--data"]).arg(dir.path()).output().unwrap();
    assert_eq!(o.status.code(), Some(0));
}
