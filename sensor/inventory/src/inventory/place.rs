//! The way of a path through the tree.

use super::Inventory;
use crate::path::{Path, Segment};
use crate::pins::{Rule, Step, value_of};
use crate::shape::{self, Kind};
use crate::tree::{Edge, NodeId, ROOT, Tree, VARIABLES, Variable};
use crate::words;
use weir_exchange::Request;
use weir_model::SiteId;

impl Inventory {
    /// The node of a path; new parts of the tree are made as far as there is room.
    pub(super) fn place(&mut self, site: SiteId, path: &Path<'_>, request: &Request, absent: bool) -> NodeId {
        let mut at = ROOT;
        for (depth, segment) in path.segments.iter().enumerate() {
            let Some(next) = self.step(site, at, path, depth, segment, request, absent) else {
                return self.rest(site, at);
            };
            at = next;
        }
        if path.cut { self.rest(site, at) } else { at }
    }

    /// The node of a path whose template a person pinned; made where it is missing, whatever the room.
    pub(super) fn place_pinned(&mut self, site: SiteId, path: &Path<'_>, rule: &Rule) -> NodeId {
        let mut at = ROOT;
        let mut renamed = None;
        for (step, segment) in rule.steps.iter().zip(&path.segments) {
            let kind = |value: &str| shape::shape(value).map_or(Kind::Word, |s| s.kind);
            let (value, fixed) = match step {
                Step::Literal(_) => ("", None),
                Step::Variable { prefix, suffix } => {
                    (value_of(&segment.plain, prefix, suffix), Some((prefix, suffix)))
                }
            };
            let digests = &self.digests;
            let digest = || digests.of("segment", value.as_bytes()).0;
            let Some(plan) = self.plans.get_mut(site.index()) else { return ROOT };
            let there = match fixed {
                None => plan.tree.node(at).literals.get(&*segment.text).copied(),
                Some((prefix, suffix)) => plan.tree.find_variable(at, prefix, suffix),
            };
            at = there.unwrap_or_else(|| {
                self.nodes += 1;
                plan.tree.add(
                    at,
                    match fixed {
                        None => Edge::Literal((*segment.text).into()),
                        Some((prefix, suffix)) => Edge::Variable(Variable {
                            prefix: prefix.clone(),
                            suffix: suffix.clone(),
                            ..Variable::default()
                        }),
                    },
                )
            });
            plan.tree.node_mut(at).pinned = true;
            if let Some(v) = plan.tree.variable_mut(at)
                && v.add(kind(value), digest)
            {
                renamed = renamed.or(Some(at));
            }
        }
        if let Some(plan) = self.plans.get_mut(site.index())
            && plan.tree.node(at).note != rule.note
        {
            plan.tree.node_mut(at).note.clone_from(&rule.note);
            self.refresh(site, at);
        }
        if let Some(top) = renamed {
            self.refresh_below(site, top);
        }
        at
    }

    #[expect(clippy::too_many_arguments, reason = "one step of `place`, which holds all of these")]
    fn step(
        &mut self,
        site: SiteId,
        at: NodeId,
        path: &Path<'_>,
        depth: usize,
        segment: &Segment<'_>,
        request: &Request,
        absent: bool,
    ) -> Option<NodeId> {
        let plan = self.plans.get(site.index())?;
        if let Some(next) = plan.tree.node(at).literals.get(&*segment.text) {
            return Some(*next);
        }
        if let Some(s) = shape::shape(&segment.plain).filter(|_| !is_version_number(path, depth)) {
            return self.step_variable(site, at, s);
        }
        let (stem, suffix) = words::split_extension(&segment.text);
        if let Some(v) = plan.tree.find_variable(at, "", suffix)
            && plan.tree.variable(v).is_some_and(Variable::takes_words)
            && (!words::names_resource(&segment.text) || words::is_language(stem))
        {
            let digest = self.digest(stem);
            let known = plan.accounts.contains(&digest)
                || plan.tree.variable(v).is_some_and(|v| v.values.contains(&digest));
            let rest = path.segments.get(depth + 1..).unwrap_or_default();
            if known || absent || leads_to(&plan.tree, v, rest, &request.method) {
                self.plans.get_mut(site.index())?.tree.variable_mut(v)?.add(Kind::Word, || digest);
                return Some(v);
            }
        }
        self.step_literal(site, at, segment, absent)
    }

    fn step_variable(&mut self, site: SiteId, at: NodeId, s: shape::Shape<'_>) -> Option<NodeId> {
        let room = self.room(site);
        let digests = &self.digests;
        let plan = self.plans.get_mut(site.index())?;
        let next = match plan.tree.find_variable(at, s.prefix, s.suffix) {
            Some(next) => next,
            None if room && plan.tree.node(at).variables.len() < VARIABLES => {
                let v = Variable { prefix: s.prefix.into(), suffix: s.suffix.into(), ..Variable::default() };
                self.nodes += 1;
                plan.tree.add(at, Edge::Variable(v))
            }
            None => return None,
        };
        if plan.tree.variable_mut(next)?.add(s.kind, || digests.of("segment", s.value.as_bytes()).0) {
            self.refresh_below(site, next);
        }
        Some(next)
    }

    fn step_literal(
        &mut self,
        site: SiteId,
        at: NodeId,
        segment: &Segment<'_>,
        absent: bool,
    ) -> Option<NodeId> {
        let room = self.room(site);
        let (children, guesses) = (self.config.children, self.config.guesses);
        let tree = &mut self.plans.get_mut(site.index())?.tree;
        let node = tree.node_mut(at);
        if !room || node.literals.len() >= children || absent && node.guesses as usize >= guesses {
            return None;
        }
        node.guesses += u32::from(absent);
        self.nodes += 1;
        Some(tree.add(at, Edge::Literal((*segment.text).into())))
    }

    pub(super) fn room(&self, site: SiteId) -> bool {
        let used = self.plans.get(site.index()).map_or(0, |p| p.tree.len());
        self.nodes < self.config.nodes && used < self.config.nodes_per_site
    }

    /// The node below `at` for what finds no room. Each node has at most one, so they need no bound of their own.
    pub(super) fn rest(&mut self, site: SiteId, at: NodeId) -> NodeId {
        self.stats.paths_overflow += 1;
        let Some(plan) = self.plans.get_mut(site.index()) else { return ROOT };
        if plan.tree.node(at).edge == Edge::Rest {
            return at;
        }
        match plan.tree.node(at).rest {
            Some(rest) => rest,
            None => {
                self.nodes += 1;
                plan.tree.add(at, Edge::Rest)
            }
        }
    }
}

/// Whether a number is the version of an API (`/rest/api/2/issue`, `/1/users`) rather than a value.
fn is_version_number(path: &Path<'_>, depth: usize) -> bool {
    let Some(segment) = path.segments.get(depth) else { return false };
    let small = segment.text.len() == 1 && matches!(segment.text.as_bytes(), [b'1'..=b'9']);
    let before = depth.checked_sub(1).and_then(|d| path.segments.get(d));
    let after_api = before.is_some_and(|s| matches!(&*s.text, "api" | "rest" | "version" | "ver"));
    small && after_api && depth + 1 < path.segments.len()
}

/// Whether a path below `at` is there already with an operation of this method.
fn leads_to(tree: &Tree, at: NodeId, rest: &[Segment<'_>], method: &str) -> bool {
    let Some((first, more)) = rest.split_first() else {
        return tree.node(at).slots.iter().any(|s| &*s.method == method && s.profile.answers);
    };
    if let Some(next) = tree.node(at).literals.get(&*first.text) {
        return leads_to(tree, *next, more, method);
    }
    let next = match shape::shape(&first.plain) {
        Some(s) => tree.find_variable(at, s.prefix, s.suffix),
        None => tree
            .find_variable(at, "", words::split_extension(&first.text).1)
            .filter(|v| tree.variable(*v).is_some_and(Variable::takes_words)),
    };
    next.is_some_and(|next| leads_to(tree, next, more, method))
}
