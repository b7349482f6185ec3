//! Names that answers told: each once an hour, so that resolvers that are asked all the time say little.

use crate::dns::Answers;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use weir_exchange::{Resolved, Text};
use weir_wire::Timestamp;

/// Answers remembered as told.
const REMEMBERED: usize = 4096;
/// What was told waits to be taken: more of it is passed over, and told again by a later answer.
const WAITING: usize = 4096;
const HOUR: u64 = 3600 * 1_000_000_000;

/// What was told this hour, by a digest of it; a digest that falls to the same place takes it over. Whatever is forgotten is told again,
/// which changes nothing: the first of the hour came first.
#[derive(Default, Debug)]
pub(crate) struct Told {
    digests: Vec<u64>,
}

impl Told {
    pub(crate) fn note(&mut self, mut answers: Answers<'_>, clock: Timestamp, out: &mut Vec<Resolved>) {
        if self.digests.is_empty() {
            self.digests.resize(REMEMBERED, 0);
        }
        while let Some(address) = answers.next() {
            let digest = digest(answers.name.text(), address, clock.nanos() / HOUR);
            let place = usize::try_from(digest).unwrap_or(0) % REMEMBERED;
            let Some(told) = self.digests.get_mut(place).filter(|d| **d != digest) else { continue };
            if out.len() < WAITING {
                *told = digest;
                out.push(Resolved { time: clock, name: Text::new(answers.name.text()), address });
            }
        }
    }
}

/// The same in every run: nothing but the memory of what was told hangs on it.
fn digest(name: &str, address: IpAddr, hour: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (name, address, hour).hash(&mut hasher);
    hasher.finish()
}
