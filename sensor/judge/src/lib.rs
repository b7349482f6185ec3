//! Risks (风险): harm and likelihood of risk sources to a level, per GB/T 45577-2025.
//!
//! [`judge`] groups risk sources by place and type of risk, derives harm (危害程度) and likelihood (发生可能性) from what was
//! observed, and reads the level from a [`Matrix`]. Every factor is kept as a sentence, so that a reviewer can follow and
//! change the result (GB/T 46796-2025, 8.1).

mod factors;
mod incidents;
mod matrix;
mod risks;

pub use incidents::incidents;
pub use matrix::{Matrix, UnknownMatrix};
pub use risks::judge;
