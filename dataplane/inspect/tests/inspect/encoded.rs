//! Values in base64, hex and percent-encoding are opened.

use crate::stage::{Play, inspector};
use base64::prelude::*;
use weir_exchange::Form;
use weir_inspect::{Config, Document, DocumentHit};

fn scan(media: &str, body: &str) -> Vec<(String, Form, DocumentHit)> {
    let mut inspector = inspector(Config::default());
    let document =
        Document { bytes: body.as_bytes(), content_type: Some(media), reveal: true, ..Document::default() };
    let hits = inspector.scan_document(&document);
    let id = |h: &DocumentHit| {
        inspector.rules().catalogue().data_type(h.data_type).map_or(String::new(), |t| t.id.to_string())
    };
    hits.iter().map(|h| (id(h), h.form, h.clone())).collect()
}

fn kinds(media: &str, body: &str) -> Vec<(String, Form)> {
    scan(media, body).into_iter().map(|(t, f, _)| (t, f)).collect()
}

#[test]
fn a_value_by_itself_is_encoded_and_a_document_keeps_its_forms() {
    let one = BASE64_STANDARD.encode("13812345678");
    let body = format!("{{\"data\":\"{one}\"}}");
    assert_eq!(kinds("application/json", &body), [("cn_mobile".into(), Form::Encoded)]);
    let inner = r#"{"list":[{"name":"张伟","phone":"138****5678","idCard":"11010519491231002X"}]}"#;
    let body = format!("{{\"code\":0,\"payload\":\"{}\"}}", BASE64_URL_SAFE_NO_PAD.encode(inner));
    let found = scan("application/json", &body);
    let told: Vec<_> = found.iter().map(|(t, f, h)| (&t[..], *f, &*h.path)).collect();
    assert_eq!(
        told,
        [
            ("cn_name", Form::Plain, "payload.list[].name"),
            ("cn_mobile", Form::Masked, "payload.list[].phone"),
            ("cn_id18", Form::Plain, "payload.list[].idCard"),
        ]
    );
    // Offsets are those of the base64 that holds the value.
    let h = &found[2].2;
    let piece = &body.as_bytes()[h.start as usize..h.end as usize];
    let piece = BASE64_URL_SAFE_NO_PAD.decode(piece).unwrap();
    assert!(String::from_utf8_lossy(&piece).contains("11010519491231002X") && piece.len() <= 21);
}

#[test]
fn every_structure_and_encoding() {
    let hex: String = "11010519491231002X".bytes().map(|b| format!("{b:02x}")).collect();
    let id = [("cn_id18".to_string(), Form::Encoded)];
    assert_eq!(kinds("application/json", &format!("{{\"a\":\"{hex}\"}}")), id);
    assert_eq!(kinds("application/x-www-form-urlencoded", &format!("a={hex}&b=1")), id);
    assert_eq!(kinds("application/xml", &format!("<a><b>{hex}</b></a>")), id);
    assert_eq!(kinds("text/csv", &format!("a,b\n{hex},1\n")), id);
    let coded = "%7B%22phone%22%3A%2213812345678%22%7D";
    let plain = [("cn_mobile".to_string(), Form::Plain)];
    assert_eq!(kinds("application/json", &format!("{{\"q\":\"{coded}\"}}")), plain);
    let twice = BASE64_STANDARD
        .encode(format!("{{\"q\":\"{}\"}}", BASE64_STANDARD.encode("{\"phone\":\"13812345678\"}")));
    assert_eq!(kinds("application/json", &format!("{{\"q\":\"{twice}\"}}")), plain);
}

#[test]
fn depth_is_bounded_and_what_holds_nothing_is_what_it_was() {
    let mut text = "{\"phone\":\"13812345678\"}".to_string();
    for _ in 0..6 {
        text = format!("{{\"q\":\"{}\"}}", BASE64_STANDARD.encode(&text));
    }
    assert!(kinds("application/json", &text).is_empty());
    let token = BASE64_STANDARD.encode("session:9f8e7d6c5b4a3210:user");
    let body = format!("{{\"accessToken\":\"{token}\"}}");
    assert_eq!(kinds("application/json", &body), [("token_key".into(), Form::Plain)]);
}

#[test]
fn live_bodies_are_read_alike() {
    let body = format!("{{\"a\":\"x\",\"data\":\"{}\"}}", BASE64_STANDARD.encode("13812345678"));
    let exchange = Play::get("/a").answer("application/json", body).run();
    assert_eq!(exchange.data.len(), 1);
    assert_eq!((exchange.data[0].form, &*exchange.data[0].path), (Form::Encoded, "data"));
    assert_eq!(exchange.data[0].level, 2);
}
