//! The compiler: packs to tables and databases of literals, a table of shapes for the class-run pass, and rules that judge.

mod build;
mod cache;
mod composite;
mod cost;
mod han;
mod lazy;
mod literals;
mod paths;
mod pattern;
mod profile;
mod rule;
mod runs;
mod seams;
mod shape;
mod tables;
mod typical;

pub(crate) use build::build;
pub use cache::CacheUse;
pub use composite::Composite;
pub(crate) use cost::{DEAR, cost};
pub(crate) use han::HanNames;
pub(crate) use literals::{Action, DATA, Literals, Owner};
pub(crate) use paths::Paths;
pub(crate) use pattern::{Around, Fault, Found, Pattern, Whole};
pub(crate) use rule::{SignalRule, TypeRule};
pub(crate) use runs::{Runs, is_word};
pub(crate) use seams::Seams;
