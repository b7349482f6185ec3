//! Obeying what a person decided, also while the inventory is in use.

use super::Inventory;
use crate::pins::{Decided, Pins, Rule, Step};
use crate::tree::{ROOT, Tree};
use weir_model::SiteId;

impl Inventory {
    /// Obeys these decisions from now on, in the place of those before. Names and forms are those decided at once; templates take the calls
    /// that come from now on, and what was counted before stays where it is.
    pub fn decide(&mut self, decided: Decided) {
        self.pins = Pins::new(&decided.pins);
        (self.names, self.rulings) = (decided.names, decided.rulings);
        self.obey();
    }

    /// Applies what is decided to what is there.
    pub(super) fn obey(&mut self) {
        for (plan, site) in self.plans.iter_mut().zip(&self.sites.list) {
            plan.tree.unpin();
            for rule in self.pins.of(&site.host) {
                pin(&mut plan.tree, rule);
            }
        }
        for at in 0..self.plans.len() {
            self.refresh_below(SiteId(u32::try_from(at).unwrap_or(u32::MAX)), ROOT);
        }
    }
}

/// Holds the nodes of a pinned template, as far as they are there: its own nodes must not be united before the next call of it comes.
fn pin(tree: &mut Tree, rule: &Rule) {
    let mut at = ROOT;
    for step in &rule.steps {
        let there = match step {
            Step::Literal(text) => tree.node(at).literals.get(text).copied(),
            Step::Variable { prefix, suffix } => tree.find_variable(at, prefix, suffix),
        };
        let Some(next) = there else { return };
        tree.node_mut(next).pinned = true;
        at = next;
    }
    tree.node_mut(at).note.clone_from(&rule.note);
}
