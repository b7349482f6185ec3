//! Parameters: names shared by the requests of one shape, values in a row.

use crate::{Fingerprint, SharedList, Text};
use serde::{Deserialize, Serialize};

/// Where a parameter stood.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ParamPlace {
    /// In the query of the target.
    Query,
    /// In the body (form field, JSON or XML leaf, multipart part).
    Body,
}

/// Name and place of a parameter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParamName {
    /// Where.
    pub place: ParamPlace,
    /// Name or field path, bounded to 128 bytes.
    pub name: Text,
}

/// A parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Param<'a> {
    /// Where.
    pub place: ParamPlace,
    /// Name or field path, bounded to 128 bytes.
    pub name: &'a Text,
    /// What is kept of its value.
    pub value: ParamValue,
}

/// Parameters in order. Requests of one shape share the names.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Params {
    names: SharedList<ParamName>,
    values: Vec<ParamValue>,
}

impl Params {
    /// Of names and as many values; what one has more than the other is left out.
    pub fn new(names: SharedList<ParamName>, mut values: Vec<ParamValue>) -> Self {
        values.truncate(names.len());
        Params { names, values }
    }
    /// Their names, which requests of one shape share.
    pub const fn names(&self) -> &SharedList<ParamName> {
        &self.names
    }
    /// What is kept of their values, in the order of the names.
    pub fn values(&self) -> &[ParamValue] {
        &self.values
    }
    /// One by one.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Param<'_>> + ExactSizeIterator + Clone {
        let both = self.names.iter().zip(&self.values);
        both.map(|(n, v)| Param { place: n.place, name: &n.name, value: *v })
    }
    /// The one at a place.
    pub fn get(&self, at: usize) -> Option<Param<'_>> {
        self.iter().nth(at)
    }
    /// How many.
    pub fn len(&self) -> usize {
        self.values.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
    /// Adds one; the names are then this request's own.
    pub fn push(&mut self, place: ParamPlace, name: impl Into<Text>, value: ParamValue) {
        self.names.push(ParamName { place, name: name.into() });
        self.values.push(value);
    }
}

/// What is kept of a parameter's value: enough to see enumeration and page sizes, not the value itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ParamValue {
    /// Nothing.
    Empty,
    /// A whole number of at most 15 digits without leading zero: identifiers, page sizes.
    Integer(u64),
    /// A wildcard (`*`, `%`, `all`).
    Wildcard,
    /// Anything else.
    Other {
        /// Keyed fingerprint.
        fingerprint: Fingerprint,
        /// Bytes.
        length: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shared_until_one_adds() {
        let mut a = Params::default();
        a.push(ParamPlace::Query, "page", ParamValue::Integer(1));
        let mut b = a.clone();
        b.push(ParamPlace::Body, "id", ParamValue::Empty);
        assert_eq!((a.len(), b.len()), (1, 2));
        let names: Vec<&str> = b.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["page", "id"]);
        assert_eq!(b.iter().next(), a.iter().next());
    }
}
