//! Risks: harm and likelihood to level, per GB/T 45577.
