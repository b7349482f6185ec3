//! The flow table, played on a wire and held to a slow reassembly.

mod bounds;
mod ending;
mod gaps;
mod opening;
mod oracle;
mod order;
mod property;
mod wire;
