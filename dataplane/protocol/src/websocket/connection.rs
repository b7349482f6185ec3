//! Frames to messages, each an exchange.

use super::frame::{Frame, Kind, MAX_HEADER, Parsed, parse};
use super::inflate::{Inflate, Stopped};
use crate::out::Out;
use crate::{ExchangeNumber, Half, Header, MessageSink, Next, Parser, RequestHead, ResponseHead};
use smallvec::SmallVec;
use std::mem;
use weir_exchange::{Anomaly, Protocol, Scheme};
use weir_wire::{Account, Ledger, Side, StreamEvent, Timestamp};

/// Bytes of the upgrade's fields that are kept.
const MAX_HEAD: usize = 16 * 1024;
/// Bytes unmasked at a time.
const CHUNK: usize = 4096;

/// A field's name and value.
type Field = (Box<[u8]>, Box<[u8]>);

/// The request that asked for the upgrade.
pub(crate) struct Asked {
    method: Box<[u8]>,
    target: Box<[u8]>,
    fields: Vec<Field>,
}

impl Asked {
    /// Of a head; fields beyond the bound are left out.
    pub fn of(method: &[u8], target: &[u8], headers: &[Header<'_>]) -> Self {
        let mut room = MAX_HEAD;
        let mut fits = |h: &&Header<'_>| {
            let size = h.name.len() + h.value.len();
            room.checked_sub(size).inspect(|left| room = *left).is_some()
        };
        let fields = headers.iter().filter(|h| fits(h)).map(|h| (h.name.into(), h.value.into())).collect();
        Asked { method: method.into(), target: target[..target.len().min(MAX_HEAD)].into(), fields }
    }
}

/// A message under way.
#[derive(Clone, Copy)]
struct Message {
    number: ExchangeNumber,
    compressed: bool,
    whole: bool,
    /// The frame read is the last of it.
    last: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A frame header is due.
    Header,
    /// Within a payload: of a message, or of a control frame.
    Payload { data: bool },
    /// Not read any further.
    Lost,
}

struct Direction {
    state: State,
    /// Of a frame header.
    kept: SmallVec<[u8; MAX_HEADER]>,
    since: Timestamp,
    left: u64,
    mask: Option<[u8; 4]>,
    /// Bytes of the payload before the next one: where in the mask it stands.
    phase: usize,
    message: Option<Message>,
    inflate: Inflate,
}

impl Direction {
    fn new(anew: bool) -> Self {
        Direction {
            state: State::Header,
            kept: SmallVec::new(),
            since: Timestamp::from_nanos(0),
            left: 0,
            mask: None,
            phase: 0,
            message: None,
            inflate: Inflate::new(anew),
        }
    }
}

/// The parser of a connection after its upgrade.
pub(crate) struct Connection {
    asked: Asked,
    client: Side,
    next: ExchangeNumber,
    directions: [Direction; 2],
    opaque: bool,
}

impl Connection {
    /// After the upgrade that `client` asked for; `extensions`: what the server agreed to. Messages are numbered from `next`.
    pub fn new(asked: Asked, client: Side, extensions: &[u8], next: ExchangeNumber) -> Self {
        let has = |word: &[u8]| memchr::memmem::find(&extensions.to_ascii_lowercase(), word).is_some();
        let by_client = Direction::new(has(b"client_no_context_takeover"));
        let by_server = Direction::new(has(b"server_no_context_takeover"));
        let directions = if client == Side::Client { [by_client, by_server] } else { [by_server, by_client] };
        Connection { asked, client, next, directions, opaque: false }
    }

    fn half(&self, side: Side) -> Half {
        if side == self.client { Half::Request } else { Half::Response }
    }

    fn dir(&mut self, side: Side) -> &mut Direction {
        &mut self.directions[side.index()]
    }

    fn feed(&mut self, side: Side, mut bytes: &[u8], out: &mut Out<'_>) {
        while !bytes.is_empty() {
            if self.opaque {
                return out.book(Account::MessageTunnelled, bytes.len());
            }
            let used = match self.dir(side).state {
                State::Header => self.header(side, bytes, out),
                State::Payload { data } => self.payload(side, data, bytes, out),
                State::Lost => {
                    out.book(Account::MessageSkipped, bytes.len());
                    bytes.len()
                }
            };
            bytes = &bytes[used..];
        }
    }

    fn header(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) -> usize {
        let time = out.time;
        let d = self.dir(side);
        let had = d.kept.len();
        if had == 0 {
            d.since = time;
        }
        d.kept.extend_from_slice(&bytes[..bytes.len().min(MAX_HEADER - had)]);
        match parse(&d.kept) {
            Parsed::Frame(frame, n) => {
                d.kept.clear();
                out.book(Account::MessageHead, n);
                self.begin(side, frame, out);
                n - had
            }
            Parsed::More => d.kept.len() - had,
            Parsed::Broken => {
                d.kept.clear();
                out.book(Account::MessageTunnelled, had);
                out.sink.anomaly(None, Anomaly::BadFrame);
                self.give_up(out);
                0
            }
        }
    }

    /// Begins a frame, and a message where it is its first.
    fn begin(&mut self, side: Side, frame: Frame, out: &mut Out<'_>) {
        let by_client = side == self.client;
        // Clients mask and servers do not (RFC 6455, 5.1).
        let mut bad = frame.mask.is_some() != by_client;
        let data = match frame.kind {
            Kind::Control => {
                bad |= !frame.last || frame.length > 125 || frame.compressed;
                false
            }
            Kind::Data => {
                if self.dir(side).message.is_some() {
                    bad = true;
                    self.end_message(side, false, out);
                }
                self.begin_message(side, frame, out);
                true
            }
            Kind::Continuation => match &mut self.dir(side).message {
                Some(message) => {
                    message.last = frame.last;
                    true
                }
                None => {
                    bad = true;
                    false
                }
            },
        };
        let d = self.dir(side);
        if bad {
            out.sink.anomaly(d.message.map(|m| m.number), Anomaly::BadFrame);
        }
        (d.left, d.mask, d.phase, d.state) = (frame.length, frame.mask, 0, State::Payload { data });
        if frame.length == 0 {
            self.end_frame(side, data, out);
        }
    }

    fn begin_message(&mut self, side: Side, frame: Frame, out: &mut Out<'_>) {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        let client = self.client;
        let d = &mut self.directions[side.index()];
        d.message = Some(Message { number, compressed: frame.compressed, whole: true, last: frame.last });
        if frame.compressed {
            d.inflate.begin();
        }
        let headers: SmallVec<[Header<'_>; 32]> =
            self.asked.fields.iter().map(|(name, value)| Header { name, value }).collect();
        out.sink.request(&RequestHead {
            exchange: number,
            side: client,
            time: d.since,
            method: &self.asked.method,
            target: &self.asked.target,
            protocol: Protocol::WebSocket,
            scheme: Scheme::Http,
            headers: &headers,
        });
        if side != client {
            out.sink.end(number, Half::Request, out.time, true, out.ledger);
            let time = d.since;
            self.answer(number, time, out);
        }
    }

    fn answer(&self, exchange: ExchangeNumber, time: Timestamp, out: &mut Out<'_>) {
        let (protocol, scheme) = (Protocol::WebSocket, Scheme::Http);
        let side = self.client.peer();
        out.sink.response(&ResponseHead {
            exchange,
            side,
            time,
            protocol,
            scheme,
            status: 101,
            headers: &[],
        });
    }

    fn payload(&mut self, side: Side, data: bool, bytes: &[u8], out: &mut Out<'_>) -> usize {
        let half = self.half(side);
        let d = self.dir(side);
        let n = usize::try_from(d.left).unwrap_or(usize::MAX).min(bytes.len());
        d.left -= n as u64;
        let over = d.left == 0;
        if data {
            out.book(Account::MessageBody, n);
            body(d, half, &bytes[..n], out);
        } else {
            out.book(Account::MessageHead, n);
        }
        if over {
            self.end_frame(side, data, out);
        }
        n
    }

    fn end_frame(&mut self, side: Side, data: bool, out: &mut Out<'_>) {
        let half = self.half(side);
        let d = self.dir(side);
        d.state = State::Header;
        let Some(message) = d.message.filter(|m| data && m.last) else { return };
        if message.compressed && message.whole {
            let done = d.inflate.end(&mut |plain| out.sink.body(message.number, half, plain));
            note(d, done, out);
        }
        self.end_message(side, true, out);
    }

    fn end_message(&mut self, side: Side, complete: bool, out: &mut Out<'_>) {
        let half = self.half(side);
        let Some(m) = self.dir(side).message.take() else { return };
        let complete = complete && m.whole;
        out.sink.end(m.number, half, out.time, complete, out.ledger);
        if half == Half::Request {
            let time = out.time;
            self.answer(m.number, time, out);
            out.sink.end(m.number, Half::Response, time, complete, out.ledger);
        }
        out.sink.done(m.number, out.time, out.ledger);
    }

    fn give_up(&mut self, out: &mut Out<'_>) {
        for side in [Side::Client, Side::Server] {
            self.end_message(side, false, out);
            let kept = mem::take(&mut self.dir(side).kept);
            out.book(Account::MessageTunnelled, kept.len());
        }
        self.opaque = true;
    }

    fn gap(&mut self, side: Side, len: u64, out: &mut Out<'_>) {
        if self.opaque {
            return;
        }
        let half = self.half(side);
        let d = self.dir(side);
        let inside = d.left.min(len);
        if let (State::Payload { data: true }, Some(m)) = (d.state, &mut d.message) {
            m.whole = false;
            out.sink.anomaly(Some(m.number), Anomaly::Gap);
            out.sink.body_gap(m.number, half, inside);
            if m.compressed {
                d.inflate.lose();
            }
        }
        if let (State::Payload { data }, true) = (d.state, len > 0 && len <= d.left) {
            d.left -= len;
            d.phase = d.phase.wrapping_add(len as usize);
            if d.left == 0 {
                self.end_frame(side, data, out);
            }
            return;
        }
        let kept = mem::take(&mut d.kept);
        d.state = State::Lost;
        out.book(Account::MessageSkipped, kept.len());
        self.end_message(side, false, out);
    }

    fn end(&mut self, side: Side, out: &mut Out<'_>) {
        let kept = mem::take(&mut self.dir(side).kept);
        out.book(Account::MessageUnfinished, kept.len());
        self.end_message(side, false, out);
    }
}

/// Gives bytes of a payload to the message's exchange.
fn body(d: &mut Direction, half: Half, bytes: &[u8], out: &mut Out<'_>) {
    let Some(message) = d.message else { return };
    let mut chunk = [0; CHUNK];
    for piece in bytes.chunks(CHUNK) {
        let plain = match d.mask {
            Some(mask) => {
                let keys = mask.iter().cycle().skip(d.phase % 4);
                for ((to, from), key) in chunk.iter_mut().zip(piece).zip(keys) {
                    *to = from ^ key;
                }
                d.phase = d.phase.wrapping_add(piece.len());
                &chunk[..piece.len()]
            }
            None => piece,
        };
        if !message.compressed {
            out.sink.body(message.number, half, plain);
        } else if d.message.is_some_and(|m| m.whole) {
            let done = d.inflate.push(plain, &mut |plain| out.sink.body(message.number, half, plain));
            note(d, done, out);
        }
    }
}

/// What is wrong with a compression; what came of the message is all that is told of it.
fn note(d: &mut Direction, done: Result<(), Stopped>, out: &mut Out<'_>) {
    let (Err(stopped), Some(message)) = (done, &mut d.message) else { return };
    message.whole = false;
    let anomaly = if stopped == Stopped::Limited { Anomaly::ExpansionLimit } else { Anomaly::BrokenCoding };
    out.sink.anomaly(Some(message.number), anomaly);
}

impl Parser for Connection {
    fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        match event {
            StreamEvent::Data { side, time, bytes } => {
                self.feed(side, bytes, &mut Out { sink, ledger, time })
            }
            StreamEvent::Gap { side, time, len } => {
                self.gap(side, len.into(), &mut Out { sink, ledger, time })
            }
            StreamEvent::End { side, time, .. } => self.end(side, &mut Out { sink, ledger, time }),
        }
        if self.opaque { Next::Shunt } else { Next::Continue }
    }

    fn rest(&self) -> Account {
        Account::MessageTunnelled
    }
}
