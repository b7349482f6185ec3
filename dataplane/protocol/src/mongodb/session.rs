//! One connection: commands and their replies, by number.

use super::bson::{Document, Element, write};
use crate::calls::{Calls, segment};
use crate::framed::{Bytes, Conversation, Fate, Json, Measure, Message};
use crate::out::Out;
use crate::{ExchangeNumber, Half, Verdict};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::collections::BTreeMap;
use weir_exchange::{Named, Protocol, Scheme};
use weir_wire::Side;

/// Longest message, by the protocol's own bound.
const MAX_MESSAGE: u32 = 48_000_000;
const HEADER: usize = 16;
const REPLY: u32 = 1;
const QUERY: u32 = 2004;
const COMPRESSED: u32 = 2012;
const MSG: u32 = 2013;
/// Flags of OP_MSG: no answer will come.
const MORE_TO_COME: u32 = 2;
/// Commands that may wait for their replies.
const MAX_WAITING: usize = 64;

/// Commands that say nothing of data.
const QUIET: &[&[u8]] = &[
    b"HELLO",
    b"ISMASTER",
    b"PING",
    b"BUILDINFO",
    b"ENDSESSIONS",
    b"SASLCONTINUE",
    b"SASLSTART",
    b"REFRESHSESSIONS",
    b"GETPARAMETER",
    b"ATLASVERSION",
    b"CONNECTIONSTATUS",
    b"KILLCURSORS",
    b"REPLSETHEARTBEAT",
    b"REPLSETUPDATEPOSITION",
];
/// What goes with every command and is none of it.
const ENVELOPE: &[&[u8]] = &[b"lsid", b"txnNumber", b"apiVersion", b"operationTime", b"ok", b"autocommit"];

/// A command that waits for its reply.
enum Waiting {
    Call(ExchangeNumber),
    Login(ExchangeNumber, Vec<u8>),
}

pub(super) struct Session {
    calls: Calls,
    waiting: BTreeMap<u32, Waiting>,
    /// Who began to log in by SCRAM.
    user: Vec<u8>,
}

impl Default for Session {
    fn default() -> Self {
        let calls = Calls::new(Protocol::Mongodb, Scheme::Mongodb);
        Session { calls, waiting: BTreeMap::new(), user: Vec::new() }
    }
}

/// Length, number, number answered, operation.
struct Header {
    length: u32,
    number: u32,
    answers: u32,
    operation: u32,
}

impl Header {
    fn read(b: &mut Bytes<'_>) -> Option<Header> {
        let (length, number, answers, operation) = (b.le32()?, b.le32()?, b.le32()?, b.le32()?);
        Some(Header { length, number, answers, operation })
    }
    fn fits(&self) -> bool {
        (21..=MAX_MESSAGE).contains(&self.length)
            && matches!(self.operation, REPLY | 2001..=2007 | COMPRESSED | MSG)
    }
}

/// A message of either side: a header that fits, and what stands first behind it.
pub(super) fn recognise(first: &[u8]) -> Verdict {
    let mut b = Bytes(first);
    let Some(header) = Header::read(&mut b) else {
        let length = first.first_chunk().map(|l| u32::from_le_bytes(*l));
        let may = length.is_none_or(|l| (21..=MAX_MESSAGE).contains(&l));
        return if may && !first.is_empty() { Verdict::More } else { Verdict::No };
    };
    if !header.fits() {
        return Verdict::No;
    }
    let Some(flags) = b.le32() else { return Verdict::More };
    let rest = b.0;
    let fits = match (header.operation, rest.first()) {
        // Flags below bit 16 that are not known must not be sent; a body, or a sequence of documents, comes first.
        (MSG, None) => return Verdict::More,
        (MSG, Some(kind)) => flags & 0xfffc == 0 && *kind <= 1,
        (QUERY, _) if header.answers == 0 => match memchr::memchr(0, rest) {
            Some(n) => rest[..n].ends_with(b".$cmd"),
            None if rest.len() < 128 => return Verdict::More,
            None => false,
        },
        (COMPRESSED, _) => matches!(flags, MSG | QUERY | REPLY),
        (REPLY, _) => header.answers != 0 && flags & !0xf == 0,
        _ => false,
    };
    if fits { Verdict::Yes } else { Verdict::No }
}

impl Session {
    fn client(&mut self, h: &Header, mut b: Bytes<'_>, m: &Message, out: &mut Out<'_>) -> Option<()> {
        let mut call = Call::default();
        if h.operation == QUERY {
            b.le32()?;
            let name = b.ended()?;
            b.take(8)?;
            call.document = b.0;
            match name.strip_suffix(b".$cmd") {
                Some(database) => call.database = database,
                None => call.collection = name,
            }
        } else {
            let flags = b.le32()?;
            call.silent = flags & MORE_TO_COME != 0;
            call.sections(b)?;
        }
        self.call(h.number, &call, m, out);
        Some(())
    }

    fn call(&mut self, number: u32, call: &Call<'_>, m: &Message, out: &mut Out<'_>) {
        let first = Document::new(call.document).and_then(|mut d| d.next());
        let name = match (&first, call.collection) {
            (Some(e), []) => e.name.to_ascii_uppercase(),
            (_, [_, ..]) => b"FIND".to_vec(),
            _ => return,
        };
        self.introduced(call.document);
        if name == b"SASLSTART" || name == b"HELLO" || name == b"ISMASTER" {
            return self.start(number, call, &name, out);
        }
        if name == b"SASLCONTINUE" {
            return self.prove(number, call, out);
        }
        if QUIET.contains(&&name[..]) || self.waiting.len() >= MAX_WAITING {
            return;
        }
        let asked = self.calls.ask(
            &name[..name.len().min(32)],
            &call.target(first.as_ref()),
            &call.body(first.as_ref()),
            &mut at(out, m),
        );
        if call.silent {
            self.calls.reply(asked, 202, false, &[], out);
        } else if let Some(Waiting::Call(before) | Waiting::Login(before, _)) =
            self.waiting.insert(number, Waiting::Call(asked))
        {
            self.calls.abandon(before, out);
        }
    }

    /// What the driver, or the application, calls itself in its first command.
    fn introduced(&mut self, document: &[u8]) {
        if self.calls.agent.is_some() {
            return;
        }
        let Some(client) = Document::get(document, b"client").and_then(|e| e.document()) else { return };
        let name = |part: &[u8]| {
            let part = Document::get(client, part)?.document()?;
            let of = |field: &[u8]| Document::get(part, field).and_then(|e| e.text());
            Some([of(b"name")?, of(b"version").unwrap_or_default()].join(&b'/'))
        };
        let agent = name(b"application").or_else(|| name(b"driver"));
        self.calls.agent =
            agent.map(|a| a.strip_suffix(b"/").unwrap_or(&a).iter().take(128).copied().collect());
    }

    /// The first step of a login, by itself or with the greeting.
    fn start(&mut self, number: u32, call: &Call<'_>, name: &[u8], out: &mut Out<'_>) {
        let document = match name {
            b"SASLSTART" => Some(call.document),
            _ => Document::get(call.document, b"speculativeAuthenticate").and_then(|e| e.document()),
        };
        let Some(document) = document else { return };
        let mechanism = Document::get(document, b"mechanism").and_then(|e| e.text()).unwrap_or_default();
        let Some(payload) = Document::get(document, b"payload").and_then(|e| e.binary()) else { return };
        if mechanism == b"PLAIN" {
            let mut parts = payload.split(|b| *b == 0).skip(1);
            let (user, password) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let asked = self.calls.log_in(b"LOGIN", user, password, out);
            self.wait_for_login(number, asked, user.to_vec(), out);
        } else if let Some(user) = field(payload, b"n=") {
            self.user = user.to_vec();
        }
    }

    /// The second step of SCRAM: the proof, which the password cannot be told by.
    fn prove(&mut self, number: u32, call: &Call<'_>, out: &mut Out<'_>) {
        let payload = Document::get(call.document, b"payload").and_then(|e| e.binary());
        let Some(proof) = payload.and_then(|p| field(p, b"p=")) else { return };
        let digits = BASE64_STANDARD.decode(proof).unwrap_or_default();
        let digits: String = digits.iter().map(|b| format!("{b:02x}")).collect();
        let user = std::mem::take(&mut self.user);
        let asked = self.calls.log_in(b"LOGIN", &user, digits.as_bytes(), out);
        self.wait_for_login(number, asked, user, out);
    }

    fn wait_for_login(&mut self, number: u32, asked: ExchangeNumber, user: Vec<u8>, out: &mut Out<'_>) {
        if self.waiting.len() >= MAX_WAITING {
            return self.calls.abandon(asked, out);
        }
        if let Some(Waiting::Call(before) | Waiting::Login(before, _)) =
            self.waiting.insert(number, Waiting::Login(asked, user))
        {
            self.calls.abandon(before, out);
        }
    }

    fn server(&mut self, h: &Header, mut b: Bytes<'_>, m: &Message, out: &mut Out<'_>) -> Option<()> {
        let flags = b.le32()?;
        let documents = if h.operation == REPLY {
            b.take(16)?;
            b.0
        } else {
            let mut call = Call::default();
            call.sections(b)?;
            call.document
        };
        let Some(waiting) = self.waiting.remove(&h.answers) else { return Some(()) };
        let status = match h.operation {
            REPLY if flags & 2 != 0 => 500,
            _ => status(documents, self.calls.account.is_some()),
        };
        match waiting {
            Waiting::Login(number, user) => {
                let status = if status == 200 { 200 } else { 401 };
                if status == 200 {
                    self.calls.account = Some(user).filter(|u| !u.is_empty());
                }
                self.calls.reply(number, status, false, &[], out);
            }
            Waiting::Call(number) => {
                let body = if h.operation == REPLY { all(documents) } else { answer(documents) };
                self.calls.answer(number, status, !body.is_empty(), out);
                if !body.is_empty() {
                    out.sink.body(number, Half::Response, &body);
                }
                self.calls.finish(number, m.whole, out);
            }
        }
        Some(())
    }
}

/// The same at the time of a message's first byte.
fn at<'a>(out: &'a mut Out<'_>, m: &Message) -> Out<'a> {
    Out { sink: &mut *out.sink, ledger: &mut *out.ledger, time: m.time }
}

/// A field of a message of SCRAM (RFC 5802, 5.1).
fn field<'a>(payload: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    payload.split(|b| *b == b',').find_map(|f| f.strip_prefix(name))
}

/// A command: its document, and documents that go with it.
#[derive(Default)]
struct Call<'a> {
    document: &'a [u8],
    database: &'a [u8],
    /// Database and collection of a query of the old kind.
    collection: &'a [u8],
    /// Documents in a row, and the name of the field that they stand for.
    sequence: Option<(&'a [u8], &'a [u8])>,
    /// No answer is asked for.
    silent: bool,
}

impl<'a> Call<'a> {
    /// The sections of OP_MSG; as many as there are.
    fn sections(&mut self, mut b: Bytes<'a>) -> Option<()> {
        while let Some(kind) = b.u8() {
            let mut sized = b;
            let Some(length) = sized.le32().and_then(|n| usize::try_from(n).ok()) else { break };
            match kind {
                0 => self.document = b.take_part(length),
                1 => {
                    let mut section = Bytes(b.take_part(length));
                    section.take(4)?;
                    self.sequence = Some((section.ended()?, section.0));
                }
                // What is left is the checksum.
                _ => break,
            }
        }
        (!self.document.is_empty()).then_some(())
    }

    fn target(&self, first: Option<&Element<'_>>) -> Vec<u8> {
        let mut out = b"/".to_vec();
        if let Some(dot) = self.collection.iter().position(|b| *b == b'.') {
            segment(&mut out, &self.collection[..dot]);
            out.push(b'/');
            segment(&mut out, &self.collection[dot + 1..]);
            return out;
        }
        let database = Document::get(self.document, b"$db").and_then(|e| e.text()).unwrap_or(self.database);
        segment(&mut out, database);
        let named = first.and_then(Element::text);
        // What goes on with a cursor names its collection beside it.
        let named = named.or_else(|| Document::get(self.document, b"collection").and_then(|e| e.text()));
        if let Some(collection) = named {
            out.push(b'/');
            segment(&mut out, collection);
        }
        out
    }

    /// As JSON: what the command holds beside its name and what goes with every one.
    fn body(&self, first: Option<&Element<'_>>) -> Vec<u8> {
        let mut json = Json::new();
        if !self.collection.is_empty() {
            write(self.document, false, &mut json, 0);
            return json.out;
        }
        json.raw(b"{");
        for element in Document::new(self.document).into_iter().flatten().skip(usize::from(first.is_some())) {
            if !is_envelope(element.name) && json.has_room() {
                json.name(element.name);
                element.write(&mut json, 0);
            }
        }
        if let Some((name, documents)) = self.sequence {
            json.name(name);
            in_a_row(documents, &mut json);
        }
        json.raw(b"}");
        if json.out == b"{}" { Vec::new() } else { json.out }
    }
}

fn is_envelope(name: &[u8]) -> bool {
    name.starts_with(b"$") || ENVELOPE.contains(&name)
}

/// Documents one after another, as a JSON array.
fn in_a_row(documents: &[u8], json: &mut Json) {
    let mut b = Bytes(documents);
    json.raw(b"[");
    while json.has_room() {
        let mut sized = b;
        let Some(length) = sized.le32().and_then(|n| usize::try_from(n).ok()).filter(|n| *n >= 5) else {
            break;
        };
        json.comma();
        write(b.take_part(length), false, json, 0);
    }
    json.raw(b"]");
}

fn all(documents: &[u8]) -> Vec<u8> {
    let mut json = Json::new();
    in_a_row(documents, &mut json);
    if json.out == b"[]" { Vec::new() } else { json.out }
}

/// What a reply brings: the batch of its cursor; of a reply without one, all but what every one has.
fn answer(document: &[u8]) -> Vec<u8> {
    let mut json = Json::new();
    let cursor = Document::get(document, b"cursor").and_then(|e| e.document());
    let batch =
        cursor.and_then(|c| Document::get(c, b"firstBatch").or_else(|| Document::get(c, b"nextBatch")));
    if let Some(batch) = batch.and_then(|b| b.document()) {
        write(batch, true, &mut json, 0);
        return if json.out == b"[]" { Vec::new() } else { json.out };
    }
    json.raw(b"{");
    for element in Document::new(document).into_iter().flatten().filter(|e| !is_envelope(e.name)) {
        if json.has_room() {
            json.name(element.name);
            element.write(&mut json, 0);
        }
    }
    json.raw(b"}");
    if json.out == b"{}" { Vec::new() } else { json.out }
}

/// The status that a reply comes near.
fn status(document: &[u8], logged_in: bool) -> u16 {
    let number = |e: Option<Element<'_>>| e.and_then(|e| e.number());
    let code = if number(Document::get(document, b"ok")) == Some(1.0) {
        let errors = Document::get(document, b"writeErrors").and_then(|e| e.document());
        let first = errors.and_then(Document::new).and_then(|mut d| d.next());
        let Some(first) = first.and_then(|e| e.document()) else { return 200 };
        number(Document::get(first, b"code"))
    } else {
        number(Document::get(document, b"code"))
    };
    match code.map(|c| c as i64) {
        Some(18) => 401,
        Some(13) if logged_in => 403,
        Some(13) => 401,
        Some(26) => 404,
        Some(11_000) => 409,
        Some(2 | 9 | 14 | 59 | 72) => 400,
        _ => 500,
    }
}

impl Conversation for Session {
    fn measure(&self, _side: Side, head: &[u8]) -> Measure {
        match Header::read(&mut Bytes(head)) {
            None => Measure::Needs(HEADER),
            Some(h) if h.fits() => Measure::Is(h.length as usize),
            Some(_) => Measure::Broken,
        }
    }

    fn begins(&self, _side: Side, bytes: &[u8]) -> bool {
        recognise(bytes) == Verdict::Yes
    }

    fn message(&mut self, side: Side, m: &Message, out: &mut Out<'_>) -> Fate {
        let mut b = Bytes(&m.bytes);
        let Some(h) = Header::read(&mut b) else { return Fate::Broken };
        let read = match h.operation {
            COMPRESSED => return Fate::NotRead(Named::Mongodb),
            MSG | QUERY if h.answers == 0 => {
                self.calls.caller = side;
                self.client(&h, b, m, out)
            }
            MSG | REPLY => self.server(&h, b, m, out),
            _ => Some(()),
        };
        if read.is_some() { Fate::Read } else { Fate::Broken }
    }

    fn abandon(&mut self, out: &mut Out<'_>) {
        for waiting in std::mem::take(&mut self.waiting).into_values() {
            let (Waiting::Call(number) | Waiting::Login(number, _)) = waiting;
            self.calls.abandon(number, out);
        }
    }
}
