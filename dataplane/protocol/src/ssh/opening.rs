//! Both directions until encryption begins.

use super::packet::{Cut, Part};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use sha2::{Digest, Sha256};
use weir_exchange::{SshFacts, Text};
use weir_wire::Side;

const KEXINIT: u8 = 20;
const NEWKEYS: u8 = 21;
/// The server's part of Diffie-Hellman, over whatever group; where the group is agreed upon first, a later number.
const REPLY: u8 = 31;
const GROUP_REPLY: u8 = 33;
/// Longest text kept.
const MAX_TEXT: usize = 255;

/// What passed so far.
#[derive(Default)]
pub(super) struct Opening {
    cuts: [Cut; 2],
    versions: [Text; 2],
    offers: [Option<Offer>; 2],
    fingerprint: Text,
}

/// The lists of a KEXINIT (RFC 4253, 7.1) that are told of.
struct Offer {
    key_exchange: Vec<u8>,
    host_key: Vec<u8>,
    cipher: Vec<u8>,
    mac: Vec<u8>,
}

impl Opening {
    pub(super) fn read(&mut self, side: Side, bytes: &[u8]) {
        self.cuts[side.index()].add(bytes);
        while let Some(part) = self.cuts[side.index()].next() {
            match part {
                Part::Version(line) => self.versions[side.index()] = text(&line),
                Part::Packet(packet) => self.packet(side, &packet),
            }
        }
    }

    /// Nothing more of a direction can be read.
    pub(super) fn lose(&mut self, side: Side) {
        self.cuts[side.index()].close();
    }

    /// Whether nothing more will be learned.
    pub(super) fn is_over(&self) -> bool {
        self.cuts.iter().all(Cut::is_closed)
    }

    fn packet(&mut self, side: Side, packet: &[u8]) {
        let Some((kind, body)) = packet.split_first() else { return };
        match *kind {
            KEXINIT => self.offers[side.index()] = Offer::read(body),
            // What follows is encrypted.
            NEWKEYS => self.cuts[side.index()].close(),
            REPLY | GROUP_REPLY if side == Side::Server => {
                if let Some(key) = string(body).filter(|k| is_key(k) && self.fingerprint.is_empty()) {
                    let digest = BASE64_STANDARD_NO_PAD.encode(Sha256::digest(key));
                    self.fingerprint = Text::new(format!("SHA256:{digest}"));
                }
            }
            _ => {}
        }
    }

    /// What is known by now.
    pub(super) fn facts(&self) -> SshFacts {
        let [client, server] = &self.versions;
        let mut facts = SshFacts {
            client: client.clone(),
            server: server.clone(),
            fingerprint: self.fingerprint.clone(),
            ..SshFacts::default()
        };
        if let [Some(asked), Some(offered)] = &self.offers {
            facts.key_exchange = chosen(&asked.key_exchange, &offered.key_exchange);
            facts.host_key = chosen(&asked.host_key, &offered.host_key);
            facts.cipher = chosen(&asked.cipher, &offered.cipher);
            facts.mac = chosen(&asked.mac, &offered.mac);
        }
        facts
    }
}

impl Offer {
    fn read(body: &[u8]) -> Option<Offer> {
        // Behind 16 random bytes: key exchange, host key, then of each direction cipher, MAC, compression and language.
        let mut rest = body.get(16..)?;
        let mut list = || {
            let found = string(rest)?;
            rest = &rest[4 + found.len()..];
            Some(found.to_vec())
        };
        let (key_exchange, host_key, cipher) = (list()?, list()?, list()?);
        list()?;
        Some(Offer { key_exchange, host_key, cipher, mac: list()? })
    }
}

/// The first of the client's list that the server has as well (RFC 4253, 7.1); empty where there is none.
fn chosen(asked: &[u8], offered: &[u8]) -> Text {
    let has = |name: &&[u8]| !name.is_empty() && offered.split(|b| *b == b',').any(|o| o == *name);
    asked.split(|b| *b == b',').find(has).map(text).unwrap_or_default()
}

/// Whether a blob is a public key: it begins with the name of its algorithm. A group that is agreed upon begins with a number.
fn is_key(blob: &[u8]) -> bool {
    string(blob).is_some_and(|name| (4..=64).contains(&name.len()) && name.iter().all(u8::is_ascii_graphic))
}

/// What a length of four bytes stands before.
fn string(bytes: &[u8]) -> Option<&[u8]> {
    let len = usize::try_from(u32::from_be_bytes(*bytes.first_chunk()?)).ok()?;
    bytes.get(4..)?.get(..len)
}

/// What others please to say: no control characters reach records.
fn text(bytes: &[u8]) -> Text {
    let bytes = bytes.get(..MAX_TEXT).unwrap_or(bytes);
    Text::new(String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control()).collect::<String>())
}
