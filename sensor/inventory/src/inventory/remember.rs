//! What outlives the process: everything learned, and nothing that people decide or configure.

use super::Inventory;
use weir_model::state::{StateError, decode, encode};

impl Inventory {
    /// What is learned of sites and interfaces. Encrypted services are told by run and are not among it.
    ///
    /// # Errors
    /// None in practice.
    pub fn save(&self) -> Result<Vec<u8>, StateError> {
        encode(&(
            &self.sites,
            &self.plans,
            self.nodes,
            &self.interfaces,
            &self.homes,
            &self.merges,
            &self.stats,
        ))
    }

    /// Takes over what was learned before, in the place of what is here; what people decide now holds for it.
    ///
    /// # Errors
    /// Where another version wrote it, with other fields; nothing is taken over then.
    pub fn restore(&mut self, saved: &[u8]) -> Result<(), StateError> {
        let (sites, plans, nodes, interfaces, homes, merges, stats) = decode(saved)?;
        (self.sites, self.plans, self.nodes) = (sites, plans, nodes);
        (self.interfaces, self.homes, self.merges, self.stats) = (interfaces, homes, merges, stats);
        self.obey();
        Ok(())
    }
}
