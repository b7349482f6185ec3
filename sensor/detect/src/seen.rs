//! An observation under judgement, with what several detectors ask of it worked out once.

use crate::identifiers::{self, Identifier, Shape};
use crate::names::{self, Meaning};
use crate::{facts, internal};
use std::cell::OnceCell;
use std::ops::Deref;
use weir_exchange::Param;
use weir_model::{Known, Observation, Register, Registration};

/// An observation as the detectors see it. What it works out is kept for the next one that asks.
pub struct Seen<'a> {
    observation: &'a Observation<'a>,
    meanings: &'a [Meaning],
    register: Option<&'a dyn Register>,
    registration: OnceCell<Option<Registration>>,
    identifiers: OnceCell<Vec<Identifier>>,
    reply: OnceCell<Option<Shape>>,
}

impl<'a> Seen<'a> {
    /// Of an observation, with what the name of each of its parameters says.
    pub const fn new(observation: &'a Observation<'a>, meanings: &'a [Meaning]) -> Self {
        Seen {
            observation,
            meanings,
            register: None,
            registration: OnceCell::new(),
            identifiers: OnceCell::new(),
            reply: OnceCell::new(),
        }
    }
    /// With a registered list, by which the standing of the interface is to be judged at this call.
    pub fn registered(self, register: Option<&'a dyn Register>) -> Self {
        Seen { register, ..self }
    }
    /// How the interface stands to the registered list; `None` without a list, without an interface, and where the call is none of the
    /// organisation's own (from inside to a public address): what others offer is in nobody's list.
    pub(crate) fn registration(&self, known: &Known<'_>) -> Option<&Registration> {
        let judged = || {
            let flow = &self.observation.exchange.flow;
            let elsewhere = internal(flow.client.ip) && !internal(flow.server.ip);
            let interface = known.interface(self.observation.interface?).filter(|_| !elsewhere)?;
            Some(self.register?.standing(interface, known, self.observation.catalogue))
        };
        self.registration.get_or_init(judged).as_ref()
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
