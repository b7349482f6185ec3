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
//! What it gets wrong: variable words seen fewer than three or four times stay separate interfaces; replies without field names
//! (pages, empty bodies) need many more; a resource word that is also a value (`/users/orders`) stays a word.

mod alike;
mod bounds;
mod columns;
mod form;
mod inventory;
mod merge;
mod path;
mod record;
mod sameness;
mod schema;
mod shape;
mod site;
mod standing;
mod tree;
mod words;

pub use bounds::{Config, Stats};
pub use inventory::{Inventory, Placed};
