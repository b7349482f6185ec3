//! The layer above: what reassembly tells, and to whom.

use crate::hot::Hot;
use weir_wire::{Account, FlowMeta, Ledger, StreamEvent, Timestamp};

/// A flow that something happens to. What is known of it is worked out when it is asked for: most events need none of it.
#[derive(Clone, Copy, Debug)]
pub struct Flow<'a> {
    hot: &'a Hot,
    started: Timestamp,
}

impl<'a> Flow<'a> {
    pub(crate) fn new(hot: &'a Hot, started: Timestamp) -> Self {
        Flow { hot, started }
    }
    /// What is known of it: the same for all its life.
    pub fn meta(&self) -> FlowMeta {
        self.hot.meta(self.started)
    }
}

/// What the layer above still needs of a flow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Want {
    /// Its bytes in order.
    Bytes,
    /// Nothing (encrypted, of no interest, muted, shed). Its bytes from now on, both directions', are booked in this
    /// account of the message layer; its state is given back by [`Sink::closed`] at once.
    Nothing(Account),
}

/// Receives the flows of a [`FlowTable`](crate::FlowTable). `S` is what the layer above keeps for a flow;
/// the table stores it in line for every flow it can hold, so keep it small (a box or a handle).
///
/// For each flow: `open`; `event`s, per direction `(Data | Gap)*` then exactly one `End`; `closed`. The answer
/// [`Want::Nothing`] cuts that short: `closed` follows. A flow is opened with its first byte (or gap): one that never
/// carries a byte never gets here.
pub trait Sink<S> {
    /// A flow has its first byte.
    fn open(&mut self, meta: &FlowMeta) -> S;
    /// The next step of one direction. The bytes of `Data` have already been booked as delivered; what is made of them
    /// is for the sink to book.
    fn event(&mut self, state: &mut S, flow: Flow<'_>, event: StreamEvent<'_>, ledger: &mut Ledger) -> Want;
    /// Both directions have ended, or nothing more is wanted.
    fn closed(&mut self, state: S, meta: &FlowMeta, ledger: &mut Ledger);
}
