//! Openings as they are on wires, and what is nearly one.

use super::{Openings, named};
use weir_exchange::Named::{self, Dns, Dubbo, Kafka, Ldap, Mongodb, Nfs, Rpc, Smb, Smtp, Thrift};

const LDAP_BIND: &[u8] = b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00";
const LDAP_BOUND: &[u8] = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00";
const RPC_CALL: &[u8] = b"\x80\0\0\x28\x12\x34\x56\x78\0\0\0\0\0\0\0\x02\0\x01\x86\xa3\0\0\0\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
const RPC_REPLY: &[u8] = b"\x80\0\0\x18\x12\x34\x56\x78\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
const DNS_ASK: &[u8] = b"\0\x17\xab\xcd\x01\0\0\x01\0\0\0\0\0\0\x01a\x02cn\0\0\x01\0\x01";
const DNS_SAY: &[u8] = b"\0\x27\xab\xcd\x81\x80\0\x01\0\x01\0\0\0\0\x01a\x02cn\0\0\x01\0\x01\xc0\x0c";
const MONGO_MSG: &[u8] = b"\x2a\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07\0\0\0\0\0\0\0\x15\0\0\0\x10hello\0\x01\0\0\0";
const MONGO_SAY: &[u8] = b"\x2a\0\0\0\x07\0\0\0\x01\0\0\0\xdd\x07\0\0\0\0\0\0\0\x15\0\0\0";
const MONGO_QUERY: &[u8] = b"\x3a\0\0\0\x01\0\0\0\0\0\0\0\xd4\x07\0\0\0\0\0\0admin.$cmd\0\0\0\0\0";
const KAFKA_ASK: &[u8] = b"\0\0\0\x14\0\x12\0\x03\0\0\0\x01\0\x04rust\0\0\0";
const KAFKA_SAY: &[u8] = b"\0\0\0\x20\0\0\0\x01\0\0\0\0";
const KAFKA_META: &[u8] = b"\0\0\0\x12\0\x03\0\x01\0\0\0\x01\xff\xff\xff\xff\xff\xff";
const DUBBO_CALL: &[u8] = b"\xda\xbb\xc2\0\0\0\0\0\0\0\0\x01\0\0\0\x20\x052.0.2";
const DUBBO_SAY: &[u8] = b"\xda\xbb\x02\x14\0\0\0\0\0\0\0\x01\0\0\0\x05\x91";
const THRIFT: &[u8] = b"\x80\x01\0\x01\0\0\0\x07getUser\0\0\0\x01\0";
const THRIFT_FRAMED: &[u8] = b"\0\0\0\x18\x80\x01\0\x01\0\0\0\x07getUser\0\0\0\x01\0";
const THRIFT_SAY: &[u8] = b"\x80\x01\0\x02\0\0\0\x07getUser\0\0\0\x01\0";
const THRIFT_COMPACT: &[u8] = b"\0\0\0\x0c\x82\x21\x01\x07getUser\0";
const SMB2: &[u8] = b"\0\0\0\x44\xfeSMB\x40\0";
const SMB1: &[u8] = b"\0\0\0\x44\xffSMB\x72\0";

fn tell(client: &[u8], server: &[u8]) -> Option<Named> {
    named(Openings { client, server })
}

#[test]
fn each_is_told_by_both_sides_and_by_one() {
    let cases: [(&[u8], &[u8], Named); 13] = [
        (b"EHLO a.cn\r\n", b"220 mail ready\r\n", Smtp),
        (LDAP_BIND, LDAP_BOUND, Ldap),
        (SMB1, SMB2, Smb),
        (RPC_CALL, RPC_REPLY, Nfs),
        (DNS_ASK, DNS_SAY, Dns),
        (MONGO_MSG, MONGO_SAY, Mongodb),
        (MONGO_QUERY, MONGO_SAY, Mongodb),
        (KAFKA_ASK, KAFKA_SAY, Kafka),
        (DUBBO_CALL, DUBBO_SAY, Dubbo),
        (THRIFT, THRIFT_SAY, Thrift),
        (THRIFT_FRAMED, THRIFT_SAY, Thrift),
        (THRIFT_COMPACT, b"\0\0\0\x0c\x82\x41\x01\x07getUser\0", Thrift),
        (b"\x81\0\0\x44\x20AAAA", b"\x82\0\0\0", Smb),
    ];
    for (client, server, wanted) in cases {
        assert_eq!(tell(client, server), Some(wanted));
        assert_eq!(tell(client, b""), Some(wanted), "the client alone");
    }
    assert_eq!(tell(KAFKA_META, KAFKA_SAY), Some(Kafka));
    assert_eq!(tell(b"", b"220 a ESMTP\r\n"), Some(Smtp));
    assert_eq!(tell(b"", RPC_REPLY), Some(Rpc));
    assert_eq!(tell(b"", LDAP_BOUND), Some(Ldap));
}

/// Either direction that says something else takes the name away.
#[test]
fn what_is_contradicted_is_not_told() {
    let all = [LDAP_BIND, RPC_CALL, DNS_ASK, MONGO_MSG, KAFKA_ASK, DUBBO_CALL, THRIFT, SMB2, b"EHLO a\r\n"];
    for client in all {
        assert_eq!(tell(client, b"\x01\x02 something else, no protocol at all"), None);
    }
    assert_eq!(tell(KAFKA_META, b""), None, "too little to go by");
    assert_eq!(tell(KAFKA_ASK, b"\0\0\0\x20\0\0\0\x02\0\0\0\0"), None, "another number");
    assert_eq!(tell(DNS_ASK, &[&DNS_SAY[..2], b"\xff\xff", &DNS_SAY[4..]].concat()), None);
    assert_eq!(tell(b"", b"220 FTP\r\n"), None);
    assert_eq!(tell(b"", b""), None);
    assert_eq!(tell(MONGO_SAY, MONGO_MSG), None, "the roles are changed");
    let name_with_blanks = b"\x80\x01\0\x01\0\0\0\x07get ser\0\0\0\x01\0";
    assert_eq!(tell(name_with_blanks, b""), None);
}

/// Cut short, they may be unknown, never another.
#[test]
fn cut_openings_are_never_another_protocol() {
    let all: [(&[u8], Named); 9] = [
        (LDAP_BIND, Ldap),
        (RPC_CALL, Nfs),
        (DNS_ASK, Dns),
        (MONGO_MSG, Mongodb),
        (KAFKA_ASK, Kafka),
        (DUBBO_CALL, Dubbo),
        (THRIFT_FRAMED, Thrift),
        (SMB2, Smb),
        (b"EHLO a\r\n", Smtp),
    ];
    for (opening, name) in all {
        for n in 0..opening.len() {
            assert!(tell(&opening[..n], b"").is_none_or(|told| told == name), "{name:?} at {n}");
        }
    }
}
