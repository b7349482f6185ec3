//! SMTP (RFC 5321, 3.1) and LMTP (RFC 2033): the server greets with 220, the client says hello.

use super::Openings;
use weir_exchange::Named;

pub(super) fn tell(o: Openings<'_>) -> Option<Named> {
    let client = says_hello(o.client);
    // "220" also opens FTP: by itself, a greeting must say the word.
    let server = match o.client {
        [] => greets(o.server) && names_itself(o.server),
        _ => o.server.is_empty() || greets(o.server),
    };
    (server && (client || o.client.is_empty())).then_some(Named::Smtp)
}

fn says_hello(bytes: &[u8]) -> bool {
    let word = bytes.get(..5).unwrap_or_default();
    [b"EHLO ", b"HELO ", b"LHLO "].iter().any(|hello| word.eq_ignore_ascii_case(*hello))
}

fn greets(bytes: &[u8]) -> bool {
    matches!(bytes, [b'2', b'2', b'0', b' ' | b'-', ..])
}

fn names_itself(bytes: &[u8]) -> bool {
    let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    line.windows(4).any(|w| w.eq_ignore_ascii_case(b"SMTP"))
}
