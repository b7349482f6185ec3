//! Frames from capture files.
//!
//! ```text
//!  files, "-", streams                                     lends                 given by the binary
//!  --> gzip | zstd | plain --> pcap | pcapng --> Files ------------> lane              Clock
//!                                                 |  ^                                   |
//!                              by time, then file '  '-- Looped (times go on) -- Paced --'
//! ```
//!
//! One port, [`Source`]: [`Source::poll`] lends a bounded burst of [`Frame`](weir_wire::Frame)s straight out of the
//! read buffer (1 MiB reads, no copy and no allocation per frame). [`Files`] reads and merges captures, [`Looped`]
//! replays them several times, [`Paced`] wraps any source and holds frames until they are due. Nothing here reads a
//! clock: [`Paced`] is given one.
//!
//! **Formats.** Classic pcap in micro- and nanoseconds, both byte orders, and Kuznetzov's variant; pcapng with several
//! sections of either byte order, several interfaces, time resolutions of both bases and time offsets, enhanced, simple
//! and obsolete packet blocks, and TLS key logs in decryption-secrets blocks ([`Source::key_logs`]); either inside one
//! layer of gzip or zstd.
//!
//! **Broken files.** A file that does not begin like a capture is a [`SourceError`] that names it and says what it is.
//! Everything after a good header is read up to the break, and the break becomes a [`Notice`] with file and offset: an
//! end inside a record, a record that cannot be, a compressed stream that does not unpack, a read error.
//!
//! **Bounds.** A record may claim 256 KiB, or the snap length of its capture where that is more, up to 16 MiB; the read
//! buffer never outgrows one such record; a zstd stream may ask for a window of 128 MiB. Interfaces per section and kept key logs are bounded too. Files that do not
//! overlap in time (a rotated series) are open one at a time.
//!
//! # Weaknesses
//!
//! * After a corrupt record nothing is guessed: the rest of that file is lost, and said to be.
//! * Files are merged by comparing their next frames; a file whose own frames go back in time is not sorted.
//! * The drop counts that pcapng may carry (interface statistics) are not read, nor are per-packet options.
//! * The time zone field of classic pcap is ignored, as libpcap does.
//! * A simple packet block has no time; it gets that of the frame before it.
//! * A merge opens every file once at the start, so a series of thousands costs as many opens before the first frame;
//!   files that overlap in time are open together, each with its buffer and descriptor.

mod error;
mod files;
mod format;
mod input;
mod looped;
mod paced;
mod pcap;
mod pcapng;
mod reader;
mod source;
mod window;

pub use error::SourceError;
pub use files::Files;
pub use input::Input;
pub use looped::Looped;
pub use paced::{Clock, Pace, PaceError, Paced};
pub use source::{BURST, Break, KeyLog, Notice, Polled, Source, SourceCounters};
