//! Exchanges of the golden captures against tshark's: the same method, host, target, status, body length and digest.
//!
//! `tests/differential/compare.py` does the comparison; it runs on any captures by itself. Skipped, with a line saying so, where
//! tshark or Python is not installed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::process::{Command, Stdio};
use weir_support::{tests_folder, unpacked};

fn installed(program: &str) -> bool {
    let run = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    run.is_ok_and(|status| status.success())
}

#[test]
fn golden_captures_are_read_as_tshark_reads_them() {
    for program in ["tshark", "python3"] {
        if !installed(program) {
            println!("skipped: {program} is not installed");
            return;
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let mut cases = 0;
    for entry in fs::read_dir(tests_folder().join("cases")).unwrap() {
        let path = entry.unwrap().path();
        if path.join("capture.pcap.zst").exists() {
            let case = path.file_name().unwrap().to_str().unwrap();
            fs::write(dir.path().join(format!("{case}.pcap")), unpacked(case)).unwrap();
            cases += 1;
        }
    }
    assert!(cases > 0);
    let script = tests_folder().join("differential/compare.py");
    let mut compare = Command::new("python3");
    compare.arg(script).arg(env!("CARGO_BIN_EXE_weir")).arg(dir.path());
    let done = compare.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}{err}");
    assert!(out.contains(&format!("captures, {cases};")) && !out.contains("tshark, 0;"), "{out}{err}");
}
