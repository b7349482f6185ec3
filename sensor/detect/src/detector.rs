//! The seam between the engine and what identifies risk sources.

use crate::Seen;
use weir_exchange::Connection;
use weir_model::state::StateError;
use weir_model::{Card, EncryptedService, Findings, InterfaceId, Known, SiteId};
use weir_wire::Timestamp;

/// An encrypted connection and what is known of its service, which already includes it.
#[derive(Clone, Copy, Debug)]
pub struct Connected<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// Its service.
    pub service: &'a EncryptedService,
    /// The site of the service.
    pub site: SiteId,
}

/// Identifies one risk source.
///
/// Observations arrive in a fixed order, near to that of their time but not exactly: a long exchange is known only when it ends.
/// State is bounded: what is evicted is counted and at worst delays a finding.
pub trait Detector: Send {
    /// What it identifies.
    fn card(&self) -> &'static Card;
    /// Judges one observation; `known` already includes it.
    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings);
    /// Judges one encrypted connection, of a service in which something is weak.
    fn connection(&mut self, _seen: &Connected<'_>, _known: &Known<'_>, _out: &mut Findings) {}
    /// Judges what is due by time alone.
    fn tick(&mut self, _now: Timestamp, _known: &Known<'_>, _out: &mut Findings) {}
    /// Judges what is judged over a whole period; nothing is observed afterwards.
    fn finish(&mut self, now: Timestamp, known: &Known<'_>, out: &mut Findings) {
        self.tick(now, known, out);
    }
    /// `from` turned out to be the same interface as `into`.
    fn merged(&mut self, _from: InterfaceId, _into: InterfaceId) {}
    /// What it remembers, so that it goes on after a restart as if there had been none; `None` where it remembers nothing.
    ///
    /// # Errors
    /// None in practice.
    fn save(&self) -> Result<Option<Vec<u8>>, StateError> {
        Ok(None)
    }
    /// Takes over what [`save`](Self::save) gave. What cannot be read is not taken over, not even in part.
    ///
    /// # Errors
    /// Where another version wrote it, with other fields.
    fn restore(&mut self, _saved: &[u8]) -> Result<(), StateError> {
        Ok(())
    }
    /// Entries of its tables given up for want of room.
    fn evicted(&self) -> u64 {
        0
    }
}
