//! Key schedules: the pseudorandom function of TLS 1.0 to 1.2 (RFC 2246, 5; RFC 5246, 5 and 6.3) and TLCP (GB/T 38636-2020, 5.2), HKDF of
//! TLS 1.3 (RFC 8446, 7.1).

use crate::cipher::{Era, Hash, Keys, Method, Opener, Suite};
use crate::keys::Secret;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384};
use sm3::Sm3;
use weir_exchange::TlsVersion;
use zeroize::Zeroizing;

/// What opens the two directions: the client's, the server's.
pub type Pair = [Opener; 2];

/// What a handshake of TLS 1.0 to 1.2 agreed on, beside the master secret.
pub struct Agreed<'a> {
    /// The version.
    pub version: TlsVersion,
    /// The suite.
    pub suite: Suite,
    /// The client's random.
    pub client: &'a [u8; 32],
    /// The server's random.
    pub server: &'a [u8; 32],
    /// The MAC stands outside (RFC 7366).
    pub encrypt_then_mac: bool,
}

/// Openers for TLS 1.0 to 1.2 of the master secret.
pub fn openers12(master: &[u8], agreed: &Agreed<'_>) -> Option<Pair> {
    let Agreed { version, suite, .. } = *agreed;
    let era = if version == TlsVersion::TLS10 { Era::Tls10 } else { Era::Tls12 };
    let (mac, iv) = match suite.method {
        Method::Cbc(hash) => (hash.len(), if era == Era::Tls10 { 16 } else { 0 }),
        Method::ChaCha => (0, 12),
        _ => (0, 4),
    };
    let mut block = Zeroizing::new(vec![0; 2 * (mac + suite.key + iv)]);
    let seed = [&agreed.server[..], &agreed.client[..]].concat();
    prf(version, suite.hash, master, b"key expansion", &seed, &mut block)?;
    let (macs, rest) = block.split_at(2 * mac);
    let (keys, ivs) = rest.split_at(2 * suite.key);
    let side = |n: usize| {
        let part = |all: &'_ [u8], len: usize| -> std::ops::Range<usize> {
            (n * len).min(all.len())..((n + 1) * len).min(all.len())
        };
        let keys = Keys {
            key: &keys[part(keys, suite.key)],
            iv: &ivs[part(ivs, iv)],
            mac: &macs[part(macs, mac)],
            encrypt_then_mac: agreed.encrypt_then_mac,
        };
        Opener::new(suite, era, &keys)
    };
    Some([side(0)?, side(1)?])
}

/// The opener for a traffic secret of TLS 1.3.
pub fn openers13(suite: Suite, secret: &[u8]) -> Option<Opener> {
    let mut key = Zeroizing::new(vec![0; suite.key]);
    let mut iv = Zeroizing::new([0; 12]);
    expand_label(suite.hash, secret, b"key", &mut key)?;
    expand_label(suite.hash, secret, b"iv", &mut iv[..])?;
    Opener::new(suite, Era::Tls13, &Keys { key: &key, iv: &iv[..], mac: &[], encrypt_then_mac: false })
}

/// The traffic secret after a KeyUpdate (RFC 8446, 7.2).
pub(crate) fn updated(suite: Suite, secret: &[u8]) -> Option<Secret> {
    let mut next = Zeroizing::new(vec![0; suite.hash.len()]);
    expand_label(suite.hash, secret, b"traffic upd", &mut next)?;
    Some(next)
}

/// HKDF-Expand-Label with an empty context (RFC 8446, 7.1).
pub(crate) fn expand_label(hash: Hash, secret: &[u8], label: &[u8], out: &mut [u8]) -> Option<()> {
    let length = u16::try_from(out.len()).ok()?.to_be_bytes();
    let prefix = b"tls13 ";
    let label_len = [u8::try_from(prefix.len() + label.len()).ok()?];
    let info: [&[u8]; 5] = [&length, &label_len, prefix, label, &[0]];
    match hash {
        Hash::Sm3 => Hkdf::<Sm3>::from_prk(secret).ok()?.expand_multi_info(&info, out).ok(),
        Hash::Sha384 => Hkdf::<Sha384>::from_prk(secret).ok()?.expand_multi_info(&info, out).ok(),
        _ => Hkdf::<Sha256>::from_prk(secret).ok()?.expand_multi_info(&info, out).ok(),
    }
}

/// The master secret of a premaster secret (RFC 5246, 8.1; RFC 7627, 4): over both randoms, or over the handshake up to the message that
/// carried the premaster secret.
pub(crate) fn master(premaster: &[u8], agreed: &Agreed<'_>, handshake: Option<&[u8]>) -> Option<Secret> {
    let Agreed { version, suite, client, server, .. } = *agreed;
    let mut master = Zeroizing::new(vec![0; 48]);
    let (label, seed): (&[u8], Vec<u8>) = match handshake {
        None => (b"master secret", [&client[..], &server[..]].concat()),
        Some(messages) => (b"extended master secret", digest(version, suite.hash, messages)),
    };
    prf(version, suite.hash, premaster, label, &seed, &mut master)?;
    Some(master)
}

/// The hash of a handshake: that of the pseudorandom function; before TLS 1.2 both of them.
fn digest(version: TlsVersion, hash: Hash, messages: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Sm3 => Sm3::digest(messages).to_vec(),
        _ if version < TlsVersion::TLS12 => {
            [&Md5::digest(messages)[..], &Sha1::digest(messages)[..]].concat()
        }
        Hash::Sha384 => Sha384::digest(messages).to_vec(),
        Hash::Sha1 | Hash::Sha256 => Sha256::digest(messages).to_vec(),
    }
}

/// The pseudorandom function of a version, `out.len()` bytes of it.
pub(crate) fn prf(
    version: TlsVersion,
    hash: Hash,
    secret: &[u8],
    label: &[u8],
    seed: &[u8],
    out: &mut [u8],
) -> Option<()> {
    let seed = [label, seed].concat();
    if version >= TlsVersion::TLS12 || version == TlsVersion::TLCP {
        return match hash {
            Hash::Sm3 => expand::<Hmac<Sm3>>(secret, &seed, out),
            Hash::Sha384 => expand::<Hmac<Sha384>>(secret, &seed, out),
            _ => expand::<Hmac<Sha256>>(secret, &seed, out),
        };
    }
    // The halves of the secret share the middle byte of an odd length (RFC 2246, 5).
    let half = secret.len().div_ceil(2);
    expand::<Hmac<Md5>>(secret.get(..half)?, &seed, out)?;
    expand::<Hmac<Sha1>>(secret.get(secret.len() - half..)?, &seed, out)
}

/// P_hash, added to `out` by exclusive or.
fn expand<M: Mac + hmac::digest::KeyInit + Clone>(secret: &[u8], seed: &[u8], out: &mut [u8]) -> Option<()> {
    let keyed = <M as Mac>::new_from_slice(secret).ok()?;
    let of = |parts: [&[u8]; 2]| {
        let mut mac = keyed.clone();
        parts.iter().for_each(|p| mac.update(p));
        mac.finalize().into_bytes()
    };
    let mut a = of([seed, &[]]);
    let size = a.len();
    for chunk in out.chunks_mut(size) {
        let bytes = of([&a, seed]);
        chunk.iter_mut().zip(&bytes).for_each(|(o, b)| *o ^= b);
        a = of([&a, &[]]);
    }
    Some(())
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
