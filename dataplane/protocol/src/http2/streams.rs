//! Streams and their exchanges.
//!
//! A stream is an exchange (RFC 9113, 8.1): which response answers which request is no question. A response may come before
//! its request, as reassembly holds back what lies behind a gap: the stream stays open for [`HOLD`], or until a later
//! request shows that its own is lost. A stream that its client resets stays open as long, as what its server had sent by then
//! reaches the client all the same.

use crate::out::Out;
use crate::{ExchangeNumber, Half};
use weir_exchange::Anomaly;
use weir_wire::{Duration, Side, Timestamp};

/// Streams open at once; beyond, the oldest is given up.
pub(super) const MAX_OPEN: usize = 128;
/// For how long a response waits for its request.
const HOLD: Duration = Duration::from_millis(700);

/// Where a half of an exchange stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// May still come.
    Due,
    /// Its head was told.
    Open,
    /// Over, or never to come.
    Over,
}

/// What is kept of a half.
#[derive(Clone, Copy, Debug)]
pub(super) struct HalfState {
    pub part: Part,
    /// Nothing of it was lost.
    pub whole: bool,
    /// Bytes that `content-length` says are left, where it says so.
    pub left: Option<u64>,
}

/// A stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    pub id: u32,
    pub number: ExchangeNumber,
    /// Who sent, or would have sent, the request.
    pub client: Side,
    /// Request, response.
    pub halves: [HalfState; 2],
    pub time: Timestamp,
    /// The request was a CONNECT: what follows the heads is a tunnel.
    pub tunnel: bool,
    pub grpc: bool,
    /// Its client took it back; what its server had sent by then may still come.
    pub taken_back: bool,
    /// The response is to HEAD, so that its length says nothing.
    pub head: bool,
}

impl Stream {
    /// Which half `side` sends.
    pub fn half_of(&self, side: Side) -> Half {
        if side == self.client { Half::Request } else { Half::Response }
    }
    pub fn half(&mut self, half: Half) -> &mut HalfState {
        &mut self.halves[half as usize]
    }
    /// Its request may yet come.
    fn is_lone(&self) -> bool {
        self.halves[0].part == Part::Due
    }
}

/// The open streams of a connection.
#[derive(Debug)]
pub(super) struct Streams {
    /// In order of their ids.
    open: Vec<Stream>,
    next: ExchangeNumber,
    /// The latest stream begun by a request.
    pub latest: u32,
    pub ended: [bool; 2],
    /// Requests that their client took back before an answer.
    resets: u32,
    /// There may be streams that wait for what may yet come.
    lone: bool,
}

/// Requests taken back before an answer, by one connection, from which on it is a flood (CVE-2023-44487).
const MANY_RESETS: u32 = 100;

impl Streams {
    /// None yet; exchanges are numbered from `next`.
    pub fn new(next: ExchangeNumber) -> Self {
        Streams { open: Vec::new(), next, latest: 0, ended: [false; 2], resets: 0, lone: false }
    }

    pub fn get(&mut self, id: u32) -> Option<&mut Stream> {
        let at = self.open.binary_search_by_key(&id, |s| s.id).ok()?;
        self.open.get_mut(at)
    }

    /// Begins the exchange of a stream.
    pub fn begin(&mut self, id: u32, client: Side, time: Timestamp, out: &mut Out<'_>) -> &mut Stream {
        if self.open.len() >= MAX_OPEN {
            let first = self.open.iter().min_by_key(|s| (!s.taken_back, s.number));
            if let Some((id, number, taken_back)) = first.map(|s| (s.id, s.number, s.taken_back)) {
                if !taken_back {
                    out.sink.anomaly(Some(number), Anomaly::PipelineTooLong);
                }
                self.close(id, out);
            }
        }
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.insert(id, number, client, time)
    }

    /// Takes an exchange that was begun before: that of an upgrade (RFC 7540, 3.2), whose request is told and over.
    pub fn adopt(&mut self, number: ExchangeNumber, client: Side, time: Timestamp) {
        let stream = self.insert(1, number, client, time);
        stream.half(Half::Request).part = Part::Over;
        self.latest = 1;
    }

    fn insert(&mut self, id: u32, number: ExchangeNumber, client: Side, time: Timestamp) -> &mut Stream {
        let half = HalfState { part: Part::Due, whole: true, left: None };
        let stream = Stream {
            id,
            number,
            client,
            halves: [half; 2],
            time,
            tunnel: false,
            grpc: false,
            taken_back: false,
            head: false,
        };
        let at = self.open.partition_point(|s| s.id < id);
        self.open.insert(at, stream);
        self.lone = true;
        &mut self.open[at]
    }

    /// A half is over. `complete`: it ended as its sender meant it to.
    pub fn end(&mut self, id: u32, half: Half, complete: bool, out: &mut Out<'_>) {
        let Some(s) = self.get(id) else { return };
        let state = s.half(half);
        let (was, complete) = (state.part, complete && state.whole);
        state.part = Part::Over;
        let (short, head) = (complete && state.left.is_some_and(|n| n > 0), s.head);
        if was == Part::Open {
            if short && !(head && half == Half::Response) {
                out.sink.anomaly(Some(s.number), Anomaly::BadLength);
            }
            out.sink.end(s.number, half, out.time, complete, out.ledger);
        }
        let [request, response] = s.halves;
        let number = s.number;
        // Where bytes of the request were lost, its end may have been among them.
        if response.part == Part::Over && request.part == Part::Open && !request.whole {
            return self.end(id, Half::Request, false, out);
        }
        let answerable = !self.ended[self.client_of(id).peer().index()];
        if request.part == Part::Over && response.part == Part::Due && !answerable {
            out.sink.anomaly(Some(number), Anomaly::NoResponse);
            return self.end(id, Half::Response, false, out);
        }
        if request.part == Part::Over && response.part == Part::Over {
            self.remove(id);
            out.sink.done(number, out.time, out.ledger);
        }
    }

    fn client_of(&mut self, id: u32) -> Side {
        self.get(id).map_or(Side::Client, |s| s.client)
    }

    fn remove(&mut self, id: u32) {
        if let Ok(at) = self.open.binary_search_by_key(&id, |s| s.id) {
            self.open.remove(at);
            if self.open.is_empty() {
                self.open.shrink_to(4);
            }
        }
    }

    /// Gives a stream up: what is open of it is cut, what is due will not come.
    pub fn close(&mut self, id: u32, out: &mut Out<'_>) {
        let Some(s) = self.get(id) else { return };
        let (number, [request, response]) = (s.number, s.halves);
        match (request.part, response.part) {
            (Part::Due, _) => out.sink.anomaly(Some(number), Anomaly::LoneResponse),
            (_, Part::Due) => out.sink.anomaly(Some(number), Anomaly::NoResponse),
            _ => {}
        }
        self.end(id, Half::Response, false, out);
        self.end(id, Half::Request, false, out);
    }

    /// RST_STREAM (RFC 9113, 6.4) by `side`.
    pub fn reset(&mut self, id: u32, side: Side, code: u32, out: &mut Out<'_>) {
        let Ok(at) = self.open.binary_search_by_key(&id, |s| s.id) else { return };
        let s = &mut self.open[at];
        let answered = s.halves[1].part == Part::Over;
        let (number, by_client) = (s.number, s.client == side);
        let unanswered = by_client && s.halves[1].part == Part::Due;
        // A server that has answered asks for no more of the request with NO_ERROR (RFC 9113, 8.1).
        if !(answered && code == 0) {
            out.sink.anomaly(Some(number), Anomaly::StreamReset);
        }
        if unanswered {
            self.resets = self.resets.saturating_add(1);
            if self.resets >= MANY_RESETS {
                out.sink.anomaly(Some(number), Anomaly::Flood);
            }
        }
        if by_client && !answered {
            let now = out.time;
            (s.taken_back, s.time) = (true, now);
            self.lone = true;
            return self.end(id, Half::Request, false, out);
        }
        self.close(id, out);
    }

    /// GOAWAY of `side`: streams of its peer above `last` will not be answered (RFC 9113, 6.8).
    pub fn go_away(&mut self, side: Side, last: u32, out: &mut Out<'_>) {
        let refused = |s: &&Stream| s.client != side && s.id > last && s.id % 2 == 1;
        while let Some(id) = self.open.iter().rfind(refused).map(|s| s.id) {
            self.close(id, out);
        }
    }

    /// Bytes of `side` are missing, of which nobody knows whose they were.
    pub fn lose(&mut self, side: Side, out: &mut Out<'_>) {
        for s in &mut self.open {
            let half = s.half_of(side);
            let state = s.half(half);
            if state.part == Part::Open {
                state.whole = false;
                out.sink.body_gap(s.number, half, 0);
            }
        }
        // Ends of requests already answered may have been among them.
        let over = |s: &&Stream| s.halves[1].part == Part::Over && !s.halves[0].whole;
        while let Some(id) = self.open.iter().find(over).map(|s| s.id) {
            self.end(id, Half::Request, false, out);
        }
    }

    /// Gives up waiting: for the requests of responses that came alone, of streams below an id, and where [`HOLD`] has passed; then also for
    /// responses to requests taken back.
    pub fn settle(&mut self, below: u32, out: &mut Out<'_>) {
        if !self.lone {
            return;
        }
        let now = out.time;
        let waits = |s: &&Stream| s.is_lone() || s.taken_back;
        let due = |s: &&Stream| (s.is_lone() && s.id < below) || (waits(s) && now.since(s.time) > HOLD);
        while let Some((id, lone)) = self.open.iter().find(due).map(|s| (s.id, s.is_lone())) {
            if lone {
                self.alone(id, out);
            } else {
                self.close(id, out);
            }
        }
        self.lone = self.open.iter().any(|s| waits(&s));
    }

    /// The request of a response will not come.
    pub fn alone(&mut self, id: u32, out: &mut Out<'_>) {
        let Some(s) = self.get(id) else { return };
        out.sink.anomaly(Some(s.number), Anomaly::LoneResponse);
        self.end(id, Half::Request, false, out);
    }

    /// `side` sends nothing more: what it was sending is cut, what it owed will not come.
    pub fn side_ended(&mut self, side: Side, out: &mut Out<'_>) {
        self.ended[side.index()] = true;
        let owes = |s: &&Stream| s.halves[s.half_of(side) as usize].part != Part::Over;
        while let Some((id, half, part)) = self
            .open
            .iter()
            .find(owes)
            .map(|s| (s.id, s.half_of(side), s.halves[s.half_of(side) as usize].part))
        {
            match (part, half) {
                (Part::Due, Half::Request) => self.alone(id, out),
                (Part::Due, Half::Response) => {
                    if let Some(s) = self.get(id) {
                        out.sink.anomaly(Some(s.number), Anomaly::NoResponse);
                    }
                    self.end(id, half, false, out);
                }
                _ => self.end(id, half, false, out),
            }
        }
    }

    /// Nothing more is read.
    pub fn abandon(&mut self, out: &mut Out<'_>) {
        while let Some(id) = self.open.first().map(|s| s.id) {
            self.close(id, out);
        }
    }
}
