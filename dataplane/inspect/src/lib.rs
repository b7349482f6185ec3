//! Messages to exchanges: body decoding, field paths, sensitive data.
//!
//! ```text
//! MessageSink --> codings --> windows --> charset, escapes --> scan + structure --> judged values --> Exchange
//! ```
//!
//! [`Inspector`] is a lane's own; [`FlowExchanges`] a flow's. No body is held whole: what is gathered of one is at most
//! [`Config::window`], and values are found once wherever the windows part. The crate states facts and judges nothing; it keeps no
//! sensitive value in clear.
//!
//! JSON is not parsed where it repeats itself: a SIMD index of its tokens and a tree of the names met (`structure::names`) lead from
//! value to value, and values that nothing is wanted of are stepped over. Weak: text whose names never come again (maps by UUID) costs
//! nine times as much a byte, mostly for looking each name up; XML, HTML, tables and forms are still read token by token, and each
//! document inside a string costs a scan of its own.
//!
//! Files are gathered whole, up to a bound, and opened in memory (`file`). Weak: a file is read at once when it ends, which may hold
//! a lane up; of files longer than the bound only the beginning is read; in a value that is longer than a window none is. Dates in
//! worksheets are numbers and not told; old office formats (`doc`, `xls`, `ppt`, `xlsb`), rar and 7z are not read, nor is text in pictures.

mod body;
mod cache;
mod coding;
mod compose;
mod config;
mod facts;
mod file;
mod find;
mod grpc;
mod head;
mod inspector;
mod open;
mod scan;
mod sink;
mod structure;
mod swap;
mod text;

pub use config::Config;
pub use find::FoundBy;
pub use inspector::Inspector;
pub use scan::{Document, DocumentCandidate, DocumentHit, DocumentScan, Fate, Reach};
pub use sink::FlowExchanges;
pub use swap::Prepared;
