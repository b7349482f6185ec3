//! What the analyst knows, as one value that outlives the process.

use crate::Analyst;
use serde::{Deserialize, Serialize};
use weir_exchange::{Catalogue, DataType, PersonalClass, SignalFamily, SignalKind};
use weir_model::state::{Bytes, StateError, decode, encode};
use weir_wire::Timestamp;

/// Names of the parts that everything else rests on; the others are those of the engine.
const INVENTORY: &str = "inventory";
const IDENTITY: &str = "identity";

/// What was learned up to a moment: the directories, what every detector remembers, and the risk sources found. Totals of a run, the rules
/// and what people decide are not among it.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    /// Names of data types and signals by the numbers used in the parts.
    data_types: Vec<Box<str>>,
    signals: Vec<Box<str>>,
    clock: Timestamp,
    ticked: Timestamp,
    parts: Vec<(Box<str>, Bytes)>,
}

/// A part that is learned anew, and why.
#[derive(Debug)]
pub struct Forgotten {
    /// Catalogue id of the detector.
    pub part: Box<str>,
    /// Why.
    pub why: StateError,
}

impl State {
    /// From the bytes of [`State::to_bytes`].
    ///
    /// # Errors
    /// Where another version wrote them, with other fields.
    pub fn from_bytes(bytes: &[u8]) -> Result<State, StateError> {
        decode(bytes)
    }

    /// As bytes.
    ///
    /// # Errors
    /// None in practice.
    pub fn to_bytes(&self) -> Result<Vec<u8>, StateError> {
        encode(self)
    }

    /// The time of the newest exchange it knows of.
    pub fn time(&self) -> Timestamp {
        self.clock
    }

    /// The catalogue that its numbers are of: what `now` has of each name. What no rule names any more keeps its place.
    pub fn catalogue(&self, now: &Catalogue) -> Catalogue {
        let known = |id: &str| now.data_types.iter().find(|t| *t.id == *id).cloned();
        let marked = |id: &str| now.signals.iter().find(|s| *s.id == *id).cloned();
        Catalogue {
            data_types: self.data_types.iter().map(|id| known(id).unwrap_or_else(|| gone_type(id))).collect(),
            signals: self.signals.iter().map(|id| marked(id).unwrap_or_else(|| gone_signal(id))).collect(),
            ..now.clone()
        }
    }

    /// What it holds, by name: so large is each part, and two states differ where these do.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.parts.iter().map(|(name, part)| (&**name, &part.0[..]))
    }

    fn part(&self, name: &str) -> &[u8] {
        self.parts.iter().find(|(n, _)| **n == *name).map_or(&[], |(_, part)| &part.0)
    }
}

/// A data type that no rule names any more.
fn gone_type(id: &str) -> DataType {
    DataType {
        id: id.into(),
        zh: id.into(),
        en: id.into(),
        group: "".into(),
        level: 1,
        personal: PersonalClass::None,
        secret: false,
        opens: false,
        mask_expected: false,
        chance: 0,
        identifies: false,
    }
}

/// A signal that no rule names any more.
fn gone_signal(id: &str) -> SignalKind {
    SignalKind { id: id.into(), zh: id.into(), en: id.into(), family: SignalFamily::ErrorDisclosure }
}

impl Analyst {
    /// Everything learned so far. To be asked for before [`finish`](Analyst::finish), behind which nothing is observed.
    ///
    /// # Errors
    /// None in practice.
    pub fn save(&self) -> Result<State, StateError> {
        let mut parts = vec![
            (INVENTORY.into(), Bytes(self.inventory.save()?)),
            (IDENTITY.into(), Bytes(self.directory.save()?)),
        ];
        parts.extend(self.engine.save()?.into_iter().map(|(name, part)| (name.into(), Bytes(part))));
        Ok(State {
            data_types: self.catalogue.data_types.iter().map(|t| t.id.clone()).collect(),
            signals: self.catalogue.signals.iter().map(|s| s.id.clone()).collect(),
            clock: self.clock,
            ticked: self.ticked,
            parts,
        })
    }

    /// Goes on from what was learned before; gives the parts that are learned anew because another version wrote them. The catalogue in
    /// use must be, or have grown from, [`State::catalogue`]. Detectors that are no more are passed over.
    ///
    /// # Errors
    /// Where the directories cannot be read, on which everything rests: then all is learned anew.
    pub fn resume(mut self, state: &State) -> Result<(Self, Vec<Forgotten>), StateError> {
        self.directory.restore(state.part(IDENTITY))?;
        self.inventory.restore(state.part(INVENTORY))?;
        let mut forgotten = Vec::new();
        for (name, part) in &state.parts {
            if let Err(why) = self.engine.restore(name, &part.0) {
                forgotten.push(Forgotten { part: name.clone(), why });
            }
        }
        (self.clock, self.ticked) = (state.clock, state.ticked);
        Ok((self, forgotten))
    }
}
