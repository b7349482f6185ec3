//! Keys of Initial packets (RFC 9001, 5.2; RFC 9369, 3.3), and what they open.

use super::QuicVersion;
use super::packet::Packet;
use crate::cipher::Hash;
use crate::schedule::expand_label;
use aes::Aes128;
use aes::cipher::{BlockEncrypt as _, generic_array::GenericArray};
use aes_gcm::Aes128Gcm;
use aes_gcm::aead::{AeadInPlace as _, KeyInit as _};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

const SALT_V1: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc,
    0xbb, 0x7f, 0x0a,
];
const SALT_V2: [u8; 20] = [
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9,
    0xbd, 0x2e, 0xd9,
];
const TAG: usize = 16;
/// Bytes of a packet from which its header is masked, and where they begin behind the packet number's first byte.
const SAMPLE: usize = 16;
const SAMPLE_AT: usize = 4;

/// Who sent a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    Client,
    Server,
}

/// Keys of both directions.
pub(super) struct Initial {
    sides: [OneWay; 2],
}

struct OneWay {
    cipher: Box<Aes128Gcm>,
    iv: [u8; 12],
    mask: Box<Aes128>,
}

impl Initial {
    /// Of the destination that the client's first packet names.
    pub(super) fn new(version: QuicVersion, destination: &[u8]) -> Option<Initial> {
        let salt = if version == QuicVersion::V1 { &SALT_V1 } else { &SALT_V2 };
        let (prk, _) = Hkdf::<Sha256>::extract(Some(salt), destination);
        let client = OneWay::new(version, &prk, b"client in")?;
        Some(Initial { sides: [client, OneWay::new(version, &prk, b"server in")?] })
    }

    /// The text of a packet, where it opens.
    pub(super) fn open(&self, side: Side, packet: &Packet<'_>) -> Option<Vec<u8>> {
        let keys = match side {
            Side::Client => &self.sides[0],
            Side::Server => &self.sides[1],
        };
        keys.open(packet)
    }
}

impl OneWay {
    fn new(version: QuicVersion, initial: &[u8], label: &[u8]) -> Option<OneWay> {
        let labels: [&[u8]; 3] = match version {
            QuicVersion::V1 => [b"quic key", b"quic iv", b"quic hp"],
            QuicVersion::V2 => [b"quicv2 key", b"quicv2 iv", b"quicv2 hp"],
        };
        let mut secret = Zeroizing::new([0; 32]);
        expand_label(Hash::Sha256, initial, label, &mut secret[..])?;
        let (mut key, mut iv, mut mask) = (Zeroizing::new([0; 16]), [0; 12], Zeroizing::new([0; 16]));
        for (label, out) in labels.into_iter().zip([&mut key[..], &mut iv[..], &mut mask[..]]) {
            expand_label(Hash::Sha256, &secret[..], label, out)?;
        }
        Some(OneWay {
            cipher: Box::new(Aes128Gcm::new_from_slice(&key[..]).ok()?),
            iv,
            mask: Box::new(Aes128::new_from_slice(&mask[..]).ok()?),
        })
    }

    /// Takes off the protection of the header (RFC 9001, 5.4), then opens the payload (5.3).
    fn open(&self, packet: &Packet<'_>) -> Option<Vec<u8>> {
        let sealed = packet.whole.get(packet.number..)?;
        let sample = sealed.get(SAMPLE_AT..SAMPLE_AT + SAMPLE)?;
        let mut mask = GenericArray::clone_from_slice(sample);
        self.mask.encrypt_block(&mut mask);
        let mut header = packet.whole.get(..packet.number)?.to_vec();
        let first = header.first_mut()?;
        *first ^= mask[0] & 0x0f;
        let length = usize::from(*first & 3) + 1;
        let mut number = 0u64;
        for (byte, mask) in sealed.get(..length)?.iter().zip(&mask[1..]) {
            header.push(byte ^ mask);
            number = number << 8 | u64::from(byte ^ mask);
        }
        // Numbers of Initial packets are few: what is sent of them is all of them.
        let mut nonce = self.iv;
        nonce[4..].iter_mut().zip(number.to_be_bytes()).for_each(|(n, b)| *n ^= b);
        let body = sealed.get(length..)?;
        let (text, tag) = body.split_at_checked(body.len().checked_sub(TAG)?)?;
        let mut text = text.to_vec();
        let (nonce, tag) = (GenericArray::from_slice(&nonce), GenericArray::from_slice(tag));
        self.cipher.decrypt_in_place_detached(nonce, &header, &mut text, tag).ok()?;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2).filter_map(|i| u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()).collect()
    }

    /// The mask of RFC 9001, A.2 and RFC 9369, A.2: one check of the header protection key, which all the others hang on.
    #[test]
    fn keys_of_the_standards() {
        let destination = hex("8394c8f03e515708");
        for (version, sample, mask) in [
            (QuicVersion::V1, "d1b1c98dd7689fb8ec11d242b123dc9b", "437b9aec36"),
            (QuicVersion::V2, "ffe67b6abcdb4298b485dd04de806071", "94a0c95e80"),
        ] {
            let keys = Initial::new(version, &destination);
            let made = keys.map(|k| {
                let mut block = GenericArray::clone_from_slice(&hex(sample));
                k.sides[0].mask.encrypt_block(&mut block);
                block[..5].to_vec()
            });
            assert_eq!(made, Some(hex(mask)), "{version:?}");
        }
    }
}
