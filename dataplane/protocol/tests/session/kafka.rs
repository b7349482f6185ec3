use crate::recorder::{Fed, cut_anywhere, talk};
use weir_exchange::{Named, Reading, Shown};
use weir_wire::Side::{self, Client, Server};

fn framed(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes()[..], body].concat()
}

fn request(key: u16, version: u16, number: u32, fields: &[u8]) -> Vec<u8> {
    let head =
        [&key.to_be_bytes()[..], &version.to_be_bytes(), &number.to_be_bytes(), b"\0\x08producer"].concat();
    framed(&[&head[..], fields].concat())
}

fn response(number: u32, fields: &[u8]) -> Vec<u8> {
    framed(&[&number.to_be_bytes()[..], fields].concat())
}

fn varint(n: i64) -> Vec<u8> {
    let (mut n, mut out) = ((n << 1 ^ n >> 63) as u64, Vec::new());
    while n > 0x7f {
        out.push(n as u8 & 0x7f | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
    out
}

fn record(key: Option<&str>, value: &str) -> Vec<u8> {
    let sized = |t: &str| [varint(t.len() as i64), t.as_bytes().to_vec()].concat();
    let key = key.map_or_else(|| varint(-1), sized);
    let body = [vec![0], varint(0), varint(0), key, sized(value), varint(0)].concat();
    [varint(body.len() as i64), body].concat()
}

fn batch(attributes: u8, records: &[Vec<u8>]) -> Vec<u8> {
    let mut body = vec![0, 0, 0, 0, 2, 0, 0, 0, 0, 0, attributes];
    body.extend([0; 34]);
    body.extend((records.len() as u32).to_be_bytes());
    body.extend(records.concat());
    [&[0; 8][..], &(body.len() as u32).to_be_bytes(), &body].concat()
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat()
}

const TOPIC: &[u8] = b"\0\0\0\x01\0\x06orders\0\0\0\x01";

/// Turns that show what is read.
pub fn conversation() -> Vec<(Side, Vec<u8>)> {
    let versions = b"\0\x05kafka\x03";
    let records = [record(Some("k1"), r#"{"mobile":"13800138000"}"#), record(None, "plain")];
    let produce = [&b"\xff\xff\0\x01\0\0\x03\xe8"[..], TOPIC, &[0; 4], &sized(&batch(0, &records))].concat();
    let written = |error: u8| [TOPIC, &[0, 0, 0, 0, 0, error][..], &[0; 20]].concat();
    let fetch = [&[255; 4][..], &[0; 8], &[0; 4], &[0], TOPIC, &[0; 16]].concat();
    let fetched = |batches: &[u8]| {
        [&[0; 4][..], TOPIC, &[0; 4], &[0; 2], &[0; 8], &[0; 8], &[0; 4], &sized(batches)].concat()
    };
    let silent =
        [&b"\xff\xff\0\0\0\0\x03\xe8"[..], TOPIC, &[0; 4], &sized(&batch(0, &records[1..]))].concat();
    let metadata = b"\0\0\0\x01\0\x06orders\x01";
    let described = b"\0\0\0\0\0\0\0\0\xff\xff\0\0\0\x01\0\0\0\x01\0\x03\0\x06orders\0\0\0\0\0";
    vec![
        (Client, framed(&[&b"\0\x12\0\x03\0\0\0\x01\0\x08producer\0"[..], versions].concat())),
        (Server, response(1, &[0; 12])),
        (Client, request(17, 1, 2, b"\0\x05PLAIN")),
        (Server, response(2, &[0; 6])),
        (Client, request(36, 0, 3, &sized(b"\0app\0secret"))),
        (Server, response(3, &[0; 8])),
        (Client, request(3, 4, 4, metadata)),
        (Server, response(4, described)),
        (Client, request(0, 3, 5, &produce)),
        (Server, response(5, &written(0))),
        (Client, [request(1, 4, 6, &fetch), request(0, 3, 7, &produce)].concat()),
        (Server, [response(7, &written(29)), response(6, &fetched(&batch(0, &records)))].concat()),
        (Client, request(1, 4, 8, &fetch)),
        (Server, response(8, &fetched(&[]))),
        (Client, request(0, 3, 9, &silent)),
    ]
}

fn lent(turns: &[(Side, Vec<u8>)]) -> Vec<(Side, &[u8])> {
    turns.iter().map(|(s, b)| (*s, &b[..])).collect()
}

#[test]
fn messages_written_and_read() {
    let records = r#"[{"key":"k1","value":{"mobile":"13800138000"}},{"value":"plain"}]"#;
    assert_eq!(
        cut_anywhere(&lent(&conversation())),
        [
            "LOGIN / login app/secret -> 200".to_owned(),
            "METADATA /orders as app -> 404".to_owned(),
            format!("PRODUCE /orders as app <{records}> -> 200"),
            format!("PRODUCE /orders as app <{records}> -> 403"),
            format!("FETCH /orders as app -> 200 <{records}>"),
            "PRODUCE /orders as app <[{\"value\":\"plain\"}]> -> 202".to_owned(),
        ]
    );
}

#[test]
fn compressed_batches_are_said_not_to_be_read() {
    let mut turns = conversation();
    turns.truncate(2);
    let produce =
        [&b"\xff\xff\0\x01\0\0\x03\xe8"[..], TOPIC, &[0; 4], &sized(&batch(2, &[vec![7; 30]]))].concat();
    turns.push((Client, request(0, 3, 5, &produce)));
    turns.push((Server, response(5, &[TOPIC, &[0; 26]].concat())));
    for piece in [usize::MAX, 1, 9] {
        let fed = talk(&lent(&turns), piece);
        let told = &fed.seen.connections;
        assert!(matches!(told[..], [(Client, Shown::Named(Named::Kafka), Reading::NotRead)]), "{told:?}");
        assert_eq!(fed.seen.done, ["PRODUCE /orders -> 200"]);
    }
}

#[test]
fn the_compact_form_with_topics_by_identifier() {
    let id = [7u8; 16];
    let tags = [0u8];
    let described = [
        &[0][..],
        &[0; 4],
        &[1],
        &[1],
        &[0; 4],
        &[2],
        &[0, 0],
        b"\x07orders",
        &id,
        &[0],
        &[1],
        &[0; 4],
        &tags,
        &[0; 2],
        &tags,
    ]
    .concat();
    let records = batch(0, &[record(None, "v")]);
    let compact = [&[(records.len() + 1) as u8][..], &records].concat();
    let produce =
        [&[0][..], &[0], &[0, 1], &[0; 4], &[2], &id, &[2], &[0; 4], &compact, &tags, &tags, &tags].concat();
    let written =
        [&tags[..], &[2], &id, &[2], &[0; 4], &[0; 2], &[0; 24], &[1], &[0], &tags, &tags, &[0; 4], &tags]
            .concat();
    let turns = [
        (Client, framed(b"\0\x12\0\x03\0\0\0\x01\0\x08producer\0\x06kafka\x023\0")),
        (Server, response(1, &[0; 12])),
        (Client, request(3, 12, 2, &[&tags[..], &[0], &[1], &[0], &tags].concat())),
        (Server, response(2, &described)),
        (Client, request(0, 13, 3, &produce)),
        (Server, response(3, &written)),
    ];
    assert_eq!(
        cut_anywhere(&lent(&turns)),
        ["METADATA / -> 200", "PRODUCE /orders <[{\"value\":\"v\"}]> -> 200"]
    );
}

#[test]
fn goes_on_behind_a_gap() {
    let turns = conversation();
    let mut fed = Fed::new();
    fed.data(Client, &turns[0].1);
    fed.data(Client, &turns[8].1);
    fed.gap(Server);
    fed.data(Server, b"tail");
    fed.gap(Client);
    fed.data(Client, &turns[6].1);
    fed.data(Server, &turns[7].1);
    let seen = fed.finish().seen.done;
    assert_eq!((seen.len(), &*seen[1]), (2, "METADATA /orders -> 404"), "{seen:?}");
}
