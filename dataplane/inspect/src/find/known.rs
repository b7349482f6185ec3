//! What is known of a field by its path and name, worked out once: bodies of an interface repeat theirs, and looking names up is dear.

use crate::facts::names::{Role, role};
use weir_rules::{Name, RuleSet};

/// Most fields remembered; when there are more, all are forgotten and learnt anew.
const MAX: usize = 2048;
/// Slots of the index; a power of two.
const SLOTS: usize = 4 * MAX;
/// Most slots looked at for one field: more only occur where somebody chose names that collide.
const MAX_PROBES: usize = 16;
/// A slot without a field.
const EMPTY: u32 = u32::MAX;

/// A field.
pub(crate) struct Known {
    path: Box<str>,
    key: Option<Box<str>>,
    /// What its name promises.
    pub(crate) name: Name,
    /// Whether it promises anything.
    pub(crate) promising: bool,
    /// What its name says of logins and credentials.
    pub(crate) role: Option<Role>,
    /// Serial number of the half of an exchange that listed it last.
    pub(crate) listed: u64,
}

/// The fields met last. One a lane; bounded.
pub(crate) struct KnownFields {
    slots: Vec<u32>,
    fields: Vec<Known>,
}

impl Default for KnownFields {
    fn default() -> Self {
        KnownFields { slots: vec![EMPTY; SLOTS], fields: Vec::new() }
    }
}

impl KnownFields {
    /// The number of a field, to be used before the next is looked up.
    pub(crate) fn number(&mut self, path: &str, key: Option<&str>, rules: &RuleSet) -> usize {
        let start = hash(path.as_bytes(), key.map_or(0, |k| 1 + k.len())) as usize;
        let mut free = None;
        for probe in 0..MAX_PROBES {
            let at = (start + probe) % SLOTS;
            let number = self.slots[at];
            if number == EMPTY {
                free = Some(at);
                break;
            }
            if let Some(known) = self.fields.get(number as usize)
                && *known.path == *path
                && known.key.as_deref() == key
            {
                return number as usize;
            }
        }
        let at = match free {
            Some(at) if self.fields.len() < MAX => at,
            _ => {
                self.slots.fill(EMPTY);
                self.fields.clear();
                start % SLOTS
            }
        };
        let name = key.map_or(Name::NONE, |k| rules.name(k));
        let number = self.fields.len();
        self.slots[at] = number as u32;
        self.fields.push(Known {
            path: path.into(),
            key: key.map(Box::from),
            promising: !rules.types_of(&name).is_empty(),
            name,
            role: key.and_then(role),
            listed: 0,
        });
        number
    }
    /// A field of which [`number`](Self::number) told the number.
    pub(crate) fn field(&mut self, number: usize) -> &mut Known {
        &mut self.fields[number]
    }
}

/// Eight bytes at a time, multiplied and folded: only speed counts, since probes are bounded.
fn hash(bytes: &[u8], salt: usize) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |h: u64, word: u64| {
        let wide = u128::from(h ^ word) * u128::from(FACTOR);
        (wide >> 64) as u64 ^ wide as u64
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let h = words.iter().fold(FACTOR ^ salt as u64, |h, w| mix(h, u64::from_le_bytes(*w)));
    let last = rest.iter().fold(bytes.len() as u64, |w, b| w << 8 | u64::from(*b));
    mix(h, last)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tells_fields_apart_and_forgets() {
        let rules = RuleSet::builtin().unwrap();
        let mut known = KnownFields::default();
        let a = known.number("data.phone", Some("phone"), &rules);
        let b = known.number("data.phone", Some("data.phone"), &rules);
        let c = known.number("data.phone", None, &rules);
        assert!(a != b && b != c && a != c);
        assert_eq!(known.number("data.phone", Some("phone"), &rules), a);
        assert!(known.field(a).promising && !known.field(c).promising);
        for i in 0..2 * MAX {
            let n = known.number(&format!("x{i}"), Some("x"), &rules);
            assert_eq!(*known.field(n).path, format!("x{i}"));
        }
        assert!(known.fields.len() <= MAX);
    }
}
