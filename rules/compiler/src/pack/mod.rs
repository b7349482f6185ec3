//! Packs: rules as data.

mod day;
mod error;
mod load;
mod stanza;

pub(crate) use day::Day;
pub use error::PackError;
pub(crate) use load::Packs;
pub(crate) use stanza::{
    DataTypeText, ExampleText, Family, FormText, FullPattern, KeyedExample, PatternText, SignalPlace,
    SignalText, Standing, Stands,
};
