//! The inspector: one a lane.

use crate::Config;
use crate::find::{Finder, KnownFields, Spare};
use crate::open::{FlowExchanges, Sink};
use crate::swap::History;
use std::sync::Arc;
use weir_exchange::{Exchange, Fingerprinter};
use weir_protocol::MessageSink;
use weir_rules::{Matcher, MatcherError, RuleSet};
use weir_wire::FlowMeta;

/// Turns messages into exchanges: decodes bodies, finds data and signals, reads credentials. One a lane; it owns its scratch space
/// and buffers and shares the rules.
pub struct Inspector {
    pub(crate) tools: Tools,
    pub(crate) config: Config,
    pub(crate) fingerprinter: Fingerprinter,
    /// Windows of bodies, given back when a body ends.
    pub(crate) pool: Vec<Vec<u8>>,
    /// Halves of exchanges begun.
    pub(crate) halves: u64,
    /// Changes of the rules.
    pub(crate) history: History,
}

/// What scanning needs.
pub(crate) struct Tools {
    pub(crate) rules: Arc<RuleSet>,
    pub(crate) matcher: Matcher,
    pub(crate) spare: Spare,
    pub(crate) known: KnownFields,
}

impl Tools {
    /// For one message.
    pub(crate) fn finder(&mut self) -> Finder<'_> {
        Finder {
            rules: &self.rules,
            matcher: &mut self.matcher,
            spare: &mut self.spare,
            known: &mut self.known,
        }
    }
}

impl Inspector {
    /// With the rules in force, the key of fingerprints and the bounds.
    ///
    /// # Errors
    /// Where the matcher of the rules gets no scratch space.
    pub fn new(
        rules: Arc<RuleSet>,
        fingerprinter: Fingerprinter,
        config: Config,
    ) -> Result<Self, MatcherError> {
        let (tools, history) = (Tools::new(rules)?, History::default());
        Ok(Inspector { tools, config, fingerprinter, pool: Vec::new(), halves: 0, history })
    }
    /// Takes the messages of one flow for as long as the parser speaks; finished exchanges are appended to `out`.
    pub fn sink<'a>(
        &'a mut self,
        flow: &'a FlowMeta,
        state: &'a mut FlowExchanges,
        out: &'a mut Vec<Exchange>,
    ) -> impl MessageSink + 'a {
        Sink { inspector: self, flow, state, out }
    }
    /// The rules in force.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.tools.rules
    }
}

/// Shows the bounds only.
impl std::fmt::Debug for Inspector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inspector").field("config", &self.config).finish_non_exhaustive()
    }
}
