//! Bytes in order to messages: one folder a protocol.
//!
//! ```text
//! StreamEvent --> FlowParser --recognise--> Parser --> MessageSink (heads, bodies, ends, anomalies)
//!                     |
//!                     '--> encrypted, known by name and not read, not an interface: booked, shunted
//! ```
//!
//! A parser never rates what it reads and never fails: hostile bytes are an [`Anomaly`](weir_exchange::Anomaly), and
//! reading goes on at the next message. Every byte given to it is booked in one message account of the ledger.
//!
//! Adding a protocol is one folder with a [`Protocol`] and one line in [`PROTOCOLS`].

mod calls;
mod dubbo;
mod flow;
mod framed;
mod ftp;
mod http1;
mod http2;
mod kafka;
mod lines;
mod message;
mod mongodb;
mod mqtt;
mod mysql;
mod named;
mod opaque;
mod out;
mod postgresql;
mod redis;
mod sql;
mod ssh;
mod thrift;
mod tls;
mod websocket;

pub use dubbo::Dubbo;
pub use flow::FlowParser;
pub use ftp::{Expectation, Ftp, Transfer, announced as ftp_data_port};
pub use http1::Http1;
pub use http2::Http2;
pub use kafka::Kafka;
pub use message::{
    ExchangeNumber, Found, Half, Header, MessageSink, Next, RequestHead, ResponseHead, Verdict,
};
pub use mongodb::Mongodb;
pub use mqtt::Mqtt;
pub use mysql::Mysql;
pub use opaque::encrypted;
pub use postgresql::Postgresql;
pub use redis::Redis;
pub use ssh::Ssh;
pub use thrift::Thrift;
pub use tls::Tls;

use weir_wire::{Account, Ledger, Side, StreamEvent};

/// The protocols that are read, in the order in which they are asked.
pub static PROTOCOLS: &[&dyn Protocol] = &[
    &Tls,
    &Http1,
    &Http2,
    &Ftp,
    &Mysql,
    &Postgresql,
    &Redis,
    &Mqtt,
    &Ssh,
    &Dubbo,
    &Mongodb,
    &Thrift,
    &Kafka,
];

/// An application protocol: recognises its first bytes and opens a parser a flow.
pub trait Protocol: Sync {
    /// Its name in records, as in the contract (`http/1.1`, ...).
    fn name(&self) -> &'static str;
    /// Whether `first`, the first bytes that `side` sent (or the first after a gap), are this protocol's.
    fn recognise(&self, side: Side, first: &[u8]) -> Verdict;
    /// Where its next message begins in bytes that begin anywhere: a flow picked up midway, or behind something not recognised.
    fn find(&self, _bytes: &[u8]) -> Found {
        Found::Nothing
    }
    /// Where bytes are booked that came before its first message in the same flow and were nobody's.
    fn before(&self) -> Account {
        Account::MessageSkipped
    }
    /// A parser for one flow; `from_start`: the first bytes to come are the first of their directions.
    fn open(&self, from_start: bool) -> Box<dyn Parser + Send>;
}

/// Reads one flow, both directions.
pub trait Parser {
    /// Takes the next event and reports what became known. Books every data byte in a Message-layer account, at the latest
    /// when its direction ends.
    fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next;
    /// Where the bytes of a flow that was shunted are booked.
    fn rest(&self) -> Account {
        Account::MessageTunnelled
    }
}
