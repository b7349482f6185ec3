//! Exchanges under way.

use crate::Inspector;
use crate::body::BodyReader;
use crate::facts::{Collector, Facts, kind};
use crate::find::{Items, Reading, Stretch};
use crate::head;
use crate::structure::Structure;
use crate::text::Escapes;
use sha1::{Digest, Sha1};
use std::collections::BTreeSet;
use weir_exchange::{
    Anomaly, CommunityId, Exchange, FlowRef, Part, Place, Protocol, Request, Response, Scheme,
};
use weir_protocol::{ExchangeNumber, Half, Header, MessageSink, RequestHead, ResponseHead};
use weir_rules::{ResponseOrRequest, Scope};
use weir_wire::{FlowMeta, Ledger, Side, Timestamp};

/// The exchanges under way of one flow. Holds no memory of its own while there are none.
#[derive(Default)]
pub struct FlowExchanges {
    open: Vec<Open>,
    community: Option<CommunityId>,
    /// Anomalies of the flow that no exchange has taken yet.
    anomalies: Vec<Anomaly>,
}

/// Shows how many are under way, not what they hold.
impl std::fmt::Debug for FlowExchanges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FlowExchanges").field("open", &self.open.len()).finish_non_exhaustive()
    }
}

/// One half under way.
#[derive(Default)]
struct HalfState {
    body: Option<BodyReader>,
    facts: Facts,
    /// Whether it ended, and whole.
    ended: Option<bool>,
}

struct Open {
    number: ExchangeNumber,
    time: Timestamp,
    ended: Timestamp,
    /// Who sent the request.
    caller: Side,
    minor: u8,
    request: Option<Request>,
    response: Option<Response>,
    /// Request, response.
    halves: [HalfState; 2],
    items: Items,
    /// Which rules numbered what `items` holds.
    rules: u32,
    anomalies: BTreeSet<Anomaly>,
}

/// What [`Inspector::sink`] gives.
pub(crate) struct Sink<'a> {
    pub(crate) inspector: &'a mut Inspector,
    pub(crate) flow: &'a FlowMeta,
    pub(crate) state: &'a mut FlowExchanges,
    pub(crate) out: &'a mut Vec<Exchange>,
}

impl Open {
    fn new(number: ExchangeNumber, time: Timestamp, caller: Side, minor: u8, rules: u32) -> Self {
        Open {
            number,
            time,
            ended: time,
            caller,
            minor,
            request: None,
            response: None,
            halves: Default::default(),
            items: Items::default(),
            rules,
            anomalies: BTreeSet::new(),
        }
    }
    /// Takes the numbers of the rules now in force, where they changed meanwhile.
    #[inline]
    fn follow(&mut self, i: &Inspector) {
        if self.rules != i.history.generation {
            match i.history.since(self.rules) {
                Some(moves) => moves.into_iter().for_each(|m| self.items.renumber(m)),
                None => self.items = Items::default(),
            }
            self.rules = i.history.generation;
        }
    }
    /// Scans a text of the head.
    fn scan(
        &mut self,
        part: Part,
        half: Half,
        reading: &mut Reading,
        raw: &[u8],
        prefix: &str,
        i: &mut Inspector,
    ) {
        let mut finder = i.tools.finder();
        let mut out = Collector {
            rules: finder.rules,
            fingerprinter: &i.fingerprinter,
            items: &mut self.items,
            facts: &mut self.halves[half as usize].facts,
            place: Place { response: half == Half::Response, part },
            max_items: i.config.max_items,
            skip_secrets: matches!(part, Part::Cookie | Part::Header),
        };
        finder.read(
            reading,
            Stretch { raw, last: true, full: false, prefix, parent: None, depth: 0 },
            &mut out,
        );
    }
    fn scan_headers(&mut self, headers: &[Header<'_>], half: Half, i: &mut Inspector) {
        let signals =
            if half == Half::Request { ResponseOrRequest::Request } else { ResponseOrRequest::Neither };
        let scope = Scope { data: true, signals, ..Scope::default() };
        for h in headers {
            let name = String::from_utf8_lossy(&h.name[..h.name.len().min(64)]);
            if h.name.eq_ignore_ascii_case(b"cookie") {
                let mut reading = Reading::new(Structure::cookie(), Escapes::Percent, scope);
                self.scan(Part::Cookie, half, &mut reading, h.value, "", i);
            } else if [&b"referer"[..], b"location"].iter().any(|n| h.name.eq_ignore_ascii_case(n)) {
                let structure = Structure::for_kind(weir_exchange::MediaKind::Text, None);
                let mut reading = Reading::new(structure, Escapes::Percent, scope);
                self.scan(Part::Header, half, &mut reading, h.value, &name, i);
            } else if head::may_hold_data(h.name) {
                let mut reading = Reading::new(Structure::datum(&name), Escapes::None, scope);
                self.scan(Part::Header, half, &mut reading, h.value, &name, i);
            }
        }
    }
    fn scan_target(&mut self, target: &[u8], i: &mut Inspector) {
        let (path, query) = head::path_and_query(target);
        let scope = Scope { data: true, signals: ResponseOrRequest::Request, ..Scope::default() };
        let decoded = kind::percent(path);
        let shown = String::from_utf8_lossy(&decoded).into_owned();
        let place = Place { response: false, part: Part::Path };
        for signal in i.tools.rules.path_signals(&shown) {
            // A path that gives a signal is a known word; the bounded path is its excerpt.
            self.items.signal(place, signal, &crate::find::excerpt(shown.as_bytes(), 0..shown.len(), &[]));
        }
        let structure = Structure::for_kind(weir_exchange::MediaKind::Text, None);
        let mut reading = Reading::new(structure, Escapes::None, scope);
        self.scan(Part::Path, Half::Request, &mut reading, &decoded, "", i);
        if !query.is_empty() {
            let structure = Structure::for_kind(weir_exchange::MediaKind::Form, None);
            let mut reading = Reading::new(structure, Escapes::Percent, scope);
            self.scan(Part::Query, Half::Request, &mut reading, query, "", i);
        }
    }
    /// Runs `run` with the body of a half and what takes its findings.
    fn with_body(
        &mut self,
        half: Half,
        i: &mut Inspector,
        run: impl FnOnce(&mut BodyReader, &mut crate::find::Finder<'_>, &mut Vec<Vec<u8>>, &mut Collector<'_>),
    ) {
        let state = &mut self.halves[half as usize];
        let Some(body) = &mut state.body else { return };
        let mut finder = i.tools.finder();
        let mut out = Collector {
            rules: finder.rules,
            fingerprinter: &i.fingerprinter,
            items: &mut self.items,
            facts: &mut state.facts,
            place: Place { response: half == Half::Response, part: Part::Body },
            max_items: i.config.max_items,
            skip_secrets: false,
        };
        run(body, &mut finder, &mut i.pool, &mut out);
    }
    /// Ends a half: its body is read to the end and booked.
    fn end(&mut self, half: Half, whole: bool, i: &mut Inspector, ledger: &mut Ledger) {
        let state = &mut self.halves[half as usize];
        if state.ended.is_some() {
            return;
        }
        state.ended = Some(whole);
        let Some(body) = state.body.take() else { return };
        let mut finder = i.tools.finder();
        let mut out = Collector {
            rules: finder.rules,
            fingerprinter: &i.fingerprinter,
            items: &mut self.items,
            facts: &mut state.facts,
            place: Place { response: half == Half::Response, part: Part::Body },
            max_items: i.config.max_items,
            skip_secrets: false,
        };
        let (mut body, anomalies) = body.finish(whole, &mut finder, &mut i.pool, &mut out, ledger);
        self.anomalies.extend(anomalies);
        body.records = state.facts.records;
        if body.file_name.is_none() {
            body.file_name = state.facts.file_name.take();
        }
        match (half, &mut self.request, &mut self.response) {
            (Half::Request, Some(r), _) => r.body = body,
            (Half::Response, _, Some(r)) => r.body = body,
            _ => {}
        }
    }
    /// The record.
    fn finish(mut self, flow: FlowRef, now: Timestamp, i: &mut Inspector, ledger: &mut Ledger) -> Exchange {
        self.end(Half::Request, false, i, ledger);
        self.end(Half::Response, false, i, ledger);
        let [mut asked, answered] = self.halves;
        if let Some(r) = &mut self.request {
            let path = String::from_utf8_lossy(head::path_and_query(r.target.as_bytes()).0).into_owned();
            if r.operation.is_empty() {
                r.operation = std::mem::take(&mut asked.facts.operation);
            }
            r.login = asked.facts.login(&path, &i.tools.rules, &i.fingerprinter);
            r.params = asked.facts.params;
            r.credentials = asked.facts.credentials;
        }
        if let Some(r) = &mut self.response {
            r.issued = answered.facts.credentials;
            r.fields = answered.facts.fields.into_iter().collect();
        }
        let whole = asked.ended == Some(true) && answered.ended == Some(true);
        let (data, signals) = self.items.finish();
        Exchange {
            time: self.time,
            ended: self.ended,
            emitted: now,
            flow,
            number: self.number,
            protocol: if self.minor == 0 { Protocol::Http10 } else { Protocol::Http11 },
            scheme: Scheme::Http,
            complete: whole && self.request.is_some() && self.response.is_some(),
            request: self.request,
            response: self.response,
            data,
            signals,
            anomalies: self.anomalies.into_iter().collect(),
        }
    }
}

impl Sink<'_> {
    /// The exchange of a number; begun where it is new.
    fn begin(&mut self, number: ExchangeNumber, time: Timestamp, caller: Side, minor: u8) -> Open {
        match self.take(number) {
            Some(open) => open,
            None => {
                let mut open = Open::new(number, time, caller, minor, self.inspector.history.generation);
                open.anomalies.extend(self.state.anomalies.drain(..));
                open
            }
        }
    }
    fn take(&mut self, number: ExchangeNumber) -> Option<Open> {
        let at = self.state.open.iter().position(|o| o.number == number)?;
        let mut open = self.state.open.remove(at);
        open.follow(self.inspector);
        Some(open)
    }
    /// Puts an exchange back in its order.
    fn put(&mut self, open: Open) {
        let at = self.state.open.partition_point(|o| o.number < open.number);
        self.state.open.insert(at, open);
    }
    fn with(&mut self, number: ExchangeNumber, run: impl FnOnce(&mut Open, &mut Inspector)) {
        if let Some(open) = self.state.open.iter_mut().find(|o| o.number == number) {
            open.follow(self.inspector);
            run(open, self.inspector);
        }
    }
    fn emit(&mut self, mut open: Open, now: Timestamp, ledger: &mut Ledger) {
        let (client, server) = match open.caller {
            Side::Client => (self.flow.client, self.flow.server),
            Side::Server => (self.flow.server, self.flow.client),
        };
        let community = *self
            .state
            .community
            .get_or_insert_with(|| CommunityId(Sha1::digest(CommunityId::input(client, server, 6)).into()));
        let (vlan, vni, started) = (self.flow.vlan, self.flow.vni, self.flow.started);
        let flow = FlowRef { community_id: community, client, server, vlan, vni, started };
        open.follow(self.inspector);
        self.out.push(open.finish(flow, now, self.inspector, ledger));
        if self.state.open.is_empty() {
            self.state.open = Vec::new();
        }
    }
}

impl MessageSink for Sink<'_> {
    fn request(&mut self, head: &RequestHead<'_>) {
        let mut open = self.begin(head.exchange, head.time, head.side, head.minor);
        let i = &mut *self.inspector;
        (open.time, open.caller, open.minor) = (open.time.min(head.time), head.side, head.minor);
        let state = &mut open.halves[Half::Request as usize];
        i.halves += 1;
        state.facts.serial = i.halves;
        open.request = Some(head::request(head, &mut state.facts, &i.fingerprinter));
        state.body = Some(BodyReader::new(&head::announced(head.headers), false, &i.config));
        open.scan_target(head.target, i);
        open.scan_headers(head.headers, Half::Request, i);
        if let Some(agent) = head.headers.iter().find(|h| h.name.eq_ignore_ascii_case(b"user-agent")) {
            let scope = Scope { signals: ResponseOrRequest::UserAgent, ..Scope::default() };
            let mut reading = Reading::new(Structure::datum(""), Escapes::None, scope);
            open.scan(Part::Header, Half::Request, &mut reading, agent.value, "User-Agent", i);
        }
        self.put(open);
    }
    fn response(&mut self, head: &ResponseHead<'_>) {
        let mut open = self.begin(head.exchange, head.time, head.side.peer(), head.minor);
        let i = &mut *self.inspector;
        open.ended = open.ended.max(head.time);
        let state = &mut open.halves[Half::Response as usize];
        i.halves += 1;
        state.facts.serial = i.halves;
        open.response = Some(head::response(head, &mut state.facts, &i.fingerprinter));
        state.body = Some(BodyReader::new(&head::announced(head.headers), true, &i.config));
        open.scan_headers(head.headers, Half::Response, i);
        self.put(open);
    }
    fn body(&mut self, exchange: ExchangeNumber, half: Half, bytes: &[u8]) {
        self.with(exchange, |open, i| {
            open.with_body(half, i, |body, finder, pool, out| body.push(bytes, finder, pool, out));
        });
    }
    fn body_gap(&mut self, exchange: ExchangeNumber, half: Half, _len: u64) {
        self.with(exchange, |open, i| {
            open.anomalies.insert(Anomaly::Gap);
            open.with_body(half, i, |body, finder, pool, out| body.gap(finder, pool, out));
        });
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
            let eldest = self.state.open.remove(0);
            self.emit(eldest, time, ledger);
        }
    }
    fn anomaly(&mut self, exchange: Option<ExchangeNumber>, anomaly: Anomaly) {
        let open = match exchange {
            Some(n) => self.state.open.iter_mut().find(|o| o.number == n),
            None => self.state.open.last_mut(),
        };
        match open {
            Some(open) => {
                open.anomalies.insert(anomaly);
            }
            None if exchange.is_none() && !self.state.anomalies.contains(&anomaly) => {
                self.state.anomalies.push(anomaly)
            }
            None => {}
        }
    }
    fn done(&mut self, exchange: ExchangeNumber, time: Timestamp, ledger: &mut Ledger) {
        if let Some(open) = self.take(exchange) {
            self.emit(open, time, ledger);
        }
    }
}
