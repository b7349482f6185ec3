//! Where addresses are (位置): the organisation's own address plan first, then any MMDB, then a country table that is built in.
//!
//! ```text
//! address --> plan (longest prefix) --> special-purpose ranges --> MMDB --> built-in table --> Place
//! ```
//! Every claim names the [`Database`] it rests on. Nothing here reads a clock; the same address gives the same place.

mod country;
mod database;
mod error;
mod mmdb;
mod place;
mod places;
mod plan;
mod province;
mod special;
mod steps;
mod table;

pub use country::Country;
pub use database::{Database, DatabaseKind};
pub use error::PlaceError;
pub use mmdb::Mmdb;
pub use place::{Bucket, Place, Scope};
pub use places::Places;
pub use plan::{Plan, Zone, ZoneKind};
pub use province::Province;
pub use steps::{Steps, innermost};
pub use table::Table;
