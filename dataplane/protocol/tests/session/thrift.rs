use crate::recorder::{Fed, cut_anywhere};
use weir_wire::Side::{self, Client, Server};

fn framed(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes()[..], body].concat()
}

fn binary(kind: u8, method: &str, number: u32, fields: &[u8]) -> Vec<u8> {
    let head = [
        &[0x80, 1, 0, kind][..],
        &(method.len() as u32).to_be_bytes(),
        method.as_bytes(),
        &number.to_be_bytes(),
    ];
    framed(&[&head.concat()[..], fields].concat())
}

fn compact(kind: u8, method: &str, number: u8, fields: &[u8]) -> Vec<u8> {
    let head = [&[0x82, kind << 5 | 1, number, method.len() as u8][..], method.as_bytes()];
    framed(&[&head.concat()[..], fields].concat())
}

/// A text of the binary encoding as a field.
fn text(number: u16, text: &str) -> Vec<u8> {
    [&[11][..], &number.to_be_bytes(), &(text.len() as u32).to_be_bytes(), text.as_bytes()].concat()
}

/// Turns that show what is read.
pub fn conversation() -> Vec<(Side, Vec<u8>)> {
    let number = |field: u16, n: u32| [&[8][..], &field.to_be_bytes(), &n.to_be_bytes()].concat();
    let user = [&[12, 0, 0][..], &text(1, "王伟"), &text(2, "13800138000"), &[0, 0]].concat();
    let list = [&[15, 0, 0, 11, 0, 0, 0, 2][..], b"\0\0\0\x01a\0\0\0\x01b\0"].concat();
    let map = [&[13, 0, 0, 11, 8, 0, 0, 0, 1][..], b"\0\0\0\x01k\0\0\0\x05\0"].concat();
    vec![
        (Client, binary(1, "Users:get", 1, &[&number(1, 17)[..], &[0]].concat())),
        (Server, binary(2, "Users:get", 1, &user)),
        (Client, [binary(1, "names", 2, &[0]), binary(1, "sizes", 3, &[0])].concat()),
        (Server, [binary(2, "sizes", 3, &map), binary(2, "names", 2, &list)].concat()),
        (Client, binary(4, "note", 4, &[&text(1, "seen")[..], &[0]].concat())),
        (Client, binary(1, "put", 5, &[0])),
        (Server, binary(2, "put", 5, &[&[12, 0, 1][..], &text(1, "denied"), &[0, 0]].concat())),
        (Client, binary(1, "nothing", 6, &[0])),
        (Server, binary(3, "nothing", 6, &[&text(1, "unknown")[..], &number(2, 1), &[0]].concat())),
    ]
}

fn lent(turns: &[(Side, Vec<u8>)]) -> Vec<(Side, &[u8])> {
    turns.iter().map(|(s, b)| (*s, &b[..])).collect()
}

#[test]
fn calls_and_answers() {
    assert_eq!(
        cut_anywhere(&lent(&conversation())),
        [
            "CALL /Users/get <{\"1\":17}> -> 200 <{\"1\":\"王伟\",\"2\":\"13800138000\"}>",
            "CALL /sizes -> 200 <{\"k\":5}>",
            "CALL /names -> 200 <[\"a\",\"b\"]>",
            "ONEWAY /note <{\"1\":\"seen\"}> -> 202",
            "CALL /put -> 500 <{\"1\":\"denied\"}>",
            "CALL /nothing -> 404",
        ]
    );
}

#[test]
fn the_compact_encoding() {
    // Field 1 a text, field 2 a truth, field 3 a number, field 20 (by its number) a list of two texts.
    let asked = b"\x18\x04user\x11\x16\x0e\x09\x28\x28\x01a\x01b\0";
    let answer = b"\x0c\0\x18\x0b13800138000\0\0";
    let turns = [(Client, compact(1, "find", 1, asked)), (Server, compact(2, "find", 1, answer))];
    assert_eq!(
        cut_anywhere(&lent(&turns)),
        [
            "CALL /find <{\"1\":\"user\",\"2\":true,\"3\":7,\"20\":[\"a\",\"b\"]}> -> 200 <{\"1\":\"13800138000\"}>"
        ]
    );
}

#[test]
fn goes_on_behind_a_gap() {
    let turns = conversation();
    let mut fed = Fed::new();
    fed.data(Client, &turns[0].1);
    fed.gap(Server);
    fed.data(Server, b"tail");
    fed.data(Client, &turns[2].1);
    fed.data(Server, &turns[3].1);
    let seen = fed.finish().seen.done;
    assert_eq!((seen.len(), &*seen[0]), (3, "CALL /Users/get <{\"1\":17}> -> "), "{seen:?}");
}
