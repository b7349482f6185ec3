//! Grading profiles put to the types of the packs.

use crate::pack::{DataTypeText, Hidden, LabelText, PackError, Packs, Placed, ProfileText, Standing, Which};
use std::collections::BTreeSet;
use weir_exchange::{Grade, Graded, Grading, Label, Many};

/// Most profiles that extend each other in a row.
const MAX_EXTENDS: usize = 8;
/// Most levels and most categories: a rank is a byte.
const MAX_LABELS: usize = 64;

/// Every profile of the packs, in their order.
pub(super) fn profiles(packs: &Packs) -> Result<Vec<Grading>, PackError> {
    let mut seen = BTreeSet::new();
    for p in &packs.profiles {
        if !seen.insert(p.stanza.id.as_str()) {
            let what = format!("profile `{}` is already defined", p.stanza.id);
            return Err(packs.fault(
                p,
                what,
                "give it another id, with `extends` where it builds on that one",
            ));
        }
    }
    for t in &packs.data_types {
        if let Some(profile) = t.stanza.grades.keys().find(|p| !seen.contains(p.as_str())) {
            let what = format!("{}: there is no profile `{profile}`", t.stanza.id);
            return Err(packs.fault(t, what, "`weir rules profiles` lists them"));
        }
    }
    packs.profiles.iter().map(|p| Compiling::new(packs, p)?.grading()).collect()
}

/// A profile with those it extends, nearest first.
struct Compiling<'a> {
    packs: &'a Packs,
    chain: Vec<&'a Placed<ProfileText>>,
}

impl<'a> Compiling<'a> {
    fn new(packs: &'a Packs, first: &'a Placed<ProfileText>) -> Result<Self, PackError> {
        let mut chain = vec![first];
        let mut last = first;
        while let Some(base) = &last.stanza.extends {
            let Some(next) = packs.profiles.iter().find(|p| p.stanza.id == *base) else {
                let what = format!("there is no profile `{base}` to extend");
                return Err(packs.fault(last, what, "`weir rules profiles` lists them"));
            };
            if chain.len() == MAX_EXTENDS {
                let what = format!("profile `{}` extends itself by way of others", first.stanza.id);
                return Err(packs.fault(first, what, "break the circle"));
            }
            chain.push(next);
            last = next;
        }
        Ok(Compiling { packs, chain })
    }
    fn first<T>(&self, of: impl Fn(&'a ProfileText) -> Option<T>) -> Option<T> {
        self.chain.iter().find_map(|p| of(&p.stanza))
    }
    fn fail<T>(&self, what: String, fix: &str) -> Result<T, PackError> {
        Err(self.packs.fault(self.chain[0], what, fix))
    }

    fn grading(&self) -> Result<Grading, PackError> {
        let own = &self.chain[0].stanza;
        let full = |l: &'a Vec<LabelText>| (!l.is_empty()).then(|| labels(l));
        let levels = self.first(|p| full(&p.levels)).unwrap_or_default();
        let categories = self.first(|p| full(&p.categories)).unwrap_or_default();
        if levels.is_empty() || levels.len().max(categories.len()) > MAX_LABELS {
            let what = format!("profile `{}` has no levels, or more than {MAX_LABELS}", own.id);
            return self.fail(what, "list its `levels`, lowest first, or the profile it `extends`");
        }
        let Some(rest) = self.first(|p| p.rest.as_deref()) else {
            let what = format!("profile `{}` does not say how types without a rule are graded", own.id);
            return self.fail(what, "name one of its levels as `rest`");
        };
        let rest = self.rank(&levels, rest, "level")?;
        self.check_names()?;
        let many = match self.first(|p| p.many.as_ref()) {
            None => None,
            Some(m) => Some(Many { values: m.values, up_to: Grade(self.rank(&levels, &m.up_to, "level")?) }),
        };
        let types = self.packs.data_types.iter().map(|t| self.type_of(&t.stanza, &levels, &categories, rest));
        Ok(Grading {
            id: own.id.as_str().into(),
            zh: own.zh.as_str().into(),
            en: own.en.as_str().into(),
            standard: self
                .first(|p| (!p.standard.is_empty()).then_some(p.standard.as_str()))
                .unwrap_or_default()
                .into(),
            types: types.collect::<Result<_, _>>()?,
            levels,
            categories,
            hidden_lower: self.first(|p| p.hidden) == Some(Hidden::Lower),
            many,
        })
    }

    /// Every type that a rule names must be there, or be off; a group must have a type.
    fn check_names(&self) -> Result<(), PackError> {
        let rules = &self.chain[0].stanza;
        let all = rules.grade.iter().map(|r| &r.which).chain(rules.class.iter().map(|r| &r.which));
        let types = &self.packs.data_types;
        for which in all {
            let known =
                |id: &&String| types.iter().any(|t| t.stanza.id == **id) || self.packs.off.contains(*id);
            if let Some(id) = which.types.iter().find(|id| !known(id)) {
                let what = format!("profile `{}` names a data type `{id}` that is not there", rules.id);
                return self.fail(what, "`weir rules list` lists them");
            }
            let has = |g: &&String| types.iter().any(|t| t.stanza.group == **g);
            if let Some(group) = which.groups.iter().find(|g| !has(g)).filter(|_| self.packs.off.is_empty()) {
                let what = format!("profile `{}` names a group `{group}` without types", rules.id);
                return self.fail(what, "`weir rules list --json` tells the groups");
            }
        }
        Ok(())
    }

    fn type_of(
        &self,
        t: &DataTypeText,
        levels: &[Label],
        categories: &[Label],
        rest: u8,
    ) -> Result<(Graded, bool), PackError> {
        let said = self.first(|p| t.grades.get(&p.id).map(String::as_str));
        let ruled = || self.first(|p| p.grade.iter().find(|r| holds(&r.which, t)).map(|r| r.level.as_str()));
        let grade = match said.or_else(ruled) {
            Some(level) => self.rank(levels, level, "level")?,
            None => rest,
        };
        let class = self.first(|p| p.class.iter().find(|r| holds(&r.which, t)).map(|r| r.category.as_str()));
        let category = class.map(|c| self.rank(categories, c, "category")).transpose()?;
        Ok((Graded { grade: Grade(grade), category }, t.personal != Standing::None))
    }

    fn rank(&self, labels: &[Label], id: &str, what: &str) -> Result<u8, PackError> {
        match labels.iter().position(|l| &*l.id == id).map(u8::try_from) {
            Some(Ok(rank)) => Ok(rank),
            _ => {
                let known: Vec<&str> = labels.iter().map(|l| &*l.id).collect();
                let told = format!("profile `{}` has no {what} `{id}`", self.chain[0].stanza.id);
                self.fail(told, &format!("use one of {}", known.join(", ")))
            }
        }
    }
}

fn labels(texts: &[LabelText]) -> Vec<Label> {
    let label = |l: &LabelText| Label {
        id: l.id.as_str().into(),
        zh: l.zh.as_str().into(),
        en: l.en.as_str().into(),
    };
    texts.iter().map(label).collect()
}

fn holds(w: &Which, t: &DataTypeText) -> bool {
    let named =
        w.types.is_empty() && w.groups.is_empty() || w.types.contains(&t.id) || w.groups.contains(&t.group);
    named
        && (w.native.is_empty() || w.native.contains(&t.level))
        && (w.personal.is_empty() || w.personal.contains(&t.personal))
        && w.secret.is_none_or(|s| s == t.secret)
}
