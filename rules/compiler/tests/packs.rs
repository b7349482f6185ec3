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

/// The rules of a pack of one's own beside those compiled in, its files in `folder`.
fn beside_ours(folder: &std::path::Path, body: &str) -> Result<Arc<RuleSet>, String> {
    let file = folder.join("own.toml");
    fs::write(&file, format!("{HEAD}{body}")).unwrap();
    RuleSet::load(&[file], true).map(Arc::new).map_err(|e| e.to_string())
}

/// Ids of the types found in a text.
fn found_in(rules: &Arc<RuleSet>, text: &str) -> Vec<String> {
    use weir_rules::{Context, Matcher, Scope, What};
    let mut found = Vec::new();
    let mut matcher = Matcher::new(rules.clone()).unwrap();
    matcher.scan(text.as_bytes(), Scope { data: true, ..Scope::default() }, &mut found);
    let judged = found.iter().filter_map(|c| match c.what {
        What::Value { data_type, .. } => {
            let value = &text.as_bytes()[c.start as usize..c.end as usize];
            rules.judge(data_type, value, &Context::default())?;
            Some(rules.catalogue().data_type(data_type)?.id.to_string())
        }
        _ => None,
    });
    judged.collect()
}

#[test]
fn overrides_change_types_without_touching_their_pack() {
    let folder = tempfile::tempdir().unwrap();
    let rules = beside_ours(
        folder.path(),
        "[[override]]\nid = \"cn_mobile\"\nlevel = 4\npersonal = \"sensitive\"\nkeys = [\"lxdhua\"]\nwithout = [\"mobile\"]\ngrades = { jrt0171 = \"C3\" }\n\n[[override]]\nid = \"vin\"\noff = true\n",
    )
    .unwrap();
    let mobile = rules.catalogue().find("cn_mobile").unwrap();
    let t = rules.catalogue().data_type(mobile).unwrap();
    assert_eq!((t.level, t.personal), (4, weir_exchange::PersonalClass::Sensitive));
    let promises = |name: &str| rules.key_types(name).iter().any(|m| m.data_type == mobile);
    assert!(promises("lxdhua") && !promises("mobile"));
    assert!(rules.catalogue().find("vin").is_none() && found_in(&rules, "LSVAU2182D2123459").is_empty());
    let jrt = rules.profiles().iter().find(|p| &*p.id == "jrt0171").unwrap();
    assert_eq!(&*jrt.label(jrt.field(mobile, weir_exchange::Form::Plain)).unwrap().id, "C3");
}

#[test]
fn wrong_overrides_say_where_what_and_how_to_fix_it() {
    let folder = tempfile::tempdir().unwrap();
    let error = |body: &str| beside_ours(folder.path(), body).expect_err("wrong");
    let unknown = error("[[override]]\nid = \"cn_moblie\"\nlevel = 1\n");
    assert!(unknown.contains("own.toml:6:") && unknown.contains("`cn_mobile`"), "{unknown}");
    let idle = error("[[override]]\nid = \"cn_mobile\"\n");
    assert!(idle.contains("changes nothing"), "{idle}");
    let word = error("[[override]]\nid = \"cn_mobile\"\nwithout = [\"zzz\"]\n");
    assert!(word.contains("`zzz`") && word.contains("weir rules show cn_mobile"), "{word}");
    let field = error("[[override]]\nid = \"cn_mobile\"\npatterns = [\"x\"]\n");
    assert!(field.contains("own.toml:8") && field.contains("patterns"), "{field}");
    let grade = error("[[override]]\nid = \"cn_mobile\"\ngrades = { jrt0171 = \"C9\" }\n");
    assert!(grade.contains("no level `C9`") && grade.contains("C3"), "{grade}");
    let profile = error("[[override]]\nid = \"cn_mobile\"\ngrades = { jrt = \"C1\" }\n");
    assert!(profile.contains("no profile `jrt`"), "{profile}");
}

#[test]
fn dictionaries_find_whole_words_in_any_case() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("names.txt"), "# projects\n海棠计划\nBlue Heron\n").unwrap();
    let body = |words: &str| {
        format!(
            "{TYPE}stands = \"alone\"\n{words}\nwords_file = \"names.txt\"\nexamples = [\"海棠计划\", \"see blue heron.\"]\ncounter_examples = [\"blue herons\"]\n"
        )
    };
    let rules = beside_ours(folder.path(), &body("words = [\"Amber\"]")).unwrap();
    assert!(rules.check().unwrap().is_empty(), "{:?}", rules.check().unwrap());
    assert_eq!(found_in(&rules, "AMBER, ambergris, xamber; 关于海棠计划的说明"), ["own_no", "own_no"]);
    let short = beside_ours(folder.path(), &body("words = [\"ab\"]")).expect_err("too short");
    assert!(short.contains("own.toml:6:") && short.contains("`ab`"), "{short}");
    fs::remove_file(folder.path().join("names.txt")).unwrap();
    let gone = beside_ours(folder.path(), &body("words = []")).expect_err("no file");
    assert!(gone.contains("names.txt cannot be read"), "{gone}");
}

#[test]
fn exact_types_know_the_values_of_a_table_and_no_others() {
    use weir_rules::ExactTable;
    let folder = tempfile::tempdir().unwrap();
    let table = ExactTable::new(["KH70019283", "KH70019284"].into_iter(), [3; 16]);
    fs::write(folder.path().join("t.digests"), table.to_bytes()).unwrap();
    fs::write(folder.path().join("t.key"), [3; 16]).unwrap();
    let pattern = table.pattern().unwrap();
    let body = format!(
        "{TYPE}stands = \"alone\"\npatterns = ['{pattern}']\nexact = {{ digests = \"t.digests\", key = \"t.key\" }}\n"
    );
    let rules = beside_ours(folder.path(), &body).unwrap();
    assert!(rules.check().unwrap().is_empty());
    assert_eq!(found_in(&rules, "no KH70019283, KH70019285, kh70019284"), ["own_no", "own_no"]);
    fs::write(folder.path().join("t.digests"), b"nothing").unwrap();
    let damaged = beside_ours(folder.path(), &body).expect_err("damaged");
    assert!(damaged.contains("own.toml:6:") && damaged.contains("weir rules fingerprint"), "{damaged}");
}

#[test]
fn composites_name_types_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let composite = |of: &str| {
        format!(
            "[[composite]]\nid = \"own_set\"\nzh = \"组合\"\nen = \"Set\"\ngroup = \"own\"\nlevel = 4\npersonal = \"sensitive\"\n{of}\n"
        )
    };
    let rules =
        beside_ours(folder.path(), &composite("of = [\"cn_name\", \"cn_id18\", \"cn_bankcard\"]\nleast = 2"))
            .unwrap();
    let [c] = rules.composites() else { panic!("one composite") };
    assert_eq!((c.least, c.of.len(), Some(c.data_type)), (2, 3, rules.catalogue().find("own_set")));
    assert!(rules.check().unwrap().is_empty());
    let unknown =
        beside_ours(folder.path(), &composite("of = [\"cn_name\", \"cn_x\"]")).expect_err("unknown");
    assert!(unknown.contains("own.toml:6:") && unknown.contains("`cn_x`"), "{unknown}");
    let one = beside_ours(folder.path(), &composite("of = [\"cn_name\"]")).expect_err("one type");
    assert!(one.contains("no combination"), "{one}");
}

#[test]
fn profiles_grade_in_the_words_of_their_standards() {
    use weir_exchange::Form;
    let rules = RuleSet::builtin().unwrap();
    let grade = |profile: &str, ty: &str, form: Form| {
        let p = rules.profiles().iter().find(|p| &*p.id == profile).unwrap();
        p.label(p.field(rules.catalogue().find(ty).unwrap(), form)).unwrap().id.to_string()
    };
    let table = [
        ("gbt43697", "cn_id18", Form::Plain, "general-3"),
        ("gbt43697", "cn_id18", Form::Masked, "general-2"),
        ("gbt43697", "password", Form::Plain, "general-4"),
        ("gbt43697", "industrial_ctrl", Form::Plain, "important"),
        ("gbt35273", "cn_id18", Form::Masked, "sensitive"),
        ("gbt35273", "cn_mobile", Form::Plain, "personal"),
        ("gbt35273", "uscc", Form::Plain, "none"),
        ("gbt45574", "cn_id18", Form::Plain, "personal"),
        ("gbt45574", "face_vector", Form::Plain, "sensitive"),
        ("gbt45574", "diagnosis", Form::Plain, "sensitive"),
        ("jrt0171", "cvv", Form::Plain, "C3"),
        ("jrt0171", "password", Form::Plain, "C3"),
        ("jrt0171", "cn_bankcard", Form::Plain, "C2"),
        ("jrt0171", "gender", Form::Plain, "C1"),
        ("jrt0171", "lei", Form::Plain, "none"),
        ("jrt0197", "cvv", Form::Plain, "4"),
        ("jrt0197", "cn_mobile", Form::Plain, "3"),
        ("jrt0197", "gender", Form::Plain, "2"),
        ("s", "private_key", Form::Plain, "S4"),
        ("s", "cn_mobile", Form::Plain, "S2"),
        ("s", "isin", Form::Plain, "S0"),
    ];
    for (profile, ty, form, wanted) in table {
        assert_eq!(grade(profile, ty, form), wanted, "{profile} {ty}");
    }
    let gbt = rules.profiles().iter().find(|p| &*p.id == "gbt43697").unwrap();
    let category = |ty: &str| gbt.category(rules.catalogue().find(ty).unwrap()).unwrap().id.to_string();
    assert_eq!(
        [category("cn_id18"), category("password"), category("uscc")],
        ["identity", "authentication", "organisation"]
    );
    // Every type has a category of the standard.
    assert!(gbt.types.iter().all(|(g, _)| g.category.is_some()));
    assert!(rules.graded("jrt0197").is_some_and(|r| r.catalogue().grading.is_some()));
}

#[test]
fn a_profile_of_ones_own_extends_another() {
    let folder = tempfile::tempdir().unwrap();
    let own = |rest: &str| {
        format!("[[profile]]\nid = \"own\"\nzh = \"本行\"\nen = \"Ours\"\nextends = \"jrt0197\"\n{rest}\n")
    };
    let rules = beside_ours(folder.path(), &own("[[profile.grade]]\nlevel = \"5\"\ntypes = [\"cn_mobile\"]"))
        .unwrap();
    let p = rules.profiles().iter().find(|p| &*p.id == "own").unwrap();
    let grade = |ty: &str| {
        p.label(p.field(rules.catalogue().find(ty).unwrap(), weir_exchange::Form::Plain))
            .unwrap()
            .id
            .to_string()
    };
    assert_eq!(
        (grade("cn_mobile"), grade("email"), &*p.standard),
        ("5".into(), "3".into(), "JR/T 0197-2020")
    );
    let error = |rest: &str| beside_ours(folder.path(), &own(rest)).expect_err("wrong");
    let level = error("[[profile.grade]]\nlevel = \"9\"\ntypes = [\"cn_mobile\"]");
    assert!(level.contains("own.toml:6:") && level.contains("no level `9`"), "{level}");
    let ty = error("[[profile.grade]]\nlevel = \"5\"\ntypes = [\"cn_mobil\"]");
    assert!(ty.contains("`cn_mobil`"), "{ty}");
    let circle = beside_ours(folder.path(), &own("").replace("jrt0197", "own")).expect_err("a circle");
    assert!(circle.contains("extends itself"), "{circle}");
}

/// A pack that changes types of ours cannot be checked without them; one that does not is checked by itself.
#[test]
fn packs_are_checked_beside_what_they_build_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    fs::write(
        &file,
        format!(
            "{HEAD}[[override]]\nid = \"cn_mobile\"\nlevel = 4\nexamples = [\"13812345678\", \"12345\"]\n"
        ),
    )
    .unwrap();
    let rules = Arc::new(RuleSet::load_to_check(std::slice::from_ref(&file)).unwrap());
    let problems = rules.check().unwrap();
    assert!(
        matches!(&problems[..], [p] if p.rule == "cn_mobile" && p.what.contains("12345")),
        "{problems:?}"
    );
    fs::write(&file, format!("{HEAD}{TYPE}stands = \"key\"\nkeys = [\"own_no\"]\n")).unwrap();
    assert_eq!(RuleSet::load_to_check(&[file]).unwrap().catalogue().data_types.len(), 1);
}

/// V06 rests on what opens something: every secret does, but for those named here, and every credential is a secret.
#[test]
fn every_secret_opens_something_or_is_known_not_to() {
    const CLOSED: [&str; 5] = ["aliyun_akid", "aws_akid", "gcp_api_key", "tencent_secretid", "volc_ak"];
    const NO_SECRET: [&str; 1] = ["wechat_appid"];
    let rules = RuleSet::builtin().unwrap();
    let types = &rules.catalogue().data_types;
    let ids = |f: &dyn Fn(&weir_exchange::DataType) -> bool| {
        let mut ids: Vec<String> = types.iter().filter(|t| f(t)).map(|t| t.id.to_string()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&|t| t.secret && !t.opens), CLOSED);
    assert_eq!(ids(&|t| t.opens && !t.secret), Vec::<String>::new());
    assert_eq!(ids(&|t| &*t.group == "credential" && !t.secret), NO_SECRET);
}
