//! The registered list as OpenAPI 3.1, so that it reads back as the same list.
//!
//! What OpenAPI has no word for is said in extensions: terms of an entry in `x-weir-*` of its operation, further entries of the same method
//! and path (other hosts, other terms) in `x-weir-also-registered`, and methods that a path item does not know (`*`) in
//! `x-weir-operations`.

use super::write::{METHODS, servers, unique};
use crate::List;
use crate::entry::Entry;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Operations of a path item that are not OpenAPI's own, by method.
pub(super) const OPERATIONS: &str = "x-weir-operations";
/// Entries that share method and path with the operation they stand in.
pub(super) const ALSO: &str = "x-weir-also-registered";
/// Columns of an entry that Weir does not know.
pub(super) const MORE: &str = "x-weir-more";

/// The document that the list came as, else one made of its entries, in order of path and method.
pub fn write_list(list: &List) -> Value {
    if let Some(document) = &list.document {
        return document.clone();
    }
    let mut paths: BTreeMap<String, (String, BTreeMap<&str, Vec<&Entry>>)> = BTreeMap::new();
    for e in &list.entries {
        let of_path = paths.entry(e.shape()).or_insert_with(|| (unique(&braced(&e.path)), BTreeMap::new()));
        of_path.1.entry(&e.method).or_default().push(e);
    }
    let paths: Map<String, Value> = paths
        .into_values()
        .map(|(path, of)| {
            let item = item(&path, &of);
            (path, item)
        })
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Registered interfaces", "version": "1", "description": "The registered list (GB/T 46796-2025, 7.3.2.3 c): declared, not observed." },
        "paths": paths,
    })
}

fn item(path: &str, of: &BTreeMap<&str, Vec<&Entry>>) -> Value {
    let (mut item, mut others) = (Map::new(), Map::new());
    for (method, entries) in of {
        let Some((first, more)) = entries.split_first() else { continue };
        let mut operation = operation(path, first);
        if !more.is_empty() {
            operation.insert(ALSO.into(), json!(more));
        }
        match METHODS.contains(method) {
            true => item.insert(method.to_ascii_lowercase(), Value::Object(operation)),
            false => others.insert((*method).into(), Value::Object(operation)),
        };
    }
    if !others.is_empty() {
        item.insert(OPERATIONS.into(), Value::Object(others));
    }
    Value::Object(item)
}

fn operation(path: &str, e: &Entry) -> Map<String, Value> {
    let names = path.split('{').skip(1).filter_map(|s| s.split_once('}'));
    let parameters: Vec<Value> = names
        .map(|(name, _)| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    // A list does not say whether the link is encrypted: `http` stands for either.
    let url = Some(&e.host).filter(|h| !h.is_empty()).map(|h| format!("http://{h}"));
    // Owner and system are said even where they are empty: the title must not stand in for them.
    let said = [
        ("servers", servers(url)),
        ("parameters", json!(parameters)),
        ("responses", json!({ "default": { "description": "registered without its replies" } })),
        ("x-weir-owner", json!(e.owner)),
        ("x-weir-system", json!(e.system)),
        ("x-weir-callers", json!(e.callers)),
        ("x-weir-zones", json!(e.zones)),
        ("x-weir-data-types", json!(e.data_types)),
        ("x-weir-until", json!(e.until)),
    ];
    let mut o: Map<String, Value> = said.into_iter().map(|(k, v)| (k.to_string(), v)).collect();
    if let Some(level) = e.level {
        o.insert("x-weir-level".into(), json!(level));
    }
    if !e.more.is_empty() {
        o.insert(MORE.into(), json!(e.more));
    }
    o
}

/// A path with its variables in braces, as OpenAPI has them.
fn braced(path: &str) -> String {
    let segment = |s: &str| match s.strip_prefix(':') {
        Some(name) if !name.is_empty() => format!("{{{name}}}"),
        _ => s.to_string(),
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}
