//! What calls of an interface carry and give back, field by field (接口模式: parameters and fields of GB/T 46796-2025, A.1 and 7.1 c).
//!
//! Messages of one shape share the list of their names ([`SharedList`]), so that a message of a shape met before moves one counter. What
//! stands in [`Schema::params`] and [`Schema::fields`] is the sum of both.

mod field;
mod shapes;

pub use field::{Domain, Field, ParamIn, SharedFormat, ValueFormat, ValueType, ValueTypes};

use serde::{Deserialize, Serialize};
use shapes::Shapes;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use weir_exchange::{ParamName, ParamPlace, ParamValue, Params, SharedList, Text};

/// Of parameters in order, which may still tell something by their values: bits, of 64 at most.
#[derive(Clone, Copy, Default, Debug)]
struct Marks {
    /// Those in the body.
    body: u64,
    /// Those whose domain is not closed.
    open: u64,
    /// Those that are known to be whole numbers.
    whole: u64,
}

/// The schema of an interface. Of the first 1,024 exchanges all are looked at, later one in 16; data is taken of all.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(into = "Sums", from = "Sums")]
pub struct Schema {
    /// Requests looked at.
    pub requests: u64,
    /// Replies looked at: those with 2xx.
    pub replies: u64,
    /// Variable segments of the path, in its order.
    pub path: Vec<Field>,
    params: BTreeMap<ParamIn, BTreeMap<Box<str>, Field>>,
    fields: BTreeMap<Box<str>, Field>,
    asked: Shapes<ParamName, Marks>,
    replied: Shapes<Text, ()>,
}

impl Schema {
    /// Most parameters beside those of the path.
    pub const PARAMS: usize = 96;
    /// Most fields of replies.
    pub const FIELDS: usize = 128;

    /// Names of the variable segments of a template, in order (`/a/{id}/{rest}`: `id`, `rest`).
    pub fn variables(template: &str) -> impl Iterator<Item = &str> {
        template.split('{').skip(1).filter_map(|s| s.split_once('}').map(|(name, _)| name))
    }

    /// Parameters beside those of the path, by place and name, at most 96.
    pub fn params(&self) -> impl Iterator<Item = (ParamIn, &str, Cow<'_, Field>)> {
        let counts = self.asked.counts().filter(|(n, _, _)| n.place == ParamPlace::Body);
        let more = summed(counts.map(|(n, seen, blank)| (n.name.as_str(), seen, blank)));
        let all = self.params.iter().flat_map(|(place, names)| names.iter().map(|(n, f)| (*place, &**n, f)));
        all.map(move |(place, name, field)| {
            let more = more.get(name).filter(|_| place == ParamIn::Body);
            (place, name, with(field, more))
        })
    }

    /// Fields of replies by path, at most 128.
    pub fn fields(&self) -> impl Iterator<Item = (&str, Cow<'_, Field>)> {
        let more = summed(self.replied.counts().map(|(n, seen, blank)| (n.as_str(), seen, blank)));
        self.fields.iter().map(move |(name, field)| (&**name, with(field, more.get(&**name))))
    }

    /// Counts a good reply with fields of these names, sorted; bit i of `blank` says that the value of the i-th said nothing.
    pub fn reply(&mut self, names: &SharedList<Text>, mut blank: u64) {
        self.replies += 1;
        if names.is_empty() {
            return;
        }
        if self.replied.find(names).is_none() {
            self.learn_reply(names);
        }
        if let Some(shape) = self.replied.find(names) {
            shape.count();
            while blank != 0 {
                shape.count_blank(blank.trailing_zeros() as usize);
                blank &= blank - 1;
            }
        }
    }

    fn learn_reply(&mut self, names: &SharedList<Text>) {
        let mut known = self.fields.keys().peekable();
        let mut new: Vec<&Text> = Vec::new();
        for name in names {
            // Both are sorted, so one walk along them finds those known; names out of order are only looked up once more.
            while known.next_if(|k| ***k < **name).is_some() {}
            if known.next_if(|k| ***k == **name).is_none() {
                new.push(name);
            }
        }
        for name in new {
            self.field(name);
        }
        if let Some(gone) = self.replied.add(names.clone(), ()) {
            for (name, seen, blank) in gone.counts() {
                if let Some(field) = self.fields.get_mut(name.as_str()) {
                    field.count(seen, blank);
                }
            }
        }
    }

    /// Counts the parameters of a body, and gives `tell` those of them whose values may still tell something: anything of a field whose
    /// domain is not closed, and the first whole number of one.
    pub fn body(&mut self, params: &Params, mut tell: impl FnMut(&mut Field, &str, ParamValue)) {
        if params.is_empty() {
            return;
        }
        if self.asked.find(params.names()).is_none() {
            self.learn_request(params.names());
        }
        let Some(shape) = self.asked.find(params.names()) else { return };
        if shape.marks.body == 0 {
            return;
        }
        shape.count();
        for (at, value) in params.values().iter().enumerate().take(64) {
            let bit = shape.marks.body & 1 << at;
            let tells = match value {
                ParamValue::Empty => {
                    if bit != 0 {
                        shape.count_blank(at);
                    }
                    0
                }
                ParamValue::Integer(_) => bit & (shape.marks.open | !shape.marks.whole),
                ParamValue::Wildcard | ParamValue::Other { .. } => bit & shape.marks.open,
            };
            if tells == 0 {
                continue;
            }
            let name = params.names().get(at).map_or("", |n| n.name.as_str());
            // Parameters that found no room never will.
            let mut left = (0, bit);
            if let Some(field) = self.params.get_mut(&ParamIn::Body).and_then(|names| names.get_mut(name)) {
                tell(field, name, *value);
                let whole = if field.types.has(ValueType::Integer) { bit } else { 0 };
                left = (if field.domain.is_closed() { 0 } else { bit }, whole);
            }
            shape.marks.open = shape.marks.open & !bit | left.0;
            shape.marks.whole = shape.marks.whole & !bit | left.1;
        }
    }

    fn learn_request(&mut self, names: &SharedList<ParamName>) {
        let mut marks = Marks::default();
        for (at, _) in names.iter().enumerate().take(64).filter(|(_, n)| n.place == ParamPlace::Body) {
            marks.body |= 1 << at;
        }
        marks.open = marks.body;
        for name in names.iter().filter(|n| n.place == ParamPlace::Body) {
            self.param(ParamIn::Body, &name.name);
        }
        if let (Some(gone), Some(known)) =
            (self.asked.add(names.clone(), marks), self.params.get_mut(&ParamIn::Body))
        {
            for (name, seen, blank) in gone.counts().filter(|(n, _, _)| n.place == ParamPlace::Body) {
                if let Some(field) = known.get_mut(name.name.as_str()) {
                    field.count(seen, blank);
                }
            }
        }
    }

    /// The parameter, made where it is new; `None` where there is no room.
    pub fn param(&mut self, place: ParamIn, name: &str) -> Option<&mut Field> {
        // Asked by reference first: nearly always it is there.
        if !self.params.get(&place).is_some_and(|names| names.contains_key(name)) {
            if self.params.values().map(BTreeMap::len).sum::<usize>() >= Self::PARAMS {
                return None;
            }
            self.params.entry(place).or_default().insert(name.into(), Field::default());
        }
        self.params.get_mut(&place)?.get_mut(name)
    }

    /// The field of replies, made where it is new; `None` where there is no room.
    pub fn field(&mut self, path: &str) -> Option<&mut Field> {
        if !self.fields.contains_key(path) {
            if self.fields.len() >= Self::FIELDS {
                return None;
            }
            self.fields.insert(path.into(), Field::default());
        }
        self.fields.get_mut(path)
    }
}

/// What a schema says, however it was counted.
#[derive(Debug, Serialize, Deserialize)]
struct Sums {
    requests: u64,
    replies: u64,
    path: Vec<Field>,
    params: BTreeMap<ParamIn, BTreeMap<Box<str>, Field>>,
    fields: BTreeMap<Box<str>, Field>,
}

impl From<Schema> for Sums {
    fn from(schema: Schema) -> Sums {
        let mut params: BTreeMap<ParamIn, BTreeMap<Box<str>, Field>> = BTreeMap::new();
        for (place, name, field) in schema.params() {
            params.entry(place).or_default().insert(name.into(), field.into_owned());
        }
        let fields = schema.fields().map(|(name, field)| (name.into(), field.into_owned())).collect();
        let Schema { requests, replies, path, .. } = schema;
        Sums { requests, replies, path, params, fields }
    }
}

impl From<Sums> for Schema {
    fn from(sums: Sums) -> Schema {
        let Sums { requests, replies, path, params, fields } = sums;
        Schema { requests, replies, path, params, fields, ..Schema::default() }
    }
}

/// What it says, however it was counted.
impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Sums::from(self.clone()).fmt(f)
    }
}

/// Two are equal where they say the same, however it was counted.
impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        (self.requests, self.replies, &self.path) == (other.requests, other.replies, &other.path)
            && self.params().eq(other.params())
            && self.fields().eq(other.fields())
    }
}

impl Eq for Schema {}

fn summed<'s>(counts: impl Iterator<Item = (&'s str, u64, u64)>) -> BTreeMap<&'s str, (u64, u64)> {
    let mut sums: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (name, seen, blank) in counts {
        let sum = sums.entry(name).or_default();
        *sum = (sum.0 + seen, sum.1 + blank);
    }
    sums
}

fn with<'f>(field: &'f Field, more: Option<&(u64, u64)>) -> Cow<'f, Field> {
    let Some((seen, blank)) = more else { return Cow::Borrowed(field) };
    let mut sum = field.clone();
    sum.count(*seen, *blank);
    Cow::Owned(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> SharedList<Text> {
        names.iter().map(|n| Text::from(*n)).collect()
    }

    fn counted(s: &Schema) -> Vec<(String, u64, u64)> {
        s.fields().map(|(n, f)| (n.to_owned(), f.seen, f.blank)).collect()
    }

    #[test]
    fn variables_of_a_template() {
        assert_eq!(Schema::variables("/a/{id}/x{rest}.json").collect::<Vec<_>>(), ["id", "rest"]);
    }

    #[test]
    fn replies_count_alike_whether_they_share_their_names() {
        let (mut shared, mut apart) = (Schema::default(), Schema::default());
        let (one, two) = (names(&["a", "b"]), names(&["b", "c"]));
        for n in 0..40 {
            let (list, own) =
                if n % 4 == 0 { (&two, names(&["b", "c"])) } else { (&one, names(&["a", "b"])) };
            shared.reply(list, n & 3);
            apart.reply(&own, n & 3);
        }
        assert_eq!(shared, apart);
        assert_eq!(counted(&shared), [("a".into(), 30, 20), ("b".into(), 40, 20), ("c".into(), 10, 0)]);
    }

    #[test]
    fn fields_are_bounded_and_what_found_no_room_is_not_listed() {
        let mut s = Schema::default();
        for n in 0..Schema::FIELDS + 9 {
            s.reply(&names(&[&format!("f{n:04}"), "z"]), 0);
        }
        assert_eq!(s.fields().count(), Schema::FIELDS);
        assert_eq!(s.fields().find(|(n, _)| *n == "z").map(|(_, f)| f.seen), Some(137));
    }

    #[test]
    fn values_tell_until_they_tell_nothing_new() {
        let mut params = Params::default();
        params.push(ParamPlace::Query, "page", ParamValue::Integer(1));
        params.push(ParamPlace::Body, "kind", ParamValue::Integer(7));
        params.push(ParamPlace::Body, "note", ParamValue::Empty);
        let (mut s, mut told) = (Schema::default(), 0);
        for n in 0..5 {
            s.body(&params, |field, name, _| {
                told += 1;
                assert_eq!(name, "kind");
                field.types.add(ValueType::Integer);
                if n == 2 {
                    field.domain.close();
                }
            });
        }
        assert_eq!(told, 3);
        let all: Vec<_> = s.params().map(|(p, n, f)| (p, n.to_owned(), f.seen, f.blank)).collect();
        assert_eq!(all, [(ParamIn::Body, "kind".into(), 5, 0), (ParamIn::Body, "note".into(), 5, 5)]);
    }
}
