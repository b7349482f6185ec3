//! An observation under judgement, with what several detectors ask of it worked out once.

use crate::facts;
use crate::identifiers::{self, Identifier, Shape};
use crate::names::{self, Meaning};
use std::cell::OnceCell;
use std::ops::Deref;
use weir_exchange::Param;
use weir_model::Observation;

/// An observation as the detectors see it. What it works out is kept for the next one that asks.
pub struct Seen<'a> {
    observation: &'a Observation<'a>,
    meanings: &'a [Meaning],
    identifiers: OnceCell<Vec<Identifier>>,
    reply: OnceCell<Option<Shape>>,
}

impl<'a> Seen<'a> {
    /// Of an observation, with what the name of each of its parameters says.
    pub const fn new(observation: &'a Observation<'a>, meanings: &'a [Meaning]) -> Self {
        Seen { observation, meanings, identifiers: OnceCell::new(), reply: OnceCell::new() }
    }
    /// The request's parameters, with what their names say.
    pub(crate) fn params(&self) -> impl Iterator<Item = (Meaning, Param<'_>)> + Clone {
        let params = facts::request(self.observation).map(|r| &r.params);
        params.into_iter().flat_map(|p| names::pairs(p, self.meanings))
    }
    /// Those of the parameters whose names say something.
    pub(crate) fn params_that_say(&self, what: Meaning) -> impl Iterator<Item = Param<'_>> + Clone {
        self.params().filter(move |(said, _)| said.has(what)).map(|(_, p)| p)
    }
    /// The numeric identifiers that the request names.
    pub(crate) fn identifiers(&self) -> &[Identifier] {
        self.identifiers.get_or_init(|| identifiers::of(self))
    }
    /// What the reply looks like, where it holds data.
    pub(crate) fn reply(&self) -> Option<&Shape> {
        self.reply.get_or_init(|| Shape::of(self.observation)).as_ref()
    }
}

impl<'a> Deref for Seen<'a> {
    type Target = Observation<'a>;

    fn deref(&self) -> &Observation<'a> {
        self.observation
    }
}
