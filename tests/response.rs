//! What to do about findings: measures, cases, what people decide, and whether the traffic bears it out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::Value;
use std::fs;
use std::path::Path;
use weir_support::{Weir, capture, json_call, records, stderr, web};

const WEIR: Weir = Weir(env!("CARGO_BIN_EXE_weir"));

/// A resident identity number with its check digit.
fn identity(n: u32) -> String {
    let body = format!("1101051990010{:04}", 1_000 + n);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("{body}{}", b"10X98765432"[sum as usize % 11] as char)
}

/// A call a second from 2025-10-09T08:53:20Z on that returns an identity number: in clear, or masked.
fn calls(clear: impl Fn(u32) -> bool, count: u32) -> Vec<u8> {
    let reply = |n: u32| {
        let id = identity(n % 50);
        let shown = if clear(n) { id } else { format!("{}********{}", &id[..6], &id[14..]) };
        json_call("/api/v1/customer/detail", &format!("{{\"code\":0,\"data\":{{\"id_card\":\"{shown}\"}}}}"))
    };
    web(&(0..count).map(reply).collect::<Vec<_>>())
}

fn replay(capture: &[u8], dir: &Path) {
    let file = dir.join("traffic.pcap");
    fs::write(&file, capture).unwrap();
    WEIR.replayed(&file, &dir.join("out"), &[]);
}

/// Runs a command on the directory; its lines of JSON.
fn run(dir: &Path, words: &[&str]) -> Vec<Value> {
    let out = WEIR.command().args(words).args(["--json", "--data"]).arg(dir).output().unwrap();
    assert!(out.status.success(), "{words:?}: {}", stderr(&out));
    String::from_utf8(out.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn case(dir: &Path, id: &str) -> Value {
    let all = run(dir, &["cases"]);
    let of = |c: &&Value| c["sources"].as_array().unwrap().iter().any(|s| s["id"] == id);
    all.iter().find(of).unwrap_or_else(|| panic!("no case of {id}")).clone()
}

#[test]
fn a_fix_is_verified_by_traffic_and_reopened_when_it_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    replay(&calls(|n| n < 20, 80), dir.path());
    let found = case(&out, "D01");
    assert_eq!((&found["standing"]["state"], &found["kind"]), (&"open".into(), &"weakness".into()));
    let id = found["id"].as_str().unwrap();
    run(&out, &["decide", "handle", id, "--since", "2025-10-09T08:53:41Z", "--reason", "masked in 4.2"]);
    let fixed = case(&out, "D01");
    let standing = &fixed["standing"];
    assert_eq!(standing["state"], "verified", "{fixed}");
    assert_eq!((&standing["checked"]["calls"], &standing["checked"]["enough"]), (&59.into(), &6.into()));
    let told = WEIR.command().args(["cases", "--lang", "en", "--data"]).arg(&out).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("59 calls, none shows it"), "{told}");
    // Decisions outlive the records: after another run, in which it is back, the case is open again.
    replay(&calls(|n| n < 20 || n == 70, 80), dir.path());
    let back = case(&out, "D01");
    assert_eq!((&back["id"], &back["standing"]["state"]), (&id.into(), &"reopened".into()));
    assert_eq!(back["standing"]["checked"]["seen_again"], "2025-10-09T08:54:30.000300000Z");
    // A handful of calls tells nothing yet.
    replay(&calls(|n| n < 20, 24), dir.path());
    assert_eq!(case(&out, "D01")["standing"]["state"], "handled");
    let written = records(&out, "cases.jsonl");
    assert!(written.iter().any(|c| c["id"] == id && c["standing"]["state"] == "handled"));
}

#[test]
fn people_accept_dismiss_and_overrule_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    WEIR.replayed(&capture("office"), dir.path(), &[]);
    let out = dir.path();
    let clear = case(out, "V22");
    let id = clear["id"].as_str().unwrap();
    let refused = WEIR
        .command()
        .args(["decide", "ignore", id, "--until", "2027-01-01", "--lang", "en", "--data"])
        .arg(out)
        .output()
        .unwrap();
    assert!(
        refused.status.code() == Some(2) && stderr(&refused).contains("--reason"),
        "{}",
        stderr(&refused)
    );
    run(out, &["decide", "ignore", id, "--until", "2027-01-01", "--reason", "inside a leased line"]);
    assert_eq!(case(out, "V22")["standing"]["state"], "ignored");
    // It ran out before the newest packet of the capture.
    run(out, &["decide", "ignore", id, "--until", "2026-01-01", "--reason", "for the tests"]);
    assert_eq!(case(out, "V22")["standing"]["state"], "open");
    let incident = &records(out, "incidents.jsonl")[0];
    run(out, &["decide", "confirm", incident["id"].as_str().unwrap()]);
    let confirmed = case(out, "C15");
    assert_eq!(
        (&confirmed["standing"]["state"], &confirmed["incident"]),
        (&"confirmed".into(), &incident["id"])
    );
    let d13 = case(out, "D13");
    run(out, &["decide", "dismiss", d13["id"].as_str().unwrap(), "--reason", "test data"]);
    let precision = run(out, &["rules", "list", "--precision"]);
    let of = |rule: &str| precision.iter().find(|p| p["rule"] == rule).unwrap();
    assert_eq!((&of("C15")["confirmed"], &of("C15")["false"]), (&1.into(), &0.into()));
    assert_eq!((&of("D13")["precision"], &of("D13")["interval"][0]), (&0.0.into(), &0.0.into()));
    run(
        out,
        &["decide", "judge", incident["id"].as_str().unwrap(), "--level", "major", "--reason", "ministers"],
    );
    let raised = &run(out, &["incidents"])[0];
    assert_eq!(raised["level"], "major");
    assert!(raised["level_reason"]["en"].as_str().unwrap().contains("ministers"));
    let failing =
        WEIR.command().args(["incidents", "--fail-on", "major", "--data"]).arg(out).output().unwrap();
    assert_eq!(failing.status.code(), Some(1));
    let risk = records(out, "risks.jsonl").into_iter().find(|r| r["level"] != "slight").unwrap();
    run(out, &["decide", "judge", risk["id"].as_str().unwrap(), "--harm", "low", "--reason", "made-up data"]);
    let lowered = run(out, &["risks", risk["id"].as_str().unwrap()]);
    let lowered = lowered.iter().find(|r| r["id"] == risk["id"]).unwrap();
    assert_eq!((&lowered["harm"], &lowered["level"]), (&"low".into(), &"slight".into()));
    assert!(lowered["factors"]["reviewer"]["en"].as_str().unwrap().contains("made-up data"));
    let unknown = WEIR.command().args(["decide", "confirm", "in-0", "--data"]).arg(out).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn measures_name_what_to_set() {
    let dir = tempfile::tempdir().unwrap();
    WEIR.replayed(&capture("office"), dir.path(), &[]);
    let all = records(dir.path(), "measures.jsonl");
    let of = |source: &str, measure: &str| {
        all.iter().find(|m| m["risk_source"] == source && m["measure"] == measure).unwrap()
    };
    let block = of("C15", "H12");
    assert_eq!((&block["by"], &block["parameters"]["callers"][0]), (&"rule".into(), &"10.77.0.66".into()));
    assert_eq!(block["interface"]["path_regex"], "^/api/v1/customers/[^/]+/$");
    let mask = of("D01", "H5");
    let fields = mask["parameters"]["mask"].as_array().unwrap();
    assert!(fields.iter().any(|f| f["type"] == "cn_id18" && f["form"] == "plain"), "{mask}");
    // Every measure of every risk source is there, and says something unless there is nothing to say.
    let wanted: usize = records(dir.path(), "risk-sources.jsonl")
        .iter()
        .map(|s| s["measures"].as_array().unwrap().len())
        .sum();
    assert_eq!(all.len(), wanted);
    let shown =
        WEIR.command().args(["risks", "C15", "--lang", "en", "--data"]).arg(dir.path()).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("H12") && shown.contains("callers: 10.77.0.66"), "{shown}");
}
