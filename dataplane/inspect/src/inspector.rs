//! The inspector: one a lane.

use crate::Config;
use crate::body::Pools;
use crate::facts::{Collector, Facts, Shapes};
use crate::file::Quota;
use crate::find::{Finder, Items, KnownFields, Reading, Spare, Stretch};
use crate::head::Heads;
use crate::open::Spares;
use crate::sink::{FlowExchanges, Sink};
use crate::swap::History;
use std::sync::Arc;
use weir_exchange::{Connection, Exchange, Fingerprinter, Part, Place};
use weir_protocol::MessageSink;
use weir_rules::{Matcher, MatcherError, RuleSet};
use weir_tls::KeyStore;
use weir_wire::FlowMeta;

/// Turns messages into exchanges: decodes bodies, finds data and signals, reads credentials. One a lane; it owns its scratch space
/// and buffers and shares the rules.
pub struct Inspector {
    pub(crate) tools: Tools,
    pub(crate) heads: Heads,
    pub(crate) shapes: Shapes,
    pub(crate) config: Config,
    pub(crate) keeping: Keeping,
    pub(crate) pools: Pools,
    /// Exchanges that are over, to be begun anew.
    pub(crate) spare: Spares,
    /// Halves of exchanges begun.
    pub(crate) halves: u64,
    /// Changes of the rules.
    pub(crate) history: History,
    /// Patterns given up under rules that are no longer in force.
    pub(crate) given_up: u64,
    /// The owner's keys of encrypted connections.
    pub(crate) keys: Option<Arc<KeyStore>>,
    /// Encrypted connections whose handshake is over, for the lane to take.
    pub(crate) connections: Vec<Connection>,
}

/// How what is found is kept.
pub(crate) struct Keeping {
    pub(crate) fingerprinter: Fingerprinter,
    pub(crate) max_items: usize,
}

/// A text of a head: where it stands, and what is put before field paths in it.
pub(crate) struct HeadText<'a> {
    pub(crate) place: Place,
    pub(crate) raw: &'a [u8],
    pub(crate) prefix: &'a str,
}

/// What scanning needs.
pub(crate) struct Tools {
    pub(crate) rules: Arc<RuleSet>,
    pub(crate) matcher: Matcher,
    pub(crate) spare: Spare,
    pub(crate) known: KnownFields,
}

impl Tools {
    /// For one document.
    pub(crate) fn finder(&mut self) -> Finder<'_> {
        Finder {
            rules: &self.rules,
            matcher: &mut self.matcher,
            spare: &mut self.spare,
            known: &mut self.known,
        }
    }
    /// Runs `run` with what finds, and with what takes what is found in one place of a message.
    pub(crate) fn collect<R>(
        &mut self,
        keeping: &Keeping,
        place: Place,
        items: &mut Items,
        facts: &mut Facts,
        run: impl FnOnce(&mut Finder<'_>, &mut Collector<'_>) -> R,
    ) -> R {
        let mut finder = Finder {
            rules: &self.rules,
            matcher: &mut self.matcher,
            spare: &mut self.spare,
            known: &mut self.known,
        };
        let mut out = Collector {
            rules: &self.rules,
            fingerprinter: &keeping.fingerprinter,
            items,
            facts,
            place,
            max_items: keeping.max_items,
            skip_secrets: matches!(place.part, Part::Cookie | Part::Header),
        };
        run(&mut finder, &mut out)
    }
    /// Reads a whole text of a head.
    pub(crate) fn read(
        &mut self,
        keeping: &Keeping,
        text: HeadText<'_>,
        mut reading: Reading,
        items: &mut Items,
        facts: &mut Facts,
    ) {
        let HeadText { place, raw, prefix } = text;
        let stretch = Stretch { raw, last: true, full: false, prefix, parent: None, depth: 0 };
        self.collect(keeping, place, items, facts, |finder, out| finder.read(&mut reading, stretch, out));
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
        let keeping = Keeping { fingerprinter, max_items: config.max_items };
        let mut tools = Tools::new(rules)?;
        tools.spare.quota = Quota::new(config.max_file, config.max_files);
        Ok(Inspector {
            tools,
            heads: Heads::default(),
            shapes: Shapes::default(),
            config,
            keeping,
            pools: Pools::default(),
            spare: Vec::new(),
            halves: 0,
            history: History::default(),
            given_up: 0,
            keys: None,
            connections: Vec::new(),
        })
    }
    /// Decrypts what these keys are of.
    #[must_use]
    pub fn with_keys(mut self, keys: Option<Arc<KeyStore>>) -> Self {
        self.keys = keys;
        self
    }
    /// Encrypted connections of which it became known whether they can be read, since they were last taken; in order.
    pub fn connections(&mut self) -> &mut Vec<Connection> {
        &mut self.connections
    }
    /// Takes the messages of one flow for as long as the parser speaks; finished exchanges are appended to `out`. What is known
    /// of the flow is asked for when an exchange is over.
    pub fn sink<'a>(
        &'a mut self,
        flow: impl Fn() -> FlowMeta + 'a,
        state: &'a mut FlowExchanges,
        out: &'a mut Vec<Exchange>,
    ) -> impl MessageSink + 'a {
        Sink { inspector: self, flow, state, out }
    }
    /// How often a text made for it made a pattern be given up; see [`Matcher::given_up`].
    pub fn patterns_given_up(&self) -> u64 {
        self.given_up + self.tools.matcher.given_up()
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
