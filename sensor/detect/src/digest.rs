//! Numbers for texts that need not be kept.

use std::hash::{DefaultHasher, Hasher};

/// A 64-bit digest of a text, the same in every run. Not secret, and not to be stored: only for texts that are no sensitive values.
pub(crate) fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}
