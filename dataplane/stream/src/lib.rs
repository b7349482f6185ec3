//! Packets to bytes in order: flow table, timers and TCP reassembly.

#![allow(missing_docs)]
mod cold;
mod config;
mod ending;
mod half;
mod holes;
mod hot;
mod index;
mod key;
mod opening;
mod pages;
mod payload;
mod piece;
mod sink;
mod stats;
mod table;
#[cfg(test)]
mod tests_support;
mod timers;
mod wheel;

pub use config::Config;
pub use key::symmetric_hash;
pub use sink::Sink;
pub use stats::Stats;
pub use table::FlowTable;

/// How far a segment may lie ahead of or behind the point of reading: 64 MiB.
pub(crate) const WINDOW: u32 = 1 << 26;
