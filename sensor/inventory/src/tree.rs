//! The tree of one site's paths: literal segments, variable ones, and what was learned of each.

use crate::choice::Choice;
use crate::shape::Kind;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::MediaKind;
use weir_model::InterfaceId;

/// Position of a node in its [`Tree`].
pub(crate) type NodeId = u32;

/// The root of every tree.
pub(crate) const ROOT: NodeId = 0;

/// Most values of a variable that are counted apart.
pub(crate) const VALUES: usize = 512;

/// Most operations (method and operation name) of one path.
pub(crate) const SLOTS: usize = 96;

/// Most variables of one node that differ in their fixed text.
pub(crate) const VARIABLES: usize = 24;

/// How a node hangs on its parent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Edge {
    /// It is the root.
    Root,
    /// By a segment as it stands.
    Literal(Box<str>),
    /// By any value of a variable.
    Variable(Variable),
    /// By whatever found no room.
    Rest,
}

/// A variable segment.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(crate) struct Variable {
    /// Fixed text before the value.
    pub prefix: Box<str>,
    /// Fixed text after it.
    pub suffix: Box<str>,
    /// Distinct values by kind, as far as [`VALUES`] goes.
    pub kinds: BTreeMap<Kind, u32>,
    /// Digests of the distinct values.
    pub values: BTreeSet<u64>,
}

impl Variable {
    /// Counts a value, of which `digest` works out the digest. Says whether the variable has another name since.
    pub fn add(&mut self, kind: Kind, digest: impl FnOnce() -> u64) -> bool {
        if self.values.len() >= VALUES || !self.values.insert(digest()) {
            return false;
        }
        if let Some(n) = self.kinds.get_mut(&kind) {
            *n += 1;
            return false;
        }
        let before = self.name();
        self.kinds.insert(kind, 1);
        self.name() != before
    }
    /// Takes in the values of another.
    pub fn unite(&mut self, other: Variable) {
        self.values.extend(other.values);
        for (kind, n) in other.kinds {
            *self.kinds.entry(kind).or_default() += n;
        }
    }
    /// Whether words are among its values, so that further words may be.
    pub fn takes_words(&self) -> bool {
        self.kinds.contains_key(&Kind::Word)
    }
    /// The variable's name: of its only kind, or the broadest of several. It depends on the values alone, not on their order.
    pub fn name(&self) -> &'static str {
        let mut kinds = self.kinds.keys();
        match (kinds.next(), kinds.next()) {
            (Some(only), None) => only.name(),
            _ if self.takes_words() => Kind::Word.name(),
            _ => Kind::Integer.name(),
        }
    }
    /// The segment as a template shows it.
    pub fn shown(&self) -> String {
        format!("{}{{{}}}{}", self.prefix, self.name(), self.suffix)
    }
    /// Why it is variable, in one clause.
    pub fn evidence(&self) -> String {
        let all: u32 = self.kinds.values().sum();
        let more = if self.values.len() >= VALUES { " or more" } else { "" };
        let mut most: Vec<_> = self.kinds.iter().map(|(k, n)| (*n, *k)).collect();
        most.sort_by_key(|(n, k)| (std::cmp::Reverse(*n), *k));
        let parts: Vec<String> =
            most.iter().map(|(n, k)| format!("{n} of {all}{more} values are {}", k.plural())).collect();
        format!("{{{}}}: {}", self.name(), parts.join(", "))
    }
}

/// What is remembered of the good replies of one operation, to compare operations of different paths.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    /// Requests.
    pub calls: u64,
    /// Replies 2xx.
    pub good: u64,
    /// Kind of content of the first of them.
    pub kind: MediaKind,
    /// Digests of their field names, sorted, at most 64.
    pub fields: Vec<u64>,
    /// Whether their fields say more than an envelope does.
    pub rich: bool,
    /// Whether any reply shows that it exists.
    pub answers: bool,
    /// Whether a reply refused bad input in a manner that only siblings can confirm.
    pub refuses: bool,
    /// What every good reply so far looked like, by three guesses (`sameness.rs`); 0 where they differed.
    pub looks: [u64; 3],
    /// Whether any reply came from the application itself, not from a gate that asks for authentication.
    pub passed: bool,
}

impl Profile {
    /// Takes in the replies of another.
    pub fn unite(&mut self, other: Profile) {
        self.calls += other.calls;
        if self.good == 0 {
            self.kind = other.kind;
        }
        self.good += other.good;
        self.rich |= other.rich;
        self.answers |= other.answers;
        self.refuses |= other.refuses;
        self.passed |= other.passed;
        for (mine, theirs) in self.looks.iter_mut().zip(other.looks) {
            *mine = if *mine == theirs { *mine } else { 0 };
        }
        self.learn(&other.fields);
    }
    /// Takes in the kind and the looks of a good reply.
    pub fn show(&mut self, kind: MediaKind, looks: [u64; 3]) {
        if self.good == 0 {
            (self.kind, self.looks) = (kind, looks);
        }
        for (kept, now) in self.looks.iter_mut().zip(looks) {
            *kept = if *kept == now { now } else { 0 };
        }
    }
    /// Adds field names, given as sorted digests.
    pub fn learn(&mut self, fields: &[u64]) {
        // Nearly always they are those known, which one walk along both tells.
        let mut known = self.fields.iter();
        if fields.iter().all(|f| known.find(|k| *k >= f) == Some(f)) {
            return;
        }
        for f in fields {
            if let Err(at) = self.fields.binary_search(f)
                && self.fields.len() < 64
            {
                self.fields.insert(at, *f);
            }
        }
    }
}

/// One operation of a path.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Slot {
    /// Method.
    pub method: Box<str>,
    /// Operation name.
    pub operation: Box<str>,
    /// Its interface.
    pub interface: InterfaceId,
    /// Whether its path is shown with a slash at the end.
    pub slash: bool,
    /// Its replies.
    pub profile: Profile,
}

/// A node: a path prefix.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Node {
    /// The shorter prefix; of the root, itself.
    pub parent: NodeId,
    /// Its last segment.
    pub edge: Edge,
    /// Longer prefixes by literal segments.
    pub literals: BTreeMap<Box<str>, NodeId>,
    /// Longer prefixes by variable segments.
    pub variables: Vec<NodeId>,
    /// Whatever found no room below it.
    pub rest: Option<NodeId>,
    /// Operations of this very path.
    pub slots: Vec<Slot>,
    /// Literal children that were made by requests that found nothing.
    pub guesses: u32,
    /// Parameters that may select the operation of this very path.
    pub choices: Vec<Choice>,
    /// Whether a person said that it stands here: it is never united with its siblings.
    pub pinned: bool,
    /// Who said so of this very path; empty where nobody did.
    pub note: Box<str>,
}

/// The paths of one site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    free: Vec<NodeId>,
}

impl Default for Tree {
    fn default() -> Self {
        Tree { nodes: vec![Node::new(ROOT, Edge::Root)], free: Vec::new() }
    }
}

impl Node {
    fn new(parent: NodeId, edge: Edge) -> Self {
        Node {
            parent,
            edge,
            literals: BTreeMap::new(),
            variables: Vec::new(),
            rest: None,
            slots: Vec::new(),
            guesses: 0,
            choices: Vec::new(),
            pinned: false,
            note: "".into(),
        }
    }
    /// Every child.
    pub fn children(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.literals.values().chain(&self.variables).copied().chain(self.rest)
    }
}

impl Tree {
    /// Nodes in use.
    pub fn len(&self) -> usize {
        self.nodes.len() - self.free.len()
    }
    /// A node. Ids are made by this tree alone, so there always is one.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }
    /// A node, to change.
    pub fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id as usize]
    }
    /// Takes back all that a person pinned.
    pub fn unpin(&mut self) {
        for node in self.nodes.iter_mut().filter(|n| n.pinned || !n.note.is_empty()) {
            node.pinned = false;
            node.note = "".into();
        }
    }
    /// The variable of a node that hangs by one.
    pub fn variable(&self, id: NodeId) -> Option<&Variable> {
        match &self.node(id).edge {
            Edge::Variable(v) => Some(v),
            _ => None,
        }
    }
    /// The variable of a node that hangs by one, to change.
    pub fn variable_mut(&mut self, id: NodeId) -> Option<&mut Variable> {
        match &mut self.node_mut(id).edge {
            Edge::Variable(v) => Some(v),
            _ => None,
        }
    }
    /// The child of `parent` by a variable with this fixed text.
    pub fn find_variable(&self, parent: NodeId, prefix: &str, suffix: &str) -> Option<NodeId> {
        let fits =
            |id: &NodeId| self.variable(*id).is_some_and(|v| &*v.prefix == prefix && &*v.suffix == suffix);
        self.node(parent).variables.iter().copied().find(fits)
    }
    /// Hangs a new node on `parent`; there is none like it yet.
    pub fn add(&mut self, parent: NodeId, edge: Edge) -> NodeId {
        let node = Node::new(parent, edge.clone());
        let id = match self.free.pop() {
            Some(id) => {
                *self.node_mut(id) = node;
                id
            }
            None => {
                self.nodes.push(node);
                NodeId::try_from(self.nodes.len() - 1).unwrap_or(ROOT)
            }
        };
        self.hang(parent, id, edge);
        id
    }
    fn hang(&mut self, parent: NodeId, id: NodeId, edge: Edge) {
        let above = self.node_mut(parent);
        match edge {
            Edge::Root => {}
            Edge::Literal(text) => drop(above.literals.insert(text, id)),
            Edge::Variable(_) => above.variables.push(id),
            Edge::Rest => above.rest = Some(id),
        }
    }
    /// Hangs `id` with all below it on another parent.
    pub fn adopt(&mut self, parent: NodeId, id: NodeId) {
        let node = self.node_mut(id);
        node.parent = parent;
        let edge = node.edge.clone();
        self.hang(parent, id, edge);
    }
    /// Takes a node out of the tree and gives its contents; whoever calls it has unhooked it from its parent.
    pub fn take(&mut self, id: NodeId) -> Node {
        self.free.push(id);
        std::mem::replace(self.node_mut(id), Node::new(ROOT, Edge::Root))
    }
    /// The nodes from the first below the root to `id`.
    pub fn chain(&self, id: NodeId) -> SmallVec<[NodeId; 8]> {
        let mut chain = SmallVec::new();
        let mut at = id;
        while at != ROOT {
            chain.push(at);
            at = self.node(at).parent;
        }
        chain.reverse();
        chain
    }
    /// The template of a node's path. With `blank` variables have no names: the part of an interface's key.
    pub fn template(&self, id: NodeId, blank: bool) -> String {
        let mut out = String::new();
        for node in self.chain(id) {
            out.push('/');
            match &self.node(node).edge {
                Edge::Root => {}
                Edge::Literal(text) => out.push_str(text),
                Edge::Variable(v) if blank => out.extend([&*v.prefix, "{}", &*v.suffix]),
                Edge::Variable(v) => out.push_str(&v.shown()),
                Edge::Rest => out.push_str("{rest}"),
            }
        }
        if out.is_empty() { "/".into() } else { out }
    }
    /// Why the path's template is as it is.
    pub fn evidence(&self, id: NodeId) -> Vec<Box<str>> {
        let clause = |node: &NodeId| match &self.node(*node).edge {
            Edge::Variable(v) => Some(v.evidence().into()),
            Edge::Rest => Some("{rest}: more different paths than are told apart".into()),
            _ => None,
        };
        let said = Some(self.node(id).note.clone()).filter(|n| !n.is_empty());
        let selected = self.node(id).choices.iter().filter(|c| c.selects).map(Choice::evidence);
        self.chain(id).iter().filter_map(clause).chain(selected).chain(said).collect()
    }
    /// `id` and every node below it, parents first.
    pub fn below(&self, id: NodeId) -> Vec<NodeId> {
        let mut all = vec![id];
        let mut at = 0;
        while let Some(&node) = all.get(at) {
            all.extend(self.node(node).children());
            at += 1;
        }
        all
    }
}
