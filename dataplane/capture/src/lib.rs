//! Frames from capture files and from Linux interfaces.
//!
//! ```text
//!  files, "-", streams                                     lends                 given by the binary
//!  --> gzip | zstd | plain --> pcap | pcapng --> Files ------------> lane              Clock
//!                                                 |  ^                                   |
//!                              by time, then file '  '-- Looped (times go on) -- Paced --'
//!
//!  interface == ring of the kernel ==> AfPacket (one a socket) ------> lane, each its own
//! ```
//!
//! One port, [`Source`]: [`Source::poll`] lends a bounded burst of [`Frame`](weir_wire::Frame)s straight out of the
//! read buffer (256 KiB reads, no copy and no allocation per frame). [`Files`] reads and merges captures, [`Looped`]
//! replays them several times, [`Follow`] reads one as it grows, [`Paced`] wraps any source and holds frames until they are due. Nothing here reads a
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
//! **Interfaces.** [`AfPacket::open`] gives one source a socket, each with a ring of blocks that the kernel fills and
//! frames are lent from. Sockets share an interface by a hash that both directions of a flow have in common. VLAN tags
//! that the kernel takes off are in `Frame::vlan`; stamps are the kernel's, or the card's where asked for and offered.
//! What found no room is in [`SourceCounters::dropped`], with what the card itself says it missed. A link that goes down
//! or an interface that is removed is a [`Notice`], and read again when it is back. [`interface_report`] tells how an
//! interface is set. `unsafe` code is in `af_packet/{socket,ring,interface}.rs` alone.
//!
//! # Weaknesses
//!
//! * Unless [`Share::Inner`] is asked for, sockets share tunnels by their outer headers: VXLAN and GENEVE may give each
//!   direction another source port, so one tunnelled flow's directions may meet different sockets.
//! * IPv6 fragments, other than IPv4 ones, are not put together before sockets share them.
//! * Filters are given as `tcpdump -ddd` prints them: there is no compiler for their expressions here.
//! * The kernel cuts frames that are longer than a block, and copies each frame once; DPDK does not.
//! * After a corrupt record nothing is guessed: the rest of that file is lost, and said to be.
//! * Files are merged by comparing their next frames; a file whose own frames go back in time is not sorted.
//! * The drop counts that pcapng may carry (interface statistics) are not read, nor are per-packet options.
//! * The time zone field of classic pcap is ignored, as libpcap does.
//! * A simple packet block has no time; it gets that of the frame before it.
//! * A merge opens every file once at the start, so a series of thousands costs as many opens before the first frame;
//!   files that overlap in time are open together, each with its buffer and descriptor.

#[cfg(target_os = "linux")]
mod af_packet;
mod error;
mod files;
mod follow;
mod format;
mod input;
mod looped;
mod paced;
mod pcap;
mod pcapng;
mod reader;
mod source;
mod window;

#[cfg(all(target_os = "linux", feature = "inject"))]
pub use af_packet::Injector;
#[cfg(target_os = "linux")]
pub use af_packet::{
    AfPacket, AfPacketConfig, Filter, FilterError, InterfaceReport, OffloadState, Share, interface_report,
};
pub use error::{Doing, SourceError};
pub use files::Files;
pub use follow::Follow;
pub use input::Input;
pub use looped::Looped;
pub use paced::{Clock, Pace, PaceError, Paced};
pub use source::{BURST, Break, KeyLog, Notice, Polled, Source, SourceCounters};
