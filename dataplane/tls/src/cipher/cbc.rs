//! Cipher block chaining with HMAC (RFC 5246, 6.2.3.2), the MAC before or after encryption (RFC 7366).

use super::{Block as Kind, Era, Hash, Keys, Mac};
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockDecryptMut, InnerIvInit, KeyInit};
use aes::{Aes128, Aes256};
use sm4::Sm4;

const BLOCK: usize = 16;

/// Boxed: key schedules are large.
enum Block {
    Aes128(Box<Aes128>),
    Aes256(Box<Aes256>),
    Sm4(Box<Sm4>),
}

/// Opens the records of one direction.
pub(crate) struct Cbc {
    block: Block,
    mac: Mac,
    mac_len: usize,
    encrypt_then_mac: bool,
    /// In TLS 1.0: the last block of the record before.
    chained: Option<[u8; BLOCK]>,
}

impl Cbc {
    pub(crate) fn new(kind: Kind, hash: Hash, era: Era, keys: &Keys<'_>) -> Option<Cbc> {
        let block = match keys.key.len() {
            _ if kind == Kind::Sm4 => Block::Sm4(Box::new(Sm4::new_from_slice(keys.key).ok()?)),
            16 => Block::Aes128(Box::new(Aes128::new_from_slice(keys.key).ok()?)),
            _ => Block::Aes256(Box::new(Aes256::new_from_slice(keys.key).ok()?)),
        };
        let chained = if era == Era::Tls10 { Some(keys.iv.try_into().ok()?) } else { None };
        let mac = Mac::new(hash, keys.mac)?;
        Some(Cbc { block, mac, mac_len: hash.len(), encrypt_then_mac: keys.encrypt_then_mac, chained })
    }

    /// Puts the text in clear into `out`, which is empty; `None`, and `out` empty, where the record is not genuine.
    pub(crate) fn open(
        &mut self,
        sequence: u64,
        kind: u8,
        version: [u8; 2],
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let opened = self.try_open(sequence, kind, version, payload, out);
        if opened.is_none() {
            out.clear();
        }
        opened
    }

    fn try_open(
        &mut self,
        sequence: u64,
        kind: u8,
        version: [u8; 2],
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let mut head = [0; 13];
        head[..8].copy_from_slice(&sequence.to_be_bytes());
        head[8..11].copy_from_slice(&[kind, version[0], version[1]]);
        let mut length = |n: usize| -> Option<[u8; 13]> {
            head[11..].copy_from_slice(&u16::try_from(n).ok()?.to_be_bytes());
            Some(head)
        };
        let sealed = if self.encrypt_then_mac {
            let (sealed, tag) = payload.split_at_checked(payload.len().checked_sub(self.mac_len)?)?;
            if !self.mac.fits([&length(sealed.len())?, sealed, &[]], tag) {
                return None;
            }
            sealed
        } else {
            payload
        };
        let (iv, text) = match self.chained {
            Some(iv) => (iv, sealed),
            None => sealed.split_first_chunk::<BLOCK>().map(|(iv, text)| (*iv, text))?,
        };
        let last = *text.last_chunk::<BLOCK>()?;
        out.extend_from_slice(text);
        self.decrypt(&iv, out)?;
        let padding = usize::from(*out.last()?) + 1;
        let end = out.len().checked_sub(padding)?;
        if out.get(end..)?.iter().any(|b| usize::from(*b) + 1 != padding) {
            return None;
        }
        out.truncate(end);
        if !self.encrypt_then_mac {
            let (text, tag) = out.split_at_checked(end.checked_sub(self.mac_len)?)?;
            if !self.mac.fits([&length(text.len())?, text, &[]], tag) {
                return None;
            }
            out.truncate(end - self.mac_len);
        }
        if self.chained.is_some() {
            self.chained = Some(last);
        }
        Some(())
    }

    fn decrypt(&self, iv: &[u8; BLOCK], text: &mut [u8]) -> Option<()> {
        match &self.block {
            Block::Aes128(key) => {
                let cbc = cbc::Decryptor::inner_iv_slice_init(&**key, iv).ok()?;
                cbc.decrypt_padded_mut::<NoPadding>(text).ok().map(|_| ())
            }
            Block::Sm4(key) => {
                let cbc = cbc::Decryptor::inner_iv_slice_init(&**key, iv).ok()?;
                cbc.decrypt_padded_mut::<NoPadding>(text).ok().map(|_| ())
            }
            Block::Aes256(key) => {
                let cbc = cbc::Decryptor::inner_iv_slice_init(&**key, iv).ok()?;
                cbc.decrypt_padded_mut::<NoPadding>(text).ok().map(|_| ())
            }
        }
    }
}
