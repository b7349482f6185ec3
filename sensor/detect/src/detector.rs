//! The seam between the engine and what identifies risk sources.

use crate::Seen;
use weir_model::{Card, Findings, InterfaceId, Known};
use weir_wire::Timestamp;

/// Identifies one risk source.
///
/// Observations arrive in a fixed order, near to that of their time but not exactly: a long exchange is known only when it ends.
/// State is bounded: what is evicted is counted and at worst delays a finding.
pub trait Detector: Send {
    /// What it identifies.
    fn card(&self) -> &'static Card;
    /// Judges one observation; `known` already includes it.
    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings);
    /// Judges what is due by time alone.
    fn tick(&mut self, _now: Timestamp, _known: &Known<'_>, _out: &mut Findings) {}
    /// Judges what is judged over a whole period; nothing is observed afterwards.
    fn finish(&mut self, now: Timestamp, known: &Known<'_>, out: &mut Findings) {
        self.tick(now, known, out);
    }
    /// `from` turned out to be the same interface as `into`.
    fn merged(&mut self, _from: InterfaceId, _into: InterfaceId) {}
    /// Entries of its tables given up for want of room.
    fn evicted(&self) -> u64 {
        0
    }
}
