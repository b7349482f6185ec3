//! Opening records: authenticated decryption by suite.

use crate::record::ContentType;
use aes::{Aes128, Aes256};
use aes_gcm::aead::generic_array::GenericArray;
use aes_gcm::aead::generic_array::typenum::{U8, U12, U16};
use aes_gcm::aead::{AeadInPlace, KeyInit};
use aes_gcm::{Aes128Gcm, Aes256Gcm, AesGcm};
use ccm::Ccm;
use chacha20poly1305::ChaCha20Poly1305;
use hmac::Mac as _;
use sm4::Sm4;
use std::fmt;
use weir_exchange::suite_name;
use zeroize::Zeroizing;

use crate::cipher::cbc::Cbc;
pub(crate) mod cbc;

/// Bytes of every nonce.
const NONCE: usize = 12;

/// Hash of a suite's key schedule, and of its HMAC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sm3,
}

impl Hash {
    pub(crate) const fn len(self) -> usize {
        match self {
            Hash::Sha1 => 20,
            Hash::Sha256 | Hash::Sm3 => 32,
            Hash::Sha384 => 48,
        }
    }
}

/// How a suite encrypts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Method {
    /// Counter with GMAC.
    Gcm,
    /// Counter with CBC-MAC, its tag 16 bytes.
    Ccm,
    /// The same with 8.
    Ccm8,
    /// ChaCha20 with Poly1305.
    ChaCha,
    /// Cipher block chaining with HMAC.
    Cbc(Hash),
}

/// The block cipher of a suite.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Block {
    Aes,
    Sm4,
}

/// A suite that is decrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Suite {
    pub(crate) method: Method,
    /// Says nothing with ChaCha20.
    pub(crate) block: Block,
    /// Bytes of the key.
    pub(crate) key: usize,
    /// The client encrypts the premaster secret for the key of the server (RSA; of TLCP also SM2).
    pub(crate) by_server_key: bool,
    /// Hash of the key schedule (of TLS 1.2, TLCP and 1.3).
    pub(crate) hash: Hash,
}

impl Suite {
    /// By number; `None` where it is not decrypted.
    pub fn of(number: u16) -> Option<Suite> {
        let name = suite_name(number)?;
        let cipher = name.split_once("_WITH_").map_or_else(|| name.strip_prefix("TLS_"), |(_, c)| Some(c));
        // TLCP's have neither.
        let cipher = cipher.or_else(|| name.split_once('_').map(|(_, c)| c))?;
        let sm4 = cipher.strip_prefix("SM4_").map(|rest| (Block::Sm4, 16, rest));
        let aes128 = || cipher.strip_prefix("AES_128_").map(|rest| (Block::Aes, 16, rest));
        let aes256 = || cipher.strip_prefix("AES_256_").map(|rest| (Block::Aes, 32, rest));
        let chacha = || cipher.strip_prefix("CHACHA20_").map(|rest| (Block::Aes, 32, rest));
        let (block, key, rest) = sm4.or_else(aes128).or_else(aes256).or_else(chacha)?;
        let (method, hash) = match rest {
            "GCM_SHA256" => (Method::Gcm, Hash::Sha256),
            "GCM_SHA384" => (Method::Gcm, Hash::Sha384),
            "CCM" | "CCM_SHA256" => (Method::Ccm, Hash::Sha256),
            "CCM_8" | "CCM_8_SHA256" => (Method::Ccm8, Hash::Sha256),
            "CBC_SHA" => (Method::Cbc(Hash::Sha1), Hash::Sha256),
            "CBC_SHA256" => (Method::Cbc(Hash::Sha256), Hash::Sha256),
            "CBC_SHA384" => (Method::Cbc(Hash::Sha384), Hash::Sha384),
            "POLY1305_SHA256" => (Method::ChaCha, Hash::Sha256),
            "GCM_SM3" => (Method::Gcm, Hash::Sm3),
            "CCM_SM3" => (Method::Ccm, Hash::Sm3),
            "CBC_SM3" => (Method::Cbc(Hash::Sm3), Hash::Sm3),
            _ => return None,
        };
        let by_server_key = ["TLS_RSA_WITH_", "ECC_SM4_", "RSA_SM4_"].iter().any(|p| name.starts_with(p));
        Some(Suite { method, block, key, by_server_key, hash })
    }
}

/// How the records of a direction are framed and authenticated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Era {
    /// TLS 1.0: the initialisation vector is the last block of the record before.
    Tls10,
    /// TLS 1.1 and 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// The keys of one direction as derived.
pub(crate) struct Keys<'a> {
    pub(crate) key: &'a [u8],
    /// Nonce: all 12 bytes in TLS 1.3 and with ChaCha20, else the first four; a block for CBC in TLS 1.0.
    pub(crate) iv: &'a [u8],
    /// Of CBC.
    pub(crate) mac: &'a [u8],
    pub(crate) encrypt_then_mac: bool,
}

type Sm4Gcm = AesGcm<Sm4, U12>;
type Ccm16<A> = Ccm<A, U16, U12>;
type Ccm8<A> = Ccm<A, U8, U12>;

/// Boxed: key schedules are large, and few connections have any.
enum Cipher {
    Gcm128(Box<Aes128Gcm>),
    Gcm256(Box<Aes256Gcm>),
    GcmSm4(Box<Sm4Gcm>),
    CcmSm4(Box<Ccm16<Sm4>>),
    Ccm128(Box<Ccm16<Aes128>>),
    Ccm256(Box<Ccm16<Aes256>>),
    Ccm8of128(Box<Ccm8<Aes128>>),
    Ccm8of256(Box<Ccm8<Aes256>>),
    ChaCha(Box<ChaCha20Poly1305>),
    Cbc(Box<Cbc>),
}

/// Opens the records of one direction, in order.
pub struct Opener {
    cipher: Cipher,
    iv: Zeroizing<[u8; NONCE]>,
    era: Era,
    /// Number of the next record.
    pub(crate) sequence: u64,
}

/// Shows how far it is, never a key.
impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener").field("sequence", &self.sequence).finish_non_exhaustive()
    }
}

impl Opener {
    pub(crate) fn new(suite: Suite, era: Era, keys: &Keys<'_>) -> Option<Opener> {
        fn of<C: KeyInit>(key: &[u8]) -> Option<Box<C>> {
            C::new_from_slice(key).ok().map(Box::new)
        }
        let long = suite.key == 32;
        let cipher = match (suite.method, long) {
            (Method::Gcm, _) if suite.block == Block::Sm4 => Cipher::GcmSm4(of(keys.key)?),
            (Method::Ccm, _) if suite.block == Block::Sm4 => Cipher::CcmSm4(of(keys.key)?),
            (Method::Gcm, false) => Cipher::Gcm128(of(keys.key)?),
            (Method::Gcm, true) => Cipher::Gcm256(of(keys.key)?),
            (Method::Ccm, false) => Cipher::Ccm128(of(keys.key)?),
            (Method::Ccm, true) => Cipher::Ccm256(of(keys.key)?),
            (Method::Ccm8, false) => Cipher::Ccm8of128(of(keys.key)?),
            (Method::Ccm8, true) => Cipher::Ccm8of256(of(keys.key)?),
            (Method::ChaCha, _) => Cipher::ChaCha(of(keys.key)?),
            (Method::Cbc(hash), _) => Cipher::Cbc(Box::new(Cbc::new(suite.block, hash, era, keys)?)),
        };
        let mut iv = Zeroizing::new([0; NONCE]);
        if !matches!(cipher, Cipher::Cbc(_)) {
            iv.get_mut(..keys.iv.len())?.copy_from_slice(keys.iv);
        }
        Some(Opener { cipher, iv, era, sequence: 0 })
    }

    /// Whether a record can be opened without the one before it.
    pub(crate) fn stands_alone(&self) -> bool {
        !(matches!(self.cipher, Cipher::Cbc(_)) && self.era == Era::Tls10)
    }

    /// Opens the next record: puts its payload in clear into `out`, which it empties first, and says what it is. Nothing is
    /// changed where it does not open.
    pub fn open(&mut self, header: &[u8], payload: &[u8], out: &mut Vec<u8>) -> Option<ContentType> {
        let content = self.open_at(self.sequence, header, payload, out)?;
        self.sequence += 1;
        Some(content)
    }

    /// The same, as the record of a number.
    pub(crate) fn open_at(
        &mut self,
        sequence: u64,
        header: &[u8],
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Option<ContentType> {
        let (kind, version) = (*header.first()?, header.get(1..3)?);
        out.clear();
        if let Cipher::Cbc(cbc) = &mut self.cipher {
            cbc.open(sequence, kind, [version[0], version[1]], payload, out)?;
            return ContentType::of(kind);
        }
        let tag_len = if matches!(self.cipher, Cipher::Ccm8of128(_) | Cipher::Ccm8of256(_)) { 8 } else { 16 };
        let explicit = self.era == Era::Tls12 && !matches!(self.cipher, Cipher::ChaCha(_));
        let mut nonce = self.iv.clone();
        let body = if explicit {
            let (given, body) = payload.split_at_checked(8)?;
            nonce[4..].copy_from_slice(given);
            body
        } else {
            nonce[4..].iter_mut().zip(sequence.to_be_bytes()).for_each(|(n, s)| *n ^= s);
            payload
        };
        let (body, tag) = body.split_at_checked(body.len().checked_sub(tag_len)?)?;
        out.extend_from_slice(body);
        let mut bound = [0; 13];
        let bound = if self.era == Era::Tls13 {
            bound.get_mut(..5)?.copy_from_slice(header.get(..5)?);
            &bound[..5]
        } else {
            bound[..8].copy_from_slice(&sequence.to_be_bytes());
            bound[8..11].copy_from_slice(&[kind, version[0], version[1]]);
            bound[11..].copy_from_slice(&u16::try_from(body.len()).ok()?.to_be_bytes());
            &bound[..]
        };
        if !self.decrypt(&nonce, bound, out, tag) {
            out.clear();
            return None;
        }
        if self.era != Era::Tls13 {
            return ContentType::of(kind);
        }
        // Padding of zeros, then the type (RFC 8446, 5.2).
        let end = out.iter().rposition(|b| *b != 0)?;
        let content = ContentType::of(*out.get(end)?);
        out.truncate(end);
        content
    }

    fn decrypt(&self, nonce: &[u8; NONCE], bound: &[u8], text: &mut [u8], tag: &[u8]) -> bool {
        fn run<C: AeadInPlace<NonceSize = U12>>(
            c: &C,
            nonce: &[u8],
            bound: &[u8],
            text: &mut [u8],
            tag: &[u8],
        ) -> bool {
            let (nonce, tag) = (GenericArray::from_slice(nonce), GenericArray::from_slice(tag));
            c.decrypt_in_place_detached(nonce, bound, text, tag).is_ok()
        }
        match &self.cipher {
            Cipher::Gcm128(c) => run(&**c, nonce, bound, text, tag),
            Cipher::Gcm256(c) => run(&**c, nonce, bound, text, tag),
            Cipher::GcmSm4(c) => run(&**c, nonce, bound, text, tag),
            Cipher::CcmSm4(c) => run(&**c, nonce, bound, text, tag),
            Cipher::Ccm128(c) => run(&**c, nonce, bound, text, tag),
            Cipher::Ccm256(c) => run(&**c, nonce, bound, text, tag),
            Cipher::Ccm8of128(c) => run(&**c, nonce, bound, text, tag),
            Cipher::Ccm8of256(c) => run(&**c, nonce, bound, text, tag),
            Cipher::ChaCha(c) => run(&**c, nonce, bound, text, tag),
            Cipher::Cbc(_) => false,
        }
    }
}

/// HMAC of a suite.
#[derive(Clone)]
pub(crate) enum Mac {
    Sha1(hmac::Hmac<sha1::Sha1>),
    Sha256(hmac::Hmac<sha2::Sha256>),
    Sha384(hmac::Hmac<sha2::Sha384>),
    Sm3(hmac::Hmac<sm3::Sm3>),
}

impl Mac {
    pub(crate) fn new(hash: Hash, key: &[u8]) -> Option<Mac> {
        Some(match hash {
            Hash::Sha1 => Mac::Sha1(hmac::Mac::new_from_slice(key).ok()?),
            Hash::Sha256 => Mac::Sha256(hmac::Mac::new_from_slice(key).ok()?),
            Hash::Sha384 => Mac::Sha384(hmac::Mac::new_from_slice(key).ok()?),
            Hash::Sm3 => Mac::Sm3(hmac::Mac::new_from_slice(key).ok()?),
        })
    }
    /// Whether `tag` is that of the parts.
    pub(crate) fn fits(&self, parts: [&[u8]; 3], tag: &[u8]) -> bool {
        macro_rules! check {
            ($mac:expr) => {{
                let mut mac = $mac.clone();
                parts.iter().for_each(|p| mac.update(p));
                mac.verify_slice(tag).is_ok()
            }};
        }
        match self {
            Mac::Sha1(m) => check!(m),
            Mac::Sha256(m) => check!(m),
            Mac::Sha384(m) => check!(m),
            Mac::Sm3(m) => check!(m),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_by_name() {
        let of = |n| Suite::of(n).map(|s| (s.method, s.key, s.hash));
        assert_eq!(of(0x1301), Some((Method::Gcm, 16, Hash::Sha256)));
        assert_eq!(of(0xc030), Some((Method::Gcm, 32, Hash::Sha384)));
        assert_eq!(of(0xc014), Some((Method::Cbc(Hash::Sha1), 32, Hash::Sha256)));
        assert_eq!(of(0xc028), Some((Method::Cbc(Hash::Sha384), 32, Hash::Sha384)));
        assert_eq!(of(0xc0ae), Some((Method::Ccm8, 16, Hash::Sha256)));
        assert_eq!(of(0xcca8), Some((Method::ChaCha, 32, Hash::Sha256)));
        assert_eq!(of(0xe013), Some((Method::Cbc(Hash::Sm3), 16, Hash::Sm3)));
        assert_eq!(of(0xe051), Some((Method::Gcm, 16, Hash::Sm3)));
        assert_eq!(Suite::of(0x00c6).map(|s| s.block), Some(Block::Sm4));
        assert_eq!((of(0x0005), of(0x000a), of(0x0041), of(0xffff)), (None, None, None, None));
    }
}
