//! A lane's thread from outside: what it hands over, what it shows, and how it ends.

#![allow(clippy::unwrap_used, clippy::panic)]

mod ending;
mod handoff;
mod overload;
mod rules;
mod script;
mod time;
