//! Which risk sources are one incident: those of one cause.

use super::World;
use std::collections::{BTreeMap, BTreeSet};
use weir_model::{CallerId, InterfaceId, RiskSource, SiteId};

/// Risk sources of one cause, by position.
pub(super) struct Group {
    /// Those that show that something happened, in order.
    pub raising: Vec<usize>,
    /// What the same callers and accounts did besides.
    joined: Vec<usize>,
}

impl Group {
    pub(super) fn all(&self) -> impl Iterator<Item = usize> {
        self.raising.iter().chain(&self.joined).copied()
    }
}

/// What makes two risk sources one cause.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Link<'a> {
    /// The same caller.
    Caller(CallerId),
    /// The same account.
    Account(&'a str),
    /// Done by nobody in particular: the same kind of opening at the site.
    Opening(&'static str),
    /// The same open interface.
    Interface(InterfaceId),
}

type Placed<'a> = (SiteId, Link<'a>);

fn actors(source: &RiskSource) -> impl Iterator<Item = Placed<'_>> {
    let caller = source.key.caller.map(Link::Caller);
    let account = source.key.account.as_deref().map(Link::Account);
    caller.into_iter().chain(account).map(|l| (source.key.site, l))
}

/// Positions of risk sources, united as links say.
struct Sets(BTreeMap<usize, usize>);

impl Sets {
    fn root(&self, mut of: usize) -> usize {
        while let Some(up) = self.0.get(&of).filter(|up| **up != of) {
            of = *up;
        }
        of
    }
    /// The smaller position stays the root, so that the result depends on no order.
    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0.insert(a.max(b), a.min(b));
    }
}

pub(super) fn groups(world: &World<'_>) -> Vec<Group> {
    let raising: Vec<(usize, &RiskSource)> =
        (0..).zip(world.sources).filter(|(_, s)| world.causes(s).next().is_some()).collect();
    let open: BTreeSet<(SiteId, InterfaceId)> = raising
        .iter()
        .filter(|(_, s)| actors(s).next().is_none())
        .filter_map(|(_, s)| Some((s.key.site, s.key.interface?)))
        .collect();
    let mut sets = Sets(raising.iter().map(|(p, _)| (*p, *p)).collect());
    let mut first: BTreeMap<Placed<'_>, usize> = BTreeMap::new();
    for (position, source) in &raising {
        let mut links: Vec<Placed<'_>> = actors(source).collect();
        let site = source.key.site;
        if links.is_empty() {
            links.push((site, Link::Opening(source.key.id)));
        }
        let through = source.key.interface.filter(|i| open.contains(&(site, *i)));
        links.extend(through.map(|i| (site, Link::Interface(i))));
        for link in links {
            let with = *first.entry(link).or_insert(*position);
            sets.unite(*position, with);
        }
    }
    let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
    let mut by_actor: BTreeMap<Placed<'_>, usize> = BTreeMap::new();
    for (position, source) in &raising {
        let root = sets.root(*position);
        let none = || Group { raising: Vec::new(), joined: Vec::new() };
        groups.entry(root).or_insert_with(none).raising.push(*position);
        for actor in actors(source) {
            by_actor.entry(actor).or_insert(root);
        }
    }
    join(world, &by_actor, &mut groups);
    groups.into_values().collect()
}

/// Adds what the same callers and accounts did besides; what fits several goes to the first.
fn join<'a>(world: &World<'a>, by_actor: &BTreeMap<Placed<'a>, usize>, groups: &mut BTreeMap<usize, Group>) {
    let joins = &world.catalogue.incidents.joins;
    let raising: BTreeSet<usize> = groups.values().flat_map(|g| g.raising.iter().copied()).collect();
    for (position, source) in (0..).zip(world.sources) {
        if raising.contains(&position) || !joins.iter().any(|id| **id == *source.key.id) {
            continue;
        }
        let root = actors(source).filter_map(|a| by_actor.get(&a)).min();
        if let Some(group) = root.and_then(|r| groups.get_mut(r)) {
            group.joined.push(position);
        }
    }
}
