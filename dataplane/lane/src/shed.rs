//! Leaving bodies out: between the parser, which goes on reading every head, and the inspector, which then has less to scan.

use crate::known::{Known, key_of};
use crate::overload::Level;
use std::sync::Arc;
use weir_exchange::{Anomaly, BodyState, Exchange, Reading, Shown, TlsFacts};
use weir_protocol::{ExchangeNumber, Expectation, Half, Header, MessageSink, RequestHead, ResponseHead};
use weir_tls::KeyStore;
use weir_wire::{Account, Entry, Ledger, Side, Timestamp};

/// Bytes of a body scanned from [`Level::BoundedBodies`] on.
pub const BODY_BOUND: u64 = 16 * 1024;

/// What is left out of one flow. Small, as every flow has one; most need no more.
#[derive(Default)]
pub(crate) struct FlowShed {
    /// The interface that the last request asked for, 0 before the first, and its exchange.
    key: u64,
    asked: ExchangeNumber,
    bodies: Option<Box<Bodies>>,
}

const _: () = assert!(size_of::<FlowShed>() == 24);

#[derive(Default)]
struct Bodies {
    /// Bodies under way of which something is left out.
    halves: Vec<HalfShed>,
    /// The same, over, until their exchange is emitted.
    over: Vec<HalfShed>,
}

struct HalfShed {
    number: ExchangeNumber,
    half: Half,
    why: Account,
    /// Bytes that go through.
    bound: u64,
    passed: u64,
    withheld: u64,
}

impl FlowShed {
    /// Completes the records of exchanges just emitted, and learns what their interfaces send.
    pub(crate) fn emitted(&mut self, exchanges: &mut [Exchange], known: &mut Known) {
        for x in exchanges {
            let mut shed = false;
            if let Some(bodies) = &mut self.bodies {
                bodies.over.retain(|h| {
                    let mine = h.number == x.number;
                    if mine {
                        shed = true;
                        h.note(x);
                    }
                    !mine
                });
            }
            let body = x.response.as_ref().is_some_and(|r| r.body.wire_bytes > 0)
                || x.request.as_ref().is_some_and(|r| r.body.wire_bytes > 0);
            if let Some(key) = self.interface(x.number).filter(|_| body && !shed) {
                known.learn(key, x.data.is_empty() && x.signals.is_empty());
            }
        }
        self.bodies.take_if(|b| b.halves.is_empty() && b.over.is_empty());
    }
    /// What the request of an exchange asked for, if no other came since.
    fn interface(&self, number: ExchangeNumber) -> Option<u64> {
        (self.key != 0 && self.asked == number).then_some(self.key)
    }
}

impl HalfShed {
    /// Puts what was left out into the record.
    fn note(&self, x: &mut Exchange) {
        let body = match self.half {
            Half::Request => x.request.as_mut().map(|r| &mut r.body),
            Half::Response => x.response.as_mut().map(|r| &mut r.body),
        };
        if let Some(body) = body {
            body.wire_bytes += self.withheld;
            body.state = BodyState::Shed;
        }
    }
    /// Books what was left out. What went through was booked by the inspector: as a part, since it was told of a gap.
    fn book(&self, before: Entry, ledger: &mut Ledger) {
        ledger.bodies.bytes += self.withheld;
        let mut more = Entry { count: 0, bytes: self.withheld };
        if self.passed == 0 {
            ledger.bodies.count += 1;
            more.count = 1;
        } else if ledger.entry(Account::BodyPartial).count > before.count {
            ledger.rebook(Account::BodyPartial, self.why, Entry { count: 1, bytes: self.passed });
        }
        ledger.add_many(self.why, more);
    }
}

/// A sink that hands on what is not left out.
pub(crate) struct Shedding<'a, M> {
    pub(crate) inner: M,
    pub(crate) level: Level,
    pub(crate) known: &'a mut Known,
    pub(crate) flow: &'a mut FlowShed,
    /// A flow to come that this one announced.
    pub(crate) announced: &'a mut Option<Expectation>,
}

impl<M: MessageSink> Shedding<'_, M> {
    fn decide(&mut self, number: ExchangeNumber, half: Half, headers: &[Header<'_>]) {
        let key = self.flow.interface(number);
        let (why, bound) = match self.level {
            Level::Everything => return,
            Level::HeadsOnly => (Account::BodyShedAny, 0),
            _ if is_static(headers) => (Account::BodyShedStatic, 0),
            l if l >= Level::NoPublicBodies && key.is_some_and(|k| self.known.may_skip(k)) => {
                (Account::BodyShedPublic, 0)
            }
            l if l >= Level::BoundedBodies => (Account::BodyShedBound, BODY_BOUND),
            _ => return,
        };
        self.flow.bodies.get_or_insert_default().halves.push(HalfShed {
            number,
            half,
            why,
            bound,
            passed: 0,
            withheld: 0,
        });
    }
}

/// Whether a head announces what does not depend on who asks.
fn is_static(headers: &[Header<'_>]) -> bool {
    let media = headers.iter().find(|h| h.name.eq_ignore_ascii_case(b"content-type")).map(|h| h.value);
    let media = media.unwrap_or_default();
    let starts = |with: &[u8]| media.get(..with.len()).is_some_and(|m| m.eq_ignore_ascii_case(with));
    const STATIC: [&[u8]; 10] = [
        b"text/css",
        b"text/javascript",
        b"application/javascript",
        b"application/x-javascript",
        b"application/wasm",
        b"image/",
        b"font/",
        b"application/font",
        b"audio/",
        b"video/",
    ];
    STATIC.iter().any(|s| starts(s))
}

impl<M: MessageSink> MessageSink for Shedding<'_, M> {
    fn request(&mut self, head: &RequestHead<'_>) {
        (self.flow.asked, self.flow.key) = (head.exchange, key_of(head));
        self.decide(head.exchange, Half::Request, head.headers);
        self.inner.request(head);
    }
    fn response(&mut self, head: &ResponseHead<'_>) {
        self.decide(head.exchange, Half::Response, head.headers);
        self.inner.response(head);
    }
    fn interim(&mut self, exchange: ExchangeNumber, status: u16, time: Timestamp) {
        self.inner.interim(exchange, status, time);
    }
    #[inline]
    fn body(&mut self, exchange: ExchangeNumber, half: Half, bytes: &[u8]) {
        let bodies = self.flow.bodies.as_mut();
        let shed = bodies.and_then(|b| b.halves.iter_mut().find(|h| h.number == exchange && h.half == half));
        let Some(shed) = shed else { return self.inner.body(exchange, half, bytes) };
        let room = usize::try_from(shed.bound - shed.passed).unwrap_or(usize::MAX);
        let (now, rest) = bytes.split_at(room.min(bytes.len()));
        shed.passed += now.len() as u64;
        let first = shed.withheld == 0 && !rest.is_empty();
        shed.withheld += rest.len() as u64;
        let cut = first && shed.passed > 0;
        if !now.is_empty() {
            self.inner.body(exchange, half, now);
        }
        if cut {
            self.inner.body_gap(exchange, half, rest.len() as u64);
        }
    }
    fn body_gap(&mut self, exchange: ExchangeNumber, half: Half, len: u64) {
        self.inner.body_gap(exchange, half, len);
    }
    fn trailers(&mut self, exchange: ExchangeNumber, half: Half, headers: &[Header<'_>]) {
        self.inner.trailers(exchange, half, headers);
    }
    fn end(
        &mut self,
        exchange: ExchangeNumber,
        half: Half,
        time: Timestamp,
        complete: bool,
        ledger: &mut Ledger,
    ) {
        let before = ledger.entry(Account::BodyPartial);
        self.inner.end(exchange, half, time, complete, ledger);
        let Some(bodies) = &mut self.flow.bodies else { return };
        if let Some(at) = bodies.halves.iter().position(|h| h.number == exchange && h.half == half) {
            let shed = bodies.halves.swap_remove(at);
            if shed.withheld > 0 {
                shed.book(before, ledger);
                bodies.over.push(shed);
            }
        }
    }
    fn login(&mut self, exchange: ExchangeNumber, account: &[u8], password: &[u8]) {
        self.inner.login(exchange, account, password);
    }
    fn account(&mut self, exchange: ExchangeNumber, account: &[u8]) {
        self.inner.account(exchange, account);
    }
    fn expect(&mut self, expectation: Expectation) {
        *self.announced = Some(expectation);
    }
    fn anomaly(&mut self, exchange: Option<ExchangeNumber>, anomaly: Anomaly) {
        self.inner.anomaly(exchange, anomaly);
    }
    fn keys(&self) -> Option<Arc<KeyStore>> {
        self.inner.keys()
    }
    fn secured(&mut self, tls: &Arc<TlsFacts>) {
        self.inner.secured(tls);
    }
    fn connection(&mut self, client: Side, began: Timestamp, now: Timestamp, shown: Shown, reading: Reading) {
        self.inner.connection(client, began, now, shown, reading);
    }
    fn done(&mut self, exchange: ExchangeNumber, time: Timestamp, ledger: &mut Ledger) {
        self.inner.done(exchange, time, ledger);
    }
}
