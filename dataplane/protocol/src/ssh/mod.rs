//! SSH (RFC 4253): what passes before encryption, told of as a connection; nothing of what follows is read.
//!
//! - Version lines of both sides, the algorithms chosen from both KEXINIT (7.1), and the fingerprint of the host key, which the server
//!   sends in clear in every method of key exchange that is in use (RFC 4253, 8; RFC 4419, 3; RFC 5656, 4; RFC 8731).
//! - All bytes are booked as encrypted.
//!
//! Weak: who logged in, by which method, and what was transferred is not inferred from sizes and timing; later key exchanges are
//! encrypted. Version 1 is told by its version line alone.

mod opening;
mod packet;

use crate::{Found, MessageSink, Next, Parser, Protocol, Verdict};
use opening::Opening;
use std::sync::Arc;
use weir_exchange::{Reading, Shown};
use weir_wire::{Account, Ledger, Side, StreamEvent, Timestamp};

const BEGIN: &[u8] = b"SSH-";

/// SSH connections.
pub struct Ssh;

impl Protocol for Ssh {
    fn name(&self) -> &'static str {
        "ssh"
    }
    fn recognise(&self, _side: Side, first: &[u8]) -> Verdict {
        let n = first.len().min(BEGIN.len());
        match first[..n] == BEGIN[..n] {
            true if n == BEGIN.len() => Verdict::Yes,
            true => Verdict::More,
            false => Verdict::No,
        }
    }
    /// A connection may begin with any segment (a PROXY line before it).
    fn find(&self, bytes: &[u8]) -> Found {
        match self.recognise(Side::Client, bytes) {
            Verdict::Yes => Found::At(0),
            Verdict::More => Found::Perhaps(0),
            Verdict::No => Found::Nothing,
        }
    }
    fn before(&self) -> Account {
        Account::MessageNotInterface
    }
    fn open(&self, _from_start: bool) -> Box<dyn Parser + Send> {
        Box::<SshParser>::default()
    }
}

/// Reads one connection.
#[derive(Default)]
struct SshParser {
    opening: Opening,
    /// First byte.
    began: Option<Timestamp>,
    ended: [bool; 2],
    told: bool,
}

impl Parser for SshParser {
    fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        let time = event.time();
        match event {
            StreamEvent::Data { side, bytes, .. } => {
                self.began.get_or_insert(time);
                ledger.add(Account::MessageEncrypted, bytes.len() as u64);
                self.opening.read(side, bytes);
            }
            StreamEvent::Gap { side, .. } => self.opening.lose(side),
            StreamEvent::End { side, .. } => {
                self.ended[side.index()] = true;
                self.opening.lose(side);
            }
        }
        if !self.opening.is_over() {
            return Next::Continue;
        }
        if !std::mem::replace(&mut self.told, true) {
            let facts = Shown::Ssh(Arc::new(self.opening.facts()));
            sink.connection(Side::Client, self.began.unwrap_or(time), time, facts, Reading::NotRead);
        }
        // Whoever shunts books the rest; a flow that is over has none.
        if self.ended == [true; 2] { Next::Continue } else { Next::Shunt }
    }

    fn rest(&self) -> Account {
        Account::MessageEncrypted
    }
}
