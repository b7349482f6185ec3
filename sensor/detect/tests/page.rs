//! `CATALOGUE.md` says what the cards say; `WEIR_BLESS=1` writes it anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write;
use std::path::Path;
use weir_detect::{Thresholds, catalogue};
use weir_model::Card;

const HEAD: &str = "# 风险源目录 / Catalogue of risk sources

Made from the cards by `WEIR_BLESS=1 cargo test -p weir-detect --test page`; a test fails where the page and the cards differ.
Thresholds are set under `[thresholds]` of the configuration; `weir explain ID` prints a card, `weir explain thresholds` every threshold.
";

/// A card as a section.
fn section(card: &Card) -> String {
    let mut out = String::new();
    writeln!(out, "\n### {} {} / {}", card.id, card.zh, card.en).unwrap();
    let risks: Vec<String> = card.risks.iter().map(|r| format!("R{} {} {}", r.0, r.zh(), r.en())).collect();
    let measures: Vec<String> = card.measures.iter().map(|h| format!("H{} {}", h.0, h.zh())).collect();
    writeln!(out, "{}；{}；{}；{}\n", card.severity.zh(), risks.join("、"), card.owasp, card.basis).unwrap();
    writeln!(out, "{}\n\n{}\n", card.how_zh, card.how_en).unwrap();
    writeln!(out, "处置 measures: {}", measures.join("；")).unwrap();
    let prefix = format!("{}.", card.id.to_lowercase());
    for t in Thresholds::keys().iter().filter(|t| t.key.starts_with(&prefix)) {
        writeln!(out, "- `{}` = {} ({} – {}): {} / {}", t.key, t.default, t.min, t.max, t.zh, t.en).unwrap();
    }
    out
}

fn page() -> String {
    let mut out = HEAD.to_owned();
    let mut group = None;
    for card in catalogue() {
        if group.replace(card.group) != Some(card.group) {
            write!(out, "\n## {} / {}\n", card.group.zh(), card.group.en()).unwrap();
        }
        out.push_str(&section(card));
    }
    out
}

#[test]
fn the_page_says_what_the_cards_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("CATALOGUE.md");
    let page = page();
    if std::env::var_os("WEIR_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "CATALOGUE.md is not what the cards say: run with WEIR_BLESS=1");
}
