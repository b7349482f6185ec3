//! One connection: requests and their answers, by number.

use super::api::{
    self, AUTHENTICATE, FETCH, Fields, HANDSHAKE, Head, MAX_MESSAGE, METADATA, MIN_REQUEST, PRODUCE,
};
use super::records::{self, Batches};
use crate::calls::{Calls, segment};
use crate::framed::{Bytes, Conversation, Fate, Json, Measure, Message};
use crate::out::Out;
use crate::{ExchangeNumber, Half};
use std::collections::BTreeMap;
use weir_exchange::{Named, Protocol, Scheme};
use weir_wire::{Side, Timestamp};

/// Requests that may wait for their answers.
const MAX_WAITING: usize = 64;
/// Topics named in a target.
const MAX_TOPICS: usize = 8;
/// Topics whose identifiers are remembered.
const MAX_NAMES: usize = 1024;

type TopicId = [u8; 16];

/// A request that waits for its answer.
struct Waiting {
    version: u16,
    what: What,
}

enum What {
    Call(ExchangeNumber, u16),
    /// It is told of if it brings something: its topics, and when it came.
    Fetch(Vec<u8>, Timestamp),
    Login(ExchangeNumber, Vec<u8>),
}

pub(super) struct Session {
    calls: Calls,
    waiting: BTreeMap<u32, Waiting>,
    /// The mechanism of SASL agreed upon is PLAIN.
    plain: bool,
    names: BTreeMap<TopicId, Vec<u8>>,
}

impl Default for Session {
    fn default() -> Self {
        let calls = Calls::new(Protocol::Kafka, Scheme::Kafka);
        Session { calls, waiting: BTreeMap::new(), plain: false, names: BTreeMap::new() }
    }
}

/// A target made of topics.
#[derive(Default)]
struct Topics {
    target: Vec<u8>,
    count: usize,
}

impl Topics {
    fn add(&mut self, topic: &[u8]) {
        if self.count < MAX_TOPICS && !topic.is_empty() {
            self.target.push(if self.count > 0 { b',' } else { b'/' });
            segment(&mut self.target, topic);
            self.count += 1;
        }
    }
    fn target(&self) -> &[u8] {
        if self.target.is_empty() { b"/" } else { &self.target }
    }
}

impl Session {
    fn request(&mut self, head: &mut Head<'_>, m: &Message, out: &mut Out<'_>) -> Fate {
        if self.calls.agent.is_none() && !head.client.is_empty() {
            self.calls.agent = Some(head.client.to_vec());
        }
        let room = self.waiting.len() < MAX_WAITING;
        let out = &mut Out { sink: &mut *out.sink, ledger: &mut *out.ledger, time: m.time };
        match head.key {
            PRODUCE if room => return self.produce(head, m, out),
            FETCH if room => {
                let mut topics = Topics::default();
                self.fetched(head.fields, head.version, &mut topics);
                self.wait(head, What::Fetch(topics.target, m.time), out);
            }
            METADATA if room => {
                let mut topics = Topics::default();
                asked(head.fields, head.version, &mut topics);
                let number = self.calls.ask(b"METADATA", topics.target(), &[], out);
                self.wait(head, What::Call(number, METADATA), out);
            }
            HANDSHAKE => self.plain = head.fields.text() == Some(b"PLAIN"),
            AUTHENTICATE if self.plain && room => {
                let Some((bytes, _)) = head.fields.bytes() else { return Fate::Broken };
                let mut parts = bytes.split(|b| *b == 0).skip(1);
                let (user, password) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
                let number = self.calls.log_in(b"LOGIN", user, password, out);
                self.wait(head, What::Login(number, user.to_vec()), out);
            }
            _ => {}
        }
        Fate::Read
    }

    fn wait(&mut self, head: &Head<'_>, what: What, out: &mut Out<'_>) {
        let before = self.waiting.insert(head.number, Waiting { version: head.version, what });
        if let Some(before) = before {
            self.give_up(before, out);
        }
    }

    /// Transaction, acknowledgements, patience, then topics with partitions with batches.
    fn produce(&mut self, head: &mut Head<'_>, m: &Message, out: &mut Out<'_>) -> Fate {
        let (mut topics, mut json) = (Topics::default(), Json::new());
        json.raw(b"[");
        let mut told = Batches::default();
        let acks = self.produced(head, &mut topics, &mut json, &mut told);
        json.raw(b"]");
        let body: &[u8] = if told.records == 0 { &[] } else { &json.out };
        let number = self.calls.ask(b"PRODUCE", topics.target(), body, out);
        if acks == Some(0) {
            self.calls.reply(number, 202, false, &[], out);
        } else {
            self.wait(head, What::Call(number, PRODUCE), out);
        }
        match (told.unread, acks) {
            (true, _) => Fate::NotRead(Named::Kafka),
            (false, None) if m.whole => Fate::Broken,
            (false, _) => Fate::Read,
        }
    }

    fn produced(
        &self,
        head: &mut Head<'_>,
        topics: &mut Topics,
        json: &mut Json,
        told: &mut Batches,
    ) -> Option<u16> {
        let f = &mut head.fields;
        if head.version >= 3 {
            f.text()?;
        }
        let acks = f.b.be16()?;
        f.b.be32()?;
        for _ in 0..f.count()? {
            let topic = self.topic(f, head.version >= 13)?;
            topics.add(&topic);
            for _ in 0..f.count()? {
                f.b.be32()?;
                let (bytes, whole) = f.bytes()?;
                let batches = records::write(bytes, json);
                told.records += batches.records;
                told.unread |= batches.unread;
                if !whole {
                    return Some(acks);
                }
                f.tags()?;
            }
            f.tags()?;
        }
        Some(acks)
    }

    /// A topic by its name, or by its identifier: as that where it has not been named.
    fn topic(&self, f: &mut Fields<'_>, by_id: bool) -> Option<Vec<u8>> {
        if !by_id {
            return f.text().map(<[u8]>::to_vec);
        }
        let id: TopicId = f.b.array()?;
        let shown = || id.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect();
        Some(self.names.get(&id).cloned().unwrap_or_else(shown))
    }

    /// Topics of a FETCH; one that goes on with a session names none.
    fn fetched(&self, mut f: Fields<'_>, version: u16, topics: &mut Topics) -> Option<()> {
        if version < 15 {
            f.b.be32()?;
        }
        f.b.take(8)?;
        if version >= 3 {
            f.b.be32()?;
        }
        if version >= 4 {
            f.b.u8()?;
        }
        if version >= 7 {
            f.b.take(8)?;
        }
        // Of a partition: number, (epoch of the leader), offset, (epoch fetched), (start of the log), bytes.
        let partition = 16
            + if version >= 9 { 4 } else { 0 }
            + if version >= 12 { 4 } else { 0 }
            + if version >= 5 { 8 } else { 0 };
        for _ in 0..f.count()? {
            let topic = self.topic(&mut f, version >= 13)?;
            topics.add(&topic);
            for _ in 0..f.count()? {
                f.b.take(partition)?;
                f.tags()?;
            }
            f.tags()?;
        }
        Some(())
    }

    fn response(&mut self, m: &Message, out: &mut Out<'_>) -> Fate {
        let mut b = Bytes(&m.bytes);
        let (Some(_), Some(number)) = (b.be32(), b.be32()) else { return Fate::Broken };
        let Some(waiting) = self.waiting.remove(&number) else { return Fate::Read };
        let version = waiting.version;
        let fields = |key| -> Option<Fields<'_>> {
            let mut f = Fields { b, flexible: version >= api::flexible_from(key) };
            f.tags()?;
            Some(f)
        };
        match waiting.what {
            What::Login(number, user) => {
                let refused = fields(AUTHENTICATE).and_then(|mut f| f.b.be16()) != Some(0);
                if !refused {
                    self.calls.account = Some(user).filter(|u| !u.is_empty());
                }
                self.calls.reply(number, if refused { 401 } else { 200 }, false, &[], out);
            }
            What::Call(number, PRODUCE) => {
                let error = fields(PRODUCE).and_then(|f| written(f, version)).unwrap_or(0);
                self.calls.reply(number, status(error), false, &[], out);
            }
            What::Call(number, _) => {
                let mut error = 0;
                if let Some(f) = fields(METADATA) {
                    let _ = self.described(f, version, &mut error);
                }
                self.calls.reply(number, status(error), false, &[], out);
            }
            What::Fetch(target, time) => {
                return fields(FETCH)
                    .map_or(Fate::Broken, |f| self.brought(f, version, (target, time), m, out));
            }
        }
        Fate::Read
    }

    /// The answer to a FETCH: told with its request where it brings records, or an error.
    fn brought(
        &mut self,
        f: Fields<'_>,
        version: u16,
        (asked, time): (Vec<u8>, Timestamp),
        m: &Message,
        out: &mut Out<'_>,
    ) -> Fate {
        let (mut topics, mut json, mut told, mut error) =
            (Topics::default(), Json::new(), Batches::default(), 0);
        json.raw(b"[");
        let read = self.batches(f, version, &mut topics, (&mut json, &mut told, &mut error));
        json.raw(b"]");
        if told.records > 0 || told.unread || error != 0 {
            let target = if topics.count > 0 || asked.is_empty() { topics.target() } else { &asked };
            let begin = &mut Out { sink: &mut *out.sink, ledger: &mut *out.ledger, time };
            let number = self.calls.ask(b"FETCH", target, &[], begin);
            self.calls.answer(number, status(error), told.records > 0, out);
            if told.records > 0 {
                out.sink.body(number, Half::Response, &json.out);
            }
            self.calls.finish(number, m.whole, out);
        }
        match (told.unread, read) {
            (true, _) => Fate::NotRead(Named::Kafka),
            (false, None) if m.whole => Fate::Broken,
            (false, _) => Fate::Read,
        }
    }

    fn batches(
        &self,
        mut f: Fields<'_>,
        version: u16,
        topics: &mut Topics,
        (json, told, error): (&mut Json, &mut Batches, &mut u16),
    ) -> Option<()> {
        if version >= 1 {
            f.b.be32()?;
        }
        if version >= 7 {
            *error = f.b.be16()?;
            f.b.be32()?;
        }
        for _ in 0..f.count()? {
            let topic = self.topic(&mut f, version >= 13)?;
            let before = told.records;
            for _ in 0..f.count()? {
                f.b.be32()?;
                let failed = f.b.be16()?;
                *error = if *error == 0 { failed } else { *error };
                f.b.be64()?;
                if version >= 4 {
                    f.b.be64()?;
                }
                if version >= 5 {
                    f.b.be64()?;
                }
                if version >= 4 {
                    for _ in 0..f.count()? {
                        f.b.take(16)?;
                        f.tags()?;
                    }
                }
                if version >= 11 {
                    f.b.be32()?;
                }
                let (bytes, whole) = f.bytes()?;
                let batches = records::write(bytes, json);
                told.records += batches.records;
                told.unread |= batches.unread;
                if !whole {
                    topics.add(&topic);
                    return Some(());
                }
                f.tags()?;
            }
            f.tags()?;
            if told.records > before || told.unread || *error != 0 {
                topics.add(&topic);
            }
        }
        Some(())
    }

    /// The answer to a METADATA: the first error of a topic; identifiers of topics are remembered.
    fn described(&mut self, mut f: Fields<'_>, version: u16, error: &mut u16) -> Option<()> {
        if version >= 3 {
            f.b.be32()?;
        }
        for _ in 0..f.count()? {
            f.b.be32()?;
            f.text()?;
            f.b.be32()?;
            if version >= 1 {
                f.text()?;
            }
            f.tags()?;
        }
        if version >= 2 {
            f.text()?;
        }
        if version >= 1 {
            f.b.be32()?;
        }
        for _ in 0..f.count()? {
            let failed = f.b.be16()?;
            *error = if *error == 0 { failed } else { *error };
            let name = f.text()?;
            if version >= 10 {
                let id = f.b.array()?;
                if self.names.len() < MAX_NAMES {
                    self.names.insert(id, name.iter().take(255).copied().collect());
                }
            }
            if version >= 1 {
                f.b.u8()?;
            }
            for _ in 0..f.count()? {
                // Error, number, leader, (its epoch), replicas, those in step, (those that are away).
                f.b.take(if version >= 7 { 14 } else { 10 })?;
                f.skip_array(4)?;
                f.skip_array(4)?;
                if version >= 5 {
                    f.skip_array(4)?;
                }
                f.tags()?;
            }
            if version >= 8 {
                f.b.be32()?;
            }
            f.tags()?;
        }
        Some(())
    }

    fn give_up(&self, waiting: Waiting, out: &mut Out<'_>) {
        match waiting.what {
            What::Call(number, _) | What::Login(number, _) => self.calls.abandon(number, out),
            What::Fetch(..) => {}
        }
    }
}

/// Topics of a METADATA; none stands for all.
fn asked(mut f: Fields<'_>, version: u16, topics: &mut Topics) -> Option<()> {
    for _ in 0..f.count()? {
        if version >= 10 {
            f.b.take(16)?;
        }
        topics.add(f.text()?);
        f.tags()?;
    }
    Some(())
}

/// The error of the first partition of an answer to a PRODUCE.
fn written(mut f: Fields<'_>, version: u16) -> Option<u16> {
    f.count().filter(|n| *n > 0)?;
    if version >= 13 {
        f.b.take(16)?;
    } else {
        f.text()?;
    }
    f.count().filter(|n| *n > 0)?;
    f.b.be32()?;
    f.b.be16()
}

/// The status that an error comes near.
const fn status(error: u16) -> u16 {
    match error {
        0 => 200,
        3 | 100 => 404,
        29..=31 => 403,
        58 => 401,
        10 | 18 | 42 | 87 => 400,
        _ => 500,
    }
}

impl Conversation for Session {
    fn measure(&self, side: Side, head: &[u8]) -> Measure {
        let least = if side == Side::Client { MIN_REQUEST } else { 4 };
        match Bytes(head).be32() {
            None => Measure::Needs(4),
            Some(n) if (least..=MAX_MESSAGE).contains(&n) => Measure::Is(4 + n as usize),
            Some(_) => Measure::Broken,
        }
    }

    /// A request whose head fits, its client's name as before; an answer to what waits.
    fn begins(&self, side: Side, bytes: &[u8]) -> bool {
        if side == Side::Server {
            let mut b = Bytes(bytes);
            return b.be32().is_some() && b.be32().is_some_and(|n| self.waiting.contains_key(&n));
        }
        Head::read(bytes).is_some_and(|h| self.calls.agent.as_deref().unwrap_or_default() == h.client)
    }

    fn message(&mut self, side: Side, m: &Message, out: &mut Out<'_>) -> Fate {
        if side == Side::Server {
            return self.response(m, out);
        }
        match Head::read(&m.bytes) {
            Some(mut head) => self.request(&mut head, m, out),
            None => Fate::Broken,
        }
    }

    fn abandon(&mut self, out: &mut Out<'_>) {
        for waiting in std::mem::take(&mut self.waiting).into_values() {
            self.give_up(waiting, out);
        }
    }
}
