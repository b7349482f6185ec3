//! The handshake of a connection: what its messages tell, and which keys they begin.

use super::agreement::Known;
use super::{Choice, Connection, Offer, State, Step, is_tls13};
use crate::certificate::{Chain, certificate};
use crate::cipher::{Opener, Suite};
use crate::direction::Direction;
use crate::handshake as message;
use crate::hello::{ClientHello, ServerHello, encrypted_extensions};
use crate::keys::{KeyStore, Label, Secrets};
use crate::schedule::{Agreed, openers12, openers13, updated};
use weir_exchange::{Reading, TlsFacts, TlsVersion};
use weir_wire::Side;

/// Records passed over before the first that opens, where the keys of the handshake were not given, or early data were sent.
const TOLERANCE: u32 = 1024;

impl Connection {
    pub(super) fn messages(&mut self, side: Side, keys: Option<&KeyStore>) -> Step {
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
        self.note(side, kind, body, keys);
        match kind {
            message::CLIENT_HELLO => {
                let Some(hello) = ClientHello::read(body) else { return Step::Close(Reading::Unfinished) };
                if self.offer.is_none() {
                    hello.tell(&mut self.facts);
                }
                self.client = side;
                let ClientHello { version, random, session, early_data, .. } = hello;
                self.offer = Some(Offer { version, random, session, early_data });
            }
            message::SERVER_HELLO => {
                let Some(hello) = ServerHello::read(body) else { return Step::Close(Reading::Unfinished) };
                return self.chosen(side, hello, keys);
            }
            message::ENCRYPTED_EXTENSIONS if tls13 => {
                self.facts.alpn = encrypted_extensions(body).unwrap_or_default();
            }
            message::CERTIFICATE => {
                if let Some(chain) = Chain::read(body, tls13) {
                    if side == self.client {
                        self.facts.client_certificate |= chain.count > 0;
                    } else if self.facts.certificate.is_none() {
                        self.certified(&chain);
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

    /// Keeps what the server's certificates say; in TLCP there are two of its own, for signing and for encryption (GB/T 38636-2020, 6.4.5.3).
    fn certified(&mut self, chain: &Chain<'_>) {
        let [own, second] = chain.first.map(|der| der.and_then(certificate).map(Box::new));
        (self.facts.certificate, self.facts.chain) = (own, chain.count);
        let tlcp = self.choice.as_ref().is_some_and(|c| c.version == TlsVersion::TLCP);
        self.facts.encryption_certificate = second.filter(|_| tlcp);
    }

    /// Keeps of a message in clear what the master secret is agreed upon by, where a key of the server may tell it.
    fn note(&mut self, side: Side, kind: u8, body: &[u8], keys: Option<&KeyStore>) {
        if self.sides[side.index()].sealed {
            return;
        }
        let Some(keys) = keys.filter(|k| k.has_servers()) else { return };
        let from_client = side == self.client || kind == message::CLIENT_HELLO;
        self.agreement.get_or_insert_default().note(from_client, kind, body, keys);
    }

    fn chosen(&mut self, side: Side, hello: ServerHello, keys: Option<&KeyStore>) -> Step {
        if hello.retry {
            self.retried = true;
            return Step::Done;
        }
        let again = self.choice.is_some();
        let supported = (TlsVersion::TLS10..=TlsVersion::TLS13).contains(&hello.version)
            || hello.version == TlsVersion::TLCP;
        let suite = Suite::of(hello.suite).filter(|_| supported);
        if !again {
            self.client = side.peer();
            choice(&mut self.facts, &hello);
            let echoed =
                self.offer.as_ref().is_some_and(|o| !o.session.is_empty() && o.session == hello.session);
            self.facts.resumed = if is_tls13(hello.version) { hello.pre_shared_key } else { echoed };
        }
        let ServerHello { version, random, encrypt_then_mac, extended_master, .. } = hello;
        self.choice = Some(Choice { random, version, suite, encrypt_then_mac, extended_master });
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
    pub(super) fn change(&mut self, side: Side, keys: Option<&KeyStore>) -> Step {
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
    pub(super) fn install(&mut self, side: Side, keys: Option<&KeyStore>) -> Step {
        let Some((offer, choice)) = self.offer.as_ref().zip(self.choice.as_ref()) else {
            return Step::Close(Reading::HandshakeNotSeen);
        };
        let Some(suite) = choice.suite else { return Step::Close(Reading::Unsupported) };
        let secrets = keys.and_then(|k| k.secrets(&offer.random));
        let agreed = Agreed {
            version: choice.version,
            suite,
            client: &offer.random,
            server: &choice.random,
            encrypt_then_mac: choice.encrypt_then_mac,
        };
        let mut by_key = Known::Nothing;
        if secrets.is_none()
            && let Some((agreement, keys)) = self.agreement.as_mut().zip(keys).filter(|_| !self.facts.resumed)
        {
            by_key = agreement.master(keys, offer.version, choice.extended_master, &agreed);
        }
        let opener = match secrets {
            Some(secrets) if is_tls13(choice.version) => {
                let labels = if side == self.client {
                    (Label::ClientHandshake, Label::Client)
                } else {
                    (Label::ServerHandshake, Label::Server)
                };
                self.sides[side.index()].take(suite, labels, &secrets)
            }
            Some(secrets) => {
                secrets.get(Label::Master).and_then(|master| opener(master, &agreed, side == self.client))
            }
            None => match &by_key {
                Known::Master(master) => opener(master, &agreed, side == self.client),
                Known::Mismatch => return Step::Close(Reading::WrongKey),
                Known::Waits => return Step::Wait,
                Known::Nothing => None,
            },
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
}

/// Keeps what a server chose.
pub(crate) fn choice(facts: &mut TlsFacts, hello: &ServerHello) {
    facts.version = Some(hello.version);
    facts.suite = Some(hello.suite);
    facts.alpn = hello.alpn.clone();
}

/// The opener of one direction, before TLS 1.3.
fn opener(master: &[u8], agreed: &Agreed<'_>, client: bool) -> Option<Opener> {
    let [of_client, of_server] = openers12(master, agreed)?;
    Some(if client { of_client } else { of_server })
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
