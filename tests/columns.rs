//! Columns are judged as a whole, and persons are counted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use weir_support::{RECORDS, Weir, json_call, records, text, web};

const WEIR: Weir = Weir(env!("CARGO_BIN_EXE_weir"));

/// Numbers that look drawn by chance and are the same each time (SplitMix64).
fn chance(n: u64) -> u64 {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn luhn_digit(digits: &str) -> u32 {
    let sum: u32 = (digits.bytes().rev().enumerate())
        .map(|(i, b)| u32::from(b - b'0') * if i.is_multiple_of(2) { 2 } else { 1 })
        .map(|d| if d > 9 { d - 9 } else { d })
        .sum();
    (10 - sum % 10) % 10
}

/// An order number of 16 digits: it begins as cards do, and one in ten passes the check.
fn order(n: u64) -> String {
    format!("62{:014}", chance(n) % 100_000_000_000_000)
}

/// A card that is right.
fn card(n: u64) -> String {
    let body = format!("622202{:09}", chance(n) % 1_000_000_000);
    format!("{body}{}", luhn_digit(&body))
}

/// A card with a wrong digit.
fn typo(n: u64) -> String {
    let body = format!("622202{:09}", chance(n) % 1_000_000_000);
    format!("{body}{}", (luhn_digit(&body) + 1) % 10)
}

struct Seen {
    _dir: tempfile::TempDir,
    out: PathBuf,
    capture: PathBuf,
}

fn replay(calls: &[(String, String)], more: &[&str]) -> Seen {
    let dir = tempfile::tempdir().unwrap();
    let (capture, out) = (dir.path().join("calls.pcap"), dir.path().join("out"));
    fs::write(&capture, web(calls)).unwrap();
    WEIR.replayed(&capture, &out, more);
    Seen { _dir: dir, out, capture }
}

impl Seen {
    fn interface(&self) -> Value {
        records(&self.out, "interfaces.jsonl").into_iter().next().unwrap()
    }
    fn data(&self, data_type: &str) -> Value {
        let i = self.interface();
        i["data"].as_array().unwrap().iter().find(|d| d["type"] == data_type).cloned().unwrap_or_default()
    }
    fn rests_on_cards(&self) -> bool {
        records(&self.out, "risk-sources.jsonl").iter().any(|s| {
            ["D01", "D06", "D12"].contains(&s["id"].as_str().unwrap()) && s.to_string().contains("card")
        })
    }
}

fn list(values: impl Iterator<Item = String>) -> String {
    let rows: Vec<String> =
        values.enumerate().map(|(n, v)| format!("{{\"n\":{n},\"ref\":\"{v}\"}}")).collect();
    format!("{{\"list\":[{}]}}", rows.join(","))
}

#[test]
fn order_numbers_are_no_cards_in_lists_and_one_by_one() {
    let lists = (0..8).map(|p| json_call("/api/orders", &list((p * 25..p * 25 + 25).map(order))));
    let single =
        (0..200).map(|n| json_call("/api/order", &format!("{{\"ref\":\"{}\",\"ok\":true}}", order(n))));
    for calls in [lists.collect::<Vec<_>>(), single.collect()] {
        let seen = replay(&calls, &[]);
        let data = seen.data("cn_bankcard");
        assert_eq!(data["verdict"], "rejected", "{data}");
        assert_eq!(
            (&data["count"], &seen.interface()["level"]),
            (&Value::from(0), &Value::from(1)),
            "{data}"
        );
        assert!(data["rejected"].as_u64().unwrap() >= 8, "{data}");
        let column = &data["columns"][0];
        assert_eq!(
            (&column["reason"], &column["lengths"][0]),
            (&Value::from("no-more-than-chance"), &Value::from(16))
        );
        assert!(column["seen"].as_u64().unwrap() > 100, "{column}");
        assert!(!seen.rests_on_cards());
        assert!(!text(&seen.out, "report.html").contains("银行卡号</span>"));
        let listed = WEIR.command().args(["interfaces", "--data"]).arg(&seen.out).output().unwrap();
        assert!(String::from_utf8(listed.stdout).unwrap().contains("cn_bankcard(plain)[rejected]"));
    }
}

#[test]
fn cards_with_two_typos_are_cards() {
    let value = |n: u64| if n % 20 == 7 { typo(n) } else { card(n) };
    let calls: Vec<_> =
        (0..4).map(|p| json_call("/api/cards", &list((p * 10..p * 10 + 10).map(value)))).collect();
    let seen = replay(&calls, &[]);
    let data = seen.data("cn_bankcard");
    assert_eq!((&data["verdict"], &data["count"]), (&Value::from("affirmed"), &Value::from(38)), "{data}");
    assert_eq!(
        (&data["columns"][0]["seen"], &seen.interface()["level"]),
        (&Value::from(40), &Value::from(3))
    );
    assert!(seen.rests_on_cards());
}

#[test]
fn fields_that_are_mostly_null_are_not_taken_for_something_else() {
    let body = |n: u64| match n % 10 {
        3 => format!("{{\"ref\":\"{}\",\"ok\":true}}", card(n)),
        _ => "{\"ref\":null,\"ok\":true}".to_string(),
    };
    let calls: Vec<_> = (0..300).map(|n| json_call("/api/member", &body(n))).collect();
    let data = replay(&calls, &[]).data("cn_bankcard");
    assert_eq!((&data["verdict"], &data["count"]), (&Value::from("affirmed"), &Value::from(30)), "{data}");
}

#[test]
fn verdicts_and_persons_do_not_depend_on_lanes() {
    let body = |p: u64| list((p * 30..p * 30 + 30).map(if p.is_multiple_of(2) { order } else { card }));
    let calls: Vec<_> =
        (0..20u64).map(|p| json_call(if p.is_multiple_of(2) { "/a" } else { "/b" }, &body(p))).collect();
    let all = |more: &[&str]| {
        let seen = replay(&calls, more);
        RECORDS.map(|file| text(&seen.out, file))
    };
    let one = all(&[]);
    for lanes in ["3", "2"] {
        let other = all(&["--lanes", lanes]);
        for ((file, one), other) in RECORDS.iter().zip(&one).zip(&other) {
            assert!(one == other, "{file} with {lanes} lanes:\n{one}\n{other}");
        }
    }
    assert!(one[1].contains("\"rejected\"") && one[1].contains("\"affirmed\""));
}

#[test]
fn persons_are_counted_and_raise_the_level() {
    let mobile = |n: u64| format!("138{:08}", 10_000_000 + n * 7);
    let people = |from: u64, to: u64| {
        let rows: Vec<String> = (from..to).map(|n| format!("{{\"mobile\":\"{}\"}}", mobile(n))).collect();
        json_call("/api/people", &format!("{{\"list\":[{}]}}", rows.join(",")))
    };
    let few = replay(&[people(0, 150), people(100, 200)], &[]);
    let i = few.interface();
    assert_eq!(i["subjects"]["count"], 200, "{i}");
    assert_eq!((&i["subjects"]["exact"], &i["level"]), (&Value::from(true), &Value::from(2)));
    assert_eq!(i["subjects"]["most_in_hour"], 200);
    let exchanges = records(&few.out, "exchanges.jsonl");
    assert_eq!(
        (&exchanges[0]["subjects"], &exchanges[1]["subjects"]),
        (&Value::from(150), &Value::from(100))
    );
    assert!(text(&few.out, "report.html").contains("200 persons"));

    let many = replay(&(0..12).map(|p| people(p * 500, p * 500 + 500)).collect::<Vec<_>>(), &[]);
    let i = many.interface();
    let counted = i["subjects"]["count"].as_f64().unwrap();
    assert!((counted / 6_000.0 - 1.0).abs() < 0.07, "{i}");
    assert_eq!((&i["subjects"]["exact"], &i["level"]), (&Value::from(false), &Value::from(3)));
}

#[test]
fn rules_are_rehearsed_on_captures() {
    let calls: Vec<_> = (0..30)
        .map(|n| {
            json_call("/api/x", &format!("{{\"badge\":\"ZX-{:06}\",\"ref\":\"{}\"}}", 100_000 + n, card(n)))
        })
        .collect();
    let seen = replay(&calls, &[]);
    let pack = seen.out.join("badge.toml");
    let stanza = "[pack]\nname = \"badges\"\nversion = \"1\"\nmade = \"2026-01-01\"\n\n[[data_type]]\nid = \"badge\"\nzh = \"工牌\"\nen = \"Badge\"\ngroup = \"org\"\nlevel = 2\nprecedence = 50\nstands = \"alone\"\npatterns = ['ZX-\\d{6}']\n";
    fs::write(&pack, stanza).unwrap();
    let tried = |args: &[&str]| {
        let o = WEIR.command().args(["rules", "try"]).arg(&pack).args(args).output().unwrap();
        (o.status.code().unwrap(), String::from_utf8(o.stdout).unwrap(), String::from_utf8(o.stderr).unwrap())
    };
    let capture = seen.capture.to_str().unwrap();
    let (code, json, err) = tried(&["--capture", capture, "--rounds", "1", "--json"]);
    assert_eq!(code, 0, "{err}");
    let rows: Vec<Value> = json.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(rows.len(), 2, "{json}");
    assert_eq!(
        (&rows[0]["id"], &rows[0]["now"], &rows[0]["new"]),
        (&Value::from("badge"), &Value::from(0), &Value::from(30))
    );
    assert!(rows[0]["interface"].as_str().unwrap().ends_with("/api/x"));
    assert_eq!(rows[1]["exchanges"], 30);
    assert!(rows[1]["cpu_ratio"].as_f64().unwrap() > 0.0);
    assert!(tried(&["--capture", capture, "--rounds", "1"]).1.contains("+30"));
    assert!(tried(&["--capture", capture, "--rounds", "1", "--lang", "zh"]).1.contains("CPU 时间"));
    // A data directory holds no traffic; a missing capture and a wrong pack are told.
    let (code, _, err) = tried(&["--data", seen.out.to_str().unwrap()]);
    assert!(code == 2 && err.contains("--capture"), "{err}");
    assert_eq!(tried(&["--capture", "/nonexistent.pcap"]).0, 2);
    fs::write(&pack, stanza.replace("'ZX-", "'(ZX-")).unwrap();
    assert_eq!(tried(&["--capture", capture]).0, 2);
}
