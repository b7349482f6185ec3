//! What is known of one parameter or field: types, format, domain, data.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::{DataTypeId, Form};

/// Where a parameter stands, in the order in which records list them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum ParamIn {
    /// A variable segment of the path.
    Path,
    /// The query.
    Query,
    /// A header field (only those that carry credentials are handed over).
    Header,
    /// A cookie.
    Cookie,
    /// The body.
    Body,
}

impl ParamIn {
    /// Its name in records, which is OpenAPI's where that has one.
    pub const fn key(self) -> &'static str {
        match self {
            ParamIn::Path => "path",
            ParamIn::Query => "query",
            ParamIn::Header => "header",
            ParamIn::Cookie => "cookie",
            ParamIn::Body => "body",
        }
    }
}

/// The type of a value, in JSON's words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum ValueType {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// Any other number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list.
    Array,
    /// Named members.
    Object,
}

impl ValueType {
    /// All types, in order.
    pub const ALL: [ValueType; 6] = [
        ValueType::String,
        ValueType::Integer,
        ValueType::Number,
        ValueType::Boolean,
        ValueType::Array,
        ValueType::Object,
    ];
    /// Its name in records and in JSON Schema.
    pub const fn key(self) -> &'static str {
        match self {
            ValueType::String => "string",
            ValueType::Integer => "integer",
            ValueType::Number => "number",
            ValueType::Boolean => "boolean",
            ValueType::Array => "array",
            ValueType::Object => "object",
        }
    }
}

/// The types that values of a field had.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct ValueTypes(u8);

impl ValueTypes {
    /// Adds one.
    pub fn add(&mut self, t: ValueType) {
        self.0 |= 1 << t as u8;
    }
    /// Whether it holds one.
    pub fn has(self, t: ValueType) -> bool {
        self.0 & (1 << t as u8) != 0
    }
    /// Whether none is known.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// Adds all of another set.
    pub fn unite(&mut self, other: ValueTypes) {
        self.0 |= other.0;
    }
    /// Those of the set, in order; an integer is not listed beside number, which it is too.
    pub fn iter(self) -> impl Iterator<Item = ValueType> {
        ValueType::ALL
            .into_iter()
            .filter(move |t| self.has(*t) && !(*t == ValueType::Integer && self.has(ValueType::Number)))
    }
}

/// The look of a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum ValueFormat {
    /// `2026-01-31`.
    Date,
    /// RFC 3339, or with a space for the `T`.
    DateTime,
    /// RFC 9562.
    Uuid,
    /// An address of mail.
    Email,
    /// Four numbers with dots.
    Ipv4,
    /// Absolute, with authority.
    Uri,
    /// Digits that are no plain number: leading zeros, more than 15.
    Digits,
}

impl ValueFormat {
    /// Its name in records and in JSON Schema (which has none for digits).
    pub const fn key(self) -> &'static str {
        match self {
            ValueFormat::Date => "date",
            ValueFormat::DateTime => "date-time",
            ValueFormat::Uuid => "uuid",
            ValueFormat::Email => "email",
            ValueFormat::Ipv4 => "ipv4",
            ValueFormat::Uri => "uri",
            ValueFormat::Digits => "digits",
        }
    }
}

/// The format that all values of a field share.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub enum SharedFormat {
    /// No value was looked at.
    #[default]
    Unseen,
    /// All had this one.
    All(ValueFormat),
    /// Some had none, or another.
    None,
}

impl SharedFormat {
    /// Takes in the format of one more value, or of values of another record.
    pub fn unite(&mut self, other: SharedFormat) {
        *self = match (*self, other) {
            (SharedFormat::Unseen, o) => o,
            (s, SharedFormat::Unseen) => s,
            (s, o) if s == o => s,
            _ => SharedFormat::None,
        };
    }
}

/// The few different values of a field (值域), as long as they are few, short, and say nothing of anyone.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Domain {
    values: BTreeMap<Box<str>, u64>,
    closed: bool,
}

impl Domain {
    /// Most values of a domain: one more and the field has none.
    pub const MOST: usize = 8;
    /// Times that a value of the domain must have come, on average.
    const TIMES: u64 = 8;

    /// Counts a value.
    pub fn add(&mut self, value: &str, times: u64) {
        if self.closed {
            return;
        }
        if let Some(n) = self.values.get_mut(value) {
            *n += times;
        } else if self.values.len() < Self::MOST {
            self.values.insert(value.into(), times);
        } else {
            self.close();
        }
    }
    /// The field has no domain, and never will: a value was long, sensitive, or one too many.
    pub fn close(&mut self) {
        self.closed = true;
        self.values.clear();
    }
    /// Whether the field has no domain for good, so that its values need not be looked at.
    pub fn is_closed(&self) -> bool {
        self.closed
    }
    /// Whether no value was counted yet.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
    /// Takes in another.
    pub fn unite(&mut self, other: &Domain) {
        if other.closed {
            self.close();
        }
        for (value, n) in &other.values {
            self.add(value, *n);
        }
    }
    /// The values in order, where each came often enough to be one of a set; empty otherwise.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        let times: u64 = self.values.values().sum();
        let known = times >= Self::TIMES * self.values.len() as u64;
        self.values.keys().map(|v| &**v).filter(move |_| known)
    }
}

/// A parameter or a field of replies.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Field {
    /// Messages that had it, of those looked at.
    pub seen: u64,
    /// Of those, messages whose first value of it was empty or `null`.
    pub blank: u64,
    /// Types of its values; empty where none is known.
    pub types: ValueTypes,
    /// Format of its texts.
    pub format: SharedFormat,
    /// Its few values.
    pub domain: Domain,
    /// Data found in it, with the grade.
    pub data: BTreeMap<(DataTypeId, Form), u8>,
}

impl Field {
    /// Counts messages that had it, and of these those whose value said nothing.
    pub fn count(&mut self, seen: u64, blank: u64) {
        self.seen += seen;
        self.blank += blank;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_few_and_frequent() {
        let mut d = Domain::default();
        d.add("open", 15);
        d.add("shut", 1);
        assert_eq!(d.values().collect::<Vec<_>>(), ["open", "shut"]);
        d.add("ajar", 1);
        assert_eq!(d.values().count(), 0, "17 times three values");
        (0..9).for_each(|n| d.add(&n.to_string(), 100));
        assert_eq!((d.values().count(), d.values.len()), (0, 0));
        d.add("open", 100);
        assert_eq!(d.values().count(), 0, "closed for good");
    }

    #[test]
    fn formats_are_shared_or_none() {
        let mut f = SharedFormat::default();
        f.unite(SharedFormat::All(ValueFormat::Date));
        f.unite(SharedFormat::Unseen);
        assert_eq!(f, SharedFormat::All(ValueFormat::Date));
        f.unite(SharedFormat::All(ValueFormat::Uuid));
        assert_eq!(f, SharedFormat::None);
        let mut t = ValueTypes::default();
        t.add(ValueType::Integer);
        t.add(ValueType::Number);
        assert_eq!(t.iter().collect::<Vec<_>>(), [ValueType::Number]);
    }
}
