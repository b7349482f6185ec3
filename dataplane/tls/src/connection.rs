//! One connection: both directions read together, as the key schedule needs both hellos.

mod agreement;
mod handshake;
mod records;

use crate::cipher::{Opener, Suite};
use crate::direction::Direction;
use crate::keys::KeyStore;
use crate::record::HEADER;
use agreement::Agreement;
pub(crate) use handshake::choice;
use std::mem;
use weir_exchange::{Reading, TlsFacts, TlsVersion};
use weir_wire::Side;

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
    version: u16,
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
    extended_master: bool,
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
    /// How the master secret is agreed upon, where keys of servers are given.
    agreement: Option<Box<Agreement>>,
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
            agreement: None,
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
        self.agreement = None;
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

    fn is_tls13(&self) -> bool {
        self.choice.as_ref().is_some_and(|c| is_tls13(c.version))
    }
}

fn is_tls13(version: TlsVersion) -> bool {
    version == TlsVersion::TLS13 || (0x7f00..=0x7fff).contains(&version.0)
}
