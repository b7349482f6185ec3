//! One exchange under way.

use crate::body::{Announced, BodyReader};
use crate::compose::compose;
use crate::facts::{Facts, credentials};
use crate::find::Items;
use crate::{Inspector, grpc, head};
use std::sync::Arc;
use weir_exchange::{
    Anomalies, Body, Exchange, FlowRef, Part, Place, Protocol, Request, Response, Scheme, SharedList,
    TlsFacts,
};
use weir_protocol::{ExchangeNumber, Half, Header, RequestHead, ResponseHead};
use weir_wire::{Ledger, Side, Timestamp};

/// Most exchanges that are over whose memory is kept for others: as many as are under way at once on a busy lane, at about 2 KiB each.
const MAX_SPARE: usize = 4096;
/// Longest target kept, in bytes.
const MAX_TARGET: usize = 8192;

/// One half under way.
#[derive(Default)]
struct HalfState {
    body: Option<BodyReader>,
    facts: Facts,
    /// Whether it ended, and whole.
    ended: Option<bool>,
}

/// The head that begins an exchange.
pub(crate) struct Begun {
    pub(crate) time: Timestamp,
    /// Who sent the request.
    pub(crate) caller: Side,
    pub(crate) protocol: Protocol,
    pub(crate) scheme: Scheme,
}

/// An exchange under way. When it is over, its memory serves the next one.
pub(crate) struct Open {
    pub(crate) number: ExchangeNumber,
    time: Timestamp,
    pub(crate) ended: Timestamp,
    /// Who sent the request.
    pub(crate) caller: Side,
    protocol: Protocol,
    scheme: Scheme,
    request: Option<Request>,
    response: Option<Response>,
    /// Request, response.
    halves: [HalfState; 2],
    items: Items,
    /// Which rules numbered what `items` holds.
    rules: u32,
    pub(crate) anomalies: Anomalies,
}

/// Exchanges that are over.
#[allow(clippy::vec_box, reason = "boxes go from here to flows and back without a copy of what they hold")]
pub(crate) type Spares = Vec<Box<Open>>;

impl Open {
    /// Begins an exchange, where there is one in the memory of one that is over.
    pub(crate) fn begin(spare: &mut Spares, number: ExchangeNumber, begun: Begun, rules: u32) -> Box<Open> {
        let mut open = spare.pop().unwrap_or_else(|| {
            Box::new(Open {
                number,
                time: begun.time,
                ended: begun.time,
                caller: begun.caller,
                protocol: begun.protocol,
                scheme: begun.scheme,
                request: None,
                response: None,
                halves: Default::default(),
                items: Items::default(),
                rules: 0,
                anomalies: Anomalies::new(),
            })
        });
        (open.number, open.time, open.ended, open.caller) = (number, begun.time, begun.time, begun.caller);
        (open.protocol, open.scheme) = (begun.protocol, begun.scheme);
        open.rules = rules;
        open
    }
    /// Gives the memory back.
    pub(crate) fn put_back(mut self: Box<Self>, spare: &mut Spares) {
        if spare.len() < MAX_SPARE {
            (self.request, self.response, self.anomalies) = (None, None, Anomalies::new());
            for half in &mut self.halves {
                (half.body, half.ended) = (None, None);
                half.facts.clear();
            }
            self.items.clear();
            spare.push(self);
        }
    }

    /// Takes the numbers of the rules now in force, where they changed meanwhile.
    #[inline]
    pub(crate) fn follow(&mut self, i: &Inspector) {
        if self.rules != i.history.generation {
            match i.history.since(self.rules) {
                Some(moves) => moves.into_iter().for_each(|m| self.items.renumber(m)),
                None => self.items.clear(),
            }
            self.rules = i.history.generation;
        }
    }

    /// Takes the head of the request.
    pub(crate) fn request(&mut self, head: &RequestHead<'_>, i: &mut Inspector) {
        (self.time, self.caller) = (self.time.min(head.time), head.side);
        (self.protocol, self.scheme) = (head.protocol, head.scheme);
        i.halves += 1;
        let state = &mut self.halves[Half::Request as usize];
        state.facts.serial = i.halves;
        i.heads.paths.scan(head.target, &mut i.tools, &i.keeping, &mut self.items, &mut state.facts);
        let (announced, known) = i.heads.request(head, &mut i.tools, &i.keeping);
        self.items.absorb(&known.found);
        self.request = Some(Request {
            method: crate::facts::bounded(head.method, 32),
            target: crate::facts::bounded(head.target, MAX_TARGET),
            head: Arc::clone(&known.fields),
            operation: known.operation.clone(),
            action: None,
            login: None,
            params: Default::default(),
            body: Body::default(),
        });
        self.announce(Half::Request, &announced, i);
    }

    /// Takes the head of the response.
    pub(crate) fn response(&mut self, head: &ResponseHead<'_>, i: &mut Inspector) {
        self.ended = self.ended.max(head.time);
        i.halves += 1;
        self.halves[Half::Response as usize].facts.serial = i.halves;
        let (announced, known) = i.heads.response(head, &mut i.tools, &i.keeping);
        self.items.absorb(&known.found);
        self.response = Some(Response {
            time: head.time,
            status: head.status,
            head: Arc::clone(&known.fields),
            fields: SharedList::default(),
            blank: 0,
            grpc_status: announced.grpc_status,
            body: Body::default(),
        });
        self.announce(Half::Response, &announced, i);
    }

    /// Takes a login that stands in no body.
    pub(crate) fn login(&mut self, account: &[u8], password: &[u8]) {
        self.halves[Half::Request as usize].facts.log_in(account, password);
    }

    /// Takes the account that the connection is logged in by.
    pub(crate) fn account(&mut self, account: &[u8], i: &Inspector) {
        if let Some(r) = &mut self.request {
            credentials::connection(&mut r.credentials, account, &i.keeping.fingerprinter);
        }
    }

    fn announce(&mut self, half: Half, announced: &Announced<'_>, i: &mut Inspector) {
        let media = i.shapes.media(announced.content_type.unwrap_or_default(), &i.keeping.fingerprinter);
        let body = BodyReader::new(announced, media, half == Half::Response, &i.config, &mut i.pools);
        self.halves[half as usize].body = Some(body);
    }

    /// Takes the next bytes of a body.
    pub(crate) fn body(&mut self, half: Half, bytes: &[u8], i: &mut Inspector) {
        let HalfState { body: Some(body), facts, .. } = &mut self.halves[half as usize] else { return };
        if body.pass(bytes) {
            return;
        }
        let pools = &mut i.pools;
        i.tools.collect(&i.keeping, place(half), &mut self.items, facts, |finder, out| {
            body.push(bytes, finder, pools, out);
        });
    }

    /// Bytes of a body are missing.
    pub(crate) fn body_gap(&mut self, half: Half, i: &mut Inspector) {
        self.anomalies.insert(weir_exchange::Anomaly::Gap);
        let HalfState { body: Some(body), facts, .. } = &mut self.halves[half as usize] else { return };
        let pools = &mut i.pools;
        i.tools.collect(&i.keeping, place(half), &mut self.items, facts, |finder, out| {
            body.gap(finder, pools, out)
        });
    }

    /// Takes the fields behind a body: the status of a gRPC call.
    pub(crate) fn trailers(&mut self, half: Half, fields: &[Header<'_>]) {
        let status = fields.iter().find(|h| h.name.eq_ignore_ascii_case(b"grpc-status"));
        if let (Half::Response, Some(r), Some(h)) = (half, &mut self.response, status) {
            r.grpc_status = grpc::status(h.value);
        }
    }

    /// Ends a half: its body is read to the end and booked.
    pub(crate) fn end(&mut self, half: Half, whole: bool, i: &mut Inspector, ledger: &mut Ledger) {
        let state = &mut self.halves[half as usize];
        if state.ended.is_some() {
            return;
        }
        state.ended = Some(whole);
        let Some(body) = state.body.take() else { return };
        let pools = &mut i.pools;
        let facts = &mut state.facts;
        if let (Half::Response, Some(r), Some(status)) = (half, &mut self.response, body.grpc_status()) {
            r.grpc_status = Some(status);
        }
        let (mut body, anomalies) =
            i.tools.collect(&i.keeping, place(half), &mut self.items, facts, |finder, out| {
                body.finish(whole, finder, pools, out, ledger)
            });
        self.anomalies |= anomalies;
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

    /// The record. What the halves were called is forgotten.
    pub(crate) fn finish(
        &mut self,
        flow: FlowRef,
        tls: Option<Arc<TlsFacts>>,
        now: Timestamp,
        i: &mut Inspector,
        ledger: &mut Ledger,
    ) -> Exchange {
        self.end(Half::Request, false, i, ledger);
        self.end(Half::Response, false, i, ledger);
        let [asked, answered] = &mut self.halves;
        let whole = asked.ended == Some(true) && answered.ended == Some(true);
        let fingerprinter = &i.keeping.fingerprinter;
        if let Some(r) = &mut self.request {
            if r.operation.is_empty() {
                r.operation = asked.facts.operation_named();
            }
            r.action = asked.facts.action.take().map(Box::new);
            let (path, _) = head::path_and_query(r.target.as_bytes());
            let path = String::from_utf8_lossy(path);
            r.login = asked.facts.login(&path, &i.tools.rules, fingerprinter).map(Box::new);
            r.params = asked.facts.params.take(&mut i.shapes, fingerprinter);
            for credential in asked.facts.credentials.drain(..) {
                credentials::add(&mut r.credentials, credential);
            }
        }
        if let Some(r) = &mut self.response {
            (r.fields, r.blank) = answered.facts.fields.take(&mut i.shapes, fingerprinter);
            for credential in answered.facts.credentials.drain(..) {
                credentials::add(&mut r.issued, credential);
            }
        }
        let (mut data, signals) = self.items.take();
        if !i.tools.rules.composites().is_empty() {
            compose(&mut data, &i.tools.rules, i.keeping.max_items);
        }
        Exchange {
            time: self.time,
            ended: self.ended,
            emitted: now,
            flow,
            number: self.number,
            protocol: self.protocol,
            scheme: self.scheme,
            tls,
            complete: whole && self.request.is_some() && self.response.is_some(),
            request: self.request.take(),
            response: self.response.take(),
            data,
            signals,
            anomalies: self.anomalies,
        }
    }
}

fn place(half: Half) -> Place {
    Place { response: half == Half::Response, part: Part::Body }
}
