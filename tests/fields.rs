//! What GB/T 46796-2025 collects (7.1) and enriches (7.2.2), clause by clause: each field is in the records of a capture that shows it,
//! or named here as one that is not given yet, with why.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::Value;
use std::fs;
use std::path::Path;
use weir_support::{Traffic, Weir, records, text};

const WEIR: Weir = Weir(env!("CARGO_BIN_EXE_weir"));

/// Where a field is.
enum At {
    /// In a line of a file of records, at a pointer; any that is not null nor empty will do.
    Field(&'static str, &'static str),
    /// Nowhere yet, and why.
    Missing(&'static str),
}
use At::{Field, Missing};

const X: &str = "exchanges.jsonl";
const I: &str = "interfaces.jsonl";
const A: &str = "accounts.jsonl";
const L: &str = "ledger.json";
/// Of another capture, whose connections are encrypted.
const E: &str = "encrypted.jsonl";

/// Clause, what it asks for, where it is.
const TABLE: &[(&str, &str, At)] = &[
    ("7.1 a(1)", "provider address", Field(X, "/server/ip")),
    ("7.1 a(1)", "provider port", Field(X, "/server/port")),
    ("7.1 a(2)", "server software", Field(X, "/software")),
    (
        "7.1 a(2)",
        "change of server software",
        Missing("no history of a site is kept; each exchange tells its own"),
    ),
    ("7.1 a(3)", "domain of the certificate", Field(E, "/certificate/names")),
    ("7.1 a(3)", "subject of the certificate", Field(E, "/certificate/subject")),
    ("7.1 a(3)", "its validity", Field(E, "/certificate/not_after")),
    ("7.1 a(3)", "its issuer", Field(E, "/certificate/issuer")),
    ("7.1 a(3)", "algorithm of its key", Field(E, "/certificate/key")),
    ("7.1 a(3)", "algorithm of its signature", Field(E, "/certificate/signature")),
    ("7.1 a(3)", "change of the certificate", Field(E, "/certificate_changes")),
    (
        "7.1 a(4)",
        "custom response fields",
        Missing("the inspection keeps no list of fields; data in them is found"),
    ),
    ("7.1 b(1)", "user name", Field(X, "/account")),
    ("7.1 b(1)", "credentials in use", Field(I, "/authentication/kinds/bearer")),
    ("7.1 b(2)", "source address", Field(X, "/client/ip")),
    ("7.1 b(2)", "source port", Field(X, "/client/port")),
    ("7.1 b(2)", "real client", Field(X, "/caller")),
    ("7.1 b(2)", "why it was believed", Field(X, "/forwarded/why")),
    ("7.1 b(3)", "agent, as it names itself", Field(X, "/user_agent")),
    ("7.1 b(3)", "agent's type, system and device", Missing("the text is not parsed into parts")),
    ("7.1 b(4)", "location", Field(I, "/callers/places/0/place/country")),
    ("7.1 b(4)", "declared position", Missing("no record says so; coordinates in values are found as data")),
    (
        "7.1 b(5)",
        "custom request fields",
        Missing("the inspection keeps no list of fields; data in them is found"),
    ),
    ("7.1 c(1)", "protocol", Field(X, "/protocol")),
    ("7.1 c(2)", "host", Field(I, "/host")),
    ("7.1 c(2)", "method", Field(I, "/method")),
    ("7.1 c(2)", "normalised path", Field(I, "/template")),
    ("7.1 c(2)", "discriminator", Field(I, "/operation")),
    ("7.1 c(3)", "data asked for", Field(I, "/schema/params/0/name")),
    ("7.1 c(3)", "who is identified, and by what", Field(X, "/identity/by")),
    ("7.1 c(3)", "session", Field(I, "/authentication/kinds/session-cookie")),
    ("7.1 c(4)", "status", Field(X, "/status")),
    ("7.1 c(4)", "content type", Field(X, "/response/content_type")),
    ("7.1 c(4)", "length", Field(X, "/response/body_bytes")),
    ("7.1 d", "class", Field(I, "/data/0/category")),
    ("7.1 d", "level", Field(X, "/grade")),
    ("7.1 d", "quantity", Field(X, "/data/0/count")),
    ("7.1 e(1)", "operation type", Field(I, "/purpose")),
    ("7.1 e(2)", "start", Field(X, "/time")),
    ("7.1 e(2)", "response time", Field(X, "/latency_ns")),
    ("7.1 e(2)", "execution time", Field(X, "/duration_ns")),
    ("7.1 f", "sessions", Field(L, "/stages/stream/opened")),
    ("7.1 f", "packets", Field(L, "/received/frames")),
    ("7.1 f", "bytes", Field(L, "/received/bytes")),
    ("7.1 f", "loss", Field(L, "/stages/stream/gaps")),
    ("7.1 f", "mean latency", Field(I, "/mean_duration_ns")),
    ("7.1 f", "load", Field(I, "/exchanges")),
    ("7.2.2 a", "zone of the provider", Field(I, "/servers/0/place/zone/name")),
    ("7.2.2 a", "owner of that zone", Field(I, "/servers/0/place/zone/owner")),
    ("7.2.2 b", "account name", Field(A, "/name")),
    ("7.2.2 b", "department", Field(A, "/person/department")),
    ("7.2.2 b", "distribution of accounts", Field(A, "/sources/0")),
    ("7.2.2 b", "places of accounts", Field(A, "/places/0/place/scope")),
    ("7.2.2 b", "distribution of addresses", Field(I, "/callers/places/0/count")),
    ("7.2.2 c", "calls with credentials", Field(I, "/authentication/with")),
    ("7.2.2 c", "calls without", Field(I, "/authentication/without")),
    ("7.2.2 c", "security fields of responses", Missing("Content-Security-Policy and the like are not kept")),
    ("7.2.2 d", "amount", Field(I, "/data/0/count")),
    ("7.2.2 d", "persons", Field(X, "/subjects")),
    ("7.2.2 d", "form", Field(X, "/data/0/form")),
    ("7.2.2 e(1)", "calls", Field(I, "/exchanges")),
    ("7.2.2 e(1)", "volume", Field(I, "/response_bytes")),
    ("7.2.2 e(1)", "success and failure", Field(I, "/statuses/2xx")),
    ("7.2.2 e(2)", "refused calls", Field(I, "/authentication/refused")),
    (
        "7.2.2 e(2)",
        "attempts to log in, by account",
        Missing("counted inside for C10 to C12; no record lists them"),
    ),
    ("7.2.2 e(3)", "distribution of codes", Field(I, "/statuses")),
    ("7.2.2 e(3)", "mean response time", Field(I, "/mean_duration_ns")),
];

/// A login, calls with a token, a cookie and a key, one of many operations, a client behind a proxy.
fn capture() -> Vec<u8> {
    let mut t = Traffic::default();
    let head = |line: &str, more: &str| {
        format!(
            "{line} HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (X11) Firefox/140.0\r\nX-Forwarded-For: 1.2.3.4, 8.8.8.8\r\n{more}"
        )
    };
    let json = "application/json\r\nServer: nginx/1.26.1";
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let login = head("POST /login", form);
    t.call(&login, b"username=alice&password=Zq7kPm2xLw", json, br#"{"token":"tk9f8e7d6c5b4a39281706"}"#);
    let person = r#"{"id":7,"name":"Li Lei","phone":"13812345678"}"#.as_bytes();
    for carried in [
        "Authorization: Bearer tk9f8e7d6c5b4a39281706\r\n",
        "Cookie: JSESSIONID=0A1B2C3D4E5F60718293A4B5C6D7E8F9\r\n",
        "X-Api-Key: ak5f6e7d8c9b0a1f2e3d\r\n",
        "",
    ] {
        t.call(&head("GET /users/find?id=7", carried), b"", json, person);
    }
    let rpc = br#"{"jsonrpc":"2.0","method":"user.get","params":{"id":7},"id":1}"#;
    t.call(&head("POST /rpc", "Content-Type: application/json\r\n"), rpc, json, person);
    t.pcap().to_vec()
}

fn replay(dir: &Path, config: &str) -> std::path::PathBuf {
    let (pcap, file, out) = (dir.join("calls.pcap"), dir.join("weir.toml"), dir.join("out"));
    fs::write(&pcap, capture()).unwrap();
    fs::write(dir.join("plan.csv"), "cidr,name,kind,owner\n10.0.0.2/32,core,production,Team A\n").unwrap();
    let plan = format!("[places]\nplan = {:?}\n", dir.join("plan.csv"));
    fs::write(&file, format!("{plan}{config}")).unwrap();
    WEIR.replayed(&pcap, &out, &["--config", file.to_str().unwrap()]);
    out
}

fn shown(v: &Value) -> bool {
    match v {
        Value::Null => false,
        Value::String(s) => !s.is_empty(),
        Value::Array(a) => !a.is_empty(),
        Value::Object(o) => !o.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

#[test]
fn every_field_of_the_standard_is_there_or_named_as_missing() {
    let dir = tempfile::tempdir().unwrap();
    let people = dir.path().join("people.csv");
    fs::write(&people, "account,name,department\nalice,Alice Li,Sales\n").unwrap();
    let out = dir.path().join("out");
    fs::create_dir_all(&out).unwrap();
    let import = ["import", "accounts", people.to_str().unwrap(), "--data", out.to_str().unwrap()];
    assert!(WEIR.command().args(import).output().unwrap().status.success());
    let out = replay(dir.path(), "[proxies]\ntrusted = [\"10.0.0.9\"]\n");
    let encrypted = dir.path().join("encrypted");
    WEIR.replayed(&weir_support::capture("tls"), &encrypted, &[]);
    let mut lines = [X, I, A].map(|file| (file, records(&out, file))).to_vec();
    lines.push((E, records(&encrypted, E)));
    lines.push((L, vec![serde_json::from_str(&text(&out, L)).unwrap()]));
    let mut absent = Vec::new();
    for (clause, what, at) in TABLE {
        match at {
            Field(file, pointer) => {
                let (_, of_file) = lines.iter().find(|(f, _)| f == file).unwrap();
                if !of_file.iter().any(|line| line.pointer(pointer).is_some_and(shown)) {
                    absent.push(format!("{clause} {what}: {file} {pointer}"));
                }
            }
            Missing(why) => assert!(!why.is_empty(), "{clause} {what}"),
        }
    }
    assert!(absent.is_empty(), "{absent:#?}");
}

/// Every clause of the checklist has its row.
#[test]
fn the_table_is_whole() {
    let clauses = "7.1 a(1) a(2) a(3) a(4) b(1) b(2) b(3) b(4) b(5) c(1) c(2) c(3) c(4) d e(1) e(2) f";
    let enriched = "7.2.2 a b c d e(1) e(2) e(3)";
    for list in [clauses, enriched] {
        let (number, items) = list.split_once(' ').unwrap();
        for item in items.split(' ') {
            assert!(TABLE.iter().any(|(c, _, _)| *c == format!("{number} {item}")), "{number} {item}");
        }
    }
}

#[test]
fn a_client_is_believed_from_a_proxy_alone() {
    let dir = tempfile::tempdir().unwrap();
    let told = |config: &str| {
        let out = replay(dir.path(), config);
        let x = records(&out, X).remove(0);
        (x["caller"].clone(), x["forwarded"].clone(), records(&out, I).remove(0)["callers"].clone())
    };
    let (caller, forwarded, callers) = told("[proxies]\ntrusted = [\"10.0.0.0/29\", \"10.0.0.8/29\"]\n");
    assert_eq!(caller, "8.8.8.8");
    assert_eq!(forwarded, serde_json::json!({"address": "8.8.8.8", "believed": true, "why": "configured"}));
    assert_eq!(callers["through"][0]["proxy"], "10.0.0.9");
    let (caller, forwarded, callers) = told("");
    assert_eq!(caller, "10.0.0.9");
    assert_eq!(forwarded, serde_json::json!({"address": "8.8.8.8", "believed": false, "why": "untrusted"}));
    assert!(callers.get("through").is_none());
}

#[test]
fn a_wrong_proxy_is_refused_with_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("weir.toml");
    fs::write(&file, "[proxies]\ntrusted = [\"10.0.0.0/33\"]\n").unwrap();
    let capture = weir_support::capture("office");
    let more = ["--config", file.to_str().unwrap()];
    let o = WEIR.replay(&capture, &dir.path().join("out"), &more);
    assert_eq!(o.status.code(), Some(2));
    assert!(weir_support::stderr(&o).contains("proxies.trusted"));
}

#[test]
fn a_key_tells_better_than_an_account_who_called() {
    let dir = tempfile::tempdir().unwrap();
    let out = replay(dir.path(), "");
    let by: Vec<_> =
        records(&out, X).iter().map(|x| x["identity"]["by"].as_str().unwrap().to_string()).collect();
    assert_eq!(by, ["account", "account", "session", "app-key", "address", "address"]);
    let key = records(&out, X).remove(3);
    assert_eq!(key["identity"], serde_json::json!({"by": "app-key", "field": "X-Api-Key"}));
}
