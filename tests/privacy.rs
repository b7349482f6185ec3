//! Nothing sensitive reaches the disk or the terminal in clear.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use weir_support::{Weir, capture, unpacked};

const WEIR: Weir = Weir(env!("CARGO_BIN_EXE_weir"));

/// Resident numbers, mobiles and bank cards that stand in the capture in clear.
fn values(capture: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut start = None;
    for (i, b) in capture.iter().enumerate() {
        match (b.is_ascii_digit(), start) {
            (true, None) => start = Some(i),
            (false, Some(s)) => {
                let run = &capture[s..i];
                let mobile = run.len() == 11 && run[0] == b'1' && run[1] >= b'3';
                let resident = run.len() == 18 && (run[6..8] == *b"19" || run[6..8] == *b"20");
                if mobile || resident {
                    found.push(run.to_vec());
                }
                start = None;
            }
            _ => {}
        }
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn no_value_reaches_the_data_directory() {
    let dir = tempfile::tempdir().unwrap();
    let o = WEIR.replay(&capture("office"), dir.path(), &[]);
    assert!(o.status.success());
    let values = values(&unpacked("office"));
    // Most replies are compressed; these stand in the clear ones.
    assert!(values.len() > 50, "only {} values in the capture", values.len());
    let mut outputs = vec![("stdout".to_string(), o.stdout), ("stderr".to_string(), o.stderr)];
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        outputs.push((path.display().to_string(), fs::read(&path).unwrap()));
    }
    for (name, bytes) in outputs {
        let text = String::from_utf8_lossy(&bytes);
        for v in &values {
            let v = std::str::from_utf8(v).unwrap();
            assert!(!text.contains(v), "{name} holds a value that ends in {}", &v[v.len() - 4..]);
        }
        for secret in ["admin123", "password=1", "pwd=1"] {
            assert!(!text.contains(secret), "{name} holds {secret}");
        }
    }
}
