//! One connection: calls and their answers, by number.

use super::hessian::Hessian;
use crate::calls::{Calls, segment};
use crate::framed::{Bytes, Conversation, Fate, Json, Measure, Message};
use crate::out::Out;
use crate::{ExchangeNumber, Half, Verdict};
use std::collections::BTreeMap;
use weir_exchange::{Named, Protocol, Scheme};
use weir_wire::Side;

/// Longest body: the default of Dubbo's own `payload` is 8 MiB; whoever allows more sets it.
const MAX_BODY: u32 = 64 << 20;
const HEADER: usize = 16;
/// Calls that may wait for their answers.
const MAX_WAITING: usize = 256;
const HESSIAN: u8 = 2;

/// The header of a message: flags, status, number, length of the body.
struct Header {
    request: bool,
    two_way: bool,
    event: bool,
    serialization: u8,
    status: u8,
    number: u64,
    length: u32,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Header> {
        let mut b = Bytes(bytes);
        let (0xdabb, flags, status) = (b.be16()?, b.u8()?, b.u8()?) else { return None };
        let (number, length) = (b.be64()?, b.be32()?);
        let header = Header {
            request: flags & 0x80 != 0,
            two_way: flags & 0x40 != 0,
            event: flags & 0x20 != 0,
            serialization: flags & 0x1f,
            status,
            number,
            length,
        };
        let fits = length <= MAX_BODY && header.serialization != 0 && (!header.request || status == 0);
        fits.then_some(header)
    }
}

/// A message of either side: either may send events as requests.
pub(super) fn recognise(first: &[u8]) -> Verdict {
    const MAGIC: [u8; 2] = [0xda, 0xbb];
    let n = first.len().min(MAGIC.len());
    match (first[..n] == MAGIC[..n], first.len() < HEADER) {
        (false, _) => Verdict::No,
        (true, true) => Verdict::More,
        (true, false) if Header::read(first).is_some() => Verdict::Yes,
        (true, false) => Verdict::No,
    }
}

pub(super) struct Session {
    calls: Calls,
    waiting: BTreeMap<u64, ExchangeNumber>,
}

impl Default for Session {
    fn default() -> Self {
        Session { calls: Calls::new(Protocol::Dubbo, Scheme::Dubbo), waiting: BTreeMap::new() }
    }
}

impl Session {
    /// Protocol version, service, its version, method, types of arguments, arguments, attachments.
    fn ask(&mut self, header: &Header, body: &[u8], out: &mut Out<'_>) -> Option<()> {
        let mut h = Hessian::new(body);
        h.text()?;
        let (service, _, method, types) = (h.text()?, h.text_or_null()?, h.text()?, h.text()?);
        let mut target = b"/".to_vec();
        segment(&mut target, &service);
        target.push(b'/');
        segment(&mut target, &method);
        let mut json = Json::new();
        json.raw(b"[");
        let mut read = Some(());
        for _ in 0..arguments(&types) {
            json.comma();
            read = h.write(&mut json);
            if read.is_none() {
                break;
            }
        }
        json.raw(b"]");
        if read.is_some() && self.calls.agent.is_none() {
            self.calls.agent = h.entry(b"remote.application");
        }
        let body: &[u8] = if json.out == b"[]" { &[] } else { &json.out };
        if !header.two_way {
            let number = self.calls.ask(b"INVOKE", &target, body, out);
            self.calls.reply(number, 202, false, &[], out);
        } else if self.waiting.len() < MAX_WAITING {
            let number = self.calls.ask(b"INVOKE", &target, body, out);
            if let Some(before) = self.waiting.insert(header.number, number) {
                self.calls.abandon(before, out);
            }
        }
        Some(())
    }

    fn answer(&mut self, header: &Header, body: &[u8], whole: bool, out: &mut Out<'_>) {
        let Some(number) = self.waiting.remove(&header.number) else { return };
        let mut h = Hessian::new(body);
        let (mut status, mut json) = (status(header.status), Json::new());
        if status == 200 {
            // An exception, a value or null, each with attachments or without.
            match h.number() {
                Some(0 | 3) => status = 500,
                Some(1 | 4) => drop(h.write(&mut json)),
                _ => {}
            }
        }
        self.calls.answer(number, status, !json.out.is_empty(), out);
        if !json.out.is_empty() {
            out.sink.body(number, Half::Response, &json.out);
        }
        self.calls.finish(number, whole, out);
    }
}

/// The status that a header's comes near.
const fn status(status: u8) -> u16 {
    match status {
        20 => 200,
        30 | 31 => 504,
        40 | 90 => 400,
        50 | 60 => 404,
        100 => 503,
        _ => 500,
    }
}

/// How many arguments a descriptor of types tells of (JVM specification, 4.3.2): `Ljava/lang/String;I[B`.
fn arguments(types: &[u8]) -> usize {
    let (mut count, mut in_name) = (0, false);
    for b in types.iter().take(4096) {
        match (in_name, b) {
            (true, b';') => in_name = false,
            (true, _) | (false, b'[') => {}
            (false, b) => {
                in_name = *b == b'L';
                count += 1;
            }
        }
    }
    count
}

impl Conversation for Session {
    fn measure(&self, _side: Side, head: &[u8]) -> Measure {
        match (head.len() < HEADER, Header::read(head)) {
            (true, _) => Measure::Needs(HEADER),
            (false, Some(h)) => Measure::Is(HEADER + h.length as usize),
            (false, None) => Measure::Broken,
        }
    }

    fn begins(&self, _side: Side, bytes: &[u8]) -> bool {
        recognise(bytes) == Verdict::Yes
    }

    fn message(&mut self, side: Side, m: &Message, out: &mut Out<'_>) -> Fate {
        let Some(header) = Header::read(&m.bytes) else { return Fate::Broken };
        let body = m.bytes.get(HEADER..).unwrap_or_default();
        if header.event {
            return Fate::Read;
        }
        if header.serialization != HESSIAN {
            return Fate::NotRead(Named::Dubbo);
        }
        if !header.request {
            self.answer(&header, body, m.whole, out);
            return Fate::Read;
        }
        self.calls.caller = side;
        let out = &mut Out { sink: &mut *out.sink, ledger: &mut *out.ledger, time: m.time };
        match self.ask(&header, body, out) {
            Some(()) => Fate::Read,
            None => Fate::Broken,
        }
    }

    fn abandon(&mut self, out: &mut Out<'_>) {
        for number in std::mem::take(&mut self.waiting).into_values() {
            self.calls.abandon(number, out);
        }
    }
}
