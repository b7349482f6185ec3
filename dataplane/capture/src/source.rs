//! The port: what a lane polls for frames.

use crate::SourceError;
use std::{fmt, sync::Arc};
use weir_wire::Frame;

/// Frames one call of [`Source::poll`] lends at most.
pub(crate) const BURST: usize = 256;
/// Captured bytes after which one call of [`Source::poll`] lends no further frame.
pub(crate) const BURST_BYTES: usize = 1 << 20;

/// Something that yields frames.
pub trait Source {
    /// Lends the frames that are ready, each for the length of one call of `lend`: at most a burst of 256, and none
    /// after the first MiB.
    ///
    /// # Errors
    /// Only what makes the source as a whole unusable: a file that cannot be opened or is not a capture.
    /// After an error the source is at its end.
    fn poll(&mut self, lend: &mut dyn FnMut(Frame<'_>)) -> Result<Polled, SourceError>;

    /// What was lent so far, and how far the reading is.
    fn counters(&self) -> SourceCounters;

    /// Where files broke off, in the order in which it was found out. At most a few per file.
    fn notices(&self) -> &[Notice] {
        &[]
    }

    /// TLS key logs met so far, in the order of the capture.
    fn key_logs(&self) -> &[KeyLog] {
        &[]
    }
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn poll(&mut self, lend: &mut dyn FnMut(Frame<'_>)) -> Result<Polled, SourceError> {
        (**self).poll(lend)
    }
    fn counters(&self) -> SourceCounters {
        (**self).counters()
    }
    fn notices(&self) -> &[Notice] {
        (**self).notices()
    }
    fn key_logs(&self) -> &[KeyLog] {
        (**self).key_logs()
    }
}

/// What one [`Source::poll`] came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Polled {
    /// So many frames were lent; at least one.
    Frames(usize),
    /// Nothing is ready; ask again.
    Idle,
    /// There will be no more.
    End,
}

/// Totals of a source.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SourceCounters {
    /// Frames lent.
    pub frames: u64,
    /// Captured bytes of the frames lent.
    pub bytes: u64,
    /// Bytes read from the inputs, compressed where they are: the position of a progress bar.
    pub read: u64,
    /// Bytes the inputs hold, where all of them are files: the length of a progress bar. Known after the first poll.
    pub total: Option<u64>,
}

/// A file was not read to its end, or not wholly kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// The file as it was named; `standard input` for `-`.
    pub file: Arc<str>,
    /// Offset in the capture (after decompression) of the record or block that could not be read.
    pub offset: u64,
    /// Why.
    pub cause: Break,
}

/// Why a file was not read to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Break {
    /// The file ends inside a header, record or block.
    Truncated,
    /// A record contradicts itself or passes a bound; what follows cannot be found for sure.
    Corrupt(&'static str),
    /// Reading or decompressing failed; the operating system's or decompressor's words.
    Unreadable(String),
    /// Not a break: key logs past the bound of 16 MiB were not kept. Frames were.
    KeyLogsOverBound,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Notice { file, offset, cause } = self;
        match cause {
            Break::Truncated => {
                write!(f, "{file}: ends inside the record at byte {offset}; read up to there")
            }
            Break::Corrupt(what) => write!(f, "{file}: corrupt at byte {offset} ({what}); read up to there"),
            Break::Unreadable(why) => {
                write!(f, "{file}: not readable behind byte {offset} ({why}); read up to there")
            }
            Break::KeyLogsOverBound => {
                write!(
                    f,
                    "{file}: TLS key logs from byte {offset} on pass the bound of 16 MiB and were not kept"
                )
            }
        }
    }
}

/// A TLS key log (the `SSLKEYLOGFILE` format, draft-ietf-tls-keylogfile) that travelled inside a capture. Its `Debug` shows no secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyLog {
    /// The file that held it.
    pub file: Arc<str>,
    /// The log as it stood there: lines of label, client random and secret.
    pub text: Vec<u8>,
}

impl fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyLog {{ file: {:?}, {} bytes }}", self.file, self.text.len())
    }
}
