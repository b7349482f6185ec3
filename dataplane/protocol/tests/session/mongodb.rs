use crate::recorder::{Fed, cut_anywhere, talk};
use weir_exchange::{Named, Reading, Shown};
use weir_wire::Account;
use weir_wire::Side::{self, Client, Server};

/// A value of BSON.
pub enum B {
    Text(&'static str),
    Int(i32),
    Double(f64),
    Doc(Vec<(&'static str, B)>),
    List(Vec<B>),
    Bytes(&'static [u8]),
    Truth(bool),
    Time(i64),
}

fn value(v: &B) -> (u8, Vec<u8>) {
    let sized = |bytes: &[u8], more: i32| [&(bytes.len() as i32 + more).to_le_bytes()[..], bytes].concat();
    match v {
        B::Text(t) => (2, sized(format!("{t}\0").as_bytes(), 0)),
        B::Int(n) => (0x10, n.to_le_bytes().to_vec()),
        B::Double(n) => (1, n.to_le_bytes().to_vec()),
        B::Truth(is) => (8, vec![u8::from(*is)]),
        B::Time(n) => (9, n.to_le_bytes().to_vec()),
        B::Bytes(b) => (5, [&(b.len() as i32).to_le_bytes()[..], &[0], b].concat()),
        B::Doc(d) => (3, doc(d)),
        B::List(l) => {
            let fields: Vec<(String, &B)> = l.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect();
            (4, document(fields.iter().map(|(n, v)| (&**n, *v))))
        }
    }
}

fn document<'a>(fields: impl Iterator<Item = (&'a str, &'a B)>) -> Vec<u8> {
    let mut out = vec![0; 4];
    for (name, v) in fields {
        let (kind, bytes) = value(v);
        out.push(kind);
        out.extend(name.as_bytes());
        out.push(0);
        out.extend(bytes);
    }
    out.push(0);
    let length = (out.len() as i32).to_le_bytes();
    out[..4].copy_from_slice(&length);
    out
}

fn doc(fields: &[(&'static str, B)]) -> Vec<u8> {
    document(fields.iter().map(|(n, v)| (*n, v)))
}

fn message(number: u32, answers: u32, operation: u32, body: &[u8]) -> Vec<u8> {
    let words = [16 + body.len() as u32, number, answers, operation];
    [&words.map(u32::to_le_bytes).concat()[..], body].concat()
}

fn msg(number: u32, answers: u32, flags: u32, fields: &[(&'static str, B)], more: &[u8]) -> Vec<u8> {
    let body = [&flags.to_le_bytes()[..], &[0], &doc(fields), more].concat();
    message(number, answers, 2013, &body)
}

fn ok() -> Vec<(&'static str, B)> {
    vec![("ok", B::Double(1.0))]
}

/// Turns that show what is read.
pub fn conversation() -> Vec<(Side, Vec<u8>)> {
    let driver =
        B::Doc(vec![("driver", B::Doc(vec![("name", B::Text("pymongo")), ("version", B::Text("4.6"))]))]);
    let old = [
        &[0; 4][..],
        b"admin.$cmd\0",
        &[0; 4],
        &[255; 4],
        &doc(&[("isMaster", B::Int(1)), ("client", driver)]),
    ]
    .concat();
    let reply = [&[0; 20][..], &doc(&ok())].concat();
    let sequence =
        [&doc(&[("_id", B::Int(1)), ("mobile", B::Text("13800138000"))])[..], &doc(&[("_id", B::Int(2))])]
            .concat();
    let section =
        [&[1][..], &(4 + 10 + sequence.len() as i32).to_le_bytes(), b"documents\0", &sequence].concat();
    let found = B::Doc(vec![
        ("id", B::Int(0)),
        ("ns", B::Text("crm.customers")),
        (
            "firstBatch",
            B::List(vec![B::Doc(vec![
                ("name", B::Text("王伟")),
                ("balance", B::Double(1.5)),
                ("vip", B::Truth(true)),
                ("since", B::Time(1_700_000_000_000)),
            ])]),
        ),
    ]);
    let login = |payload| {
        vec![
            ("mechanism", B::Text("SCRAM-SHA-256")),
            ("payload", B::Bytes(payload)),
            ("$db", B::Text("admin")),
        ]
    };
    let mut start = vec![("saslStart", B::Int(1))];
    start.extend(login(b"n,,n=app,r=abc"));
    let mut go_on = vec![("saslContinue", B::Int(1))];
    go_on.extend(login(b"c=biws,r=abcd,p=AQID"));
    vec![
        (Client, message(1, 0, 2004, &old)),
        (Server, message(101, 1, 1, &reply)),
        (Client, msg(2, 0, 0, &start, &[])),
        (Server, msg(102, 2, 0, &ok(), &[])),
        (Client, msg(3, 0, 0, &go_on, &[])),
        (Server, msg(103, 3, 0, &[("done", B::Truth(true)), ("ok", B::Double(1.0))], &[])),
        (Client, msg(4, 0, 0, &[("insert", B::Text("customers")), ("$db", B::Text("crm"))], &section)),
        (Server, msg(104, 4, 0, &[("n", B::Int(2)), ("ok", B::Double(1.0))], &[])),
        (
            Client,
            [
                msg(
                    5,
                    0,
                    0,
                    &[
                        ("find", B::Text("customers")),
                        ("filter", B::Doc(vec![("name", B::Text("王伟"))])),
                        ("$db", B::Text("crm")),
                    ],
                    &[],
                ),
                msg(6, 0, 0, &[("ping", B::Int(1)), ("$db", B::Text("crm"))], &[]),
            ]
            .concat(),
        ),
        (
            Server,
            [msg(105, 5, 0, &[("cursor", found), ("ok", B::Double(1.0))], &[]), msg(106, 6, 0, &ok(), &[])]
                .concat(),
        ),
        (Client, msg(7, 0, 0, &[("drop", B::Text("audit")), ("$db", B::Text("crm"))], &[])),
        (Server, msg(107, 7, 0, &[("ok", B::Double(0.0)), ("code", B::Int(13))], &[])),
        (Client, msg(8, 0, 2, &[("insert", B::Text("log")), ("$db", B::Text("crm"))], &[])),
    ]
}

fn lent(turns: &[(Side, Vec<u8>)]) -> Vec<(Side, &[u8])> {
    turns.iter().map(|(s, b)| (*s, &b[..])).collect()
}

#[test]
fn commands_logins_and_replies() {
    assert_eq!(
        cut_anywhere(&lent(&conversation())),
        [
            "LOGIN / login app/010203 -> 200",
            "INSERT /crm/customers as app <{\"documents\":[{\"_id\":1,\"mobile\":\"13800138000\"},{\"_id\":2}]}> -> 200 <{\"n\":2}>",
            "FIND /crm/customers as app <{\"filter\":{\"name\":\"王伟\"}}> -> 200 <[{\"name\":\"王伟\",\"balance\":1.5,\"vip\":true,\"since\":\"2023-11-14T22:13:20.000000000Z\"}]>",
            "DROP /crm/audit as app -> 403 <{\"code\":13}>",
            "INSERT /crm/log as app -> 202",
        ]
    );
}

#[test]
fn refused_logins_and_plain_ones() {
    let plain = |n| {
        let fields = [
            ("saslStart", B::Int(1)),
            ("mechanism", B::Text("PLAIN")),
            ("payload", B::Bytes(b"\0app\0secret")),
            ("$db", B::Text("$external")),
        ];
        msg(n, 0, 0, &fields, &[])
    };
    let refused = [("ok", B::Double(0.0)), ("code", B::Int(18))];
    let turns = [
        (Client, plain(1)),
        (Server, msg(9, 1, 0, &refused, &[])),
        (Client, plain(2)),
        (Server, msg(10, 2, 0, &ok(), &[])),
    ];
    assert_eq!(
        cut_anywhere(&lent(&turns)),
        ["LOGIN / login app/secret -> 401", "LOGIN / login app/secret -> 200"]
    );
}

#[test]
fn compressed_messages_are_said_not_to_be_read() {
    let mut turns = conversation();
    turns.truncate(2);
    turns.push((Client, message(3, 0, 2012, &[&2013u32.to_le_bytes()[..], &[9; 40]].concat())));
    turns.push((Client, message(4, 0, 2012, &[&2013u32.to_le_bytes()[..], &[9; 40]].concat())));
    for piece in [usize::MAX, 1, 7] {
        let fed = talk(&lent(&turns), piece);
        let told = &fed.seen.connections;
        assert!(matches!(told[..], [(Client, Shown::Named(Named::Mongodb), Reading::NotRead)]), "{told:?}");
        assert!(fed.booked(Account::MessageNotRead) > 0);
    }
}

#[test]
fn goes_on_behind_a_gap_and_midway() {
    let turns = conversation();
    let mut fed = Fed::new();
    fed.data(Client, b"\x07\x08\x09 the rest of something");
    fed.data(Client, &turns[6].1);
    fed.data(Server, &turns[7].1);
    fed.data(Client, &turns[6].1);
    fed.gap(Server);
    fed.data(Server, b"tail");
    fed.data(Client, &turns[8].1);
    fed.data(Server, &turns[9].1);
    let seen: Vec<String> = fed.finish().seen.done.iter().map(|d| d.chars().take(22).collect()).collect();
    assert_eq!(seen.len(), 3, "{seen:?}");
}
