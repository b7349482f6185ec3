//! An observation under judgement, with what several detectors ask of it worked out once.

use crate::identifiers::{self, Identifier, Shape};
use std::cell::OnceCell;
use std::ops::Deref;
use weir_model::Observation;

/// An observation as the detectors see it. What it works out is kept for the next one that asks.
pub struct Seen<'a> {
    observation: &'a Observation<'a>,
    identifiers: OnceCell<Vec<Identifier>>,
    reply: OnceCell<Option<Shape>>,
}

impl<'a> Seen<'a> {
    /// Of an observation.
    pub const fn new(observation: &'a Observation<'a>) -> Self {
        Seen { observation, identifiers: OnceCell::new(), reply: OnceCell::new() }
    }
    /// The numeric identifiers that the request names.
    pub(crate) fn identifiers(&self) -> &[Identifier] {
        self.identifiers.get_or_init(|| identifiers::of(self.observation))
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
