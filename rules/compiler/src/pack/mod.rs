//! Packs: rules as data.

mod calendar;
mod day;
mod error;
mod incidents;
mod load;
mod overrides;
mod own;
mod profile;
mod stanza;

pub(crate) use day::Day;
pub use error::PackError;
pub(crate) use load::{Packs, Placed};
pub(crate) use profile::{Hidden, LabelText, ProfileText, Which};
pub(crate) use stanza::{
    DataTypeText, ExampleText, Family, FormText, FullPattern, KeyedExample, PatternText, SignalPlace,
    SignalText, Standing, Stands,
};
