//! Reading a connection: events in, steps of its two directions.

use super::direction::{Body, Direction, State};
use super::head_end::HeadEnd;
use super::out::Out;
use super::pairs::Pairs;
use super::start::{Role, begins, find, strict_status};
use crate::websocket::Asked;
use crate::{Found, MessageSink, Next, Parser, Verdict, encrypted};
use std::mem;
use weir_exchange::Anomaly;
use weir_wire::{Account, EndReason, Ledger, Side, StreamEvent};

/// Bytes passed over in one direction, without a message, after which the flow is given up.
const MAX_SEARCH: u32 = 64 << 20;
/// Shortest response, `HTTP/1.1 200` and two line ends of a single byte each.
const MIN_RESPONSE: u64 = 14;
/// Most bytes kept of what may become a message.
const MAX_KEPT: usize = 16 * 1024;

/// The parser of one flow.
pub(super) struct Connection {
    pub(super) directions: [Direction; 2],
    pub(super) pairs: Pairs,
    /// What comes after HTTP/1, where it is over or may soon be.
    after: Option<Box<After>>,
}

/// What comes after HTTP/1.
enum After {
    /// HTTP/1 goes on, but WebSocket was asked for.
    Asked(Asked),
    /// Nothing that is read: it is booked here.
    Opaque(Account),
    /// What this reads.
    Reads(Box<dyn Parser + Send>),
}

impl Connection {
    /// `from_start`: whether the first bytes to come are the first of their directions.
    pub fn new(from_start: bool) -> Self {
        let directions = [Direction::new(from_start), Direction::new(from_start)];
        Connection { directions, pairs: Pairs::new(from_start), after: None }
    }

    pub(super) fn dir(&mut self, side: Side) -> &mut Direction {
        &mut self.directions[side.index()]
    }

    /// Takes bytes of `side` in order until all are read. Each step reads some or changes state.
    pub(super) fn feed(&mut self, side: Side, mut bytes: &[u8], out: &mut Out<'_>) {
        while !bytes.is_empty() {
            if self.is_over() {
                return self.pass(StreamEvent::Data { side, time: out.time, bytes }, out);
            }
            let used = match self.dir(side).state {
                State::Start => self.start(side, bytes, out),
                State::Head => self.head(side, bytes, out),
                State::Peek(body) => self.peek(side, body, bytes, out),
                State::Body(body) => self.body(side, body, bytes, out),
                State::Search => self.search(side, bytes, out),
                State::Switched => self.switched(side, bytes, out),
            };
            bytes = &bytes[used..];
        }
    }

    /// Passes over line ends before a message, as RFC 9112, 2.2 asks.
    fn start(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) -> usize {
        let blank = bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        out.book(Account::MessageHead, blank);
        if blank < bytes.len() {
            let time = out.time;
            let d = self.dir(side);
            d.since.get_or_insert(time.into());
            (d.state, d.end, d.sure, d.long) = (State::Head, HeadEnd::new(), false, false);
        }
        blank
    }

    /// Bytes stand where a message is due and are none: they are passed over up to the next message.
    pub(super) fn garbage(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) {
        let d = self.dir(side);
        let anomaly = if mem::take(&mut d.bodiless) { Anomaly::UnexpectedBody } else { Anomaly::Garbage };
        (d.state, d.since) = (State::Search, None);
        d.lost.get_or_insert(0);
        out.sink.anomaly(None, anomaly);
        // One byte at least, so that reading goes on whatever the search finds.
        let skip = bytes.len().min(1);
        out.book(Account::MessageSkipped, skip);
        self.feed(side, &bytes[skip..], out);
    }

    fn search(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) -> usize {
        let time = out.time;
        let d = self.dir(side);
        let mut kept = mem::take(&mut d.kept);
        let joined = if kept.is_empty() {
            bytes
        } else {
            kept.extend_from_slice(bytes);
            &kept
        };
        let (found, since) = (find(joined, d.role), d.since.take());
        d.searched = d.searched.saturating_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        if d.short_gap && found != Found::Perhaps(0) {
            d.short_gap = false;
            d.lost = d.lost.map(|n| n.saturating_add(u16::from(found != Found::At(0))));
        }
        match found {
            Found::At(n) => {
                (d.searched, d.state) = (0, State::Start);
                d.since = since.filter(|_| n == 0);
                out.book(Account::MessageSkipped, n);
                if kept.is_empty() {
                    return n;
                }
                self.feed(side, &kept[n..], out);
            }
            Found::Perhaps(n) if joined.len() - n <= MAX_KEPT => {
                d.since = since.filter(|_| n == 0).or(Some(time.into()));
                out.book(Account::MessageSkipped, n);
                if kept.is_empty() {
                    kept.extend_from_slice(&bytes[n..]);
                } else {
                    kept.drain(..n);
                }
                self.dir(side).kept = kept;
            }
            _ => out.book(Account::MessageSkipped, joined.len()),
        }
        if self.dir(side).searched > MAX_SEARCH {
            self.give_up(Account::MessageSkipped, out);
        }
        bytes.len()
    }

    /// After CONNECT or Upgrade: HTTP again, TLS, or something else.
    fn switched(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) -> usize {
        let d = self.dir(side);
        d.kept.extend_from_slice(bytes);
        match (encrypted(&d.kept), begins(&d.kept, d.role)) {
            (Verdict::Yes, _) => self.give_up(Account::MessageEncrypted, out),
            (_, Verdict::Yes) => {
                let kept = mem::take(&mut d.kept);
                d.state = State::Start;
                self.feed(side, &kept, out);
            }
            (Verdict::More, _) | (_, Verdict::More) => {}
            (Verdict::No, Verdict::No) => self.give_up(Account::MessageTunnelled, out),
        }
        bytes.len()
    }

    /// HTTP ends with the response just read; both directions wait for what comes instead.
    pub(super) fn switch(&mut self, out: &mut Out<'_>) {
        for side in [Side::Client, Side::Server] {
            self.cut(side, out);
            self.dir(side).state = State::Switched;
            self.pairs.abandon(side, out);
        }
    }

    /// Hands an event to what comes after HTTP/1.
    #[inline(never)]
    fn pass(&mut self, event: StreamEvent<'_>, out: &mut Out<'_>) {
        match self.after.as_deref_mut() {
            Some(After::Reads(next)) => {
                if next.read(event, out.sink, out.ledger) == Next::Shunt {
                    self.after = Some(Box::new(After::Opaque(next.rest())));
                }
            }
            Some(After::Opaque(account)) => {
                if let StreamEvent::Data { bytes, .. } = event {
                    out.book(*account, bytes.len());
                }
            }
            Some(After::Asked(_)) | None => {}
        }
    }

    /// Whether HTTP/1 is over.
    fn is_over(&self) -> bool {
        !matches!(self.after.as_deref(), None | Some(After::Asked(_)))
    }

    /// WebSocket is asked for, or not.
    pub(super) fn ask(&mut self, asked: Option<Asked>) {
        if asked.is_some() || self.after.is_some() {
            self.after = asked.map(|a| Box::new(After::Asked(a)));
        }
    }

    /// The request that asked for WebSocket.
    pub(super) fn asked(&mut self) -> Option<Asked> {
        match self.after.take().map(|a| *a) {
            Some(After::Asked(asked)) => Some(asked),
            _ => None,
        }
    }

    /// Where what comes is booked, if nothing reads it.
    fn opaque(&self) -> Option<Account> {
        match self.after.as_deref() {
            Some(After::Opaque(account)) => Some(*account),
            _ => None,
        }
    }

    /// Another protocol takes the connection on, from what was kept of the other direction.
    pub(super) fn hand_over(&mut self, side: Side, next: Box<dyn Parser + Send>, out: &mut Out<'_>) {
        self.after = Some(Box::new(After::Reads(next)));
        let kept = mem::take(&mut self.dir(side.peer()).kept);
        if !kept.is_empty() {
            self.pass(StreamEvent::Data { side: side.peer(), time: out.time, bytes: &kept }, out);
        }
    }

    /// Reads no further: everything kept and to come goes to `account`, and what is open is over.
    fn give_up(&mut self, account: Account, out: &mut Out<'_>) {
        for side in [Side::Client, Side::Server] {
            self.cut(side, out);
            let kept = mem::take(&mut self.dir(side).kept);
            out.book(account, kept.len());
        }
        for side in [Side::Client, Side::Server] {
            self.pairs.abandon(side, out);
        }
        self.after = Some(Box::new(After::Opaque(account)));
    }

    /// Ends the message being read, if any, before its end.
    pub(super) fn cut(&mut self, side: Side, out: &mut Out<'_>) {
        if let Some(c) = self.dir(side).current.take() {
            self.pairs.end(c.number, c.half, false, out);
        }
    }

    fn gap(&mut self, side: Side, len: u32, out: &mut Out<'_>) {
        self.unpeek(side, out);
        let requests = self.dir(side).role != Some(Role::Responses);
        if requests {
            self.pairs.requests_lost(0, out);
        }
        let state = self.dir(side).state;
        // Stray line ends behind a body are often lost with it, and nothing else.
        let beyond = match state {
            State::Body(Body::Length(n)) => u64::from(len).saturating_sub(n),
            _ => u64::from(len),
        };
        let short = !requests && (1..MIN_RESPONSE).contains(&beyond);
        // How many heads it swallowed, as far as can be told.
        let heads: u16 = match state {
            State::Switched => return,
            State::Head => u16::from(!self.gap_in_head(side, out)),
            State::Body(body) if self.gap_in_body(side, body, u64::from(len), out) => return,
            State::Body(Body::Length(_)) | State::Start => u16::from(!short),
            State::Body(_) | State::Peek(_) | State::Search => 0,
        };
        self.cut(side, out);
        let d = self.dir(side);
        let kept = mem::take(&mut d.kept);
        d.short_gap = short && matches!(state, State::Body(Body::Length(_)) | State::Start);
        (d.state, d.since, d.bodiless) = (State::Search, None, false);
        d.lost = Some(d.lost.unwrap_or(0).saturating_add(heads));
        out.book(Account::MessageSkipped, kept.len());
        if requests {
            self.pairs.requests_lost(heads.into(), out);
        }
    }

    /// What was held to see whether a body comes is body after all.
    fn unpeek(&mut self, side: Side, out: &mut Out<'_>) {
        let d = self.dir(side);
        if let State::Peek(body) = d.state {
            d.state = State::Body(body);
            let kept = mem::take(&mut d.kept);
            self.feed(side, &kept, out);
        }
    }

    fn end(&mut self, side: Side, reason: EndReason, out: &mut Out<'_>) {
        self.unpeek(side, out);
        let by_sender = matches!(reason, EndReason::Fin | EndReason::Reset);
        if self.dir(side).state == State::Head && !by_sender {
            self.end_in_head(side, out);
        }
        let d = self.dir(side);
        let kept = mem::take(&mut d.kept);
        let account = match d.state {
            State::Search => Account::MessageSkipped,
            State::Switched => Account::MessageTunnelled,
            _ => Account::MessageUnfinished,
        };
        out.book(account, kept.len());
        if let Some(c) = d.current.take() {
            let all_there = match d.state {
                State::Body(Body::UntilClose) => reason == EndReason::Fin,
                State::Body(Body::Chunked(chunks)) => chunks.in_trailer(),
                State::Body(Body::Length(_)) => c.optional && !c.begun,
                _ => false,
            };
            self.pairs.end(c.number, c.half, c.whole && all_there, out);
        }
        self.dir(side).state = State::Search;
        self.pairs.side_ended(side, out);
    }

    /// A response without length on a connection that goes on: a status line at the front of a segment, while another
    /// request waits, ends it. (RFC 9112, 6.3 has it last until the close; some servers mean "no body".)
    fn ends_by_next(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) {
        let open = matches!(self.dir(side).state, State::Body(Body::UntilClose));
        if open && self.pairs.waits_alone(side) && strict_status(bytes) == Verdict::Yes {
            let d = self.dir(side);
            d.state = State::Start;
            if let Some(c) = d.current.take() {
                self.pairs.end(c.number, c.half, c.whole, out);
            }
        }
    }
}

impl Parser for Connection {
    fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        match event {
            StreamEvent::Data { side, time, bytes } => {
                let mut out = Out { sink, ledger, time };
                self.pairs.settle(time, false, &mut out);
                self.ends_by_next(side, bytes, &mut out);
                self.feed(side, bytes, &mut out);
            }
            event @ (StreamEvent::Gap { time, .. } | StreamEvent::End { time, .. }) if self.is_over() => {
                self.pass(event, &mut Out { sink, ledger, time });
            }
            StreamEvent::Gap { side, time, len } => self.gap(side, len, &mut Out { sink, ledger, time }),
            StreamEvent::End { side, time, reason } => {
                self.end(side, reason, &mut Out { sink, ledger, time })
            }
        }
        if self.opaque().is_some() { Next::Shunt } else { Next::Continue }
    }

    fn rest(&self) -> Account {
        self.opaque().unwrap_or(Account::MessageSkipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Millions of idle connections are held: what one costs is a promise.
    #[test]
    fn an_idle_connection_is_small() {
        assert!(size_of::<Connection>() <= 256, "{}", size_of::<Connection>());
        assert!(size_of::<crate::FlowParser>() <= 48, "{}", size_of::<crate::FlowParser>());
    }
}
