//! Scans bodies, one JSON object a line (`id`, `ct`, and `body` or `body_b64`), from standard input, with the rules that are built
//! in, and prints one line a body with what was found. Values are printed in clear: for trials with made-up bodies.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::sync::Arc;
use weir_exchange::Fingerprinter;
use weir_inspect::{Config, Document, Inspector};
use weir_rules::RuleSet;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rules = Arc::new(RuleSet::builtin()?);
    let mut inspector = Inspector::new(Arc::clone(&rules), Fingerprinter::new([0; 16]), Config::default())?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let record: Value = serde_json::from_str(&line?)?;
        let text = |name: &str| record.get(name).and_then(Value::as_str);
        let bytes = match text("body_b64") {
            Some(coded) => STANDARD.decode(coded)?,
            None => text("body").unwrap_or_default().as_bytes().to_vec(),
        };
        let document =
            Document { bytes: &bytes, content_type: text("ct"), reveal: true, ..Document::default() };
        let preds: Vec<Value> = inspector
            .scan_document(&document)
            .iter()
            .map(|h| {
                let id = rules.catalogue().data_type(h.data_type).map(|t| &*t.id);
                let (form, score) = (h.form.key(), f64::from(h.confidence) / 100.0);
                json!({"type": id, "start": h.start, "end": h.end, "form": form, "value": h.value, "path": &*h.path, "score": score})
            })
            .collect();
        writeln!(out, "{}", json!({"id": text("id"), "preds": preds}))?;
    }
    Ok(())
}
