use crate::recorder::{Fed, cut_anywhere, talk};
use weir_exchange::{Named, Reading, Shown};
use weir_wire::Side::{self, Client, Server};

fn message(flags: u8, status: u8, number: u64, body: &[u8]) -> Vec<u8> {
    [&[0xda, 0xbb, flags, status][..], &number.to_be_bytes(), &(body.len() as u32).to_be_bytes(), body]
        .concat()
}

/// A short text of Hessian.
fn text(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().count();
    let head = if units < 32 { vec![units as u8] } else { vec![0x30 + (units >> 8) as u8, units as u8] };
    [&head[..], text.as_bytes()].concat()
}

fn call(number: u64, method: &str, types: &str, arguments: &[u8]) -> Vec<u8> {
    let attachments = [
        b"H".to_vec(),
        text("path"),
        text("com.acme.UserService"),
        text("remote.application"),
        text("shop"),
        b"Z".to_vec(),
    ];
    let body = [
        text("2.0.2"),
        text("com.acme.UserService"),
        text("0.0.0"),
        text(method),
        text(types),
        arguments.to_vec(),
    ];
    message(0xc2, 0, number, &[body.concat(), attachments.concat()].concat())
}

/// Turns that show what is read.
pub fn conversation() -> Vec<(Side, Vec<u8>)> {
    let class = [
        b"C".to_vec(),
        text("com.acme.User"),
        vec![0x93],
        text("name"),
        text("mobile"),
        text("tags"),
        vec![0x60],
    ];
    let user = [class.concat(), text("王伟"), text("13800138000"), vec![0x7a], text("a"), text("b")].concat();
    let map = [b"H".to_vec(), text("id"), vec![0xe0 + 5], text("ok"), b"T".to_vec(), b"Z".to_vec()].concat();
    vec![
        (Client, message(0xe2, 0, 1, b"N")),
        (Server, message(0x22, 20, 1, b"N")),
        (Client, call(2, "getUser", "Ljava/lang/Long;I", &[&[0x59, 0, 0, 0, 17][..], &[0x91]].concat())),
        (Server, message(0x02, 20, 2, &[&[0x94][..], &user, b"HZ"].concat())),
        (Client, [call(3, "put", "Ljava/util/Map;", &map), call(4, "all", "", &[])].concat()),
        (Server, [message(0x02, 20, 4, &[0x95, b'H', b'Z']), message(0x02, 20, 3, &[0x93, b'N'])].concat()),
        (Client, call(5, "gone", "", &[])),
        (Server, message(0x02, 60, 5, &text("no provider"))),
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
            "INVOKE /com.acme.UserService/getUser <[17,1]> -> 200 <{\"name\":\"王伟\",\"mobile\":\"13800138000\",\"tags\":[\"a\",\"b\"]}>",
            "INVOKE /com.acme.UserService/all -> 200",
            "INVOKE /com.acme.UserService/put <[{\"id\":5,\"ok\":true}]> -> 500",
            "INVOKE /com.acme.UserService/gone -> 404",
        ]
    );
}

#[test]
fn other_serializations_are_said_not_to_be_read() {
    let turns = [
        (Client, message(0xc6, 0, 1, b"\"2.0.2\"\n\"com.acme.UserService\"\n")),
        (Server, message(0x06, 20, 1, b"1\n")),
    ];
    for piece in [usize::MAX, 1, 9] {
        let fed = talk(&lent(&turns), piece);
        let told = &fed.seen.connections;
        assert!(matches!(told[..], [(Client, Shown::Named(Named::Dubbo), Reading::NotRead)]), "{told:?}");
        assert!(fed.seen.done.is_empty());
    }
}

#[test]
fn goes_on_behind_a_gap() {
    let turns = conversation();
    let mut fed = Fed::new();
    fed.data(Client, &turns[2].1);
    fed.gap(Client);
    fed.data(Client, b"tail");
    fed.data(Client, &turns[4].1);
    fed.data(Server, &turns[5].1);
    assert_eq!(fed.finish().seen.done.len(), 3);
}
