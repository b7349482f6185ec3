//! QUIC versions 1 and 2 (RFC 9000, 9001, 9369) as a bystander sees them: its Initial packets are encrypted under keys that anybody can
//! derive from what stands in the first of them, so both hellos are read; what follows is not.

mod frames;
mod keys;
mod packet;

use crate::connection::choice;
use crate::handshake as message;
use crate::hello::{Carrier, ClientHello, ServerHello};
use frames::Crypto;
use keys::{Initial, Side};
use packet::{Kind, Packet};
use weir_exchange::TlsFacts;

/// Initial packets of a connection that are opened at most: a hello of several packets, sent again a few times.
const MAX_OPENED: u8 = 32;

/// A version that is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QuicVersion {
    /// RFC 9000.
    V1,
    /// RFC 9369.
    V2,
}

impl QuicVersion {
    /// Its number on the wire.
    pub const fn number(self) -> u32 {
        match self {
            QuicVersion::V1 => 1,
            QuicVersion::V2 => 0x6b33_43cf,
        }
    }
    const fn of(number: u32) -> Option<QuicVersion> {
        match number {
            1 => Some(QuicVersion::V1),
            0x6b33_43cf => Some(QuicVersion::V2),
            _ => None,
        }
    }
}

/// The version in the long header at the front of a datagram, where it is one of those that are read.
pub fn quic_version(datagram: &[u8]) -> Option<QuicVersion> {
    match *datagram {
        [first, a, b, c, d, ..] if first & 0xc0 == 0xc0 => QuicVersion::of(u32::from_be_bytes([a, b, c, d])),
        _ => None,
    }
}

/// Bytes of a datagram by what became of them.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Split {
    /// Of packets whose handshake was read.
    pub handshake: usize,
    /// Of all others.
    pub rest: usize,
}

/// A connection until both hellos are read.
pub struct QuicOpening {
    version: QuicVersion,
    keys: Option<Initial>,
    /// The identifier that they are of.
    original: Vec<u8>,
    crypto: [Crypto; 2],
    facts: TlsFacts,
    /// The client's hello was read.
    asked: bool,
    /// Packets opened, or tried.
    opened: u8,
    over: bool,
}

/// Shows how far it is, never a key.
impl std::fmt::Debug for QuicOpening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QuicOpening")
            .field("version", &self.version)
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}

impl QuicOpening {
    /// Of a connection of this version.
    pub fn new(version: QuicVersion) -> Self {
        QuicOpening {
            version,
            keys: None,
            original: Vec::new(),
            crypto: Default::default(),
            facts: TlsFacts::default(),
            asked: false,
            opened: 0,
            over: false,
        }
    }

    /// Takes a datagram.
    pub fn read(&mut self, from_client: bool, datagram: &[u8]) -> Split {
        let mut split = Split::default();
        let mut rest = datagram;
        while let Some(packet) = Packet::read(rest) {
            let read = packet.kind == Kind::Initial && self.initial(from_client, &packet);
            *(if read { &mut split.handshake } else { &mut split.rest }) += packet.whole.len();
            rest = &rest[packet.whole.len()..];
        }
        split.rest += rest.len();
        split
    }

    /// Whether nothing more will be learned.
    pub fn is_over(&self) -> bool {
        self.over
    }
    /// Its version.
    pub fn version(&self) -> QuicVersion {
        self.version
    }
    /// Whether the client's hello was read.
    pub fn has_client_hello(&self) -> bool {
        self.asked
    }
    /// Whether the server's was.
    pub fn has_server_hello(&self) -> bool {
        self.facts.suite.is_some()
    }
    /// What the hellos said.
    pub fn facts(&self) -> &TlsFacts {
        &self.facts
    }

    /// Opens an Initial packet and reads what it carries of the handshake.
    fn initial(&mut self, from_client: bool, packet: &Packet<'_>) -> bool {
        if self.over || self.opened >= MAX_OPENED {
            return false;
        }
        self.opened += 1;
        let Some(text) = self.open(from_client, packet) else { return false };
        let side = usize::from(!from_client);
        if let Some(crypto) = self.crypto.get_mut(side) {
            frames::each(&text, |offset, bytes| crypto.add(offset, bytes));
        }
        self.hello(from_client);
        true
    }

    /// In clear. Keys are those of the client's first packet; until its hello is whole, another may have begun anew, as behind a Retry
    /// (RFC 9001, 5.2). The server may answer in the other version, under keys of the same identifier (RFC 9369, 4.1).
    fn open(&mut self, from_client: bool, packet: &Packet<'_>) -> Option<Vec<u8>> {
        let side = if from_client { Side::Client } else { Side::Server };
        if let Some(keys) = &self.keys {
            let other = match packet.version == self.version {
                true => None,
                false => Some(Initial::new(packet.version, &self.original)?),
            };
            if let Some(text) = other.as_ref().unwrap_or(keys).open(side, packet) {
                (self.keys, self.version) = (other.or(self.keys.take()), packet.version);
                return Some(text);
            }
        }
        if !from_client || self.has_client_hello() {
            return None;
        }
        let keys = Initial::new(packet.version, packet.destination)?;
        let text = keys.open(side, packet)?;
        (self.keys, self.version) = (Some(keys), packet.version);
        self.original = packet.destination.to_vec();
        self.crypto = Default::default();
        Some(text)
    }

    /// Reads a hello that is whole by now.
    fn hello(&mut self, from_client: bool) {
        let [client, server] = &mut self.crypto;
        if from_client && !self.asked {
            let hello = client.message(message::CLIENT_HELLO);
            if let Some(hello) = hello.and_then(|body| ClientHello::carried(body, Carrier::Quic)) {
                hello.tell(&mut self.facts);
                self.asked = true;
            }
        }
        while let Some(hello) = server.message(message::SERVER_HELLO).and_then(ServerHello::read) {
            if !hello.retry {
                choice(&mut self.facts, &hello);
                self.facts.resumed = hello.pre_shared_key;
                self.over = true;
                return;
            }
            // It asked for another hello, which says no more than the first; its choice follows.
            server.pass();
        }
    }
}
