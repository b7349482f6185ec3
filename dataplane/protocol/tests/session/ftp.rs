use crate::recorder::{Fed, cut_anywhere, talk};
use std::sync::Arc;
use weir_protocol::FlowParser;
use weir_wire::Account;
use weir_wire::Side::{self, Client, Server};

const LOGIN: [(Side, &[u8]); 5] = [
    (Server, b"220 (vsFTPd 3.0.3)\r\n"),
    (Client, b"USER anna\r\n"),
    (Server, b"331 Please specify the password.\r\n"),
    (Client, b"PASS s3 cret\r\n"),
    (Server, b"230-Welcome\r\n 230 is not the end\r\n230 Login successful.\r\n"),
];

fn after_login(more: &[(Side, &'static [u8])]) -> Vec<(Side, &'static [u8])> {
    LOGIN.iter().chain(more).copied().collect()
}

/// Turns that show what is read.
pub fn conversation() -> Vec<(Side, &'static [u8])> {
    after_login(&[
        (Client, b"PWD\r\n"),
        (Server, b"257 \"/home/anna\" is current\r\n"),
        (Client, b"CWD ../x y\r\n"),
        (Server, b"250 ok\r\n"),
        (Client, b"NOOP\r\nDELE a?b.csv\r\n"),
        (Server, b"200 ok\r\n250 gone\r\n"),
        (Client, b"RETR none.csv\r\n"),
        (Server, b"550 Failed to open file.\r\n"),
        (Client, b"QUIT\r\n"),
        (Server, b"221 Goodbye.\r\n"),
    ])
}

#[test]
fn logins_paths_and_failures() {
    assert_eq!(
        cut_anywhere(&conversation()),
        [
            "PASS / login anna/s3 cret -> 230",
            "DELE /home/x%20y/a%3Fb.csv as anna -> 250",
            "RETR /home/x%20y/none.csv as anna -> 550",
        ]
    );
}

#[test]
fn anonymous_users_are_no_account_and_refusals_neither() {
    let turns: Vec<(Side, &[u8])> = vec![
        (Server, b"220 FTP\r\n"),
        (Client, b"USER anonymous\r\n"),
        (Server, b"331 any password\r\n"),
        (Client, b"PASS a@b\r\n"),
        (Server, b"230 in\r\n"),
        (Client, b"DELE /a\r\n"),
        (Server, b"550 no\r\n"),
        (Client, b"USER bob\r\n"),
        (Server, b"331 password\r\n"),
        (Client, b"PASS x\r\n"),
        (Server, b"530 Login incorrect.\r\n"),
        (Client, b"DELE /b\r\n"),
    ];
    assert_eq!(
        cut_anywhere(&turns),
        ["PASS / login anonymous/a@b -> 230", "DELE /a -> 550", "PASS / login bob/x -> 530", "DELE /b -> "]
    );
}

#[test]
fn transfers_belong_to_their_control_connection() {
    for (listener, ask, told) in [
        (Server, &b"PASV\r\n"[..], &b"227 Entering Passive Mode (10,0,0,2,4,1).\r\n"[..]),
        (Server, b"EPSV\r\n", b"229 Extended (|||1025|)\r\n"),
        (Client, b"PORT 10,0,0,1,4,1\r\n", b"200 ok\r\n"),
        (Client, b"EPRT |1|10.0.0.1|1025|\r\n", b"200 ok\r\n"),
    ] {
        let mut control = Fed::new();
        LOGIN.iter().for_each(|(s, b)| control.data(*s, b));
        control.data(Client, ask);
        control.data(Server, told);
        let expected = control.seen.expected.pop().expect("a data connection");
        assert_eq!((expected.listener, expected.port), (listener, 1025));
        let mut data = Fed::with(FlowParser::of_transfer(Arc::clone(&expected.transfer)));
        control.data(Client, b"RETR /d/a.csv\r\n");
        control.data(Server, b"150 here it comes\r\n");
        // Whoever accepted the data connection is its server.
        let sender = if listener == Server { Server } else { Client };
        data.data(sender, b"id,name\n");
        control.data(Server, b"226 done\r\n");
        data.data(sender, b"1,x\n");
        assert_eq!(data.finish().seen.done, ["RETR /d/a.csv as anna -> 226 <id,name\n1,x\n>"]);
        assert_eq!(control.finish().seen.done.len(), 1, "the login alone");
    }
}

#[test]
fn uploads_gaps_and_connections_that_nothing_asked_for() {
    let mut control = Fed::new();
    LOGIN.iter().for_each(|(s, b)| control.data(*s, b));
    control.data(Client, b"PASV\r\n");
    control.data(Server, b"227 (10,0,0,2,4,1)\r\n");
    let expected = control.seen.expected.pop().expect("a data connection");
    let mut early = Fed::with(FlowParser::of_transfer(Arc::clone(&expected.transfer)));
    early.data(Client, b"before anything was asked");
    assert!(early.finish().seen.done.is_empty());
    let mut data = Fed::with(FlowParser::of_transfer(expected.transfer));
    control.data(Client, b"STOR b.csv\r\n");
    data.data(Client, b"1,");
    data.gap(Client);
    data.data(Client, b"2");
    let data = data.finish();
    assert_eq!(data.seen.done, ["STOR /b.csv as anna <1,2> -> 226 cut"]);
    assert_eq!(data.booked(Account::MessageBody), 3);
}

#[test]
fn after_auth_all_is_encrypted() {
    let fed = talk(
        &[
            (Server, b"220 FTP\r\n"),
            (Client, b"AUTH TLS\r\n"),
            (Server, b"234 Proceed with negotiation.\r\n"),
            (Client, b"\x16\x03\x01\x00\x05hello"),
        ],
        usize::MAX,
    );
    assert!(fed.shunted && fed.seen.done.is_empty());
    assert_eq!(fed.booked(Account::MessageEncrypted), 10);
}

#[test]
fn pop3_begins_alike_and_is_none() {
    let fed =
        talk(&[(Server, b"+OK ready\r\n"), (Client, b"USER anna\r\n"), (Server, b"+OK\r\n")], usize::MAX);
    assert!(fed.shunted && fed.seen.done.is_empty());
}

#[test]
fn a_gap_leaves_what_waits_unanswered_and_reading_goes_on() {
    let mut fed = Fed::new();
    LOGIN.iter().for_each(|(s, b)| fed.data(*s, b));
    fed.data(Client, b"DELE /a\r\n");
    fed.gap(Server);
    fed.data(Server, b" tail of a line\r\n");
    fed.data(Client, b"DELE /b\r\n");
    fed.data(Server, b"250 ok\r\n");
    assert_eq!(fed.finish().seen.done[1..], ["DELE /a as anna -> ", "DELE /b as anna -> 250"]);
}
