//! MySQL and MariaDB, client/server protocol version 10: logins and statements as exchanges.
//!
//! - A login is method `LOGIN`, target `/`; its password is a scramble (told as digested), but for the plugin `mysql_clear_password`.
//! - A statement (`COM_QUERY`, or a prepared one at each `COM_STMT_EXECUTE`) has its first word as method and `/database/tables` as
//!   target: no literal enters it. Its text is the body of the request, and is scanned.
//! - A result set is the body of the response, written as a JSON array of rows by column, and scanned: paths are column names.
//! - Statuses are those of like meaning in HTTP: 200, 401 (1045), 403 (1044, 1142, ...), 404 (1049, 1146), 400 (1064), 409 (1062), else 500.
//!
//! After an SSL request the connection is booked as encrypted; a compressed one as not read. Weak: a connection picked up midway is not
//! recognised; values bound to prepared statements are not scanned; rows are read up to 256 KiB each; behind a gap reading
//! goes on at the next command that begins a segment.

mod packet;
mod rows;
mod session;

use crate::{Parser, Protocol, Verdict};
use weir_wire::Side;

/// MySQL connections.
pub struct Mysql;

impl Protocol for Mysql {
    fn name(&self) -> &'static str {
        "mysql"
    }
    /// The server speaks first: a packet with sequence number 0, version 10 and a version text.
    fn recognise(&self, side: Side, first: &[u8]) -> Verdict {
        if side == Side::Client {
            return Verdict::No;
        }
        match first {
            [low, high, 0, 0, 10, text @ ..] => {
                let length = usize::from(u16::from_le_bytes([*low, *high]));
                let Some(end) = text.iter().take(64).position(|b| *b == 0) else {
                    let printable = text.iter().all(u8::is_ascii_graphic);
                    return if printable && text.len() < 64 { Verdict::More } else { Verdict::No };
                };
                let version = text[..end].iter().all(|b| b.is_ascii_graphic()) && text[0].is_ascii_digit();
                if version && (40..1024).contains(&length) { Verdict::Yes } else { Verdict::No }
            }
            [_, _, 0, 0] | [_, _, 0] | [_, _] | [_] => Verdict::More,
            _ => Verdict::No,
        }
    }
    fn open(&self, _from_start: bool) -> Box<dyn Parser + Send> {
        Box::new(session::Session::new())
    }
}
