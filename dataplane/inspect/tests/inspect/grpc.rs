//! Bodies of gRPC.

use crate::stage::{Play, items};
use weir_exchange::{BodyState, MediaKind};
use weir_inspect::Config;

/// A message behind its prefix.
fn framed(message: &[u8]) -> Vec<u8> {
    [&[0][..], &(message.len() as u32).to_be_bytes(), message].concat()
}

/// A field of bytes.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, value.len() as u8][..], value].concat()
}

fn people() -> Vec<u8> {
    let person = |phone: &str| field(3, &[field(1, "张伟".as_bytes()), field(2, phone.as_bytes())].concat());
    [person("13800138000"), person("13912345678")].concat()
}

#[test]
fn data_is_found_by_the_numbers_of_its_fields() {
    for piece in [0, 1, 7] {
        let mut play = Play::post("/crm.People/List", "application/grpc", "")
            .answer("application/grpc", framed(&people()));
        (play.request, play.piece) = (framed(&field(1, b"13800138000")), piece);
        let x = play.answering("grpc-status", "0").run();
        let got = items(&x);
        assert!(got.contains(&"body:cn_mobile@3[].2 x2".to_owned()), "{got:?}");
        assert!(got.contains(&"body:cn_mobile@1 x1".to_owned()), "{got:?}");
        let body = &x.response.as_ref().unwrap().body;
        assert_eq!(
            (body.kind, body.state, body.bytes),
            (MediaKind::Json, BodyState::Whole, framed(&people()).len() as u64)
        );
        assert_eq!(x.status(), Some(200));
        assert!(x.anomalies.is_empty(), "{:?}", x.anomalies);
    }
}

#[test]
fn streams_and_grpc_web() {
    let mut many = framed(&people());
    many.extend(framed(&people()));
    let x = Play::get("/crm.People/Watch").answer("application/grpc+proto", many).run();
    assert!(items(&x).contains(&"body:cn_mobile@3[].2 x4".to_owned()), "{:?}", items(&x));
    let mut web = framed(&field(1, b"13800138000"));
    web.extend([0x80, 0, 0, 0, 15]);
    web.extend(b"grpc-status:16\r");
    let x = Play::get("/crm.People/Get").answer("application/grpc-web+proto", web).run();
    let reply = x.response.as_ref().unwrap();
    assert_eq!((reply.status, reply.grpc_status, x.status()), (200, Some(16), Some(401)));
}

#[test]
fn failed_calls_say_200_and_are_failures() {
    let x = Play::get("/crm.People/Get").answer("application/grpc", "").answering("grpc-status", "7").run();
    assert_eq!((x.response.as_ref().unwrap().status, x.status()), (200, Some(403)));
}

#[test]
fn what_is_no_message_is_noted() {
    let (x, ledger) =
        Play::get("/x").answer("application/grpc", &b"\x42nonsense"[..]).run_with(Config::default());
    assert!(x.anomalies.contains(weir_exchange::Anomaly::BrokenFormat) && ledger.balanced());
}

#[test]
fn server_sent_events_are_documents_of_their_own() {
    let event = |n: u32| {
        format!(
            "id: {n}\nevent: update\ndata: {{\"user\":{{\"phone\":\"1380013{n:04}\"}}}}\n\n: keep-alive\n\n"
        )
    };
    let stream: String = (8000..8200).map(event).collect();
    for piece in [0, 33] {
        let mut play = Play::get("/events").answer("text/event-stream", stream.clone());
        play.piece = piece;
        let x = play.run();
        assert!(items(&x).contains(&"body:cn_mobile@user.phone x200".to_owned()), "{:?}", items(&x));
    }
}
