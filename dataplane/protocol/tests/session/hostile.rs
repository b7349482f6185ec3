//! Any bytes at all behind a beginning that is recognised.

use crate::recorder::Fed;
use proptest::prelude::*;
use weir_wire::Side::{self, Client, Server};

const BEGINNINGS: [(Side, &[u8]); 12] = [
    (Server, b"220 FTP\r\n"),
    (Client, b"USER a\r\n"),
    (Server, b"\x4a\0\0\0\x0a8.0.36\0\x01\0\0\0saltsalt\0\xff\xff\x21\x02\0\xff\xff\x15\0\0\0\0\0\0\0\0\0\0saltsaltsalt\0mysql_native_password\0"),
    (Client, b"*1\r\n$4\r\nINFO\r\n"),
    (Client, b"\0\0\0\x10\0\x03\0\0user\0a\0\0"),
    (Client, b"SSH-2.0-a\r\n"),
    (Client, b"EHLO a\r\n"),
    (Client, b"\x23\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07\0\0\0\0\0\0\0\x0e\0\0\0\x02find\0\0\0\0\0\0"),
    (Client, b"\0\0\0\x13\0\x12\0\x00\0\0\0\x01\0\x09librdkafk"),
    (Client, b"\xda\xbb\xc2\0\0\0\0\0\0\0\0\x01\0\0\0\x08\x012\x01s\x010\x01m"),
    (Client, b"\0\0\0\x0e\x80\x01\0\x01\0\0\0\x01m\0\0\0\x01\0"),
    (Client, b"\x10\x10\x00\x04MQTT\x04\x02\x00<\x00\x04sub1"),
];

/// Pieces of messages, so that bytes are often nearly right.
const PIECES: [&[u8]; 37] = [
    b"PASV\r\n",
    b"227 (1,2,3,4,5,6)\r\n",
    b"RETR x\r\n",
    b"PASS y\r\n",
    b"226 ok\r\n",
    b"\x0d\0\0\0\x03select 1 a, b",
    b"\x01\0\0\x01\x02",
    b"\x07\0\0\x02\0\0\0\x02\0\0\0",
    b"\x05\0\0\x05\xfe\0\0\x02\0",
    b"R\0\0\0\x08\0\0\0\0",
    b"Q\0\0\0\x0fselect 1 a\0",
    b"P\0\0\0\x0es\0select 1\0\0\0",
    b"B\0\0\0\x16\0s\0\0\0\0\x01\0\0\0\x02ab\0\x01\0\x01",
    b"E\0\0\0\x09\0\0\0\0\0S\0\0\0\x04",
    b"T\0\0\0\x1b\0\x01ab\0\0\0\0\0\0\0\0\0\0\x17\0\x04\0\0\0\0\0\0",
    b"D\0\0\0\x0c\0\x01\0\0\0\x02ab",
    b"Z\0\0\0\x05I",
    b"*2\r\n$3\r\nGET\r\n",
    b"$1\r\nx\r\n",
    b"%99\r\n",
    b"$536870000\r\n",
    b"\x30\x0b\x00\x05car/2data",
    b"\x20\x02\x00\x00",
    b"SSH-1.5-b\n",
    b"\0\0\0\x0c\x0a\x15\0\0\0\0\0\0\0\0\0\0",
    b"\0\0\0\x14\x04\x1f\0\0\0\x0a\0\0\0\x03abcdef\0\0\0\0",
    b"\xff\xff\xff\xff\x04",
    b"220 b\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\x24\0\0\0\x02\0\0\0\x01\0\0\0\xdd\x07\0\0\0\0\0\0\0\x10\0\0\0\x01ok\0\0\0\0\0\0\0\xf0\x3f",
    b"\x30\0\0\0\x02\0\0\0\x01\0\0\0\xdc\x07\0\0\xdd\x07\0\0",
    b"\0\0\0\x0c\0\0\0\x01\0\0\0\x01\0\x01a\0",
    b"\0\0\0\x2a\0\0\0\x03\0\0\0\x02\0\x01c\xff\xff\0\x01\0\0\0\0\0\0\0\x01\0\x01t\0\0\0\x01\0\0\0\0\0\0\0\x09",
    b"\xda\xbb\x02\x14\0\0\0\0\0\0\0\x01\0\0\0\x06\x91H\x01a\x55",
    b"C\x01a\x92\x01b\x01c\x60\x51\x90O\x90",
    b"\0\0\0\x10\x80\x01\0\x02\0\0\0\x01m\0\0\0\x01\x0f\0\0",
    b"\x82\x21\x01\x01m\x1c\x19\xf8\xff\xff\xff\xff\x0f",
    b"\x82\x0a\x00\x01\x00\x05car/#\x00",
];

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..40),
        proptest::sample::select(PIECES.to_vec()).prop_map(<[u8]>::to_vec),
    ]
}

proptest! {
    #[test]
    fn every_byte_is_booked_and_every_exchange_ends(
        begin in 0..BEGINNINGS.len(),
        steps in proptest::collection::vec((any::<bool>(), 0..12u8, piece()), 0..40),
    ) {
        let mut fed = Fed::new();
        let (side, bytes) = BEGINNINGS[begin];
        fed.data(side, bytes);
        for (client, how, bytes) in steps {
            let side = if client { Client } else { Server };
            if how == 0 {
                fed.gap(side);
            } else {
                fed.data(side, &bytes);
            }
        }
        fed.finish();
    }
}
