//! TLS 1.0 to 1.3, TLCP, and the openings of QUIC and DTLS, as a bystander sees them: records, handshakes, key schedules, decryption with the owner's keys. No I/O.
//!
//! ```text
//! bytes in order --> records --> handshake messages --> TlsFacts
//!                       |              |
//!                       |              '-- client random --> KeyStore --> key schedule
//!                       '-- Opener (authenticates, decrypts) <---------------'
//!                                '--> bytes in clear
//! ```
//!
//! A [`Connection`] never fails and never panics: what it cannot read it says so of ([`weir_exchange::Reading`]) and stops.
//! Secrets are zeroed when dropped and shown by no `Debug`.

mod certificate;
mod cipher;
mod connection;
mod direction;
mod dtls;
mod fingerprint;
mod handshake;
mod hello;
mod keylog;
mod keys;
mod quic;
mod reader;
mod record;
mod schedule;
mod seek;
mod servers;

pub use cipher::{Opener, Suite};
pub use connection::{Connection, Events, State};
pub use dtls::{DtlsOpening, DtlsSplit, dtls_hello, is_dtls, split_dtls};
pub use keylog::{Kept, MAX_LINE};
pub use keys::{KeyStore, Secret, Secrets};
pub use quic::{QuicOpening, QuicVersion, Split as QuicSplit, quic_version};
pub use record::{ContentType, HEADER, MAX_RECORD};
pub use schedule::{Agreed, Pair, openers12, openers13};
pub use servers::{KeyError, ServerKeys};
