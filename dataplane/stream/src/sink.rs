//! The layer above: what reassembly tells, and to whom.

use weir_wire::{FlowMeta, Ledger, StreamEvent};

/// Receives the flows of a [`FlowTable`](crate::FlowTable). `S` is what the layer above keeps for a flow;
/// the table stores it in line for every flow it can hold, so keep it small (a box or a handle).
///
/// For each flow: `open`; `event`s, per direction `(Data | Gap)*` then exactly one `End`; `closed`.
/// A flow is opened with its first byte (or gap): one that never carries a byte never gets here.
pub trait Sink<S> {
    /// A flow has its first byte.
    fn open(&mut self, meta: &FlowMeta) -> S;
    /// The next step of one direction. The bytes of `Data` have already been booked as delivered.
    fn event(&mut self, state: &mut S, meta: &FlowMeta, event: StreamEvent<'_>, ledger: &mut Ledger);
    /// Both directions have ended.
    fn closed(&mut self, state: S, meta: &FlowMeta, ledger: &mut Ledger);
    /// Whether the order of bytes still matters. Where not (encrypted, of no interest), nothing is held
    /// any more: what arrives ahead is delivered at once behind a `Gap`. Asked only out of order.
    fn wants(&self, state: &S) -> bool {
        let _ = state;
        true
    }
}
