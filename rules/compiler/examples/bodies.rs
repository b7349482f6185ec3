//! Scans bodies, one JSON object a line (`id`, `body`), as raw text without decoding or structure, and prints what stands alone and is not
//! refused by the name just before it: a measure of the rules without the inspection around them.
//!
//! `cargo run -p weir-rules --example bodies FILE.jsonl`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::io::BufRead;
use std::sync::Arc;
use weir_rules::{Context, Matcher, RuleSet, Scope, Strength, What};

/// The name of the field that a value stands directly behind, in JSON or a form.
fn key_before(text: &str) -> Option<&str> {
    let text = text.trim_end_matches([' ', '"', '\\']);
    let text = text.strip_suffix([':', '='])?.trim_end_matches([' ', '"', '\\']);
    let start = text.rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).map_or(0, |i| i + 1);
    text.get(start..).filter(|k| !k.is_empty())
}

fn main() {
    let path = std::env::args().nth(1).expect("a file of bodies");
    let rules = Arc::new(RuleSet::builtin().expect("the packs compiled in"));
    let mut matcher = Matcher::new(Arc::clone(&rules)).expect("scratch space");
    let mut found = Vec::new();
    for line in std::io::BufReader::new(std::fs::File::open(path).unwrap()).lines() {
        let record: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let Some(body) = record["body"].as_str() else { continue };
        found.clear();
        matcher.scan(body.as_bytes(), Scope { data: true, ..Scope::default() }, &mut found);
        let mut preds = Vec::new();
        for c in &found {
            let What::Value { data_type, strength, .. } = c.what else { continue };
            let (start, end) = (c.start as usize, c.end as usize);
            let key = body.get(..start).and_then(key_before);
            let before = &body.as_bytes()[start.saturating_sub(48)..start];
            let context = Context { key, before, ..Context::default() };
            let Some(j) = rules.judge(data_type, &body.as_bytes()[start..end], &context) else { continue };
            if strength == Strength::Alone || j.confidence >= 80 {
                let name = &*rules.catalogue().data_type(data_type).unwrap().id;
                preds.push(serde_json::json!({"type": name, "start": start, "end": end, "form": j.form.key(), "score": j.confidence}));
            }
        }
        println!("{}", serde_json::json!({"id": record["id"], "preds": preds}));
    }
}
