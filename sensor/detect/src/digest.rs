//! Numbers for texts that need not be kept.

use siphasher::sip::SipHasher13;

/// A 64-bit digest of a text (SipHash-1-3 under a key of zeros), the same in every run and version: what is remembered over a restart is
/// told by it. Not secret: only for texts that are no sensitive values.
pub(crate) fn digest(text: &str) -> u64 {
    SipHasher13::new().hash(text.as_bytes())
}
