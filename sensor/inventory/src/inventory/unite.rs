//! Uniting what is alike, and keeping the records in line with the tree.

use super::Inventory;
use crate::form::Shown;
use crate::merge::{self, United};
use crate::sameness::Cover;
use crate::tree::{NodeId, ROOT};
use crate::{alike, record, words};
use weir_model::{ChangeKind, Interface, InterfaceForm, InterfaceState, LEARNING, Proposal, Shelf, SiteId};

/// Siblings are compared at each new one up to this many, then at each eighth.
const COMPARED_EACH: usize = 32;

impl Inventory {
    /// Unites what is alike on the way from `node` to the root, the deepest first.
    pub(super) fn unite_above(&mut self, site: SiteId, node: NodeId) {
        let Some(plan) = self.plans.get(site.index()) else { return };
        let mut way = plan.tree.chain(node);
        way.insert(0, ROOT);
        for at in way.into_iter().rev() {
            // A node on the way may have gone into another since.
            let Some(plan) = self.plans.get(site.index()) else { return };
            let siblings = plan.tree.node(at).literals.len();
            if siblings >= 1 && (siblings <= COMPARED_EACH || siblings.is_multiple_of(8)) {
                self.unite(site, at);
            }
        }
    }

    /// Unites what is alike below `node`, deepest first.
    pub(super) fn unite_below(&mut self, site: SiteId, node: NodeId) {
        let Some(plan) = self.plans.get(site.index()) else { return };
        for at in plan.tree.below(node).into_iter().rev() {
            self.unite(site, at);
        }
    }

    /// Unites the alike children of one node until none are left.
    fn unite(&mut self, site: SiteId, at: NodeId) {
        loop {
            let digests = &self.digests;
            let digest = |s: &str| digests.of("segment", s.as_bytes()).0;
            let Some(plan) = self.plans.get_mut(site.index()) else { return };
            if plan.tree.node(at).literals.is_empty() {
                return;
            }
            let accounts = &plan.accounts;
            let known = |name: &str| accounts.contains(&digest(words::split_extension(name).0));
            let Some(group) = alike::group(&plan.tree, at, &known) else { return };
            let before = plan.tree.len();
            let mut united = United::new();
            let into =
                merge::into_variable(&mut plan.tree, at, &group.suffix, &group.members, &digest, &mut united);
            self.nodes = (self.nodes + plan.tree.len()).saturating_sub(before);
            self.unite_records(united);
            self.unite_below(site, into);
            self.refresh_below(site, into);
        }
    }

    fn unite_records(&mut self, united: United) {
        for (from, into) in united {
            let (from, into) = (self.resolve(from), self.resolve(into));
            if from == into {
                continue;
            }
            let (from, into) = (from.max(into), from.min(into));
            let (low, high) = self.interfaces.split_at_mut(from.index());
            if let (Some(i), Some(gone)) = (low.get_mut(into.index()), high.first()) {
                record::absorb(i, gone, &self.config.grading);
            }
            let shown = self.homes.get(from.index()).map_or(Shown::NOTHING, |h| h.shown);
            if let Some(home) = self.homes.get_mut(into.index())
                && shown.worth > home.shown.worth
            {
                home.shown = shown;
            }
            if let Some(home) = self.homes.get_mut(from.index()) {
                home.now = into;
            }
            self.stats.merged += 1;
            self.merges.push((from, into));
        }
    }

    pub(super) fn refresh_below(&mut self, site: SiteId, node: NodeId) {
        let Some(plan) = self.plans.get(site.index()) else { return };
        for at in plan.tree.below(node) {
            self.refresh(site, at);
        }
    }

    /// Brings the interfaces of one node in line with its place in the tree.
    pub(super) fn refresh(&mut self, site: SiteId, node: NodeId) {
        let (Some(plan), Some(place)) = (self.plans.get(site.index()), self.sites.list.get(site.index()))
        else {
            return;
        };
        let slots = &plan.tree.node(node).slots;
        if slots.is_empty() {
            return;
        }
        let (template, blank) = (plan.tree.template(node, false), plan.tree.template(node, true));
        let evidence = plan.tree.evidence(node);
        let answers = slots.iter().any(|s| s.profile.answers && plan.sameness.covers(&s.profile).is_none());
        for slot in slots {
            let (Some(i), Some(home)) =
                (self.interfaces.get_mut(slot.interface.index()), self.homes.get_mut(slot.interface.index()))
            else {
                continue;
            };
            let name = [&*place.host, &slot.method, &blank, &slot.operation].join("\n");
            let digest = self.digests.of("interface", name.as_bytes()).0;
            i.key = format!("if-{:012x}", digest >> 16).into();
            let shown = if slot.slash { format!("{template}/") } else { template.clone() };
            if !i.template.is_empty() && *i.template != *shown && i.last_seen.since(i.first_seen) >= LEARNING
            {
                let what = format!("{} -> {shown}", i.template);
                i.life.note(i.last_seen, ChangeKind::Template, &what, None);
            }
            i.template = shown.into();
            i.name = self.names.get(&i.key).cloned().unwrap_or_default();
            i.ruling = self.rulings.get(&i.key).cloned().map(Box::new);
            (i.form, i.form_evidence) = form_of(i, home.shown);
            i.operation_name.clone_from(&slot.operation);
            i.evidence.clone_from(&evidence);
            let cover = plan.sameness.covers(&slot.profile);
            let active = slot.profile.answers && cover.is_none() || slot.profile.refuses && answers;
            i.state = if active { InterfaceState::Active } else { InterfaceState::Noise };
            i.shelf = shelf(i, active, cover);
            home.node = node;
        }
    }
}

/// The technical form, as a person decided or as exchanges show, with the evidence.
fn form_of(i: &Interface, shown: Shown) -> (InterfaceForm, Vec<Box<str>>) {
    let shows = Some(shown.why).filter(|w| !w.is_empty()).map(String::from);
    let proposed = Proposal { is: shown.form, evidence: shows.into_iter().collect() };
    let told = match i.ruling.as_ref().and_then(|r| r.form.as_ref()) {
        Some(ruled) => ruled.over(proposed, InterfaceForm::key),
        None => proposed,
    };
    (told.is, told.evidence.into_iter().map(Into::into).collect())
}

/// Last words of paths that machines ask for to see whether a service is alive.
const HEALTH: &[&str] = &[
    "alive",
    "health",
    "health-check",
    "health_check",
    "healthcheck",
    "healthy",
    "healthz",
    "heartbeat",
    "livez",
    "liveness",
    "ping",
    "readiness",
    "readyz",
];

/// Where an interface is kept.
fn shelf(i: &Interface, active: bool, cover: Option<Cover>) -> Shelf {
    let end = i.template.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let reads = matches!(&*i.method, "GET" | "HEAD");
    match (active, cover) {
        (false, Some(Cover::Look)) => Shelf::CatchAll,
        (false, _) => Shelf::Noise,
        (true, _) if i.form == InterfaceForm::Static => Shelf::Static,
        (true, _) if reads && i.data.is_empty() && HEALTH.iter().any(|w| w.eq_ignore_ascii_case(end)) => {
            Shelf::Health
        }
        (true, _) => Shelf::None,
    }
}
