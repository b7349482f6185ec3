//! Field paths as a nested JSON Schema (2020-12).

use super::example::example;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use weir_store::record::FieldRecord;

/// A part of a body: what is known of it, and its members.
#[derive(Default)]
pub(super) struct Part<'r> {
    field: Option<&'r FieldRecord>,
    items: Option<Box<Part<'r>>>,
    members: BTreeMap<&'r str, Part<'r>>,
}

/// Deepest nesting of a schema.
const DEPTH: usize = 32;

impl<'r> Part<'r> {
    /// From fields by path (`data.list[].id`); one that is deeper than 32 is left out.
    pub fn of(fields: impl IntoIterator<Item = &'r FieldRecord>) -> Part<'r> {
        let mut root = Part::default();
        for f in fields {
            let mut at = &mut root;
            let steps = f.name.split('.').map(|s| s.matches("[]").count() + 1).sum::<usize>();
            if steps > DEPTH {
                continue;
            }
            for step in f.name.split('.') {
                let name = step.trim_end_matches("[]");
                if !name.is_empty() {
                    at = at.members.entry(name).or_default();
                }
                for _ in 0..(step.len() - name.len()) / 2 {
                    at = at.items.get_or_insert_default();
                }
            }
            at.field = Some(f);
        }
        root
    }

    /// As JSON Schema.
    pub fn schema(&self) -> Value {
        let mut s = self.field.map_or_else(Map::new, own);
        if let Some(items) = &self.items {
            s.insert("type".into(), json!("array"));
            s.insert("items".into(), items.schema());
        } else if !self.members.is_empty() {
            let all = |p: &&Part<'_>| p.field.is_some_and(|f| f.presence == 100);
            let required: Vec<&str> = self.members.iter().filter(|(_, p)| all(p)).map(|(n, _)| *n).collect();
            let members: Map<String, Value> =
                self.members.iter().map(|(n, p)| ((*n).to_string(), p.schema())).collect();
            s.insert("type".into(), json!("object"));
            s.insert("properties".into(), Value::Object(members));
            if !required.is_empty() {
                s.insert("required".into(), json!(required));
            }
        }
        if self.items.is_some() || !self.members.is_empty() {
            s.remove("examples");
        }
        Value::Object(s)
    }
}

/// What is known of a field by itself.
pub(super) fn own(f: &FieldRecord) -> Map<String, Value> {
    let mut s = Map::new();
    let mut types: Vec<&str> = f.types.iter().map(String::as_str).collect();
    if f.nullable && !types.is_empty() {
        types.push("null");
    }
    match types.as_slice() {
        [] => {}
        [one] => drop(s.insert("type".into(), json!(one))),
        more => drop(s.insert("type".into(), json!(more))),
    }
    match f.format.as_deref() {
        None => {}
        Some("digits") => drop(s.insert("pattern".into(), json!("^[0-9]+$"))),
        Some(format) => drop(s.insert("format".into(), json!(format))),
    }
    if !f.values.is_empty() {
        s.insert("x-weir-values".into(), json!(f.values));
    }
    if let Some(e) = example(f) {
        s.insert("examples".into(), json!([e]));
    }
    s.insert("x-weir-presence".into(), json!(f.presence));
    if !f.data.is_empty() {
        s.insert("x-weir-data-types".into(), json!(f.data));
    }
    if let Some(level) = f.level {
        s.insert("x-weir-level".into(), json!(level));
    }
    s
}
