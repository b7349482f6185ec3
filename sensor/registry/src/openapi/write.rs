//! OpenAPI 3.1 out, from the interfaces of a data directory.

use super::shape::{Part, own};
use crate::entry::shape;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use weir_store::record::{FieldRecord, InterfaceRecord};

/// Methods that a path item has (3.1).
pub(super) const METHODS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];

/// What is written.
#[derive(Clone, Copy, Default, Debug)]
pub struct Scope<'a> {
    /// Only interfaces of this host.
    pub site: Option<&'a str>,
}

/// The document. Noise, static files and pages are left out. Of interfaces that share method and path (several hosts, several
/// operations of one path), the one called most is written and the others are listed under `x-weir-also`.
pub fn write(all: &[InterfaceRecord], scope: Scope<'_>) -> Value {
    let wanted = |i: &&InterfaceRecord| {
        i.state != "noise"
            && !matches!(i.form.as_str(), "static" | "page")
            && METHODS.contains(&i.method.as_str())
            && scope.site.is_none_or(|s| s == i.host)
    };
    let mut groups: BTreeMap<(String, &str), Vec<&InterfaceRecord>> = BTreeMap::new();
    for i in all.iter().filter(wanted) {
        groups.entry((shape(&i.template), &i.method)).or_default().push(i);
    }
    let mut paths: BTreeMap<String, (String, Map<String, Value>)> = BTreeMap::new();
    let mut urls = BTreeSet::new();
    let mut schemes = BTreeSet::new();
    for ((bare, method), mut same) in groups {
        same.sort_by(|a, b| b.exchanges.cmp(&a.exchanges).then_with(|| a.id.cmp(&b.id)));
        let Some(main) = same.first() else { continue };
        let (template, item) = paths.entry(bare).or_insert_with(|| (unique(&main.template), Map::new()));
        urls.extend(same.iter().copied().flat_map(urls_of));
        schemes.extend(main.authentication.kinds.keys().filter_map(|k| scheme(k)).map(|(name, _)| name));
        item.insert(method.to_ascii_lowercase(), operation(main, &same, template));
    }
    let paths: Map<String, Value> = paths.into_values().map(|(t, item)| (t, Value::Object(item))).collect();
    let security: Map<String, Value> = KINDS
        .iter()
        .filter_map(|k| scheme(k))
        .filter(|(name, _)| schemes.contains(name))
        .map(|(name, s)| (name.to_string(), s))
        .collect();
    let title = scope
        .site
        .map_or_else(|| "Interfaces seen by Weir".to_string(), |s| format!("Interfaces of {s} seen by Weir"));
    json!({
        "openapi": "3.1.0",
        "info": { "title": title, "version": "1", "description": "Observed, not declared: what Weir saw on the wire. Examples are made up from type and format." },
        "servers": servers(urls),
        "paths": paths,
        "components": { "securitySchemes": security },
    })
}

/// Where the site of an interface was called: in clear, encrypted or both, as seen; in clear where a record of old does not say.
fn urls_of(i: &InterfaceRecord) -> impl Iterator<Item = String> {
    let seen = |scheme: &str| i.schemes.iter().any(|s| s == scheme);
    let schemes = [("http", seen("http") || !seen("https")), ("https", seen("https"))];
    schemes.into_iter().filter(|(_, seen)| *seen).map(|(scheme, _)| format!("{scheme}://{}", i.host))
}

pub(super) fn servers(urls: impl IntoIterator<Item = String>) -> Value {
    let servers: Vec<Value> = urls.into_iter().map(|url| json!({ "url": url })).collect();
    if servers.is_empty() { json!([{ "url": "/" }]) } else { json!(servers) }
}

/// The template with each variable's name unlike those before it, as OpenAPI demands, and beginning with a slash.
pub(super) fn unique(template: &str) -> String {
    let (mut out, mut met) = (String::new(), BTreeSet::new());
    let mut rest = template;
    while let Some((before, variable)) = rest.split_once('{') {
        let Some((name, after)) = variable.split_once('}') else { break };
        let mut own = name.to_string();
        let mut n = 2;
        while !met.insert(own.clone()) {
            own = format!("{name}_{n}");
            n += 1;
        }
        out += &format!("{before}{{{own}}}");
        rest = after;
    }
    out += rest;
    if out.starts_with('/') { out } else { format!("/{out}") }
}

fn operation(main: &InterfaceRecord, same: &[&InterfaceRecord], template: &str) -> Value {
    let mut o = Map::new();
    o.insert("operationId".into(), json!(main.id));
    let urls: BTreeSet<String> = same.iter().copied().flat_map(urls_of).collect();
    o.insert("servers".into(), servers(urls));
    let parameters = parameters(main, template);
    if !parameters.is_empty() {
        o.insert("parameters".into(), json!(parameters));
    }
    let body: Vec<&FieldRecord> = main.schema.params.iter().filter(|f| f.place == "body").collect();
    if !body.is_empty() {
        let media = json!({ "schema": Part::of(body).schema() });
        // The media type is not in records of interfaces.
        o.insert("requestBody".into(), json!({ "content": { "*/*": media } }));
    }
    o.insert("responses".into(), responses(main));
    let kinds: Vec<Value> = main
        .authentication
        .kinds
        .keys()
        .filter_map(|k| scheme(k))
        .map(|(name, _)| json!({ name: [] }))
        .collect();
    if !kinds.is_empty() {
        o.insert("security".into(), json!(kinds));
    }
    evidence(&mut o, main, same);
    Value::Object(o)
}

fn parameters(main: &InterfaceRecord, template: &str) -> Vec<Value> {
    let of = |place: &'static str| main.schema.params.iter().filter(move |f| f.place == place);
    let mut known = of("path");
    let variables = template.split('{').skip(1).filter_map(|s| s.split_once('}'));
    let path = variables.map(|(name, _)| {
        let schema = known.next().map_or_else(|| json!({ "type": "string" }), |f| Value::Object(own(f)));
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    });
    // What carries credentials is said by the security schemes; OpenAPI ignores it as a parameter.
    let said = |f: &&FieldRecord| {
        f.place != "header" || !matches!(f.name.as_str(), "authorization" | "accept" | "content-type")
    };
    let mut met = BTreeSet::new();
    let others = of("query")
        .chain(of("header"))
        .chain(of("cookie"))
        .filter(said)
        .filter(|f| met.insert((&f.place, &f.name)));
    let others: Vec<Value> = others
        .map(|f| json!({ "name": f.name, "in": f.place, "required": f.presence == 100, "schema": own(f) }))
        .collect();
    path.chain(others).collect()
}

fn responses(main: &InterfaceRecord) -> Value {
    let mut all = Map::new();
    for class in main.statuses.keys().filter(|c| *c != "none") {
        let mut r = json!({ "description": format!("seen {} times", main.statuses.get(class).copied().unwrap_or(0)) });
        if class == "2xx" && !main.schema.fields.is_empty() {
            r["content"] = json!({ "*/*": { "schema": Part::of(&main.schema.fields).schema() } });
        }
        all.insert(class.to_uppercase(), r);
    }
    if all.is_empty() {
        all.insert("default".into(), json!({ "description": "no answer was seen" }));
    }
    Value::Object(all)
}

/// What we know and why.
fn evidence(o: &mut Map<String, Value>, main: &InterfaceRecord, same: &[&InterfaceRecord]) {
    let given = main.data.iter().filter(|d| d.direction == "response" && d.count > 0);
    let types: BTreeSet<&str> = given.map(|d| d.data_type.as_str()).collect();
    let said = [
        ("x-weir-form", json!(main.form)),
        ("x-weir-purpose", json!(main.purpose)),
        ("x-weir-state", json!(main.state)),
        ("x-weir-first-seen", json!(main.first_seen)),
        ("x-weir-last-seen", json!(main.last_seen)),
        ("x-weir-exchanges", json!(main.exchanges)),
        ("x-weir-level", json!(main.level)),
        ("x-weir-data-types", json!(types)),
        ("x-weir-evidence", json!(main.evidence)),
    ];
    o.extend(said.map(|(k, v)| (k.to_string(), v)));
    if let Some(grade) = &main.grade {
        o.insert("x-weir-grade".into(), json!({ "profile": main.profile, "grade": grade }));
    }
    if let Some(r) = &main.registration {
        o.insert("x-weir-registration".into(), json!(r.state));
    }
    let others = same.iter().skip(1);
    let also: Vec<Value> = others
        .map(|i| json!({ "id": i.id, "host": i.host, "operation": i.operation, "exchanges": i.exchanges, "level": i.level }))
        .collect();
    if !also.is_empty() {
        o.insert("x-weir-also".into(), json!(also));
    }
}

/// Sorts of credential of records that OpenAPI has a scheme for.
const KINDS: [&str; 5] = ["basic", "digest", "bearer", "negotiate", "session-cookie"];

fn scheme(kind: &str) -> Option<(&'static str, Value)> {
    match kind {
        "basic" => Some(("basic", json!({ "type": "http", "scheme": "basic" }))),
        "digest" => Some(("digest", json!({ "type": "http", "scheme": "digest" }))),
        "bearer" => Some(("bearer", json!({ "type": "http", "scheme": "bearer" }))),
        "negotiate" => Some(("negotiate", json!({ "type": "http", "scheme": "negotiate" }))),
        "session-cookie" => Some(("session", json!({ "type": "apiKey", "in": "cookie", "name": "session" }))),
        _ => None,
    }
}
