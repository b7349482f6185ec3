//! Data directories written and read back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod faults;
mod fixture;
mod records;
