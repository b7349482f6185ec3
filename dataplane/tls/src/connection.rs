//! One connection: both directions read together, as the key schedule needs both hellos.

use crate::certificate;
use crate::cipher::{Opener, Suite};
use crate::direction::Direction;
use crate::handshake as message;
use crate::hello::{ClientHello, ServerHello, encrypted_extensions};
use crate::keys::{KeyStore, Label, Secrets};
use crate::record::{ContentType, HEADER, RecordHeader};
use crate::schedule::{Agreed, openers12, openers13, updated};
use crate::seek::Sought;
use std::mem;
use weir_exchange::{Reading, TlsFacts, TlsVersion};
use weir_wire::Side;

/// Bytes of a direction that wait for the other direction, or for a key that may still come: a handshake and a first request.
const MAX_WAITING: usize = 16 * 1024;
/// Bytes of handshake in clear that are read of a connection.
const MAX_HANDSHAKE: u64 = 512 * 1024;
/// Records passed over before the first that opens, where the keys of the handshake were not given, or early data were sent.
const TOLERANCE: u32 = 1024;

/// Where the bytes in clear go.
pub trait Events {
    /// The next bytes that `side` sent, never empty, and what the handshake showed so far.
    fn data(&mut self, facts: &TlsFacts, side: Side, bytes: &[u8]);
    /// So many are missing, as far as that can be told.
    fn gap(&mut self, side: Side, len: u64);
}

/// How far a connection is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// In the handshake.
    Opening,
    /// It is decrypted; its handshake is over.
    Reading,
    /// Nothing more can be read. Of one that was [`Reading::Decrypted`], the rest.
    Closed(Reading),
}

/// What a ClientHello left to be remembered.
struct Offer {
    random: [u8; 32],
    session: Vec<u8>,
    early_data: bool,
}

/// What a ServerHello left to be remembered.
struct Choice {
    random: [u8; 32],
    version: TlsVersion,
    suite: Option<Suite>,
    encrypt_then_mac: bool,
}

/// What became of a record.
enum Step {
    Done,
    /// It waits, unread.
    Wait,
    /// It ends the reading, and is not booked.
    Close(Reading),
    /// The same, and is booked.
    Last(Reading),
}

impl Step {
    /// Of a record that is booked already.
    fn booked(self) -> Step {
        match self {
            Step::Close(reading) => Step::Last(reading),
            other => other,
        }
    }
}

/// A connection.
pub struct Connection {
    facts: TlsFacts,
    state: State,
    /// Who sent the ClientHello.
    client: Side,
    offer: Option<Offer>,
    choice: Option<Choice>,
    hello_done: bool,
    /// The server asked for another ClientHello: this is TLS 1.3.
    retried: bool,
    sides: [Direction; 2],
    /// Bytes read as TLS itself, and bytes passed over unread, since they were last taken.
    framing: u64,
    sealed: u64,
    handshake: u64,
    /// Text in clear of one record.
    text: Vec<u8>,
}

impl Default for Connection {
    fn default() -> Self {
        Connection {
            facts: TlsFacts::default(),
            state: State::Opening,
            client: Side::Client,
            offer: None,
            choice: None,
            hello_done: false,
            retried: false,
            sides: Default::default(),
            framing: 0,
            sealed: 0,
            handshake: 0,
            text: Vec::new(),
        }
    }
}

impl Connection {
    /// How far it is.
    pub fn state(&self) -> State {
        self.state
    }
    /// Who sent the ClientHello.
    pub fn client(&self) -> Side {
        self.client
    }
    /// What the handshake showed so far.
    pub fn facts(&self) -> &TlsFacts {
        &self.facts
    }
    /// Whether a ClientHello or a ServerHello was seen.
    pub fn has_hello(&self) -> bool {
        self.offer.is_some() || self.choice.is_some()
    }
    /// Bytes read as TLS itself (headers, handshakes, tags, padding), and bytes passed over unread, since the last call. With what went
    /// to [`Events::data`] and what waits, they are all that was given.
    pub fn take_booked(&mut self) -> (u64, u64) {
        (mem::take(&mut self.framing), mem::take(&mut self.sealed))
    }

    /// Takes the next bytes of a direction.
    pub fn read(&mut self, side: Side, bytes: &[u8], keys: Option<&KeyStore>, out: &mut impl Events) {
        self.feed(side, bytes, keys, out);
        // What one direction said may be what the other waits for.
        while !matches!(self.state, State::Closed(_)) {
            let waiting = [side.peer(), side].into_iter().any(|s| self.retry(s, keys, out));
            if !waiting {
                break;
            }
        }
    }

    /// Goes on with what a direction holds; whether that changed anything.
    fn retry(&mut self, side: Side, keys: Option<&KeyStore>, out: &mut impl Events) -> bool {
        let before = self.sides[side.index()].held.len();
        if before < HEADER {
            return false;
        }
        self.feed(side, &[], keys, out);
        self.sides[side.index()].held.len() != before
    }

    /// Bytes of a direction are missing.
    pub fn gap(&mut self, side: Side, len: u64, out: &mut impl Events) {
        let direction = &mut self.sides[side.index()];
        let may = direction.opener.as_ref().is_some_and(Opener::stands_alone);
        if matches!(self.state, State::Closed(_)) {
            return;
        }
        if !may || direction.opened == 0 {
            let reading =
                if self.state == State::Reading { Reading::Decrypted } else { Reading::HandshakeNotSeen };
            if self.state == State::Reading {
                out.gap(side, len);
            }
            return self.close(reading);
        }
        self.sealed += direction.lose(len);
    }

    /// A direction is over. After both are, the state is final.
    pub fn end(&mut self, side: Side) {
        let direction = &mut self.sides[side.index()];
        self.sealed += mem::take(&mut direction.held).len() as u64;
        direction.ended = true;
        if self.sides.iter().all(|d| d.ended) && !matches!(self.state, State::Closed(_)) {
            let reading = match self.state {
                State::Reading => Reading::Decrypted,
                _ if self.sides.iter().any(|d| d.opened > 0) => Reading::Decrypted,
                _ if self.is_negotiated() && self.sides.iter().any(|d| d.sealed) => self.without_key(),
                _ if !self.has_hello() => Reading::HandshakeNotSeen,
                _ => Reading::Unfinished,
            };
            self.close(reading);
        }
    }

    fn is_negotiated(&self) -> bool {
        self.choice.is_some()
    }

    /// Ends reading: what is held is given up.
    fn close(&mut self, reading: Reading) {
        for direction in &mut self.sides {
            self.sealed += mem::take(&mut direction.held).len() as u64;
            direction.opener = None;
            (direction.secret, direction.lost) = (None, None);
            direction.messages = Vec::new();
        }
        self.text = Vec::new();
        self.state = State::Closed(reading);
    }

    /// Why it cannot be read where no key of it is known.
    fn without_key(&self) -> Reading {
        match &self.choice {
            Some(choice) if choice.suite.is_none() => Reading::Unsupported,
            _ if self.facts.resumed => Reading::Resumed,
            _ => Reading::NoKey,
        }
    }

    fn feed(&mut self, side: Side, bytes: &[u8], keys: Option<&KeyStore>, out: &mut impl Events) {
        if matches!(self.state, State::Closed(_)) {
            self.sealed += bytes.len() as u64;
            return;
        }
        // Whole records are read where they lie; only what is left over is kept.
        let mut held = mem::take(&mut self.sides[side.index()].held);
        if held.is_empty() {
            let used = self.records(side, bytes, keys, out);
            held.extend_from_slice(&bytes[used..]);
        } else {
            held.extend_from_slice(bytes);
            let used = self.records(side, &held, keys, out);
            held.drain(..used);
        }
        if matches!(self.state, State::Closed(_)) {
            self.sealed += held.len() as u64;
        } else {
            self.sides[side.index()].held = held;
        }
    }

    /// Reads whole records off the front of `bytes`; how many bytes they take.
    fn records(&mut self, side: Side, bytes: &[u8], keys: Option<&KeyStore>, out: &mut impl Events) -> usize {
        let mut at = 0;
        while !matches!(self.state, State::Closed(_)) {
            let rest = &bytes[at..];
            if self.sides[side.index()].lost.is_some() {
                match self.seek(side, rest, out) {
                    (used, true) => at += used,
                    (used, false) => return at + used,
                }
                continue;
            }
            if rest.len() < HEADER {
                break;
            }
            let Some(header) = RecordHeader::read(rest) else {
                self.broken(side, out);
                break;
            };
            let Some(payload) = rest.get(HEADER..HEADER + header.len) else { break };
            match self.record(side, header.content, &rest[..HEADER], payload, keys, out) {
                Step::Done => at += HEADER + header.len,
                Step::Close(reading) => {
                    self.close(reading);
                    break;
                }
                Step::Last(reading) => {
                    at += HEADER + header.len;
                    self.close(reading);
                }
                Step::Wait if rest.len() > MAX_WAITING => {
                    let reading =
                        if self.is_negotiated() { self.without_key() } else { Reading::HandshakeNotSeen };
                    self.close(reading);
                    break;
                }
                Step::Wait => break,
            }
        }
        at
    }

    /// What should be a record is none.
    fn broken(&mut self, side: Side, out: &mut impl Events) {
        let reading = if self.state == State::Reading {
            out.gap(side, 0);
            Reading::Decrypted
        } else {
            Reading::Unfinished
        };
        self.close(reading);
    }

    /// One whole record. Books it, unless it waits or ends the reading.
    fn record(
        &mut self,
        side: Side,
        content: ContentType,
        header: &[u8],
        payload: &[u8],
        keys: Option<&KeyStore>,
        out: &mut impl Events,
    ) -> Step {
        let wire = (header.len() + payload.len()) as u64;
        let tls13 = self.is_tls13();
        if self.sides[side.index()].sealed && !(tls13 && content == ContentType::Change) {
            return self.sealed_record(side, header, payload, keys, out);
        }
        match content {
            ContentType::Handshake => {
                self.handshake += wire;
                if self.handshake > MAX_HANDSHAKE || !self.sides[side.index()].gather(payload) {
                    return Step::Close(Reading::Unfinished);
                }
                self.framing += wire;
                return self.messages(side, keys).booked();
            }
            ContentType::Change if self.is_negotiated() && !tls13 => match self.change(side, keys) {
                Step::Done => {}
                other => return other,
            },
            ContentType::Change => {
                // Before the ServerHello it may be a disguise of TLS 1.3, or the server's side comes late.
                let early = self.offer.as_ref().is_some_and(|o| o.early_data);
                let disguise = early || tls13 || self.retried || side != self.client;
                if !disguise && self.offer.is_some() && self.choice.is_none() {
                    return Step::Wait;
                }
            }
            ContentType::Data | ContentType::Heartbeat => {
                return match &self.offer {
                    Some(offer) if offer.early_data && self.choice.is_none() => {
                        self.sealed += wire;
                        Step::Done
                    }
                    Some(_) if self.choice.is_none() => Step::Wait,
                    _ => Step::Close(Reading::HandshakeNotSeen),
                };
            }
            ContentType::Alert => {}
        }
        self.framing += wire;
        Step::Done
    }

    fn is_tls13(&self) -> bool {
        self.choice.as_ref().is_some_and(|c| is_tls13(c.version))
    }

    /// A record that is encrypted.
    fn sealed_record(
        &mut self,
        side: Side,
        header: &[u8],
        payload: &[u8],
        keys: Option<&KeyStore>,
        out: &mut impl Events,
    ) -> Step {
        let wire = (header.len() + payload.len()) as u64;
        if self.sides[side.index()].opener.is_none() {
            match self.install(side, keys) {
                Step::Done => {}
                other => return other,
            }
        }
        let direction = &mut self.sides[side.index()];
        let mut text = mem::take(&mut self.text);
        let opened = direction.opener.as_mut().and_then(|o| o.open(header, payload, &mut text));
        let step = match opened {
            Some(content) => {
                direction.opened += 1;
                self.framing += wire;
                self.opened(side, content, &text, keys, out).booked()
            }
            None if direction.tolerance > 0 => {
                direction.tolerance -= 1;
                self.sealed += wire;
                Step::Done
            }
            None if direction.opened > 0 => {
                out.gap(side, wire);
                Step::Close(Reading::Decrypted)
            }
            None => Step::Close(Reading::WrongKey),
        };
        if !matches!(self.state, State::Closed(_)) {
            self.text = text;
        }
        step
    }

    /// What a record held that opened; it is booked whole as framing, from which data are taken again.
    fn opened(
        &mut self,
        side: Side,
        content: ContentType,
        text: &[u8],
        keys: Option<&KeyStore>,
        out: &mut impl Events,
    ) -> Step {
        match content {
            ContentType::Data => {
                self.sides[side.index()].tolerance = 0;
                self.settle();
                if !text.is_empty() {
                    self.framing -= text.len() as u64;
                    out.data(&self.facts, side, text);
                }
                Step::Done
            }
            ContentType::Handshake => {
                if !self.sides[side.index()].gather(text) {
                    return Step::Close(Reading::Decrypted);
                }
                self.messages(side, keys)
            }
            // A renegotiation of TLS 1.2: other keys from here on.
            ContentType::Change if !self.is_tls13() => self.change(side, keys),
            _ => Step::Done,
        }
    }

    /// The handshake is over as soon as both directions opened and one of them carries data, or both are finished.
    fn settle(&mut self) {
        if self.state == State::Opening && self.sides.iter().all(|d| d.opened > 0) {
            self.state = State::Reading;
        }
    }

    fn messages(&mut self, side: Side, keys: Option<&KeyStore>) -> Step {
        while let Some((kind, body)) = self.sides[side.index()].message() {
            match self.message(side, kind, &body, keys) {
                Step::Done => {}
                other => return other,
            }
        }
        Step::Done
    }

    fn message(&mut self, side: Side, kind: u8, body: &[u8], keys: Option<&KeyStore>) -> Step {
        let tls13 = self.is_tls13();
        match kind {
            message::CLIENT_HELLO => {
                let Some(hello) = ClientHello::read(body) else { return Step::Close(Reading::Unfinished) };
                if self.offer.is_none() {
                    hello.tell(&mut self.facts);
                }
                self.client = side;
                let ClientHello { random, session, early_data, .. } = hello;
                self.offer = Some(Offer { random, session, early_data });
            }
            message::SERVER_HELLO => {
                let Some(hello) = ServerHello::read(body) else { return Step::Close(Reading::Unfinished) };
                return self.chosen(side, hello, keys);
            }
            message::ENCRYPTED_EXTENSIONS if tls13 => {
                self.facts.alpn = encrypted_extensions(body).unwrap_or_default();
            }
            message::CERTIFICATE => {
                if let Some((first, count)) = certificate::chain(body, tls13) {
                    if side == self.client {
                        self.facts.client_certificate |= count > 0;
                    } else if self.facts.certificate.is_none() {
                        (self.facts.certificate, self.facts.chain) = (first.map(Box::new), count);
                    }
                }
            }
            message::SERVER_HELLO_DONE => self.hello_done = true,
            message::FINISHED => {
                let direction = &mut self.sides[side.index()];
                direction.finished = true;
                if tls13 {
                    // What is encrypted next is under another key; it is asked for when it comes.
                    direction.opener = None;
                    direction.secret = None;
                }
                if self.sides.iter().all(|d| d.finished) {
                    self.settle();
                }
            }
            message::KEY_UPDATE if tls13 => return self.update(side),
            _ => {}
        }
        Step::Done
    }

    fn chosen(&mut self, side: Side, hello: ServerHello, keys: Option<&KeyStore>) -> Step {
        if hello.retry {
            self.retried = true;
            return Step::Done;
        }
        let again = self.choice.is_some();
        let supported = (TlsVersion::TLS10..=TlsVersion::TLS13).contains(&hello.version);
        let suite = Suite::of(hello.suite).filter(|_| supported);
        if !again {
            self.client = side.peer();
            self.facts.version = Some(hello.version);
            self.facts.suite = Some(hello.suite);
            self.facts.alpn = hello.alpn;
            let echoed =
                self.offer.as_ref().is_some_and(|o| !o.session.is_empty() && o.session == hello.session);
            self.facts.resumed = if is_tls13(hello.version) { hello.pre_shared_key } else { echoed };
        }
        let (version, encrypt_then_mac) = (hello.version, hello.encrypt_then_mac);
        self.choice = Some(Choice { random: hello.random, version, suite, encrypt_then_mac });
        if again || !is_tls13(version) {
            return Step::Done;
        }
        let early = self.offer.as_ref().is_some_and(|o| o.early_data);
        self.sides[self.client.index()].tolerance = if early { TOLERANCE } else { 0 };
        self.sides.iter_mut().for_each(|d| d.sealed = true);
        // Nothing of the handshake is in clear from here on: without a key there is nothing to wait for.
        match self.install(side, keys) {
            Step::Wait => Step::Done,
            other => other,
        }
    }

    /// Other keys, or the first, from the next record on: `change_cipher_spec` of TLS 1.2 and before.
    fn change(&mut self, side: Side, keys: Option<&KeyStore>) -> Step {
        if side != self.client && !self.hello_done {
            self.facts.resumed = true;
        }
        let before = self.sides[side.index()].opener.take();
        match self.install(side, keys) {
            Step::Done => {
                self.sides[side.index()].sealed = true;
                Step::Done
            }
            Step::Wait => {
                self.sides[side.index()].opener = before;
                Step::Wait
            }
            close => close,
        }
    }

    /// Gives a direction the opener of its next records; waits where a key may still come.
    fn install(&mut self, side: Side, keys: Option<&KeyStore>) -> Step {
        let Some((offer, choice)) = self.offer.as_ref().zip(self.choice.as_ref()) else {
            return Step::Close(Reading::HandshakeNotSeen);
        };
        let Some(suite) = choice.suite else { return Step::Close(Reading::Unsupported) };
        let secrets = keys.and_then(|k| k.secrets(&offer.random));
        let opener = match secrets {
            Some(secrets) if is_tls13(choice.version) => {
                let labels = if side == self.client {
                    (Label::ClientHandshake, Label::Client)
                } else {
                    (Label::ServerHandshake, Label::Server)
                };
                self.sides[side.index()].take(suite, labels, &secrets)
            }
            Some(secrets) => secrets.get(Label::Master).and_then(|master| {
                let agreed = Agreed {
                    version: choice.version,
                    suite,
                    client: &offer.random,
                    server: &choice.random,
                    encrypt_then_mac: choice.encrypt_then_mac,
                };
                let [client, server] = openers12(master, &agreed)?;
                Some(if side == self.client { client } else { server })
            }),
            None => None,
        };
        match opener {
            Some(opener) => {
                self.sides[side.index()].opener = Some(opener);
                Step::Done
            }
            None if keys.is_some_and(KeyStore::is_growing) => Step::Wait,
            None if self.state == State::Reading => Step::Close(Reading::Decrypted),
            None => Step::Close(self.without_key()),
        }
    }

    /// A KeyUpdate of TLS 1.3 (RFC 8446, 4.6.3).
    fn update(&mut self, side: Side) -> Step {
        let suite = self.choice.as_ref().and_then(|c| c.suite);
        let direction = &mut self.sides[side.index()];
        let next = suite.zip(direction.secret.as_ref()).and_then(|(suite, secret)| {
            let secret = updated(suite, secret)?;
            Some((openers13(suite, &secret)?, secret))
        });
        let Some((opener, secret)) = next else { return Step::Close(Reading::Decrypted) };
        (direction.opener, direction.secret) = (Some(opener), Some(secret));
        Step::Done
    }

    /// Looks for the next record behind a gap: how many bytes that takes, and whether reading goes on at once.
    fn seek(&mut self, side: Side, bytes: &[u8], out: &mut impl Events) -> (usize, bool) {
        let suite = self.choice.as_ref().and_then(|c| c.suite).filter(|_| self.is_tls13());
        let direction = &mut self.sides[side.index()];
        let Some(mut lost) = direction.lost.take() else { return (0, true) };
        // The next traffic secret may have been begun in the gap.
        let later =
            suite.zip(direction.secret.as_ref()).and_then(|(s, secret)| Some((s, updated(s, secret)?)));
        let mut second = later.as_ref().and_then(|(suite, secret)| openers13(*suite, secret));
        let mut text = mem::take(&mut self.text);
        let sought = lost.seek(bytes, [direction.opener.as_mut(), second.as_mut()], &mut text);
        let result = match sought {
            Sought::Found { at, number, content, wire, second: newer } => {
                let before = direction.opener.as_ref().map_or(0, |o| o.sequence);
                if newer {
                    (direction.opener, direction.secret) = (second, later.map(|(_, secret)| secret));
                }
                let overhead = (wire - text.len()) as u64;
                let missed = if newer { number + 1 } else { number - before };
                if let Some(opener) = &mut direction.opener {
                    opener.sequence = number + 1;
                }
                self.sealed += at as u64;
                out.gap(side, (lost.span + at as u64).saturating_sub(missed * overhead));
                self.framing += wire as u64;
                // Keys were there when the gap came; none is asked for here.
                if let Step::Close(reading) | Step::Last(reading) =
                    self.opened(side, content, &text, None, out)
                {
                    self.close(reading);
                }
                (at + wire, true)
            }
            Sought::More(at) => {
                lost.span += at as u64;
                self.sealed += at as u64;
                direction.lost = Some(lost);
                (at, false)
            }
            Sought::Never => {
                out.gap(side, lost.span);
                self.close(Reading::Decrypted);
                (0, false)
            }
        };
        self.text = text;
        result
    }
}

impl Direction {
    /// The opener of TLS 1.3 that comes next: of the handshake, then of the data.
    fn take(&mut self, suite: Suite, (handshake, data): (Label, Label), secrets: &Secrets) -> Option<Opener> {
        if !self.finished {
            if let Some(secret) = secrets.get(handshake) {
                return openers13(suite, secret);
            }
            // Without the handshake's keys, its records are passed over.
            self.tolerance = TOLERANCE;
        }
        let secret = secrets.get(data)?;
        self.secret = Some(secret.clone());
        openers13(suite, secret)
    }
}

fn is_tls13(version: TlsVersion) -> bool {
    version == TlsVersion::TLS13 || (0x7f00..=0x7fff).contains(&version.0)
}
