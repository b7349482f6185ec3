//! FTP (RFC 959; extended addresses RFC 2428; AUTH TLS RFC 4217): the form "file exchange" of GB/T 46796-2025, A.1.
//!
//! ```text
//! control connection --> commands, replies --> logins, DELE, MKD, ... and transfers that failed: exchanges
//!        |
//!        '--> PASV, EPSV, PORT, EPRT --> Expectation (lane) --> data connection --> RETR, STOR, LIST, ...: exchanges with bodies
//! ```
//!
//! - Exchanges are made of logins (`PASS`, target `/`), of transfers (`RETR`, `STOR`, `APPE`, `STOU`, `LIST`, `NLST`, `MLSD`) and of what
//!   changes files (`DELE`, `RMD`, `MKD`, `RNTO`). What only prepares these (`TYPE`, `PASV`, `CWD`, `SIZE`, `NOOP`, ...) is none.
//! - The target is the absolute path, `.` and `..` resolved against the directory that `CWD` and `PWD` tell; where the login's
//!   directory was not told, it is taken for `/`.
//! - A transfer belongs to its control connection: its flow, number and account. Its status is 226 where the data connection ended
//!   in order and 426 where it was reset, as the reply itself comes later and on another connection.
//! - After `AUTH` is accepted the connection is encrypted, and booked so.
//!
//! Weak: a control connection picked up midway is not recognised; ranges (`REST`) are not put together; block and compressed modes
//! (RFC 959, 3.4) are inspected as they stand.

mod command;
mod control;
mod data;
mod path;
mod reply;

pub(crate) use data::DataConnection;
pub use data::{Expectation, Transfer};

use crate::{Parser, Protocol, Verdict};
use weir_wire::Side;

/// FTP control connections.
pub struct Ftp;

impl Protocol for Ftp {
    fn name(&self) -> &'static str {
        "ftp"
    }
    fn recognise(&self, side: Side, first: &[u8]) -> Verdict {
        match side {
            Side::Server => reply::greets(first),
            Side::Client => command::opens(first),
        }
    }
    fn open(&self, _from_start: bool) -> Box<dyn Parser + Send> {
        Box::new(control::Control::new())
    }
}

/// The port that a segment of a control connection announces for a data connection, and which end listens there.
pub fn announced(payload: &[u8]) -> Option<(Side, u16)> {
    let line = payload.split(|b| *b == b'\n').next()?.trim_ascii();
    let code = line.get(..3).filter(|c| c.iter().all(u8::is_ascii_digit));
    match code {
        Some(b"227") => reply::passive(&line[3..]).map(|p| (Side::Server, p)),
        Some(b"229") => reply::extended(&line[3..]).map(|p| (Side::Server, p)),
        Some(_) => None,
        None => {
            let (verb, rest) = command::split(line);
            command::active(&verb, rest).map(|p| (Side::Client, p))
        }
    }
}
