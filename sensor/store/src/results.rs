//! What is known when a run ends.

use std::collections::BTreeMap;
use weir_exchange::Catalogue;
use weir_model::place::Places;
use weir_model::{Card, Grading, Incident, Interface, InterfaceId, Known, Registrations, Risk, RiskSource};
use weir_wire::Ledger;

/// Counters of the stages, by stage and counter: what `ledger.json` holds under `stages`.
pub type Stages = BTreeMap<String, BTreeMap<String, u64>>;

/// Everything a run knows at its end.
#[derive(Clone, Copy)]
pub struct Results<'a> {
    /// Sites, interfaces, callers, accounts.
    pub known: Known<'a>,
    /// What says where providers are; callers have their place with them.
    pub places: &'a Places,
    /// The interface that an id stands for now, after templates learned late united some.
    pub resolve: &'a dyn Fn(InterfaceId) -> InterfaceId,
    /// Risk sources; risks refer to them by position.
    pub sources: &'a [RiskSource],
    /// Risks.
    pub risks: &'a [Risk],
    /// Incidents.
    pub incidents: &'a [Incident],
    /// Cards of all risk sources that can be found.
    pub cards: &'a [&'static Card],
    /// The rules' catalogue.
    pub catalogue: &'a Catalogue,
    /// By what interfaces were graded and columns judged.
    pub grading: Grading,
    /// The registered list against what was seen, where there is a list.
    pub registrations: Option<&'a Registrations>,
    /// The whole run's ledger.
    pub ledger: &'a Ledger,
    /// Counters of the stages.
    pub stages: &'a Stages,
}

impl<'a> Results<'a> {
    /// The interface that `id` stands for now.
    pub fn interface(&self, id: InterfaceId) -> Option<&'a Interface> {
        self.known.interface((self.resolve)(id))
    }
    /// Interfaces in force (none that was united with another), in order of id.
    pub fn interfaces(&self) -> impl Iterator<Item = (InterfaceId, &'a Interface)> {
        let ids = (0u32..).map(InterfaceId).zip(self.known.interfaces);
        ids.filter(|(id, _)| (self.resolve)(*id) == *id)
    }
    /// The card of a catalogue id.
    pub fn card(&self, id: &str) -> Option<&'static Card> {
        self.cards.iter().find(|c| c.id == id).copied()
    }
}

impl std::fmt::Debug for Results<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (interfaces, sources) = (self.known.interfaces.len(), self.sources.len());
        f.debug_struct("Results").field("interfaces", &interfaces).field("sources", &sources).finish()
    }
}
