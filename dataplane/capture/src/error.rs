//! What makes a source unusable.

use std::{io, sync::Arc};
use thiserror::Error;

/// A source cannot be read at all. Each message says where, what, and how to fix it.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The operating system refused the file.
    #[error("{file}: cannot be opened: {cause}; check the path and that it may be read")]
    Open {
        /// The file as it was named.
        file: Arc<str>,
        /// The refusal.
        cause: io::Error,
    },
    /// Reading failed before the header was complete.
    #[error("{file}: cannot be read at byte {offset}: {cause}; the file may be damaged")]
    Read {
        /// The file as it was named.
        file: Arc<str>,
        /// Offset in the capture, after decompression.
        offset: u64,
        /// The failure.
        cause: io::Error,
    },
    /// The file does not begin like a capture.
    #[error(
        "{file}: not a capture: byte 0 begins {found}; give a pcap or pcapng file, plain or packed by gzip or zstd \
         (other captures: convert with `editcap -F pcapng IN OUT`)"
    )]
    NotACapture {
        /// The file as it was named.
        file: Arc<str>,
        /// What stands there instead.
        found: String,
    },
    /// Looping needs inputs that can be read again.
    #[error("{file}: can be read only once, so it cannot be looped; save it to a file first")]
    OnlyOnce {
        /// The input.
        file: Arc<str>,
    },
}

/// Names what the first bytes of a file are, without quoting its content beyond four bytes.
pub(crate) fn describe(first: &[u8]) -> String {
    const KNOWN: &[(&[u8], &str)] = &[
        (b"PK\x03\x04", "a zip archive"),
        (b"\xfd7zXZ", "an xz stream"),
        (b"BZh", "a bzip2 stream"),
        (b"7z\xbc\xaf", "a 7-Zip archive"),
        (b"snoop\0", "a snoop capture"),
        (b"\x7fELF", "a program (ELF)"),
        (b"\x1f\x8b", "a gzip stream within the first"),
        (b"\x28\xb5\x2f\xfd", "a zstd stream within the first"),
        (b"{", "JSON or other text"),
        (b"<", "XML, HTML or other text"),
    ];
    if first.is_empty() {
        return "and ends: it is empty".into();
    }
    if let Some((_, name)) = KNOWN.iter().find(|(magic, _)| first.starts_with(magic)) {
        return (*name).into();
    }
    if first.iter().all(|b| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e)) {
        return "text".into();
    }
    let hex: Vec<_> = first.iter().take(4).map(|b| format!("{b:02x}")).collect();
    format!("the bytes {}", hex.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_without_quoting() {
        assert_eq!(describe(b""), "and ends: it is empty");
        assert_eq!(describe(b"PK\x03\x04...."), "a zip archive");
        assert_eq!(describe(b"password=secret"), "text");
        assert_eq!(describe(&[0xde, 0xad, 0xbe, 0xef, 0x01, 0x02]), "the bytes de ad be ef");
    }

    #[test]
    fn messages_say_where_what_and_how() {
        let e = SourceError::NotACapture { file: "a.txt".into(), found: describe(b"hello") };
        let text = e.to_string();
        assert!(text.starts_with("a.txt: not a capture: byte 0 begins text; give a pcap"), "{text}");
    }
}
