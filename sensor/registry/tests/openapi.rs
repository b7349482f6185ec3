//! OpenAPI out: sound by our own look, by an independent validator, and read back as the list it describes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};
use std::process::Command;
use weir_registry::{List, openapi};
use weir_store::record::InterfaceRecord;

fn field(place: &str, name: &str, types: &[&str]) -> Value {
    json!({ "in": place, "name": name, "types": types, "presence": 100, "nullable": true, "data": ["cn_mobile"], "level": 3 })
}

fn interface(id: &str, host: &str, method: &str, template: &str) -> InterfaceRecord {
    serde_json::from_value(json!({
        "v": 1, "id": id, "method": method, "host": host, "template": template, "operation": "", "protocol": "http/1.1",
        "form": "rest", "purpose": "read", "state": "active", "first_seen": "2026-01-01T00:00:00.000000000Z",
        "last_seen": "2026-01-02T00:00:00.000000000Z", "exchanges": 7, "statuses": { "2xx": 6, "4xx": 1 },
        "callers": { "count": 1, "addresses": ["10.0.0.9"] },
        "authentication": { "with": 6, "without": 0, "refused": 1, "kinds": { "bearer": 6, "session-cookie": 1 } },
        "level": 3, "data": [], "params": [], "fields": [], "response_bytes": 1, "mean_duration_ns": 1,
        "evidence": ["{id}: whole numbers"],
        "schema": { "requests": 7, "replies": 6,
            "params": [field("path", "id", &["integer"]), field("query", "day", &["string"]), field("query", "any", &[]),
                field("header", "authorization", &["string"]), field("body", "who.phones[]", &["string"])],
            "fields": [field("response", "data.list[].id", &[]), field("response", "data", &[]), field("response", "[].x", &["string"])] }
    }))
    .unwrap()
}

fn document() -> Value {
    let noise = InterfaceRecord { state: "noise".into(), ..interface("if-4", "a.example", "GET", "/.env") };
    let all = [
        interface("if-1", "a.example", "GET", "/u/{id}/o/{id}"),
        interface("if-2", "b.example:8080", "GET", "/u/{name}/o/{x}"),
        interface("if-3", "a.example", "POST", "/u/{id}/o/{id}"),
        noise,
    ];
    openapi::write(&all, openapi::Scope::default())
}

#[test]
fn is_sound() {
    let doc = document();
    assert_eq!(doc["openapi"], "3.1.0");
    let item = &doc["paths"]["/u/{id}/o/{id_2}"];
    assert_eq!(doc["paths"].as_object().unwrap().len(), 1, "{doc}");
    let names: Vec<&str> =
        item["get"]["parameters"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["id", "id_2", "day", "any"]);
    assert_eq!(item["get"]["x-weir-also"][0]["id"], "if-2");
    let body = &item["post"]["requestBody"]["content"]["*/*"]["schema"];
    assert_eq!(body["properties"]["who"]["properties"]["phones"]["items"]["examples"], json!(["text"]));
    let data = &item["get"]["responses"]["2XX"]["content"]["*/*"]["schema"];
    assert!(data["items"]["properties"]["x"].is_object(), "{data}");
}

#[test]
fn servers_say_whether_links_were_encrypted() {
    let with = |schemes: &[&str]| {
        let schemes = schemes.iter().map(|s| (*s).to_string()).collect();
        let all = [InterfaceRecord { schemes, ..interface("if-1", "a.example", "GET", "/u") }];
        openapi::write(&all, openapi::Scope::default())
    };
    let urls = |doc: &Value| -> Vec<String> {
        let servers = doc["servers"].as_array().unwrap();
        servers.iter().map(|s| s["url"].as_str().unwrap().to_string()).collect()
    };
    assert_eq!(urls(&with(&["https"])), ["https://a.example"]);
    assert_eq!(urls(&with(&["http", "https"])), ["http://a.example", "https://a.example"]);
    assert_eq!(urls(&with(&[])), ["http://a.example"], "a record of before");
    let both = with(&["http", "https"]).to_string();
    let list = openapi::read(&both).unwrap();
    assert_eq!(list.entries.len(), 1, "one host, whatever the link");
    assert_eq!(openapi::write_list(&list).to_string(), both);
}

#[test]
fn an_independent_validator_agrees() {
    validated(&document().to_string());
}

/// Has a document looked at by another program, where that is there.
fn validated(document: &str) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("openapi.json");
    std::fs::write(&file, document).unwrap();
    let there = Command::new("python3").args(["-c", "import openapi_spec_validator"]).output();
    if !there.is_ok_and(|o| o.status.success()) {
        eprintln!(
            "skipped: python3 with openapi-spec-validator is not there (pip install openapi-spec-validator)"
        );
        return;
    }
    let o = Command::new("python3").args(["-m", "openapi_spec_validator"]).arg(&file).output().unwrap();
    assert!(
        o.status.success(),
        "{}{}",
        String::from_utf8_lossy(&o.stdout),
        String::from_utf8_lossy(&o.stderr)
    );
}

#[test]
fn goes_out_and_in_as_the_list_it_describes() {
    let text = document().to_string();
    let list = openapi::read(&text).unwrap();
    let found: Vec<_> = list.entries.iter().map(|e| (&*e.host, &*e.method, &*e.path, e.level)).collect();
    let path = "/u/{id}/o/{id_2}";
    assert_eq!(
        found,
        [
            ("a.example", "GET", path, Some(3)),
            ("b.example:8080", "GET", path, Some(3)),
            ("a.example", "POST", path, Some(3))
        ]
    );
    assert_eq!(List::from_csv(&list.to_csv()).unwrap().entries, list.entries);
    assert_eq!(List::from_json(&list.to_json()).unwrap(), list);
    assert_eq!(openapi::write_list(&list).to_string(), text, "out, in, out is the same");
}

#[test]
fn a_list_goes_out_as_openapi_and_in_as_it_was() {
    let csv = "host,method,path,owner,level,callers,until,note\n\
        a.example,GET,/u/{id},Li,3,10.0.0.0/8;crm,2030-01-01,\n\
        b.example:8080,GET,/u/{name},Wu,1,,,\"of old, still used\"\n\
        ,*,/u/:id/files,,,,,\n\
        ,PURGE,/u/{id}/files/{id},,,,,\n";
    let list = List::from_csv(csv).unwrap();
    let text = openapi::write_list(&list).to_string();
    validated(&text);
    // What came as a document is handed on as it came; what it says makes the same document again.
    let kept = openapi::read(&text).unwrap();
    assert_eq!(openapi::write_list(&kept).to_string(), text);
    let bare = List::new(kept.entries.clone()).unwrap();
    assert_eq!(openapi::write_list(&bare).to_string(), text);
    let told = |l: &List| {
        let mut all: Vec<_> = l
            .entries
            .iter()
            .map(|e| {
                (
                    e.host.clone(),
                    e.method.clone(),
                    e.owner.clone(),
                    e.level,
                    e.callers.clone(),
                    e.more.clone(),
                )
            })
            .collect();
        all.sort();
        all
    };
    assert_eq!(told(&kept), told(&list));
    let wrong = text.replace("\"path\":\"/u/{name}\"", "\"pth\":\"/u/{name}\"");
    assert!(openapi::read(&wrong).unwrap_err().to_string().contains("x-weir-also-registered.0"));
}
