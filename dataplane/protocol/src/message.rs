//! What a parser tells the stage above: heads, body bytes and ends, never judgements.

use crate::ftp::Expectation;
use std::sync::Arc;
use weir_exchange::{Anomaly, Protocol, Reading, Scheme, Shown, TlsFacts};
use weir_tls::KeyStore;
use weir_wire::{Ledger, Side, Timestamp};

/// Number of an exchange within its flow, from 0 in the order in which parsing began them.
pub type ExchangeNumber = u32;

/// One field line (RFC 9110, 5.1). The name keeps the case of the wire; the value is trimmed of outer whitespace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header<'a> {
    /// Field name as sent.
    pub name: &'a [u8],
    /// Field value.
    pub value: &'a [u8],
}

/// A request's control data and fields.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// Which exchange it begins.
    pub exchange: ExchangeNumber,
    /// Which end of the flow sent it; the peer is the provider. May be `Side::Server` where the flow's roles were guessed wrong.
    pub side: Side,
    /// Time of the packet that brought the first byte of the head.
    pub time: Timestamp,
    /// Method as sent.
    pub method: &'a [u8],
    /// Request target as sent (origin, absolute, authority or asterisk form; RFC 9112, 3.2).
    pub target: &'a [u8],
    /// What it is written in.
    pub protocol: Protocol,
    /// What carries it.
    pub scheme: Scheme,
    /// Fields in order.
    pub headers: &'a [Header<'a>],
}

/// A response's control data and fields.
#[derive(Clone, Copy, Debug)]
pub struct ResponseHead<'a> {
    /// Which exchange it answers; a number of its own where the request was not seen.
    pub exchange: ExchangeNumber,
    /// Which end of the flow sent it.
    pub side: Side,
    /// Time of the packet that brought the first byte of the head.
    pub time: Timestamp,
    /// What it is written in.
    pub protocol: Protocol,
    /// What carries it.
    pub scheme: Scheme,
    /// Status code, 100 to 999.
    pub status: u16,
    /// Fields in order.
    pub headers: &'a [Header<'a>],
}

/// The half of an exchange something belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Half {
    /// The request.
    Request,
    /// The (final) response.
    Response,
}

/// Where a parser puts its messages. For each half of an exchange: one head, any number of bodies, one end; the halves
/// interleave. `done` comes exactly once for every exchange begun, after every half begun has ended.
/// Interim responses (1xx other than 101) are reported by `interim` only and have no body.
pub trait MessageSink {
    /// A request head.
    fn request(&mut self, head: &RequestHead<'_>);
    /// The head of a final response (101 included).
    fn response(&mut self, head: &ResponseHead<'_>);
    /// An interim response.
    fn interim(&mut self, _exchange: ExchangeNumber, _status: u16, _time: Timestamp) {}
    /// The next body bytes, transfer coding removed; never empty.
    fn body(&mut self, exchange: ExchangeNumber, half: Half, bytes: &[u8]);
    /// A gap of `len` bytes inside the body.
    fn body_gap(&mut self, exchange: ExchangeNumber, half: Half, len: u64);
    /// Fields behind the body (RFC 9110, 6.5), before the half ends.
    fn trailers(&mut self, _exchange: ExchangeNumber, _half: Half, _headers: &[Header<'_>]) {}
    /// The half is over. `complete` is false where a gap, a broken framing or the end of the flow cut it.
    fn end(
        &mut self,
        exchange: ExchangeNumber,
        half: Half,
        time: Timestamp,
        complete: bool,
        ledger: &mut Ledger,
    );
    /// Something irregular about the exchange (or, without one, about the flow).
    fn anomaly(&mut self, exchange: Option<ExchangeNumber>, anomaly: Anomaly);
    /// The owner's keys, where there are any.
    fn keys(&self) -> Option<Arc<KeyStore>> {
        None
    }
    /// TLS carries the messages that follow on this flow; its handshake as far as it is known by now.
    fn secured(&mut self, _tls: &Arc<TlsFacts>) {}
    /// It is known by `now` whether what a connection carries can be read. Comes once a connection that is told of as a whole, whether or
    /// not its messages can be read.
    fn connection(
        &mut self,
        _client: Side,
        _began: Timestamp,
        _now: Timestamp,
        _shown: Shown,
        _reading: Reading,
    ) {
    }
    /// The request is a login by a password that stands in no body; the password is judged and forgotten.
    fn login(&mut self, _exchange: ExchangeNumber, _account: &[u8], _password: &[u8]) {}
    /// The connection was logged in by this account when the request was made.
    fn account(&mut self, _exchange: ExchangeNumber, _account: &[u8]) {}
    /// Another connection will carry what this one asks for.
    fn expect(&mut self, _expectation: Expectation) {}
    /// Nothing more will come for this exchange.
    fn done(&mut self, exchange: ExchangeNumber, time: Timestamp, ledger: &mut Ledger);
}

/// How sure a protocol is that a flow speaks it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Too few bytes to tell.
    More,
}

/// What a search for the next message found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// A message begins at this index.
    At(usize),
    /// One may begin at this index: more bytes will tell.
    Perhaps(usize),
    /// None.
    Nothing,
}

/// What a parser wants next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Further events.
    Continue,
    /// Nothing: the rest of the flow is opaque (tunnelled, upgraded) and may be shunted. The parser has booked what it was given;
    /// whoever shunts books the rest.
    Shunt,
}
