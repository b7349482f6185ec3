//! OpenAPI in: each operation is an entry of the registered list.

use super::registered::{ALSO, MORE, OPERATIONS};
use crate::error::inside;
use crate::{Entry, List, ListError};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Members of a path item that are operations; 3.2 adds `query`.
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];
/// Largest document, in bytes.
const LARGEST: usize = 64 << 20;

/// Reads a document, JSON or YAML. Owner is `x-weir-owner` or the contact, system the title, level and data types are ours
/// (`x-weir-level`, `x-weir-data-types`) where the document has them, term and callers likewise. The list keeps the document, so that it
/// goes out again as it came in.
pub fn read(text: &str) -> Result<List, ListError> {
    let doc = parse(text)?;
    let version = match (doc.get("openapi"), doc.get("swagger")) {
        (Some(Value::String(v)), _) if ["3.0", "3.1", "3.2"].iter().any(|k| v.starts_with(k)) => v.clone(),
        (_, Some(Value::String(v))) if v == "2.0" => v.clone(),
        // YAML reads an unquoted 2.0 as a number.
        (_, Some(Value::Number(_))) => "2.0".into(),
        _ => {
            let zh = "须写 openapi: 3.0、3.1、3.2 之一，或 swagger: \"2.0\"";
            let en = "must say openapi: 3.0.x, 3.1.x or 3.2.x, or swagger: \"2.0\"";
            return Err(ListError::new(inside("openapi"), zh, en));
        }
    };
    let Some(paths) = doc.get("paths").map_or(Some(None), |p| p.as_object().map(Some)) else {
        return Err(ListError::new(inside("paths"), "须为对象", "must be an object"));
    };
    let mut entries = Vec::new();
    for (path, item) in paths.into_iter().flatten().filter(|(p, _)| !p.starts_with("x-")) {
        let place = inside(&format!("paths.{path}"));
        let Some(item) = resolved(&doc, item).as_object() else {
            return Err(ListError::new(place, "须为对象", "must be an object"));
        };
        for (method, operation) in operations(item) {
            for (host, base) in addresses(&doc, item, operation, &version) {
                let whole = format!("{}{path}", base.trim_end_matches('/'));
                entries.push(entry(&doc, operation, method, host, whole).checked(&place)?);
            }
            for (n, other) in operation.get(ALSO).and_then(Value::as_array).into_iter().flatten().enumerate()
            {
                let place = inside(&format!("paths.{path}.{method}.{ALSO}.{n}"));
                let other: Entry = serde_json::from_value(other.clone()).map_err(|e| {
                    ListError::new(
                        place.clone(),
                        format!("不是登记条目：{e}"),
                        format!("not an entry of a registered list: {e}"),
                    )
                })?;
                entries.push(other.checked(&place)?);
            }
        }
    }
    Ok(List { document: Some(doc), ..List::new(entries)? })
}

/// The operations of a path item by method: OpenAPI's own, those that 3.2 lets be added, and those that only our extension knows.
fn operations(item: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    let under = |key: &str| item.get(key).and_then(Value::as_object).into_iter().flatten();
    let own = item.iter().filter(|(m, _)| METHODS.contains(&m.as_str()));
    own.chain(under("additionalOperations")).chain(under(OPERATIONS))
}

fn parse(text: &str) -> Result<Value, ListError> {
    if text.len() > LARGEST {
        return Err(ListError::new(
            inside("document"),
            "超过 64 MiB；请拆分",
            "larger than 64 MiB; split it",
        ));
    }
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|e| {
            let at = (
                format!("第 {} 行第 {} 列", e.line(), e.column()),
                format!("line {}, column {}", e.line(), e.column()),
            );
            ListError::new(at, format!("不是 JSON：{e}"), format!("not JSON: {e}"))
        });
    }
    serde_saphyr::from_str(text).map_err(|e| {
        let (line, column) = e.location().map_or((0, 0), |l| (l.line(), l.column()));
        let at = (format!("第 {line} 行第 {column} 列"), format!("line {line}, column {column}"));
        let why = e.to_string();
        let why = why.lines().next().unwrap_or_default();
        ListError::new(at, format!("不是 YAML：{why}"), format!("not YAML: {why}"))
    })
}

/// What a local reference stands for, through at most 16 of them; the value itself where it is none.
fn resolved<'d>(doc: &'d Value, value: &'d Value) -> &'d Value {
    let mut at = value;
    for _ in 0..16 {
        let pointer = at.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#'));
        match pointer.and_then(|p| doc.pointer(p)) {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

/// Host and base path of each server of an operation; one of any host where none says.
fn addresses(
    doc: &Value,
    item: &Map<String, Value>,
    operation: &Value,
    version: &str,
) -> BTreeSet<(String, String)> {
    let text = |key: &str| doc.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    if version == "2.0" {
        return BTreeSet::from([(text("host"), text("basePath"))]);
    }
    let servers =
        operation.get("servers").or(item.get("servers")).or(doc.get("servers")).and_then(Value::as_array);
    let urls = servers.into_iter().flatten().filter_map(url);
    let all: BTreeSet<_> = urls.map(|u| split(&u)).collect();
    if all.is_empty() { BTreeSet::from([Default::default()]) } else { all }
}

/// The address of a server, variables at their defaults.
fn url(server: &Value) -> Option<String> {
    let mut url = server.get("url")?.as_str()?.to_string();
    for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten().take(32)
    {
        let default = variable.get("default").and_then(Value::as_str).unwrap_or_default();
        url = url.replace(&format!("{{{name}}}"), default);
    }
    Some(url)
}

/// Host, without the port that the scheme implies, and path of an address; of a relative one the host is any.
fn split(url: &str) -> (String, String) {
    let Some((scheme, rest)) = url.split_once("://") else { return (String::new(), url.into()) };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let implied = if scheme == "https" { ":443" } else { ":80" };
    (host.strip_suffix(implied).unwrap_or(host).into(), path.into())
}

fn entry(doc: &Value, operation: &Value, method: &str, host: String, path: String) -> Entry {
    let text = |v: Option<&Value>| v.and_then(Value::as_str).unwrap_or_default().to_string();
    let own = |key: &str| operation.get(key).or(doc.get(key));
    let list = |key: &str| -> Vec<String> {
        let all = own(key).and_then(Value::as_array).into_iter().flatten();
        all.filter_map(Value::as_str).map(Into::into).collect()
    };
    let owner = own("x-weir-owner").or(doc.pointer("/info/contact/name"));
    let level = operation.get("x-weir-level").and_then(Value::as_u64);
    let more = operation.get(MORE).and_then(Value::as_object).into_iter().flatten();
    Entry {
        host,
        method: method.into(),
        path,
        owner: text(owner),
        system: text(own("x-weir-system").or(doc.pointer("/info/title"))),
        level: level.and_then(|l| u8::try_from(l).ok()),
        callers: list("x-weir-callers"),
        zones: list("x-weir-zones"),
        data_types: list("x-weir-data-types"),
        until: text(own("x-weir-until")),
        more: more.filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_string()))).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn reads_every_version_in_json_and_yaml() {
        let two = "swagger: '2.0'\ninfo: {title: Shop, version: '1'}\nhost: a.example\nbasePath: /v1\npaths:\n  /u/{id}:\n    get:\n      responses:\n        200: {description: ok}\n";
        let list = read(two).unwrap_or_else(|e| panic!("{e}"));
        let e = &list.entries[0];
        assert_eq!((&*e.host, &*e.method, &*e.path, &*e.system), ("a.example", "GET", "/v1/u/{id}", "Shop"));
        for version in ["3.0.3", "3.1.1", "3.2.0"] {
            let doc = format!(
                r##"{{"openapi":"{version}","servers":[{{"url":"https://{{h}}.example:443/b","variables":{{"h":{{"default":"x"}}}}}}],
                "info":{{"title":"S","contact":{{"name":"Li"}}}},
                "paths":{{"/p":{{"$ref":"#/components/pathItems/p"}}}},
                "components":{{"pathItems":{{"p":{{"post":{{"x-weir-level":3}}}}}}}}}}"##
            );
            let list = read(&doc).unwrap_or_else(|e| panic!("{e}"));
            let e = &list.entries[0];
            assert_eq!((&*e.host, &*e.path, &*e.owner, e.level), ("x.example", "/b/p", "Li", Some(3)));
        }
    }

    #[test]
    fn errors_say_where() {
        assert!(read("openapi: 4.0\n").unwrap_err().to_string().contains("swagger"));
        assert!(read("{\"openapi\":\n}").unwrap_err().to_string().contains("line 2"));
        assert!(read("a: [1,\nb: }").unwrap_err().to_string().contains("line"));
        assert!(read(r#"{"openapi":"3.1.0","paths":[]}"#).unwrap_err().to_string().contains("paths"));
        let round = r##"{"openapi":"3.1.0","paths":{"/a":{"$ref":"#/paths/~1a"}}}"##;
        assert!(read(round).unwrap().entries.is_empty());
    }
}
