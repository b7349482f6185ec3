//! Risk sources (风险源) of GB/T 46796-2025: one file each, with its card.
//!
//! A [`Detector`] reads [`Observation`](weir_model::Observation)s, which are facts, and reports
//! [`Finding`](weir_model::Finding)s, which are judgements. The [`Engine`] holds one detector of each kind, hands every
//! observation to all of them and merges equal findings into [`RiskSource`](weir_model::RiskSource)s.
//!
//! Detectors never read payload and never see a sensitive value in clear. Every table they keep is bounded
//! (see [`Engine::evicted`]), and every figure they compare with is a named, documented [`Threshold`].

#[macro_use]
mod state;

mod abroad;
mod acquired;
mod addresses;
mod awaiting;
mod baseline;
mod bursts;
mod days;
mod detector;
mod digest;
mod engine;
mod environments;
mod facts;
mod familiar;
mod identifiers;
mod listed;
mod logins;
mod names;
mod openness;
mod payload;
mod seen;
mod sighting;
mod signatures;
mod single;
mod sources;
mod table;
mod target;
#[cfg(test)]
mod test_support;
mod thresholds;
mod window;

pub use addresses::internal;
pub use awaiting::{Awaiting, Column, Input, awaiting};
pub use detector::{Connected, Detector};
pub use engine::Engine;
pub use names::Meaning;
pub use seen::Seen;
pub use sources::{Entry, card, catalogue, entries};
pub use thresholds::{Threshold, ThresholdError, Thresholds};
