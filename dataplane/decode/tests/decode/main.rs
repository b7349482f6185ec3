//! Frames made by hand, decoded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fragments;
mod links;
mod made;
mod mirrors;
mod properties;
mod transports;
mod tunnels;
