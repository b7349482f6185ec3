//! Foreign memory: `unsafe` stands where it has to, and each block says why it is sound.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

/// Where foreign memory is handled: DPDK, the kernel's rings, SIMD and prefetching, huge pages.
const ALLOWED: &[&str] = &[
    "dataplane/dpdk-sys/",
    "dataplane/dpdk/src/raw/",
    "dataplane/dpdk/tests/",
    "dataplane/capture/src/af_packet/",
    "dataplane/inspect/src/structure/index/x86.rs",
    "dataplane/stream/src/huge.rs",
    "dataplane/stream/src/prefetch.rs",
    "rules/compiler/src/map/simd.rs",
];

/// Lines above a block in which its reason may stand.
const ABOVE: usize = 8;

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Whether a line of code (comments and texts aside) has the keyword before a block, function or implementation.
fn is_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"].iter().any(|k| code.contains(k))
}

#[test]
fn stands_where_it_has_to_and_says_why() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 100, "the sources are not where they were");
    let mut wrong = Vec::new();
    for file in &files {
        let name = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        // This file names the keyword without using it.
        if name == "tests/foreign.rs" {
            continue;
        }
        let text = fs::read_to_string(file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (n, _) in lines.iter().enumerate().filter(|(_, line)| is_unsafe(line)) {
            let above = &lines[n.saturating_sub(ABOVE)..=n];
            let said = above.iter().any(|l| l.contains("SAFETY") || l.contains("# Safety"));
            if !ALLOWED.iter().any(|a| name.starts_with(a)) {
                wrong.push(format!("{name}:{}: unsafe outside the modules for foreign memory", n + 1));
            } else if !said && !name.starts_with("dataplane/dpdk-sys/") {
                wrong.push(format!("{name}:{}: unsafe without its reason (`// SAFETY:`)", n + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
