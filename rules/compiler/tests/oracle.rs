//! The class-run pass against a plain regular expression over the same text, and hostile bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use std::fs;
use std::sync::{Arc, LazyLock};
use weir_rules::{Candidate, Matcher, ResponseOrRequest, RuleSet, Scope, What};

const SHAPES: [&str; 5] = [
    r"\d{6}",
    r"[A-F]\d{7,8}",
    r"\d{3}-\d{4}",
    r"(?:[0-9a-f]{2}:){2}[0-9a-f]{2}",
    r"\d{1,3}\.\d{1,3}\.\d{1,3}",
];

static OWN: LazyLock<Arc<RuleSet>> = LazyLock::new(|| {
    let mut pack = String::from("[pack]\nname = \"own\"\nversion = \"1\"\nmade = \"2026-01-01\"\n");
    for (i, shape) in SHAPES.iter().enumerate() {
        pack += &format!(
            "[[data_type]]\nid = \"t{i}\"\nzh = \"型\"\nen = \"type\"\ngroup = \"g\"\nlevel = 1\nprecedence = 1\nstands = \"alone\"\npatterns = ['{shape}']\n"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    fs::write(&file, pack).unwrap();
    Arc::new(RuleSet::load(&[file], false).unwrap())
});

static BUILTIN: LazyLock<Arc<RuleSet>> = LazyLock::new(|| Arc::new(RuleSet::builtin().unwrap()));

fn scan(rules: &Arc<RuleSet>, text: &[u8], signals: ResponseOrRequest) -> Vec<Candidate> {
    let mut found = Vec::new();
    Matcher::new(Arc::clone(rules)).unwrap().scan(
        text,
        Scope { data: true, signals, ..Scope::default() },
        &mut found,
    );
    found
}

/// The naive way: an expression tried at every place, then the neighbours looked at.
fn naive(text: &str) -> Vec<(usize, usize, usize)> {
    let b = text.as_bytes();
    let word = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    let mut all = Vec::new();
    for (i, shape) in SHAPES.iter().enumerate() {
        let anchored = regex::bytes::Regex::new(&format!("^(?:{shape})")).unwrap();
        let colons = shape.contains(':');
        let joins = |c: u8| matches!(c, b'.' | b'-') || colons && c == b':';
        for start in 0..b.len() {
            let Some(m) = anchored.find(&b[start..]) else { continue };
            let end = start + m.end();
            let (p1, p2) = (start.checked_sub(1).map(|i| b[i]), start.checked_sub(2).map(|i| b[i]));
            let (n1, n2) = (b.get(end).copied(), b.get(end + 1).copied());
            let on = |c: Option<u8>| c.is_some_and(|c| word(c) || colons && c == b':');
            let glued = p1.is_some_and(joins) && on(p2) || n1.is_some_and(joins) && on(n2);
            let edge = p1.is_some_and(|c| word(c) || c == b'*')
                || n1.is_some_and(|c| word(c) || matches!(c, b'*' | b'@'));
            if !glued && !edge {
                all.push((start, end, i));
            }
        }
    }
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn class_runs_find_what_the_expression_finds(text in "[0-9A-Fa-f .:_*@中-]{0,60}|(?:[0-9]{3,9}[-. :,]){0,8}") {
        let mut got: Vec<(usize, usize, usize)> = scan(&OWN, text.as_bytes(), ResponseOrRequest::Neither)
            .iter()
            .filter_map(|c| match c.what {
                What::Value { data_type, .. } => Some((c.start as usize, c.end as usize, usize::from(data_type.0))),
                _ => None,
            })
            .collect();
        got.sort();
        prop_assert_eq!(got, naive(&text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn random_bytes_never_panic(text in proptest::collection::vec(any::<u8>(), 0..600)) {
        for c in scan(&BUILTIN, &text, ResponseOrRequest::Response) {
            prop_assert!(c.start < c.end && c.end as usize <= text.len());
        }
    }
    #[test]
    fn candidates_are_sorted_and_judged_without_panic(text in r#"[0-9A-Za-z"':@.*_=/+,{} 身份证号码手机-]{0,200}"#) {
        let found = scan(&BUILTIN, text.as_bytes(), ResponseOrRequest::Request);
        prop_assert!(found.windows(2).all(|w| w[0].start <= w[1].start));
        for ty in 0..BUILTIN.catalogue().data_types.len() as u16 {
            let context = weir_rules::Context { key: Some("phone"), before: b"x", ..Default::default() };
            if let Some(j) = BUILTIN.judge(weir_exchange::DataTypeId(ty), text.as_bytes(), &context) {
                prop_assert!(j.value.end <= text.len() && (1..=4).contains(&j.level));
            }
        }
    }
}

#[test]
fn samples_never_hold_the_value() {
    for (i, t) in BUILTIN.catalogue().data_types.iter().enumerate() {
        for value in ["13812345678", "张伟", "a", "Robin@1463"] {
            let mut out = String::new();
            BUILTIN.mask(weir_exchange::DataTypeId(i as u16), value, &mut out);
            assert!(out.contains('*') && out != value, "{}: {out}", t.id);
        }
    }
}

#[test]
fn names_of_fields_are_found_in_text_and_by_themselves() {
    let names = |key: &str| {
        let all = BUILTIN.key_types(key);
        all.first().map(|m| BUILTIN.catalogue().data_types[usize::from(m.data_type.0)].id.to_string())
    };
    for (key, id) in [
        ("idCard", "cn_id18"),
        ("receiverPhone", "cn_mobile"),
        ("USER_PASSWORD", "password"),
        ("sfzh", "cn_id18"),
        ("data.list[].realName", "cn_name"),
        ("手机号", "cn_mobile"),
        ("bankCardNo", "cn_bankcard"),
        ("lastIp", "ipv4"),
    ] {
        assert_eq!(names(key).as_deref(), Some(id), "{key}");
    }
    for key in ["orderNo", "createTime", "id", "title", "microphone"] {
        assert_eq!(names(key), None, "{key}");
    }
    for text in [
        r#"{"loginPwd":"x"}"#,
        "user_password=x",
        "<xm>x</xm>",
        "姓名：张三",
        "的手机号 是1",
        r#"{\"idCard\":\"x\"}"#,
    ] {
        let found = scan(&BUILTIN, text.as_bytes(), ResponseOrRequest::Neither);
        assert!(found.iter().any(|c| matches!(c.what, What::Key { .. })), "{text}");
    }
    // A name in Chinese is one where a value stands behind it; prose speaks of names as well.
    let found = scan(&BUILTIN, "姓名,手机号码与地址".as_bytes(), ResponseOrRequest::Neither);
    assert!(found.is_empty(), "{found:?}");
    let found = scan(&BUILTIN, b"phones and mobility in password-less prose", ResponseOrRequest::Neither);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_pattern_that_a_text_made_it_give_up_is_counted() {
    let pack = "[pack]\nname = \"own\"\nversion = \"1\"\nmade = \"2026-01-01\"\n[[data_type]]\nid = \"t\"\nzh = \"型\"\nen = \"type\"\ngroup = \"g\"\nlevel = 1\nprecedence = 1\nstands = \"alone\"\npatterns = ['abq[a-z]{0,60}[0-9]{3}']\n";
    let rules = Arc::new(RuleSet::parse("own.toml", pack).unwrap());
    let mut matcher = Matcher::new(rules).unwrap();
    let mut given_up = |text: &str| {
        let mut found = Vec::new();
        let scope = Scope { data: true, ..Scope::default() };
        matcher.scan(text.as_bytes(), scope, &mut found);
        (found.len(), matcher.given_up())
    };
    assert_eq!(given_up("abq123 abqx"), (1, 0));
    let wall = "abq".repeat(6_000);
    assert_eq!(given_up(&format!("{wall} abq123")), (0, 1));
    assert_eq!(given_up("abq123"), (1, 1));
    assert_eq!(given_up(&wall), (0, 2));
}
