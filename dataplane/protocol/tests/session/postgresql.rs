use crate::recorder::{Fed, cut_anywhere, talk};
use weir_wire::Account;
use weir_wire::Side::{self, Client, Server};

fn message(kind: u8, rest: &[u8]) -> Vec<u8> {
    let length = u32::try_from(rest.len() + 4).unwrap().to_be_bytes();
    [&[kind][..], &length, rest].concat()
}

fn startup() -> Vec<u8> {
    message(0, b"\0\x03\0\0user\0app\0database\0crm\0\0")[1..].to_vec()
}

fn ready() -> Vec<u8> {
    message(b'Z', b"I")
}

fn columns(names: &[&str]) -> Vec<u8> {
    let mut rest = vec![0, names.len() as u8];
    for name in names {
        rest.extend_from_slice(name.as_bytes());
        // Table, column, type (text), size, modifier, format.
        rest.extend_from_slice(b"\0\0\0\0\x01\0\x01\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0");
    }
    message(b'T', &rest)
}

fn row(values: &[&str]) -> Vec<u8> {
    let mut rest = vec![0, values.len() as u8];
    for v in values {
        rest.extend_from_slice(&[0, 0, 0, v.len() as u8]);
        rest.extend_from_slice(v.as_bytes());
    }
    message(b'D', &rest)
}

fn login() -> Vec<(Side, Vec<u8>)> {
    vec![
        (Client, startup()),
        (Server, message(b'R', &[0, 0, 0, 3])),
        (Client, message(b'p', b"s3cret\0")),
        (Server, [message(b'R', &[0; 4]), message(b'S', b"a\0b\0"), ready()].concat()),
    ]
}

fn lent(turns: &[(Side, Vec<u8>)]) -> Vec<(Side, &[u8])> {
    turns.iter().map(|(s, b)| (*s, &b[..])).collect()
}

/// Turns that show what is read.
pub fn conversation() -> Vec<(Side, Vec<u8>)> {
    let mut turns = login();
    turns.push((Client, message(b'Q', b"select id, phone from c where id = 'x'\0")));
    let rows = [
        columns(&["id", "phone"]),
        row(&["1", "13800138000"]),
        row(&["2", ""]),
        message(b'C', b"SELECT 2\0"),
    ];
    turns.push((Server, [&rows.concat()[..], &ready()].concat()));
    turns.push((Client, message(b'Q', b"delete from nosuch\0")));
    turns.push((Server, [message(b'E', b"SERROR\0C42P01\0Mno\0\0"), ready()].concat()));
    turns.push((Client, message(b'Q', b"copy c to stdout\0")));
    let copied =
        [message(b'H', &[0, 0, 0]), message(b'd', b"1\ta\n"), message(b'd', b"2\tb\n"), message(b'c', b"")];
    turns.push((Server, [&copied.concat()[..], &message(b'C', b"COPY 2\0"), &ready()].concat()));
    turns.push((Client, message(b'X', b"")));
    turns
}

#[test]
fn simple_queries_rows_and_errors() {
    assert_eq!(
        cut_anywhere(&lent(&conversation())),
        [
            "LOGIN / login app/s3cret -> 200",
            "SELECT /crm/c as app <select id, phone from c where id = 'x'> -> 200 \
             <[{\"id\":\"1\",\"phone\":\"13800138000\"},\n{\"id\":\"2\",\"phone\":\"\"}]>",
            "DELETE /crm/nosuch as app <delete from nosuch> -> 404",
            "COPY /crm as app <copy c to stdout> -> 200 <1\ta\n2\tb\n>",
        ]
    );
}

#[test]
fn prepared_statements_in_a_pipeline() {
    let bind = |value: &str| {
        let value = [&[0, 0, 0, value.len() as u8], value.as_bytes()].concat();
        message(b'B', &[&b"\0s1\0\0\0\0\x01"[..], &value, b"\0\0"].concat())
    };
    let run = || message(b'E', b"\0\0\0\0\0");
    let mut turns = login();
    let asked = [
        message(b'P', b"s1\0select name from c where id = $1\0\0\0"),
        message(b'D', b"Ss1\0"),
        bind("7"),
        run(),
        bind("8"),
        run(),
        message(b'S', b""),
    ];
    turns.push((Client, asked.concat()));
    let told = [
        message(b'1', b""),
        message(b't', b"\0\x01\0\0\0\x19"),
        columns(&["name"]),
        message(b'2', b""),
        row(&["anna"]),
        message(b'C', b"SELECT 1\0"),
        message(b'2', b""),
        message(b'E', b"C22P02\0\0"),
        ready(),
    ];
    turns.push((Server, told.concat()));
    assert_eq!(
        cut_anywhere(&lent(&turns))[1..],
        [
            "SELECT /crm/c as app <select name from c where id = $1\n[\"7\"]> -> 200 <[{\"name\":\"anna\"}]>",
            "SELECT /crm/c as app <select name from c where id = $1\n[\"8\"]> -> 400",
        ]
    );
}

#[test]
fn refused_logins_encryption_and_no_password() {
    let refused = vec![(Client, startup()), (Server, message(b'E', b"C28P01\0\0"))];
    assert_eq!(cut_anywhere(&lent(&refused)), ["LOGIN / -> 401"]);
    let ssl = message(0, &[4, 210, 22, 47])[1..].to_vec();
    let fed =
        talk(&lent(&[(Client, ssl.clone()), (Server, b"S".to_vec()), (Client, b"\x16\x03\x01".to_vec())]), 5);
    assert!(fed.shunted && fed.seen.done.is_empty());
    assert_eq!(fed.booked(Account::MessageEncrypted), 3);
    let mut clear = vec![(Client, ssl), (Server, b"N".to_vec())];
    clear.extend(login());
    assert_eq!(cut_anywhere(&lent(&clear)), ["LOGIN / login app/s3cret -> 200"]);
    let mut md5 = login();
    md5[1].1 = message(b'R', b"\0\0\0\x05salt");
    md5[2].1 = message(b'p', b"md50123456789abcdef0123456789abcdef\0");
    assert_eq!(cut_anywhere(&lent(&md5)), ["LOGIN / login app/0123456789abcdef0123456789abcdef -> 200"]);
}

#[test]
fn goes_on_behind_a_gap() {
    let mut fed = Fed::new();
    login().iter().for_each(|(s, b)| fed.data(*s, b));
    fed.data(Client, &message(b'Q', b"select 1 from a\0"));
    fed.gap(Server);
    fed.data(Server, &[7; 30]);
    fed.data(Client, &message(b'Q', b"select 1 from b\0"));
    fed.data(Server, &[columns(&["x"]), row(&["1"]), message(b'C', b"SELECT 1\0"), ready()].concat());
    assert_eq!(
        fed.finish().seen.done[1..],
        [
            "SELECT /crm/a as app <select 1 from a> -> ",
            "SELECT /crm/b as app <select 1 from b> -> 200 <[{\"x\":\"1\"}]>"
        ]
    );
}

#[test]
fn what_is_too_much_is_given_up_and_the_rest_paired_rightly() {
    let text = |n: usize| format!("select {n} from t -- {}\0", "x".repeat(100_000)).into_bytes();
    let mut turns = login();
    let asked: Vec<u8> = (0..30).flat_map(|n| message(b'Q', &text(n))).collect();
    turns.push((Client, asked));
    let told: Vec<u8> = (0..30).flat_map(|_| [message(b'C', b"SELECT 0\0"), ready()].concat()).collect();
    turns.push((Server, told));
    turns.push((Client, message(b'Q', b"select 1 from z\0")));
    turns.push((Server, [message(b'C', b"SELECT 0\0"), ready()].concat()));
    let seen = talk(&lent(&turns), usize::MAX).seen.done;
    assert_eq!(seen.last().map(String::as_str), Some("SELECT /crm/z as app <select 1 from z> -> 200"));
}
