//! Composite types: several types in one record.

use std::sync::Arc;
use weir_exchange::Fingerprinter;
use weir_inspect::{Config, Document, Inspector};
use weir_rules::RuleSet;

const PACK: &str = r#"
[pack]
name = "own"
version = "1"
made = "2026-01-01"

[[composite]]
id = "own_identity"
zh = "身份三要素"
en = "Identity set"
group = "own"
level = 4
personal = "sensitive"
of = ["cn_name", "cn_id18", "cn_mobile"]
"#;

fn composites(body: &str) -> Vec<(String, u8, String)> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    std::fs::write(&file, PACK).unwrap();
    let rules = Arc::new(RuleSet::load(&[file], true).unwrap());
    let own = rules.catalogue().find("own_identity").unwrap();
    let mut inspector = Inspector::new(rules, Fingerprinter::new([0; 16]), Config::default()).unwrap();
    let document = Document { bytes: body.as_bytes(), ..Document::default() };
    let hits = inspector.scan_document(&document).into_iter().filter(|h| h.data_type == own);
    hits.map(|h| (h.path.to_string(), h.level, h.masked.to_string())).collect()
}

#[test]
fn types_in_one_record_make_one() {
    let list =
        r#"{"list":[{"name":"王小明","cert":{"idCard":"11010519491231002X"},"mobile":"13812345678"}]}"#;
    assert_eq!(composites(list), [("list[]".to_string(), 4, "cn_id18+cn_mobile+cn_name".to_string())]);
    let apart = r#"{"name":"王小明","list":[{"idCard":"11010519491231002X","mobile":"13812345678"}]}"#;
    assert_eq!(composites(apart), []);
    let masked = r#"{"list":[{"name":"王小明","idCard":"110105********002X","mobile":"13812345678"}]}"#;
    assert_eq!(composites(masked), []);
}
