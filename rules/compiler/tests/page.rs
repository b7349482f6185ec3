//! `rules/DATA-TYPES.md` says what the packs say; `WEIR_BLESS=1` writes it anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use weir_exchange::{DataType, PersonalClass};
use weir_rules::{RuleKind, RuleSet, RuleSheet};

/// Names of a field that the page shows; the pack has the rest.
const SHOWN_KEYS: usize = 5;

const HEAD: &str = "# 数据类型目录 / Catalogue of data types

Made from the packs by `WEIR_BLESS=1 cargo test -p weir-rules --test page`; a test fails where the page and the packs differ. `weir rules show ID` prints a type in full.

- 级别 level: 1 public to 4 highest, of one value in clear. 个人信息 personal: P is personal, S sensitive personal information, K a secret, - none of them; with a 1, different values are different persons.
- 成立条件 stands: *alone* where its validator verifies the value; *context* with the name of its field or a word before it; *key* in a field of that name.
- 识别 found by: where values are looked for (hyperscan: by literals; class-run: by lengths and classes of letters and digits; memchr: by a sign; field: the whole value of a field), then the validator. ≤ 10 %: of a hundred other values of the shape so many pass at most, so that values are judged by their column. M: masked forms are known.
- 字段名 names: the first of those that promise the type; case, `_`, `-` and camelCase are folded.
";

/// Groups in the order of the page, with their names.
const GROUPS: [(&str, &str, &str); 14] = [
    ("cn_identity", "境内身份证件", "identity in China"),
    ("contact", "姓名与联系方式", "names and contacts"),
    ("cn_finance", "财产与金融", "money of people"),
    ("attr", "个人属性", "attributes of people"),
    ("health", "健康", "health"),
    ("biometric", "生物识别", "biometrics"),
    ("location", "位置与行踪", "location"),
    ("vehicle", "车辆", "vehicles"),
    ("device", "设备与网络", "devices and networks"),
    ("net_identity", "网络身份", "accounts on networks"),
    ("credential", "凭证与密钥", "credentials and secrets"),
    ("intl_identity", "境外身份与税号", "identity abroad"),
    ("org", "组织与机构代码", "organisations and codes of institutions"),
    ("important", "重要数据候选", "candidates of important data"),
];

fn row(sheet: &RuleSheet, t: &DataType) -> String {
    let personal = match (t.secret, t.personal) {
        (true, _) => "K",
        (_, PersonalClass::Sensitive) if t.identifies => "S1",
        (_, PersonalClass::Personal) if t.identifies => "P1",
        (_, PersonalClass::Sensitive) => "S",
        (_, PersonalClass::Personal) => "P",
        (_, PersonalClass::None) => "-",
    };
    let mut found: Vec<&str> = sheet.patterns.iter().map(|(_, how)| *how).collect();
    if sheet.stands == "key" {
        found = vec!["field"];
    }
    found.sort_unstable();
    found.dedup();
    let mut found = found.join(", ");
    if let Some(validator) = &sheet.validator {
        write!(found, "; `{validator}`").unwrap();
    }
    if t.chance > 0 {
        write!(found, "; ≤ {} %", t.chance).unwrap();
    }
    if !sheet.masked.is_empty() {
        found.push_str("; M");
    }
    let names: Vec<&String> = sheet.keys.iter().flatten().collect();
    let mut keys = names.iter().take(SHOWN_KEYS).map(|k| format!("`{k}`")).collect::<Vec<_>>().join(" ");
    if names.len() > SHOWN_KEYS {
        write!(keys, " +{}", names.len() - SHOWN_KEYS).unwrap();
    }
    format!(
        "| `{}` | {} | {} | {} | {personal} | {} | {found} | {keys} |\n",
        t.id, t.zh, t.en, t.level, sheet.stands
    )
}

/// The page of the packs compiled in.
fn page() -> String {
    let rules = RuleSet::builtin().unwrap();
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for sheet in rules.sheets() {
        if let RuleKind::DataType(t) = &sheet.kind {
            rows.entry(t.group.to_string()).or_default().push(row(&sheet, t));
        }
    }
    let total: usize = rows.values().map(Vec::len).sum();
    let mut page = format!("{HEAD}\n{total} types.\n");
    for (group, zh, en) in GROUPS {
        let mut rows = rows.remove(group).unwrap_or_default();
        rows.sort();
        write!(page, "\n## {zh} / {en} (`{group}`, {})\n\n", rows.len()).unwrap();
        page.push_str("| id | 名称 | name | 级别 | 个人信息 | 成立条件 | 识别 | 字段名 |\n|---|---|---|---|---|---|---|---|\n");
        page.extend(rows);
    }
    assert!(rows.is_empty(), "groups without a heading: {:?}", rows.keys());
    page
}

#[test]
fn the_page_says_what_the_packs_say() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../DATA-TYPES.md");
    let made = page();
    if std::env::var_os("WEIR_BLESS").is_some() {
        std::fs::write(&file, &made).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = made.lines().zip(written.lines()).find(|(a, b)| a != b);
    assert!(
        made == written,
        "rules/DATA-TYPES.md differs from the packs ({differs:?}); WEIR_BLESS=1 cargo test -p weir-rules --test page writes it anew"
    );
}
