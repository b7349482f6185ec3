//! Files in transit are opened, whatever carries them.

use crate::stage::{Play, inspector, items};
use base64::prelude::*;
use weir_exchange::Anomaly;
use weir_inspect::{Config, Document, Reach};
use weir_support::pack::{docx, gzip, pdf, tar, xlsx, zip, zip_with};
use weir_wire::Account;

const ROWS: &[&[&str]] = &[
    &["员工名册"],
    &["姓名", "手机号", "身份证号"],
    &["张伟", "13812345678", "11010519491231002X"],
    &["李娜", "13912345678", "370602199511014667"],
];
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const CSV: &[u8] = "姓名,手机号,n\n张伟,13812345678,1\n".as_bytes();

/// `type@path` of what a scan finds, and how far it read.
fn scan(media: &str, bytes: &[u8]) -> (Vec<String>, Reach) {
    let mut i = inspector(Config::default());
    let scan = i.scan_file(&Document { bytes, content_type: Some(media), ..Document::default() });
    let id = |h: &weir_inspect::DocumentHit| i.rules().catalogue().data_type(h.data_type).unwrap().id.clone();
    (scan.hits.iter().map(|h| format!("{}@{}", id(h), h.path)).collect(), scan.reach)
}

#[test]
fn workbooks_name_their_columns() {
    let book = xlsx(ROWS);
    let want: Vec<String> = ["cn_name@sheet1.姓名", "cn_mobile@sheet1.手机号", "cn_id18@sheet1.身份证号"]
        .iter()
        .cycle()
        .take(6)
        .map(|s| (*s).to_owned())
        .collect();
    for media in [XLSX, "application/octet-stream", ""] {
        assert_eq!(scan(media, &book), (want.clone(), Reach::Whole), "{media}");
    }
    for piece in [0, 1, 777] {
        let play = Play { piece, ..Play::get("/export").answer(XLSX, book.clone()) };
        let (x, ledger) = play.run_with(Config::default());
        assert_eq!(
            items(&x),
            [
                "body:cn_name@sheet1.姓名 x2",
                "body:cn_mobile@sheet1.手机号 x2",
                "body:cn_id18@sheet1.身份证号 x2"
            ]
        );
        assert_eq!(x.response.unwrap().body.records, 3);
        assert_eq!((ledger.entry(Account::BodyScanned).count, x.anomalies.is_empty()), (1, true));
    }
}

#[test]
fn text_documents_are_joined_from_their_runs() {
    let (found, reach) = scan("", &docx(&["联系人：张伟；手机：13812345678", "邮箱 zhangwei@example.cn"]));
    assert_eq!((found.contains(&"cn_mobile@".to_owned()), reach), (true, Reach::Whole), "{found:?}");
    assert!(found.contains(&"email@".to_owned()), "{found:?}");
}

#[test]
fn archives_are_read_entry_by_entry() {
    let want = vec!["cn_name@a/b.csv.姓名".to_owned(), "cn_mobile@a/b.csv.手机号".to_owned()];
    let entries: &[(&str, &[u8])] = &[("a/", b""), ("a/b.csv", CSV), ("c.png", b"\x89PNG\r\n")];
    for bytes in [zip(entries), zip_with(8, entries), tar(&entries[1..]), gzip(&tar(&entries[1..]))] {
        assert_eq!(scan("application/octet-stream", &bytes), (want.clone(), Reach::Whole));
    }
    // Without its directory; behind a program that unpacks it.
    let cut = zip(entries);
    let end = cut.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    assert_eq!(scan("", &cut[..end]), (want.clone(), Reach::Part));
    assert_eq!(scan("application/zip", &[b"#!/bin/sh\n", &cut[..]].concat()).1, Reach::Nothing);
    assert_eq!(scan("", &gzip(CSV)).0, ["cn_name@姓名", "cn_mobile@手机号"]);
    let (gbk, _, _) = encoding_rs::GBK.encode(std::str::from_utf8(CSV).unwrap());
    assert_eq!(scan("application/octet-stream", &gbk).0, ["cn_name@姓名", "cn_mobile@手机号"]);
    let nested = zip(&[("book.xlsx", &xlsx(ROWS)), ("x.zip", &zip(&[("b.csv", CSV)]))]);
    let (found, reach) = scan("application/zip", &nested);
    assert_eq!((found.len(), reach), (8, Reach::Whole), "{found:?}");
    assert!(found.contains(&"cn_id18@book.xlsx.sheet1.身份证号".to_owned()), "{found:?}");
}

#[test]
fn mail_is_read_with_what_is_attached() {
    let mail = format!(
        "From: =?utf-8?B?{}?= <zhangwei@example.cn>\r\nTo: li@example.cn\r\nSubject: list\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\ncall 13812345678\r\n--b\r\nContent-Type: {XLSX}\r\nContent-Disposition: attachment; filename=a.xlsx\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        BASE64_STANDARD.encode("张伟"),
        BASE64_STANDARD.encode(xlsx(ROWS)),
    );
    let (found, reach) = scan("message/rfc822", mail.as_bytes());
    assert_eq!(reach, Reach::Whole);
    for want in ["email@", "cn_mobile@", "cn_id18@a.xlsx.sheet1.身份证号"] {
        assert!(found.contains(&want.to_owned()), "{want}: {found:?}");
    }
    assert_eq!(scan("", mail.as_bytes()).0, found);
}

#[test]
fn pages_are_read_by_the_tables_of_their_fonts() {
    let document = pdf("mobile: 13812345678", "身份证号：11010519491231002X");
    assert_eq!(
        scan("application/pdf", &document),
        (vec!["cn_mobile@".into(), "cn_id18@".into()], Reach::Whole)
    );
    assert_eq!(scan("", &document[..document.len() - 9]).0.len(), 2);
    let locked = [&document[..], b"trailer <</Encrypt 9 0 R>>"].concat();
    assert_eq!(scan("application/pdf", &locked), (vec![], Reach::Nothing));
    let glyphs = String::from_utf8_lossy(b"%PDF-1.4\n1 0 obj<</Type/Page/Contents 2 0 R/Resources<</Font<</F 3 0 R>>>>>>endobj \
        2 0 obj<</Length 24>>stream\nBT /F 9 Tf <0001> Tj ET \nendstream endobj 3 0 obj<</Subtype/Type0/Encoding/Identity-H>>endobj")
    .into_owned();
    assert_eq!(scan("application/pdf", glyphs.as_bytes()).1, Reach::Nothing);
}

#[test]
fn uploads_and_values_carry_files_too() {
    let book = xlsx(ROWS);
    let mut body = b"--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n13712345678\r\n\
        --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        .to_vec();
    body.extend(&book);
    body.extend(b"\r\n--b--\r\n");
    for piece in [0, 100, 4096] {
        let mut play = Play::post("/import", "multipart/form-data; boundary=b", "");
        (play.request, play.piece) = (body.clone(), piece);
        let (x, ledger) = play.run_with(Config { window: 2048, ..Config::default() });
        let found = items(&x);
        assert!(found.contains(&"body:cn_mobile@note x1".to_owned()), "{found:?}");
        assert!(found.contains(&"body:cn_id18@file.sheet1.身份证号 x2".to_owned()), "{found:?}");
        assert_eq!(ledger.entry(Account::BodyScanned).count, 1);
        assert_eq!(x.request.unwrap().body.file_name.as_deref(), Some("a.xlsx"));
    }
    let json = format!("{{\"name\":\"a.xlsx\",\"content\":\"{}\"}}", BASE64_STANDARD.encode(&book));
    let (x, _) = Play::get("/f").answer("application/json", json).run_with(Config::default());
    assert!(items(&x).contains(&"body:cn_id18@content.sheet1.身份证号 x2".to_owned()), "{:?}", items(&x));
}

#[test]
fn what_is_not_read_is_told() {
    let account = |media: &str, bytes: Vec<u8>| {
        let (x, ledger) = Play::get("/f").answer(media, bytes).run_with(Config::default());
        let booked =
            Account::ALL.iter().find(|a| a.key().starts_with("body:") && ledger.entry(**a).count == 1);
        (booked.copied(), x.anomalies.contains(Anomaly::BrokenFormat))
    };
    let locked = zip_with(1, &[("a.csv", CSV)]);
    assert_eq!(account("application/zip", locked), (Some(Account::BodyInPart), false));
    assert_eq!(
        account("application/msword", b"\xd0\xcf\x11\xe0\0\0\0\0".to_vec()).0,
        Some(Account::BodyBinary)
    );
    let partly = zip(&[("a.csv", CSV), ("b.doc", b"\xd0\xcf\x11\xe0\0\0\0\0")]);
    assert_eq!(account("application/zip", partly), (Some(Account::BodyInPart), false));
    let whole = xlsx(ROWS);
    let cut = whole[..whole.len() * 2 / 3].to_vec();
    assert_eq!(account(XLSX, cut), (Some(Account::BodyInPart), true));
    assert_eq!(account("image/png", b"\x89PNG\r\n".to_vec()).0, Some(Account::BodyBinary));
    // A value in base64 that is longer than a window.
    let long = format!("{{\"a\":\"{}\"}}", BASE64_STANDARD.encode(zip(&[("a.bin", &[7; 99])]).repeat(999)));
    assert_eq!(account("application/json", long.into_bytes()).0, Some(Account::BodyInPart));
    // Longer than a file may be: read as far as it goes.
    let big = zip(&[
        ("a.csv", CSV),
        (
            "b.bin",
            &(0..9999u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect::<Vec<_>>(),
        ),
    ]);
    let config = Config { max_file: 4096, window: 2048, ..Config::default() };
    let (x, ledger) = Play::get("/f").answer("application/zip", big).run_with(config);
    assert_eq!((x.data.len(), ledger.entry(Account::BodyInPart).count), (2, 1));
}

#[test]
fn tables_that_are_called_spreadsheets() {
    let (found, _) = scan("application/vnd.ms-excel", CSV);
    assert_eq!(found, ["cn_name@姓名", "cn_mobile@手机号"]);
}

#[test]
fn silence_is_not_taken_for_clean() {
    for unread in [&b"\x7fELF\x02\x01\x01\0"[..], b"\xd0\xd5\xc3\xfb\xa3\xba", b"Rar!\x1a\x07\0"] {
        assert_eq!(scan("", unread).1, Reach::Nothing);
    }
    assert_eq!(scan("Image/PNG", b"plain").1, Reach::Nothing);
    assert_eq!(scan("text/plain", b"\xd0\xd5\xc3\xfb\xa3\xba").1, Reach::Whole);
    let cut = "名".repeat(200);
    assert_eq!(scan("", &cut.as_bytes()[..511]).1, Reach::Whole, "a character cut at the end");
}
