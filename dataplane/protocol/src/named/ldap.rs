//! LDAP (RFC 4511, 4.1.1): a sequence in BER of a number and an operation.

use super::Openings;
use weir_exchange::Named;

pub(super) fn tell(o: Openings<'_>) -> Option<Named> {
    let client = |c: &[u8]| operation(c).is_some_and(|(tag, body)| begins(tag, body));
    let server = |s: &[u8]| operation(s).is_some_and(|(tag, body)| answers(tag, body));
    o.fit(client, server).then_some(Named::Ldap)
}

/// What a client may begin with: a bind with its version, a search with its base, an extended operation with its name.
fn begins(tag: u8, body: &[u8]) -> bool {
    match tag {
        0x60 => matches!(body, [2, 1, 1..=3, 4, ..]),
        0x63 => matches!(body, [4, ..]),
        0x77 => matches!(body, [0x80, _, b'0'..=b'2', b'.', ..]),
        _ => false,
    }
}

/// What answers these: a result begins with its code, an entry or a reference found with a name.
fn answers(tag: u8, body: &[u8]) -> bool {
    match tag {
        0x61 | 0x65 | 0x78 => matches!(body, [10, 1, ..]),
        0x64 | 0x73 => matches!(body, [4, ..]),
        _ => false,
    }
}

/// Tag and content of the operation of the first message.
fn operation(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (0x30, message) = element(bytes)? else { return None };
    let [2, len @ 1..=4, rest @ ..] = message else { return None };
    element(rest.get(usize::from(*len)..)?)
}

/// Tag of an element, and what is there of its content.
fn element(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let [tag, len, rest @ ..] = bytes else { return None };
    match len {
        0..=0x7f => Some((*tag, rest)),
        0x81..=0x84 => Some((*tag, rest.get(usize::from(len & 0x7f)..)?)),
        _ => None,
    }
}
