//! Files in transit: archives, office documents, PDF and mail, opened in memory with bounds on depth, entries and what comes out.
//!
//! ```text
//! bytes --> Reader --> text, window by window
//!             '------> a file: Gathered --> open --> entries, parts, pages --> Reader (one deeper)
//! ```
//! A file is gathered whole, up to a bound, as the order inside hardly ever is the order of reading: the strings of a workbook come
//! behind its sheets, and the directory of an archive at its end. What could not be read is noted in the [`Budget`] and becomes the
//! body's account.

mod budget;
mod gather;
mod mail;
mod markup;
mod office;
mod open;
mod pdf;
mod prose;
mod reader;
mod sheet;
mod tar;
mod windows;
mod zip;

pub(crate) use budget::{Budget, Unread};
pub(crate) use gather::{Gathered, Quota};
pub(crate) use open::{Opening, open};
pub(crate) use reader::{Hint, Io, Reader};
pub(crate) use windows::Windows;

/// A file that is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FileKind {
    Zip,
    Gzip,
    Tar,
    Mail,
    Pdf,
}

impl FileKind {
    /// By the first bytes; `None` for files that are recognised and not read.
    pub(crate) fn of(start: &[u8]) -> Option<FileKind> {
        let magic = |m: &[u8]| start.starts_with(m);
        match () {
            () if magic(b"PK\x03\x04") || magic(b"PK\x05\x06") => Some(FileKind::Zip),
            () if magic(b"\x1f\x8b\x08") => Some(FileKind::Gzip),
            () if magic(b"%PDF-") => Some(FileKind::Pdf),
            () if is_tar(start) => Some(FileKind::Tar),
            () if is_mail(start) => Some(FileKind::Mail),
            () => None,
        }
    }
}

/// Whether a block of an archive stands first (POSIX.1-1988, ustar).
pub(crate) fn is_tar(start: &[u8]) -> bool {
    start.get(257..262) == Some(b"ustar")
}

/// Whether the head of a message in the Internet format (RFC 5322) stands first: its fields, and one that only mail has.
pub(crate) fn is_mail(start: &[u8]) -> bool {
    const FIRST: [&str; 9] = [
        "received:",
        "return-path:",
        "delivered-to:",
        "mime-version:",
        "from:",
        "message-id:",
        "date:",
        "subject:",
        "to:",
    ];
    const OWN: [&str; 2] = ["mime-version:", "message-id:"];
    let begins = |line: &[u8], name: &str| {
        line.get(..name.len()).is_some_and(|l| l.eq_ignore_ascii_case(name.as_bytes()))
    };
    FIRST.iter().any(|n| begins(start, n))
        && start.split(|b| *b == b'\n').any(|line| OWN.iter().any(|n| begins(line, n)))
}
