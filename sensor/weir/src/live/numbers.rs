//! Numbers of data types and signals over changes of rules.
//!
//! Exchanges name data types by their place in the catalogue of the rules that found them. What was learned before a change must not
//! come to mean something else after it, so the analyst has a catalogue of its own that only grows, and exchanges are put into
//! its numbers when they arrive.

use std::sync::Arc;
use weir_exchange::{Catalogue, DataTypeId, Exchange, SignalId};

/// From one rule set's numbers to the analyst's.
struct Moves {
    data_types: Vec<DataTypeId>,
    signals: Vec<SignalId>,
    /// Nothing moves: the common case.
    same: bool,
}

/// The analyst's catalogue, and how each generation of rules is put into it.
pub struct Numbers {
    all: Arc<Catalogue>,
    generations: Vec<Moves>,
}

impl Numbers {
    /// Of the rules in force at the start.
    pub fn new(first: &Arc<Catalogue>) -> Self {
        let mut numbers = Numbers { all: Arc::new(Catalogue::default()), generations: Vec::new() };
        numbers.add(first);
        numbers.all = first.clone();
        numbers
    }

    /// With numbers that were given out before, and no generation of rules yet.
    pub fn of(all: Catalogue) -> Self {
        Numbers { all: Arc::new(all), generations: Vec::new() }
    }

    /// The catalogue that holds every type and signal there ever was, as last described.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.all
    }

    /// The rules of the next generation.
    pub fn add(&mut self, next: &Catalogue) {
        let mut all = Catalogue::clone(&self.all);
        all.made = next.made;
        let data_types: Vec<_> = next
            .data_types
            .iter()
            .map(|t| DataTypeId(place(&mut all.data_types, t, |known| known.id == t.id)))
            .collect();
        let signals: Vec<_> = next
            .signals
            .iter()
            .map(|s| SignalId(place(&mut all.signals, s, |known| known.id == s.id)))
            .collect();
        let same = data_types.iter().enumerate().all(|(n, t)| usize::from(t.0) == n)
            && signals.iter().enumerate().all(|(n, s)| usize::from(s.0) == n);
        self.generations.push(Moves { data_types, signals, same });
        self.all = Arc::new(all);
    }

    /// Whether the rules of that generation are known here.
    pub fn knows(&self, generation: u32) -> bool {
        (generation as usize) < self.generations.len()
    }

    /// Puts what an exchange holds into the analyst's numbers. What no rules have stays as it is: it names nothing.
    pub fn translate(&self, x: &mut Exchange, generation: u32) {
        let Some(moves) = self.generations.get(generation as usize).filter(|m| !m.same) else { return };
        for item in &mut x.data {
            if let Some(id) = moves.data_types.get(usize::from(item.data_type.0)) {
                item.data_type = *id;
            }
        }
        for hit in &mut x.signals {
            if let Some(id) = moves.signals.get(usize::from(hit.signal.0)) {
                hit.signal = *id;
            }
        }
    }
}

/// The place of `new` in `all`: that of what has its name, which it replaces, or the end.
fn place<T: Clone>(all: &mut Vec<T>, new: &T, same: impl Fn(&T) -> bool) -> u16 {
    let at = all.iter().position(same);
    let at = at.unwrap_or_else(|| {
        all.push(new.clone());
        all.len() - 1
    });
    all[at] = new.clone();
    u16::try_from(at).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_exchange::sample::{self, Call};

    fn catalogue(names: &[&str]) -> Arc<Catalogue> {
        let data_types = names.iter().map(|n| sample::data_type(n, 3)).collect();
        Arc::new(Catalogue { data_types, ..Catalogue::default() })
    }

    #[test]
    fn names_keep_their_numbers() {
        let mut numbers = Numbers::new(&catalogue(&["a", "b"]));
        numbers.add(&catalogue(&["b", "c", "a"]));
        let all: Vec<_> = numbers.catalogue().data_types.iter().map(|t| t.id.to_string()).collect();
        assert_eq!(all, ["a", "b", "c"]);
        assert!(numbers.knows(1) && !numbers.knows(2));
        let found = |generation, n| {
            let mut x = Call::get("/").holds(sample::item(DataTypeId(n))).build();
            numbers.translate(&mut x, generation);
            x.data[0].data_type.0
        };
        assert_eq!([found(0, 0), found(0, 1)], [0, 1]);
        assert_eq!([found(1, 0), found(1, 1), found(1, 2)], [1, 2, 0]);
        assert_eq!(found(7, 1), 1, "a generation that is not known");
    }
}
