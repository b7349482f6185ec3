//! Protocols whose connections are logged in: what they report, however they are cut, with gaps and with garbage.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod cuts;
mod dubbo;
mod ftp;
mod hostile;
mod kafka;
mod mongodb;
mod mqtt;
mod mysql;
mod named;
mod postgresql;
mod recorder;
mod redis;
mod ssh;
mod thrift;
