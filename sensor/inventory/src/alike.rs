//! Evidence that sibling words are values: their replies are alike.

use crate::tree::{Edge, NodeId, Profile, ROOT, Tree, Variable};
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::MediaKind;

/// Most operations of a branch that are compared.
const COMPARED: usize = 48;

/// Siblings that belong to one variable.
#[derive(Debug)]
pub(crate) struct Group {
    /// Fixed text after the value (`.json`).
    pub suffix: Box<str>,
    /// The literal children to unite.
    pub members: Vec<(Box<str>, NodeId)>,
}

/// What a literal child is compared by.
struct Branch<'a> {
    name: &'a str,
    node: NodeId,
    suffix: &'a str,
    operations: BTreeMap<Operation<'a>, &'a Profile>,
    calls: u64,
    good: bool,
}

/// Path below the branch, method, operation name.
type Operation<'a> = (String, &'a str, &'a str);

/// Branches that are alike, with what unites them.
struct Cluster<'a> {
    members: Vec<usize>,
    operations: BTreeMap<Operation<'a>, Vec<&'a Profile>>,
    /// Whether members share replies with fields of their own.
    rich: bool,
    /// Whether members share an operation of a longer path (`/follow` below each), which resources of different sorts rarely do.
    deep: bool,
    /// Whether the variable that stands there already is among what is alike.
    with_variable: bool,
}

/// What is known of the position that the siblings stand in.
#[derive(Clone, Copy)]
struct Position {
    root: bool,
    shaped: bool,
    takes_words: bool,
}

/// The literal children of `parent` that are values of one variable, if there are such. `known` tells names of accounts.
pub(crate) fn group(tree: &Tree, parent: NodeId, known: &dyn Fn(&str) -> bool) -> Option<Group> {
    let node = tree.node(parent);
    let takes_words = node.variables.iter().any(|v| tree.variable(*v).is_some_and(Variable::takes_words));
    let branches: Vec<Branch<'_>> = node
        .literals
        .iter()
        .filter(|(name, _)| !words::names_resource(name) || takes_words && words::is_language(name))
        .filter(|(name, id)| !words::is_static(name) && !tree.node(**id).pinned)
        .map(|(name, id)| branch(tree, name, *id))
        .collect();
    let suffixes: BTreeSet<&str> = branches.iter().map(|b| b.suffix).collect();
    suffixes.into_iter().find_map(|suffix| among(tree, parent, &branches, suffix, known))
}

fn among(
    tree: &Tree,
    parent: NodeId,
    branches: &[Branch<'_>],
    suffix: &str,
    known: &dyn Fn(&str) -> bool,
) -> Option<Group> {
    let variable = tree.find_variable(parent, "", suffix);
    let mut clusters: Vec<Cluster<'_>> = Vec::new();
    if let Some(v) = variable {
        clusters.push(Cluster { with_variable: true, ..Cluster::of(None, operations(tree, v)) });
    }
    for (i, b) in branches.iter().enumerate().filter(|(_, b)| b.suffix == suffix && b.good) {
        match clusters.iter_mut().find(|c| c.fits(b)) {
            Some(c) => c.add(i, b),
            None => clusters.push(Cluster::of(Some(i), b.operations.clone())),
        }
    }
    let position = Position {
        root: parent == ROOT,
        shaped: variable.is_some(),
        takes_words: variable.and_then(|v| tree.variable(v)).is_some_and(Variable::takes_words),
    };
    let cluster = clusters.iter().find(|c| c.enough(branches, position, known))?;
    let idle = |b: &&Branch<'_>| {
        b.suffix == suffix && !b.good && b.operations.keys().all(|o| cluster.operations.contains_key(o))
    };
    let members = cluster.members.iter().map(|i| &branches[*i]).chain(branches.iter().filter(idle));
    let members: Vec<_> = members.map(|b| (Box::from(b.name), b.node)).collect();
    Some(Group { suffix: suffix.into(), members })
}

fn branch<'a>(tree: &'a Tree, name: &'a str, node: NodeId) -> Branch<'a> {
    let operations = operations(tree, node);
    let calls = operations.values().map(|p| p.calls).sum();
    let good = operations.values().any(|p| p.good > 0);
    Branch { name, node, suffix: words::split_extension(name).1, operations, calls, good }
}

/// The operations at and below a node, by the path from there.
fn operations(tree: &Tree, node: NodeId) -> BTreeMap<Operation<'_>, &Profile> {
    let mut out = BTreeMap::new();
    let mut todo = vec![(node, String::new())];
    while let Some((at, path)) = todo.pop() {
        for slot in &tree.node(at).slots {
            if out.len() >= COMPARED {
                return out;
            }
            out.insert((path.clone(), &*slot.method, &*slot.operation), &slot.profile);
        }
        for child in tree.node(at).children() {
            let step = match &tree.node(child).edge {
                Edge::Literal(text) => text.to_string(),
                Edge::Variable(v) => format!("{}{{}}{}", v.prefix, v.suffix),
                Edge::Root | Edge::Rest => continue,
            };
            todo.push((child, format!("{path}/{step}")));
        }
    }
    out
}

impl<'a> Cluster<'a> {
    fn of(member: Option<usize>, operations: BTreeMap<Operation<'a>, &'a Profile>) -> Self {
        let operations = operations.into_iter().map(|(o, p)| (o, vec![p])).collect();
        Cluster {
            members: member.into_iter().collect(),
            operations,
            rich: false,
            deep: false,
            with_variable: false,
        }
    }
    /// Whether a branch shares an operation that was answered well, and all it shares are alike.
    fn fits(&self, b: &Branch<'a>) -> bool {
        let mut shared = 0;
        for (operation, profile) in b.operations.iter().filter(|(_, p)| p.good > 0) {
            let Some(ours) = self.operations.get(operation) else { continue };
            let Some(first) = ours.iter().find(|p| p.good > 0) else { continue };
            if !alike(first, profile) {
                return false;
            }
            shared += 1;
        }
        shared > 0
    }
    fn add(&mut self, index: usize, b: &Branch<'a>) {
        self.members.push(index);
        for (operation, profile) in &b.operations {
            let ours = self.operations.entry(operation.clone()).or_default();
            if profile.good > 0 && ours.iter().any(|p| p.good > 0) {
                self.rich |= profile.rich && ours.iter().any(|p| p.rich);
                self.deep |= !operation.0.is_empty();
            }
            ours.push(profile);
        }
    }
    /// Whether there are enough members for what kind of words they are: values by look need few, plain words many, and words
    /// whose replies show no fields of their own many more. Where a variable stands already, further values are no surprise.
    fn enough(&self, branches: &[Branch<'a>], position: Position, known: &dyn Fn(&str) -> bool) -> bool {
        let n = self.members.len();
        let members = || self.members.iter().map(|i| &branches[*i]);
        let accounts = members().filter(|b| known(b.name)).count();
        let by_look = members().filter(|b| known(b.name) || words::looks_like_value(b.name)).count();
        let mostly = by_look * 10 >= n * 6;
        let need = match (mostly, self.rich) {
            (true, true) if self.with_variable => 1,
            (false, true) if self.with_variable && position.takes_words => 1,
            (true, true) if position.takes_words || accounts >= 2 => 2,
            (true, true) => 3,
            (true, false) if position.takes_words => 3,
            (true, false) if accounts >= 2 => 4,
            (true, false) => 6,
            (false, true) if position.takes_words && self.deep => 2,
            (false, true) if position.takes_words => 3,
            (false, true) if self.deep || self.with_variable => 4,
            (false, true) => 8,
            (false, false) if position.takes_words && self.deep => 3,
            (false, false) if self.deep => 12,
            (false, false) => 24,
        };
        let need: usize = if position.root && !position.shaped { need * 2 } else { need };
        let all: u64 = members().map(|b| b.calls).sum();
        let most: u64 = members().map(|b| b.calls).max().unwrap_or_default();
        let dominated = n > 2 && !mostly && !self.deep && most * 10 > all * 6;
        n > 0 && n >= need && !dominated
    }
}

/// Whether two operations answer alike: the same kind of content and mostly the same fields.
fn alike(a: &Profile, b: &Profile) -> bool {
    if a.kind != b.kind && a.kind != MediaKind::None && b.kind != MediaKind::None {
        return false;
    }
    let shared = a.fields.iter().filter(|f| b.fields.binary_search(f).is_ok()).count();
    let all = a.fields.len() + b.fields.len() - shared;
    shared * 10 >= all * 7
}
