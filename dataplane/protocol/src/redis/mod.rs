//! Redis (RESP2, RESP3): commands as exchanges.
//!
//! - The method is the command; the target is the key, its parts between colons as segments (`cust:17` is `/cust/17`), so that keys of one
//!   pattern are one interface. Commands that say nothing of data (`PING`, `CLIENT`, `SELECT`, `MULTI`, ...) are no exchanges.
//! - `AUTH` and `HELLO ... AUTH` are logins. Without a user name the account is `default`, as the server has it.
//! - What the command stores is the body of the request, what it gives that of the response; fields of hashes are names of a JSON object.
//! - Statuses: 200; 401 (`NOAUTH`, `WRONGPASS`), 403 (`NOPERM`), else 400 for an error.
//!
//! Weak: inline commands are not read; of a command or reply at most 256 KiB and 4,096 elements are; transactions (`EXEC`) give their
//! results to no command; messages of subscriptions are not read.

mod command;
mod session;
mod value;

use crate::{Parser, Protocol, Verdict};
use weir_wire::Side;

/// Redis connections.
pub struct Redis;

impl Protocol for Redis {
    fn name(&self) -> &'static str {
        "redis"
    }
    /// A client begins with an array of bulk strings, the first of them a word.
    fn recognise(&self, side: Side, first: &[u8]) -> Verdict {
        if side == Side::Server {
            return Verdict::No;
        }
        let mut lines = first.split(|b| *b == b'\n');
        let counts = |line: &[u8], mark: u8, max: usize| match line.split_first() {
            Some((m, digits)) if *m == mark => {
                let digits = digits.strip_suffix(b"\r").unwrap_or(digits);
                digits.len() <= max && digits.iter().all(u8::is_ascii_digit)
            }
            Some(_) => false,
            None => true,
        };
        let (array, bulk, word) = (lines.next(), lines.next(), lines.next());
        let fits = array.is_none_or(|l| counts(l, b'*', 7))
            && bulk.is_none_or(|l| counts(l, b'$', 2))
            && word.is_none_or(|w| {
                w.len() < 100 && w.trim_ascii_end().iter().all(|b| b.is_ascii_alphabetic() || *b == b'.')
            });
        match (fits, lines.next().is_some()) {
            (false, _) => Verdict::No,
            (true, true) => Verdict::Yes,
            (true, false) => Verdict::More,
        }
    }
    fn open(&self, _from_start: bool) -> Box<dyn Parser + Send> {
        Box::new(session::Session::new())
    }
}
