//! Which interfaces exist: sites, path templates, schemas, lifecycle.
//!
//! ```text
//! Exchange --> Path --> Tree (literal and variable segments) --> Slot (method, operation) --> Interface
//! ```
//!
//! A segment is variable at once where its look says so (numbers, UUIDs, digests, dates, tokens: `shape.rs`), and later where the
//! replies of many sibling words say so (`alike.rs`); then the siblings' interfaces are united, and ids handed out before stay
//! resolvable. Segments that name resources, actions or versions (`words.rs`) never are. All tables are bounded: what finds no
//! room is gathered under `{rest}` and counted.
//!
//! A parameter that selects the operation of a path is found by evidence (`choice.rs`); what scanners guess and what a site replies to
//! every path is shelved (`sameness.rs`), not dropped; a template that a person pinned (`pins.rs`) goes before what is learned.
//!
//! What it gets wrong: variable words seen fewer than three or four times stay separate interfaces; replies without field names
//! (pages, empty bodies) need many more; a resource word that is also a value (`/users/orders`) stays a word.

mod alike;
mod bounds;
mod choice;
mod columns;
mod encrypted;
mod form;
mod inventory;
mod lists;
mod merge;
mod names;
mod path;
mod pins;
mod record;
mod sameness;
mod schema;
mod shape;
mod site;
mod standing;
mod tree;
mod versions;
mod words;

pub use bounds::{Config, Stats};
pub use inventory::{Inventory, PathValues, Placed};
pub use pins::{Decided, Pin};
