//! What holds for any segmentation, damage and loss.

use crate::recorder::{Event, Outcome, run, run_from};
use proptest::prelude::*;
use weir_wire::Side;

/// One exchange to be spoken: what both sides send.
#[derive(Clone, Debug)]
struct Spoken {
    request: Vec<u8>,
    response: Vec<u8>,
}

fn body(chunked: bool, bytes: &[u8], piece: usize) -> (String, Vec<u8>) {
    if !chunked {
        return (format!("Content-Length: {}\r\n", bytes.len()), bytes.to_vec());
    }
    let mut out = Vec::new();
    for part in bytes.chunks(piece) {
        out.extend_from_slice(format!("{:x};e=1\r\n", part.len()).as_bytes());
        out.extend_from_slice(part);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\nT: x\r\n\r\n");
    ("Transfer-Encoding: chunked\r\n".into(), out)
}

fn message(start: String, fields: String, (framing, body): (String, Vec<u8>)) -> Vec<u8> {
    let mut out = format!("{start}\r\n{fields}{framing}\r\n").into_bytes();
    out.extend_from_slice(&body);
    out
}

fn spoken(number: usize) -> impl Strategy<Value = Spoken> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..60);
    let kind = (0..4usize, any::<[bool; 4]>(), 1..20usize);
    (kind, bytes(), bytes()).prop_map(move |((method, [cq, cs, lf, head_len], piece), q, p)| {
        let name = ["GET", "POST", "HEAD", "PUT"][method];
        let nl = if lf { "\n" } else { "\r\n" };
        let fields = format!("Host: h{nl}X-N:  {number} {nl}");
        let with_body = matches!(name, "POST" | "PUT");
        let q = if with_body { body(cq, &q, piece) } else { (String::new(), Vec::new()) };
        let request = message(format!("{name} /{number} HTTP/1.1"), fields, q);
        let (framing, bytes) = body(cs, &p, piece);
        let bytes = if name == "HEAD" { Vec::new() } else { bytes };
        let framing = if name == "HEAD" && !head_len { String::new() } else { framing };
        let response = message(format!("HTTP/1.1 {} OK", 200 + number), "A: b\r\n".into(), (framing, bytes));
        Spoken { request, response }
    })
}

fn conversation() -> impl Strategy<Value = Vec<Spoken>> {
    (1..6usize).prop_flat_map(|n| (0..n).map(spoken).collect::<Vec<_>>())
}

/// Events of a conversation, each message cut at `cuts`.
fn events(talk: &[Spoken], cuts: &[u8]) -> Vec<Event> {
    let mut cuts = cuts.iter().copied().cycle();
    let mut out = Vec::new();
    for x in talk {
        for (bytes, side) in [(&x.request, Side::Client), (&x.response, Side::Server)] {
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let n = usize::from(cuts.next().unwrap_or(255)).clamp(1, rest.len());
                let part = rest[..n].to_vec();
                out.push(if side == Side::Client { Event::C(part) } else { Event::S(part) });
                rest = &rest[n..];
            }
        }
    }
    out
}

fn whole(o: &Outcome) -> Vec<String> {
    o.lines()
        .into_iter()
        .filter(|l| l.contains("+ -> 2") && l.trim_end_matches(" bare-lf").ends_with('+'))
        .collect()
}

/// Events for a person to read.
fn shown(events: &[Event]) -> String {
    let text = |e: &Event| match e {
        Event::C(b) => format!("C {:?}\n", String::from_utf8_lossy(b)),
        Event::S(b) => format!("S {:?}\n", String::from_utf8_lossy(b)),
        other => format!("{other:?}\n"),
    };
    events.iter().map(text).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn segmentation_does_not_matter(talk in conversation(), cuts in prop::collection::vec(1..40u8, 1..40)) {
        let (one, many, bytes) = (run(&events(&talk, &[255])), run(&events(&talk, &cuts)), run(&events(&talk, &[1])));
        prop_assert_eq!(one.recorder.seen.len(), talk.len());
        prop_assert_eq!(whole(&one).len(), talk.len());
        prop_assert_eq!(&one.recorder.seen, &many.recorder.seen);
        prop_assert_eq!(&one.recorder.seen, &bytes.recorder.seen);
        prop_assert_eq!(&one.recorder.order, &many.recorder.order);
    }

    #[test]
    fn pipelining_does_not_matter(talk in conversation()) {
        let join = |f: fn(&Spoken) -> &Vec<u8>| talk.iter().flat_map(|x| f(x).clone()).collect::<Vec<u8>>();
        let (requests, responses) = (join(|x| &x.request), join(|x| &x.response));
        let o = run(&[Event::C(requests), Event::S(responses)]);
        prop_assert_eq!(o.recorder.seen, run(&events(&talk, &[255])).recorder.seen);
    }

    #[test]
    fn any_bytes_are_booked(from_start: bool, parts in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 1..80)), 0..20)) {
        let events: Vec<_> = parts.into_iter().map(|(c, b)| if c { Event::C(b) } else { Event::S(b) }).collect();
        run_from(from_start, &events);
    }

    #[test]
    fn damage_is_survived(
        talk in conversation(),
        cuts in prop::collection::vec(1..60u8, 1..10),
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), 0..6u8), 1..8),
    ) {
        let mut events = events(&talk, &cuts);
        for (event, at, byte, kind) in hits {
            let i = event.index(events.len());
            let side = match &events[i] { Event::C(_) => Side::Client, _ => Side::Server };
            if let (Event::C(b) | Event::S(b), 0..=2) = (&mut events[i], kind)
                && !b.is_empty()
            {
                let at = at.index(b.len());
                match kind { 0 => b[at] = byte, 1 => b.truncate(at), _ => b.insert(at, b'\n') }
            } else if kind == 3 {
                events.insert(i, Event::Gap(side, u32::from(byte)));
            } else if kind == 4 {
                events.remove(i);
                events.push(Event::Gap(side, 1));
            } else {
                events.swap(i, 0);
            }
        }
        run(&events);
        run_from(false, &events);
    }

    #[test]
    fn later_messages_are_found_after_a_loss(talk in conversation(), more in conversation(), at: prop::sample::Index, n in 1..4usize) {
        let mut all = events(&talk, &[17]);
        let i = at.index(all.len());
        let n = n.min(all.len() - i);
        let gone: Vec<_> = all.splice(i..i + n, []).collect();
        let mut gaps = [0u32; 2];
        gone.iter().for_each(|e| match e {
            Event::C(b) => gaps[0] += b.len() as u32,
            Event::S(b) => gaps[1] += b.len() as u32,
            _ => {}
        });
        for (side, len) in [(Side::Server, gaps[1]), (Side::Client, gaps[0])] {
            if len > 0 { all.insert(i, Event::Gap(side, len)); }
        }
        all.extend(events(&more, &[255]));
        let o = run(&all);
        let want = whole(&run(&events(&more, &[255])));
        let got = whole(&o);
        // The first message behind the loss may be taken for the rest of one that the loss hit; later ones may not.
        prop_assert!(got.ends_with(&want[1..]), "{:#?}\n{:#?}\n{}", got, want, shown(&all));
    }

    #[test]
    fn a_flow_picked_up_anywhere_is_read(talk in conversation(), more in conversation(), at: prop::sample::Index) {
        let all = events(&talk, &[17]);
        let mut rest = all[at.index(all.len())..].to_vec();
        rest.extend(events(&more, &[255]));
        let want = whole(&run(&events(&more, &[255])));
        let got = whole(&run_from(false, &rest));
        prop_assert!(got.ends_with(&want[1..]), "{:#?}\n{:#?}", got, want);
    }
}
