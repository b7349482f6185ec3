//! Uniting branches of a tree into one, with their interfaces.

use crate::choice::CHOICES;
use crate::shape::Kind;
use crate::tree::{Edge, NodeId, SLOTS, Tree, Variable};
use weir_model::InterfaceId;

/// Pairs of interfaces that have become one: (from, into).
pub(crate) type United = Vec<(InterfaceId, InterfaceId)>;

/// Makes the literal children `members` of `parent` values of one variable; gives its node.
pub(crate) fn into_variable(
    tree: &mut Tree,
    parent: NodeId,
    suffix: &str,
    members: &[(Box<str>, NodeId)],
    digest: &dyn Fn(&str) -> u64,
    united: &mut United,
) -> NodeId {
    let into = tree.find_variable(parent, "", suffix).unwrap_or_else(|| {
        tree.add(parent, Edge::Variable(Variable { suffix: suffix.into(), ..Variable::default() }))
    });
    for (name, node) in members {
        tree.node_mut(parent).literals.remove(name);
        if let Some(v) = tree.variable_mut(into) {
            v.add(Kind::Word, || digest(name.strip_suffix(suffix).unwrap_or(name)));
        }
        unite(tree, *node, into, united);
    }
    into
}

/// Moves all of `from`, which no parent holds any more, into `into`.
fn unite(tree: &mut Tree, from: NodeId, into: NodeId, united: &mut United) {
    let gone = tree.take(from);
    if let (Edge::Variable(old), Some(v)) = (gone.edge, tree.variable_mut(into)) {
        v.unite(old);
    }
    for slot in gone.slots {
        let there = &mut tree.node_mut(into).slots;
        let same = there.iter().position(|s| s.method == slot.method && s.operation == slot.operation);
        // A full node keeps its own: the first operation of the same method takes the calls of what has no room.
        let room = there.len() < SLOTS;
        let other = there.iter().position(|s| s.method == slot.method).unwrap_or(0);
        match same.or((!room).then_some(other)) {
            Some(at) => {
                let kept = &mut there[at];
                let (old, new) = (kept.interface.max(slot.interface), kept.interface.min(slot.interface));
                kept.interface = new;
                kept.profile.unite(slot.profile);
                united.push((old, new));
            }
            None => there.push(slot),
        }
    }
    for choice in gone.choices {
        let there = &mut tree.node_mut(into).choices;
        let room = there.len() < CHOICES;
        match there.iter_mut().find(|c| (&c.method, &c.name) == (&choice.method, &choice.name)) {
            Some(mine) => mine.unite(choice),
            None if room => there.push(choice),
            None => {}
        }
    }
    tree.node_mut(into).guesses += gone.guesses;
    for (name, child) in gone.literals {
        match tree.node(into).literals.get(&name).copied() {
            Some(same) => unite(tree, child, same, united),
            None => tree.adopt(into, child),
        }
    }
    for child in gone.variables {
        let fixed = tree.variable(child).map(|v| (v.prefix.clone(), v.suffix.clone())).unwrap_or_default();
        match tree.find_variable(into, &fixed.0, &fixed.1) {
            Some(same) => unite(tree, child, same, united),
            None => tree.adopt(into, child),
        }
    }
    if let Some(child) = gone.rest {
        match tree.node(into).rest {
            Some(same) => unite(tree, child, same, united),
            None => tree.adopt(into, child),
        }
    }
}
