//! Which response answers which request.
//!
//! Responses come in the order of their requests (RFC 9112, 9.3), so the first request without one is the one answered, but:
//!
//! - **Responses were lost** (a gap on their side since the last pairing): on a connection never seen to pipeline at most one
//!   request is unanswered at a time, so the latest is the one answered and the others get none. Where pipelining was seen the order stands.
//! - **No request is there**: the exchange begins with the response. Mirror ports may deliver the packets of the two directions swapped, so
//!   on a flow seen from its start, without losses among the requests, it stays open for [`REORDER`]: a request that comes within it,
//!   with nothing else unanswered, is its request. A 408 is not, as servers send it unasked.

use super::facts::Method;
use super::out::Out;
use crate::{ExchangeNumber, Half};
use std::collections::VecDeque;
use weir_exchange::Anomaly;
use weir_wire::{Duration, Side, Timestamp};

/// Requests that may wait for an answer; beyond, the oldest is given up.
pub(super) const MAX_WAITING: usize = 256;
/// How much later than its response a request may arrive.
pub(super) const REORDER: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// May still come.
    Due,
    /// Begun.
    Open,
    /// Over, or never to come.
    Over,
}

#[derive(Clone, Copy, Debug)]
struct Pair {
    number: ExchangeNumber,
    /// Who sent, or would have sent, the request.
    client: Side,
    method: Method,
    /// Waits for `100 Continue` before its body.
    expects: bool,
    request: State,
    response: State,
    /// Head of what began it.
    time: Timestamp,
    /// Begun by a response that may yet find its request.
    lone: bool,
}

/// A response's place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Answer {
    pub number: ExchangeNumber,
    pub method: Method,
    /// The request is not over yet.
    pub early: bool,
    /// The request waits for a `100 Continue` that will not come.
    pub refused: bool,
    /// The request was not seen and will not be.
    pub alone: bool,
}

/// The exchanges of a connection that are not done.
#[derive(Debug)]
pub(super) struct Pairs {
    open: VecDeque<Pair>,
    next: ExchangeNumber,
    /// A response came while a later request was already waiting.
    pipelined: bool,
    /// Late requests may find their response.
    ordered: bool,
    /// Sides that send nothing more.
    ended: [bool; 2],
}

impl Pairs {
    /// None yet. `from_start`: whether the flow was seen from its handshake on.
    pub fn new(from_start: bool) -> Self {
        Pairs { open: VecDeque::new(), next: 0, pipelined: false, ordered: from_start, ended: [false; 2] }
    }

    fn number(&mut self) -> ExchangeNumber {
        let n = self.next;
        self.next = self.next.wrapping_add(1);
        n
    }

    /// A request head of `client` at `time`. Returns its exchange.
    pub fn request(
        &mut self,
        client: Side,
        method: Method,
        expects: bool,
        time: Timestamp,
        out: &mut Out<'_>,
    ) -> ExchangeNumber {
        let alone = self.open.len() == 1;
        if let Some(p) = self
            .open
            .front_mut()
            .filter(|p| alone && p.lone && p.client == client && time.since(p.time) <= REORDER)
        {
            (p.lone, p.method, p.request) = (false, method, State::Open);
            return p.number;
        }
        self.settle(time, true, out);
        if self.open.len() >= MAX_WAITING
            && let Some(i) = self.open.iter().position(|p| p.response == State::Due)
        {
            out.sink.anomaly(Some(self.open[i].number), Anomaly::PipelineTooLong);
            self.unanswered(i, out);
        }
        let number = self.number();
        let (request, response) = (State::Open, State::Due);
        self.open.push_back(Pair { number, client, method, expects, request, response, time, lone: false });
        number
    }

    /// An interim response of `server`: the exchange it belongs to. `continues` for a 100.
    pub fn interim(&mut self, server: Side, continues: bool) -> Option<ExchangeNumber> {
        let pair = self.open.iter_mut().find(|p| p.client != server && p.response == State::Due)?;
        pair.expects &= !continues;
        Some(pair.number)
    }

    /// The head of a final response of `server` at `time`. `lost`: responses may have been lost before it.
    pub fn response(
        &mut self,
        server: Side,
        status: u16,
        time: Timestamp,
        lost: bool,
        out: &mut Out<'_>,
    ) -> Answer {
        let due = |p: &Pair| p.client != server && p.response == State::Due;
        if lost && !self.pipelined {
            while self.open.iter().filter(|p| due(p)).count() > 1
                && let Some(i) = self.open.iter().position(due)
            {
                self.unanswered(i, out);
            }
        }
        let mut waiting = self.open.iter().enumerate().filter(|(_, p)| due(p)).map(|(i, _)| i);
        if let Some(i) = waiting.next() {
            self.pipelined |= waiting.next().is_some();
            let p = &mut self.open[i];
            p.response = State::Open;
            let early = p.request == State::Open;
            return Answer {
                number: p.number,
                method: p.method,
                early,
                refused: early && p.expects,
                alone: false,
            };
        }
        self.settle(time, true, out);
        let number = self.number();
        let (client, method) = (server.peer(), Method::Unknown);
        let lone = self.ordered && status != 408 && self.open.is_empty() && !self.ended[client.index()];
        let request = if lone { State::Due } else { State::Over };
        self.open.push_back(Pair {
            number,
            client,
            method,
            expects: false,
            request,
            response: State::Open,
            time,
            lone,
        });
        Answer { number, method, early: false, refused: false, alone: !lone }
    }

    /// A half is over.
    pub fn end(&mut self, number: ExchangeNumber, half: Half, complete: bool, out: &mut Out<'_>) {
        out.sink.end(number, half, out.time, complete, out.ledger);
        let Some(i) = self.open.iter().position(|p| p.number == number) else { return };
        match half {
            Half::Request => self.open[i].request = State::Over,
            Half::Response => self.open[i].response = State::Over,
        }
        let p = self.open[i];
        if p.request == State::Over && p.response == State::Due && self.ended[p.client.peer().index()] {
            return self.unanswered(i, out);
        }
        self.finish(i, out);
    }

    /// Requests may have been lost: later ones find no earlier response any more.
    pub fn requests_lost(&mut self, out: &mut Out<'_>) {
        self.ordered = false;
        self.settle(out.time, true, out);
    }

    /// Whether a request waits for an answer of `server`, on a connection that does not pipeline.
    pub fn waits_alone(&self, server: Side) -> bool {
        !self.pipelined && self.open.iter().any(|p| p.client != server && p.response == State::Due)
    }

    /// Gives up waiting for the request of a response that came alone: when [`REORDER`] has passed, or `now`.
    pub fn settle(&mut self, time: Timestamp, now: bool, out: &mut Out<'_>) {
        let Some(p) = self.open.front_mut().filter(|p| p.lone && (now || time.since(p.time) > REORDER))
        else {
            return;
        };
        (p.lone, p.request) = (false, State::Over);
        let number = p.number;
        out.sink.anomaly(Some(number), Anomaly::LoneResponse);
        self.finish(0, out);
    }

    /// `side` sends nothing more.
    pub fn side_ended(&mut self, side: Side, out: &mut Out<'_>) {
        self.ended[side.index()] = true;
        self.abandon(side, out);
    }

    /// What waits for `side` waits no longer.
    pub fn abandon(&mut self, side: Side, out: &mut Out<'_>) {
        if self.open.front().is_some_and(|p| p.lone && p.client == side) {
            self.settle(out.time, true, out);
        }
        let mut i = 0;
        while i < self.open.len() {
            let before = self.open.len();
            if self.open[i].client != side && self.open[i].response == State::Due {
                self.unanswered(i, out);
            }
            i += usize::from(self.open.len() == before);
        }
    }

    fn unanswered(&mut self, i: usize, out: &mut Out<'_>) {
        let p = &mut self.open[i];
        p.response = State::Over;
        out.sink.anomaly(Some(p.number), Anomaly::NoResponse);
        self.finish(i, out);
    }

    fn finish(&mut self, i: usize, out: &mut Out<'_>) {
        let p = self.open[i];
        if p.request == State::Over && p.response == State::Over {
            self.open.remove(i);
            out.sink.done(p.number, out.time, out.ledger);
        }
    }
}
