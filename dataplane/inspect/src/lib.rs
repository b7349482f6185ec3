//! Messages to exchanges: body decoding, field paths, sensitive data.

mod coding;
mod config;
mod facts;
mod structure;
mod text;

pub use config::Config;
mod find;
