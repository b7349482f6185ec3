//! Files of every kind that is opened, as they are, inside a zip archive, and in base64 in JSON. No panic, offsets inside the document,
//! bounded output.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock, Mutex};
use weir_exchange::Fingerprinter;
use weir_inspect::{Config, Document, Inspector};
use weir_rules::RuleSet;

static INSPECTOR: LazyLock<Mutex<Inspector>> = LazyLock::new(|| {
    let rules = Arc::new(RuleSet::builtin().expect("the built-in packs"));
    Mutex::new(Inspector::new(rules, Fingerprinter::new([7; 16]), Config::default()).expect("an inspector"))
});

const STARTS: [&[u8]; 6] = [b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"%PDF-", b"MIME-Version: 1.0\r\n", b"From: a@b.cn\r\n"];
/// Parts of office documents, by the name that tells how they are read.
const PARTS: [&str; 8] = [
    "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "word/document.xml", "ppt/slides/slide1.xml", "content.xml", "a.csv", "a.eml", "a",
];

/// A zip archive of entries that are stored, without a directory.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, data) in entries {
        out.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0");
        out.extend((data.len() as u32).to_le_bytes());
        out.extend((data.len() as u32).to_le_bytes());
        out.extend((name.len() as u16).to_le_bytes());
        out.extend([0; 2]);
        out.extend(name.bytes());
        out.extend(*data);
    }
    out
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let whole = bytes.chunks_exact(3);
    whole
        .flat_map(|c| {
            let n = u32::from(c[0]) << 16 | u32::from(c[1]) << 8 | u32::from(c[2]);
            [18, 12, 6, 0].map(|s| char::from(DIGITS[(n >> s & 63) as usize]))
        })
        .collect()
}

fuzz_target!(|data: &[u8]| {
    let [way, rest @ ..] = data else { return };
    let way = usize::from(*way);
    let plain = [STARTS[way / 4 % STARTS.len()], rest].concat();
    let bytes = match way % 4 {
        0 => plain,
        1 => archive(&[("[Content_Types].xml", b""), (PARTS[way / 4 % PARTS.len()], rest)]),
        2 => archive(&[("x.zip", &archive(&[(PARTS[way / 4 % PARTS.len()], &plain)]))]),
        _ => format!("{{\"a\":\"{}\"}}", base64(&plain)).into_bytes(),
    };
    let mut inspector = INSPECTOR.lock().expect("one thread");
    let document = Document { bytes: &bytes, reveal: true, ..Document::default() };
    for hit in inspector.scan_file(&document).hits {
        assert!(hit.start < hit.end && hit.end <= bytes.len() as u64);
        assert!(hit.value.is_some_and(|v| v.len() <= 256 * 1024));
    }
});
