//! Exchanges of protocols whose connections are logged in: numbers, accounts, heads.

use crate::out::Out;
use crate::{ExchangeNumber, Half, Header, RequestHead, ResponseHead};
use weir_exchange::{Anomaly, Protocol, Scheme};
use weir_wire::Side;

/// What the exchanges of one connection have in common.
pub(crate) struct Calls {
    protocol: Protocol,
    scheme: Scheme,
    next: ExchangeNumber,
    /// Who is logged in.
    pub(crate) account: Option<Vec<u8>>,
    /// What the client calls itself.
    pub(crate) agent: Option<Vec<u8>>,
    /// Who calls: of a flow picked up midway, it was guessed which end is the client.
    pub(crate) caller: Side,
}

impl Calls {
    pub(crate) fn new(protocol: Protocol, scheme: Scheme) -> Self {
        Calls { protocol, scheme, next: 0, account: None, agent: None, caller: Side::Client }
    }

    /// Begins an exchange with a request whose body, if any, is whole.
    pub(crate) fn ask(
        &mut self,
        method: &[u8],
        target: &[u8],
        body: &[u8],
        out: &mut Out<'_>,
    ) -> ExchangeNumber {
        let number = self.open(method, target, out);
        if !body.is_empty() {
            out.sink.body(number, Half::Request, body);
        }
        out.sink.end(number, Half::Request, out.time, true, out.ledger);
        number
    }

    /// Begins an exchange that is a login; the password is not kept.
    pub(crate) fn log_in(
        &mut self,
        method: &[u8],
        user: &[u8],
        password: &[u8],
        out: &mut Out<'_>,
    ) -> ExchangeNumber {
        self.account = None;
        let number = self.open(method, b"/", out);
        if !(user.is_empty() && password.is_empty()) {
            out.sink.login(number, user, password);
        }
        out.sink.end(number, Half::Request, out.time, true, out.ledger);
        number
    }

    fn open(&mut self, method: &[u8], target: &[u8], out: &mut Out<'_>) -> ExchangeNumber {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        let agent = self.agent.as_deref().map(|value| Header { name: b"User-Agent", value });
        out.sink.request(&RequestHead {
            exchange: number,
            side: self.caller,
            time: out.time,
            method,
            target,
            protocol: self.protocol,
            scheme: self.scheme,
            headers: agent.as_slice(),
        });
        if let Some(account) = &self.account {
            out.sink.account(number, account);
        }
        number
    }

    /// The head of the answer; `json` where what follows is JSON made of it.
    pub(crate) fn answer(&self, number: ExchangeNumber, status: u16, json: bool, out: &mut Out<'_>) {
        let json =
            if json { &[Header { name: b"Content-Type", value: b"application/json" }][..] } else { &[] };
        let (protocol, scheme, time) = (self.protocol, self.scheme, out.time);
        let head = ResponseHead {
            exchange: number,
            side: self.caller.peer(),
            time,
            protocol,
            scheme,
            status,
            headers: json,
        };
        out.sink.response(&head);
    }

    /// The end of an exchange whose answer was begun.
    pub(crate) fn finish(&self, number: ExchangeNumber, complete: bool, out: &mut Out<'_>) {
        out.sink.end(number, Half::Response, out.time, complete, out.ledger);
        out.sink.done(number, out.time, out.ledger);
    }

    /// An answer whose body, if any, is whole, and the end of the exchange.
    pub(crate) fn reply(
        &self,
        number: ExchangeNumber,
        status: u16,
        json: bool,
        body: &[u8],
        out: &mut Out<'_>,
    ) {
        self.answer(number, status, json, out);
        if !body.is_empty() {
            out.sink.body(number, Half::Response, body);
        }
        self.finish(number, true, out);
    }

    /// The end of an exchange that was not answered.
    pub(crate) fn abandon(&self, number: ExchangeNumber, out: &mut Out<'_>) {
        out.sink.anomaly(Some(number), Anomaly::NoResponse);
        out.sink.done(number, out.time, out.ledger);
    }
}

/// Adds a JSON string: bytes that are no UTF-8 stay as they are, so that nothing is read into them.
pub(crate) fn json_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for b in text {
        match b {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *b]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=31 => out.extend_from_slice(format!("\\u{b:04x}").as_bytes()),
            b => out.push(*b),
        }
    }
    out.push(b'"');
}

/// A name as a segment of a target: what parts targets is escaped.
pub(crate) fn segment(out: &mut Vec<u8>, name: &[u8]) {
    for b in name.iter().take(512) {
        match b {
            b'%' | b'?' | b'#' | b' ' | 0..=31 | 127 => out.extend_from_slice(format!("%{b:02X}").as_bytes()),
            b => out.push(*b),
        }
    }
}

/// Bytes gathered of one unit, up to a bound; the rest of it is passed over.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) bytes: Vec<u8>,
    left: usize,
}

impl Gathered {
    /// Of a unit of `length` bytes.
    pub(crate) fn of(length: usize) -> Self {
        Gathered { bytes: Vec::new(), left: length }
    }
    /// Takes what belongs to it of `bytes`; keeps at most `max`. How many were taken, and whether it is all there.
    pub(crate) fn take(&mut self, bytes: &[u8], max: usize) -> (usize, bool) {
        let n = self.left.min(bytes.len());
        let room = max.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..n.min(room)]);
        self.left -= n;
        (n, self.left == 0)
    }
}
