//! Captures written by hand and read back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod follow;
mod formats;
mod sources;
mod written;
