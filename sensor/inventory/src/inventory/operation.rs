//! Which operation of a path a request means.

use super::Inventory;
use crate::choice::{self, CHOICES, Choice, Shown, Verdict};
use crate::form;
use crate::tree::{NodeId, SLOTS};
use weir_exchange::{Exchange, Request, may_select_operation};
use weir_model::SiteId;

impl Inventory {
    /// The name of the operation that a request calls at a node: what the message itself says, else the value of a parameter that was
    /// found to select it; empty where the path alone tells.
    pub(super) fn operation<'r>(
        &mut self,
        site: SiteId,
        node: NodeId,
        method: &str,
        x: &Exchange,
        request: &'r Request,
    ) -> &'r str {
        if !request.operation.is_empty() {
            return &request.operation;
        }
        if request.action.is_none() && !request.target.contains('?') {
            return "";
        }
        let candidates = choice::candidates(request);
        if candidates.is_empty() {
            return "";
        }
        let reply = x.response.as_ref().filter(|r| (200..300).contains(&r.status));
        let good = reply.is_some();
        let fields = reply.map(|r| self.names_of_fields.of(&r.fields, &self.digests).digests.to_vec());
        let fields = fields.unwrap_or_default();
        let beside = request.params.iter().filter(|p| !may_select_operation(p.name));
        let mut params: Vec<u64> = beside.map(|p| self.digest(p.name)).collect();
        params.sort_unstable();
        params.dedup();
        let shown = Shown { fields: &fields, params: &params };
        for (name, word) in candidates {
            match self.verdict(site, node, (method, name, word), good, shown) {
                Verdict::Path => {}
                Verdict::Word => return word,
                Verdict::Found => {
                    self.split_off(site, node, (method, name, word));
                    return word;
                }
            }
        }
        ""
    }

    fn verdict(
        &mut self,
        site: SiteId,
        node: NodeId,
        (method, name, word): (&str, &str, &str),
        good: bool,
        shown: Shown<'_>,
    ) -> Verdict {
        let Some(plan) = self.plans.get_mut(site.index()) else { return Verdict::Path };
        let choices = &mut plan.tree.node_mut(node).choices;
        let of_method = || choices.iter().filter(|c| &*c.method == method);
        // Of several, the first found to select does; the others are its parameters.
        if of_method().any(|c| c.selects && &*c.name != name) {
            return Verdict::Path;
        }
        let room = choices.len() < CHOICES;
        match choices.iter_mut().find(|c| &*c.method == method && &*c.name == name) {
            Some(c) => c.take(word, good, shown),
            None if good && room => {
                let mut c = Choice::new(method, name);
                c.take(word, good, shown);
                choices.push(c);
                Verdict::Path
            }
            None => Verdict::Path,
        }
    }

    /// The calls so far become an operation of their own, where all were of one value.
    fn split_off(&mut self, site: SiteId, node: NodeId, (method, name, word): (&str, &str, &str)) {
        let Some(plan) = self.plans.get_mut(site.index()) else { return };
        let at = plan.tree.node_mut(node);
        let found = at.choices.iter_mut().find(|c| &*c.method == method && &*c.name == name);
        let Some((sole, calls)) = found.as_ref().and_then(|c| c.sole(word)) else { return };
        let free =
            at.slots.len() < SLOTS && !at.slots.iter().any(|s| s.operation == sole && &*s.method == method);
        let base = at.slots.iter_mut().find(|s| &*s.method == method && s.operation.is_empty());
        let (Some(slot), Some(known), true) = (base, found.and_then(|c| c.words.get_mut(&sole)), free) else {
            return;
        };
        if slot.profile.good != calls {
            return;
        }
        known.own = true;
        slot.operation = sole.clone();
        if let Some(i) = self.interfaces.get_mut(slot.interface.index()) {
            i.operation = form::named(i.operation, method, &sole);
        }
        self.refresh(site, node);
    }
}
