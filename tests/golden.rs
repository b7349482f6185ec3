//! Golden cases: a folder with a capture, where it came from, and the records it must give.
//!
//! `WEIR_BLESS=1 cargo test -p weir --test golden` writes the records anew; the difference is then reviewed like code.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::fs;
use weir_support::{Weir, capture, records, tests_folder, text};

const WEIR: Weir = Weir(env!("CARGO_BIN_EXE_weir"));

/// What of a run is held fixed: one line an exchange, an interface, an account, a risk source.
fn digest(dir: &std::path::Path) -> String {
    let mut out = String::new();
    let mut exchanges = std::collections::BTreeMap::<String, u64>::new();
    for x in records(dir, "exchanges.jsonl") {
        let data: Vec<String> = x["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| format!("{}:{}:{}:{}", d["where"], d["type"], d["form"], d["count"]).replace('"', ""))
            .collect();
        let line = format!(
            "{} {} {} body={} account={} data=[{}] anomalies={} complete={}",
            x["method"],
            x["interface"],
            x["status"],
            x["response"]["body_bytes"],
            x["account"],
            data.join(" "),
            x["anomalies"],
            x["complete"]
        );
        *exchanges.entry(line).or_default() += 1;
    }
    for (line, n) in exchanges {
        writeln!(out, "exchange {n}x {line}").unwrap();
    }
    for i in records(dir, "interfaces.jsonl") {
        writeln!(
            out,
            "interface {} {} {} {} {} level={}",
            i["id"], i["method"], i["template"], i["state"], i["exchanges"], i["level"]
        )
        .unwrap();
    }
    for e in records(dir, "encrypted.jsonl") {
        writeln!(
            out,
            "encrypted {} {} decrypted={} unread={} versions={} protocols={} weaknesses={}",
            e["name"],
            e["connections"],
            e["decrypted"],
            e["unread"],
            e["versions"],
            e["protocols"],
            e["weaknesses"]
        )
        .unwrap();
    }
    for a in records(dir, "accounts.jsonl") {
        writeln!(out, "account {} {} {}", a["name"], a["how"], a["exchanges"]).unwrap();
    }
    for s in records(dir, "risk-sources.jsonl") {
        writeln!(
            out,
            "risk-source {} {} {} {} {} {}",
            s["id"], s["severity"], s["interface"], s["caller"], s["account"], s["count"]
        )
        .unwrap();
    }
    for i in records(dir, "incidents.jsonl") {
        let of = |list: &serde_json::Value| {
            let ids: Vec<&str> = list.as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
            ids.join(" ")
        };
        writeln!(
            out,
            "incident {} {} {} {} persons={} interfaces={} callers={} accounts={} sources=[{}] weaknesses=[{}] duties=[{}]",
            i["id"],
            i["type"],
            i["level"],
            i["effects"],
            i["persons_at_most"],
            i["interfaces"],
            i["callers"],
            i["accounts"],
            of(&i["sources"]),
            of(&i["weaknesses"]),
            of(&i["duties"])
        )
        .unwrap();
    }
    out
}

fn check(case: &str) {
    let dir = tempfile::tempdir().unwrap();
    let keys = tests_folder().join("cases").join(case).join("keys.log");
    let keys = keys.to_str().unwrap().to_owned();
    let given: &[&str] = if fs::exists(&keys).unwrap() { &["--keylog", &keys] } else { &[] };
    WEIR.replayed(&capture(case), dir.path(), given);
    let ledger: serde_json::Value = serde_json::from_str(&text(dir.path(), "ledger.json")).unwrap();
    assert_eq!(ledger["balanced"], true, "{ledger}");
    let got = digest(dir.path());
    let expected = tests_folder().join("cases").join(case).join("expected.txt");
    if std::env::var_os("WEIR_BLESS").is_some() {
        fs::write(&expected, got).unwrap();
        return;
    }
    let wanted = fs::read_to_string(&expected).unwrap();
    let missing: Vec<&str> = wanted.lines().filter(|l| !got.lines().any(|g| g == *l)).collect();
    let extra: Vec<&str> = got.lines().filter(|l| !wanted.lines().any(|w| w == *l)).collect();
    assert!(got == wanted, "{case}\nmissing:\n{}\nextra:\n{}", missing.join("\n"), extra.join("\n"));
}

#[test]
fn office() {
    check("office");
}

#[test]
fn brute_force() {
    check("brute-force");
}

#[test]
fn soap() {
    check("soap");
}

#[test]
fn tls() {
    check("tls");
}

/// Without keys nothing is read, and every connection says why.
#[test]
fn tls_without_keys() {
    let dir = tempfile::tempdir().unwrap();
    WEIR.replayed(&capture("tls"), dir.path(), &[]);
    assert!(records(dir.path(), "exchanges.jsonl").is_empty());
    let services = records(dir.path(), "encrypted.jsonl");
    let sum = |of: &dyn Fn(&serde_json::Value) -> u64| services.iter().map(of).sum::<u64>();
    assert_eq!(sum(&|s| s["connections"].as_u64().unwrap()), 7);
    assert_eq!(sum(&|s| s["unread"]["no key"].as_u64().unwrap()), 7, "{services:?}");
    assert_eq!(sum(&|s| s["decrypted"].as_u64().unwrap()), 0);
    assert!(
        services.iter().any(|s| s["certificate"]["self_signed"] == true),
        "TLS 1.2 shows its certificate"
    );
    let ledger: serde_json::Value = serde_json::from_str(&text(dir.path(), "ledger.json")).unwrap();
    assert_eq!(ledger["balanced"], true, "{ledger}");
}

#[test]
fn clean_office() {
    check("clean-office");
}

/// MongoDB, Kafka, Thrift and Dubbo: what was called of whom, and that values in them are found.
#[test]
fn services() {
    let dir = tempfile::tempdir().unwrap();
    WEIR.replayed(&capture("services"), dir.path(), &[]);
    let mut told = std::collections::BTreeMap::<String, u64>::new();
    let mut with_mobiles = std::collections::BTreeSet::<String>::new();
    for x in records(dir.path(), "exchanges.jsonl") {
        let of = |field: &str| x[field].as_str().unwrap().to_owned();
        let line = format!("{} {} {} {}", of("protocol"), of("method"), of("target"), x["status"]);
        *told.entry(line).or_default() += 1;
        if x["data"].as_array().unwrap().iter().any(|d| d["type"] == "cn_mobile") {
            with_mobiles.insert(format!("{} {}", of("protocol"), of("method")));
        }
    }
    let told: Vec<String> = told.into_iter().map(|(line, n)| format!("{n}x {line}")).collect();
    assert_eq!(
        told,
        [
            "1x dubbo INVOKE /cn.example.crm.CustomerService/findCustomers 200",
            "1x dubbo INVOKE /cn.example.crm.CustomerService/gone 404",
            "1x kafka FETCH /orders 200",
            "5x kafka METADATA / 200",
            "3x kafka METADATA /orders 200",
            "3x kafka PRODUCE /orders 200",
            "1x mongodb DROP /crm/customers 403",
            "1x mongodb FIND /crm/customers 200",
            "1x mongodb INSERT /crm/customers 200",
            "1x mongodb LOGIN / 200",
            "2x thrift CALL /find 200",
            "2x thrift CALL /find 500",
            "2x thrift CALL /note 200",
        ]
    );
    for of in
        ["dubbo INVOKE", "kafka FETCH", "kafka PRODUCE", "mongodb FIND", "mongodb INSERT", "thrift CALL"]
    {
        assert!(with_mobiles.contains(of), "{of}: {with_mobiles:?}");
    }
    let ledger: serde_json::Value = serde_json::from_str(&text(dir.path(), "ledger.json")).unwrap();
    assert_eq!(ledger["balanced"], true, "{ledger}");
}

/// Names, handshakes and TFTP over UDP: what each service is, what it is called, and why it is not read.
#[test]
fn datagrams() {
    let dir = tempfile::tempdir().unwrap();
    WEIR.replayed(&capture("datagrams"), dir.path(), &[]);
    let services = records(dir.path(), "encrypted.jsonl");
    let told: Vec<String> = services
        .iter()
        .map(|s| {
            format!("{} {} {} {} {}", s["kind"], s["name"], s["unread"], s["looked_up"], s["quic_versions"])
        })
        .collect();
    let of =
        |kind: &str| told.iter().find(|t| t.starts_with(&format!("\"{kind}\""))).cloned().unwrap_or_default();
    assert_eq!(
        [of("quic"), of("dtls"), of("tftp")],
        [
            r#""quic" "api.example.cn" {"protocol not read":1} ["crm.example.cn"] {"1":1}"#,
            r#""dtls" "iot.example.cn" {"no key":1} ["crm.example.cn"] {}"#,
            r#""tftp" "" {"protocol not read":1} ["crm.example.cn"] {}"#,
        ]
    );
    assert!(services.iter().all(|s| s["kind"] == "tftp" || s["clients"].as_object().unwrap().len() == 1));
    let interfaces = records(dir.path(), "interfaces.jsonl");
    let [only] = &interfaces[..] else { panic!("{interfaces:?}") };
    assert_eq!(only["host_names"], serde_json::json!(["crm.example.cn"]));
    let ledger: serde_json::Value = serde_json::from_str(&text(dir.path(), "ledger.json")).unwrap();
    let bytes = |account: &str| ledger["accounts"][account]["bytes"].as_u64().unwrap();
    for account in ["dns", "handshake", "http3-not-read", "encrypted", "not-read"] {
        assert!(bytes(&format!("datagram:{account}")) > 0, "{account}");
    }
    assert_eq!(bytes("datagram:not-an-interface"), 0);
    assert_eq!(ledger["balanced"], true, "{ledger}");
    assert_eq!(ledger["entered"]["datagram"]["bytes"], ledger["layers"]["datagram"]["bytes"]);
}
