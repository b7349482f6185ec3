//! Records on disk: JSON Lines and SQLite.
//!
//! ```text
//! Row --> spool (sorted runs) --+--> exchanges.jsonl         Results --+--> interfaces, accounts, risk-sources, risks .jsonl
//!                               '--> weir.db: exchanges                '--> ledger.json, weir.db
//! ```
//!
//! [`Writer`] is all that the writer thread of a replay needs, [`LiveWriter`] that of a sensor that runs for months; [`Data`] reads a
//! directory back. Records ([`record`]) hold no sensitive value in
//! clear and nothing that depends on anything but the capture and the rules.

mod data;
mod database;
mod decisions;
mod directory;
mod error;
mod lines;
mod live;
mod mask;
mod memory;
pub mod record;
mod results;
mod spool;
mod writer;

pub use data::{Completeness, Data};
pub use decisions::{Action, Covered, DECISIONS, Decision, Decisions, HARMS, LIKELIHOODS};
pub use directory::{DataDir, write_whole};
pub use error::StoreError;
pub use lines::write_lines;
pub use live::{Changes, LiveCounters, LiveOptions, LiveRow, LiveWriter, Sent, Snapshot};
pub use record::stable_id;
pub use results::{Results, Stages};
pub use writer::{Options, Outcome, Row, Writer};
