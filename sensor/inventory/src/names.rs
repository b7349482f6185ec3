//! Which names clients asked for, by address: what a provider that is known by its address alone is called.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use weir_exchange::{Resolved, Text};

/// Addresses remembered; later ones are not.
const ADDRESSES: usize = 65_536;
/// Names of an address: those of one that serves many are no help.
const NAMES: usize = 8;

/// Names by address, as resolvers answered. Nothing of it is verified.
#[derive(Default, Debug, Serialize, Deserialize)]
pub(crate) struct Names {
    by_address: BTreeMap<IpAddr, BTreeSet<Text>>,
}

impl Names {
    /// Takes in an answer.
    pub fn add(&mut self, r: &Resolved) {
        if self.by_address.len() >= ADDRESSES && !self.by_address.contains_key(&r.address) {
            return;
        }
        let names = self.by_address.entry(r.address).or_default();
        if names.len() < NAMES {
            names.insert(r.name.clone());
        }
    }

    /// Adds to `known` what an address is called by now.
    pub fn give(&self, address: IpAddr, known: &mut BTreeSet<Text>) {
        if self.by_address.is_empty() || known.len() >= NAMES {
            return;
        }
        for name in self.by_address.get(&address).into_iter().flatten() {
            if known.len() < NAMES && !known.contains(name) {
                known.insert(name.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_wire::Timestamp;

    #[test]
    fn an_address_has_few_names() {
        let address = IpAddr::from([10, 0, 0, 1]);
        let told = |n: u32| Resolved {
            time: Timestamp::default(),
            name: Text::new(format!("{n:02}.example.cn")),
            address,
        };
        let (mut names, mut known) = (Names::default(), BTreeSet::new());
        names.give(address, &mut known);
        assert!(known.is_empty());
        (0..20).for_each(|n| names.add(&told(n)));
        names.give(address, &mut known);
        names.give(IpAddr::from([10, 0, 0, 2]), &mut known);
        assert_eq!((known.len(), known.first().map(|n| &**n)), (NAMES, Some("00.example.cn")));
    }
}
