//! Coded bodies give what plain ones give; bombs stop.

use crate::stage::{Play, items};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use std::io::Write;
use weir_exchange::{Anomaly, BodyState, Exchange};
use weir_inspect::Config;
use weir_wire::Account;

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut e = GzEncoder::new(Vec::new(), Compression::default());
    e.write_all(data).unwrap();
    e.finish().unwrap()
}
fn zlib(data: &[u8]) -> Vec<u8> {
    let mut e = ZlibEncoder::new(Vec::new(), Compression::default());
    e.write_all(data).unwrap();
    e.finish().unwrap()
}
fn raw(data: &[u8]) -> Vec<u8> {
    let mut e = DeflateEncoder::new(Vec::new(), Compression::default());
    e.write_all(data).unwrap();
    e.finish().unwrap()
}
fn zstd(data: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(data, 3).unwrap()
}
/// `{"mobile":"13812345678"}` by the reference encoder.
const BROTLI: &[u8] = include_bytes!("data/mobile.json.br");

fn document() -> String {
    (0..4000).map(|i| format!("{{\"mobile\":\"13812345678\",\"n\":{i}}}\n")).collect()
}

fn play(coding: &str, body: Vec<u8>, piece: usize) -> Exchange {
    let mut play = Play::get("/").answer("application/json", body).answering("Content-Encoding", coding);
    play.piece = piece;
    play.run()
}

#[test]
fn coded_is_as_plain() {
    let text = document();
    let plain = play("identity", text.clone().into_bytes(), 0);
    let two =
        [gzip(&text.as_bytes()[..70_000]), gzip(&text.as_bytes()[70_000..]), b"garbage".to_vec()].concat();
    for (coding, body) in [
        ("gzip", gzip(text.as_bytes())),
        ("x-gzip", two),
        ("deflate", zlib(text.as_bytes())),
        ("deflate", raw(text.as_bytes())),
        ("zstd", zstd(text.as_bytes())),
        ("zstd, gzip", gzip(&zstd(text.as_bytes()))),
    ] {
        for piece in [0, 1, 7, 1460] {
            let x = play(coding, body.clone(), piece);
            let (got, want) = (&x.response.as_ref().unwrap().body, &plain.response.as_ref().unwrap().body);
            assert_eq!(
                (got.sha256, got.bytes, got.records),
                (want.sha256, want.bytes, want.records),
                "{coding} {piece}"
            );
            assert_eq!((&x.data, &x.anomalies), (&plain.data, &plain.anomalies), "{coding}");
        }
    }
}

#[test]
fn brotli() {
    for piece in [0, 1] {
        assert_eq!(items(&play("br", BROTLI.to_vec(), piece)), ["body:cn_mobile@mobile x1"]);
    }
}

#[test]
fn a_break_keeps_what_came_before() {
    let mut body = gzip(document().as_bytes());
    let half = body.len() / 2;
    body.truncate(half);
    let x = play("gzip", body.clone(), 0);
    let b = &x.response.as_ref().unwrap().body;
    assert!(b.state == BodyState::Broken && b.bytes > 0 && x.data[0].count > 100);
    body.extend_from_slice(&[0xff; 4000]);
    assert!(play("gzip", body, 0).anomalies.contains(Anomaly::BrokenCoding));
}

#[test]
fn bombs_stop() {
    for (coding, body) in [("gzip", gzip(&vec![b' '; 64 << 20])), ("zstd", zstd(&vec![b' '; 64 << 20]))] {
        let play = Play::get("/").answer("text/plain", body).answering("Content-Encoding", coding);
        let (x, ledger) = play.run_with(Config { max_expansion: 100, ..Config::default() });
        let b = &x.response.as_ref().unwrap().body;
        assert_eq!((b.state, x.anomalies), (BodyState::Limited, [Anomaly::ExpansionLimit].into()));
        assert!(b.bytes <= (1 << 20).max(b.wire_bytes * 100));
        assert_eq!(ledger.entry(Account::BodyBomb).count, 1);
    }
}
