//! Deterministic traffic for benchmarks, tests and demonstrations: the same seed gives the same bytes on every machine.
//!
//! ```text
//! Rng --> people, bodies --> http messages --> tcp connections --> Mix --> Workload (W1 to W14): frames in order of time --> Load, pcap
//! ```
//! Names, numbers and addresses are drawn at random and belong to nobody; check digits are right, so that validators accept them.

pub mod bare;
pub mod body;
pub mod http;
pub mod load;
pub mod machine;
pub mod measure;
pub mod mix;
pub mod nic;
pub mod pcap;
pub mod people;
pub mod rng;
pub mod row;
pub mod soak;
pub mod stage;
pub mod tcp;
pub mod traffic;
pub mod workload;
