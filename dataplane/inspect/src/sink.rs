//! From messages to the exchanges of a flow.

use crate::Inspector;
use crate::open::{Begun, Open};
use sha1::{Digest, Sha1};
use smallvec::SmallVec;
use std::sync::Arc;
use weir_exchange::{
    Anomalies, Anomaly, CommunityId, Connection, Exchange, FlowRef, Reading, Shown, TlsFacts,
};
use weir_protocol::{ExchangeNumber, Half, Header, MessageSink, RequestHead, ResponseHead};
use weir_tls::KeyStore;
use weir_wire::{FlowMeta, Ledger, Side, Timestamp};

/// The exchanges under way of one flow. Holds no memory of its own while there are none.
#[derive(Default)]
pub struct FlowExchanges {
    /// In order of their numbers; one, unless requests are pipelined.
    open: SmallVec<[Box<Open>; 1]>,
    community: Option<CommunityId>,
    /// The handshake of the TLS that carries them.
    tls: Option<Arc<TlsFacts>>,
    /// Anomalies of the flow that no exchange has taken yet.
    anomalies: Anomalies,
}

/// Shows how many are under way, not what they hold.
impl std::fmt::Debug for FlowExchanges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FlowExchanges").field("open", &self.open.len()).finish_non_exhaustive()
    }
}

/// What [`Inspector::sink`] gives.
pub(crate) struct Sink<'a, F> {
    pub(crate) inspector: &'a mut Inspector,
    pub(crate) flow: F,
    pub(crate) state: &'a mut FlowExchanges,
    pub(crate) out: &'a mut Vec<Exchange>,
}

impl<F: Fn() -> FlowMeta> Sink<'_, F> {
    /// The exchange of a number; begun where it is new.
    fn begin(&mut self, number: ExchangeNumber, begun: Begun) -> (&mut Open, &mut Inspector) {
        let state = &mut *self.state;
        let at = state.open.partition_point(|o| o.number < number);
        if state.open.get(at).is_none_or(|o| o.number != number) {
            let rules = self.inspector.history.generation;
            let mut open = Open::begin(&mut self.inspector.spare, number, begun, rules);
            open.anomalies |= std::mem::take(&mut state.anomalies);
            state.open.insert(at, open);
        }
        let open = &mut state.open[at];
        open.follow(self.inspector);
        (open, self.inspector)
    }
    /// The flow, as seen from who called.
    fn flow_of(&mut self, caller: Side) -> FlowRef {
        let meta = (self.flow)();
        let (client, server) = match caller {
            Side::Client => (meta.client, meta.server),
            Side::Server => (meta.server, meta.client),
        };
        let community_id = *self
            .state
            .community
            .get_or_insert_with(|| CommunityId(Sha1::digest(CommunityId::input(client, server, 6)).into()));
        let (vlan, vni, started) = (meta.vlan, meta.vni, meta.started);
        FlowRef { community_id, client, server, vlan, vni, started }
    }
    fn with(&mut self, number: ExchangeNumber, run: impl FnOnce(&mut Open, &mut Inspector)) {
        if let Some(open) = self.state.open.iter_mut().find(|o| o.number == number) {
            open.follow(self.inspector);
            run(open, self.inspector);
        }
    }
    fn emit(&mut self, at: usize, now: Timestamp, ledger: &mut Ledger) {
        let mut open = self.state.open.remove(at);
        let flow = self.flow_of(open.caller);
        open.follow(self.inspector);
        self.out.push(open.finish(flow, self.state.tls.clone(), now, self.inspector, ledger));
        open.put_back(&mut self.inspector.spare);
        if self.state.open.is_empty() {
            self.state.open.shrink_to_fit();
        }
    }
}

impl<F: Fn() -> FlowMeta> MessageSink for Sink<'_, F> {
    fn request(&mut self, head: &RequestHead<'_>) {
        let begun =
            Begun { time: head.time, caller: head.side, protocol: head.protocol, scheme: head.scheme };
        let (open, inspector) = self.begin(head.exchange, begun);
        open.request(head, inspector);
    }
    fn response(&mut self, head: &ResponseHead<'_>) {
        let begun =
            Begun { time: head.time, caller: head.side.peer(), protocol: head.protocol, scheme: head.scheme };
        let (open, inspector) = self.begin(head.exchange, begun);
        open.response(head, inspector);
    }
    fn body(&mut self, exchange: ExchangeNumber, half: Half, bytes: &[u8]) {
        self.with(exchange, |open, i| open.body(half, bytes, i));
    }
    fn body_gap(&mut self, exchange: ExchangeNumber, half: Half, _len: u64) {
        self.with(exchange, |open, i| open.body_gap(half, i));
    }
    fn trailers(&mut self, exchange: ExchangeNumber, half: Half, headers: &[Header<'_>]) {
        self.with(exchange, |open, _| open.trailers(half, headers));
    }
    fn end(
        &mut self,
        exchange: ExchangeNumber,
        half: Half,
        time: Timestamp,
        complete: bool,
        ledger: &mut Ledger,
    ) {
        self.with(exchange, |open, i| {
            open.ended = open.ended.max(time);
            open.end(half, complete, i, ledger);
        });
        while self.state.open.len() > self.inspector.config.max_open {
            self.emit(0, time, ledger);
        }
    }
    fn login(&mut self, exchange: ExchangeNumber, account: &[u8], password: &[u8]) {
        self.with(exchange, |open, _| open.login(account, password));
    }
    fn account(&mut self, exchange: ExchangeNumber, account: &[u8]) {
        self.with(exchange, |open, i| open.account(account, i));
    }
    fn anomaly(&mut self, exchange: Option<ExchangeNumber>, anomaly: Anomaly) {
        let open = match exchange {
            Some(n) => self.state.open.iter_mut().find(|o| o.number == n),
            None => self.state.open.last_mut(),
        };
        match open {
            Some(open) => open.anomalies.insert(anomaly),
            None if exchange.is_none() => self.state.anomalies.insert(anomaly),
            None => {}
        }
    }
    fn keys(&self) -> Option<Arc<KeyStore>> {
        self.inspector.keys.clone()
    }
    fn secured(&mut self, tls: &Arc<TlsFacts>) {
        self.state.tls = Some(tls.clone());
    }
    fn connection(&mut self, client: Side, began: Timestamp, now: Timestamp, shown: Shown, reading: Reading) {
        let flow = self.flow_of(client);
        let connection = Connection { time: began, emitted: now, flow, shown, reading };
        self.inspector.connections.push(connection);
    }
    fn done(&mut self, exchange: ExchangeNumber, time: Timestamp, ledger: &mut Ledger) {
        if let Some(at) = self.state.open.iter().position(|o| o.number == exchange) {
            self.emit(at, time, ledger);
        }
    }
}
