//! What a report is made from.

use crate::Tally;
use std::path::Path;
use weir_exchange::Catalogue;
use weir_judge::Matrix;
use weir_model::{Card, Incident, Interface, InterfaceId, Known, Risk, RiskSource, Summary};
use weir_wire::Ledger;

/// Who runs the interfaces (GB/T 46796-2025, 9.3 a); what is empty is printed as 未填写 (not given).
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Organisation {
    /// Name of the data handler (数据处理者).
    pub name: String,
    /// Data-security officer (数据安全负责人).
    pub officer: String,
    /// How to reach the officer.
    pub contact: String,
    /// What was to be monitored, and on what grounds.
    pub scope: String,
}

/// Everything a report says.
#[derive(Clone, Copy)]
pub struct ReportInput<'a> {
    /// Sites, interfaces, callers, accounts.
    pub known: Known<'a>,
    /// The interface that an id stands for now, after templates learned late united some.
    pub resolve: &'a dyn Fn(InterfaceId) -> InterfaceId,
    /// Risk sources; risks refer to them by position.
    pub sources: &'a [RiskSource],
    /// Risks.
    pub risks: &'a [Risk],
    /// Incidents, gravest first; they refer to risk sources and risks by position.
    pub incidents: &'a [Incident],
    /// The matrix that gave the levels of risks.
    pub matrix: &'a Matrix,
    /// Cards of all risk sources that can be found.
    pub cards: &'a [&'static Card],
    /// The rules' catalogue.
    pub catalogue: &'a Catalogue,
    /// The whole run's ledger.
    pub ledger: &'a Ledger,
    /// Totals over exchanges.
    pub tally: &'a Tally,
    /// Names of the captures read, as given.
    pub captures: &'a [String],
    /// Faults of the input that make the result partial (a truncated capture, ...), as sentences.
    pub faults: &'a [Summary],
    /// Handler, officer, contact.
    pub organisation: &'a Organisation,
    /// Version of Weir and of the rules.
    pub versions: &'a [(String, String)],
    /// Data directory, where the report is written.
    pub directory: &'a Path,
    /// Whether the report is there, for the summary's last line: it names no file that could not be written.
    pub reported: bool,
}

impl<'a> ReportInput<'a> {
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

impl std::fmt::Debug for ReportInput<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (interfaces, sources) = (self.known.interfaces.len(), self.sources.len());
        f.debug_struct("ReportInput").field("interfaces", &interfaces).field("sources", &sources).finish()
    }
}
