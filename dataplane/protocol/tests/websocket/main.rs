//! WebSocket over whole flows, from the upgrade on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../http1/recorder.rs"]
mod recorder;

use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;
use recorder::{Event, Outcome, c, run, run_from, s};
use weir_exchange::Anomaly;
use weir_wire::{Account, Side};

const ASK: &str =
    "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nCookie: sid=1\r\n\r\n";
const GO: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
const FIN: u8 = 0x80;
const ZIPPED: u8 = 0x40;

/// A frame; clients mask.
fn frame(first: u8, mask: bool, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    let bit = if mask { 0x80 } else { 0 };
    match payload.len() {
        n @ 0..=125 => out.push(bit | n as u8),
        n @ 126..=0xffff => {
            out.push(bit | 126);
            out.extend((n as u16).to_be_bytes());
        }
        n => {
            out.push(bit | 127);
            out.extend((n as u64).to_be_bytes());
        }
    }
    let key = [0x37, 0xfa, 0x21, 0x3d];
    if mask {
        out.extend(key);
        out.extend(payload.iter().zip(key.iter().cycle()).map(|(b, k)| b ^ k));
    } else {
        out.extend(payload);
    }
    out
}

fn upgraded(extensions: &str) -> Vec<Event> {
    vec![c(ASK), s(format!("{GO}{extensions}\r\n"))]
}

fn play(extensions: &str, events: Vec<Event>) -> Outcome {
    run(&[upgraded(extensions), events].concat())
}

#[test]
fn messages_are_exchanges_of_their_own() {
    let long = "x".repeat(70_000);
    let o = play(
        "",
        vec![
            c([frame(FIN | 1, true, b"{\"ask\":1}"), frame(FIN | 9, true, b"ping")].concat()),
            s([
                frame(1, false, b"in "),
                frame(FIN | 10, false, b"ping"),
                frame(0, false, b""),
                frame(FIN, false, b"parts"),
            ]
            .concat()),
            Event::Wait(5_000),
            s(frame(FIN | 2, false, long.as_bytes())),
            c(frame(FIN | 8, true, &[3, 0xe8])),
        ],
    );
    let lines = o.lines();
    assert_eq!(lines[0], "GET /chat+ -> 101+");
    assert_eq!(lines[1], "GET /chat \"{\\\"ask\\\":1}\"+ -> 101+");
    assert_eq!(lines[2], "GET /chat+ -> 101 \"in parts\"+");
    assert_eq!(o.recorder.seen[&3].response.body.len(), 70_000);
    assert!(o.recorder.seen[&1].request.head.contains("|Cookie=sid=1"));
    assert!(o.recorder.flow_anomalies.is_empty() && !o.shunted);
}

#[test]
fn compressed_messages_share_a_window() {
    let mut zip = Compress::new(Compression::default(), false);
    let mut message = |text: &str| {
        let mut out = Vec::with_capacity(1000);
        zip.compress_vec(text.as_bytes(), &mut out, FlushCompress::Sync).unwrap();
        out.truncate(out.len() - 4);
        out
    };
    let (a, b) = (message("a phone: 13800138000"), message("a phone: 13800138000 again"));
    assert!(b.len() < 16);
    let extensions = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    let (one, two) = (
        frame(FIN | ZIPPED | 1, false, &a),
        [frame(ZIPPED | 1, false, &b[..3]), frame(FIN, false, &b[3..])].concat(),
    );
    let o = play(extensions, vec![s(one.clone()), s(two.clone()), s(frame(FIN | 1, false, b"plain"))]);
    let bodies: Vec<_> =
        o.recorder.seen.values().map(|x| String::from_utf8_lossy(&x.response.body).into_owned()).collect();
    assert_eq!(bodies, ["", "a phone: 13800138000", "a phone: 13800138000 again", "plain"]);
    // What builds on a window that is lost is not made up.
    let o = play(extensions, vec![s(&one[..9]), Event::Gap(Side::Server, 2), s(&one[11..]), s(two)]);
    assert!(o.recorder.seen[&2].response.body.is_empty());
    assert_eq!(o.recorder.seen[&2].anomalies, [Anomaly::BrokenCoding]);
}

#[test]
fn bombs_end() {
    let mut out = Vec::with_capacity(100_000);
    Compress::new(Compression::best(), false)
        .compress_vec(&vec![0; 20 << 20], &mut out, FlushCompress::Sync)
        .unwrap();
    let o = play(
        "Sec-WebSocket-Extensions: permessage-deflate\r\n",
        vec![s(frame(FIN | ZIPPED | 2, false, &out))],
    );
    let seen = &o.recorder.seen[&1];
    assert!(seen.anomalies == [Anomaly::ExpansionLimit] && seen.response.body.len() < 6 << 20);
}

#[test]
fn irregular_frames_are_noted() {
    let o = play(
        "",
        vec![
            c(frame(FIN | 1, false, b"bare")),
            s(frame(FIN, false, b"of nothing")),
            s(frame(FIN | 1, true, b"masked")),
        ],
    );
    assert_eq!(
        o.lines()[1..],
        ["GET /chat \"bare\"+ -> 101+ bad-frame", "GET /chat+ -> 101 \"masked\"+ bad-frame"]
    );
    assert_eq!(o.recorder.flow_anomalies, [Anomaly::BadFrame]);
    let o = play("", vec![s(frame(1, false, b"cut ")), s("SSH-2.0-x\r\n")]);
    assert_eq!(o.lines()[1], "GET /chat+ -> 101 \"cut \"-");
    assert!(o.shunted && o.bytes(Account::MessageTunnelled) == 11);
}

#[test]
fn gaps() {
    let whole = frame(FIN | 1, false, b"0123456789");
    let next = frame(FIN | 1, false, b"next");
    let o = play("", vec![s(&whole[..5]), Event::Gap(Side::Server, 4), s([&whole[9..], &next].concat())]);
    assert_eq!(o.lines()[1..], ["GET /chat+ -> 101 \"012789\" lost 4- gap", "GET /chat+ -> 101 \"next\"+"]);
    let o = play("", vec![s(&whole[..5]), Event::Gap(Side::Server, 40), s(next)]);
    assert_eq!(o.lines()[1..], ["GET /chat+ -> 101 \"012\" lost 7- gap"]);
    assert_eq!(o.bytes(Account::MessageSkipped), 6);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn segmentation_does_not_matter(
        talk in prop::collection::vec((any::<bool>(), prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..4)), 1..6),
        cuts in prop::collection::vec(1..40u8, 1..20),
    ) {
        let events = |cuts: &[u8]| {
            let (mut out, mut cuts) = (upgraded(""), cuts.iter().copied().cycle());
            for (client, parts) in &talk {
                let last = parts.len() - 1;
                let frames: Vec<u8> = parts.iter().enumerate().flat_map(|(i, p)| frame(if i == 0 { 2 } else { 0 } | if i == last { FIN } else { 0 }, *client, p)).collect();
                let mut rest = &frames[..];
                while !rest.is_empty() {
                    let n = usize::from(cuts.next().unwrap()).min(rest.len());
                    out.push(if *client { c(&rest[..n]) } else { s(&rest[..n]) });
                    rest = &rest[n..];
                }
            }
            out
        };
        let (one, many) = (run(&events(&[255])), run(&events(&cuts)));
        prop_assert_eq!(one.recorder.seen.len(), talk.len() + 1);
        for ((client, parts), seen) in talk.iter().zip(one.recorder.seen.values().skip(1)) {
            let half = if *client { &seen.request } else { &seen.response };
            prop_assert_eq!(&half.body, &parts.concat());
        }
        prop_assert_eq!(one.recorder.seen, many.recorder.seen);
    }

    #[test]
    fn any_bytes_are_booked(
        from_start: bool,
        parts in prop::collection::vec((0..5u8, prop::collection::vec(any::<u8>(), 1..80)), 0..20),
        zipped: bool,
    ) {
        let more = parts.into_iter().map(|(how, mut b)| {
            // Frames that begin lawfully now and then.
            if how > 1 {
                b[0] &= if zipped { 0xc2 } else { 0x82 };
            }
            match how {
                0 => Event::Gap(Side::Server, b.len() as u32),
                1 | 2 => Event::C(b),
                _ => Event::S(b),
            }
        });
        let extensions = if zipped { "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n" } else { "" };
        run_from(from_start, &upgraded(extensions).into_iter().chain(more).collect::<Vec<_>>());
    }
}
