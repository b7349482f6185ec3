//! Which response answers which request.
//!
//! Responses come in the order of their requests (RFC 9112, 9.3), so the first request without one is the one answered. Three things
//! disturb that:
//!
//! - **Responses were lost** (a gap on their side). A gap that took the place of a head took one response, as far as can be
//!   told: one waiting request is passed over for it, and so are those that have waited for longer than [`HOLD`], as on a connection that does not
//!   pipeline nothing is asked before the last answer. The latest request is never passed over. Where pipelining was seen the order stands.
//! - **Requests were lost, or come late.** Reassembly holds what lies behind a gap until it gives the gap up, while the other side
//!   goes on: responses come whose requests are held. On connections in step such an exchange begins with its response and stays open for
//!   [`HOLD`]; the requests that come at once behind the gap are matched to them in order, less those that the gap swallowed.
//! - **The packets of the two directions were swapped** by the mirror port: without a gap, a request that comes within [`REORDER`] of
//!   a response that came alone, with nothing else unanswered, is its request. A 408 never is, as servers send it unasked.
//!
//! Weakness: that a gap takes one message is a guess; where it took more, the pairs of a burst behind it are shifted, until
//! the client next waits for an answer for longer than [`HOLD`].

use super::facts::Method;
use super::out::Out;
use crate::{ExchangeNumber, Half};
use smallvec::SmallVec;
use weir_exchange::Anomaly;
use weir_wire::{Duration, Side, Timestamp};

/// Requests that may wait for an answer; beyond, the oldest is given up.
pub(super) const MAX_WAITING: usize = 256;
/// How much later than its response a request may arrive where nothing was lost.
pub(super) const REORDER: Duration = Duration::from_millis(20);
/// For how long reassembly may hold back what was asked or answered, and a little more.
pub(super) const HOLD: Duration = Duration::from_millis(700);
/// What comes behind a gap within this time was held back by it.
const BURST: Duration = Duration::from_millis(1);
/// Responses that may wait for a request that comes late.
const MAX_LONE: usize = 32;

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
    open: SmallVec<[Pair; 1]>,
    next: ExchangeNumber,
    /// Two requests came at the same moment.
    pipelined: bool,
    /// The connection is in step, so that a response without a request is early rather than alone.
    ordered: bool,
    /// When the last gap among the requests was given up.
    burst: Option<Timestamp>,
    /// Requests that gaps swallowed and whose responses may still come.
    missing: usize,
    /// Sides that send nothing more.
    ended: [bool; 2],
}

impl Pairs {
    /// None yet. `from_start`: whether the flow was seen from its handshake on.
    pub fn new(from_start: bool) -> Self {
        Pairs {
            open: SmallVec::new(),
            next: 0,
            pipelined: false,
            ordered: from_start,
            burst: None,
            missing: 0,
            ended: [false; 2],
        }
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
        let burst = self.burst.is_some_and(|t| out.time.since(t) <= BURST);
        let alone = self.open.len() == 1;
        let fits = |p: &&mut Pair| {
            p.lone && p.client == client && (burst || (alone && time.since(p.time) <= REORDER))
        };
        if let Some(p) = self.open.iter_mut().find(fits) {
            (p.lone, p.method, p.request) = (false, method, State::Open);
            return p.number;
        }
        self.settle(time, true, out);
        self.pipelined |= !burst
            && self
                .open
                .last()
                .is_some_and(|p| p.client == client && p.response == State::Due && p.time == time);
        if self.open.len() >= MAX_WAITING
            && let Some(i) = self.open.iter().position(|p| p.response == State::Due)
        {
            out.sink.anomaly(Some(self.open[i].number), Anomaly::PipelineTooLong);
            self.unanswered(i, out);
        }
        let number = self.number();
        let (request, response) = (State::Open, State::Due);
        self.open.push(Pair { number, client, method, expects, request, response, time, lone: false });
        number
    }

    /// An interim response of `server`: the exchange it belongs to. `continues` for a 100.
    pub fn interim(&mut self, server: Side, continues: bool) -> Option<ExchangeNumber> {
        let pair = self.open.iter_mut().find(|p| p.client != server && p.response == State::Due)?;
        pair.expects &= !continues;
        Some(pair.number)
    }

    /// The head of a final response of `server` at `time`. `lost`: how many responses were probably lost before it; `None` where none can have been.
    pub fn response(
        &mut self,
        server: Side,
        status: u16,
        time: Timestamp,
        lost: Option<usize>,
        out: &mut Out<'_>,
    ) -> Answer {
        let due = |p: &Pair| p.client != server && p.response == State::Due;
        let mut swallowed = lost.unwrap_or(0);
        while lost.is_some()
            && !self.pipelined
            && self.open.iter().filter(|p| due(p)).nth(1).is_some()
            && let Some(i) = self.open.iter().position(due)
        {
            if time.since(self.open[i].time) <= HOLD {
                let Some(fewer) = swallowed.checked_sub(1) else { break };
                swallowed = fewer;
            }
            self.unanswered(i, out);
        }
        if let Some(p) = self.open.iter_mut().find(|p| due(p)) {
            (p.response, self.ordered) = (State::Open, true);
            if self.burst.is_some_and(|gap| p.time > gap) {
                self.missing = 0;
            }
            let early = p.request == State::Open;
            let (number, method) = (p.number, p.method);
            return Answer { number, method, early, refused: early && p.expects, alone: false };
        }
        let (client, method) = (server.peer(), Method::Unknown);
        let swallowed = self.missing > 0;
        self.missing = self.missing.saturating_sub(1);
        let lone = self.ordered && status != 408 && !swallowed && !self.ended[client.index()];
        if !lone || self.open.iter().filter(|p| p.lone).count() >= MAX_LONE {
            self.settle_first(out);
        }
        let number = self.number();
        let request = if lone { State::Due } else { State::Over };
        self.open.push(Pair {
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

    /// Hands an exchange over to the protocol that takes the connection on, where its request is over and its response was not told.
    /// `None` where it is not so; else who asked.
    pub fn release(&mut self, number: ExchangeNumber) -> Option<Side> {
        let over = |p: &Pair| p.number == number && p.request == State::Over && p.response == State::Due;
        let at = self.open.iter().position(over)?;
        Some(self.open.remove(at).client)
    }

    /// The first exchange that `server` has not answered.
    pub fn first_due(&self, server: Side) -> Option<ExchangeNumber> {
        self.open.iter().find(|p| p.client != server && p.response == State::Due).map(|p| p.number)
    }

    /// The number of the next exchange.
    pub fn next_number(&self) -> ExchangeNumber {
        self.next
    }

    /// A gap among the requests was given up that swallowed `heads` of them, as far as can be told.
    pub fn requests_lost(&mut self, heads: usize, out: &mut Out<'_>) {
        self.burst = Some(out.time);
        let settled = (0..heads).take_while(|_| self.settle_first(out)).count();
        self.missing = (self.missing + heads - settled).min(MAX_LONE);
    }

    /// Whether a request waits for an answer of `server`, on a connection that does not pipeline.
    pub fn waits_alone(&self, server: Side) -> bool {
        !self.pipelined && self.open.iter().any(|p| p.client != server && p.response == State::Due)
    }

    /// Gives up waiting for the requests of responses that came alone: when [`HOLD`] has passed, or `now`.
    #[inline]
    pub fn settle(&mut self, time: Timestamp, now: bool, out: &mut Out<'_>) {
        if self.open.iter().any(|p| p.lone) {
            self.settle_lone(time, now, out);
        }
    }

    #[inline(never)]
    fn settle_lone(&mut self, time: Timestamp, now: bool, out: &mut Out<'_>) {
        while self.open.iter().find(|p| p.lone).is_some_and(|p| now || time.since(p.time) > HOLD) {
            self.settle_first(out);
        }
    }

    /// Gives up waiting for the request of the first response that came alone; `false` where there is none.
    fn settle_first(&mut self, out: &mut Out<'_>) -> bool {
        let Some(i) = self.open.iter().position(|p| p.lone) else { return false };
        let p = &mut self.open[i];
        (p.lone, p.request) = (false, State::Over);
        out.sink.anomaly(Some(p.number), Anomaly::LoneResponse);
        self.finish(i, out);
        true
    }

    /// `side` sends nothing more.
    pub fn side_ended(&mut self, side: Side, out: &mut Out<'_>) {
        self.ended[side.index()] = true;
        self.abandon(side, out);
    }

    /// What waits for `side` waits no longer.
    pub fn abandon(&mut self, side: Side, out: &mut Out<'_>) {
        if self.open.iter().any(|p| p.lone && p.client == side) {
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
            if self.open.is_empty() {
                self.open.shrink_to_fit();
            }
            out.sink.done(p.number, out.time, out.ledger);
        }
    }
}
