//! DPDK's functions as declared by the headers of this machine (22.11 LTS and later), and a C shim for what the
//! headers define inline.
//!
//! The registry's package of this name wraps DPDK as it was before 22.11 and does not build against a current one, so
//! the name is ours within this workspace. Nothing here is safe to call without DPDK's manual; `weir-dpdk` is the layer
//! that is, and nothing else in the workspace depends on this crate.
//!
//! * `build.rs` asks pkg-config for `libdpdk`, compiles `shim.c` with DPDK's own instruction-set flags, and generates
//!   declarations for the functions on its list only.
//! * Rust never looks into an mbuf, a link state or any other structure with unions and bit fields: the shim does, and
//!   hands over the flat [`weir_frame`], one call a burst.
//! * [`check_layout`] compares at start what the C compiler and the generated declarations think of every structure that
//!   both touch, and the release of the library loaded with that of the headers.
//!
//! Built and run against 22.11; the shim also compiles against the headers of 23.11 and 24.11 without a warning.
//!
//! Libraries are shared; drivers are loaded by DPDK from the folder it was built with.

// The declarations are DPDK's; their names and documentation are, too.
#![allow(non_camel_case_types, non_snake_case, non_upper_case_globals, missing_docs)]
#![allow(unsafe_code, unused_qualifications, clippy::all)]

include!(concat!(env!("OUT_DIR"), "/dpdk.rs"));

mod layout;
pub use layout::{Mismatch, check_layout};
