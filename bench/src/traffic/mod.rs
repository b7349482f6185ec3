//! What the workloads are made of, one kind of traffic a file.

pub mod adversarial;
pub mod deep;
pub mod disorder;
pub mod encapsulated;
pub mod encodings;
pub mod export;
pub mod flood;
pub mod http2;
pub mod idle;
pub mod midflow;
pub mod opaque;
pub mod quiet;
