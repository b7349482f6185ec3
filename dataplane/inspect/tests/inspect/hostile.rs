//! Files made to hurt: bounded, told, and survived.

use crate::stage::{Play, inspector};
use proptest::prelude::*;
use std::time::{Duration, Instant};
use weir_exchange::Anomaly;
use weir_inspect::{Config, Document};
use weir_support::pack::{deflate, docx, gzip, pdf, tar, xlsx, zip};
use weir_wire::Account;

/// The account of a body, and whether it expanded too far.
#[allow(clippy::disallowed_methods, reason = "that hostile bytes take no time is what is tried")]
fn booked(bytes: Vec<u8>) -> (Account, bool) {
    let started = Instant::now();
    let (x, ledger) = Play::get("/f").answer("application/octet-stream", bytes).run_with(Config::default());
    assert!(started.elapsed() < Duration::from_secs(60));
    let account = Account::ALL.iter().find(|a| a.key().starts_with("body:") && ledger.entry(**a).count == 1);
    (*account.unwrap(), x.anomalies.contains(Anomaly::ExpansionLimit))
}

#[test]
fn bombs_stop() {
    let zeros = vec![b' '; 16 << 20];
    assert_eq!(booked(zip(&[("a.txt", &zeros)])), (Account::BodyBomb, true));
    assert_eq!(booked(gzip(&zeros)), (Account::BodyBomb, true));
    let inner = zip(&[("a.txt", &zeros)]);
    assert_eq!(booked(zip(&[("a.zip", &inner)])).0, Account::BodyBomb);
    // One long string in every cell.
    let long = "x".repeat(30_000);
    let cells = "<row><c t=\"s\"><v>0</v></c></row>".repeat(20_000);
    let book = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/sharedStrings.xml", format!("<sst><si><t>{long}</t></si></sst>").as_bytes()),
        ("xl/worksheets/sheet1.xml", cells.as_bytes()),
    ]);
    assert_eq!(booked(book).0, Account::BodyBomb);
}

#[test]
fn entries_that_overlap_and_millions_of_them() {
    // Every record of the directory names the one entry there is.
    let mut bytes = zip(&[("a", b"13812345678")]);
    let at = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let record = bytes[at..at + 47].to_vec();
    bytes.truncate(at);
    let directory = record.repeat(300_000);
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff");
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend((at as u32).to_le_bytes());
    bytes.extend([0; 2]);
    assert_eq!(booked(bytes).0, Account::BodyInPart);
    // A million local headers, more than a file may be long.
    let locals = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0a".repeat(1_000_000);
    assert_eq!(booked(locals).0, Account::BodyInPart);
    let names: Vec<String> = (0..20_000).map(|i| format!("{i}.txt")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|n| (&n[..], &b"x"[..])).collect();
    assert_eq!(booked(tar(&files)).0, Account::BodyInPart);
}

#[test]
fn nesting_is_bounded() {
    let mut bytes = zip(&[("a.csv", "手机号,b\n13812345678,1\n".as_bytes())]);
    for _ in 0..30 {
        bytes = zip(&[("a.zip", &bytes)]);
    }
    assert_eq!(booked(bytes).0, Account::BodyInPart);
    let mut mail = b"text".to_vec();
    for _ in 0..2000 {
        mail = [b"MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n", &mail[..]].concat();
    }
    booked(mail);
    let deep = "<w:p>".repeat(100_000) + &"<w:tbl><w:tr><w:tc>".repeat(100_000);
    booked(zip(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", deep.as_bytes())]));
}

#[test]
fn malformed_parts() {
    let types: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");
    for sheet in [
        "<row><c r=\"\" t=\"s\"><v>99999999999999999999</v></c></row>",
        "<row><c><v>1</row></c></v><c r=\"ZZZZZZZZ9\"/>",
        "</row></c></v></is></t>",
        "<c><is><t>&#x110000;&#0;&#xffffffffff;",
        "<row",
    ] {
        booked(zip(&[
            types,
            ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
            ("xl/sharedStrings.xml", sheet.as_bytes()),
        ]));
    }
    let mut broken = deflate(&vec![7; 100_000]);
    broken.truncate(broken.len() / 2);
    booked(
        [
            b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x01\0\0\0a",
            &broken[..],
        ]
        .concat(),
    );
}

#[test]
fn pages_made_to_hurt() {
    let kids: String = (1..200_000)
        .map(|i| format!("{i} 0 obj<</Type/Page/Parent {i} 0 R/Contents {i} 0 R>>endobj\n"))
        .collect();
    booked(format!("%PDF-1.4\n{kids}").into_bytes());
    let fonts: String = (0..300).map(|i| format!("/F{i} 2 0 R")).collect();
    let pages = format!("1 0 obj<</Type/Page/Contents[3 0 R 3 0 R]/Resources<</Font<<{fonts}>>>>>>endobj\n")
        .repeat(50);
    let table = "2 0 obj<</Subtype/Type0/ToUnicode 2 0 R>>stream\nbeginbfrange <0000> <ffffffff> <0000> endbfrange\nendstream endobj\n";
    booked(
        format!("%PDF-1.4\n{pages}{table}3 0 obj<<>>stream\n{}\nendstream endobj", "[(".repeat(50_000))
            .into_bytes(),
    );
    booked(["%PDF-1.4\n1 0 obj<</Type/Page/Contents ", &"[".repeat(500_000)].concat().into_bytes());
    booked(["%PDF-1.4\n1 0 obj", &"<</A".repeat(500_000)].concat().into_bytes());
}

fn samples() -> Vec<Vec<u8>> {
    let book = xlsx(&[&["姓名", "手机号"], &["张伟", "13812345678"]]);
    let mail = b"From: a@b.cn\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n13812345678\r\n--b--".to_vec();
    let archive = tar(&[("a.csv", b"phone,b\n13812345678,1\n")]);
    vec![
        book.clone(),
        docx(&["手机：13812345678"]),
        zip(&[("a.xlsx", &book)]),
        gzip(&archive),
        archive,
        mail,
        pdf("mobile: 13812345678", "张伟"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn damage_never_panics(which in 0usize..7, cut in 0.0f64..1.2, flips in proptest::collection::vec((0.0f64..1.0, any::<u8>()), 0..6)) {
        thread_local! {
            static I: std::cell::RefCell<weir_inspect::Inspector> = std::cell::RefCell::new(inspector(Config::default()));
        }
        let mut bytes = samples().swap_remove(which);
        bytes.truncate((bytes.len() as f64 * cut) as usize);
        for (at, with) in flips {
            let at = (bytes.len() as f64 * at) as usize;
            if let Some(b) = bytes.get_mut(at) {
                *b = with;
            }
        }
        let hits = I.with_borrow_mut(|i| i.scan_document(&Document { bytes: &bytes, ..Document::default() }));
        prop_assert!(hits.iter().all(|h| h.end <= bytes.len() as u64));
    }
}
