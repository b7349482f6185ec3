//! Which addresses count as inside.

pub use weir_model::internal;
