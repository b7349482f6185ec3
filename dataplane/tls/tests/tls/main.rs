//! Recorded connections read as a bystander reads them, with key logs and with the servers' own keys.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod connection;
mod datagrams;
mod recorded;
mod servers;
