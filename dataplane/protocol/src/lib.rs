//! Bytes in order to messages: one folder a protocol.
//!
//! ```text
//! StreamEvent --> recognise (first bytes) --> Parser --> MessageSink (heads, bodies, ends, anomalies)
//! ```
//!
//! A parser never rates what it reads and never fails: hostile bytes are an [`Anomaly`](weir_exchange::Anomaly), and
//! reading goes on at the next message. Every byte given to it is booked in one message account of the ledger.

mod message;

pub use message::{
    ExchangeNumber, Half, Header, MessageSink, Next, RequestHead, ResponseHead, Verdict,
};

use weir_wire::{FlowMeta, Ledger, Side, StreamEvent};

/// An application protocol: recognises its first bytes and opens a parser a flow.
pub trait Protocol: Sync {
    /// Its name in records, as in the contract (`http/1.1`, ...).
    fn name(&self) -> &'static str;
    /// Whether `first`, the first bytes that `side` sent (or the first after a gap), are this protocol's.
    fn recognise(&self, side: Side, first: &[u8]) -> Verdict;
    /// A parser for one flow.
    fn open(&self, flow: &FlowMeta) -> Box<dyn Parser + Send>;
}

/// Reads one flow, both directions.
pub trait Parser {
    /// Takes the next event and reports what became known. Books every data byte in a Message-layer account, at the latest
    /// when its direction ends.
    fn read(&mut self, event: StreamEvent<'_>, sink: &mut dyn MessageSink, ledger: &mut Ledger) -> Next;
}
