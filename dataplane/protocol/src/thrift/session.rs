//! One connection: calls and their answers, by number.

use super::value::{Encoding, Values};
use crate::calls::{Calls, segment};
use crate::framed::{Bytes, Conversation, Fate, Json, Measure, Message};
use crate::out::Out;
use crate::{ExchangeNumber, Half, Verdict};
use std::collections::BTreeMap;
use weir_exchange::{Protocol, Scheme};
use weir_wire::Side;

const MAX_FRAME: u32 = 256 << 20;
/// Shortest frame: a message without a name or fields.
const MIN_FRAME: u32 = 5;
/// Longest name of a method that is believed; names of multiplexed services are longer than others.
const MAX_METHOD: usize = 255;
/// Calls that may wait for their answers.
const MAX_WAITING: usize = 64;

const CALL: u8 = 1;
const REPLY: u8 = 2;
const EXCEPTION: u8 = 3;
const ONEWAY: u8 = 4;

pub(super) struct Session {
    calls: Calls,
    waiting: BTreeMap<u64, ExchangeNumber>,
}

impl Default for Session {
    fn default() -> Self {
        Session { calls: Calls::new(Protocol::Thrift, Scheme::Thrift), waiting: BTreeMap::new() }
    }
}

/// What stands before the fields of a message.
struct Head<'a> {
    kind: u8,
    method: &'a [u8],
    number: u64,
    values: Values<'a>,
}

impl<'a> Head<'a> {
    fn read(frame: &'a [u8]) -> Option<Head<'a>> {
        let mut b = Bytes(frame);
        let head = match b.u8()? {
            0x80 => {
                let (1, 0, kind) = (b.u8()?, b.u8()?, b.u8()?) else { return None };
                let length = usize::try_from(b.be32()?).ok()?;
                let method = b.take(length)?;
                let number = b.be32()?.into();
                Head { kind, method, number, values: Values { bytes: b, encoding: Encoding::Binary } }
            }
            0x82 => {
                let kind = b.u8().filter(|k| k & 0x1f == 1)? >> 5;
                let number = b.varint()?;
                let length = usize::try_from(b.varint()?).ok()?;
                let method = b.take(length)?;
                Head { kind, method, number, values: Values { bytes: b, encoding: Encoding::Compact } }
            }
            _ => return None,
        };
        let fits = (CALL..=ONEWAY).contains(&head.kind)
            && (1..=MAX_METHOD).contains(&head.method.len())
            && head.method.iter().all(is_of_method);
        fits.then_some(head)
    }
}

fn is_of_method(b: &u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'$' | b'-' | b'/')
}

/// A frame of either side with a message whose method has a name.
pub(super) fn recognise(first: &[u8]) -> Verdict {
    let mut b = Bytes(first);
    let Some(length) = b.be32() else {
        return if first.first().is_none_or(|b| *b <= (MAX_FRAME >> 24) as u8) {
            Verdict::More
        } else {
            Verdict::No
        };
    };
    if !(MIN_FRAME..=MAX_FRAME).contains(&length) {
        return Verdict::No;
    }
    let begins = match b.0 {
        [] | [0x80] | [0x80, 1] | [0x80, 1, 0] | [0x82] => return Verdict::More,
        [0x80, 1, 0, 1..=4, ..] => true,
        [0x82, kind, ..] => kind & 0x1f == 1 && (1..=4).contains(&(kind >> 5)),
        _ => false,
    };
    match (begins, Head::read(b.0)) {
        (false, _) => Verdict::No,
        (true, Some(_)) => Verdict::Yes,
        // The name is not all there, or none.
        (true, None) if b.0.len() < MAX_METHOD + 16 && b.0.len() < length as usize => Verdict::More,
        (true, None) => Verdict::No,
    }
}

impl Session {
    fn ask(&mut self, head: &mut Head<'_>, out: &mut Out<'_>) {
        let mut target = b"/".to_vec();
        for (n, part) in head.method.split(|b| *b == b':').filter(|p| !p.is_empty()).enumerate() {
            if n > 0 {
                target.push(b'/');
            }
            segment(&mut target, part);
        }
        let mut json = Json::new();
        head.values.write_struct(&mut json, 0);
        let body: &[u8] = if json.out == b"{}" { &[] } else { &json.out };
        if head.kind == ONEWAY {
            let number = self.calls.ask(b"ONEWAY", &target, body, out);
            return self.calls.reply(number, 202, false, &[], out);
        }
        if self.waiting.len() >= MAX_WAITING {
            return;
        }
        let number = self.calls.ask(b"CALL", &target, body, out);
        if let Some(before) = self.waiting.insert(head.number, number) {
            self.calls.abandon(before, out);
        }
    }

    fn answer(&mut self, head: &mut Head<'_>, whole: bool, out: &mut Out<'_>) {
        let Some(number) = self.waiting.remove(&head.number) else { return };
        let (status, json) = match head.kind {
            EXCEPTION => (failure(head.values), Json::new()),
            _ => result(&mut head.values),
        };
        self.calls.answer(number, status, !json.out.is_empty(), out);
        if !json.out.is_empty() {
            out.sink.body(number, Half::Response, &json.out);
        }
        self.calls.finish(number, whole, out);
    }
}

/// A result is field 0 of a struct, an exception that the method declares another one; without either there is nothing to be told.
fn result(values: &mut Values<'_>) -> (u16, Json) {
    let mut json = Json::new();
    let Some(field) = values.field(0) else { return (200, json) };
    values.write_field(&field, &mut json, 0);
    (if field.number == 0 { 200 } else { 500 }, json)
}

/// The status that an exception of the framework comes near: its field 2 says of what kind it is.
fn failure(mut values: Values<'_>) -> u16 {
    let (mut before, mut passed) = (0, Json::new());
    while let Some(field) = values.field(before) {
        if field.number == 2 {
            return match values.number() {
                Some(1) => 404,
                Some(2..=4 | 7) => 400,
                _ => 500,
            };
        }
        before = field.number;
        if values.write_field(&field, &mut passed, 0).is_none() {
            break;
        }
    }
    500
}

impl Conversation for Session {
    fn measure(&self, _side: Side, head: &[u8]) -> Measure {
        match Bytes(head).be32() {
            None => Measure::Needs(4),
            Some(n) if (MIN_FRAME..=MAX_FRAME).contains(&n) => Measure::Is(4 + n as usize),
            Some(_) => Measure::Broken,
        }
    }

    fn begins(&self, _side: Side, bytes: &[u8]) -> bool {
        recognise(bytes) == Verdict::Yes
    }

    fn message(&mut self, side: Side, m: &Message, out: &mut Out<'_>) -> Fate {
        let Some(mut head) = Head::read(m.bytes.get(4..).unwrap_or_default()) else { return Fate::Broken };
        if matches!(head.kind, CALL | ONEWAY) {
            self.calls.caller = side;
            let out = &mut Out { sink: &mut *out.sink, ledger: &mut *out.ledger, time: m.time };
            self.ask(&mut head, out);
        } else if matches!(head.kind, REPLY | EXCEPTION) {
            self.answer(&mut head, m.whole, out);
        }
        Fate::Read
    }

    fn abandon(&mut self, out: &mut Out<'_>) {
        for number in std::mem::take(&mut self.waiting).into_values() {
            self.calls.abandon(number, out);
        }
    }
}
