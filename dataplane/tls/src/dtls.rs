//! DTLS 1.0 and 1.2 (RFC 4347, 6347) as a bystander sees them, and of 1.3 (RFC 9147) what stands in clear: the handshake, its messages
//! put together from fragments; nothing is decrypted.

use crate::certificate::{Chain, certificate};
use crate::connection::choice;
use crate::handshake as message;
use crate::hello::{Carrier, ClientHello, ServerHello};
use crate::reader::Reader;
use weir_exchange::{TlsFacts, TlsVersion};

/// Messages under way of both directions together, and their bytes.
const MAX_MESSAGES: usize = 4;
const MAX_HELD: usize = 24 * 1024;
/// Longest message that is put together: chains of certificates are long.
const MAX_MESSAGE: usize = 16 * 1024;
/// Pieces of a message, apart from each other.
const MAX_PIECES: usize = 32;

const CHANGE: u8 = 20;
const HANDSHAKE: u8 = 22;
/// The message by which a server asks for the hello again (RFC 6347, 4.2.1).
const HELLO_VERIFY: u8 = 3;

/// Whether a datagram begins with a record of DTLS in clear form: type, version, and a length within it.
pub fn is_dtls(datagram: &[u8]) -> bool {
    matches!(datagram, [20..=25, 0xfe, 0xfc..=0xff, ..]) && Record::read(datagram).is_some()
}

/// Whether a datagram begins with a message that only the client sends, its hello, or with one that only the server does; `None` of others.
pub fn dtls_hello(datagram: &[u8]) -> Option<bool> {
    let record = Record::read(datagram).filter(|r| (r.kind, r.epoch) == (HANDSHAKE, 0))?;
    match *record.payload.first()? {
        message::CLIENT_HELLO => Some(true),
        message::SERVER_HELLO | HELLO_VERIFY => Some(false),
        _ => None,
    }
}

/// A connection until its handshake in clear is over.
#[derive(Default)]
pub struct DtlsOpening {
    facts: TlsFacts,
    asked: bool,
    answered: bool,
    done: bool,
    over: bool,
    messages: Vec<Message>,
}

/// Shows how far it is.
impl std::fmt::Debug for DtlsOpening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DtlsOpening").field("over", &self.over).finish_non_exhaustive()
    }
}

/// Bytes of a datagram by what became of them.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct DtlsSplit {
    /// Of records in clear.
    pub clear: usize,
    /// Of encrypted ones.
    pub sealed: usize,
    /// Of what is no record.
    pub rest: usize,
}

struct Record<'a> {
    kind: u8,
    epoch: u16,
    payload: &'a [u8],
    whole: usize,
}

impl<'a> Record<'a> {
    fn read(bytes: &'a [u8]) -> Option<Record<'a>> {
        let mut r = Reader(bytes);
        let kind = r.u8()?;
        let version = r.u16()?;
        let epoch = r.u16()?;
        r.take(6)?;
        let payload = r.vec16()?.0;
        let fits = matches!(kind, 20..=25) && matches!(version, 0xfefc..=0xfeff) && !payload.is_empty();
        fits.then_some(Record { kind, epoch, payload, whole: bytes.len() - r.0.len() })
    }
}

/// A message of the handshake under way.
struct Message {
    from_client: bool,
    sequence: u16,
    kind: u8,
    bytes: Vec<u8>,
    /// Bytes that came, by place.
    have: Vec<(usize, usize)>,
}

/// What the records of a datagram are, without reading any: of a connection whose handshake is over.
pub fn split_dtls(datagram: &[u8]) -> DtlsSplit {
    let (mut split, mut rest) = (DtlsSplit::default(), datagram);
    while let Some(record) = Record::read(rest) {
        *(if record.epoch == 0 { &mut split.clear } else { &mut split.sealed }) += record.whole;
        rest = &rest[record.whole..];
    }
    split.rest = rest.len();
    split
}

impl DtlsOpening {
    /// Takes a datagram.
    pub fn read(&mut self, from_client: bool, datagram: &[u8]) -> DtlsSplit {
        let mut rest = datagram;
        while let Some(record) = Record::read(rest) {
            match (record.epoch, record.kind) {
                (0, HANDSHAKE) => self.fragments(from_client, record.payload),
                (0, CHANGE) if !from_client || self.done => self.change(from_client),
                (0, _) => {}
                // Nothing of the handshake is in clear any more.
                _ => self.over = true,
            }
            rest = &rest[record.whole..];
        }
        split_dtls(datagram)
    }

    /// Whether nothing more will be learned.
    pub fn is_over(&self) -> bool {
        self.over
    }
    /// Whether the client's hello was read.
    pub fn has_client_hello(&self) -> bool {
        self.asked
    }
    /// Whether the server's was.
    pub fn has_server_hello(&self) -> bool {
        self.answered
    }
    /// What the handshake showed.
    pub fn facts(&self) -> &TlsFacts {
        &self.facts
    }

    /// A server that changes to keys before it said that its hello is done goes on with an earlier session.
    fn change(&mut self, from_client: bool) {
        self.facts.resumed |= !from_client && self.answered && !self.done;
        self.over = true;
    }

    fn fragments(&mut self, from_client: bool, payload: &[u8]) {
        let mut r = Reader(payload);
        while !r.0.is_empty() && self.fragment(from_client, &mut r).is_some() {}
    }

    /// The next fragment of a message (RFC 6347, 4.2.2).
    fn fragment(&mut self, from_client: bool, r: &mut Reader<'_>) -> Option<()> {
        let (kind, length, sequence) = (r.u8()?, r.u24()?, r.u16()?);
        let (offset, piece) = (r.u24()?, r.vec24()?.0);
        if piece.len() == length {
            self.message(from_client, kind, piece);
            return Some(());
        }
        let end = offset + piece.len();
        if length > MAX_MESSAGE || end > length {
            return None;
        }
        let mine = |m: &Message| (m.from_client, m.sequence) == (from_client, sequence);
        let at = match self.messages.iter().position(mine) {
            Some(at) => at,
            None => {
                while self.messages.len() >= MAX_MESSAGES || self.held() + length > MAX_HELD {
                    self.messages.remove(0);
                }
                let (bytes, have) = (vec![0; length], Vec::new());
                self.messages.push(Message { from_client, sequence, kind, bytes, have });
                self.messages.len() - 1
            }
        };
        let message = self.messages.get_mut(at)?;
        message.bytes.get_mut(offset..end)?.copy_from_slice(piece);
        if message.have.len() < MAX_PIECES {
            message.have.push((offset, end));
        }
        if message.is_whole() {
            let message = self.messages.swap_remove(at);
            self.message(from_client, message.kind, &message.bytes);
        }
        Some(())
    }

    fn held(&self) -> usize {
        self.messages.iter().map(|m| m.bytes.len()).sum()
    }

    fn message(&mut self, from_client: bool, kind: u8, body: &[u8]) {
        match kind {
            message::CLIENT_HELLO if from_client => {
                // A server may have it said again, with a cookie; the last is the one that it answers.
                if let Some(hello) = ClientHello::carried(body, Carrier::Dtls) {
                    hello.tell(&mut self.facts);
                    self.asked = true;
                }
            }
            message::SERVER_HELLO if !from_client => {
                let Some(hello) = ServerHello::read(body).filter(|h| !h.retry) else { return };
                choice(&mut self.facts, &hello);
                self.answered = true;
                if hello.version == TlsVersion::DTLS13 {
                    self.facts.resumed = hello.pre_shared_key;
                    self.over = true;
                }
            }
            message::CERTIFICATE => {
                let Some(chain) = Chain::read(body, false) else { return };
                if from_client {
                    self.facts.client_certificate |= chain.count > 0;
                } else {
                    let [own, _] = chain.first.map(|der| der.and_then(certificate).map(Box::new));
                    (self.facts.certificate, self.facts.chain) = (own, chain.count);
                }
            }
            message::SERVER_HELLO_DONE if !from_client => self.done = true,
            message::CLIENT_KEY_EXCHANGE if from_client => self.over = true,
            _ => {}
        }
    }
}

impl Message {
    fn is_whole(&mut self) -> bool {
        self.have.sort_unstable();
        let mut reached = 0;
        for (start, end) in &self.have {
            if *start > reached {
                return false;
            }
            reached = reached.max(*end);
        }
        reached == self.bytes.len()
    }
}
