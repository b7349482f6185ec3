//! What is known of a field by its name, worked out once: bodies of an interface repeat theirs, and looking names up is dear.

use crate::facts::bounded;
use crate::facts::names::{Role, role};
use crate::structure::Names;
use weir_exchange::Text;
use weir_rules::{Name, RuleSet};

/// Longest path shown in records, in bytes.
const MAX_SHOWN: usize = 128;

/// A field.
pub(crate) struct Known {
    pub(crate) path: Text,
    /// The path as records of requests show it, bounded.
    pub(crate) shown: Text,
    /// Its number, which no other field ever has.
    pub(crate) number: u64,
    /// What its name promises.
    pub(crate) name: Name,
    /// Whether it promises anything.
    pub(crate) promising: bool,
    /// What its name says of logins and credentials.
    pub(crate) role: Option<Role>,
    /// Serial number of the half of an exchange that listed it last.
    pub(crate) listed: u64,
}

impl Known {
    fn new(path: &str, key: Option<&str>, number: u64, rules: &RuleSet) -> Self {
        let name = key.map_or(Name::NONE, |k| rules.name(k));
        let path = Text::new(path);
        let shown = if path.len() <= MAX_SHOWN { path.clone() } else { bounded(path.as_bytes(), MAX_SHOWN) };
        Known {
            path,
            shown,
            number,
            promising: !rules.types_of(&name).is_empty(),
            role: name.folded().and_then(role),
            name,
            listed: 0,
        }
    }
}

/// The fields met last. One a lane; bounded as their [`Names`] are.
#[derive(Default)]
pub(crate) struct KnownFields {
    pub(crate) names: Names,
    /// By number of the name; those that no value had have nothing.
    fields: Vec<Option<Known>>,
    generation: u64,
    /// Fields ever learnt.
    learnt: u64,
}

impl KnownFields {
    /// The number of a field, to be used before the next is looked up.
    pub(crate) fn number(&mut self, path: &str, key: Option<&str>) -> u32 {
        if !self.names.has_room(1) {
            self.names.forget();
        }
        self.names.number(path, key)
    }
    /// Numbers fields on from where `before` was.
    pub(crate) fn continue_from(&mut self, before: &KnownFields) {
        self.learnt = self.learnt.max(before.learnt);
    }
    /// A field of which the number is told.
    pub(crate) fn field(&mut self, number: u32, rules: &RuleSet) -> &mut Known {
        self.listing(number, rules).2
    }
    /// A field of which the number is told, with its path and key.
    pub(crate) fn listing(&mut self, number: u32, rules: &RuleSet) -> (&str, Option<&str>, &mut Known) {
        if self.generation != self.names.generation() {
            self.fields.clear();
            self.generation = self.names.generation();
        }
        let at = number as usize;
        if self.fields.len() <= at {
            self.fields.resize_with(at + 1, || None);
        }
        let KnownFields { names, fields, learnt, .. } = self;
        let known = fields[at].get_or_insert_with(|| {
            *learnt += 1;
            let known = Known::new(names.path(number), names.key(number).as_deref(), *learnt, rules);
            if !known.promising && known.role != Some(Role::Token) {
                names.set_plain(number);
            }
            known
        });
        let (path, key) = (names.path(number), names.key(number).as_deref());
        (path, key, known)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tells_fields_apart_and_forgets() {
        let rules = RuleSet::builtin().unwrap();
        let mut known = KnownFields::default();
        let a = known.number("data.phone", Some("phone"));
        let b = known.number("data.phone", Some("data.phone"));
        let c = known.number("data.phone", None);
        assert!(a != b && b != c && a != c);
        assert_eq!(known.number("data.phone", Some("phone")), a);
        assert!(known.field(a, &rules).promising && !known.field(c, &rules).promising);
        known.field(a, &rules).listed = 7;
        let before = known.names.generation();
        for i in 0..20_000 {
            let n = known.number(&format!("x{i}"), Some("x"));
            assert_eq!(**known.names.path(n), format!("x{i}"));
            assert_eq!(known.field(n, &rules).listed, 0);
        }
        assert!(known.names.generation() > before && known.fields.len() < 20_000);
    }
}
