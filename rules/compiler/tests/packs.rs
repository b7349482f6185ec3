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
