//! Packs: rules as data.

mod error;
mod load;
mod stanza;

pub use error::PackError;
pub(crate) use load::Packs;
pub(crate) use stanza::{
    DataTypeText, ExampleText, Family, FormText, FullPattern, KeyedExample, PatternText, SignalPlace,
    SignalText, Standing, Stands,
};
