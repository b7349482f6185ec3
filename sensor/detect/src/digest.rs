//! Numbers for texts that need not be kept.

use weir_exchange::Fingerprinter;

/// A 64-bit digest of a text, the same in every run. Not secret: only for texts that are no sensitive values.
pub(crate) fn digest(text: &str) -> u64 {
    Fingerprinter::new([0; 16]).of("text", text.as_bytes()).0
}
