//! What a run's reports say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod html;
mod run;
mod summary;
