//! What holds for any segmentation, damage and loss.

use crate::peer::*;
use crate::recorder::{Event, Outcome, run, run_from};
use proptest::prelude::*;
use std::collections::BTreeSet;
use weir_wire::Side;

/// A stream to be spoken.
#[derive(Clone, Debug)]
struct Spoken {
    path: u8,
    value: u8,
    status: u16,
    asked: Vec<u8>,
    answered: Vec<u8>,
    /// Trailers, padding, continuation, priority.
    how: [bool; 4],
}

fn spoken() -> impl Strategy<Value = Spoken> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..60);
    (0..4u8, 0..4u8, 0..3usize, bytes(), bytes(), any::<[bool; 4]>()).prop_map(
        |(path, value, code, asked, answered, how)| Spoken {
            path,
            value,
            status: [200, 404, 503][code],
            asked,
            answered,
            how,
        },
    )
}

/// Frames of one half of a stream.
fn half(e: &mut Encoder, id: u32, fields: &[Field], body: &[u8], how: [bool; 4]) -> Vec<Vec<u8>> {
    let [trailers, padded, continued, priority] = how;
    let block = e.block(fields);
    let ends = u8::from(body.is_empty() && !trailers);
    let at = if continued { block.len() / 2 } else { block.len() };
    let mut first = Vec::new();
    let mut flags = ends;
    if padded {
        first.push(7);
        flags |= PADDED;
    }
    if priority {
        first.extend([0, 0, 0, 0, 200]);
        flags |= PRIORITY;
    }
    first.extend(&block[..at]);
    if padded {
        first.extend([0; 7]);
    }
    let mut frames = vec![frame(HEADERS, flags | if continued { 0 } else { END_HEADERS }, id, &first)];
    if continued {
        let last = frames.len() - 1;
        frames[last].extend(frame(CONTINUATION, END_HEADERS, id, &block[at..]));
    }
    let mut parts = body.chunks(17).peekable();
    while let Some(part) = parts.next() {
        let ends = u8::from(parts.peek().is_none() && !trailers);
        frames.push(if padded {
            frame(DATA, PADDED | ends, id, &[&[3], part, &[0; 3]].concat())
        } else {
            frame(DATA, ends, id, part)
        });
    }
    if trailers {
        frames.push(e.headers(id, true, &[field("x-trailer", "t")]));
    }
    frames
}

fn woven(streams: Vec<Vec<Vec<u8>>>) -> Vec<u8> {
    let longest = streams.iter().map(Vec::len).max().unwrap_or(0);
    // The heads in order of their streams, as tables want it.
    (0..longest)
        .flat_map(|i| streams.iter().filter_map(move |s| s.get(i)).flatten().copied().collect::<Vec<u8>>())
        .collect()
}

/// Both directions of a connection. Trailers are written with literals in the order in which they are sent.
fn connection(talk: &[Spoken]) -> [Vec<u8>; 2] {
    let (mut q, mut p) = (Encoder::default(), Encoder::default());
    let ids = (0..).map(|i| 2 * i + 1);
    let fields =
        |x: &Spoken| [post(&format!("/{}", x.path)), vec![field("x-v", format!("v{}", x.value))]].concat();
    let answer = |x: &Spoken| [status(x.status), vec![field("x-w", format!("w{}", x.value))]].concat();
    // Weaving changes the order of blocks, so only halves without trailers are woven.
    let weave = talk.iter().all(|x| !x.how[0]);
    let asked: Vec<_> =
        talk.iter().zip(ids.clone()).map(|(x, id)| half(&mut q, id, &fields(x), &x.asked, x.how)).collect();
    let answered: Vec<_> =
        talk.iter().zip(ids).map(|(x, id)| half(&mut p, id, &answer(x), &x.answered, x.how)).collect();
    let join = |all: Vec<Vec<Vec<u8>>>| if weave { woven(all) } else { all.concat().concat() };
    [[hello(), join(asked)].concat(), [settings(), join(answered)].concat()]
}

fn cut(bytes: &[u8], cuts: &[u8], side: Side) -> Vec<Event> {
    let (mut rest, mut out, mut cuts) = (bytes, Vec::new(), cuts.iter().copied().cycle());
    while !rest.is_empty() {
        let n = usize::from(cuts.next().unwrap_or(255)).clamp(1, rest.len());
        out.push(if side == Side::Client {
            Event::C(rest[..n].to_vec())
        } else {
            Event::S(rest[..n].to_vec())
        });
        rest = &rest[n..];
    }
    out
}

fn events([q, p]: &[Vec<u8>; 2], cuts: &[u8]) -> Vec<Event> {
    [cut(q, cuts, Side::Client), cut(p, cuts, Side::Server)].concat()
}

/// Every field told, as `name=value`.
fn told(o: &Outcome) -> BTreeSet<String> {
    let heads = o.recorder.seen.values().flat_map(|x| [&x.request.head, &x.response.head]);
    heads.flat_map(|h| h.split('|').skip(1).map(str::to_owned)).collect()
}

fn sent(talk: &[Spoken]) -> BTreeSet<String> {
    let values = talk.iter().flat_map(|x| {
        [
            format!("x-v=v{}", x.value),
            format!("=v{}", x.value),
            format!("x-w=w{}", x.value),
            format!("=w{}", x.value),
        ]
    });
    values
        .chain(["Host=h.example", "x-trailer=t", "=t", "=h.example"].map(String::from))
        .chain((0..4).map(|i| format!("=/{i}")))
        .chain([200, 404, 503].map(|i| format!("={i}")))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn segmentation_does_not_matter(talk in prop::collection::vec(spoken(), 1..6), cuts in prop::collection::vec(1..40u8, 1..40)) {
        let both = connection(&talk);
        let (one, many, bytes) = (run(&events(&both, &[255])), run(&events(&both, &cuts)), run(&events(&both, &[1])));
        prop_assert_eq!(one.recorder.seen.len(), talk.len());
        for (x, seen) in talk.iter().zip(one.recorder.seen.values()) {
            prop_assert_eq!(&seen.request.head, &format!("POST /{} 1|Host=h.example|x-v=v{}", x.path, x.value));
            prop_assert_eq!(&seen.response.head, &format!("{} 1|x-w=w{}", x.status, x.value));
            prop_assert_eq!((&seen.request.body, &seen.response.body), (&x.asked, &x.answered));
            prop_assert_eq!((seen.request.complete, seen.response.complete), (Some(true), Some(true)));
        }
        prop_assert_eq!(&one.recorder.seen, &many.recorder.seen);
        prop_assert_eq!(&one.recorder.seen, &bytes.recorder.seen);
        prop_assert_eq!(&one.recorder.order, &many.recorder.order);
    }

    #[test]
    fn losses_make_nothing_up(
        talk in prop::collection::vec(spoken(), 1..8),
        cuts in prop::collection::vec(1..60u8, 1..20),
        lost in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let mut all = events(&connection(&talk), &cuts);
        for i in lost {
            let i = i.index(all.len());
            if let Event::C(b) | Event::S(b) = &all[i] {
                let side = if matches!(all[i], Event::C(_)) { Side::Client } else { Side::Server };
                all[i] = Event::Gap(side, b.len() as u32);
            }
        }
        let o = run(&all);
        let made_up: Vec<_> = told(&o).difference(&sent(&talk)).cloned().collect();
        prop_assert!(made_up.is_empty(), "{made_up:?}");
        for seen in o.recorder.seen.values() {
            let whole = seen.request.complete == Some(true) && seen.response.complete == Some(true);
            let same = |x: &Spoken| x.asked == seen.request.body && x.answered == seen.response.body;
            prop_assert!(!whole || talk.iter().any(same), "{seen:?}");
        }
    }

    #[test]
    fn a_start_midway_makes_nothing_up(talk in prop::collection::vec(spoken(), 2..8), at in any::<[prop::sample::Index; 2]>()) {
        let [q, p] = connection(&talk);
        let both = [q[at[0].index(q.len())..].to_vec(), p[at[1].index(p.len())..].to_vec()];
        let o = run_from(false, &events(&both, &[255]));
        let made_up: Vec<_> = told(&o).difference(&sent(&talk)).cloned().collect();
        prop_assert!(made_up.is_empty(), "{made_up:?}");
    }

    #[test]
    fn any_bytes_are_booked(from_start: bool, parts in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 1..80)), 0..20)) {
        let events: Vec<_> = std::iter::once(Event::C(hello()))
            .chain(parts.into_iter().map(|(c, b)| if c { Event::C(b) } else { Event::S(b) }))
            .collect();
        run_from(from_start, &events);
    }

    #[test]
    fn damage_is_survived(
        talk in prop::collection::vec(spoken(), 1..6),
        cuts in prop::collection::vec(1..40u8, 1..10),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..10),
        gaps in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>(), 0..300u32), 0..4),
    ) {
        let mut both = connection(&talk);
        for (i, byte) in damage {
            let side = usize::from(byte & 1);
            let i = i.index(both[side].len());
            both[side][i] = byte;
        }
        let mut all = events(&both, &cuts);
        for (i, client, len) in gaps {
            let side = if client { Side::Client } else { Side::Server };
            all.insert(i.index(all.len()), Event::Gap(side, len));
        }
        run(&all);
    }
}
