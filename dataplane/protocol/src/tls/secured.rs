//! Says of every message that TLS carried it.

use crate::{ExchangeNumber, Expectation, Half, Header, MessageSink, RequestHead, ResponseHead};
use weir_exchange::{Anomaly, Reading, Shown};
use weir_wire::{Ledger, Side, Timestamp};

/// A sink behind TLS. It gives no keys: TLS within TLS is told of and not read, so that nothing nests without bound.
pub(super) struct Secured<'a>(pub(super) &'a mut dyn MessageSink);

impl MessageSink for Secured<'_> {
    fn request(&mut self, head: &RequestHead<'_>) {
        self.0.request(&RequestHead { scheme: head.scheme.over_tls(), ..*head });
    }
    fn response(&mut self, head: &ResponseHead<'_>) {
        self.0.response(&ResponseHead { scheme: head.scheme.over_tls(), ..*head });
    }
    fn interim(&mut self, exchange: ExchangeNumber, status: u16, time: Timestamp) {
        self.0.interim(exchange, status, time);
    }
    fn body(&mut self, exchange: ExchangeNumber, half: Half, bytes: &[u8]) {
        self.0.body(exchange, half, bytes);
    }
    fn body_gap(&mut self, exchange: ExchangeNumber, half: Half, len: u64) {
        self.0.body_gap(exchange, half, len);
    }
    fn trailers(&mut self, exchange: ExchangeNumber, half: Half, headers: &[Header<'_>]) {
        self.0.trailers(exchange, half, headers);
    }
    fn end(
        &mut self,
        exchange: ExchangeNumber,
        half: Half,
        time: Timestamp,
        complete: bool,
        ledger: &mut Ledger,
    ) {
        self.0.end(exchange, half, time, complete, ledger);
    }
    fn anomaly(&mut self, exchange: Option<ExchangeNumber>, anomaly: Anomaly) {
        self.0.anomaly(exchange, anomaly);
    }
    fn login(&mut self, exchange: ExchangeNumber, account: &[u8], password: &[u8]) {
        self.0.login(exchange, account, password);
    }
    fn account(&mut self, exchange: ExchangeNumber, account: &[u8]) {
        self.0.account(exchange, account);
    }
    fn expect(&mut self, expectation: Expectation) {
        self.0.expect(expectation);
    }
    fn connection(&mut self, client: Side, began: Timestamp, now: Timestamp, shown: Shown, reading: Reading) {
        self.0.connection(client, began, now, shown, reading);
    }
    fn done(&mut self, exchange: ExchangeNumber, time: Timestamp, ledger: &mut Ledger) {
        self.0.done(exchange, time, ledger);
    }
}
