//! DPDK running, over virtual devices. EAL starts once a process, so every test runs in one of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Tests send through DPDK, which the crate itself cannot.
#![allow(unsafe_code)]
// They wait for other processes and the kernel.
#![allow(clippy::disallowed_methods)]

mod faults;
mod files;
mod findings;
mod memif;
mod pairs;
mod place;
mod send;
mod taking;
mod traffic;
mod vhost;
