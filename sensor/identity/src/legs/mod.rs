//! Legs (链路段): one call that the sensor sees before and after a proxy or load balancer, and that counts once.
//!
//! ```text
//! client ==first leg==> proxy ==second leg==> backend
//! ```
//!
//! The second leg is over first, so it is the one that waits: an exchange that may be one (its client is an address that answers others, or
//! it names the client it is made for) is held until the first leg is over as well, or for two seconds of packet time. Both are one call where
//! method, path, status and the sizes of both bodies are the same, one lies within the other in time, and the second names the client of the
//! first, or comes from the address that answered it.
//!
//! A proxy of which only one side is seen soon makes nobody wait: of a hop whose exchanges have no first leg, one in 64 is held.

mod hops;
mod same;

use hops::Hops;
use same::Outline;
use std::collections::{HashMap, VecDeque};
use weir_exchange::Exchange;
use weir_model::{Leg, Proof};
use weir_wire::{Duration, Timestamp};

/// Most exchanges of one outline that are looked through for a first leg.
const LOOKED: usize = 64;
/// Most legs after the first.
const LEGS: usize = 4;
/// An exchange that waits for its first leg, with the legs after it.
#[derive(Debug)]
struct Held {
    exchange: Box<Exchange>,
    after: Vec<(Box<Exchange>, Proof)>,
}

/// Finds legs of one call.
#[derive(Debug, Default)]
pub struct Legs {
    hops: Hops,
    /// In order of coming; `None` where a first leg was found meanwhile.
    held: VecDeque<Option<Held>>,
    /// Number of the first in `held`.
    first: u64,
    /// Numbers of those held, by outline. Looked up and never walked.
    outlines: HashMap<Outline, VecDeque<u64>>,
    waiting: usize,
}

impl Legs {
    /// How long, in packet time, a second leg waits for its first.
    pub const WAIT: Duration = Duration::from_secs(2);
    /// Most exchanges that wait; with one more, the one that waits longest goes on by itself.
    pub const HELD: usize = 4_096;

    /// Takes an exchange in the order in which they became over. `pass` is given what is now known to be one call or a leg of one: a
    /// first leg, then the further ones.
    pub fn take(&mut self, x: Box<Exchange>, pass: &mut impl FnMut(Box<Exchange>, Leg)) {
        self.let_go(x.emitted, pass);
        self.hops.meet(&x);
        let outline = Outline::of(&x);
        let after = match (self.waiting, &outline) {
            (1.., Some(outline)) => self.second_legs(&x, outline),
            _ => Vec::new(),
        };
        let found = Held { exchange: x, after };
        match outline.filter(|_| self.hops.is_held(&found.exchange)) {
            Some(outline) if found.after.len() < LEGS => self.hold(found, outline, pass),
            _ => found.pass(pass),
        }
    }

    /// Passes on those that waited in vain until `now`.
    pub fn let_go(&mut self, now: Timestamp, pass: &mut impl FnMut(Box<Exchange>, Leg)) {
        while let Some(oldest) = self.held.front() {
            if oldest.as_ref().is_some_and(|h| now.since(h.exchange.emitted) < Self::WAIT) {
                return;
            }
            self.pass_oldest(pass);
        }
    }

    /// Passes on all that wait: nothing more comes.
    pub fn finish(&mut self, pass: &mut impl FnMut(Box<Exchange>, Leg)) {
        while !self.held.is_empty() {
            self.pass_oldest(pass);
        }
    }

    fn pass_oldest(&mut self, pass: &mut impl FnMut(Box<Exchange>, Leg)) {
        let oldest = self.held.pop_front().flatten();
        self.first += 1;
        let Some(oldest) = oldest else { return };
        self.waiting -= 1;
        if let Some(outline) = Outline::of(&oldest.exchange) {
            self.forget(&outline, self.first - 1);
        }
        self.hops.missed(&oldest.exchange);
        oldest.pass(pass);
    }

    fn hold(&mut self, held: Held, outline: Outline, pass: &mut impl FnMut(Box<Exchange>, Leg)) {
        while self.held.len() >= Self::HELD {
            self.pass_oldest(pass);
        }
        let number = self.first + self.held.len() as u64;
        self.outlines.entry(outline).or_default().push_back(number);
        self.held.push_back(Some(held));
        self.waiting += 1;
    }

    fn forget(&mut self, outline: &Outline, number: u64) {
        if let Some(numbers) = self.outlines.get_mut(outline) {
            numbers.retain(|n| *n != number);
            if numbers.is_empty() {
                self.outlines.remove(outline);
            }
        }
    }

    /// The legs after `x`, taken out of those that wait: the one that waits longest of those that fit, with what comes after it.
    fn second_legs(&mut self, x: &Exchange, outline: &Outline) -> Vec<(Box<Exchange>, Proof)> {
        let Some(numbers) = self.outlines.get(outline) else { return Vec::new() };
        let fits = |number: &u64| {
            let at = usize::try_from(number - self.first).ok()?;
            let held = self.held.get(at)?.as_ref()?;
            Some((at, *number, same::proof(x, &held.exchange)?))
        };
        let Some((at, number, proof)) = numbers.iter().take(LOOKED).find_map(fits) else {
            return Vec::new();
        };
        let Some(found) = self.held.get_mut(at).and_then(Option::take) else { return Vec::new() };
        self.waiting -= 1;
        self.forget(outline, number);
        self.hops.joined(&found.exchange);
        std::iter::once((found.exchange, proof)).chain(found.after).collect()
    }
}

impl Held {
    fn pass(self, pass: &mut impl FnMut(Box<Exchange>, Leg)) {
        let (of, number) = (self.exchange.flow, self.exchange.number);
        let leg = match self.after.first() {
            Some((next, proof)) => Leg::First { upstream: next.flow.server, proof: *proof },
            None => Leg::Only,
        };
        pass(self.exchange, leg);
        for (further, proof) in self.after {
            pass(further, Leg::Further { of, number, proof });
        }
    }
}
