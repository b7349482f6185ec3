//! Connections of messages that say their length at their beginning: cut into messages, cut anywhere; what one protocol makes of them is its
//! [`Conversation`].

use crate::out::Out;
use crate::{MessageSink, Next, Parser};
use weir_exchange::{Anomaly, Named, Reading, Shown};
use weir_wire::{Account, Ledger, Side, StreamEvent, Timestamp};

/// Bytes kept of a message.
pub(crate) const MAX: usize = 256 * 1024;

/// What the beginning of a message says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Measure {
    /// So many bytes, more than there are, tell.
    Needs(usize),
    /// So many bytes are the message, its beginning included.
    Is(usize),
    /// It is none.
    Broken,
}

/// A message, as far as it is kept.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) bytes: Vec<u8>,
    /// Whether that is all of it.
    pub(crate) whole: bool,
    /// When its first byte came.
    pub(crate) time: Timestamp,
}

/// One protocol's part.
pub(crate) trait Conversation {
    /// The length of the message that begins so.
    fn measure(&self, side: Side, head: &[u8]) -> Measure;
    /// Whether `bytes`, behind a gap, begin with a message.
    fn begins(&self, side: Side, bytes: &[u8]) -> bool;
    /// Takes a message; says what it was.
    fn message(&mut self, side: Side, message: &Message, out: &mut Out<'_>) -> Fate;
    /// Nothing that waits will be answered: bytes are missing, or the connection is over.
    fn abandon(&mut self, out: &mut Out<'_>);
}

/// What a message was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// Read.
    Read,
    /// Nothing that its protocol allows.
    Broken,
    /// In a form that is not read (compressed, another serialization): the connection is told of by name, once.
    NotRead(Named),
}

/// Gathers the messages of one direction.
#[derive(Default)]
struct Gathering {
    held: Vec<u8>,
    /// Bytes still to come of a message that was measured, and whether some were not kept.
    left: Option<(usize, bool)>,
    since: Timestamp,
    /// Bytes are missing, or broken: nothing is read until a message begins a segment.
    lost: bool,
}

impl Gathering {
    /// How many of `bytes`, which are not empty, belong to the message under way, and that message where it ends with them.
    fn take(
        &mut self,
        bytes: &[u8],
        now: Timestamp,
        measure: impl Fn(&[u8]) -> Measure,
    ) -> (usize, Option<Result<Message, ()>>) {
        if self.held.is_empty() {
            self.since = now;
        }
        let mut taken = 0;
        loop {
            let rest = &bytes[taken..];
            let Some((left, cut)) = &mut self.left else {
                match measure(&self.held) {
                    Measure::Needs(n) => {
                        let more = n.saturating_sub(self.held.len()).clamp(1, rest.len().max(1));
                        if rest.is_empty() {
                            return (taken, None);
                        }
                        self.held.extend_from_slice(&rest[..more]);
                        taken += more;
                    }
                    Measure::Is(length) => {
                        self.left = Some((length.saturating_sub(self.held.len()), false));
                    }
                    Measure::Broken => return (taken, Some(Err(()))),
                }
                continue;
            };
            let n = (*left).min(rest.len());
            let kept = n.min(MAX.saturating_sub(self.held.len()));
            self.held.extend_from_slice(&rest[..kept]);
            *left -= n;
            *cut |= kept < n;
            taken += n;
            if *left > 0 {
                return (taken, None);
            }
            let whole = !*cut;
            self.left = None;
            let bytes = std::mem::take(&mut self.held);
            return (taken, Some(Ok(Message { bytes, whole, time: self.since })));
        }
    }

    fn lose(&mut self) {
        *self = Gathering { lost: true, ..Gathering::default() };
    }
}

/// The parser of a conversation.
pub(crate) struct Framed<C> {
    sides: [Gathering; 2],
    talk: C,
    began: Option<Timestamp>,
    /// It was told that some of it is not read.
    told: bool,
    /// The side that answers will say no more.
    ended: bool,
}

impl<C: Conversation> Framed<C> {
    pub(crate) fn new(talk: C) -> Self {
        Framed { sides: Default::default(), talk, began: None, told: false, ended: false }
    }

    fn data(&mut self, side: Side, bytes: &[u8], out: &mut Out<'_>) {
        let mut rest = bytes;
        let gathering = &mut self.sides[side.index()];
        gathering.lost = gathering.lost && !self.talk.begins(side, bytes);
        while !rest.is_empty() && !self.sides[side.index()].lost {
            let talk = &self.talk;
            let (taken, message) =
                self.sides[side.index()].take(rest, out.time, |head| talk.measure(side, head));
            rest = &rest[taken..];
            let fate = match &message {
                Some(Ok(message)) => self.talk.message(side, message, out),
                Some(Err(())) => Fate::Broken,
                None => Fate::Read,
            };
            match fate {
                Fate::Read => out.book(Account::MessageHead, taken),
                // What its messages before this piece brought is booked as read.
                Fate::NotRead(named) => {
                    out.book(Account::MessageNotRead, taken);
                    self.tell(named, out);
                }
                Fate::Broken => {
                    out.book(Account::MessageSkipped, taken);
                    out.sink.anomaly(None, Anomaly::Garbage);
                    if message.is_none_or(|m| m.is_err()) {
                        self.gap(side, out);
                    }
                }
            }
        }
        out.book(Account::MessageSkipped, rest.len());
    }

    fn tell(&mut self, named: Named, out: &mut Out<'_>) {
        if !std::mem::replace(&mut self.told, true) {
            let began = self.began.unwrap_or(out.time);
            out.sink.connection(Side::Client, began, out.time, Shown::Named(named), Reading::NotRead);
        }
    }

    fn gap(&mut self, side: Side, out: &mut Out<'_>) {
        self.sides[side.index()].lose();
        self.talk.abandon(out);
    }
}

impl<C: Conversation> Parser for Framed<C> {
    fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next {
        match event {
            StreamEvent::Data { side, time, bytes } => {
                self.began.get_or_insert(time);
                self.data(side, bytes, &mut Out { sink, ledger, time });
            }
            StreamEvent::Gap { side, time, .. } => self.gap(side, &mut Out { sink, ledger, time }),
            StreamEvent::End { side, time, .. } => {
                self.ended |= side == Side::Server;
                if self.ended {
                    self.talk.abandon(&mut Out { sink, ledger, time });
                }
            }
        }
        Next::Continue
    }
}

/// Bytes read from the front, of fields either way round.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next `n` bytes.
    pub(crate) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(front)
    }
    /// The next `n` bytes, or what there is of them.
    pub(crate) fn take_part(&mut self, n: usize) -> &'a [u8] {
        let (front, rest) = self.0.split_at(n.min(self.0.len()));
        self.0 = rest;
        front
    }
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }
    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[b]| b)
    }
    pub(crate) fn be16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }
    pub(crate) fn be32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }
    pub(crate) fn be64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }
    pub(crate) fn le32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }
    pub(crate) fn le64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
    /// A number of seven bits a byte, the least first.
    pub(crate) fn varint(&mut self) -> Option<u64> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let b = self.u8()?;
            n |= u64::from(b & 0x7f) << shift;
            if b & 0x80 == 0 {
                return Some(n);
            }
        }
        None
    }
    /// The same of a signed number, its sign in the lowest bit.
    pub(crate) fn zigzag(&mut self) -> Option<i64> {
        self.varint().map(|n| (n >> 1) as i64 ^ -((n & 1) as i64))
    }
    /// A text that a zero ends.
    pub(crate) fn ended(&mut self) -> Option<&'a [u8]> {
        let n = memchr::memchr(0, self.0)?;
        let text = self.take(n)?;
        self.take(1)?;
        Some(text)
    }
}

/// JSON made of what is no JSON: bounded, and closed however early the bytes end.
pub(crate) struct Json {
    pub(crate) out: Vec<u8>,
}

/// Bytes of JSON made of one message.
const MAX_JSON: usize = 1 << 20;
/// Deepest nesting that is read.
pub(crate) const MAX_DEPTH: u8 = 24;

impl Json {
    pub(crate) fn new() -> Self {
        Json { out: Vec::new() }
    }
    /// Whether there is room for more values.
    pub(crate) fn has_room(&self) -> bool {
        self.out.len() < MAX_JSON
    }
    pub(crate) fn raw(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
    }
    /// A text; bytes that are none are told as null.
    pub(crate) fn text(&mut self, bytes: &[u8]) {
        match std::str::from_utf8(bytes) {
            Ok(_) => crate::calls::json_string(&mut self.out, bytes),
            Err(_) => self.raw(b"null"),
        }
    }
    pub(crate) fn number(&mut self, n: impl std::fmt::Display) {
        self.raw(n.to_string().as_bytes());
    }
    pub(crate) fn float(&mut self, n: f64) {
        if n.is_finite() {
            self.number(n);
        } else {
            self.raw(b"null");
        }
    }
    pub(crate) fn truth(&mut self, is: bool) {
        self.raw(if is { b"true" } else { b"false" });
    }
    /// A moment in milliseconds since 1970.
    pub(crate) fn moment(&mut self, millis: i64) {
        match u64::try_from(millis).ok().and_then(|m| m.checked_mul(1_000_000)) {
            Some(nanos) => self.text(Timestamp::from_nanos(nanos).to_string().as_bytes()),
            None => self.raw(b"null"),
        }
    }
    /// What parts an element from the one before it.
    pub(crate) fn comma(&mut self) {
        if !matches!(self.out.last(), None | Some(b'{' | b'[' | b':')) {
            self.out.push(b',');
        }
    }
    /// A name before its value.
    pub(crate) fn name(&mut self, name: &[u8]) {
        self.comma();
        self.text_or_empty(name);
        self.out.push(b':');
    }
    fn text_or_empty(&mut self, name: &[u8]) {
        let name = name.get(..name.len().min(128)).unwrap_or_default();
        let name = String::from_utf8_lossy(name);
        crate::calls::json_string(&mut self.out, name.as_bytes());
    }
    /// A text that may be a JSON document by itself: as that, where its brackets fit.
    pub(crate) fn document_or_text(&mut self, bytes: &[u8]) {
        if is_document(bytes) {
            self.raw(bytes);
        } else {
            self.text(bytes);
        }
    }
}

/// Whether a text is one object or array whose brackets and quotes fit: it then cannot spoil what stands beside it.
fn is_document(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii();
    if !matches!((text.first(), text.last()), (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']'))) {
        return false;
    }
    let (mut open, mut quoted, mut escaped): (Vec<u8>, bool, bool) = (Vec::new(), false, false);
    for (at, b) in text.iter().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => {
                let fits = open.pop() == Some(*b);
                if !fits || open.is_empty() && at + 1 < text.len() {
                    return false;
                }
            }
            _ => {}
        }
        if open.len() > usize::from(MAX_DEPTH) {
            return false;
        }
    }
    open.is_empty() && !quoted && std::str::from_utf8(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_brackets_that_fit() {
        for text in ["{}", " [1,\"]\"] ", r#"{"a":"\"}"}"#] {
            assert!(is_document(text.as_bytes()), "{text}");
        }
        for text in ["", "{", "{]", "{}{}", "1", "{\"a}", "[1]]"] {
            assert!(!is_document(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn numbers_of_seven_bits() {
        assert_eq!(Bytes(&[0xac, 2]).varint(), Some(300));
        assert_eq!((Bytes(&[1]).zigzag(), Bytes(&[4]).zigzag()), (Some(-1), Some(2)));
        assert_eq!(Bytes(&[0xff; 11]).varint(), None);
    }
}
