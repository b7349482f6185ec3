//! Keyed fingerprints.

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use siphasher::sip128::SipHasher13 as SipHasher13Wide;
use std::hash::Hasher;

/// Domain and value together up to this many bytes are hashed in one piece, which is faster.
const SHORT: usize = 128;

/// A keyed 64-bit digest of a value: equal values under one key have equal fingerprints, and without the key nobody can
/// find the value by trying candidates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Fingerprint(pub u64);

/// Makes fingerprints under one key (SipHash-1-3).
#[derive(Clone)]
pub struct Fingerprinter {
    key: [u8; 16],
}

impl Fingerprinter {
    /// Under `key`, which should be random and is kept in the data directory.
    pub const fn new(key: [u8; 16]) -> Self {
        Fingerprinter { key }
    }
    /// The fingerprint of `value` in `domain` (a data type's id, `password`, ...): equal bytes in other domains differ.
    pub fn of(&self, domain: &str, value: &[u8]) -> Fingerprint {
        let mut hasher = SipHasher13::new_with_key(&self.key);
        let (name, length) = (domain.len(), domain.len() + 1 + value.len());
        let mut joined = [0; SHORT];
        if let Some(joined) = joined.get_mut(..length) {
            joined[..name].copy_from_slice(domain.as_bytes());
            joined[name] = 0xff;
            joined[name + 1..].copy_from_slice(value);
            return Fingerprint(hasher.hash(joined));
        }
        hasher.write(domain.as_bytes());
        hasher.write_u8(0xff);
        hasher.write(value);
        Fingerprint(hasher.finish())
    }
    /// A keyed digest of 128 bits, for tables in memory: equal digests mean equal bytes, and nobody without the key can make two texts
    /// that have one.
    pub fn digest(&self, bytes: &[u8]) -> u128 {
        SipHasher13Wide::new_with_key(&self.key).hash(bytes).as_u128()
    }
}

/// Never shows the key.
impl std::fmt::Debug for Fingerprinter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fingerprinter")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depends_on_key_domain_and_value() {
        let (a, b) = (Fingerprinter::new([1; 16]), Fingerprinter::new([2; 16]));
        assert_eq!(a.of("x", b"1"), a.of("x", b"1"));
        assert_ne!(a.of("x", b"1"), b.of("x", b"1"));
        assert_ne!(a.of("x", b"1"), a.of("y", b"1"));
        assert_ne!(a.of("x", b"1"), a.of("x", b"2"));
        assert!(a.digest(b"1") == a.digest(b"1") && a.digest(b"1") != a.digest(b"2"));
        assert_ne!(a.digest(b"1"), b.digest(b"1"));
    }

    #[test]
    fn the_short_way_is_the_long_way() {
        let fp = Fingerprinter::new([9; 16]);
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..200 {
            let mut hasher = SipHasher13::new_with_key(&fp.key);
            hasher.write(b"param");
            hasher.write_u8(0xff);
            hasher.write(&bytes[..length]);
            assert_eq!(fp.of("param", &bytes[..length]), Fingerprint(hasher.finish()), "{length}");
        }
    }
}
