//! Packs: rules as data.

mod error;

pub use error::PackError;
