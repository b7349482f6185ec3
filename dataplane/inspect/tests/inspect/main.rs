//! Messages to exchanges, played on one flow.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod codings;
mod compose;
mod encoded;
mod exchanges;
mod files;
mod grpc;
mod hostile;
mod huge;
mod properties;
mod stage;
