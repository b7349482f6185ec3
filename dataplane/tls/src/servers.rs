//! Private keys of servers, by which a master secret is told that a client encrypted for one of them.

mod decryption;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rsa::PrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use sm2::elliptic_curve::sec1::ToEncodedPoint;
use sm2::pkcs8::DecodePrivateKey as DecodeSm2;
use std::fmt;
use zeroize::Zeroizing;

/// Most keys.
const MAX_KEYS: usize = 1024;
/// Largest RSA key: what one costs grows with the cube of its length, and every connection pays it.
const MAX_BITS: u32 = 8_192;

/// Keys of servers; zeroed when dropped, shown by no `Debug`.
#[derive(Default)]
pub struct ServerKeys(Vec<(Vec<u8>, Key)>);

enum Key {
    Rsa(Box<PrivateKey>),
    Sm2(sm2::SecretKey),
}

/// Why a file gives no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyError {
    /// It holds no private key in PEM.
    NoKey,
    /// A key is protected by a password.
    Encrypted,
    /// A key is neither of RSA nor of SM2.
    Unsupported,
    /// A key is damaged: what stands between the lines of PEM is no base64, or no key.
    Broken,
    /// An RSA key is longer than 8,192 bits, or there are more than 1,024 keys.
    TooMuch,
}

impl ServerKeys {
    /// Adds the private keys of a PEM file: PKCS #8 (`PRIVATE KEY`), PKCS #1 (`RSA PRIVATE KEY`) or, of SM2, SEC 1 (`EC PRIVATE KEY`).
    /// Other things in it (certificates) are passed over. How many it held.
    ///
    /// # Errors
    /// Where it holds none, or one that cannot be used.
    pub fn add_pem(&mut self, pem: &[u8]) -> Result<usize, KeyError> {
        let before = self.0.len();
        let text = std::str::from_utf8(pem).map_err(|_| KeyError::NoKey)?;
        let mut rest = text;
        while let Some((_, block)) = rest.split_once("-----BEGIN ") {
            let (kind, block) = block.split_once("-----").ok_or(KeyError::Broken)?;
            let (body, behind) = block.split_once("-----END ").ok_or(KeyError::Broken)?;
            rest = behind;
            if !kind.ends_with("PRIVATE KEY") {
                continue;
            }
            if kind.starts_with("ENCRYPTED") || body.contains("ENCRYPTED") {
                return Err(KeyError::Encrypted);
            }
            if self.0.len() >= MAX_KEYS {
                return Err(KeyError::TooMuch);
            }
            let body = Zeroizing::new(body.split_ascii_whitespace().collect::<String>());
            let der = Zeroizing::new(BASE64_STANDARD.decode(&*body).map_err(|_| KeyError::Broken)?);
            let key = Key::read(kind, &der)?;
            self.0.push((key.public(), key));
        }
        match self.0.len() - before {
            0 => Err(KeyError::NoKey),
            n => Ok(n),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The position of the key that belongs to a public one.
    pub(crate) fn of(&self, public: &[u8]) -> Option<usize> {
        self.0.iter().position(|(of, _)| of == public)
    }

    /// What was encrypted for the key at `position`.
    pub(crate) fn decrypt(&self, position: usize, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let clear = match &self.0.get(position)?.1 {
            Key::Rsa(key) => key.pkcs1v15_decrypt(sealed).ok()?,
            Key::Sm2(key) => return decryption::decrypt(key, sealed),
        };
        Some(Zeroizing::new(clear))
    }
}

impl Key {
    fn read(kind: &str, der: &[u8]) -> Result<Key, KeyError> {
        let rsa = match kind {
            "RSA PRIVATE KEY" => Some(PrivateKey::from_pkcs1_der(der).map_err(|_| KeyError::Broken)?),
            "PRIVATE KEY" => PrivateKey::from_pkcs8_der(der).ok(),
            _ => None,
        };
        if let Some(key) = rsa {
            let bits = u32::try_from(key.size()).unwrap_or(u32::MAX).saturating_mul(8);
            return if bits > MAX_BITS { Err(KeyError::TooMuch) } else { Ok(Key::Rsa(Box::new(key))) };
        }
        let sm2 = match kind {
            "PRIVATE KEY" => <sm2::SecretKey as DecodeSm2>::from_pkcs8_der(der).ok(),
            "EC PRIVATE KEY" => sm2::SecretKey::from_sec1_der(der).ok(),
            _ => None,
        };
        sm2.map(Key::Sm2).ok_or(KeyError::Unsupported)
    }

    /// What certificates show of it.
    fn public(&self) -> Vec<u8> {
        match self {
            Key::Rsa(key) => {
                let n = key.n().to_be_bytes();
                let zeros = n.iter().take_while(|b| **b == 0).count();
                n[zeros..].to_vec()
            }
            Key::Sm2(key) => key.public_key().to_encoded_point(false).as_bytes().to_vec(),
        }
    }
}

/// Shows how many, not what.
impl fmt::Debug for ServerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerKeys").field("keys", &self.0.len()).finish()
    }
}
