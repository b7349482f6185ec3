//! Connections picked up midway, and gaps.

use crate::peer::*;
use crate::recorder::{Event, c, run, run_from, s};
use weir_exchange::Anomaly;
use weir_wire::{Account, Side};

#[test]
fn what_the_table_does_not_hold_is_not_guessed() {
    let (mut q, mut p) = (Encoder::default(), Encoder::default());
    // The first path is added to the table.
    q.turn = 1;
    let token = |path| [get(path), vec![field("x-token", "secret")]].concat();
    let first = q.headers(1, true, &token("/api/orders"));
    p.headers(1, true, &status(204));
    // The same again is all indices; another path is a literal.
    let (second, third) =
        (q.headers(3, true, &token("/api/orders")), q.headers(5, true, &token("/api/items")));
    let answers = [p.headers(3, true, &status(200)), p.headers(5, true, &status(200))].concat();
    let o = run_from(false, &[c([second.clone(), third.clone()].concat()), s(answers.clone())]);
    assert_eq!(o.lines(), ["GET /api/items+ -> 200+ unknown-header-field", "-> 200+ lone-response"]);
    // The token came as a literal with the second request, which added it; the authority is from before.
    assert_eq!(o.recorder.seen[&0].request.head, "GET /api/items 1|x-token=secret");
    assert!(o.recorder.flow_anomalies.contains(&Anomaly::UnknownField));
    let o = run(&[c([hello(), first, second, third].concat()), s([settings(), answers].concat())]);
    assert_eq!(o.recorder.seen[&2].request.head, "GET /api/items 1|Host=h.example|x-token=secret");
}

#[test]
fn a_gap_inside_data_is_the_bodys() {
    let (mut q, mut p) = (Encoder::default(), Encoder::default());
    let ask = c([hello(), q.headers(1, true, &get("/a")), q.headers(3, true, &get("/b"))].concat());
    let data = frame(DATA, END_STREAM, 1, b"0123456789");
    let o = run(&[
        ask,
        s([settings(), p.headers(1, false, &status(200)), data[..12].to_vec()].concat()),
        Event::Gap(Side::Server, 4),
        s([&data[16..], &p.headers(3, true, &status(404))].concat()),
    ]);
    assert_eq!(o.lines(), ["GET /a+ -> 200 \"012789\" lost 4- gap", "GET /b+ -> 404+"]);
}

#[test]
fn a_gap_over_frames_forgets_the_table() {
    let (mut q, mut p) = (Encoder::default(), Encoder::default());
    let with = |v: &str| [status(200), vec![field("x-kind", v)]].concat();
    let ask: Vec<u8> =
        [1, 3, 5, 7].iter().flat_map(|id| q.headers(*id, true, &get(&format!("/{id}")))).collect();
    let answers: Vec<Vec<u8>> = [(1, "a"), (3, "b"), (5, "a"), (7, "c")]
        .iter()
        .map(|(id, v)| p.headers(*id, true, &with(v)))
        .collect();
    let o = run(&[
        c([hello(), ask].concat()),
        s([settings(), answers[0].clone()].concat()),
        Event::Gap(Side::Server, answers[1].len() as u32),
        s([answers[2].clone(), answers[3].clone()].concat()),
    ]);
    let heads: Vec<_> = o.recorder.seen.values().map(|x| x.response.head.as_str()).collect();
    assert_eq!(heads[..3], ["200 1|x-kind=a", "", "200 1"], "{:?}", o.lines());
    assert!(o.recorder.seen[&2].anomalies.contains(&Anomaly::UnknownField));
    // A literal with a name that is not known keeps its value.
    assert!(heads[3] == "200 1|x-kind=c" || heads[3] == "200 1|=c", "{heads:?}");
}

#[test]
fn frames_are_found_behind_bytes_of_a_body() {
    let mut p = Encoder::default();
    let rest = [
        &[b'x'; 700][..],
        &frame(DATA, END_STREAM, 1, b"end"),
        &p.headers(3, true, &status(200)),
        &frame(PING, 0, 0, &[0; 8]),
    ]
    .concat();
    let o = run(&[
        c([hello(), Encoder::default().headers(1, true, &get("/"))].concat()),
        s([settings(), p.headers(1, false, &status(200)), frame(DATA, 0, 1, &[b'x'; 900])[..100].to_vec()]
            .concat()),
        Event::Gap(Side::Server, 2000),
        s(rest),
    ]);
    assert_eq!(o.bytes(Account::MessageSkipped), 700);
    assert_eq!(o.recorder.seen[&0].response.body.len(), 94);
    assert_eq!(o.recorder.seen[&1].response.head, "200 1");
}
