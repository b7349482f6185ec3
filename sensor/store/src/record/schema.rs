//! `schema` of an interface's record: parameters and fields.

use crate::Results;
use crate::mask::mask_name;
use serde::{Deserialize, Serialize};
use weir_model::{Field, Interface, ParamIn, Schema, SharedFormat};

/// What calls carry and replies give back (接口模式).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(default)]
pub struct SchemaRecord {
    /// Requests looked at: all of the first 1,024, later one in 16.
    pub requests: u64,
    /// Replies looked at, of those with 2xx.
    pub replies: u64,
    /// Parameters: those of the path in its order, then by place and name.
    pub params: Vec<FieldRecord>,
    /// Fields of replies, by path.
    pub fields: Vec<FieldRecord>,
}

/// A parameter, or a field of replies.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(default)]
pub struct FieldRecord {
    /// `path`, `query`, `header`, `cookie`, `body` or `response`.
    #[serde(rename = "in")]
    pub place: String,
    /// Name or field path with `[]` for lists (`data.list[].id`).
    pub name: String,
    /// JSON types of its values (`string`, `integer`, ...); empty where none is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// `date`, `date-time`, `uuid`, `email`, `ipv4`, `uri` or `digits`, where all texts have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Messages that had it, in per cent of those looked at; 0 is less than half a per cent.
    pub presence: u8,
    /// Whether its value was ever empty or `null`.
    pub nullable: bool,
    /// Its values, where they are few, short and say nothing of anyone.
    #[serde(rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Types of the data found in it, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<String>,
    /// Highest grade of that data, 1 to 4; absent without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
}

impl SchemaRecord {
    pub(crate) fn new(interface: &Interface, results: &Results<'_>) -> Self {
        let s = &interface.schema;
        let names = Schema::variables(&interface.template);
        let path = names.zip(&s.path).map(|(name, f)| {
            let known = data(f, interface, results, false, "");
            record(ParamIn::Path.key(), name, f, f.seen, known)
        });
        let others = s.params().map(|(place, name, f)| {
            record(place.key(), name, &f, s.requests, data(&f, interface, results, false, name))
        });
        let fields = s.fields().map(|(name, f)| {
            record("response", name, &f, s.replies, data(&f, interface, results, true, name))
        });
        SchemaRecord {
            requests: s.requests,
            replies: s.replies,
            params: path.chain(others).collect(),
            fields: fields.collect(),
        }
    }

    /// Takes in what an earlier run knew and this one has not seen.
    pub(crate) fn complete(&mut self, earlier: &SchemaRecord) {
        for (now, old) in [(&mut self.params, &earlier.params), (&mut self.fields, &earlier.fields)] {
            for f in old {
                if !now.iter().any(|n| (&n.place, &n.name) == (&f.place, &f.name)) {
                    now.push(f.clone());
                }
            }
        }
    }
}

/// Data found in a field, without what stands in columns that are something else: ids, and the highest grade.
fn data(
    f: &Field,
    interface: &Interface,
    results: &Results<'_>,
    response: bool,
    path: &str,
) -> (Vec<String>, Option<u8>) {
    let rule = &results.grading.columns;
    let counts = f.data.iter().filter(|((t, form), _)| !interface.rejects(response, path, *t, *form, rule));
    let (mut ids, mut level) = (Vec::new(), None);
    for ((t, _), grade) in counts {
        ids.extend(results.catalogue.data_type(*t).map(|t| t.id.to_string()));
        level = level.max(Some(*grade));
    }
    ids.sort_unstable();
    ids.dedup();
    (ids, level)
}

fn record(
    place: &str,
    name: &str,
    f: &Field,
    of: u64,
    (data, level): (Vec<String>, Option<u8>),
) -> FieldRecord {
    let share = (f.seen * 100 + of / 2).checked_div(of).unwrap_or(0).min(100);
    FieldRecord {
        place: place.into(),
        name: mask_name(name),
        types: f.types.iter().map(|t| t.key().to_string()).collect(),
        format: match f.format {
            SharedFormat::All(format) => Some(format.key().into()),
            SharedFormat::Unseen | SharedFormat::None => None,
        },
        presence: u8::try_from(share).unwrap_or(100),
        nullable: f.blank > 0,
        values: f.domain.values().map(Into::into).collect(),
        data,
        level,
    }
}
