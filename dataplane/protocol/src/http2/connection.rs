//! Reading a connection: events in, frames out.

use super::direction::{Direction, State};
use super::frame::{END_HEADERS, END_STREAM, Frame, HEADER, Kind, PADDED, PREFACE, find};
use super::hpack::{Decoder, List};
use super::streams::{Part, Streams};
use crate::out::Out;
use crate::{ExchangeNumber, Found, MessageSink, Next, Parser};
use std::mem;
use weir_exchange::Anomaly;
use weir_wire::{Account, Ledger, Side, StreamEvent, Timestamp};

/// Longest payload read as a whole, in bytes.
const MAX_GATHER: u32 = 64 * 1024;
/// Most bytes kept of what may become frames: two of the usual greatest length and the header of a third.
const MAX_KEPT: usize = 2 * (16_384 + HEADER) + HEADER;
/// Memory kept for gathering between frames, in bytes.
const SPARE: usize = 1024;
/// Bytes passed over in one direction, without a frame, after which the flow is given up.
const MAX_SEARCH: u32 = 64 << 20;
/// Frames in a row that carry nothing, from which on they are a flood (CVE-2019-9512, 9515, 9518 and their kin).
const MANY_IDLE: u32 = 10_000;

/// The parser of one flow.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(super) directions: [Direction; 2],
    pub(super) streams: Streams,
    /// Who asks, once known.
    pub(super) client: Option<Side>,
    /// The fields of the block being read: its memory serves the next one.
    pub(super) list: List,
    /// HTTP is over; what comes is booked here.
    opaque: Option<Account>,
}

impl Connection {
    /// `from_start`: whether the first bytes to come are the first of their directions.
    pub fn new(from_start: bool) -> Self {
        let directions = [Direction::new(from_start), Direction::new(from_start)];
        Connection { directions, streams: Streams::new(0), client: None, list: List::default(), opaque: None }
    }

    /// After `101 Switching Protocols` to the request of an exchange, which becomes stream 1 (RFC 7540, 3.2). `next` numbers the
    /// next one.
    pub fn upgraded(number: ExchangeNumber, next: ExchangeNumber, client: Side, time: Timestamp) -> Self {
        let mut c = Connection { client: Some(client), streams: Streams::new(next), ..Connection::new(true) };
        c.streams.adopt(number, client, time);
        c
    }

    pub(super) fn dir(&mut self, side: Side) -> &mut Direction {
        &mut self.directions[side.index()]
    }

    /// Takes bytes of `side` in order until all are read. Each step reads some or changes state.
    fn feed(&mut self, side: Side, mut bytes: &[u8], out: &mut Out<'_>) {
        while !bytes.is_empty() {
            if let Some(account) = self.opaque {
                return out.book(account, bytes.len());
            }
            let used = match self.dir(side).state {
                State::Start => self.start(side, bytes),
                State::Preface(had) => self.preface(side, had, bytes, out),
                State::Header => self.header(side, bytes, out),
                State::Gather => self.gather(side, bytes, out),
                State::PadLength => self.pad_length(side, bytes[0], out),
                State::Data => self.data(side, bytes, out),
                State::Skip => self.skip(side, bytes, out),
                State::Search => self.search(side, bytes, out),
            };
            bytes = &bytes[used..];
        }
    }

    fn start(&mut self, side: Side, bytes: &[u8]) -> usize {
        // No frame begins so: it would be of five million bytes.
        let asks = bytes[0] == PREFACE[0];
        self.dir(side).state = if asks { State::Preface(0) } else { State::Header };
        if asks {
            self.client = Some(side);
        }
        0
    }

    fn preface(&mut self, side: Side, had: usize, bytes: &[u8], out: &mut Out<'_>) -> usize {
        let due = &PREFACE[had..];
        let n = due.len().min(bytes.len());
        if bytes[..n] != due[..n] {
            self.lost(side, out);
            return 0;
        }
        out.book(Account::MessageHead, n);
        self.dir(side).state = if n == due.len() { State::Header } else { State::Preface(had + n) };
        n
    }

    fn header(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) -> usize {
        let time = out.time;
        let d = self.dir(side);
        if d.kept.is_empty() {
            d.since = time;
            if let Some(header) = bytes.first_chunk() {
                self.begin(side, header, out);
                return HEADER;
            }
        }
        let n = (HEADER - d.kept.len()).min(bytes.len());
        d.kept.extend_from_slice(&bytes[..n]);
        if let Some(header) = d.kept.first_chunk().copied() {
            d.kept.clear();
            self.begin(side, &header, out);
        }
        n
    }

    /// Begins a frame.
    fn begin(&mut self, side: Side, header: &[u8; HEADER], out: &mut Out<'_>) {
        let frame = Frame::of(header);
        if !frame.is_lawful() {
            self.lost(side, out);
            // One byte at least, so that reading goes on whatever the search finds.
            out.book(Account::MessageSkipped, 1);
            return self.feed(side, &header[1..], out);
        }
        out.book(Account::MessageHead, HEADER);
        self.check_block(side, &frame, out);
        let d = self.dir(side);
        (d.frame, d.left, d.pad, d.searched) = (frame, frame.length, 0, 0);
        let carries = match frame.kind {
            Kind::Data => frame.length > 0 || frame.has(END_STREAM),
            Kind::Headers | Kind::Push | Kind::Continuation => true,
            _ => false,
        };
        d.idle = if carries { 0 } else { d.idle.saturating_add(1) };
        let flood = d.idle == MANY_IDLE;
        d.state = match frame.kind {
            Kind::Data if frame.has(PADDED) => State::PadLength,
            Kind::Data => State::Data,
            Kind::Headers | Kind::Push | Kind::Continuation if frame.length > MAX_GATHER => {
                d.lose_fields();
                out.sink.anomaly(None, Anomaly::HeadTooLong);
                State::Skip
            }
            Kind::GoAway if frame.length > MAX_GATHER => State::Skip,
            Kind::Headers | Kind::Push | Kind::Continuation | Kind::Reset | Kind::GoAway => State::Gather,
            _ => State::Skip,
        };
        if flood {
            out.sink.anomaly(None, Anomaly::Flood);
        }
        if frame.length == 0 {
            self.finish_frame(side, &[], out);
        }
    }

    /// Between the frames of a field block there are no others (RFC 9113, 4.3).
    fn check_block(&mut self, side: Side, frame: &Frame, out: &mut Out<'_>) {
        let d = self.dir(side);
        let goes_on = frame.kind == Kind::Continuation;
        let fits = match d.block {
            Some(block) => goes_on && block.stream == frame.stream,
            None => !goes_on,
        };
        if !fits {
            // What the block would have added to the table is not known.
            d.lose_fields();
            out.sink.anomaly(None, Anomaly::BadFrame);
        }
    }

    fn gather(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) -> usize {
        let d = self.dir(side);
        let n = (d.left as usize).min(bytes.len());
        d.left -= n as u32;
        if d.kept.is_empty() && d.left == 0 {
            self.finish_frame(side, &bytes[..n], out);
            return n;
        }
        d.kept.extend_from_slice(&bytes[..n]);
        if d.left == 0 {
            let mut kept = mem::take(&mut d.kept);
            self.finish_frame(side, &kept, out);
            kept.clear();
            kept.shrink_to(SPARE);
            self.dir(side).kept = kept;
        }
        n
    }

    /// The payload is there, or was read as it came.
    fn finish_frame(&mut self, side: Side, payload: &[u8], out: &mut Out<'_>) {
        out.book(Account::MessageHead, payload.len());
        let d = self.dir(side);
        d.state = State::Header;
        let frame = d.frame;
        let word =
            |at: usize| payload.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |w| u32::from_be_bytes(*w));
        match frame.kind {
            Kind::Data => {
                if frame.has(END_STREAM)
                    && let Some(s) = self.streams.get(frame.stream)
                {
                    let half = s.half_of(side);
                    self.streams.end(frame.stream, half, true, out);
                }
            }
            Kind::Headers | Kind::Push | Kind::Continuation => self.fields(side, frame, payload, out),
            Kind::Reset => self.streams.reset(frame.stream, side, word(0), out),
            Kind::GoAway => self.streams.go_away(side, word(0) & 0x7fff_ffff, out),
            _ => {}
        }
    }

    fn pad_length(&mut self, side: Side, pad: u8, out: &mut Out<'_>) -> usize {
        out.book(Account::MessageHead, 1);
        let d = self.dir(side);
        d.left -= 1;
        d.pad = pad.into();
        d.state = State::Data;
        if d.pad > d.left {
            (d.pad, d.state) = (0, State::Skip);
            out.sink.anomaly(None, Anomaly::BadFrame);
        }
        if self.dir(side).left == 0 {
            self.finish_frame(side, &[], out);
        }
        1
    }

    /// Reads the bytes of a DATA frame, in place.
    fn data(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) -> usize {
        let d = &mut self.directions[side.index()];
        let body = d.left.saturating_sub(d.pad);
        let n = if body > 0 { body } else { d.left };
        let n = (n as usize).min(bytes.len());
        d.left -= n as u32;
        let over = d.left == 0;
        if body == 0 {
            out.book(Account::MessageHead, n);
        } else {
            let stream = d.frame.stream;
            self.body(side, stream, &bytes[..n], out);
        }
        if over {
            self.finish_frame(side, &[], out);
        }
        n
    }

    fn body(&mut self, side: Side, stream: u32, bytes: &[u8], out: &mut Out<'_>) {
        let open = self.streams.get(stream).filter(|s| s.halves[s.half_of(side) as usize].part == Part::Open);
        // Of a stream that nothing is known of, or that has ended.
        let Some(s) = open else { return out.book(Account::MessageSkipped, bytes.len()) };
        if s.tunnel {
            return out.book(Account::MessageTunnelled, bytes.len());
        }
        let (number, half) = (s.number, s.half_of(side));
        let state = s.half(half);
        if let Some(left) = state.left {
            state.left = left.checked_sub(bytes.len() as u64);
            if state.left.is_none() {
                out.sink.anomaly(Some(number), Anomaly::BadLength);
            }
        }
        out.book(Account::MessageBody, bytes.len());
        out.sink.body(number, half, bytes);
    }

    fn skip(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) -> usize {
        let d = self.dir(side);
        let n = (d.left as usize).min(bytes.len());
        d.left -= n as u32;
        let (over, data) = (d.left == 0, d.frame.kind == Kind::Data);
        out.book(if data { Account::MessageSkipped } else { Account::MessageHead }, n);
        if over {
            let d = self.dir(side);
            // What was too long to be gathered is not read.
            d.frame.kind = if data { Kind::Data } else { Kind::Other };
            self.finish_frame(side, &[], out);
        }
        n
    }

    /// Bytes stand where a frame is due and are none.
    fn lost(&mut self, side: Side, out: &mut Out<'_>) {
        out.sink.anomaly(None, Anomaly::BadFrame);
        self.streams.lose(side, out);
        let d = self.dir(side);
        d.lose_fields();
        d.state = State::Search;
    }

    fn search(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) -> usize {
        let d = self.dir(side);
        let mut kept = mem::take(&mut d.kept);
        let joined = if kept.is_empty() {
            bytes
        } else {
            kept.extend_from_slice(bytes);
            &kept
        };
        d.searched = d.searched.saturating_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        let starts = joined.starts_with(PREFACE);
        match if starts { Found::At(0) } else { find(joined) } {
            Found::At(n) => {
                (d.searched, d.state) = (0, State::Header);
                if starts {
                    (d.state, d.hpack) = (State::Start, Decoder::new(true));
                }
                out.book(Account::MessageSkipped, n);
                if kept.is_empty() {
                    return n;
                }
                self.feed(side, &kept[n..], out);
            }
            Found::Perhaps(n) if joined.len() - n <= MAX_KEPT => {
                out.book(Account::MessageSkipped, n);
                if kept.is_empty() {
                    kept.extend_from_slice(&bytes[n..]);
                } else {
                    kept.drain(..n);
                }
                d.kept = kept;
            }
            _ => out.book(Account::MessageSkipped, joined.len()),
        }
        if self.dir(side).searched > MAX_SEARCH {
            self.give_up(out);
        }
        bytes.len()
    }

    fn give_up(&mut self, out: &mut Out<'_>) {
        for side in [Side::Client, Side::Server] {
            let kept = mem::take(&mut self.dir(side).kept);
            out.book(Account::MessageSkipped, kept.len());
        }
        self.streams.abandon(out);
        self.opaque = Some(Account::MessageSkipped);
    }

    fn gap(&mut self, side: Side, len: u32, out: &mut Out<'_>) {
        if self.opaque.is_some() {
            return;
        }
        let d = self.dir(side);
        // Inside a payload that is not gathered nothing else is lost.
        if len > 0 && len <= d.left && matches!(d.state, State::Data | State::Skip) {
            let inside = len.min(d.left.saturating_sub(d.pad));
            d.left -= len;
            d.pad = d.pad.min(d.left);
            let (stream, over) = (d.frame.stream, d.left == 0);
            if d.state == State::Data && inside > 0 {
                self.gap_in_body(side, stream, inside, out);
            }
            if over {
                self.finish_frame(side, &[], out);
            }
            return;
        }
        let kept = mem::take(&mut d.kept);
        out.book(Account::MessageSkipped, kept.len());
        d.lose_fields();
        (d.state, d.left) = (State::Search, 0);
        self.streams.lose(side, out);
    }

    fn gap_in_body(&mut self, side: Side, stream: u32, len: u32, out: &mut Out<'_>) {
        let Some(s) = self.streams.get(stream) else { return };
        let (half, number, tunnel) = (s.half_of(side), s.number, s.tunnel);
        let state = s.half(half);
        if state.part == Part::Open {
            (state.whole, state.left) = (false, None);
            out.sink.anomaly(Some(number), Anomaly::Gap);
            if !tunnel {
                out.sink.body_gap(number, half, len.into());
            }
        }
    }

    fn end(&mut self, side: Side, out: &mut Out<'_>) {
        if self.opaque.is_some() {
            return;
        }
        let d = self.dir(side);
        let kept = mem::take(&mut d.kept);
        let lost = d.state == State::Search;
        out.book(if lost { Account::MessageSkipped } else { Account::MessageUnfinished }, kept.len());
        let d = self.dir(side);
        d.lose_fields();
        (d.state, d.left) = (State::Search, 0);
        self.streams.side_ended(side, out);
    }

    /// Whether the frame being read ends its field block.
    pub(super) fn ends_block(frame: Frame) -> bool {
        frame.has(END_HEADERS)
    }
}

impl Parser for Connection {
    fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        match event {
            StreamEvent::Data { side, time, bytes } => {
                let mut out = Out { sink, ledger, time };
                self.streams.settle(0, &mut out);
                self.feed(side, bytes, &mut out);
            }
            StreamEvent::Gap { side, time, len } => self.gap(side, len, &mut Out { sink, ledger, time }),
            StreamEvent::End { side, time, .. } => self.end(side, &mut Out { sink, ledger, time }),
        }
        if self.opaque.is_some() { Next::Shunt } else { Next::Continue }
    }

    fn rest(&self) -> Account {
        self.opaque.unwrap_or(Account::MessageSkipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a connection costs before its first request.
    #[test]
    fn an_idle_connection_is_small() {
        assert!(size_of::<Connection>() <= 640, "{}", size_of::<Connection>());
    }
}
