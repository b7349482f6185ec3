//! OpenAPI: 2.0 and 3.0 to 3.2 in, 3.1 out.

mod example;
mod read;
mod registered;
mod shape;
mod write;

pub use read::read;
pub use registered::write_list;
pub use write::{Scope, write};
