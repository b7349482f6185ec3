//! Flows that no parser takes: known by name, however they are cut, and only then.

use crate::recorder::{Fed, recorded, talk};
use weir_exchange::{Named, Reading, Shown};
use weir_protocol::FlowParser;
use weir_wire::Side::{self, Client, Server};
use weir_wire::{Account, EndReason, Endpoint, FlowMeta, StreamEvent, Timestamp};

fn name(fed: &Fed) -> Option<Named> {
    match &fed.seen.connections[..] {
        [] => None,
        [(Client, Shown::Named(named), Reading::NotRead)] => Some(*named),
        other => panic!("{other:?}"),
    }
}

/// slapd and ldapsearch (`record.py`): a bind, a search, an unbind.
#[test]
fn a_directory_is_known_however_it_is_cut() {
    let turns = recorded("ldap");
    for piece in [usize::MAX, 1, 2, 3, 7, 64] {
        let fed = talk(&turns.lent(), piece);
        assert_eq!(name(&fed), Some(Named::Ldap), "in pieces of {piece}");
        let all: usize = turns.0.iter().map(|(_, b)| b.len()).sum();
        assert_eq!(fed.booked(Account::MessageNotRead), all as u64);
    }
}

/// What a mail quotes is no exchange; TLS behind STARTTLS is told of as TLS.
#[test]
fn mail_is_no_http_and_may_turn_to_tls() {
    let mail: &[u8] = b"DATA\r\nSubject: log\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n.\r\n";
    let turns: [(Side, &[u8]); 4] =
        [(Server, b"220 a ESMTP\r\n"), (Client, b"EHLO b\r\n"), (Server, b"250 a\r\n"), (Client, mail)];
    for piece in [usize::MAX, 3] {
        let fed = talk(&turns, piece);
        assert_eq!((name(&fed), fed.seen.done.len()), (Some(Named::Smtp), 0), "in pieces of {piece}");
    }
    let hello: &[u8] = b"\x16\x03\x01\0\x30\x01\0\0\x2c\x03\x03";
    let fed =
        talk(&[turns[0], turns[1], (Client, b"STARTTLS\r\n"), (Server, b"220 go\r\n"), (Client, hello)], 99);
    assert!(matches!(fed.seen.connections[..], [(_, Shown::Tls(_), _)]), "{:?}", fed.seen.connections);
}

/// A name is a last word: a flow that begins like one and speaks something that is read is read.
#[test]
fn a_wrong_guess_recovers() {
    let begin: &[u8] = b"\0\0\0\x44\xfeSMB\x40\0";
    let turns: [(Side, &[u8]); 3] = [
        (Client, begin),
        (Client, b"\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n"),
        (Server, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    ];
    assert_eq!(name(&talk(&turns[..1], 99)), Some(Named::Smb));
    let mut fed = Fed::new();
    fed.data(Server, b"\x05\x06 no share");
    turns.iter().for_each(|(side, bytes)| fed.data(*side, bytes));
    let fed = fed.finish();
    assert_eq!((name(&fed), fed.seen.done.len()), (None, 1));
}

/// A long one is given up at the bound and told of then; so is one picked up midway, its roles unknown.
#[test]
fn long_flows_are_told_of_once() {
    let client: &[u8] = b"\0\0\0\x44\xfeSMB\x40\0";
    let meta = |from_start| FlowMeta {
        client: Endpoint { ip: [10, 0, 0, 1].into(), port: 40_000 },
        server: Endpoint { ip: [10, 0, 0, 2].into(), port: 4_000 },
        vlan: None,
        vni: None,
        started: Timestamp::from_nanos(1),
        from_start,
    };
    for from_start in [true, false] {
        let mut fed = Fed::with(FlowParser::new(&meta(from_start)));
        fed.data(Client, client);
        fed.data(Server, client);
        (0..5).for_each(|_| fed.data(Server, &[7; 4_000]));
        assert!(fed.shunted && name(&fed) == Some(Named::Smb), "{from_start}");
        assert_eq!(name(&fed.finish()), Some(Named::Smb));
    }
    let mut fed = Fed::with(FlowParser::new(&meta(false)));
    fed.data(Server, b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00");
    fed.data(Client, b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00");
    for side in [Client, Server] {
        fed.event(StreamEvent::End { side, time: Timestamp::from_nanos(9), reason: EndReason::Fin });
    }
    assert!(
        matches!(fed.seen.connections[..], [(Server, Shown::Named(Named::Ldap), _)]),
        "the roles are changed"
    );
}
