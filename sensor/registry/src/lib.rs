//! The registered list (登记清单; GB/T 46796-2025, 7.3.2.3 c), OpenAPI in and out, the comparison of the list with what was seen, and the
//! organisation's directory of accounts (账号目录).
//!
//! ```text
//! CSV, JSON, OpenAPI --> List --> compare(what was seen) --> Registrations
//! InterfaceRecord --> openapi::write --> OpenAPI 3.1
//! CSV, LDIF --> PeopleList --> People, by account
//! ```

mod compare;
mod csv;
mod entry;
mod error;
mod list;
pub mod openapi;
mod people;

pub use compare::{Listed, compare};
pub use entry::Entry;
pub use error::ListError;
pub use list::List;
pub use people::{PeopleList, PersonEntry};
