//! Packet sockets over pairs of virtual interfaces, each test in a network namespace of its own.
//! Without root or namespaces the tests say so and pass.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod faults;
mod frames;
mod place;
mod sharing;
mod taking;
