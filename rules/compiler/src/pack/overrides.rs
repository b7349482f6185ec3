//! Putting an organisation's changes to types of other packs into force.

use super::load::{Packs, Placed};
use super::own::{CompositeText, OverrideText};
use super::stanza::{DataTypeText, Stands};
use super::{PackError, Standing};

impl Packs {
    /// Applies the overrides, in the order of the packs, and takes out the types that are off.
    ///
    /// # Errors
    /// Where one names no type, changes nothing, or takes out a word that is not there.
    pub(crate) fn apply_overrides(&mut self) -> Result<(), PackError> {
        for placed in std::mem::take(&mut self.overrides) {
            self.apply(&placed)?;
        }
        for placed in &self.composites {
            self.data_types.push(placed.with(as_type(&placed.stanza)));
        }
        self.off = self.data_types.extract_if(.., |t| t.stanza.off).map(|t| t.stanza.id).collect();
        Ok(())
    }

    fn apply(&mut self, placed: &Placed<OverrideText>) -> Result<(), PackError> {
        let (o, source) = (&placed.stanza, &self.sources[placed.pack]);
        let fail = |what: String, fix: String| Err(source.error(&placed.span, what, fix));
        if o.is_empty() {
            let fix = "say what changes (level, keys, off, ...; see rules/README.md), or remove it";
            return fail(format!("the override of {} changes nothing", o.id), fix.into());
        }
        let Some(at) = self.data_types.iter().position(|t| t.stanza.id == o.id) else {
            let near = nearest(&o.id, self.data_types.iter().map(|t| t.stanza.id.as_str()));
            let fix = format!("did you mean {near}? `weir rules list` lists them");
            return fail(format!("there is no data type `{}` to override", o.id), fix);
        };
        let mut changed = self.data_types[at].stanza.clone();
        if let Some(word) = o.without.iter().find(|word| !take_out(&mut changed, word)) {
            let fix = format!("`weir rules show {}` lists them; remove it from `without`", o.id);
            return fail(format!("{} has no key or context word `{word}`", o.id), fix);
        }
        change(&mut changed, o);
        self.data_types[at].stanza = changed;
        Ok(())
    }
}

/// Takes a word out of the lists that tell by words; whether it was there.
fn take_out(t: &mut DataTypeText, word: &str) -> bool {
    let lists = [&mut t.keys, &mut t.weak_keys, &mut t.suffixes, &mut t.reject_keys, &mut t.context];
    let mut found = false;
    for list in lists {
        let before = list.len();
        list.retain(|w| w != word);
        found |= list.len() < before;
    }
    found
}

fn change(t: &mut DataTypeText, o: &OverrideText) {
    fn put<T: Clone>(to: &mut T, from: Option<&T>) {
        if let Some(from) = from {
            *to = from.clone();
        }
    }
    put(&mut t.zh, o.zh.as_ref());
    put(&mut t.en, o.en.as_ref());
    put(&mut t.level, o.level.as_ref());
    put(&mut t.personal, o.personal.as_ref());
    put(&mut t.secret, o.secret.as_ref());
    put(&mut t.mask, o.mask.as_ref());
    put(&mut t.precedence, o.precedence.as_ref());
    let lists = [
        (&mut t.keys, &o.keys),
        (&mut t.weak_keys, &o.weak_keys),
        (&mut t.suffixes, &o.suffixes),
        (&mut t.reject_keys, &o.reject_keys),
        (&mut t.context, &o.context),
        (&mut t.not_values, &o.not_values),
        (&mut t.masked, &o.masked),
    ];
    for (list, more) in lists {
        list.extend(more.iter().cloned());
    }
    t.examples.extend(o.examples.iter().cloned());
    t.counter_examples.extend(o.counter_examples.iter().cloned());
    t.grades.extend(o.grades.clone());
    t.off |= o.off;
}

/// A composite as a type of its own, which no value by itself is of.
fn as_type(c: &CompositeText) -> DataTypeText {
    DataTypeText {
        id: c.id.clone(),
        zh: c.zh.clone(),
        en: c.en.clone(),
        group: c.group.clone(),
        level: c.level,
        personal: c.personal,
        secret: false,
        mask: c.personal != Standing::None,
        precedence: 0,
        stands: Stands::Key,
        composite: true,
        grades: c.grades.clone(),
        ..DataTypeText::default()
    }
}

/// The three known names nearest to a wrong one, as a list.
pub(super) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> String {
    let mut all: Vec<(usize, &str)> = known.map(|k| (distance(wrong, k), k)).collect();
    all.sort_unstable();
    all.iter().take(3).map(|(_, k)| format!("`{k}`")).collect::<Vec<_>>().join(", ")
}

/// Letters to change, add or leave out (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let changed = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first() {
        assert_eq!((distance("abc", "abc"), distance("abc", "ab"), distance("", "xy")), (0, 1, 2));
        let near = nearest("cn_moblie", ["email", "cn_mobile", "cn_name", "ipv6"].into_iter());
        assert!(near.starts_with("`cn_mobile`"), "{near}");
    }
}
