use crate::recorder::cut_anywhere;
use weir_wire::Side::{self, Client, Server};

/// Turns that show what is read.
pub fn conversation() -> Vec<(Side, &'static [u8])> {
    vec![
        (Client, b"\x10\x1a\x00\x04MQTT\x04\xc2\x00<\x00\x00\x00\x04dev1\x00\x06devpw1"),
        (Server, b"\x20\x02\x00\x00"),
        (Client, b"\x32\x0d\x00\x05car/1\x00\x01data"),
        (Server, b"\x40\x02\x00\x01"),
        (Client, b"\x82\x0a\x00\x02\x00\x05car/#\x00"),
        (Server, b"\x90\x03\x00\x02\x00\x30\x0b\x00\x05car/2data"),
    ]
}

#[test]
fn connections_publications_and_subscriptions() {
    assert_eq!(
        cut_anywhere(&conversation()),
        [
            "CONNECT / login dev1/devpw1 -> 200",
            "PUBLISH /car/1 as dev1 <data> -> 202",
            "SUBSCRIBE /car/%23 as dev1 -> 200",
            "RECEIVE /car/2 as dev1 -> 200 <data>",
        ]
    );
}

#[test]
fn version_five_and_refusals() {
    let seen = cut_anywhere(&[
        (Client, b"\x10\x18\x00\x04MQTT\x05\xc2\x00<\x00\x00\x01c\x00\x03bob\x00\x03pwd"),
        (Server, b"\x20\x03\x00\x86\x00"),
    ]);
    assert_eq!(seen, ["CONNECT / login bob/pwd -> 401"]);
}
