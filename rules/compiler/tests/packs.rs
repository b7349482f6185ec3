//! The packs compiled in hold what they promise, and wrong packs are told what is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::sync::Arc;
use weir_rules::RuleSet;

#[test]
fn every_example_and_counter_example_holds() {
    let rules = Arc::new(RuleSet::builtin().unwrap_or_else(|e| panic!("{e}")));
    let problems = rules.check().unwrap();
    let told: Vec<String> =
        problems.iter().map(|p| format!("{}:{} {}: {}", p.file, p.line, p.rule, p.what)).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn sheets_tell_where_patterns_go() {
    let rules = RuleSet::builtin().unwrap();
    let place = |id: &str| rules.sheet(id).unwrap().patterns[0].1;
    assert_eq!(
        [place("cn_id18"), place("aws_akid"), place("email"), place("private_key")],
        ["class-run", "hyperscan", "memchr", "hyperscan"]
    );
    assert!(rules.catalogue().data_types.len() >= 60);
    assert_eq!(rules.packs()[0].name, "identity");
    assert!(rules.catalogue().made.is_some());
}

const HEAD: &str = "[pack]\nname = \"own\"\nversion = \"1\"\nmade = \"2026-01-01\"\n\n";
const TYPE: &str = "[[data_type]]\nid = \"own_no\"\nzh = \"编号\"\nen = \"Number\"\ngroup = \"org\"\nlevel = 2\nprecedence = 50\n";

/// The error of a pack with `body` behind a good header.
fn error_of(body: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    fs::write(&file, format!("{HEAD}{body}")).unwrap();
    RuleSet::load(&[file], false).expect_err("a wrong pack").to_string()
}

#[test]
fn a_good_pack_of_ones_own_loads_beside_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let body = format!(
        "{HEAD}{TYPE}stands = \"alone\"\npatterns = ['WB\\d{{10}}']\nexamples = [\"WB0123456789\"]\ncounter_examples = [\"WB1\"]\n"
    );
    fs::write(folder.path().join("own.toml"), body).unwrap();
    let rules = Arc::new(RuleSet::load(&[folder.path().to_path_buf()], true).unwrap());
    assert!(rules.check().unwrap().is_empty());
    assert!(rules.catalogue().find("own_no").is_some());
}

#[test]
fn wrong_packs_say_where_what_and_how_to_fix_it() {
    let slow = error_of(&format!("{TYPE}stands = \"alone\"\npatterns = ['.*foo']\n"));
    assert!(
        slow.contains("own.toml:6:") && slow.contains("every byte of traffic") && slow.contains("anchor"),
        "{slow}"
    );
    let unbounded = error_of(&format!("{TYPE}stands = \"alone\"\npatterns = ['[0-9a-z]+']\n"));
    assert!(unbounded.contains("no literal"), "{unbounded}");
    let validator =
        error_of(&format!("{TYPE}stands = \"alone\"\npatterns = ['\\d{{9}}']\nvalidator = \"lune\"\n"));
    assert!(validator.contains("`lune` is not known") && validator.contains("vin"), "{validator}");
    let field = error_of(&format!("{TYPE}stands = \"alone\"\npatern = 1\n"));
    assert!(field.contains("own.toml:14") && field.contains("patern"), "{field}");
    let twice = error_of(&format!("{TYPE}stands = \"key\"\n{TYPE}stands = \"key\"\n"));
    assert!(twice.contains("already defined") && twice.contains(":6"), "{twice}");
    let level = error_of(&format!("{}stands = \"key\"\n", TYPE.replace("level = 2", "level = 9")));
    assert!(level.contains("level 9"), "{level}");
    let list = error_of(&format!("{TYPE}stands = \"key\"\ncontext = [\"@words\"]\n"));
    assert!(list.contains("@words"), "{list}");
    let class = error_of(&format!("{TYPE}stands = \"alone\"\npatterns = ['[甲乙]\\d{{9}}']\n"));
    assert!(class.contains("byte mode"), "{class}");
}

#[test]
fn missing_files_are_told() {
    let error = RuleSet::load(&["no-such-folder".into()], false).expect_err("no folder");
    assert!(error.to_string().contains("no such file"), "{error}");
}

#[test]
fn costly_patterns_are_refused_and_dear_ones_told() {
    let body = |pattern: &str| format!("{TYPE}stands = \"alone\"\npatterns = ['{pattern}']\n");
    let ruinous = error_of(&body("\":\""));
    assert!(ruinous.contains("own.toml:6:") && ruinous.contains("ns to every 1,000 bytes"), "{ruinous}");
    let sheet = |pattern: &str| {
        let text = format!("{HEAD}{}", body(pattern));
        RuleSet::parse("own.toml", &text).unwrap().sheet("own_no").unwrap()
    };
    assert!(sheet("class=\"[a-z]{9}").is_dear());
    assert!(!sheet("WB[0-9]{10}x").is_dear() && sheet("zqxjk").cost == 0);
    assert!(RuleSet::builtin().unwrap().sheets().iter().all(|s| s.cost < 600));
}

#[test]
fn cached_rules_are_the_same_and_damage_is_mended() {
    use weir_rules::{CacheUse, Matcher, ResponseOrRequest, Scope};
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let load = || RuleSet::load_cached(&[], true, &cache).unwrap();
    let found = |rules: RuleSet| {
        let mut all = Vec::new();
        let scope = Scope { data: true, signals: ResponseOrRequest::Response, ..Scope::default() };
        let text = "\"ok\":false ORA-00942 AKIAIOSFODNN7EXAMPLE 北京市海淀区中关村大街1号".as_bytes();
        Matcher::new(Arc::new(rules)).unwrap().scan(text, scope, &mut all);
        all
    };
    let (cold, used) = load();
    assert_eq!(used, CacheUse::Written);
    let (cached, used) = load();
    assert_eq!(used, CacheUse::Read);
    let wanted = found(cold);
    assert!(wanted.len() >= 3 && wanted == found(cached), "{wanted:?}");
    let file = fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, &bytes).unwrap();
    assert_eq!(load().1, CacheUse::Replaced);
    fs::write(&file, &bytes[..middle]).unwrap();
    let (mended, used) = load();
    assert!(used == CacheUse::Replaced && wanted == found(mended));
    assert_eq!(load().1, CacheUse::Read);
    assert!(used.zh().contains("损坏"));
    // A folder that is a file cannot be written to.
    let (_, used) = RuleSet::load_cached(&[], true, &file).unwrap();
    assert!(matches!(used, CacheUse::Unwritten(_)), "{used}");
}
