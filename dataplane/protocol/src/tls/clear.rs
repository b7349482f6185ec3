//! What a connection carries, in clear: read by a flow parser of its own.

use super::secured::Secured;
use crate::{FlowParser, MessageSink, Next};
use std::sync::Arc;
use weir_exchange::TlsFacts;
use weir_tls::Events;
use weir_wire::{Account, Ledger, Side, StreamEvent, Timestamp};

/// The parser of what is in clear, once there is any.
#[derive(Default)]
pub(super) struct Clear {
    parser: Option<Box<FlowParser>>,
    /// Sides whose first bytes came: what the handshake showed by then was handed on.
    told: [bool; 2],
    opaque: bool,
}

impl Clear {
    /// Where bytes in clear go that become known at `time`.
    pub(super) fn at<'a>(
        &'a mut self,
        time: Timestamp,
        sink: &'a mut dyn MessageSink,
        ledger: &'a mut Ledger,
    ) -> At<'a> {
        At { clear: self, time, sink, ledger }
    }
    /// Whether nothing more of it is wanted.
    pub(super) fn is_opaque(&self) -> bool {
        self.opaque
    }
    /// Where the bytes of the connection are booked that are not wanted any more; `None` where it was never in clear.
    pub(super) fn rest(&self) -> Option<Account> {
        self.parser.as_ref().filter(|_| self.opaque).map(|p| p.rest())
    }
}

/// [`Clear`] for as long as one event is read.
pub(super) struct At<'a> {
    clear: &'a mut Clear,
    time: Timestamp,
    sink: &'a mut dyn MessageSink,
    ledger: &'a mut Ledger,
}

impl At<'_> {
    /// Hands an event on, where there is a parser.
    pub(super) fn pass(&mut self, event: StreamEvent<'_>) {
        if let Some(parser) = &mut self.clear.parser {
            let next = parser.read(event, &mut Secured(self.sink), self.ledger);
            self.clear.opaque |= next == Next::Shunt;
        }
    }
}

impl Events for At<'_> {
    fn data(&mut self, facts: &TlsFacts, side: Side, bytes: &[u8]) {
        if !std::mem::replace(&mut self.clear.told[side.index()], true) {
            self.sink.secured(&Arc::new(facts.clone()));
        }
        self.clear.parser.get_or_insert_with(|| Box::new(FlowParser::within(true)));
        self.pass(StreamEvent::Data { side, time: self.time, bytes });
    }
    fn gap(&mut self, side: Side, len: u64) {
        self.clear.parser.get_or_insert_with(|| Box::new(FlowParser::within(false)));
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        self.pass(StreamEvent::Gap { side, time: self.time, len });
    }
}
