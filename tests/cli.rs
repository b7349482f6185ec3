//! The commands as people and scripts use them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::os::unix::fs::PermissionsExt;
use weir_support::mmdb::{Value, mmdb, text};
use weir_support::{Weir, capture};

const WEIR: Weir = Weir(env!("CARGO_BIN_EXE_weir"));

fn out(args: &[&str]) -> (i32, String, String) {
    let o = WEIR.command().args(args).output().unwrap();
    let text = |b: Vec<u8>| String::from_utf8(b).unwrap();
    (o.status.code().unwrap(), text(o.stdout), text(o.stderr))
}

#[test]
fn help_teaches_in_both_languages() {
    let (code, en, _) = out(&["--help"]);
    assert_eq!(code, 0);
    assert!(en.contains("Examples") && en.contains("replay"));
    let (_, zh, _) = out(&["--lang", "zh", "--help"]);
    assert!(zh.contains("示例") && zh.contains("抓包"));
    for c in ["replay", "scan", "interfaces", "accounts", "risks", "rules", "explain"] {
        assert_eq!(out(&[c, "--help"]).0, 0, "{c}");
    }
    assert_eq!(out(&["nonsense"]).0, 2);
}

#[test]
fn explain_knows_every_kind() {
    for list in ["risks", "inputs", "data", "ledger", "thresholds", "bounds", "config", "places"] {
        let (code, text, err) = out(&["explain", list]);
        assert_eq!(code, 0, "{list}: {err}");
        assert!(text.lines().count() > 3, "{list}");
        let (_, json, _) = out(&["explain", list, "--json"]);
        for line in json.lines() {
            let v: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(v["v"], 1);
        }
    }
    assert!(out(&["explain", "V01"]).1.contains("OWASP"));
    assert!(out(&["explain", "V01", "--lang", "zh"]).1.contains("身份鉴别"));
    let (_, said, _) = out(&["explain", "V32", "--lang", "en"]);
    assert!(
        said.contains("needs application access log") && said.contains("columns: time account ip"),
        "{said}"
    );
    assert!(out(&["explain", "V32", "--lang", "zh"]).1.contains("需要：应用访问日志"));
    let (_, listed, _) = out(&["rules", "list", "--json"]);
    assert_eq!(listed.lines().filter(|l| l.contains("\"kind\":\"risk_source\"")).count(), 113);
    assert!(out(&["rules", "list", "--lang", "zh"]).1.contains("需要 access_log"));
    assert_eq!(out(&["explain", "nothing"]).0, 2);
}

#[test]
fn explain_says_why_not() {
    let dir = tempfile::tempdir().unwrap();
    WEIR.replayed(&capture("office"), dir.path(), &[]);
    let data = dir.path().to_str().unwrap();
    let why = |risk: &str, more: &[&str]| {
        let (code, said, err) =
            out(&[&["explain", "--json", "--data", data, "--why-not", risk], more].concat());
        assert_eq!(code, 0, "{risk}: {err}");
        serde_json::from_str::<serde_json::Value>(&said).unwrap()
    };
    let sources = weir_support::records(dir.path(), "risk-sources.jsonl");
    let account = ["--account", "staff01"];
    for id in ["C01", "C02", "C03", "C05", "C15", "D01", "D03", "V11"] {
        let answer = why(id, &account);
        assert_eq!((&answer["id"], &answer["v"]), (&serde_json::json!(id), &serde_json::json!(1)));
        let steps = answer["steps"].as_array().unwrap();
        assert!(
            !steps.is_empty() && steps.iter().all(|s| s["asks"]["en"] != "" && s["seen"]["zh"] != ""),
            "{answer}"
        );
        let told = sources.iter().any(|s| s["id"] == id && s["account"] == "staff01");
        assert_eq!(!answer["found"].as_array().unwrap().is_empty(), told, "{answer}");
    }
    let needs = why("V32", &account);
    assert_eq!((&needs["needs"][0], &needs["steps"][0]["verdict"]), (&"access_log".into(), &"unmet".into()));
    let unmet = why("C15", &account);
    assert!(unmet["because"]["en"].as_str().unwrap().starts_with("not found, as this is not so"), "{unmet}");
    // What was found is told as found.
    let d01 = sources.iter().find(|s| s["id"] == "D01").unwrap();
    let found = why("D01", &["--interface", d01["interface"].as_str().unwrap()]);
    assert_eq!(found["found"][0], d01["key"]);
    let text =
        out(&["explain", "--why-not", "c01", "--account", "staff01", "--data", data, "--lang", "zh"]).1;
    assert!(text.contains("[不满足]") && text.contains("账号 staff01"), "{text}");
    assert_eq!(out(&["explain", "--why-not", "C01", "--data", data]).0, 2);
    assert_eq!(out(&["explain", "--why-not", "C01", "--account", "nobody", "--data", data]).0, 2);
    assert_eq!(out(&["explain", "--why-not", "Z99", "--account", "staff01", "--data", data]).0, 2);
    assert_eq!(out(&["explain", "--data", data]).0, 2);
}

#[test]
fn lists_show_what_a_replay_left() {
    let dir = tempfile::tempdir().unwrap();
    WEIR.replayed(&capture("office"), dir.path(), &[]);
    let data = dir.path().to_str().unwrap();
    for command in ["interfaces", "accounts", "risks"] {
        let (code, text, err) = out(&[command, "--data", data]);
        assert_eq!(code, 0, "{err}");
        assert!(text.lines().count() > 3, "{command}: {text}");
        let (_, json, _) = out(&[command, "--data", data, "--json"]);
        let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
        assert_eq!(first["v"], 1);
        let id = first["id"].as_str().unwrap();
        assert_eq!(out(&[command, "--data", data, id]).0, 0);
    }
    assert_eq!(out(&["risks", "--data", data, "no-such"]).0, 2);
    assert_eq!(out(&["risks", "--data", "/nonexistent"]).0, 2);
}

#[test]
fn the_builtin_rules_hold_their_examples() {
    let (code, text, err) = out(&["rules", "check"]);
    assert_eq!(code, 0, "{text}{err}");
    let (_, list, _) = out(&["rules", "list", "--json"]);
    assert!(list.lines().count() >= 25);
    assert_eq!(out(&["rules", "show", "cn_mobile"]).0, 0);
    assert_eq!(out(&["rules", "show", "nothing"]).0, 2);
}

#[test]
fn scan_prints_hits_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("people.json");
    let text = r#"{"list":[{"name":"王伟","idCard":"11010519491231002X","mobile":"13812345678"}],"ts":1760000000000}"#;
    std::fs::write(&file, text).unwrap();
    let (code, json, err) = out(&["scan", "--json", file.to_str().unwrap()]);
    assert_eq!(code, 0, "{err}");
    let hits: Vec<serde_json::Value> = json.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let of = |t: &str| hits.iter().find(|h| h["type"] == t).unwrap_or_else(|| panic!("{t} in {json}"));
    let span = |h: &serde_json::Value| {
        text[h["start"].as_u64().unwrap() as usize..h["end"].as_u64().unwrap() as usize].to_string()
    };
    assert_eq!(span(of("cn_id18")), "11010519491231002X");
    assert_eq!(span(of("cn_mobile")), "13812345678");
    assert_eq!(of("cn_mobile")["path"], "list[].mobile");
    assert!(hits.windows(2).all(|w| w[0]["start"].as_u64() <= w[1]["start"].as_u64()));
    assert!(!json.contains("13812345678"), "a value in clear");
}

#[test]
fn scan_explains_hits_and_refusals() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cards.json");
    let (right, wrong) = ("6222021001116245702", "6222021001116245701");
    let body =
        format!(r#"{{"cardNo":"{right}","other":"{wrong}","orderNo":"{right}","note":"银行卡 {right}"}}"#);
    std::fs::write(&file, body).unwrap();
    let file = file.to_str().unwrap();
    let (code, json, err) = out(&["scan", "--explain", "--json", file]);
    assert_eq!(code, 0, "{err}");
    let all: Vec<serde_json::Value> = json.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let of = |path: &str| {
        let found = all.iter().find(|c| c["path"] == path && c["type"] == "cn_bankcard");
        found.unwrap_or_else(|| panic!("{path} in {json}"))
    };
    let hit = of("cardNo");
    assert_eq!((&hit["outcome"], &hit["confidence"]), (&"hit".into(), &99.into()));
    let sum: i64 = hit["steps"].as_array().unwrap().iter().map(|s| s["adds"].as_i64().unwrap()).sum();
    assert_eq!((sum, &hit["steps"][2]["says"]), (99, &"promises".into()));
    assert_eq!((&of("other")["outcome"], &of("other")["reason"]), (&"refused".into(), &"value".into()));
    assert_eq!((&of("orderNo")["outcome"], &of("orderNo")["reason"]), (&"refused".into(), &"name".into()));
    assert_eq!(of("note")["steps"][1]["says"], "银行卡");
    assert!(!json.contains(right) && !json.contains(wrong), "a value in clear");
    // What is explained is what is found.
    let (_, hits, _) = out(&["scan", "--json", file]);
    assert_eq!(all.iter().filter(|c| c["outcome"] == "hit").count(), hits.lines().count());
    let (_, tree, _) = out(&["scan", "--explain", file]);
    assert!(tree.contains("validator bank-card: verified") && tree.contains("refused"), "{tree}");
    assert!(out(&["scan", "--explain", "--lang", "zh", file]).1.contains("排除：取值未通过校验"));
    let (_, shown, warned) = out(&["scan", "--explain", "--reveal", file]);
    assert!(shown.contains(right) && warned.contains("in clear"));
    assert_eq!(out(&["scan", "--reveal", file]).0, 2);
}

#[test]
fn the_doctor_looks_at_machine_and_mirror() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("not/there/yet");
    let (code, json, err) = out(&["doctor", "--json", "--data", data.to_str().unwrap()]);
    assert_eq!(code, 0, "{err}");
    let checks: Vec<serde_json::Value> = json.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    for c in &checks {
        assert_eq!(c["v"], 1);
        assert!(["good", "note", "warn", "bad"].contains(&c["state"].as_str().unwrap()), "{c}");
        assert!(c["found"]["zh"].is_string() && c["found"]["en"].is_string(), "{c}");
        assert!(c["state"] == "good" || c["state"] == "note" || c["change"]["zh"].is_string(), "{c}");
    }
    for id in ["machine.cores", "machine.capabilities", "machine.memory", "disk.space", "disk.speed"] {
        assert!(checks.iter().any(|c| c["id"] == id), "{id}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left");

    let office = capture("office");
    let office = office.to_str().unwrap();
    let (code, json, err) = out(&["doctor", "--json", office]);
    assert_eq!(code, 0, "{err}");
    let checks: Vec<serde_json::Value> = json.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let of = |id: &str| &checks.iter().find(|c| c["id"] == id).unwrap_or_else(|| panic!("{id} in {json}"))["value"];
    assert_eq!(of("mirror.exchanges"), 169);
    assert_eq!(of("mirror.traffic"), 1260);
    assert_eq!(of("mirror.one_way"), 0.0);
    assert!(checks.iter().all(|c| c["id"].as_str().unwrap().starts_with("mirror.")));
    let (_, zh, _) = out(&["doctor", "--lang", "zh", office]);
    assert!(zh.contains("接口调用") && zh.contains("良好"), "{zh}");
    assert_eq!(out(&["doctor", "/nonexistent.pcap"]).0, 2);
    assert_eq!(out(&["doctor", "--fail-on", "note", "--source", "af_packet:no-such-0"]).0, 2);
}

/// The header of a pack.
const HEAD: &str = "[pack]\nname = \"own\"\nversion = \"1\"\nmade = \"2026-01-01\"\n\n";

#[test]
fn a_grading_profile_stands_beside_the_native_level() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.json");
    std::fs::write(&file, r#"{"cvv":"123","cardNo":"6222021001116245702","mobile":"13812345678"}"#).unwrap();
    let file = file.to_str().unwrap();
    let grades = |profile: &str| -> Vec<String> {
        let (code, json, err) = out(&["scan", "--json", "--profile", profile, file]);
        assert_eq!(code, 0, "{err}");
        let grade = |l: &str| {
            serde_json::from_str::<serde_json::Value>(l).unwrap()["grade"].as_str().map(str::to_owned)
        };
        json.lines().map(|l| grade(l).unwrap_or_default()).collect()
    };
    assert_eq!(grades("jrt0171"), ["C3", "C2", "C2"]);
    assert_eq!(grades("gbt35273"), ["sensitive", "sensitive", "personal"]);
    assert_eq!(grades("none"), ["", "", ""]);
    let (code, _, err) = out(&["scan", "--profile", "jrt", file]);
    assert!(code == 2 && err.contains("jrt0171") && err.contains("none"), "{err}");
    assert!(out(&["rules", "profiles"]).1.contains("GB/T 43697-2024"));
    assert!(out(&["explain", "cvv"]).1.contains("jrt0171 C3"));
    let out_dir = dir.path().join("out");
    WEIR.replayed(&capture("office"), &out_dir, &["--profile", "s"]);
    let interfaces = weir_support::records(&out_dir, "interfaces.jsonl");
    assert!(interfaces.iter().all(|i| i["profile"] == "s"));
    assert!(interfaces.iter().any(|i| i["grade"] == "S3"), "{interfaces:?}");
    let exchanges = weir_support::records(&out_dir, "exchanges.jsonl");
    assert!(exchanges.iter().any(|x| x["grade"].is_string() && x["data"][0]["grade"].is_string()));
    assert!(weir_support::text(&out_dir, "report.html").contains("S3 敏感个人信息"));
}

/// A table's values are known in traffic by digests under a key; neither pack nor digests hold one.
#[test]
fn a_table_of_ones_own_becomes_a_type() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    std::fs::write(path("members.csv"), "no,name\nHY70019283,王小明\nHY70019284,李雷\n").unwrap();
    let make = [
        "rules",
        "fingerprint",
        &path("members.csv"),
        "--column",
        "no",
        "--id",
        "own_member",
        "--out",
        &path("packs"),
    ];
    let (code, told, err) = out(&make);
    assert!(code == 0 && told.contains("2 distinct values"), "{told}{err}");
    for file in ["own_member.toml", "own_member.digests", "own_member.key"] {
        let bytes = std::fs::read(dir.path().join("packs").join(file)).unwrap();
        assert!(!bytes.windows(8).any(|w| w == b"70019283"), "{file}");
    }
    let config = path("weir.toml");
    std::fs::write(&config, format!("[rules]\npacks = [\"{}\"]\n", path("packs"))).unwrap();
    std::fs::write(path("t.txt"), "members HY70019283 and HY70019299").unwrap();
    let (_, json, err) = out(&["scan", "--json", "--config", &config, &path("t.txt")]);
    assert!(json.lines().count() == 1 && json.contains("own_member"), "{json}{err}");
    assert_eq!(out(&["rules", "check", &path("packs")]).0, 0);
    // Again with the same key: a table is renewed.
    let key = std::fs::read(dir.path().join("packs/own_member.key")).unwrap();
    assert_eq!(out(&make).0, 0);
    assert_eq!(std::fs::read(dir.path().join("packs/own_member.key")).unwrap(), key);
    let (code, _, err) = out(&[
        "rules",
        "fingerprint",
        &path("members.csv"),
        "--column",
        "nr",
        "--id",
        "x",
        "--out",
        &path("p"),
    ]);
    assert!(code == 2 && err.contains("no column nr") && err.contains("no, name"), "{err}");
}

#[test]
fn wrong_packs_of_ones_own_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let pack = dir.path().join("own.toml");
    let pack_name = pack.to_str().unwrap().to_string();
    std::fs::write(&pack, format!("{HEAD}[[override]]\nid = \"cn_moblie\"\nlevel = 4\n")).unwrap();
    for args in [&["rules", "check", &pack_name][..], &["scan", "--rules", &pack_name, "/dev/null"]] {
        let (code, _, err) = out(args);
        assert!(code == 2 && err.contains("own.toml:6") && err.contains("cn_mobile"), "{err}");
    }
    std::fs::write(&pack, format!("{HEAD}[[override]]\nid = \"cn_mobile\"\nlevel = 4\n")).unwrap();
    assert_eq!(out(&["rules", "check", &pack_name]).0, 0);
}

/// A data directory of the office capture, replayed with a configuration that names a plan and a database.
fn placed(plan: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    std::fs::write(path("plan.csv"), plan).unwrap();
    let country = |code: &str| Value::Map(vec![("country", Value::Map(vec![("iso_code", text(code))]))]);
    std::fs::write(path("geo.mmdb"), mmdb("Test-Country", 1_770_076_800, &[("8.0.0.0/8", country("HK"))]))
        .unwrap();
    let config = format!("[places]\nplan = {:?}\nmmdb = {:?}\n", path("plan.csv"), path("geo.mmdb"));
    std::fs::write(path("weir.toml"), config).unwrap();
    dir
}

#[test]
fn places_come_from_the_plan_of_the_configuration() {
    let dir = placed("cidr,name,kind\n10.0.0.0/8,head office,office\n172.16.0.0/12,servers,production\n");
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let (config, data) = (path("weir.toml"), path("out"));
    WEIR.replayed(&capture("office"), &dir.path().join("out"), &["--config", &config]);
    for (file, places) in [("interfaces.jsonl", "/callers/places"), ("accounts.jsonl", "/places")] {
        let records = weir_support::records(&dir.path().join("out"), file);
        let first = records.iter().find_map(|r| r.pointer(places)?.get(0)).unwrap();
        let place = &first["place"];
        assert_eq!(
            (&place["scope"], &place["zone"]["kind"]),
            (&"internal".into(), &"office".into()),
            "{first}"
        );
        assert_eq!(place["database"]["name"], "plan.csv");
        assert!(first["count"].as_u64().unwrap() > 0 && first["addresses"][0].is_string());
    }
    let interfaces = weir_support::records(&dir.path().join("out"), "interfaces.jsonl");
    assert!(interfaces.iter().all(|i| i["servers"][0]["place"]["scope"].is_string()));
    let (_, table, _) = out(&["interfaces", "--data", &data]);
    assert!(table.contains("head office"), "{table}");
    let report = std::fs::read_to_string(dir.path().join("out/report.html")).unwrap();
    assert!(report.contains("调用来源地") && report.contains("plan.csv"));

    let (code, said, _) = out(&["explain", "places", "--json", "--config", &config]);
    let ids: Vec<String> = said
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap())
        .map(|v| format!("{} {}", v["id"].as_str().unwrap(), v["date"].as_str().unwrap()))
        .collect();
    assert_eq!((code, ids.len()), (0, 3), "{said}");
    assert!(ids[0].starts_with("plan.csv") && ids[1] == "Test-Country 2026-02-03");
    assert!(out(&["explain", "places", "--lang", "zh"]).1.contains("内置表"));
    let (_, doctor, _) = out(&["doctor", "--json", "--config", &config, "--data", &data]);
    assert_eq!(doctor.lines().filter(|l| l.contains("\"places.database\"")).count(), 3);
}

#[test]
fn a_wrong_plan_is_refused_with_its_line() {
    let dir = placed("cidr,name,kind\n10.0.0.0/8,head office,office\n10.1.0.0/8,x,office\n");
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let office = capture("office");
    let args = ["replay", office.to_str().unwrap(), "--out", &path("out"), "--config", &path("weir.toml")];
    let (code, _, said) = out(&args);
    assert_eq!(code, 2);
    assert!(said.contains("plan.csv:3: column cidr") && said.contains("write 10.0.0.0/8"), "{said}");
    assert!(out(&[&args[..], &["--lang", "zh"]].concat()).2.contains("请写成 10.0.0.0/8"));
    std::fs::write(dir.path().join("geo.mmdb"), "no database").unwrap();
    std::fs::write(dir.path().join("plan.csv"), "cidr,name,kind\n").unwrap();
    let (code, _, said) = out(&args);
    assert!(code == 2 && said.contains("geo.mmdb: not a sound MMDB file"), "{said}");
}

/// Calls of `GET` on paths, each answered with the same two fields.
fn calls(paths: &[&str]) -> Vec<(String, String)> {
    let body = r#"{"username":"a","email":"b"}"#;
    let reply = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let call = |p: &&str| (format!("GET {p} HTTP/1.1\r\nHost: app.example\r\n\r\n"), reply.clone());
    paths.iter().map(call).collect()
}

#[test]
fn decisions_survive_replays_with_contrary_traffic() {
    let dir = tempfile::tempdir().unwrap();
    let (capture, data) = (dir.path().join("c.pcap"), dir.path().join("out"));
    let out_dir = data.to_str().unwrap();
    let replay = |paths: &[&str]| {
        std::fs::write(&capture, weir_support::web(&calls(paths))).unwrap();
        WEIR.replayed(&capture, &data, &[]);
        let mut all: Vec<(String, String, String)> = weir_support::records(&data, "interfaces.jsonl")
            .iter()
            .map(|i| {
                [&i["template"], &i["id"], &i["name"]].map(|v| v.as_str().unwrap_or_default().to_string())
            })
            .map(|[t, i, n]| (t, i, n))
            .collect();
        all.sort();
        all
    };
    let first = replay(&["/api/daily", "/api/weekly", "/users/1", "/users/2", "/users/admin"]);
    let id = |t: &str| first.iter().find(|i| i.0 == t).unwrap().1.clone();
    let (daily, weekly, user) = (id("/api/daily"), id("/api/weekly"), id("/users/{id}"));
    let (code, said, err) = out(&["decide", "merge", &daily, &weekly, "--data", out_dir, "--dry-run"]);
    assert!(code == 0 && said.contains("2 calls") && said.contains("/api/{name}"), "{said}{err}");
    assert!(!data.join("decisions.jsonl").exists());
    assert_eq!(out(&["decide", "merge", &daily, &weekly, "--data", out_dir]).0, 0);
    let (code, said, err) = out(&["decide", "split", &user, "1", "--data", out_dir]);
    assert!(code == 0 && said.contains("/users/1: 1 calls"), "{said}{err}");
    assert_eq!(out(&["decide", "rename", &user, "Users", "--data", out_dir]).0, 0);
    assert_eq!(out(&["decide", "merge", &daily, &user, "--data", out_dir]).0, 2);
    let classify = ["decide", "classify", &user, "--data", out_dir];
    assert_eq!(out(&classify).0, 2, "says nothing");
    assert_eq!(out(&[&classify[..], &["--exposure", "everyone"]].concat()).0, 2);
    let (code, said, err) = out(&[&classify[..], &["--exposure", "partner", "--form", "rpc"]].concat());
    assert!(code == 0 && said.contains("partner in the place of internal (0 of"), "{said}{err}");
    assert_eq!(out(&[&classify[..], &["--business", "trading", "--exposure", "open"]].concat()).0, 0);
    let paths: Vec<String> = (1..60).map(|n| format!("/users/{n}")).collect();
    let mut contrary: Vec<&str> = paths.iter().map(String::as_str).collect();
    contrary.extend(["/api/daily", "/api/weekly", "/api/weekly", "/api/daily/x"]);
    for _ in 0..2 {
        let again = replay(&contrary);
        let templates: Vec<&str> = again.iter().map(|i| i.0.as_str()).collect();
        assert_eq!(templates, ["/api/{name}", "/api/{name}/x", "/users/1", "/users/{id}"]);
        assert_eq!(again[3].2, "Users");
    }
    let all = weir_support::records(&data, "interfaces.jsonl");
    let users = all.iter().find(|i| i["name"] == "Users").unwrap();
    let is =
        ["form", "business", "exposure"].map(|k| users[k].get("is").unwrap_or(&users[k]).as_str().unwrap());
    assert_eq!(is, ["rpc", "trading", "open"], "of two decisions the later holds");
    assert!(users["exposure"]["evidence"][0].as_str().unwrap().starts_with("decided by a person on"));
    let evidence = |list: &serde_json::Value, n: usize| list[n].as_str().unwrap_or_default().to_string();
    assert_eq!(evidence(&users["form_evidence"], 1), "proposed: rest");
    assert_eq!(evidence(&users["form_evidence"], 2), "replies are data");
    let (_, said, _) = out(&["explain", "interface", users["id"].as_str().unwrap(), "--data", out_dir]);
    assert!(said.contains("rpc: decided by a person") && said.contains("proposed: internal"), "{said}");
    let merged = weir_support::records(&data, "interfaces.jsonl");
    let merged = merged.iter().find(|i| i["template"] == "/api/{name}").unwrap();
    assert!(merged["evidence"].to_string().contains("merged by a person on"), "{merged}");
    let (code, said, _) = out(&["explain", "interface", merged["id"].as_str().unwrap(), "--data", out_dir]);
    assert!(code == 0 && said.contains("value weekly: 2 calls"), "{said}");
    assert_eq!(out(&["decide", "undo", "1", "--data", out_dir]).0, 0);
    assert!(replay(&contrary).iter().any(|i| i.0 == "/api/daily"));
    assert_eq!(out(&["decide", "undo", "1", "--data", out_dir]).0, 2);
}

#[test]
fn shelves_and_times_of_interfaces() {
    let dir = tempfile::tempdir().unwrap();
    WEIR.replayed(&capture("office"), dir.path(), &[]);
    let data = dir.path().to_str().unwrap();
    let (code, text, _) = out(&["interfaces", "--data", data]);
    assert!(code == 0 && text.contains("shelves: inventory"), "{text}");
    let count =
        |args: &[&str]| out(&[&["interfaces", "--data", data, "--json"], args].concat()).1.lines().count();
    let all = count(&[]);
    assert_eq!(all, weir_support::records(dir.path(), "interfaces.jsonl").len());
    assert_eq!(count(&["--shelf", "all"]), all);
    let each = ["none", "noise", "catch-all", "static", "health"].map(|s| count(&["--shelf", s]));
    assert_eq!(each.iter().sum::<usize>(), all);
    assert_eq!(count(&["--as-of", "2001-01-01"]), 0);
    assert_eq!(count(&["--as-of", "2100-01-01"]), all);
    let (_, late, _) = out(&["interfaces", "--data", data, "--json", "--as-of", "2100-01-01"]);
    assert!(late.lines().all(|l| l.contains("\"lifecycle\":\"dormant\"")), "{late}");
    assert_eq!(out(&["interfaces", "--data", data, "--as-of", "soon"]).0, 2);
}

#[test]
fn a_directory_of_accounts_names_persons_and_tells_who_left() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("out"), dir.path().join("people"));
    let (data_dir, path) = (data.to_str().unwrap(), file.to_str().unwrap());
    let replay = || {
        WEIR.replayed(&capture("office"), &data, &[]);
        let departed = weir_support::records(&data, "risk-sources.jsonl");
        let departed: Vec<String> = departed
            .iter()
            .filter(|r| r["id"] == "C24")
            .map(|r| r["account"].as_str().unwrap().to_string())
            .collect();
        (weir_support::records(&data, "accounts.jsonl"), departed)
    };
    let (accounts, departed) = replay();
    let name = accounts[0]["name"].as_str().unwrap();
    assert!(departed.is_empty() && accounts[0].get("person").is_none());
    // LDIF, of one whose account is disabled.
    let ldif = format!(
        "version: 1\n\ndn: uid=x\nuid: {}\ncn: Li Wei\ndepartment: Sales\nuserAccountControl: 514\nmemberOf: CN=Domain Admins\n",
        name.to_uppercase()
    );
    std::fs::write(&file, ldif).unwrap();
    let (code, said, err) = out(&["import", "accounts", path, "--data", data_dir]);
    assert!(code == 0 && said.contains("1 persons with 1 accounts, 1 of them disabled"), "{said}{err}");
    let kept = data.join("accounts-directory.json");
    assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    let (accounts, departed) = replay();
    assert_eq!(departed, [name]);
    let one = accounts.iter().find(|a| a["name"] == name).unwrap();
    assert_eq!(
        (&one["person"]["name"], &one["person"]["disabled"], &one["privileged"]),
        (&"Li Wei".into(), &true.into(), &true.into())
    );
    assert!(out(&["accounts", "--data", data_dir]).1.contains("Li Wei, Sales, disabled"));
    // CSV, of the same in office.
    std::fs::write(
        &file,
        format!("账号,姓名,部门,角色,状态,有效期\n{name},李伟,销售部,经理,在职,2099-12-31\n"),
    )
    .unwrap();
    assert_eq!(out(&["import", "accounts", path, "--data", data_dir]).0, 0);
    assert!(replay().1.is_empty());
    assert!(
        out(&["accounts", "--data", data_dir, "--lang", "zh"])
            .1
            .contains("李伟，销售部，经理，至 2099-12-31")
    );
    // What is wrong costs nothing of what there was.
    let before = std::fs::read(&kept).unwrap();
    std::fs::write(&file, "account,status\nanna,perhaps\n").unwrap();
    let (code, _, said) = out(&["import", "accounts", path, "--data", data_dir]);
    assert!(code == 2 && said.contains("line 2, field status"), "{said}");
    assert_eq!(std::fs::read(&kept).unwrap(), before);
}

#[test]
fn a_registered_list_goes_in_is_compared_and_goes_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let data = path("out");
    let csv = "method,path,owner,system,until\nGET,/a/{n},sales,shop,2000-01-01\nGET,/never,hr,payroll,\n";
    std::fs::write(path("list.csv"), csv).unwrap();
    let (code, said, err) = out(&["import", "registered", &path("list.csv"), "--data", &data]);
    assert!(code == 0 && said.contains("2 entries"), "{said}{err}");
    // Who calls what is nobody else's business.
    let mode = |p: &str| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(&format!("{data}/registered.json"))), (0o700, 0o600));
    std::fs::write(path("c.pcap"), weir_support::web(&calls(&["/a/1", "/a/2", "/a/3", "/b"]))).unwrap();
    let (_, summary, err) = out(&["replay", &path("c.pcap"), "--out", &data, "--lang", "en"]);
    assert!(summary.contains("never seen 1: GET /never"), "{summary}{err}");
    let state = |template: &str| {
        let all = weir_support::records(&dir.path().join("out"), "interfaces.jsonl");
        let one =
            all.iter().find(|i| i["template"].as_str().unwrap().starts_with(template)).cloned().unwrap();
        one["registration"]["state"].as_str().unwrap().to_string()
    };
    assert_eq!([state("/a"), state("/b")], ["overdue", "unregistered"]);
    assert!(out(&["interfaces", "--data", &data]).1.contains("overdue"));
    // Out and in again it is the same, in either form.
    for form in ["csv", "json", "openapi"] {
        let file = path(&format!("again.{form}"));
        assert_eq!(out(&["export", "registered", "--data", &data, "--format", form, "--out", &file]).0, 0);
        assert_eq!(out(&["import", "registered", &file, "--data", &path(form)]).0, 0);
        let read = |d: &str| std::fs::read_to_string(format!("{d}/registered.json")).unwrap();
        let entries =
            |d: &str| serde_json::from_str::<serde_json::Value>(&read(d)).unwrap()["entries"].clone();
        assert_eq!(entries(&data), entries(&path(form)));
        let twice = path(&format!("twice.{form}"));
        assert_eq!(
            out(&["export", "registered", "--data", &path(form), "--format", form, "--out", &twice]).0,
            0
        );
        assert_eq!(std::fs::read(&file).unwrap(), std::fs::read(&twice).unwrap());
    }
    // What was seen may become the list, and is handed on as it was.
    let [seen, again] = ["seen.json", "again.json"].map(path);
    assert_eq!(out(&["export", "openapi", "--data", &data, "--out", &seen]).0, 0);
    assert_eq!(out(&["import", "registered", &seen, "--data", &path("third")]).0, 0);
    let form = ["--format", "openapi", "--out", &again];
    assert_eq!(out(&[&["export", "registered", "--data", &path("third")], &form[..]].concat()).0, 0);
    assert_eq!(std::fs::read(&seen).unwrap(), std::fs::read(&again).unwrap());
    let (code, document, _) = out(&["export", "openapi", "--data", &data, "--site", "app.example"]);
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert!(
        code == 0 && document["openapi"] == "3.1.0" && document["paths"]["/b"]["get"].is_object(),
        "{document}"
    );
    // What is wrong costs nothing of what there was.
    std::fs::write(path("wrong.csv"), "method,path,level\nGET,/x,nine\n").unwrap();
    let (code, _, said) = out(&["import", "registered", &path("wrong.csv"), "--data", &data]);
    assert!(code == 2 && said.contains("line 2"), "{said}");
    assert!(std::fs::read_to_string(format!("{data}/registered.json")).unwrap().contains("/never"));
    assert_eq!(out(&["export", "openapi", "--data", &data, "--site", "none.example"]).0, 2);
    assert_eq!(out(&["export", "registered", "--data", &path("c.pcap")]).0, 2);
}
