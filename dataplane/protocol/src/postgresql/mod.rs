//! PostgreSQL, frontend/backend protocol version 3 (documentation of PostgreSQL, chapter 55), which its relatives speak as well: logins,
//! statements and rows as exchanges.
//!
//! - A login is method `LOGIN`, target `/`, reported with its outcome. Its password is told as it stands (`AuthenticationCleartextPassword`),
//!   or as digested (MD5, SCRAM); without one (`trust`) it is an exchange and no login.
//! - A statement, simple (`Query`) or at each `Execute`, has its first word as method and `/database/tables` as target: no literal enters
//!   it. Its text is the body of the request, behind it on a line of their own the readable values bound to it, or the rows of COPY.
//! - Rows are the body of the response, written as a JSON array of objects by column; those of `COPY ... TO STDOUT` as they stand.
//! - Statuses are those of like meaning in HTTP, by SQLSTATE: 200, 401 (class 28), 403 (42501), 404 (3D000, 3F000, 42P01, ...), 400 (42, 22, 26),
//!   409 (23), 503 (53, 57), else 500.
//!
//! A statement is reported with its answer: of a pipeline one is open at a time, and 2 MiB wait at most. After an SSL or GSSAPI request
//! that was granted the connection is booked as encrypted.
//!
//! Weak: a connection picked up midway is not recognised; binary values are read where they are numbers, texts, UUIDs or JSON (not times and
//! arrays); rows are read up to 256 KiB each; behind a gap reading goes on at the next statement that begins a segment; function
//! calls (`F`) and replication are not read.

mod message;
mod rows;
mod session;
mod waiting;

use crate::{Parser, Protocol, Verdict};
use weir_wire::Side;

/// Codes with which a client begins: version 3.0 and later, cancel, SSL, GSSAPI.
const VERSION: u32 = 3 << 16;
const CANCEL: u32 = 80_877_102;
const SSL: u32 = 80_877_103;
const GSSAPI: u32 = 80_877_104;

/// PostgreSQL connections.
pub struct Postgresql;

impl Protocol for Postgresql {
    fn name(&self) -> &'static str {
        "postgresql"
    }
    /// A client begins with a length, then a version and the name of a parameter, or a request for encryption.
    fn recognise(&self, side: Side, first: &[u8]) -> Verdict {
        let [0, 0, rest @ ..] = first else {
            return if side == Side::Client && first == [0] { Verdict::More } else { Verdict::No };
        };
        let [high, low, code @ ..] = rest else {
            return if side == Side::Client { Verdict::More } else { Verdict::No };
        };
        let length = u16::from_be_bytes([*high, *low]);
        let requests = [CANCEL, SSL, GSSAPI].map(|c| (c.to_be_bytes(), if c == CANCEL { 16 } else { 8 }));
        let fits = |code: &[u8]| {
            let n = code.len().min(4);
            requests.iter().any(|(c, l)| *l == length && c[..n] == code[..n])
                || VERSION.to_be_bytes()[..n.min(3)] == code[..n.min(3)] && (16..=10_000).contains(&length)
        };
        match code {
            _ if side == Side::Server || !fits(code) => Verdict::No,
            [4, _, _, _, ..] => Verdict::Yes,
            [0, 3, 0, _, name, ..] if name.is_ascii_lowercase() => Verdict::Yes,
            [0, 3, 0, _, _, ..] => Verdict::No,
            _ => Verdict::More,
        }
    }
    fn open(&self, _from_start: bool) -> Box<dyn Parser + Send> {
        Box::new(session::Session::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings() {
        let of = |bytes: &[u8]| Postgresql.recognise(Side::Client, bytes);
        assert_eq!(of(&[0, 0, 0, 8, 4, 210, 22, 47]), Verdict::Yes);
        assert_eq!(of(b"\0\0\0\x25\0\x03\0\0user\0a\0"), Verdict::Yes);
        assert_eq!(
            (of(b"\0\0\0\x25\0\x03\0"), of(b"\0"), of(&[0, 0, 0, 8, 4, 210])),
            (Verdict::More, Verdict::More, Verdict::More)
        );
        // Metadata of Kafka, settings of HTTP/2, a message of another protocol.
        assert_eq!(of(b"\0\0\0\x25\0\x03\0\0\0\0\0\x01"), Verdict::No);
        assert_eq!(of(&[0, 0, 6, 4, 0, 0, 0, 0, 0]), Verdict::No);
        assert_eq!(of(&[0, 0, 0, 9, 4, 210, 22, 47]), Verdict::No);
        assert_eq!(Postgresql.recognise(Side::Server, b"\0\0\0\x25\0\x03\0\0user"), Verdict::No);
    }
}
