//! Grading: the classes and levels that a standard, a trade or an organisation gives to data types (分类分级).
//!
//! The native grade 1 to 4 of a [`DataType`](crate::DataType) orders findings; a profile says the same in the words of a standard
//! (GB/T 43697-2024: core, important, general 1 to 4; JR/T 0171-2020: C3, C2, C1). Profiles are data of the rule packs.

use crate::{DataItem, DataTypeId, Form};

/// One level of a profile, by rank: 0 is the lowest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Grade(pub u8);

/// A level or a category of a profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Stable id, as in records (`C3`, `general-2`).
    pub id: Box<str>,
    /// Chinese name.
    pub zh: Box<str>,
    /// English name.
    pub en: Box<str>,
}

/// Class and level of one data type.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Graded {
    /// Level of a value in clear.
    pub grade: Grade,
    /// Index of its category, where the profile has one for it.
    pub category: Option<u8>,
}

/// From so many values of one kind of personal information in one exchange on, it is graded one step higher.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Many {
    /// Values.
    pub values: u32,
    /// Highest level that this leads to.
    pub up_to: Grade,
}

/// A grading profile (分级方案) applied to the types of a [`Catalogue`](crate::Catalogue).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grading {
    /// Stable id (`gbt43697`).
    pub id: Box<str>,
    /// Chinese name.
    pub zh: Box<str>,
    /// English name.
    pub en: Box<str>,
    /// The standard it rests on, with its year.
    pub standard: Box<str>,
    /// Levels, lowest first; at least one, at most 255.
    pub levels: Vec<Label>,
    /// Categories.
    pub categories: Vec<Label>,
    /// Whether masked, digested and encrypted values are graded one step lower than those in clear.
    pub hidden_lower: bool,
    /// Whether many values raise the level of an exchange.
    pub many: Option<Many>,
    /// Of each type of the catalogue.
    pub types: Vec<(Graded, bool)>,
}

impl Grading {
    /// The level of a field: of a type in a form.
    pub fn field(&self, data_type: DataTypeId, form: Form) -> Grade {
        let grade = self.graded(data_type).0.grade;
        if self.hidden_lower && !form.is_clear() { Grade(grade.0.saturating_sub(1)) } else { grade }
    }
    /// The level of an exchange: the highest of its fields, higher where it holds many values. `None` without data.
    pub fn exchange(&self, data: &[DataItem]) -> Option<Grade> {
        self.highest(data.iter().map(|d| (d.data_type, d.form, d.count)))
    }
    /// The same of fields with their most values in one exchange: the level of an interface.
    pub fn highest(&self, fields: impl Iterator<Item = (DataTypeId, Form, u32)>) -> Option<Grade> {
        fields.map(|(data_type, form, count)| self.of_many(data_type, form, count)).max()
    }
    fn of_many(&self, data_type: DataTypeId, form: Form, count: u32) -> Grade {
        let grade = self.field(data_type, form);
        match self.many {
            Some(many) if self.graded(data_type).1 && count >= many.values && grade < many.up_to => {
                Grade(grade.0 + 1)
            }
            _ => grade,
        }
    }
    /// The category of a type.
    pub fn category(&self, data_type: DataTypeId) -> Option<&Label> {
        self.categories.get(usize::from(self.graded(data_type).0.category?))
    }
    /// Names of a level.
    pub fn label(&self, grade: Grade) -> Option<&Label> {
        self.levels.get(usize::from(grade.0))
    }
    fn graded(&self, data_type: DataTypeId) -> (Graded, bool) {
        self.types.get(usize::from(data_type.0)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grading(hidden_lower: bool) -> Grading {
        let label = |id: &str| Label { id: id.into(), zh: id.into(), en: id.into() };
        let graded = |n, category| Graded { grade: Grade(n), category };
        Grading {
            id: "x".into(),
            zh: "x".into(),
            en: "x".into(),
            standard: "x".into(),
            levels: ["low", "mid", "high", "top"].map(label).to_vec(),
            categories: vec![label("person")],
            hidden_lower,
            many: Some(Many { values: 100, up_to: Grade(2) }),
            types: vec![(graded(1, Some(0)), true), (graded(2, None), false), (graded(3, None), true)],
        }
    }

    #[test]
    fn a_field_is_graded_by_type_and_form() {
        let (a, b) = (grading(true), grading(false));
        assert_eq!(a.field(DataTypeId(1), Form::Plain), Grade(2));
        assert_eq!(a.field(DataTypeId(1), Form::Encoded), Grade(2));
        assert_eq!(a.field(DataTypeId(1), Form::Masked), Grade(1));
        assert_eq!(b.field(DataTypeId(1), Form::Masked), Grade(2));
        assert_eq!(a.field(DataTypeId(9), Form::Masked), Grade(0));
        assert_eq!(a.category(DataTypeId(0)).map(|c| &*c.id), Some("person"));
        assert_eq!(a.category(DataTypeId(1)), None);
    }

    #[test]
    fn many_persons_raise_a_level_once_and_not_beyond_its_bound() {
        let g = grading(true);
        let of = |ty, count| g.highest([(DataTypeId(ty), Form::Plain, count)].into_iter());
        assert_eq!(
            (of(0, 99), of(0, 100), of(0, 1_000_000)),
            (Some(Grade(1)), Some(Grade(2)), Some(Grade(2)))
        );
        assert_eq!(of(1, 1_000), Some(Grade(2)), "not of persons");
        assert_eq!(of(2, 1_000), Some(Grade(3)), "already above");
        assert_eq!(g.highest(std::iter::empty()), None);
    }
}
