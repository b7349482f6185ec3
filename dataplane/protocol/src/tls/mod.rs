//! TLS (RFC 8446, 5246): the handshake is told; with the owner's keys, what the connection carries is read by a flow parser of its own.
//!
//! ```text
//! bytes --> weir_tls::Connection --bytes in clear--> FlowParser --> Secured (says https) --> MessageSink
//!                 |                                                                            ^
//!                 '------------ handshake, and why it is not read ----------------------------'
//! ```

mod clear;
mod secured;

use crate::{Found, MessageSink, Next, Parser, Protocol, Verdict, encrypted};
use clear::Clear;
use std::sync::Arc;
use weir_exchange::{Reading, Shown};
use weir_tls::{Connection, KeyStore, State};
use weir_wire::{Account, EndReason, Ledger, Side, StreamEvent, Timestamp};

/// Content type of handshake records, and the two messages that begin a connection (RFC 8446, 5.1 and 4).
const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

const SIDES: [Side; 2] = [Side::Client, Side::Server];

/// TLS as a [`Protocol`]: recognised by a hello.
pub struct Tls;

impl Protocol for Tls {
    fn name(&self) -> &'static str {
        "tls"
    }
    fn recognise(&self, _side: Side, first: &[u8]) -> Verdict {
        match (first, encrypted(first)) {
            ([HANDSHAKE, _, _, _, _, CLIENT_HELLO | SERVER_HELLO, ..], Verdict::Yes) => Verdict::Yes,
            ([HANDSHAKE, ..], Verdict::Yes | Verdict::More) if first.len() < 6 => Verdict::More,
            _ => Verdict::No,
        }
    }
    /// A connection may begin with any segment (STARTTLS, a PROXY line before it).
    fn find(&self, bytes: &[u8]) -> Found {
        match self.recognise(Side::Client, bytes) {
            Verdict::Yes => Found::At(0),
            Verdict::More => Found::Perhaps(0),
            Verdict::No => Found::Nothing,
        }
    }
    /// What came before was in clear.
    fn before(&self) -> Account {
        Account::MessageNotInterface
    }
    fn open(&self, _from_start: bool) -> Box<dyn Parser + Send> {
        Box::<TlsParser>::default()
    }
}

/// Reads one connection.
#[derive(Default)]
struct TlsParser {
    connection: Connection,
    /// The owner's keys, asked for when the first bytes come.
    keys: Option<Arc<KeyStore>>,
    /// First byte.
    began: Option<Timestamp>,
    /// Sides of which a record came, or the begin of one.
    begun: [bool; 2],
    ended: [bool; 2],
    clear: Clear,
    /// The handshake was handed on.
    told: bool,
}

impl Parser for TlsParser {
    fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        let (StreamEvent::Data { time, .. } | StreamEvent::Gap { time, .. } | StreamEvent::End { time, .. }) =
            event;
        if self.began.is_none() {
            (self.began, self.keys) = (Some(time), sink.keys());
        }
        match event {
            StreamEvent::Data { side, bytes, .. } if self.is_before(side, bytes) => {
                ledger.add(Account::MessageNotInterface, bytes.len() as u64);
            }
            StreamEvent::Data { side, bytes, .. } => {
                self.begun[side.index()] = true;
                let mut out = self.clear.at(time, sink, ledger);
                self.connection.read(side, bytes, self.keys.as_deref(), &mut out);
            }
            StreamEvent::Gap { side, len, .. } => {
                self.connection.gap(side, len.into(), &mut self.clear.at(time, sink, ledger));
            }
            StreamEvent::End { side, .. } => {
                self.ended[side.index()] = true;
                self.connection.end(side);
                self.clear.at(time, sink, ledger).pass(event);
            }
        }
        let next = self.settle(time, sink, ledger);
        let (framing, sealed) = self.connection.take_booked();
        for (account, bytes) in [(Account::MessageTls, framing), (Account::MessageEncrypted, sealed)] {
            if bytes > 0 {
                ledger.add(account, bytes);
            }
        }
        next
    }

    fn rest(&self) -> Account {
        self.clear.rest().unwrap_or(Account::MessageEncrypted)
    }
}

impl TlsParser {
    /// Whether these bytes, the first of a direction, are none of TLS: said before it (STARTTLS), or by who does not speak it.
    fn is_before(&self, side: Side, bytes: &[u8]) -> bool {
        !self.begun[side.index()] && encrypted(bytes) == Verdict::No
    }

    /// Hands on the handshake once it is known whether it can be read, and ends what is over.
    fn settle(&mut self, time: Timestamp, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        if self.clear.is_opaque() {
            // Nothing in clear is wanted any more: neither is the rest.
            SIDES.into_iter().for_each(|side| self.connection.end(side));
        }
        let reading = match self.connection.state() {
            State::Opening => return Next::Continue,
            State::Reading => Reading::Decrypted,
            State::Closed(reading) => reading,
        };
        if !self.told {
            self.told = true;
            let facts = Shown::Tls(Arc::new(self.connection.facts().clone()));
            sink.connection(self.connection.client(), self.began.unwrap_or(time), time, facts, reading);
        }
        if self.connection.state() == State::Reading {
            return Next::Continue;
        }
        for side in SIDES.into_iter().filter(|s| !self.ended[s.index()]) {
            let end = StreamEvent::End { side, time, reason: EndReason::CaptureEnd };
            self.clear.at(time, sink, ledger).pass(end);
        }
        Next::Shunt
    }
}
