//! Keyed fingerprints.

use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// A keyed 64-bit digest of a value: equal values under one key have equal fingerprints, and without the key nobody can
/// find the value by trying candidates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
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
        let mut h = SipHasher13::new_with_key(&self.key);
        h.write(domain.as_bytes());
        h.write_u8(0xff);
        h.write(value);
        Fingerprint(h.finish())
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
    }
}
